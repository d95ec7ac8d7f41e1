package mix

import (
	"cmp"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/ledger"
)

// matcher finds the part that a document belongs to.
type matcher [][]columns // alternatives by part

// columns is a Selection ready to be asked; a nil set matches everything.
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

// part returns the index of the first part that matches, or -1.
func (m matcher) part(c *counted) int {
	has := func(s map[string]bool, v string) bool { return s == nil || s[v] }
	return slices.IndexFunc(m, func(alternatives []columns) bool {
		return slices.ContainsFunc(alternatives, func(s columns) bool {
			return has(s.kind, c.kind) && has(s.language, c.language) && has(s.source, c.source) && has(s.licenseType, c.licenseType)
		})
	})
}

// key names a group: a part, or a language of a part where languages have
// quotas of their own.
type key struct {
	part     int
	language string
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.part, o.part), strings.Compare(k.language, o.language))
}

// group is the documents that one quota is drawn from.
type group struct {
	key
	supply    ledger.Amount // unique documents; tokens with overhead
	quota     int64         // tokens wanted
	epochs    int64         // times that every document is used
	stretches []stretch     // of the documents that are used once more
	drawn     ledger.Amount // of those
}

// stretch is a stretch of the lottery in which the documents that are short
// enough are drawn.
type stretch struct {
	from, to priority // to is outside
	most     int64    // tokens
}

func (b *stretch) holds(at priority, tokens int64) bool {
	return tokens <= b.most && !at.before(b.from) && at.before(b.to)
}

// planned returns the uses of the group's documents.
func (g *group) planned() ledger.Amount {
	return ledger.Amount{
		Docs:   g.epochs*g.supply.Docs + g.drawn.Docs,
		Bytes:  g.epochs*g.supply.Bytes + g.drawn.Bytes,
		Tokens: g.epochs*g.supply.Tokens + g.drawn.Tokens,
	}
}

// uses returns how often a document is used that has a place in the group's
// lottery and as many tokens.
func (g *group) uses(at priority, tokens int64) int64 {
	if slices.ContainsFunc(g.stretches, func(b stretch) bool { return b.holds(at, tokens) }) {
		return g.epochs + 1
	}
	return g.epochs
}

// priority returns a document's priority in the lottery for one more use. Every
// epoch has its own.
func (g *group) priority(seed uint64, c *counted) priority {
	return priority{corpus.Hash(seed, "draw", c.id, uint64(g.epochs)), c.pos}
}
