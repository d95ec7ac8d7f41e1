package mix

import (
	"context"
	"sync"

	"github.com/codemill/codemill/ledger"
)

// draw decides, for all groups, how often every document is used and which are used once
// more. The lotteries of all groups go on side by side, one pass over the counts for
// all. At most tickets documents are held to be sorted, unless more have hashes that
// are equal in maxBits bits.
func (p *planner) draw(ctx context.Context, tickets int64) error {
	open := map[*group]*lottery{}
	for i := range p.groups {
		g := &p.groups[i]
		g.epochs, g.stretches, g.drawn = 0, nil, ledger.Amount{}
		if g.supply.Tokens == 0 {
			continue
		}
		g.epochs = g.quota / g.supply.Tokens
		if rest := g.quota - g.epochs*g.supply.Tokens; rest > 0 {
			open[g] = newLottery(g, rest, p.slack)
		}
	}
	short := map[*group]*lottery{} // those that ended with more than slack missing
	for len(open) > 0 {
		left, bits := int64(0), uint(0)
		// A sum and the largest are the same in any order.
		for _, l := range open {
			left, bits = left+l.docs, max(bits, l.bits)
		}
		pass := p.narrow
		if left <= tickets || bits+cellBits > maxBits {
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

// gather makes one pass over the counts, for the groups in open. It makes a T for each
// of them: add puts a document into it, and merge adds one T to another, for the parts
// that were made of different shards. merge is called in any order of shards.
func gather[T any](ctx context.Context, p *planner, open map[*group]*lottery, add func(l *lottery, c ticket, to *T), merge func(to, from *T)) (map[*group]*T, error) {
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
			add(l, ticket{g.priority(p.job.Seed, &c), p.amount(&c)}, mine[g])
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

// narrow makes a pass that narrows all open lotteries by cellBits bits.
func (p *planner) narrow(ctx context.Context, open map[*group]*lottery) error {
	type histogram = [cells]ledger.Amount
	hists, err := gather(ctx, p, open, func(l *lottery, c ticket, h *histogram) {
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

// sortUndecided makes a pass that collects what is undecided and decides on it.
func (p *planner) sortUndecided(ctx context.Context, open map[*group]*lottery) error {
	lists, err := gather(ctx, p, open, func(l *lottery, c ticket, list *[]ticket) {
		if l.undecided(c.at, c.amount.Tokens) {
			*list = append(*list, c)
		}
	}, func(to, from *[]ticket) { *to = append(*to, *from...) })
	// In any order: every group is decided by itself.
	for g, list := range lists {
		open[g].decide(*list)
	}
	return err
}

// settle makes the last pass, for groups in which all documents that are left are
// longer than what is missing: it finds the shortest of each.
func (p *planner) settle(ctx context.Context, short map[*group]*lottery) error {
	keep := func(to *ticket, c ticket) {
		if to.amount.Docs == 0 || c.shorter(*to) {
			*to = c
		}
	}
	shortest, err := gather(ctx, p, short, func(l *lottery, c ticket, to *ticket) {
		if l.g.uses(c.at, c.amount.Tokens) == l.g.epochs {
			keep(to, c)
		}
	}, func(to, from *ticket) {
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
