package lang

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tokens collects what classifierTokens emits.
func tokens(text string) []string {
	list := []string{}
	classifierTokens([]byte(text), func(token []byte) { list = append(list, string(token)) })
	return list
}

// TestClassifierReadsSoMuch: go-enry reads the first 100,000 bytes.
func TestClassifierReadsSoMuch(t *testing.T) {
	if got := tokens(string(append(bytes.Repeat([]byte(" "), 100_000-2), "abcd"...))); !slices.Equal(got, []string{"ab"}) {
		t.Errorf("%q", got)
	}
}

// The expressions of go-enry's tokenizer, in the order in which it applies them.
var (
	enryTag     = regexp.MustCompile(`(</?[^\s<>=\d"']+)(?:\s(.|\n)*?/?>|>)`)
	enryComment = regexp.MustCompile(`<!--(.|\n)*?-->`)
	enrySkipped = []*regexp.Regexp{
		regexp.MustCompile(`"(.|\n)*?"|'(.|\n)*?'`),
		regexp.MustCompile(`/\*(.|\n)*?\*/|<!--(.|\n)*?-->|\{-(.|\n)*?-\}|\(\*(.|\n)*?\*\)|"""(.|\n)*?"""|'''(.|\n)*?'''`),
		regexp.MustCompile(`(?m)(//|--|#|%|")\s([^\n]*$)`),
		regexp.MustCompile(`(0x[0-9A-Fa-f]([0-9A-Fa-f]|\.)*|\d(\d|\.)*)([uU][lL]{0,2}|([eE][-+]\d*)?[fFlL]*)`),
	}
	enryTaken = []*regexp.Regexp{
		regexp.MustCompile(`[;{}()[\]]`),
		regexp.MustCompile(`[0-9A-Za-z_.@#/*]+`),
		regexp.MustCompile(`<<?|[-+*/%]|&&?|\|\|?`),
	}
)

// enryTokens does by its expressions what go-enry does to a text without a
// shebang.
func enryTokens(text string) []string {
	list := []string{}
	for _, m := range enryTag.FindAllStringSubmatch(text, -1) {
		if enryComment.MatchString(m[0]) {
			continue
		}
		list = append(list, m[1]+">")
		for _, a := range tokenAttributes.FindAllStringSubmatch(m[0], -1) {
			if a[1] != "" {
				list = append(list, a[1])
			}
			list = append(list, tokenWord.FindAllString(a[2], -1)...)
		}
	}
	text = enryTag.ReplaceAllString(text, " ")
	for _, re := range enrySkipped {
		text = re.ReplaceAllString(text, " ")
	}
	for _, re := range enryTaken {
		list = append(list, re.FindAllString(text, -1)...)
		text = re.ReplaceAllString(text, " ")
	}
	for _, field := range strings.Fields(text) {
		list = append(list, strings.Split(field, "")...)
	}
	return list
}

// TestClassifierTokensAreTheirs: the hand-written passes cut as the expressions do,
// at each end of a range and where a text ends in the middle of a mark.
func TestClassifierTokensAreTheirs(t *testing.T) {
	pieces := strings.Fields(`< > </ /> <a <ab <! <!-- --> " ' """ ''' /* */ {- -} (* *) // -- - / # % = & && | || + * ; { } ( ) [ ]
		0 9 0x 0xa 0xF 0xg 0x9. 1.5 1. 1e 1e+ 2E-7 3e-f 1u 1UL 1uLLL 2fl 2L a z A Z @ [ G g f F x X _ . , : ! \ ~ é � word`)
	pieces = append(pieces, "`", " ", "\n", "\t", "\r", "\v", "\f", " ", "\n", " a=\"b c\" d", " e=f>")
	rng := rand.New(rand.NewPCG(3, 1))
	for range 6000 {
		var b strings.Builder
		for range 1 + rng.IntN(12) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if got, want := tokens(b.String()), enryTokens(b.String()); !slices.Equal(got, want) {
			t.Fatalf("%q: %q, go-enry's expressions say %q", b.String(), got, want)
		}
	}
}

// TestCandidates: by any name of theirs, each once, and only those of which the
// classifier knows something.
func TestCandidates(t *testing.T) {
	for _, c := range []struct{ candidates, want []string }{
		{nil, nil},
		{[]string{"Go"}, []string{"Go"}},
		{[]string{"golang", "Go", "go"}, []string{"Go"}},
		{[]string{"No Such Language"}, []string{}},
		{[]string{"No Such Language", "c"}, []string{"C"}},
		{[]string{"Ruby", "Go"}, []string{"Go", "Ruby"}},
	} {
		if got := byClassifier("", []byte("package main\n\nfunc main() { defer x() }\n"), c.candidates); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.candidates, got, c.want)
		}
	}
}
