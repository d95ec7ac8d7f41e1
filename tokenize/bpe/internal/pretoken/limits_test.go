package pretoken

import (
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// TestLimits has each limit's last step list that is taken and the first that is
// refused, and what took minutes to be refused.
func TestLimits(t *testing.T) {
	tables, err := charset.LoadTables()
	if err != nil {
		t.Fatal(err)
	}
	nested := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	class := func(n int) string { return "[" + strings.Repeat("a", n-2) + "]" }
	letters := func(n int) string { return strings.Repeat(`\p{L}`, n) }
	one := len(classOf(tables.Category["L"]))
	one = maxTranslated / one
	digits := vocab.Step{Type: "Digits"}
	literal := vocab.Split(strings.Repeat("a", maxPattern-9))
	literal.Literal = true
	cases := []struct {
		name  string
		steps []vocab.Step
		wants string // of the error; "" for none
	}{
		{"steps", slices.Repeat([]vocab.Step{digits}, maxSteps), ""},
		{"steps", slices.Repeat([]vocab.Step{digits}, maxSteps+1), "65 pre-tokenizers"},
		{"characters", []vocab.Step{vocab.Split(class(maxPattern))}, ""},
		{"characters", []vocab.Step{vocab.Split(class(maxPattern + 1))}, "8193 characters"},
		{"characters of two", []vocab.Step{literal, vocab.Split(class(9))}, ""},
		{"characters of two", []vocab.Step{literal, vocab.Split(class(10))}, "8193 characters"},
		{"depth", []vocab.Step{vocab.Split(nested(maxDepth))}, ""},
		{"depth", []vocab.Step{vocab.Split(nested(maxDepth + 1))}, "64 deep"},
		{"depth one after another", []vocab.Step{vocab.Split(nested(maxDepth) + nested(maxDepth))}, ""},
		{"classes", []vocab.Step{vocab.Split(letters(one))}, ""},
		{"classes", []vocab.Step{vocab.Split(letters(one + 1))}, "524288 bytes"},
		{"classes of two", []vocab.Step{vocab.Split(letters(one - 1)), vocab.Split(letters(1))}, ""},
		{"classes of two", []vocab.Step{vocab.Split(letters(one - 1)), vocab.Split(letters(2))}, "524288 bytes"},
		{"many alternatives", []vocab.Step{vocab.Split(strings.Repeat("word|", 300_000) + "a")}, "1500001 characters"},
		{"many parentheses", []vocab.Step{vocab.Split(nested(200_000))}, "400001 characters"},
		{"all in folded classes", []vocab.Step{vocab.Split(strings.Repeat(`(?i:[\S])`, 700) + `a{0,9}`)}, ""},
	}
	for _, c := range cases {
		_, err := New(tables, c.steps)
		if c.wants == "" && err != nil || c.wants != "" && (err == nil || !strings.Contains(err.Error(), c.wants) || len(err.Error()) > 1000) {
			t.Errorf("%s: error %.300v, want %q", c.name, err, c.wants)
		}
	}
}

// TestFold has what simple case folding holds to be equal: K and the Kelvin sign, s
// and the long s.
func TestFold(t *testing.T) {
	for text, want := range map[string]string{"K": "Kk\u212a", "s": "Ss\u017f", "@1": "1@", "\u01c5": "\u01c4\u01c5\u01c6"} {
		var set, folded []charset.Range
		for _, r := range text {
			set = append(set, charset.Range{Lo: r, Hi: r})
		}
		for _, r := range want {
			folded = append(folded, charset.Range{Lo: r, Hi: r})
		}
		if got := fold(charset.NewSet(set), true); !slices.Equal(got, charset.NewSet(folded)) {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
