package merge

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMergingInParts holds long pieces, merged in parts, against the same pieces
// merged at once.
func TestMergingInParts(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	letters := func(alphabet string, n int) []byte {
		text := make([]byte, n)
		for i := range text {
			text[i] = alphabet[r.IntN(len(alphabet))]
		}
		return text
	}
	pieces := [][]byte{
		bytes.Repeat([]byte("a"), 200_000), bytes.Repeat([]byte(" "), 150_001), bytes.Repeat([]byte("ab"), 90_000), bytes.Repeat([]byte("漢字"), 40_000),
		letters("abcdefghijklmnopqrstuvwxyz", 200_000), letters("aeou", 150_000), letters(" \t", 150_000), letters("=-", 100_000),
		letters("\xe4\xb8\xad\xe6\x96\x87", 100_000),
	}
	for _, name := range []string{"r50k_base", "cl100k_base", "o200k_base", "deepseek-coder", "deepseek-v3"} {
		t.Run(name, func(t *testing.T) {
			m, g := modelOf(t, name), new(Scratch)
			for _, piece := range pieces {
				want := m.appendMerged(new(Scratch), nil, piece)
				if got := m.AppendLong(g, nil, piece); !slices.Equal(got, want) {
					t.Fatalf("%.20q…: %d tokens, %d merged at once", piece, len(got), len(want))
				}
				// Part by part, of all sizes.
				for range 20 {
					n := 2000 + r.IntN(8000)
					part := piece[:n]
					ids, end := m.AppendFinal(g, nil, part)
					whole := m.appendMerged(g, nil, piece[:n+r.IntN(10_000)])
					if end > 0 && !slices.Equal(ids, whole[:len(ids)]) {
						t.Fatalf("%.20q…: the beginning of %d bytes is not final", piece, n)
					}
				}
			}
		})
	}
}
