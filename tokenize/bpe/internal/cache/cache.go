package cache

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
)

// A cache has up to 2^shortBits buckets of 64 bytes for short pretokens, 16 MiB,
// and 2^longBits of 128 bytes for long ones, 4 MiB. It begins with 1<<firstBits each.
const (
	firstBits = 9
	shortBits = 18
	longBits  = 15
	restSize  = 1 << 13 // entries, 2.75 MiB, and 4 bytes more each
)

// Pretokens of more than wideMax bytes that begin with one from wideFirst on, with a
// character from U+3000 on, are not remembered: Chinese and Japanese most of them,
// seldom seen twice and nearly as soon encoded as looked up.
const (
	wideMax   = 9
	wideFirst = 0xe3
)

// batch is how many pretokens are looked up at a time.
const batch = 320

// MaxBytes is the most memory that a cache takes, 23 MiB.
const MaxBytes = 64<<shortBits + 128<<longBits + 352*restSize + 8<<borderBits

// A Cache appends the tokens of pretokens, and remembers them: those it does not
// know it has merged by the model. It is one goroutine's. What it remembers changes
// no result.
type Cache struct {
	model   *merge.Model
	short   table[shortBucket, shortEntry]
	long    table[longBucket, longEntry]
	rest    *restTable
	borders []border
	seed    maphash.Seed
	masks   [shortMax + 1][2]uint64 // by length, what of 16 bytes is kept
	probes  [batch]probe
	scratch merge.Scratch
}

// New makes an empty cache.
func New(m *merge.Model) *Cache {
	c := &Cache{model: m, short: newTable[shortBucket](shortBits), long: newTable[longBucket](longBits),
		rest: new(restTable), borders: make([]border, 1<<borderBits), seed: maphash.MakeSeed()}
	for n := range shortMax + 1 {
		c.masks[n] = [2]uint64{1<<min(64, 8*n) - 1, 1<<(8*max(0, n-8)) - 1}
	}
	return c
}

// Scratch is the memory that the cache merges in, for what the same goroutine merges
// without it.
func (c *Cache) Scratch() *merge.Scratch { return &c.scratch }

// Grow gives what was entered more room. It is to be called now and then, between
// two calls of Append.
func (c *Cache) Grow() {
	c.short.grow()
	c.long.grow()
}

// appendScalar appends the tokens of the pretokens from text[pos] on.
func (c *Cache) appendScalar(dst []uint32, text []byte, pos int, ends []int) []uint32 {
	dst = slices.Grow(dst, 3*len(ends))
	room := dst[:cap(dst)]
	n := len(dst)
	for i, end := range ends {
		var lo, hi uint64
		if end-pos <= shortMax {
			lo, hi = c.key16(text, pos, end)
			if found := c.short.at(hash128(lo, hi)).find(lo, hi); found != nil && found.n <= 3 {
				ids := room[n : n+3]
				ids[0], ids[1], ids[2] = found.ids[0], found.ids[1], found.ids[2]
				n += int(found.n)
				pos = end
				continue
			}
		}
		dst = c.miss(room[:n], text, pos, end, lo, hi)
		dst = slices.Grow(dst, 3*(len(ends)-i))
		room, n = dst[:cap(dst)], len(dst)
		pos = end
	}
	return room[:n]
}

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
// than the cache for its length holds are remembered in the rest.
func (c *Cache) merge(dst []uint32, text []byte, from, to, holds int) []uint32 {
	piece := text[from:to]
	if len(piece) > restMax {
		return c.model.AppendTokens(&c.scratch, dst, piece)
	}
	var hash uint64
	many := len(piece) > 2*holds // fewer bytes hardly ever have many tokens
	if many {
		hash = maphash.Bytes(c.seed, piece)
		if ids, ok := c.rest.find(hash, piece); ok {
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
		c.rest.enter(hash, piece, dst[n:])
	}
	return dst
}

// key16 is load16 by way of masks.
func (c *Cache) key16(text []byte, from, to int) (lo, hi uint64) {
	if from+16 > len(text) {
		return load16(text, from, to)
	}
	m := &c.masks[to-from]
	return binary.LittleEndian.Uint64(text[from:]) & m[0], binary.LittleEndian.Uint64(text[from+8:])&m[1] | uint64(to-from)<<56
}

// key32 is the key of text[from:to], of 16 to 31 bytes.
func (c *Cache) key32(text []byte, from, to int) longKey {
	lo, hi := c.key16(text, from+16, to)
	n := uint64(to - from)
	return longKey{binary.LittleEndian.Uint64(text[from:]), binary.LittleEndian.Uint64(text[from+8:]), lo, hi&(1<<56-1) | n<<56}
}
