package pretoken

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// A scanPair holds a scanner and its oracle.
type scanPair struct {
	name    string
	scanner *windows
	oracle  *general
}

func scanPairs(t testing.TB) []scanPair {
	tables, err := charset.LoadTables()
	if err != nil {
		t.Fatal(err)
	}
	var pairs []scanPair
	for name, steps := range bpetest.ScannerCases() {
		s, err := newScanner(tables, steps)
		if err != nil || s == nil {
			t.Fatalf("%s: scanner %v, error %v", name, s, err)
		}
		g, err := newGeneral(tables, steps)
		if err != nil {
			t.Fatal(name, err)
		}
		pairs = append(pairs, scanPair{name, s, g})
	}
	return pairs
}

// scanAll cuts text in batches of a few pretokens, which must not matter.
func scanAll(s *windows, text []byte) []Span { return scanBy(s, text, 3) }

// poisoned is what a scanner may find in its scratch.
func poisoned() *Scratch {
	s := new(Scratch)
	for i := range s.masks {
		s.masks[i] = 0x9e3779b97f4a7c15 * uint64(i+1)
		for j := range s.bits[i%len(s.bits)] {
			s.bits[i%len(s.bits)][j] = byte(0x9d * (i + j + 1))
		}
	}
	return s
}

// scanBy cuts text in batches of about n pretokens.
func scanBy(s *windows, text []byte, n int) []Span {
	var out []Span
	ends, scratch := make([]int, n), poisoned()
	for pos := 0; pos < len(text); {
		for _, end := range ends[:s.scan(text, pos, ends, scratch)] {
			out = append(out, Span{pos, end})
			pos = end
		}
	}
	return out
}

func (p *scanPair) check(t *testing.T, text []byte) {
	t.Helper()
	got, want := scanAll(p.scanner, text), p.oracle.spans(text)
	if !slices.Equal(got, want) {
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		t.Errorf("%s %q: from pretoken %d on\n got %s\nwant %s", p.name, text, i, cutAt(text, got[i:]), cutAt(text, want[i:]))
	}
}

func cutAt(text []byte, spans []Span) string {
	var b strings.Builder
	for _, s := range spans[:min(len(spans), 8)] {
		fmt.Fprintf(&b, "%q ", text[s.From:s.To])
	}
	return b.String()
}

func TestScannersEqualGeneralEngine(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	for _, p := range scanPairs(t) {
		r := rand.New(rand.NewPCG(1, 2))
		for range n {
			p.check(t, []byte(bpetest.RandomText(r)))
			if t.Failed() {
				return
			}
		}
	}
}

func TestScannersTakeInvalidUTF8(t *testing.T) {
	for _, p := range scanPairs(t) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 300 {
			text := []byte(bpetest.RandomText(r))
			text[r.IntN(len(text))] = byte(r.Uint32())
			p.check(t, text[:1+r.IntN(len(text))])
		}
	}
}

func FuzzScan(f *testing.F) {
	pairs := scanPairs(f)
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		f.Add([]byte(bpetest.RandomText(r)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1000 {
			return
		}
		for _, p := range pairs {
			p.check(t, text)
		}
	})
}

// BenchmarkScan is the pre-tokenizer alone.
func BenchmarkScan(b *testing.B) {
	text := bpetest.GoSource(b)
	for _, p := range scanPairs(b) {
		b.Run("scanner="+p.name+"/text=go", func(b *testing.B) {
			ends := make([]int, 256)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for pos, s := 0, new(Scratch); pos < len(text); {
					n := p.scanner.scan(text, pos, ends, s)
					pos = ends[n-1]
				}
			}
		})
	}
}
