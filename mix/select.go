package mix

import (
	"cmp"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/ledger"
)

// matcher finds the part that a document belongs to. It has the selections of each
// part.
type matcher [][]columns

// columns is a [Selection] as sets of values; a nil set matches everything.
type columns struct{ kind, language, source, licenseType map[string]bool }

func newMatcher(parts []Part) matcher {
	m := make(matcher, len(parts))
	for i, p := range parts {
		for _, s := range p.Where {
			m[i] = append(m[i], columns{
				kind:        choice.SetOf(s.Kind, choice.Value),
				language:    choice.SetOf(s.Language, choice.Value), // other: those without one
				source:      choice.Set(s.Source),
				licenseType: choice.Set(s.LicenseType),
			})
		}
		if len(p.Where) == 0 {
			m[i] = []columns{{}}
		}
	}
	return m
}

// part returns the number of the first part that matches a document, -1 for none.
func (m matcher) part(c *counted) int {
	has := func(s map[string]bool, v string) bool { return s == nil || s[v] }
	return slices.IndexFunc(m, func(alternatives []columns) bool {
		return slices.ContainsFunc(alternatives, func(s columns) bool {
			return has(s.kind, c.kind) && has(s.language, c.language) && has(s.source, c.source) && has(s.licenseType, c.licenseType)
		})
	})
}

// key names a group.
type key struct {
	part     int    // number in Config.Parts
	language string // "" unless languages have quotas of their own: see Config.byLanguage
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.part, o.part), strings.Compare(k.language, o.language))
}

// group is the documents that one quota is drawn from, and how it is met.
type group struct {
	key
	supply    ledger.Amount // each document once; tokens with overhead
	quota     int64         // tokens wanted
	epochs    int64         // how often every document is used at least
	stretches []stretch     // say which documents are used once more
	drawn     ledger.Amount // those documents
}

// stretch is a range of the lottery: documents whose priority is in it, and that are
// short enough, are drawn. The stretches of a group do not overlap, but for one that
// settle adds.
type stretch struct {
	from, to priority // to itself is outside
	most     int64    // tokens, with overhead, that a document may have
}

// holds reports whether a document with this priority and so many tokens is drawn.
func (b *stretch) holds(at priority, tokens int64) bool {
	return tokens <= b.most && !at.before(b.from) && at.before(b.to)
}

// planned returns what all uses of the group's documents come to.
func (g *group) planned() ledger.Amount {
	return ledger.Amount{
		Docs:   g.epochs*g.supply.Docs + g.drawn.Docs,
		Bytes:  g.epochs*g.supply.Bytes + g.drawn.Bytes,
		Tokens: g.epochs*g.supply.Tokens + g.drawn.Tokens,
	}
}

// uses returns how often a document of the group is used, by its priority and its
// tokens with overhead.
func (g *group) uses(at priority, tokens int64) int64 {
	if slices.ContainsFunc(g.stretches, func(b stretch) bool { return b.holds(at, tokens) }) {
		return g.epochs + 1
	}
	return g.epochs
}

// priority returns a document's priority in the lottery for one more use. It is another
// one for every number of epochs, so that it is not always the same documents that
// are used once more.
func (g *group) priority(seed uint64, c *counted) priority {
	return priority{corpus.Hash(seed, "draw", c.id, uint64(g.epochs)), c.pos}
}
