// Package spdx reads SPDX licence expressions, such as
// "(MIT OR GPL-2.0-only WITH Classpath-exception-2.0) AND BSD-3-Clause".
package spdx

import "strings"

// Eval evaluates an expression from what one says of each licence in it, given
// with its exception or "", by or for alternatives and and for what holds
// together. It reports false for what does not have the form of an expression.
// AND binds closer than OR; operators may be in any case.
func Eval[T any](expression string, one func(id, exception string) T, or, and func(a, b T) T) (T, bool) {
	p := parser[T]{rest: tokens(expression), one: one, alternative: or, joint: and}
	v, ok := p.or()
	return v, ok && len(p.rest) == 0
}

// Valid reports whether s has the form of an expression.
func Valid(s string) bool {
	type nothing struct{}
	same := func(a, _ nothing) nothing { return a }
	_, ok := Eval(s, func(_, _ string) nothing { return nothing{} }, same, same)
	return ok
}

// Names returns what stands in s besides operators and brackets, whether or not
// it has the form of an expression.
func Names(s string) []string {
	var names []string
	for _, t := range tokens(s) {
		if t != "(" && t != ")" && !isOperator(t) {
			names = append(names, t)
		}
	}
	return names
}

// Base is an id in lower case without what says whether later versions may be
// chosen: GPL-2.0, GPL-2.0+, GPL-2.0-only and GPL-2.0-or-later have one base.
func Base(id string) string {
	id = strings.TrimSuffix(strings.ToLower(id), "+")
	return strings.TrimSuffix(strings.TrimSuffix(id, "-only"), "-or-later")
}

var apart = strings.NewReplacer("(", " ( ", ")", " ) ")

func tokens(s string) []string { return strings.Fields(apart.Replace(s)) }

func isOperator(s string) bool {
	return strings.EqualFold(s, "OR") || strings.EqualFold(s, "AND") || strings.EqualFold(s, "WITH")
}

// parser evaluates while it reads, by recursive descent.
type parser[T any] struct {
	rest               []string
	depth              int
	one                func(id, exception string) T
	alternative, joint func(a, b T) T
}

// maxDepth bounds the nesting of brackets.
const maxDepth = 50

func (p *parser[T]) take(word string) bool {
	if len(p.rest) > 0 && strings.EqualFold(p.rest[0], word) {
		p.rest = p.rest[1:]
		return true
	}
	return false
}

func (p *parser[T]) or() (T, bool) { return p.joined("OR", p.and, p.alternative) }

func (p *parser[T]) and() (T, bool) { return p.joined("AND", p.term, p.joint) }

// joined reads one or more terms with an operator between them.
func (p *parser[T]) joined(operator string, term func() (T, bool), join func(a, b T) T) (T, bool) {
	v, ok := term()
	for ok && p.take(operator) {
		var w T
		if w, ok = term(); ok {
			v = join(v, w)
		}
	}
	return v, ok
}

// term reads a licence, with its exception, or an expression in brackets.
func (p *parser[T]) term() (v T, ok bool) {
	if p.depth++; p.depth > maxDepth {
		return v, false
	}
	defer func() { p.depth-- }()
	if p.take("(") {
		v, ok = p.or()
		return v, ok && p.take(")")
	}
	id, ok := p.word()
	if !ok {
		return v, false
	}
	exception := ""
	if p.take("WITH") {
		if exception, ok = p.word(); !ok {
			return v, false
		}
	}
	return p.one(id, exception), true
}

// word reads a licence's or an exception's id.
func (p *parser[T]) word() (string, bool) {
	if len(p.rest) == 0 || !IsID(p.rest[0]) {
		return "", false
	}
	w := p.rest[0]
	p.rest = p.rest[1:]
	return w, true
}

// IsID reports whether s has the form of an id.
func IsID(s string) bool {
	if s == "" || isOperator(s) {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-.+:_", c) >= 0) {
			return false
		}
	}
	return true
}
