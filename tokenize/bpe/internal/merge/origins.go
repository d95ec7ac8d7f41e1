package merge

import "github.com/codemill/codemill/tokenize/bpe/internal/vocab"

// Many pretokens of code that no cache holds are put together of words that it
// does: getElementById. They are not merged but composed of the tokens of their
// words, where these are right: a sequence of tokens is the encoding of its text
// if every two neighbours are that of theirs (merge_long.go).

// splits are, by token, what it was merged from and when: the rank and 1 in 24
// bits, the left token and the right one in 20 bits each; 0 of bytes and of tokens
// that nothing merges to.
type splits []uint64

func madeAt(s uint64) uint64  { return s >> (2 * vocab.IDBits) }
func leftOf(s uint64) uint32  { return uint32(s>>vocab.IDBits) & (1<<vocab.IDBits - 1) }
func rightOf(s uint64) uint32 { return uint32(s) & (1<<vocab.IDBits - 1) }

// newSplits is nil if the ranks are not in order, if a token can be made of several
// pairs, and where pretokens need not be what their bytes merge to.
func newSplits(m *Model) splits {
	if m.atoms == nil || m.whole != nil {
		return nil
	}
	s := make(splits, m.Size())
	for p := range m.merges.all() {
		id := m.merges.merged(p.Rank)
		if s[id] != 0 {
			return nil
		}
		s[id] = uint64(p.Rank+1)<<(2*vocab.IDBits) | uint64(p.Left)<<vocab.IDBits | uint64(p.Right)
	}
	return s
}

// HasOrigins tells that Stay may be asked.
func (m *Model) HasOrigins() bool { return m.splits != nil }

// Stay tells that two tokens side by side are the encoding of their text. It goes
// back through the merges that made them, the last one first: at each step the two
// tokens at the border stood side by side up to the rank of the merge undone, and
// must not have merged before. Of equal ranks the left one goes first. Pairs have
// to rank behind those that their tokens came from.
func (m *Model) Stay(x, y uint32) bool {
	limit := uint64(noRank)
	a, b := m.splits[x], m.splits[y]
	for {
		if uint64(m.merges.rank(x, y)) < limit {
			return false
		}
		switch {
		case madeAt(a) > madeAt(b):
			limit, x = madeAt(a)-1, rightOf(a)
			a = m.splits[x]
		case b == 0:
			return true
		default:
			limit, y = madeAt(b), leftOf(b)
			b = m.splits[y]
		}
	}
}
