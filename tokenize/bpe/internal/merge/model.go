package merge

// A Model says what bytes merge to. It never changes.
type Model struct {
	tokens
	vectors int               // the width of the kernels that run on this machine
	atoms   *atoms            // nil if the ranks allow none
	origins origins           // nil if the ranks allow none, and with whole
	whole   map[string]uint32 // ignore_merges: pieces that are tokens are taken as they are
}

// HasOrigins tells that Stay may be asked.
func (m *Model) HasOrigins() bool { return m.origins != nil }

// Stay tells that two tokens side by side are the encoding of their text: with "get"
// and "Element" that nothing would have merged across the border between them.
//
// It undoes the merges that made the two, the last one first. Before each of them two
// other tokens stood at the border, say "et" and "El", until that merge's rank came.
// These must not merge at a lower rank. Of equal ranks the left merge goes first. That
// is the whole condition, as pairs rank behind those that their tokens came from.
func (m *Model) Stay(x, y uint32) bool {
	limit := uint64(noRank)
	a := m.origins[x]
	b := m.origins[y]
	for {
		if uint64(m.pairs.rank(x, y)) < limit {
			return false
		}
		switch {
		case madeAt(a) > madeAt(b):
			limit, x = madeAt(a)-1, rightOf(a)
			a = m.origins[x]
		case b == 0:
			return true
		default:
			limit, y = madeAt(b), leftOf(b)
			b = m.origins[y]
		}
	}
}
