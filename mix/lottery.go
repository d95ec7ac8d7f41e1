package mix

import (
	"cmp"
	"math"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
)

// priority is where a document stands in a lottery. Equal hashes are ordered by
// position.
type priority struct {
	hash uint64
	pos  corpus.Pos
}

// lastPriority is behind all documents.
var lastPriority = priority{math.MaxUint64, corpus.NoPos}

func (p priority) compare(o priority) int {
	return cmp.Or(cmp.Compare(p.hash, o.hash), cmp.Compare(p.pos, o.pos))
}

func (p priority) before(o priority) bool { return p.compare(o) < 0 }

// next is the priority right behind p.
func (p priority) next() priority { return priority{p.hash, p.pos + 1} }

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

// lottery is the search for the documents that fill up one group's quota: in the
// order of their priorities those that are not longer than what is wanted at their
// turn. At the first that is longer the search ends if at most slack is missing,
// or too much if that one is taken. Else it goes on until that is so. Where a
// document is too long, a band of the group ends, and one for shorter documents
// begins.
type lottery struct {
	g     *group
	want  int64 // tokens
	slack int64
	from  priority // of the open band
	most  int64

	prefix uint64 // leading bits of the hashes that are undecided; 0 of none
	bits   uint   // how many of them
	docs   int64  // undecided, at most
	done   bool   // enough, or nothing left that is short enough
}

func newLottery(g *group, want, slack int64) *lottery {
	return &lottery{g: g, want: want, slack: slack, most: math.MaxInt64, docs: g.supply.Docs}
}

func (l *lottery) undecided(at priority, tokens int64) bool {
	return tokens <= l.most && !at.before(l.from) && at.hash>>(64-l.bits) == l.prefix
}

// take draws documents of the open band.
func (l *lottery) take(a ledger.Amount) {
	l.want -= a.Tokens
	l.g.drawn = l.g.drawn.Add(a)
}

// close ends the open band and begins one for what is still wanted.
func (l *lottery) close(to, from priority) {
	if l.from.before(to) {
		l.g.bands = append(l.g.bands, band{l.from, to, l.most})
	}
	l.from, l.most = from, l.want
}

// filling reports whether a document was too long already.
func (l *lottery) filling() bool { return l.most != math.MaxInt64 }

// finish ends the open band and the search.
func (l *lottery) finish(to priority) {
	l.close(to, lastPriority)
	l.done = true
}

// narrow takes the histogram of the undecided: all cells before the one in
// which enough is reached are drawn. There need not be one.
func (l *lottery) narrow(hist *[cells]ledger.Amount) {
	for cell, a := range hist {
		enough := l.want
		if l.filling() {
			enough -= l.slack
		}
		if a.Tokens < enough {
			l.take(a)
			continue
		}
		l.prefix, l.bits, l.docs = l.prefix<<cellBits|uint64(cell), l.bits+cellBits, a.Docs
		return
	}
	l.finish(lastPriority)
}

// candidate is an undecided document.
type candidate struct {
	at     priority
	amount ledger.Amount
}

// decide draws from all that is undecided. If that was a cell of the hashes and
// not enough, the search goes on behind it.
func (l *lottery) decide(list []candidate) {
	slices.SortFunc(list, func(a, b candidate) int { return a.at.compare(b.at) })
	for _, c := range list {
		over := c.amount.Tokens - l.want
		switch {
		case over <= 0:
			l.take(c.amount)
			if l.want == 0 || l.filling() && l.want <= l.slack {
				l.finish(c.at.next())
			}
		case l.filling():
			if c.amount.Tokens <= l.most {
				l.close(c.at, c.at.next())
			}
		case over < l.want && over <= l.slack:
			l.take(c.amount)
			l.finish(c.at.next())
		case l.want <= l.slack:
			l.finish(c.at)
		default:
			l.close(c.at, c.at.next())
		}
		if l.done {
			return
		}
	}
	if l.prefix+1 == 1<<l.bits {
		l.finish(lastPriority)
		return
	}
	behind := priority{hash: (l.prefix + 1) << (64 - l.bits)}
	l.close(behind, behind)
	l.prefix, l.bits, l.docs = 0, 0, l.g.supply.Docs
}

// shorter is the order in which documents are taken when only such are left as
// are longer than what is wanted.
func (c candidate) shorter(o candidate) bool {
	return cmp.Or(cmp.Compare(c.amount.Tokens, o.amount.Tokens), c.at.compare(o.at)) < 0
}

// settle takes the shortest document that was not drawn if that brings the group
// nearer to its quota.
func (l *lottery) settle(c candidate) {
	if c.amount.Tokens-l.want >= l.want {
		return
	}
	l.take(c.amount)
	l.g.bands = append(l.g.bands, band{c.at, c.at.next(), c.amount.Tokens})
}
