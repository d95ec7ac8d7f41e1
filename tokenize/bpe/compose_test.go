package bpe

import (
	"slices"
	"strings"
	"testing"
)

var composing = []string{"r50k_base", "p50k_base", "cl100k_base", "o200k_base", "deepseek-coder", "deepseek-coder-v2", "deepseek-v3"}

// TestStay asks of pairs of tokens whether merging their text gives them again: of
// any two, of two from beside one another in words cut at any place, and of runs.
func TestStay(t *testing.T) {
	n := 40000
	if testing.Short() {
		n = 2000
	}
	for _, name := range composing {
		tok := load(t, name)
		if tok.splits == nil {
			t.Fatalf("%s: no splits", name)
		}
		var g merger
		var single []uint32
		for id := range uint32(tok.VocabSize()) {
			if text := tok.TokenBytes(id); text != nil && slices.Equal(tok.appendTokens(&g, nil, text), []uint32{id}) {
				single = append(single, id)
			}
		}
		r := newRandom(23)
		stay := 0
		for range n {
			x, y := single[r.IntN(len(single))], single[r.IntN(len(single))]
			switch r.IntN(4) {
			case 0:
				text := append(slices.Clone(tok.TokenBytes(x)), tok.TokenBytes(y)...)
				at := 1 + r.IntN(len(text)-1)
				left, right := tok.appendTokens(&g, nil, text[:at]), tok.appendTokens(&g, nil, text[at:])
				x, y = left[len(left)-1], right[0]
			case 1:
				run := strings.Repeat(string(" a-=\n0"[r.IntN(6)]), 1+r.IntN(9))
				at := r.IntN(len(run))
				left, right := tok.appendTokens(&g, nil, []byte(run[:at+1])), tok.appendTokens(&g, nil, []byte(run[at:]))
				x, y = left[0], right[0]
			}
			text := append(slices.Clone(tok.TokenBytes(x)), tok.TokenBytes(y)...)
			want := slices.Equal(bruteMerge(tok, text), []uint32{x, y})
			if got := tok.stay(x, y); got != want {
				t.Fatalf("%s: %q and %q: got %t, want %t", name, tok.TokenBytes(x), tok.TokenBytes(y), got, want)
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

// TestCompose holds composing to merging.
func TestCompose(t *testing.T) {
	words := strings.Fields("get set is has Get Set Name Value Map String strings Element By Id Foo Bar a B xY HTTP Server id i S the of ing er Http 北 é _ ( .")
	n := 20000
	if testing.Short() {
		n = 2000
	}
	for _, name := range composing {
		tok := load(t, name)
		enc := tok.NewEncoder()
		r := newRandom(29)
		composed := 0
		for range n {
			var b strings.Builder
			for range 1 + r.IntN(6) {
				if r.IntN(8) == 0 {
					b.WriteString(randomText(r))
				} else {
					b.WriteString(words[r.IntN(len(words))])
				}
			}
			piece := b.String()
			text := []byte("x" + piece + strings.Repeat(" ", r.IntN(20)))
			got, ok := enc.compose([]uint32{7}, text, 1, 1+len(piece))
			want := []uint32{7}
			if ok {
				composed++
				want = append(want, bruteMerge(tok, []byte(piece))...)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s, %q: got %v, want %v", name, piece, got, want)
			}
		}
		if composed < n/10 {
			t.Errorf("%s: %d of %d pieces composed", name, composed, n)
		}
	}
}
