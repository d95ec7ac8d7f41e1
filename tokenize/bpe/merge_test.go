package bpe

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// bruteMerge is byte pair encoding as it is defined: the pair of the lowest
// rank, the leftmost of equal ones, until none is left.
func bruteMerge(t *Tokenizer, piece []byte) []uint32 {
	var ids []uint32
	for _, b := range piece {
		if t.byteID[b] != noToken {
			ids = append(ids, t.byteID[b])
		}
	}
	for {
		best, at := uint32(noRank), -1
		for i := 0; i+1 < len(ids); i++ {
			if r := t.merges.rank(ids[i], ids[i+1]); r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return ids
		}
		ids = slices.Replace(ids, at, at+2, t.merges.merged(best))
	}
}

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed+1)) }

func checkIDs(t *testing.T, tok *Tokenizer, piece []byte, want []uint32) {
	t.Helper()
	scalar, bytewise := *tok, *tok
	scalar.vectors = 0
	bytewise.vectors, bytewise.atoms = 0, nil
	for name, by := range map[string]*Tokenizer{"as it is": tok, "scalar": &scalar, "byte by byte": &bytewise} {
		if got := by.appendTokens(new(merger), nil, piece); !slices.Equal(got, want) {
			t.Errorf("%s, %s, %q: got %v, want %v", tok.Name(), name, piece, got, want)
		}
	}
}

func checkMerge(t *testing.T, tok *Tokenizer, piece []byte) {
	t.Helper()
	want := bruteMerge(tok, piece)
	checkIDs(t, tok, piece, want)
	if len(want) > 1 {
		g := new(merger)
		for _, b := range piece {
			if id := tok.byteID[b]; id != noToken {
				g.ids = append(g.ids, id)
			}
		}
		for i := range g.ids {
			g.ranks = append(g.ranks, noRank)
			if i+1 < len(g.ids) {
				g.ranks[i] = tok.merges.rank(g.ids[i], g.ids[i+1])
			}
		}
		if got := g.heapMerge(tok.merges, nil); !slices.Equal(got, want) {
			t.Errorf("%s %q by heap: got %v, want %v", tok.Name(), piece, got, want)
		}
	}
}

func TestMergesByRank(t *testing.T) {
	for _, tok := range []*Tokenizer{load(t, "cl100k_base"), load(t, "o200k_base"), toy(t)} {
		r := rand.New(rand.NewPCG(7, 8))
		for range 2000 {
			piece := []byte(strings.Repeat(randomText(r), 1+r.IntN(3)))
			if r.IntN(10) == 0 {
				piece[r.IntN(len(piece))] = 0xff
			}
			checkMerge(t, tok, piece)
			if t.Failed() {
				return
			}
		}
	}
}

func FuzzMerge(f *testing.F) {
	tok := load(f, "cl100k_base")
	f.Add([]byte("aaaaaaaaaaaaaaa"))
	f.Add([]byte("                "))
	f.Fuzz(func(t *testing.T, piece []byte) {
		if len(piece) < 2000 {
			checkMerge(t, tok, piece)
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
		tok := load(t, name)
		g := new(merger)
		var ids []uint32
		for id := range uint32(tok.VocabSize()) {
			text := tok.TokenBytes(id)
			if _, special := tok.SpecialID(string(text)); special || text == nil {
				continue
			}
			if ids = tok.appendTokens(g, ids[:0], text); len(ids) != 1 || ids[0] != id {
				t.Fatalf("%s: token %d %q merges to %v", name, id, text, ids)
			}
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	toks := []*Tokenizer{load(f, "cl100k_base"), load(f, "o200k_base"), toy(f)}
	r := rand.New(rand.NewPCG(9, 10))
	for range 20 {
		f.Add([]byte(randomText(r)))
	}
	var encs []*Encoder
	for _, tok := range toks {
		encs = append(encs, tok.NewEncoder())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for i, enc := range encs {
			ids := enc.Append(nil, text)
			if !utf8.Valid(text) && i == 2 {
				continue // must not panic; the toy has no token for some bytes
			}
			if got := toks[i].AppendDecoded(nil, ids); string(got) != string(text) {
				t.Errorf("%s: %q decoded as %q", toks[i].Name(), text, got)
			}
			if n := enc.Count(text); n != len(ids) {
				t.Errorf("%s: %q: Count %d, Append %d", toks[i].Name(), text, n, len(ids))
			}
			if special := enc.AppendSpecial(nil, text); string(toks[i].AppendDecoded(nil, special)) != string(text) {
				t.Errorf("%s: %q: special tokens do not round-trip", toks[i].Name(), text)
			}
		}
	})
}

func TestNoAllocationInSteadyState(t *testing.T) {
	tok := load(t, "cl100k_base")
	enc := tok.NewEncoder()
	text := []byte(strings.Repeat("func main() { fmt.Println(\"Grüße, 世界\") } // "+strings.Repeat("-", 90)+"\n", 100))
	ids := enc.Append(nil, text)
	if n := testing.AllocsPerRun(10, func() { ids = enc.Append(ids[:0], text) }); n != 0 {
		t.Errorf("Append allocates %v times", n)
	}
	if n := testing.AllocsPerRun(10, func() { enc.Count(text) }); n != 0 {
		t.Errorf("Count allocates %v times", n)
	}
}
