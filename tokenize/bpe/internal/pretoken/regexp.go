package pretoken

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// compileRegexp compiles a Split's regular expression, in Oniguruma's syntax,
// for the general engine. What the two engines may read differently is
// rewritten (character properties become explicit ranges of Unicode 16, case
// folding explicit alternatives, possessive quantifiers atomic groups, $ the
// end of a line) or, beyond the syntax that tokenizers use, refused.
//
// What is rewritten may take *room bytes, of which it takes its part: one class of letters
// takes 8 KB.
//
//	a$           [\x61](?=\n|\z)       $ is before any newline, and at the end
//	.            [^\n]
//	\d++         (?>[\x30-\x39…]+)     it gives back nothing that it took
//	(?i:k)       (?:[\x4b\x6b\u212a])  K, k and the Kelvin sign
//
// A pattern that matches the empty string is refused, as the engines go on from there in
// different ways.
func compileRegexp(t *charset.Tables, pattern string, room *int) (*regexp2.Regexp, error) {
	p := &regexpParser{tables: t, in: []rune(pattern), room: *room}
	out, empty, err := p.alternatives()
	switch {
	case err == nil && p.at < len(p.in):
		err = p.unsupported("unmatched )")
	case err == nil && empty:
		err = fmt.Errorf("matches the empty string, which is not supported")
	}
	if err != nil {
		return nil, fmt.Errorf("regular expression %.200q: %w", pattern, err)
	}
	*room -= len(out)
	re, err := regexp2.Compile(out, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("regular expression %.200q: %w", pattern, err)
	}
	return re, nil
}

// parseSet reads one bracketed class, such as [a-z\p{N}].
func parseSet(t *charset.Tables, class string) (charset.Set, error) {
	p := &regexpParser{tables: t, in: []rune(class), at: 1}
	return p.class()
}

// regexpParser reads a regular expression from left to right, by recursive descent, and
// returns each part rewritten. Methods that return empty tell that the part may match the
// empty string.
type regexpParser struct {
	tables  *charset.Tables
	in      []rune // the expression
	at      int    // number of the next character
	folding bool   // inside (?i:…)
	room    int    // how long the result may be
	depth   int    // of parentheses
	loops   int    // repetitions without a limit so far, that may give back what they took
}

// unsupported is the error that something at or before the next character is not supported.
func (p *regexpParser) unsupported(what string) error {
	return fmt.Errorf("%s at character %d is not supported", what, p.at)
}

// peek is the next character, or -1.
func (p *regexpParser) peek() rune {
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return -1
}

// accept skips s if it is next.
func (p *regexpParser) accept(s string) bool {
	r := []rune(s)
	if len(p.in)-p.at < len(r) || !slices.Equal(p.in[p.at:p.at+len(r)], r) {
		return false
	}
	p.at += len(r)
	return true
}

// alternatives rewrites a|b|c up to an unmatched ) or the end; empty tells that
// the empty string matches.
func (p *regexpParser) alternatives() (out string, empty bool, err error) {
	for {
		branchEmpty := true
		for p.peek() != -1 && p.peek() != '|' && p.peek() != ')' {
			item, itemEmpty, err := p.quantified()
			if err != nil {
				return "", false, err
			}
			if out += item; len(out) > p.room {
				return "", false, fmt.Errorf("with its character classes written out is longer than supported (%d bytes with the patterns before it)", maxTranslated)
			}
			branchEmpty = branchEmpty && itemEmpty
		}
		empty = empty || branchEmpty
		if !p.accept("|") {
			return out, empty, nil
		}
		out += "|"
	}
}

// quantified rewrites an atom with its quantifier: a, a?, a*, a+, a{2,5}; lazy with a "?"
// behind it, possessive with a "+".
func (p *regexpParser) quantified() (out string, empty bool, err error) {
	inner := p.loops
	out, empty, err = p.atom()
	inner = p.loops - inner // repetitions without limit in the atom
	if err != nil {
		return "", false, err
	}
	from := p.at
	switch p.peek() {
	case '?', '*':
		empty = true
		p.at++
	case '+':
		p.at++
	case '{':
		zero, err := p.counts()
		if err != nil {
			return "", false, err
		}
		empty = empty || zero
	default:
		return out, empty, nil
	}
	counted := p.in[from] == '{'
	endless := p.in[from] == '*' || p.in[from] == '+' || counted && p.in[p.at-2] == ','
	if endless {
		p.loops++
	}
	out += string(p.in[from:p.at])
	if endless && inner > 0 && p.peek() != '+' {
		// Such as (a+)+b, which takes time exponential in a run of a.
		return "", false, p.unsupported("a repetition without limit of one without limit")
	}
	switch p.peek() {
	case '?':
		p.at++
		out += "?"
	case '+':
		if counted {
			return "", false, p.unsupported("+ after {…}")
		}
		p.at++
		p.loops -= inner + 1
		out = "(?>" + out + ")"
	}
	if c := p.peek(); c == '*' || c == '+' || c == '?' || c == '{' {
		return "", false, p.unsupported("a second quantifier")
	}
	return out, empty, nil
}

// counts skips {m}, {m,} or {m,n}; zero tells that m is 0.
func (p *regexpParser) counts() (zero bool, err error) {
	n := slices.Index(p.in[p.at:], '}')
	if n < 0 {
		return false, p.unsupported("{")
	}
	first, last, both := strings.Cut(string(p.in[p.at+1:p.at+n]), ",")
	low, err := strconv.ParseUint(first, 10, 16)
	if err == nil && both && last != "" {
		_, err = strconv.ParseUint(last, 10, 16)
	}
	if err != nil {
		return false, p.unsupported("{")
	}
	p.at += n + 1
	return low == 0, nil
}

// atom rewrites what a quantifier may stand behind: a group, a class, a character.
func (p *regexpParser) atom() (out string, empty bool, err error) {
	c := p.in[p.at]
	switch c {
	case '(':
		return p.group()
	case '[':
		p.at++
		set, err := p.class()
		return classOf(set), false, err
	case '$':
		p.at++
		return `(?=\n|\z)`, true, nil
	case '.':
		p.at++
		return `[^\n]`, false, nil
	case '^', '*', '+', '?', '{':
		return "", false, p.unsupported(string(c))
	case '\\':
		if p.accept(`\z`) {
			return `\z`, true, nil
		}
		set, err := p.escape()
		return classOf(set), false, err
	}
	p.at++
	return classOf(fold(charset.Set{{Lo: c, Hi: c}}, p.folding)), false, nil
}

// group rewrites a group with all that is in it. One that captures becomes one that does
// not, since nothing refers to it.
func (p *regexpParser) group() (out string, empty bool, err error) {
	open, look, loops := "(?:", false, p.loops
	if p.depth++; p.depth > maxDepth {
		return "", false, fmt.Errorf("parentheses are more than %d deep, which is not supported", maxDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept("(?:"):
	case p.accept("(?i:"):
		defer func(outer bool) { p.folding = outer }(p.folding)
		p.folding = true
	case p.accept("(?>"):
		open = "(?>"
	case p.accept("(?="):
		open, look = "(?=", true
	case p.accept("(?!"):
		open, look = "(?!", true
	case p.in[p.at] == '(' && p.at+1 < len(p.in) && p.in[p.at+1] != '?':
		p.at++
	default:
		return "", false, p.unsupported("(?…")
	}
	out, empty, err = p.alternatives()
	if err == nil && !p.accept(")") {
		err = p.unsupported("unclosed (")
	}
	if open != "(?:" {
		p.loops = loops // what is atomic gives nothing back
	}
	return open + out + ")", empty || look, err
}

// class reads the inside of [ ] and the closing bracket.
func (p *regexpParser) class() (charset.Set, error) {
	negated := p.accept("^")
	var sets charset.Set
	for first := true; ; first = false {
		c := p.peek()
		switch {
		case c == -1:
			return nil, p.unsupported("unclosed [")
		case c == ']' && !first:
			p.at++
			set := fold(charset.NewSet(sets), p.folding)
			if negated {
				set = set.Complement()
			}
			return set, nil
		case c == '[' || c == ']':
			return nil, p.unsupported(string(c) + " in a class")
		case c == '&' && p.at+1 < len(p.in) && p.in[p.at+1] == '&':
			return nil, p.unsupported("&&")
		}
		item, err := p.classItem()
		if err != nil {
			return nil, err
		}
		if p.peek() == '-' && p.at+1 < len(p.in) && p.in[p.at+1] != ']' {
			p.at++
			last, err := p.classItem()
			if err != nil {
				return nil, err
			}
			if len(item) != 1 || len(last) != 1 || item[0].Lo != item[0].Hi || last[0].Lo != last[0].Hi || item[0].Lo > last[0].Lo {
				return nil, p.unsupported("this range")
			}
			item[0].Hi = last[0].Lo
		}
		sets = append(sets, item...)
	}
}

// classItem reads a character of a class, or an escape, which may be a whole set. The set
// is the caller's to change.
func (p *regexpParser) classItem() (charset.Set, error) {
	c := p.in[p.at]
	if c == '\\' {
		set, err := p.escape()
		return slices.Clone(set), err
	}
	p.at++
	return charset.Set{{Lo: c, Hi: c}}, nil
}

// escape reads a backslash and what belongs to it. The set may be one of the tables, not to
// be changed.
func (p *regexpParser) escape() (charset.Set, error) {
	if p.at+1 >= len(p.in) {
		return nil, p.unsupported(`\ at the end`)
	}
	c := p.in[p.at+1]
	p.at += 2
	if i := strings.IndexRune("nrtf", c); i >= 0 {
		r := rune("\n\r\t\f"[i])
		return charset.Set{{Lo: r, Hi: r}}, nil
	}
	switch {
	case c == 's':
		return p.tables.Space, nil
	case c == 'S':
		return p.tables.Space.Complement(), nil
	case c == 'd':
		return p.tables.Category["Nd"], nil
	case c == 'D':
		return p.tables.Category["Nd"].Complement(), nil
	case c == 'p' || c == 'P':
		return p.property(c == 'P')
	case c == 'x' || c == 'u':
		return p.codePoint(c)
	case c < utf8.RuneSelf && (unicode.IsPunct(c) || unicode.IsSymbol(c) || c == ' '):
		return charset.Set{{Lo: c, Hi: c}}, nil
	}
	return nil, p.unsupported(`\` + string(c))
}

// property reads {L} or {Lu}, or another general category.
func (p *regexpParser) property(negated bool) (charset.Set, error) {
	name := ""
	if n := slices.Index(p.in[p.at:], '}'); n > 0 && p.in[p.at] == '{' {
		name = string(p.in[p.at+1 : p.at+n])
		p.at += n + 1
	}
	set, ok := p.tables.Category[name]
	if !ok || p.folding {
		return nil, p.unsupported(`\p{` + name + `}`)
	}
	if negated {
		set = set.Complement()
	}
	return set, nil
}

// codePoint reads the digits of \xHH, \x{H…} or \uHHHH.
func (p *regexpParser) codePoint(c rune) (charset.Set, error) {
	digits := 2
	if c == 'u' {
		digits = 4
	}
	from, to := p.at, p.at+digits
	next := to
	if c == 'x' && p.peek() == '{' {
		from++
		to = from + slices.Index(p.in[from:], '}')
		next = to + 1
	}
	if to < from || to > len(p.in) {
		return nil, p.unsupported(`\` + string(c))
	}
	n, err := strconv.ParseUint(string(p.in[from:to]), 16, 32)
	// Oniguruma takes \x80 to \xff as bytes.
	if err != nil || n > unicode.MaxRune || c == 'x' && next == to && n >= utf8.RuneSelf {
		return nil, p.unsupported(`\` + string(c))
	}
	p.at = next
	return charset.Set{{Lo: rune(n), Hi: rune(n)}}, nil
}

// fold adds, if on, every character that simple case folding holds to be equal
// to one of the set.
func fold(s charset.Set, on bool) charset.Set {
	if !on {
		return s
	}
	out := slices.Clone(s)
	for _, c := range cased() {
		if !s.Has(c) {
			continue
		}
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			out = append(out, charset.Range{Lo: f, Hi: f})
		}
	}
	return charset.NewSet(out)
}

// cased are the characters that simple case folding holds to be equal to others.
var cased = sync.OnceValue(func() []rune {
	var list []rune
	for c := range rune(unicode.MaxRune + 1) {
		if unicode.SimpleFold(c) != c {
			list = append(list, c)
		}
	}
	return list
})

// classOf writes the set as a class of regexp2: [\x30-\x39\u0660-\u0669]. The empty set is
// what never matches. Characters up to U+FFFF are escaped, so that none means anything in a
// class; for the others regexp2 has no escape, and none of them means anything.
func classOf(s charset.Set) string {
	if len(s) == 0 {
		return "(?!)"
	}
	var b strings.Builder
	b.WriteByte('[')
	char := func(r rune) {
		switch {
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	for _, r := range s {
		char(r.Lo)
		if r.Hi > r.Lo {
			b.WriteByte('-')
			char(r.Hi)
		}
	}
	b.WriteByte(']')
	return b.String()
}
