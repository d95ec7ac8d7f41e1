package bpe

// Many pretokens of code that no cache holds are put together of words that it
// does: getElementById. They are not merged but composed of the tokens of their
// words, where these are right: a sequence of tokens is the encoding of its text
// if every two neighbours are that of theirs (merge_long.go).

// splits are, by token, what it was merged from and when: the rank and 1 in 24
// bits, the left token and the right one in 20 bits each; 0 of bytes and of tokens
// that nothing merges to.
type splits []uint64

func madeAt(s uint64) uint64  { return s >> (2 * idBits) }
func leftOf(s uint64) uint32  { return uint32(s>>idBits) & (1<<idBits - 1) }
func rightOf(s uint64) uint32 { return uint32(s) & (1<<idBits - 1) }

// newSplits is nil if the ranks are not in order, if a token can be made of several
// pairs, and where pretokens need not be what their bytes merge to.
func newSplits(t *Tokenizer) splits {
	if t.atoms == nil || t.whole != nil {
		return nil
	}
	s := make(splits, t.VocabSize())
	for p := range t.merges.all() {
		id := t.merges.merged(p.rank)
		if s[id] != 0 {
			return nil
		}
		s[id] = uint64(p.rank+1)<<(2*idBits) | uint64(p.left)<<idBits | uint64(p.right)
	}
	return s
}

// stay tells that two tokens side by side are the encoding of their text. It goes
// back through the merges that made them, the last one first: at each step the two
// tokens at the border stood side by side up to the rank of the merge undone, and
// must not have merged before. Of equal ranks the left one goes first. Pairs have
// to rank behind those that their tokens came from.
func (t *Tokenizer) stay(x, y uint32) bool {
	limit := uint64(noRank)
	a, b := t.splits[x], t.splits[y]
	for {
		if uint64(t.merges.rank(x, y)) < limit {
			return false
		}
		switch {
		case madeAt(a) > madeAt(b):
			limit, x = madeAt(a)-1, rightOf(a)
			a = t.splits[x]
		case b == 0:
			return true
		default:
			limit, y = madeAt(b), leftOf(b)
			b = t.splits[y]
		}
	}
}

// A border is two tokens, in 20 bits each, and above them whether they stay; 0 is
// none that was asked for.
type border uint64

const (
	borderAsked = 1 << 40
	borderStays = 1 << 41
	// borderBits gives the number of borders that an encoder remembers.
	borderBits = 14
)

// stay is that of the tokenizer, remembered.
func (e *Encoder) stay(x, y uint32) bool {
	key := border(y)<<idBits | border(x) | borderAsked
	c := &e.borders[uint64(key)*0x9e3779b97f4a7c15>>(64-borderBits)]
	if *c&^borderStays != key {
		*c = key
		if e.t.stay(x, y) {
			*c |= borderStays
		}
	}
	return *c&borderStays != 0
}

// composeMin is the length of the shortest piece that is composed.
const composeMin = 8

// compose appends the tokens of text[from:to], put together of those of its words,
// which begin where a lower case letter, or what lies behind them, is followed by
// what lies before them in ASCII. Any place would do, as borders are looked at. Not
// ok if there is one word only or the words do not stay apart.
func (e *Encoder) compose(dst []uint32, text []byte, from, to int) (_ []uint32, ok bool) {
	begin, word := len(dst), from
	for i := from + 1; i < to; i++ {
		if text[i] >= 'a' || text[i-1] < 'a' {
			continue
		}
		if dst, ok = e.appendWord(dst, begin, text, word, i); !ok {
			return dst[:begin], false
		}
		word = i
	}
	if word == from {
		return dst, false
	}
	if dst, ok = e.appendWord(dst, begin, text, word, to); !ok {
		return dst[:begin], false
	}
	return dst, true
}

// appendWord appends the tokens of text[from:to]; not ok if the first does not stay
// apart from the one before it, one from begin on.
func (e *Encoder) appendWord(dst []uint32, begin int, text []byte, from, to int) (_ []uint32, ok bool) {
	n := len(dst)
	var lo, hi uint64
	if to-from <= shortMax {
		lo, hi = e.key16(text, from, to)
	}
	dst = e.miss(dst, text, from, to, lo, hi)
	return dst, n == begin || len(dst) > n && e.stay(dst[n-1], dst[n])
}
