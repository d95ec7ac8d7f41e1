package bpe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// scannerCases are the step lists that have scanners, as files spell them.
func scannerCases() map[string][]step {
	digits := step{Type: "Digits", Individual: true}
	cjk := split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+")
	return map[string][]step{
		"gpt2":           {split(gpt2Pattern)},
		"starcoder":      {digits, split(gpt2Pattern)},
		"cl100k":         {split(cl100kPattern)},
		"qwen2":          {split(qwen2Pattern)},
		"o200k":          {split(o200kPattern)},
		"deepseek-coder": {split("[\r\n]"), split(`\s?\p{L}+`), split(`\s?\p{P}+`), cjk, digits},
		"deepseek-llm": {split("[\r\n]"), split(`\s?` + deepSeekLLMLetters + `+`), split(`\s?` + deepSeekLLMPunct + `+`),
			split(`\s+$`), cjk, digits},
		"deepseek-v3": {split(`\p{N}{1,3}`), split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
			split(strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(deepSeekV3Pattern))},
	}
}

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
	for name, steps := range scannerCases() {
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
func scanAll(s *windows, text []byte) []span { return scanBy(s, text, 3) }

// poisoned is what a scanner may find in its scratch.
func poisoned() *scanned {
	s := new(scanned)
	for i := range s.masks {
		s.masks[i] = 0x9e3779b97f4a7c15 * uint64(i+1)
		for j := range s.bits[i%len(s.bits)] {
			s.bits[i%len(s.bits)][j] = byte(0x9d * (i + j + 1))
		}
	}
	return s
}

// scanBy cuts text in batches of about n pretokens.
func scanBy(s *windows, text []byte, n int) []span {
	var out []span
	ends, scratch := make([]int, n), poisoned()
	for pos := 0; pos < len(text); {
		for _, end := range ends[:s.scan(text, pos, ends, scratch)] {
			out = append(out, span{pos, end})
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

func cutAt(text []byte, spans []span) string {
	var b strings.Builder
	for _, s := range spans[:min(len(spans), 8)] {
		fmt.Fprintf(&b, "%q ", text[s.from:s.to])
	}
	return b.String()
}

// alphabets hold characters that the patterns tell apart.
var alphabets = []string{
	"abcstmdlvreSTLZ", "'", " ", "  \t\v\f", "\r\n", "0123456789", ".,;:!?()[]{}<>=+-*/\\\"#$%&@^_`|~",
	"中文字三〇", "\u3000\u3001\u3002", "\u0085\u00a0\u1680\u2003\u2028\u202f\u205f", "ſſʰªºǅǈ", "éüßÀÖàÿ÷×",
	"\u0301\u0302\u0903\u20dd", "ΑαБбԱა", "한글ᄀ", "かなカナ・ー\u3099\u3040\u30a0", "½²③Ⅷ٣६\U0001d7d8", "“”‘’—…–",
	"€£¬©∑→", "👩\u200d👦🇩🇪", "\x00\x01\x7f\u200b\ufeff\u00ad", "ไทยहिन्दी", "𝒜𐐀𐐨\U0002ebf0\U00010d50\U00010d70\U000116d0\U00011de0",
	"\ufffd\ufffe\U0010ffff\ue000", "！？ＡａＺ１",
}

// randomText draws from a few alphabets at a time, with runs.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	picked := make([][]rune, 1+r.IntN(4))
	for i := range picked {
		picked[i] = []rune(alphabets[r.IntN(len(alphabets))])
	}
	for range 1 + r.IntN(24) {
		a := picked[r.IntN(len(picked))]
		c := a[r.IntN(len(a))]
		for range 1 + r.IntN(1+r.IntN(4)) {
			b.WriteRune(c)
		}
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
			p.check(t, []byte(randomText(r)))
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
			text := []byte(randomText(r))
			text[r.IntN(len(text))] = byte(r.Uint32())
			p.check(t, text[:1+r.IntN(len(text))])
		}
	}
}

func FuzzScan(f *testing.F) {
	pairs := scanPairs(f)
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		f.Add([]byte(randomText(r)))
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
