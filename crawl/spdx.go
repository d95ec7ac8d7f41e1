package crawl

import (
	"strings"
	"sync"

	"github.com/codemill/codemill/corpus"
)

// LicenseType returns the type of an SPDX expression: of OR the best, of AND
// the worst, of WITH that of the licence before it. An empty expression is
// [corpus.UnknownLicense]: whether there is no licence at all is not for the
// expression to say.
func LicenseType(expression string) string {
	p := spdxParser{tokens: spdxTokens(expression)}
	t, ok := p.or()
	if !ok || len(p.tokens) > 0 {
		return corpus.UnknownLicense
	}
	return t
}

// validExpression reports whether s has the form of an SPDX expression.
func validExpression(s string) bool {
	p := spdxParser{tokens: spdxTokens(s)}
	_, ok := p.or()
	return ok && len(p.tokens) == 0
}

func spdxTokens(s string) []string {
	return strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s))
}

// spdxParser evaluates while it parses. AND binds tighter than OR.
type spdxParser struct {
	tokens []string
	depth  int
}

// maxSPDXDepth bounds the nesting of brackets.
const maxSPDXDepth = 50

func (p *spdxParser) take(word string) bool {
	if len(p.tokens) > 0 && strings.EqualFold(p.tokens[0], word) {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *spdxParser) or() (string, bool) {
	t, ok := p.and()
	for ok && p.take("OR") {
		var u string
		if u, ok = p.and(); ok {
			t = best(t, u)
		}
	}
	return t, ok
}

func (p *spdxParser) and() (string, bool) {
	t, ok := p.one()
	for ok && p.take("AND") {
		var u string
		if u, ok = p.one(); ok {
			t = worst(t, u)
		}
	}
	return t, ok
}

func (p *spdxParser) one() (string, bool) {
	if p.depth++; p.depth > maxSPDXDepth {
		return "", false
	}
	defer func() { p.depth-- }()
	if p.take("(") {
		t, ok := p.or()
		return t, ok && p.take(")")
	}
	if len(p.tokens) == 0 || !isSPDXWord(p.tokens[0]) {
		return "", false
	}
	t := idType(p.tokens[0])
	p.tokens = p.tokens[1:]
	if p.take("WITH") {
		if len(p.tokens) == 0 || !isSPDXWord(p.tokens[0]) {
			return "", false
		}
		p.tokens = p.tokens[1:]
	}
	return t, true
}

func isSPDXWord(s string) bool {
	switch strings.ToUpper(s) {
	case "OR", "AND", "WITH", "":
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-.+:_", c) >= 0) {
			return false
		}
	}
	return true
}

func best(a, b string) string {
	switch {
	case a == corpus.Permissive || b == corpus.Permissive:
		return corpus.Permissive
	case a == corpus.Copyleft || b == corpus.Copyleft:
		return corpus.Copyleft
	}
	return corpus.UnknownLicense
}

func worst(a, b string) string {
	switch {
	case a == corpus.Copyleft || b == corpus.Copyleft:
		return corpus.Copyleft
	case a == corpus.UnknownLicense || b == corpus.UnknownLicense:
		return corpus.UnknownLicense
	}
	return corpus.Permissive
}

// licenseIDs is the type of every id of the tables.
var licenseIDs = sync.OnceValue(func() map[string]string {
	types := map[string]string{}
	for _, table := range []struct{ ids, as string }{{copyleftIDs, corpus.Copyleft}, {permissiveIDs, corpus.Permissive}} {
		for id := range strings.FieldsSeq(table.ids) {
			types[id] = table.as
		}
	}
	return types
})

// idType looks up one SPDX id. "-only", "-or-later" and "+" do not matter, nor
// does the exception in old ids such as GPL-2.0-with-GCC-exception.
func idType(id string) string {
	id, _, _ = strings.Cut(strings.ToLower(strings.TrimSuffix(id, "+")), "-with-")
	id = strings.TrimSuffix(strings.TrimSuffix(id, "-only"), "-or-later")
	if t, ok := licenseIDs()[id]; ok {
		return t
	}
	return corpus.UnknownLicense
}
