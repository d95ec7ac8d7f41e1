package bpe

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/pretoken"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// An adversary is a text of n bytes on which a pattern, the merging or the
// search for added tokens could take more than its share.
type adversary struct {
	name string
	text func(n int) []byte
}

func repeat(s string) func(n int) []byte {
	return func(n int) []byte { return bytes.Repeat([]byte(s), n/len(s)) }
}

// adversaries are runs of everything that a pattern repeats, what lets a
// look-ahead run over them, and what no pattern expects.
func adversaries() []adversary {
	list := []adversary{{"random bytes", func(n int) []byte {
		r, text := rand.New(rand.NewPCG(1, 2)), make([]byte, n)
		for i := range text {
			text[i] = byte(r.Uint32())
		}
		return text
	}}, {"random letters", func(n int) []byte {
		r, text := rand.New(rand.NewPCG(1, 2)), make([]byte, n)
		for i := range text {
			text[i] = byte('a' + r.IntN(26))
		}
		return text
	}}, {"an upper run behind a letter without case", func(n int) []byte { return append([]byte("漢"), bytes.Repeat([]byte("A"), n)...) }},
		{"spaces before a line end", func(n int) []byte { return append(bytes.Repeat([]byte(" "), n), '\n') }},
		{"ideographic spaces behind a comma", func(n int) []byte { return append([]byte("、"), bytes.Repeat([]byte("\u3000"), n/3)...) }},
		{"marks", func(n int) []byte { return append([]byte("e"), bytes.Repeat([]byte("\u0301\u0323"), n/4)...) }},
	}
	for _, s := range []string{" ", "a", "A", "Aa", "1", "中", "\n", "\r\n", "\n ", "'", "'s", "\u0301", "\u3000", "\u3000 ", "、\u3000\u2003", "\u00a0 ", "<", "<|",
		"<｜", "/", "_a", "漢A", "中\u0301", "\u1112\u1161\u11ab", "\u212b", "\xff", "\xe3", "=", "\t \u3000\n",
		"A\u0301", " \u2003", "\u3000。", "é", "€ ", "aB", "€\u2003 "} {
		list = append(list, adversary{fmt.Sprintf("%+q", s), repeat(s)})
	}
	return list
}

// growthNames are vocabularies with every scanner and every way to merge.
var growthNames = append([]string{"r50k_base", "cl100k_base", "o200k_base"}, bpetest.HFNames...)

// TestLongAdversaries encodes 1 MB of each adversary, and 4 MB of some, lines
// without an end. Nothing is timed: what took time in the square of that would
// not come back within the test's limit.
func TestLongAdversaries(t *testing.T) {
	all := adversaries()
	size := func(name string) int {
		if testing.Short() || !slices.Contains([]string{"random bytes", "random letters", "marks", `" "`, `"a"`, `"1"`, `"\u4e2d"`, `"\n"`, `"'"`}, name) {
			return 1_000_000
		}
		return 4_000_000
	}
	general := withoutScanner(t)
	for i, a := range all {
		// Two vocabularies a text; over the texts every one has its turn.
		for k, name := range []string{growthNames[i%len(growthNames)], growthNames[(i+3)%len(growthNames)]} {
			if k > 0 && (testing.Short() || size(a.name) > 1_000_000) {
				break
			}
			t.Run(a.name+"/"+name, func(t *testing.T) {
				tok := load(t, name)
				text := a.text(size(a.name))
				ids := tok.NewEncoder().AppendSpecial(nil, text)
				if got := tok.AppendDecoded(nil, ids); !tok.dropsBytes(text) && !bytes.Equal(got, text) {
					t.Error("decoded to another text")
				}
			})
		}
		t.Run(a.name+"/NFC", func(t *testing.T) {
			text := a.text(size(a.name))
			if n := len(charset.NFC(text)); n == 0 || n > 2*len(text) {
				t.Errorf("%d bytes normalized", n)
			}
		})
	}
	if spans := general.Spans(repeat("a b ")(200_000)); len(spans) != 100_001 {
		t.Errorf("%d spans by the general engine", len(spans))
	}
}

// dropsBytes tells that text holds a byte without a token.
func (t *Tokenizer) dropsBytes(text []byte) bool {
	return slices.ContainsFunc(text, func(b byte) bool { return !t.model.Has(b) })
}

// withoutScanner is GPT-2's pre-tokenizer by the general engine: its pattern with an
// alternative that says nothing new.
func withoutScanner(t testing.TB) *pretoken.Pretokenizer {
	t.Helper()
	tables, err := charset.LoadTables()
	if err != nil {
		t.Fatal(err)
	}
	p, err := pretoken.New(tables, []vocab.Step{vocab.Split(vocab.GPT2Pattern + `|\s`)})
	if err != nil || p.HasScanner() {
		t.Fatal("a scanner, error ", err)
	}
	return p
}

// BenchmarkGrowth has the processor time for each byte of an adversary, short
// and long: a straight line if both are the same.
func BenchmarkGrowth(b *testing.B) {
	for _, name := range growthNames {
		for _, a := range adversaries() {
			for _, size := range []int{1_000_000, 10_000_000} {
				b.Run(fmt.Sprintf("vocab=%s/text=%s/size=%d", name, strings.ReplaceAll(a.name, " ", "-"), size), func(b *testing.B) {
					enc, text := load(b, name).NewEncoder(), a.text(size)
					runtime.GC()
					var ids []uint32
					before := threadTime(b)
					for b.Loop() {
						ids = enc.Append(ids[:0], text)
					}
					b.ReportMetric(float64(threadTime(b)-before)/float64(b.N)/float64(len(text)), "cpu-ns/B")
				})
			}
		}
	}
}

// threadTime is the processor time of this process, in nanoseconds.
func threadTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Skip(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
