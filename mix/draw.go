package mix

import (
	"context"
	"sync"

	"github.com/codemill/codemill/ledger"
)

// draw finds the documents of all groups whose quota is not a whole number of
// epochs. At most candidates documents are sorted, but where hashes are equal.
func (p *planner) draw(ctx context.Context, candidates int64) error {
	open := map[*group]*lottery{}
	for i := range p.groups {
		g := &p.groups[i]
		g.epochs, g.bands, g.drawn = 0, nil, ledger.Amount{}
		if g.supply.Tokens == 0 {
			continue
		}
		g.epochs = g.quota / g.supply.Tokens
		if rest := g.quota - g.epochs*g.supply.Tokens; rest > 0 {
			open[g] = newLottery(g, rest, p.slack)
		}
	}
	short := map[*group]*lottery{} // of documents that are short enough
	for len(open) > 0 {
		left, bits := int64(0), uint(0)
		// A sum and the largest are the same in any order.
		for _, l := range open {
			left, bits = left+l.docs, max(bits, l.bits)
		}
		pass := p.narrow
		if left <= candidates || bits+cellBits > maxBits {
			pass = p.sortUndecided
		}
		if err := pass(ctx, open); err != nil {
			return err
		}
		for g, l := range open {
			if l.done {
				delete(open, g)
			}
			if l.done && l.want > l.slack {
				short[g] = l
			}
		}
	}
	if len(short) == 0 {
		return nil
	}
	return p.settle(ctx, short)
}

// gather makes one pass over the counts. Of the documents in the open lotteries
// it adds up one T a group, per shard and then over all.
func gather[T any](ctx context.Context, p *planner, open map[*group]*lottery, add func(l *lottery, c candidate, to *T), merge func(to, from *T)) (map[*group]*T, error) {
	var mu sync.Mutex
	all := map[*group]*T{}
	err := p.scan(ctx, func(docs docs) error {
		mine := map[*group]*T{}
		for c, err := range docs {
			if err != nil {
				return err
			}
			g := p.group(&c)
			l := open[g] // none of no group
			if l == nil {
				continue
			}
			if mine[g] == nil {
				mine[g] = new(T)
			}
			add(l, candidate{g.priority(p.job.Seed, &c), p.amount(&c)}, mine[g])
		}
		mu.Lock()
		defer mu.Unlock()
		// In any order: every group is merged by itself.
		for g, t := range mine {
			if all[g] == nil {
				all[g] = t
			} else {
				merge(all[g], t)
			}
		}
		return nil
	})
	return all, err
}

// narrow makes one pass over the counts.
func (p *planner) narrow(ctx context.Context, open map[*group]*lottery) error {
	type histogram = [cells]ledger.Amount
	hists, err := gather(ctx, p, open, func(l *lottery, c candidate, h *histogram) {
		if l.undecided(c.at, c.amount.Tokens) {
			cell := c.at.hash << l.bits >> (64 - cellBits)
			h[cell] = h[cell].Add(c.amount)
		}
	}, func(to, from *histogram) {
		for i, a := range from {
			to[i] = to[i].Add(a)
		}
	})
	// In any order: every group is narrowed by itself.
	for g, h := range hists {
		open[g].narrow(h)
	}
	return err
}

// sortUndecided makes the pass that decides.
func (p *planner) sortUndecided(ctx context.Context, open map[*group]*lottery) error {
	lists, err := gather(ctx, p, open, func(l *lottery, c candidate, list *[]candidate) {
		if l.undecided(c.at, c.amount.Tokens) {
			*list = append(*list, c)
		}
	}, func(to, from *[]candidate) { *to = append(*to, *from...) })
	// In any order: every group is decided by itself.
	for g, list := range lists {
		open[g].decide(*list)
	}
	return err
}

// settle makes the pass for groups of which only longer documents are left than
// what is wanted.
func (p *planner) settle(ctx context.Context, short map[*group]*lottery) error {
	keep := func(to *candidate, c candidate) {
		if to.amount.Docs == 0 || c.shorter(*to) {
			*to = c
		}
	}
	shortest, err := gather(ctx, p, short, func(l *lottery, c candidate, to *candidate) {
		if l.g.uses(c.at, c.amount.Tokens) == l.g.epochs {
			keep(to, c)
		}
	}, func(to, from *candidate) {
		if from.amount.Docs > 0 {
			keep(to, *from)
		}
	})
	// In any order: every group is settled by itself.
	for g, c := range shortest {
		if c.amount.Docs > 0 {
			short[g].settle(*c)
		}
	}
	return err
}
