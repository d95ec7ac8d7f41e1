package lang

import (
	"bytes"
	"slices"

	"github.com/go-enry/go-enry/v2/data"
)

//go:generate sh -c "go run ./internal/heuristics >heuristics_table.tmp && mv heuristics_table.tmp heuristics_table.go"

// heuristics are Linguist's rules for one extension. The table of them,
// [heuristicsTable], is generated from go-enry's and calls the functions below,
// which do what go-enry's of the same names do, on automata.
type heuristics []heuristic

// heuristic is one rule: languages, by any of their names, of the texts that all
// of some patterns match and none of others. A nil pattern matches nothing.
type heuristic struct {
	languages []string
	all, none []*pattern
}

// match returns the languages of the first rule that fits a text.
func (h heuristics) match(text []byte) []string {
	for _, rule := range h {
		if !rule.match(text) {
			continue
		}
		var found []string
		for _, name := range rule.languages {
			if language, ok := data.LanguageByAlias(name); ok {
				found = append(found, language)
			}
		}
		return found
	}
	return nil
}

func (h heuristic) match(text []byte) bool {
	for _, p := range h.all {
		if !p.match(text) {
			return false
		}
	}
	for _, p := range h.none {
		if p.match(text) {
			return false
		}
	}
	return true
}

func languages(names ...string) []string { return names }

// always is the rule that fits every text.
func always(languages []string) heuristic { return heuristic{languages: languages} }

// or is the rule of one pattern, which holds its alternatives.
func or(languages []string, p *pattern) heuristic {
	return heuristic{languages: languages, all: []*pattern{p}}
}

// not is the rule of one pattern that must not match.
func not(languages []string, p *pattern) heuristic {
	return heuristic{languages: languages, none: []*pattern{p}}
}

// and is the rule that fits where all of some rules do.
func and(languages []string, rules ...heuristic) heuristic {
	h := heuristic{languages: languages}
	for _, r := range rules {
		h.all = append(h.all, r.all...)
		h.none = append(h.none, r.none...)
	}
	return h
}

// pattern is an expression whose automaton is made when it is first asked for.
type pattern struct {
	expr      string
	automaton *automaton
	needs     [][]byte // of which a text has one that the expression matches; none where that is not known
}

func (p *pattern) match(text []byte) bool {
	if p == nil {
		return false
	}
	if p.automaton == nil {
		p.automaton = newAutomaton(p.expr)
		p.needs = needs(p.expr)
	}
	if len(p.needs) > 0 && !slices.ContainsFunc(p.needs, func(s []byte) bool { return bytes.Contains(text, s) }) {
		return false
	}
	return p.automaton.match(text)
}

// multiline is an expression in which, as in Ruby, ^ and $ stand for the
// beginning and the end of a line.
func multiline(expr string) *pattern { return &pattern{expr: "(?m)" + expr} }

// ruby is an expression that Go's syntax cannot say.
func ruby(string) *pattern { return nil }
