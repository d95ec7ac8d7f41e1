package mix

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/report"
)

// bound is a place in the lottery: documents below it are drawn. Equal hashes
// are ordered by position. The zero bound draws none.
type bound struct {
	hash uint64
	pos  corpus.Pos
}

func (b bound) compare(o bound) int {
	return cmp.Or(cmp.Compare(b.hash, o.hash), cmp.Compare(b.pos, o.pos))
}

func (b bound) above(o bound) bool { return o.compare(b) < 0 }

// The lotteries are decided by selection, not by sorting: a histogram over the
// next leading bits of the hash narrows what is undecided to one of its cells,
// until few enough documents are left to be sorted in memory.
const (
	cellBits = 10
	cells    = 1 << cellBits
	maxBits  = 60 // beyond, hashes are as good as equal
	// candidateMemory is what one document costs that is sorted.
	candidateMemory = 64
)

// lottery is the search for one group's bound.
type lottery struct {
	g      *group
	prefix uint64 // leading bits of the hashes that are undecided
	bits   uint   // how many of them
	want   int64  // tokens wanted of the undecided
	docs   int64  // undecided
}

func (l *lottery) undecided(hash uint64) bool {
	return l.bits == 0 || hash>>(64-l.bits) == l.prefix
}

// narrow takes the histogram of the undecided: all cells before the one in
// which the wanted tokens are reached are drawn.
func (l *lottery) narrow(hist *[cells]report.Amount) {
	for cell, a := range hist {
		if a.Tokens < l.want {
			l.g.drawn = l.g.drawn.Add(a)
			l.want -= a.Tokens
			continue
		}
		l.prefix, l.bits, l.docs = l.prefix<<cellBits|uint64(cell), l.bits+cellBits, a.Docs
		return
	}
}

// candidate is an undecided document.
type candidate struct {
	at     bound
	amount report.Amount
}

// decide sorts what is left and draws until the number of tokens is nearest to
// what is wanted.
func (l *lottery) decide(list []candidate) {
	slices.SortFunc(list, func(a, b candidate) int { return a.at.compare(b.at) })
	for _, c := range list {
		if l.want <= 0 {
			return
		}
		l.g.bound = c.at                      // without this one
		if c.amount.Tokens-l.want >= l.want { // as far ahead as now behind
			return
		}
		l.want -= c.amount.Tokens
		l.g.drawn = l.g.drawn.Add(c.amount)
		l.g.bound = bound{c.at.hash, c.at.pos + 1}
	}
}

// draw finds the bounds of all groups whose quota is not a whole number of
// epochs. At most candidates documents are sorted, but where hashes are equal.
func (p *planner) draw(ctx context.Context, candidates int64) error {
	open := map[*group]*lottery{}
	for i := range p.groups {
		g := &p.groups[i]
		g.epochs, g.bound, g.drawn = 0, bound{}, report.Amount{}
		if g.supply.Tokens == 0 {
			continue
		}
		g.epochs = g.quota / g.supply.Tokens
		if rest := g.quota - g.epochs*g.supply.Tokens; rest > 0 {
			open[g] = &lottery{g: g, want: rest, docs: g.supply.Docs}
		}
	}
	for len(open) > 0 {
		left, bits := int64(0), uint(0)
		for _, l := range open {
			left, bits = left+l.docs, max(bits, l.bits)
		}
		if left <= candidates || bits+cellBits > maxBits {
			return p.sortUndecided(ctx, open)
		}
		if err := p.narrow(ctx, open); err != nil {
			return err
		}
	}
	return nil
}

// narrow makes one pass over the counts.
func (p *planner) narrow(ctx context.Context, open map[*group]*lottery) error {
	var mu sync.Mutex
	hists := map[*group]*[cells]report.Amount{}
	err := p.scan(ctx, func(docs docs) error {
		mine := map[*group]*[cells]report.Amount{}
		for c, err := range docs {
			if err != nil {
				return err
			}
			l, d := p.lottery(open, &c)
			if l == nil {
				continue
			}
			h := mine[l.g]
			if h == nil {
				h = new([cells]report.Amount)
				mine[l.g] = h
			}
			cell := d.hash << l.bits >> (64 - cellBits)
			h[cell] = h[cell].Add(p.amount(&c))
		}
		mu.Lock()
		defer mu.Unlock()
		for g, h := range mine {
			if hists[g] == nil {
				hists[g] = h
				continue
			}
			for i, a := range h {
				hists[g][i] = hists[g][i].Add(a)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for g, l := range open {
		if h := hists[g]; h != nil {
			l.narrow(h)
		}
	}
	return nil
}

// sortUndecided makes the last pass.
func (p *planner) sortUndecided(ctx context.Context, open map[*group]*lottery) error {
	var mu sync.Mutex
	lists := map[*group][]candidate{}
	err := p.scan(ctx, func(docs docs) error {
		for c, err := range docs {
			if err != nil {
				return err
			}
			if l, d := p.lottery(open, &c); l != nil {
				mu.Lock()
				lists[l.g] = append(lists[l.g], candidate{d, p.amount(&c)})
				mu.Unlock()
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for g, l := range open {
		l.decide(lists[g])
	}
	return nil
}

// lottery returns the open lottery in which a document is undecided, and its
// place there; nil if there is none.
func (p *planner) lottery(open map[*group]*lottery, c *counted) (*lottery, bound) {
	g := p.group(c)
	l := open[g]
	if g == nil || l == nil {
		return nil, bound{}
	}
	d := g.draw(p.job.Seed, c)
	if !l.undecided(d.hash) {
		return nil, bound{}
	}
	return l, d
}
