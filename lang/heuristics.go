package lang

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/go-enry/go-enry/v2/data"
	"github.com/go-enry/go-enry/v2/data/rule"
)

// heuristics are go-enry's rules for one extension, their expressions run by
// automata. The first rule that matches gives the languages.
type heuristics []contentRule

type contentRule struct {
	langs []string
	match func(text []byte) bool
}

func (h heuristics) match(text []byte) []string {
	for _, r := range h {
		if r.match(text) {
			return r.langs
		}
	}
	return nil
}

func compileHeuristics(rules data.Heuristics) heuristics {
	var h heuristics
	for _, r := range rules {
		var langs []string
		for _, name := range r.Languages() {
			if lang, ok := data.LanguageByAlias(name); ok {
				langs = append(langs, lang)
			}
		}
		h = append(h, contentRule{langs, compileMatcher(r)})
	}
	return h
}

// compileMatcher turns one of go-enry's matchers into a faster one. The rules
// keep their expressions in unexported fields, which reflection can look at
// but not call: an expression is compiled anew from its text. Whatever does
// not look as it does in go-enry 2.9.6 is left to go-enry itself.
func compileMatcher(m rule.Matcher) func([]byte) bool {
	if re, ok := m.(*regexp.Regexp); ok && re != nil {
		return compileExpression(re.String(), m.Match)
	}
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Struct {
		return m.Match
	}
	switch v.Type().String() {
	case "rule.or":
		return compileField(v.FieldByName("pattern"), m.Match)
	case "rule.and":
		return compileAll(v.FieldByName("patterns"), m.Match, true)
	case "rule.not":
		return compileAll(v.FieldByName("Patterns"), m.Match, false)
	}
	return m.Match
}

// compileAll compiles the patterns of an and, which all must match, or of a
// not, of which none may. Expressions that Go's syntax does not know are nil
// in go-enry and left out.
func compileAll(list reflect.Value, whole func([]byte) bool, want bool) func([]byte) bool {
	if list.Kind() != reflect.Slice {
		return whole
	}
	var parts []func([]byte) bool
	for i := range list.Len() {
		el := list.Index(i)
		if el.Kind() == reflect.Interface && el.Elem().Kind() == reflect.Pointer && el.Elem().IsNil() {
			continue
		}
		part := compileField(el, nil)
		if part == nil {
			return whole
		}
		parts = append(parts, part)
	}
	return func(text []byte) bool {
		for _, part := range parts {
			if part(text) != want {
				return false
			}
		}
		return true
	}
}

// compileField compiles a matcher that stands in a field: an expression, or
// an or of one. In any other case it returns otherwise.
func compileField(field reflect.Value, otherwise func([]byte) bool) func([]byte) bool {
	if field.Kind() != reflect.Interface || field.IsNil() {
		return otherwise
	}
	v := field.Elem()
	if v.Kind() == reflect.Struct && v.Type().String() == "rule.or" {
		return compileField(v.FieldByName("pattern"), otherwise)
	}
	if v.Type() != reflect.TypeFor[*regexp.Regexp]() || v.IsNil() {
		return otherwise
	}
	expr := v.Elem().FieldByName("expr")
	if expr.Kind() != reflect.String {
		return otherwise
	}
	return compileExpression(expr.String(), otherwise)
}

// compileExpression returns a matcher of an expression.
func compileExpression(expr string, otherwise func([]byte) bool) func([]byte) bool {
	a, err := newAutomaton(strings.Clone(expr))
	if err != nil {
		return otherwise
	}
	return a.match
}
