package bpe

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

func FuzzRoundTrip(f *testing.F) {
	toks := []*Tokenizer{load(f, "cl100k_base"), load(f, "o200k_base"), toy(f)}
	r := rand.New(rand.NewPCG(9, 10))
	for range 20 {
		f.Add([]byte(bpetest.RandomText(r)))
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
