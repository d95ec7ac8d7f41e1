package lang

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

// byClassifier orders candidates by go-enry's naive Bayes classifier: the same
// tokens, the same sums in the same order, and ties in the order of names.
func byClassifier(_ string, text []byte, candidates []string) []string {
	if len(candidates) == 0 {
		return nil
	}
	type score struct {
		lang     string
		log, sum float64
		tokens   map[string]float64
	}
	var scores []score
	for _, c := range candidates {
		if lang, ok := enry.GetLanguageByAlias(c); ok {
			c = lang
		}
		if log, ok := data.LanguagesLogProbabilities[c]; ok && !slices.ContainsFunc(scores, func(s score) bool { return s.lang == c }) {
			scores = append(scores, score{lang: c, log: log, tokens: data.TokensLogProbabilities[c]})
		}
	}
	absent := math.Log(1 / data.TokensTotal)
	classifierTokens(text, func(token []byte) {
		for i := range scores {
			p, ok := scores[i].tokens[string(token)]
			if !ok {
				p = absent
			}
			scores[i].sum += p
		}
	})
	slices.SortFunc(scores, func(a, b score) int {
		switch x, y := a.log+a.sum, b.log+b.sum; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return strings.Compare(a.lang, b.lang)
	})
	langs := make([]string, len(scores))
	for i, s := range scores {
		langs[i] = s.lang
	}
	return langs
}

// classifierLimit is how much of a text go-enry's classifier reads.
const classifierLimit = 100_000

var (
	tokenShebang    = regexp.MustCompile(`(?m)^#!(?:/[0-9A-Za-z_]+)*/(?:([0-9A-Za-z_]+)|[0-9A-Za-z_]+(?:\s*[0-9A-Za-z_]+=[0-9A-Za-z_]+\s*)*\s*([0-9A-Za-z_]+))(?:\s*-[0-9A-Za-z_]+\s*)*$`)
	tokenAttributes = regexp.MustCompile(`\s+([0-9A-Za-z_]+=)|\s+([^\s>]+)`)
	tokenWord       = regexp.MustCompile(`[0-9A-Za-z_]+`)
)

// classifierTokens is go-enry's tokenizer, of which it exports nothing. In
// turn it takes out of the text: tags with their attributes, string literals,
// comments and numbers (which give no tokens), punctuation, words, operators,
// and of what remains every character. The expressions that each pass stands
// for are in go-enry's internal/tokenizer/tokenize.go.
func classifierTokens(text []byte, emit func([]byte)) {
	text = text[:min(len(text), classifierLimit)]
	if bytes.Contains(text, []byte("#!")) {
		for _, m := range tokenShebang.FindAllSubmatch(text, -1) {
			token := []byte("SHEBANG#!")
			if len(m[1]) > 0 {
				token = append(token, m[1]...)
			} else {
				token = append(token, m[2]...)
			}
			emit(token)
		}
	}
	text = cut(text, tagEnd, func(tag []byte) { emitTag(tag, emit) })
	quiet := func([]byte) {}
	for _, end := range []func([]byte, *closers) int{quoteEnd, commentEnd, lineCommentEnd, numberEnd} {
		text = cut(text, end, quiet)
	}
	text = cut(text, punctuationEnd, emit)
	text = cut(text, wordEnd, emit)
	text = cut(text, operatorEnd, emit)
	for field := range bytes.FieldsSeq(text) {
		for len(field) > 0 {
			_, n := utf8.DecodeRune(field)
			emit(field[:n])
			field = field[n:]
		}
	}
}

// closers remembers which closing marks do not come again, so that a text full
// of opening ones is not searched to its end for each.
type closers map[string]bool

// index finds a mark in b, the rest of the text.
func (c closers) index(b []byte, mark string) int {
	if c[mark] {
		return -1
	}
	i := bytes.Index(b, []byte(mark))
	if i < 0 {
		c[mark] = true
	}
	return i
}

// cut replaces by a space whatever end finds at the start of the rest of the
// text, and hands it to found. An end of 0 is no match there.
func cut(text []byte, end func([]byte, *closers) int, found func([]byte)) []byte {
	out := make([]byte, 0, len(text))
	c := closers{}
	for i := 0; i < len(text); {
		if n := end(text[i:], &c); n > 0 {
			found(text[i : i+n : i+n])
			out = append(out, ' ')
			i += n
			continue
		}
		out = append(out, text[i])
		i++
	}
	return out
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' && c != '\v' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// tagEnd is (</?[^\s<>=\d"']+)(?:\s(.|\n)*?/?>|>).
func tagEnd(b []byte, c *closers) int {
	if b[0] != '<' {
		return 0
	}
	i := tagName(b)
	switch {
	case i == 1 || i == len(b):
		return 0
	case b[i] == '>':
		return i + 1
	case !isSpace(b[i]):
		return 0
	}
	n := c.index(b[i+1:], ">")
	if n < 0 {
		return 0
	}
	return i + 1 + n + 1
}

// tagName returns where the name that begins at b[1] ends.
func tagName(b []byte) int {
	i := 1
	for i < len(b) && !isSpace(b[i]) && !isDigit(b[i]) && strings.IndexByte(`<>="'`, b[i]) < 0 {
		i++
	}
	return i
}

func emitTag(tag []byte, emit func([]byte)) {
	if i := bytes.Index(tag, []byte("<!--")); i >= 0 && bytes.Contains(tag[i+4:], []byte("-->")) {
		return
	}
	emit(append(tag[:tagName(tag):tagName(tag)], '>'))
	for _, m := range tokenAttributes.FindAllSubmatch(tag, -1) {
		if len(m[1]) > 0 {
			emit(m[1])
		}
		for _, word := range tokenWord.FindAll(m[2], -1) {
			emit(word)
		}
	}
}

// quoteEnd is "(.|\n)*?"|'(.|\n)*?'.
func quoteEnd(b []byte, c *closers) int {
	if b[0] != '"' && b[0] != '\'' {
		return 0
	}
	n := c.index(b[1:], string(b[:1]))
	if n < 0 {
		return 0
	}
	return n + 2
}

var commentMarks = [][2]string{{"/*", "*/"}, {"<!--", "-->"}, {"{-", "-}"}, {"(*", "*)"}, {`"""`, `"""`}, {"'''", "'''"}}

func commentEnd(b []byte, c *closers) int {
	if strings.IndexByte(`/<{("'`, b[0]) < 0 {
		return 0
	}
	for _, m := range commentMarks {
		if bytes.HasPrefix(b, []byte(m[0])) {
			if n := c.index(b[len(m[0]):], m[1]); n >= 0 {
				return len(m[0]) + n + len(m[1])
			}
		}
	}
	return 0
}

// lineCommentEnd is (?m)(//|--|#|%|")\s([^\n]*$). The space may be a line end.
func lineCommentEnd(b []byte, _ *closers) int {
	n := 0
	switch {
	case b[0] == '#' || b[0] == '%' || b[0] == '"':
		n = 1
	case len(b) > 1 && b[0] == b[1] && (b[0] == '/' || b[0] == '-'):
		n = 2
	}
	if n == 0 || n >= len(b) || !isSpace(b[n]) {
		return 0
	}
	if i := bytes.IndexByte(b[n+1:], '\n'); i >= 0 {
		return n + 1 + i
	}
	return len(b)
}

// numberEnd is (0x[0-9A-Fa-f]([0-9A-Fa-f]|\.)*|\d(\d|\.)*)([uU][lL]{0,2}|([eE][-+]\d*)?[fFlL]*).
func numberEnd(b []byte, _ *closers) int {
	if !isDigit(b[0]) {
		return 0
	}
	i := 1
	if len(b) > 2 && b[0] == '0' && b[1] == 'x' && isHex(b[2]) {
		for i = 3; i < len(b) && (isHex(b[i]) || b[i] == '.'); i++ {
		}
	} else {
		for i < len(b) && (isDigit(b[i]) || b[i] == '.') {
			i++
		}
	}
	is := func(set string) bool { return i < len(b) && strings.IndexByte(set, b[i]) >= 0 }
	if is("uU") {
		i++
		for k := 0; k < 2 && is("lL"); k++ {
			i++
		}
		return i
	}
	if is("eE") && i+1 < len(b) && (b[i+1] == '-' || b[i+1] == '+') {
		for i += 2; i < len(b) && isDigit(b[i]); i++ {
		}
	}
	for is("fFlL") {
		i++
	}
	return i
}

func punctuationEnd(b []byte, _ *closers) int {
	if strings.IndexByte(";{}()[]", b[0]) >= 0 {
		return 1
	}
	return 0
}

// wordEnd is [0-9A-Za-z_.@#/*]+.
func wordEnd(b []byte, _ *closers) int {
	i := 0
	for i < len(b) && (isDigit(b[i]) || b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z' || strings.IndexByte("_.@#/*", b[i]) >= 0) {
		i++
	}
	return i
}

// operatorEnd is <<?|\+|\-|\*|/|%|&&?|\|\|?.
func operatorEnd(b []byte, _ *closers) int {
	switch b[0] {
	case '<', '&', '|':
		if len(b) > 1 && b[1] == b[0] {
			return 2
		}
		return 1
	case '+', '-', '*', '/', '%':
		return 1
	}
	return 0
}
