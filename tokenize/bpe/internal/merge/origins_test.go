package merge

import (
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

var composing = []string{"r50k_base", "p50k_base", "cl100k_base", "o200k_base", "deepseek-coder", "deepseek-coder-v2", "deepseek-v3"}

// TestStay asks of pairs of tokens whether merging their text gives them again: of
// any two, of two from beside one another in words cut at any place, and of runs.
func TestStay(t *testing.T) {
	n := 10000
	if testing.Short() {
		n = 2000
	}
	for _, name := range composing {
		m := modelOf(t, name)
		if m.origins == nil {
			t.Fatalf("%s: no origins", name)
		}
		var g Scratch
		var single []uint32
		for id := range uint32(m.Size()) {
			if text := m.Bytes(id); text != nil && slices.Equal(m.AppendTokens(&g, nil, text), []uint32{id}) {
				single = append(single, id)
			}
		}
		r := bpetest.NewRandom(23)
		stay := 0
		for range n {
			x, y := single[r.IntN(len(single))], single[r.IntN(len(single))]
			switch r.IntN(4) {
			case 0:
				text := append(slices.Clone(m.Bytes(x)), m.Bytes(y)...)
				at := 1 + r.IntN(len(text)-1)
				left, right := m.AppendTokens(&g, nil, text[:at]), m.AppendTokens(&g, nil, text[at:])
				x, y = left[len(left)-1], right[0]
			case 1:
				run := strings.Repeat(string(" a-=\n0"[r.IntN(6)]), 1+r.IntN(9))
				at := r.IntN(len(run))
				left, right := m.AppendTokens(&g, nil, []byte(run[:at+1])), m.AppendTokens(&g, nil, []byte(run[at:]))
				x, y = left[0], right[0]
			}
			text := append(slices.Clone(m.Bytes(x)), m.Bytes(y)...)
			want := slices.Equal(bruteMerge(m, text), []uint32{x, y})
			if got := m.Stay(x, y); got != want {
				t.Fatalf("%s: %q and %q: got %t, want %t", name, m.Bytes(x), m.Bytes(y), got, want)
			}
			if want {
				stay++
			}
		}
		if stay < n/10 || stay > n*9/10 {
			t.Errorf("%s: %d of %d pairs stay", name, stay, n)
		}
	}
}
