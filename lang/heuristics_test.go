package lang

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/go-enry/go-enry/v2/data"
)

// sample writes a text that an expression may match, wide of its conditions.
func sample(b *strings.Builder, re *syntax.Regexp, rnd *rand.Rand) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i := 2 * rnd.IntN(len(re.Rune)/2)
		b.WriteRune(re.Rune[i] + rnd.Int32N(min(re.Rune[i+1]-re.Rune[i], 90)+1))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('a' + rnd.Int32N(26))
	case syntax.OpBeginLine, syntax.OpEndLine:
		b.WriteByte('\n')
	case syntax.OpAlternate:
		sample(b, re.Sub[rnd.IntN(len(re.Sub))], rnd)
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			sample(b, sub, rnd)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		least, most := re.Min, max(re.Max, re.Min+1)
		switch re.Op {
		case syntax.OpStar:
			least, most = 0, 2
		case syntax.OpPlus:
			least, most = 1, 2
		case syntax.OpQuest:
			least, most = 0, 1
		}
		for range least + rnd.IntN(most-least+1) {
			sample(b, re.Sub[0], rnd)
		}
	}
}

// samples returns texts for some expressions: for all of them, for all but one,
// and for one.
func samples(t *testing.T, exprs []string, rnd *rand.Rand) [][]byte {
	var parts []string
	for _, e := range exprs {
		re, err := syntax.Parse(e, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			var b strings.Builder
			sample(&b, re, rnd)
			if b.Len() > 0 && regexp.MustCompile(e).MatchString(b.String()) {
				parts = append(parts, b.String())
				break
			}
		}
	}
	texts := [][]byte{[]byte(strings.Join(parts, "\n"))}
	for i := range parts {
		texts = append(texts, []byte(parts[i]), []byte(strings.Join(slices.Delete(slices.Clone(parts), i, i+1), "\n")))
	}
	return texts
}

// TestHeuristicsEqualEnry holds every rule against go-enry's on texts made for it.
func TestHeuristicsEqualEnry(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	table := heuristicsTable()
	if len(table) != len(data.ContentHeuristics) {
		t.Fatalf("%d extensions, go-enry has %d", len(table), len(data.ContentHeuristics))
	}
	rules, reached := 0, 0
	conditions, excluded := 0, 0
	for extension, h := range table {
		theirs := data.ContentHeuristics[extension]
		if theirs == nil || len(*theirs) != len(*h) {
			t.Fatalf("%s: not go-enry's rules", extension)
		}
		for _, rule := range *h {
			var exprs []string
			for _, p := range slices.Concat(rule.all, rule.none) {
				if p != nil {
					exprs = append(exprs, p.expr)
				}
			}
			fits, fails := false, false
			for _, text := range samples(t, exprs, rnd) {
				if got, want := h.match(text), theirs.Match(text); !slices.Equal(got, want) {
					t.Errorf("%s: %q: %q, go-enry says %q", extension, text, got, want)
				}
				fits = fits || rule.match(text)
				fails = fails || !rule.match(text)
			}
			rules++
			if fits {
				reached++
			}
			if len(exprs) > 0 {
				conditions++
			}
			if fails && len(exprs) > 0 {
				excluded++
			}
			for _, name := range rule.languages {
				if _, ok := data.LanguageByAlias(name); !ok {
					t.Errorf("%s: %q is no language", extension, name)
				}
			}
		}
	}
	if reached*100 < rules*95 || excluded*100 < conditions*95 {
		t.Errorf("of %d rules %d fitted a text, of %d with conditions %d did not", rules, reached, conditions, excluded)
	}
}
