package mix

import (
	"cmp"
	"math"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
)

// priority is a document's number in a lottery: they are drawn from the lowest on. Of
// documents with the same hash the one with the lower position comes first.
type priority struct {
	hash uint64
	pos  corpus.Pos
}

// lastPriority is higher than that of any document.
var lastPriority = priority{math.MaxUint64, corpus.NoPos}

func (p priority) compare(o priority) int {
	return cmp.Or(cmp.Compare(p.hash, o.hash), cmp.Compare(p.pos, o.pos))
}

func (p priority) before(o priority) bool { return p.compare(o) < 0 }

// next is the lowest priority above p.
func (p priority) next() priority { return priority{p.hash, p.pos + 1} }

// Documents are not sorted to be drawn, as there may be too many for the memory. A
// lottery is narrowed instead, like a radix selection: a pass over all documents adds
// up the tokens in 1,024 cells, by the first ten bits of their hashes. All cells before
// the one in which enough is reached are drawn whole. The next pass divides that cell by
// the next ten bits, and so on, until so few documents are undecided that they fit into
// memory and are sorted.
const (
	cellBits = 10 // of the hash, that one pass looks at
	cells    = 1 << cellBits
	maxBits  = 60 // of the hash, after which those with equal bits are sorted however many they are
	// ticketMemory is about how many bytes one document takes that is sorted.
	ticketMemory = 64
)

// lottery is the search for the documents that fill up the quota of one group.
//
// Documents are taken in the order of their priorities, each that is not longer than
// what is still wanted. At the first that is longer the search may end: it ends
// without that document if at most slack tokens are missing, and with it if it brings
// at most slack too many and misses the quota by less than leaving it out. Otherwise
// the document is passed over, and from then on only documents are taken that are not
// longer than what was missing then, until at most slack is missing.
//
// So the documents drawn are those of some stretches of priorities, each with a length
// that they do not exceed: a stretch ends where a document is passed over.
type lottery struct {
	g     *group
	want  int64    // tokens that are still missing
	slack int64    // tokens that may be missing, or too many, at the end
	from  priority // where the present stretch begins
	most  int64    // tokens that a document of it may have

	// What is undecided: documents of the present stretch whose hash has these first
	// bits: with 0 of them, all.
	prefix uint64
	bits   uint
	docs   int64 // how many they are at most
	done   bool  // enough is drawn, or nothing is left that is short enough
}

// newLottery begins a search for want tokens.
func newLottery(g *group, want, slack int64) *lottery {
	return &lottery{g: g, want: want, slack: slack, most: math.MaxInt64, docs: g.supply.Docs}
}

// undecided reports whether a document is neither drawn nor passed over yet.
func (l *lottery) undecided(at priority, tokens int64) bool {
	return tokens <= l.most && !at.before(l.from) && at.hash>>(64-l.bits) == l.prefix
}

// take draws documents of the present stretch.
func (l *lottery) take(a ledger.Amount) {
	l.want -= a.Tokens
	l.g.drawn = l.g.drawn.Add(a)
}

// close ends the present stretch before to. The next one begins at from and takes
// documents that are not longer than what is missing now.
func (l *lottery) close(to, from priority) {
	if l.from.before(to) {
		l.g.stretches = append(l.g.stretches, stretch{l.from, to, l.most})
	}
	l.from, l.most = from, l.want
}

// filling reports whether a document was passed over already.
func (l *lottery) filling() bool { return l.most != math.MaxInt64 }

// finish ends the present stretch before to, and with it the search.
func (l *lottery) finish(to priority) {
	l.close(to, lastPriority)
	l.done = true
}

// narrow takes what the undecided documents come to in each cell. All cells before the
// one in which enough is reached are drawn, and that one is undecided then. If enough
// is reached in none, all are drawn and the search ends.
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

// ticket is an undecided document in the lottery.
type ticket struct {
	at     priority
	amount ledger.Amount // of one use, with overhead
}

// decide draws from the undecided documents, all of which are given, one by one. If
// they were those of a cell and not enough, the search goes on behind the cell.
func (l *lottery) decide(list []ticket) {
	slices.SortFunc(list, func(a, b ticket) int { return a.at.compare(b.at) })
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

// shorter is the order in which documents are considered at the very end, when all that
// are left are longer than what is missing.
func (c ticket) shorter(o ticket) bool {
	return cmp.Or(cmp.Compare(c.amount.Tokens, o.amount.Tokens), c.at.compare(o.at)) < 0
}

// settle takes a document, the shortest that was not drawn, if the group is nearer to
// its quota with it than without.
func (l *lottery) settle(c ticket) {
	if c.amount.Tokens-l.want >= l.want {
		return
	}
	l.take(c.amount)
	l.g.stretches = append(l.g.stretches, stretch{c.at, c.at.next(), c.amount.Tokens})
}
