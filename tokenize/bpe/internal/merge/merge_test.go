package merge

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

// bruteMerge is byte pair encoding as it is defined: the pair of the lowest
// rank, the leftmost of equal ones, until none is left.
func bruteMerge(m *Model, piece []byte) []uint32 {
	var ids []uint32
	for _, b := range piece {
		if m.byteID[b] != noToken {
			ids = append(ids, m.byteID[b])
		}
	}
	for {
		best, at := uint32(noRank), -1
		for i := 0; i+1 < len(ids); i++ {
			if r := m.pairs.rank(ids[i], ids[i+1]); r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return ids
		}
		ids = slices.Replace(ids, at, at+2, m.pairs.merged(best))
	}
}

func checkIDs(t *testing.T, m *Model, piece []byte, want []uint32) {
	t.Helper()
	scalar, bytewise := *m, *m
	scalar.vectors = 0
	bytewise.vectors, bytewise.atoms = 0, nil
	for name, by := range map[string]*Model{"as it is": m, "scalar": &scalar, "byte by byte": &bytewise} {
		if got := by.AppendTokens(new(Scratch), nil, piece); !slices.Equal(got, want) {
			t.Errorf("%s, %q: got %v, want %v", name, piece, got, want)
		}
	}
}

func checkMerge(t *testing.T, m *Model, piece []byte) {
	t.Helper()
	want := bruteMerge(m, piece)
	checkIDs(t, m, piece, want)
	if len(want) > 1 {
		g := new(Scratch)
		for _, b := range piece {
			if id := m.byteID[b]; id != noToken {
				g.ids = append(g.ids, id)
			}
		}
		for i := range g.ids {
			g.ranks = append(g.ranks, noRank)
			if i+1 < len(g.ids) {
				g.ranks[i] = m.pairs.rank(g.ids[i], g.ids[i+1])
			}
		}
		if got := g.heapMerge(m.pairs, nil); !slices.Equal(got, want) {
			t.Errorf("%q by heap: got %v, want %v", piece, got, want)
		}
	}
}

func TestMergesByRank(t *testing.T) {
	for _, m := range []*Model{modelOf(t, "cl100k_base"), modelOf(t, "o200k_base"), toyModel(t)} {
		r := rand.New(rand.NewPCG(7, 8))
		for range 2000 {
			piece := []byte(strings.Repeat(bpetest.RandomText(r), 1+r.IntN(3)))
			if r.IntN(10) == 0 {
				piece[r.IntN(len(piece))] = 0xff
			}
			checkMerge(t, m, piece)
			if t.Failed() {
				return
			}
		}
	}
}

func FuzzMerge(f *testing.F) {
	m := modelOf(f, "cl100k_base")
	f.Add([]byte("aaaaaaaaaaaaaaa"))
	f.Add([]byte("                "))
	f.Fuzz(func(t *testing.T, piece []byte) {
		if len(piece) < 2000 {
			checkMerge(t, m, piece)
		}
	})
}

// TestTiktokenTokensAreReached holds what lets tiktoken's look-up of the whole
// pretoken be left out: the merges of a token's bytes give the token.
func TestTiktokenTokensAreReached(t *testing.T) {
	names := []string{"r50k_base", "p50k_base", "cl100k_base", "o200k_base"}
	if testing.Short() {
		names = names[1:2]
	}
	for _, name := range names {
		d := bpetest.Load(t, name)
		m, err := New(d)
		if err != nil {
			t.Fatal(err)
		}
		g := new(Scratch)
		var ids []uint32
		for id, text := range d.Tokens {
			if text == nil {
				continue
			}
			if ids = m.AppendTokens(g, ids[:0], text); len(ids) != 1 || ids[0] != uint32(id) {
				t.Fatalf("%s: token %d %q merges to %v", name, id, text, ids)
			}
		}
	}
}
