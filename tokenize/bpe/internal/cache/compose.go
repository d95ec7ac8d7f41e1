package cache

import "github.com/codemill/codemill/tokenize/bpe/internal/vocab"

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
func (c *Cache) stay(x, y uint32) bool {
	key := border(y)<<vocab.IDBits | border(x) | borderAsked
	known := &c.borders[uint64(key)*0x9e3779b97f4a7c15>>(64-borderBits)]
	if *known&^borderStays != key {
		*known = key
		if c.model.Stay(x, y) {
			*known |= borderStays
		}
	}
	return *known&borderStays != 0
}

// composeMin is the length of the shortest piece that is composed.
const composeMin = 8

// compose appends the tokens of text[from:to], put together of those of its words,
// which begin where a lower case letter, or what lies behind them, is followed by
// what lies before them in ASCII. Any place would do, as borders are looked at. Not
// ok if there is one word only or the words do not stay apart.
func (c *Cache) compose(dst []uint32, text []byte, from, to int) (_ []uint32, ok bool) {
	begin, word := len(dst), from
	for i := from + 1; i < to; i++ {
		if text[i] >= 'a' || text[i-1] < 'a' {
			continue
		}
		if dst, ok = c.appendWord(dst, begin, text, word, i); !ok {
			return dst[:begin], false
		}
		word = i
	}
	if word == from {
		return dst, false
	}
	if dst, ok = c.appendWord(dst, begin, text, word, to); !ok {
		return dst[:begin], false
	}
	return dst, true
}

// appendWord appends the tokens of text[from:to]; not ok if the first does not stay
// apart from the one before it, one from begin on.
func (c *Cache) appendWord(dst []uint32, begin int, text []byte, from, to int) (_ []uint32, ok bool) {
	n := len(dst)
	var lo, hi uint64
	if to-from <= shortMax {
		lo, hi = c.key16(text, from, to)
	}
	dst = c.miss(dst, text, from, to, lo, hi)
	return dst, n == begin || len(dst) > n && c.stay(dst[n-1], dst[n])
}
