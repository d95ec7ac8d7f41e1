package cache

import (
	"hash/maphash"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// Pretokens of more than wideMax bytes that begin with one from wideFirst on, with a
// character from U+3000 on, are not remembered: Chinese and Japanese most of them,
// seldom seen twice and nearly as soon encoded as looked up.
const (
	wideMax   = 9
	wideFirst = 0xe3
)

// miss appends the tokens of a pretoken that the short cache does not hold with
// three tokens at most, and enters them into the cache they fit. lo and hi are
// the key of a short one.
func (c *Cache) miss(dst []uint32, text []byte, from, to int, lo, hi uint64) []uint32 {
	n := len(dst)
	switch k := to - from; {
	case k > wideMax && text[from] >= wideFirst:
		return c.model.AppendTokens(&c.scratch, dst, text[from:to])
	case k <= shortMax:
		b := c.short.at(hash128(lo, hi))
		if found := b.find(lo, hi); found != nil {
			return found.append(dst)
		}
		dst = c.merge(dst, text, from, to, shortTokens)
		b.enter(lo, hi, dst[n:])
		c.short.entered++
	case k <= longMax:
		key := c.key32(text, from, to)
		b := c.long.at(key.hash())
		if found := b.find(&key); found != nil {
			return append(dst, found.ids[:found.n]...)
		}
		dst = c.merge(dst, text, from, to, longTokens)
		b.enter(&key, dst[n:])
		c.long.entered++
	default:
		dst = c.merge(dst, text, from, to, 0)
	}
	return dst
}

// merge appends the tokens of the pretoken text[from:to]. Those of more tokens
// than the cache for its length holds are remembered in the overflow table.
func (c *Cache) merge(dst []uint32, text []byte, from, to, holds int) []uint32 {
	piece := text[from:to]
	if len(piece) > overflowMax {
		return c.model.AppendTokens(&c.scratch, dst, piece)
	}
	var hash uint64
	many := len(piece) > 2*holds // fewer bytes hardly ever have many tokens
	if many {
		hash = maphash.Bytes(c.seed, piece)
		if ids, ok := c.overflow.find(hash, piece); ok {
			return append(dst, ids...)
		}
	}
	n, composed := len(dst), false
	if len(piece) >= composeMin && piece[len(piece)-1] < utf8.RuneSelf && c.model.HasOrigins() {
		dst, composed = c.compose(dst, text, from, to)
	}
	if !composed {
		dst = c.model.AppendTokens(&c.scratch, dst, piece)
	}
	if many && len(dst)-n > holds {
		c.overflow.enter(hash, piece, dst[n:])
	}
	return dst
}

// composeMin is the length of the shortest piece that is composed.
const composeMin = 8

// compose appends the tokens of text[from:to], composed of the tokens of its words, and
// need not merge: many pretokens of code that no cache holds have words that one does,
// as getElementById. The result is right if at every border between words the two
// tokens stay ([merge.Model.Stay]), and not ok if at some they do not, or if there is
// one word only.
//
// A word begins behind a lower case letter, or what lies above them in ASCII, where
// something below follows: get|Element|By|Id. Any other rule would be as right.
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

// appendWord appends the tokens of text[from:to]. It is not ok if the first of them and
// the last one of the words before, which are at dst[begin:], do not stay.
func (c *Cache) appendWord(dst []uint32, begin int, text []byte, from, to int) (_ []uint32, ok bool) {
	n := len(dst)
	var lo, hi uint64
	if to-from <= shortMax {
		lo, hi = c.key16(text, from, to)
	}
	dst = c.miss(dst, text, from, to, lo, hi)
	return dst, n == begin || len(dst) > n && c.stay(dst[n-1], dst[n])
}

// stay is [merge.Model.Stay], remembered.
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
