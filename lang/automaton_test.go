package lang

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"testing"
)

var oddExpressions = []string{
	`(?m)^\s*(@(interface|class)\b|#import\s+.+\.h[">])`, `(?i)straße|k`, `\bfoo\b`, `\Bfoo\B`, `\Aab|b\z`, `(?m)^$`, `^$`, `a$`, `(?s)a.b`,
	`[^\x00-\x7f]x`, `é+`, `(a|b)*c{2,3}`, ``, `[а-я]{2}`, `(?m)x$\n^y`, `\b`, `\s*$`,
}

func FuzzAutomaton(f *testing.F) {
	for i := range oddExpressions {
		f.Add(i, []byte("  @class foo\nab"))
		f.Add(i, []byte("foo\xffé\u212a x\ny ſtrasse"))
		f.Add(i, []byte(""))
	}
	autos, res := make([]*automaton, len(oddExpressions)), make([]*regexp.Regexp, len(oddExpressions))
	for i, e := range oddExpressions {
		autos[i] = newAutomaton(e)
		res[i] = regexp.MustCompile(e)
	}
	f.Fuzz(func(t *testing.T, i int, text []byte) {
		i = int(uint(i) % uint(len(autos)))
		if got, want := autos[i].match(text), res[i].Match(text); got != want {
			t.Fatalf("%q on %q: automaton %v, regexp %v", oddExpressions[i], text, got, want)
		}
	})
}

func TestAutomatonEqualsRegexp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "c", "foo", "\n", " ", "@class", "x", "y", "é", "ß", "S", "\u212a", "\xff", "я", "#import \"q.h\"", "_"}
	for _, e := range oddExpressions {
		a := newAutomaton(e)
		re := regexp.MustCompile(e)
		for range 3000 {
			var b bytes.Buffer
			for range rnd.IntN(8) {
				b.WriteString(pieces[rnd.IntN(len(pieces))])
			}
			if got, want := a.match(b.Bytes()), re.Match(b.Bytes()); got != want {
				t.Fatalf("%q on %q: automaton %v, regexp %v", e, b.Bytes(), got, want)
			}
		}
	}
}

// TestAutomatonForgets holds that memory is bounded, and the answers right, for
// an expression of far more states than are kept.
func TestAutomatonForgets(t *testing.T) {
	const expr = `a[ab]{15}c`
	a := newAutomaton(expr)
	re := regexp.MustCompile(expr)
	rnd := rand.New(rand.NewPCG(11, 12))
	text := make([]byte, 50_000)
	for i := range text {
		text[i] = "ab"[rnd.IntN(2)]
	}
	most := 0
	for range 3 {
		for _, end := range []string{"a", "abababababababa", "abababababababac"} {
			all := append(text[:len(text):len(text)], end...)
			if got, want := a.match(all), re.Match(all); got != want {
				t.Fatalf("…%s: automaton %v, regexp %v", end, got, want)
			}
			most = max(most, len(a.states))
		}
	}
	if most > 2000 || most < 1000 {
		t.Errorf("%d states are kept, at most 2000 should be", most)
	}
}
