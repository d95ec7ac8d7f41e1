package merge

import "github.com/codemill/codemill/tokenize/bpe/internal/vocab"

// origins are, by token, which pair it is merged from and when: the rank and 1 in the
// upper 24 bits, the left token and the right one in 20 bits each. They are 0 for bytes
// and for tokens that nothing merges to.
type origins []uint64

func madeAt(s uint64) uint64  { return s >> (2 * vocab.IDBits) }
func leftOf(s uint64) uint32  { return uint32(s>>vocab.IDBits) & (1<<vocab.IDBits - 1) }
func rightOf(s uint64) uint32 { return uint32(s) & (1<<vocab.IDBits - 1) }

// newOrigins is nil if a token can be made of several pairs. The ranks have to be in
// order, as for atoms.
func newOrigins(t *tokens) origins {
	s := make(origins, t.Size())
	for p := range t.pairs.all() {
		id := t.pairs.merged(p.Rank)
		if s[id] != 0 {
			return nil
		}
		s[id] = uint64(p.Rank+1)<<(2*vocab.IDBits) | uint64(p.Left)<<vocab.IDBits | uint64(p.Right)
	}
	return s
}
