package cache

import (
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
)

// TestCompose holds composing to merging.
func TestCompose(t *testing.T) {
	words := strings.Fields("get set is has Get Set Name Value Map String strings Element By Id Foo Bar a B xY HTTP Server id i S the of ing er Http 北 é _ ( .")
	n := 6000
	if testing.Short() {
		n = 2000
	}
	for _, name := range []string{"r50k_base", "p50k_base", "cl100k_base", "o200k_base", "deepseek-coder", "deepseek-coder-v2", "deepseek-v3"} {
		m := modelOf(t, name)
		c := New(m)
		r := bpetest.NewRandom(29)
		composed := 0
		for range n {
			var b strings.Builder
			for range 1 + r.IntN(6) {
				if r.IntN(8) == 0 {
					b.WriteString(bpetest.RandomText(r))
				} else {
					b.WriteString(words[r.IntN(len(words))])
				}
			}
			piece := b.String()
			text := []byte("x" + piece + strings.Repeat(" ", r.IntN(20)))
			got, ok := c.compose([]uint32{7}, text, 1, 1+len(piece))
			want := []uint32{7}
			if ok {
				composed++
				want = m.AppendTokens(new(merge.Scratch), want, []byte(piece))
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
