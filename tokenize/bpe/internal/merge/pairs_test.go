package merge

import (
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// TestCanonicalPairs holds what setMerges says of tiktoken's vocabularies: a
// text's merges are the same with all origins of the tokens for pairs.
func TestCanonicalPairs(t *testing.T) {
	for _, name := range []string{"p50k_base", "cl100k_base"} {
		d := bpetest.Load(t, name)
		m, err := New(d)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]uint32{}
		for id, text := range d.Tokens {
			if text != nil {
				ids[string(text)] = uint32(id)
			}
		}
		all := newPairTable(4*len(ids), nil)
		pairs := 0
		for text, id := range ids {
			for i := 1; i < len(text); i++ {
				left, ok := ids[text[:i]]
				right, ok2 := ids[text[i:]]
				if ok && ok2 {
					all.set(vocab.Pair{Left: left, Right: right, Rank: id})
					pairs++
				}
			}
		}
		all.setByteWeights(&m.byteID)
		if pairs <= len(ids) {
			t.Fatalf("%s: %d origins of %d tokens", name, pairs, len(ids))
		}
		whole := *m
		whole.pairs = all
		r := bpetest.NewRandom(11)
		for range 20000 {
			piece := []byte(bpetest.RandomText(r))
			if r.IntN(2) == 0 {
				piece = append(piece, m.Bytes(uint32(r.IntN(len(ids))))...)
				piece = append(piece, m.Bytes(uint32(r.IntN(len(ids))))...)
			}
			want := bruteMerge(&whole, piece)
			checkIDs(t, m, piece, want)
		}
	}
}

// TestFullLines has the kernels and the scalar merges look for pairs in a table
// with hardly a free slot.
func TestFullLines(t *testing.T) {
	m := modelOf(t, "p50k_base")
	full := *m
	full.pairs = newPairTable(1<<14, nil)
	n := 0
	for p := range m.pairs.all() {
		if n++; n >= len(full.pairs.cells)*15/16 {
			break
		}
		full.pairs.set(p)
	}
	full.pairs.setByteWeights(&full.byteID)
	r := bpetest.NewRandom(13)
	for range 20000 {
		piece := []byte(bpetest.RandomText(r))
		if r.IntN(2) == 0 {
			piece = append(piece, m.Bytes(uint32(r.IntN(50000)))...)
		}
		checkIDs(t, &full, piece, bruteMerge(&full, piece))
	}
}
