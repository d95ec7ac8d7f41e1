package cache

import (
	"encoding/binary"
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// The short table and the long one have two entries a bucket, of which the one not used
// last gives way. The overflow table, for what these two cannot hold, has one.

// A cache has up to 2^shortBits buckets of 64 bytes for short pretokens, 16 MiB,
// and 2^longBits of 128 bytes for long ones, 4 MiB. It begins with 1<<firstBits each.
const (
	firstBits    = 9
	shortBits    = 18
	longBits     = 15
	overflowSize = 1 << 13 // entries, 2.75 MiB, and 4 bytes more each
)

// A table has room for all the buckets that it may come to have, and uses the
// first ones, so that short texts do not pay for memory that they hardly use.
type table[B ~[2]E, E entry] struct {
	buckets []B
	mask    uint64 // one less than the number of buckets in use
	entered int
}

type entry interface {
	hash() uint64
	empty() bool
}

func newTable[B ~[2]E, E entry](bits int) table[B, E] {
	return table[B, E]{buckets: make([]B, 1<<bits), mask: 1<<firstBits - 1}
}

// at is the bucket of what has that hash.
func (t *table[B, E]) at(hash uint64) *B { return &t.buckets[hash&t.mask] }

// grow doubles the buckets in use when half as many pretokens were entered.
// An entry stays where it is or goes as far up as there were buckets.
func (t *table[B, E]) grow() {
	for n := int(t.mask) + 1; 2*t.entered > n && n < len(t.buckets); n = int(t.mask) + 1 {
		for i := range t.buckets[:n] {
			b, above := &t.buckets[i], &t.buckets[i+n]
			first := !(*b)[0].empty() && (*b)[0].hash()&uint64(n) != 0
			second := !(*b)[1].empty() && (*b)[1].hash()&uint64(n) != 0
			var none E
			switch {
			case first && second:
				*above, *b = *b, *above
			case first:
				(*above)[0], (*b)[0], (*b)[1] = (*b)[0], (*b)[1], none
			case second:
				(*above)[0], (*b)[1] = (*b)[1], none
			}
		}
		t.mask = uint64(2*n - 1)
	}
}

// A shortEntry holds a pretoken of up to 15 bytes and its up to six tokens: three
// as they are, with their number in n, more of them in 20 bits each, from the low
// end of the ids on, of which the last byte of n, their number, is no part.
type shortEntry struct {
	lo, hi uint64 // load16; hi is 0 in an empty entry
	ids    [3]uint32
	n      uint32
}

func (c shortEntry) hash() uint64 { return hash128(c.lo, c.hi) }
func (c shortEntry) empty() bool  { return c.hi == 0 }

// append appends the tokens.
func (c *shortEntry) append(dst []uint32) []uint32 {
	if c.n <= 3 {
		return append(dst, c.ids[:c.n]...)
	}
	lo, hi := uint64(c.ids[0])|uint64(c.ids[1])<<32, uint64(c.ids[2])|uint64(c.n&^0xff)<<24
	for range c.n & 0xff {
		dst = append(dst, uint32(lo)&(1<<vocab.IDBits-1))
		lo, hi = lo>>vocab.IDBits|hi<<(64-vocab.IDBits), hi>>vocab.IDBits
	}
	return dst
}

// enter puts a pretoken instead of the entry not used last, if its tokens
// fit.
func (b *shortBucket) enter(lo, hi uint64, ids []uint32) {
	c := shortEntry{lo: lo, hi: hi, n: uint32(len(ids))}
	switch {
	case len(ids) <= 3:
		copy(c.ids[:], ids)
	case len(ids) <= shortTokens:
		var x, y uint64
		for i := len(ids) - 1; i >= 0; i-- {
			x, y = x<<vocab.IDBits|uint64(ids[i]), y<<vocab.IDBits|x>>(64-vocab.IDBits)
		}
		c.ids = [3]uint32{uint32(x), uint32(x >> 32), uint32(y)}
		c.n |= uint32(y>>32) << 8
	default:
		return
	}
	b[1] = c
}

// A shortBucket is one cache line.
type shortBucket [2]shortEntry

// A longKey holds 16 to 31 bytes of text, the rest zero, and their number in the
// top byte.
type longKey [4]uint64

// hash looks at the first 16 bytes, the last 8 and their number: prepare has it
// from the text.
func (k *longKey) hash() uint64 {
	n := k[3] >> 56
	i, shift := (n-8)/8%3, n%8*8
	last := k[i]>>shift | k[i+1]<<(64-shift)
	return hash128(k[0]+bits.RotateLeft64(last, 29), k[1]^n<<56)
}

// A longEntry is one cache line: a pretoken and its up to seven tokens.
type longEntry struct {
	key longKey
	ids [longTokens]uint32
	n   uint32
}

type longBucket [2]longEntry

func (c longEntry) hash() uint64 { return c.key.hash() }
func (c longEntry) empty() bool  { return c.key[3] == 0 }

// An overflowTable has one entry for a hash, and the hashes beside them, so that what is not
// there is hardly ever looked for in the entries, which are far.
type overflowTable struct {
	hashes  [overflowSize]uint32
	entries [overflowSize]overflowEntry
}

// An overflowEntry holds a pretoken of up to 96 bytes and its up to 62 tokens. It
// takes 348 bytes.
type overflowEntry struct {
	bytes, n uint16 // bytes is 0 in an empty entry
	ids      [overflowTokens]uint32
	text     [overflowMax]byte
}

const (
	// How many bytes and tokens the entries hold.
	shortMax       = 15
	shortTokens    = 6
	longTokens     = 7
	longMax        = 31
	overflowMax    = 96
	overflowTokens = 62
)

// find is the tokens of piece, if the table holds it.
func (r *overflowTable) find(hash uint64, piece []byte) ([]uint32, bool) {
	i := hash % overflowSize
	if r.hashes[i] != uint32(hash>>32) {
		return nil, false
	}
	c := &r.entries[i]
	if int(c.bytes) != len(piece) || string(c.text[:c.bytes]) != string(piece) {
		return nil, false
	}
	return c.ids[:c.n], true
}

// enter remembers a piece, if its tokens fit.
func (r *overflowTable) enter(hash uint64, piece []byte, ids []uint32) {
	if len(ids) > overflowTokens {
		return
	}
	i := hash % overflowSize
	r.hashes[i] = uint32(hash >> 32)
	c := &r.entries[i]
	c.bytes, c.n = uint16(copy(c.text[:], piece)), uint16(copy(c.ids[:], ids))
}

// load16 is the up to 15 bytes of text[from:to], the rest zero, and their number
// in the top byte.
func load16(text []byte, from, to int) (lo, hi uint64) {
	var b [16]byte
	copy(b[:shortMax], text[from:to])
	b[shortMax] = byte(to - from)
	return binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
}

func hash128(lo, hi uint64) uint64 {
	a, b := bits.Mul64(lo^0x9e3779b97f4a7c15, hi^0xd6e8feb86659fd93)
	return a ^ b
}

// find looks a pretoken up, and moves what it finds to the front.
func (b *shortBucket) find(lo, hi uint64) *shortEntry {
	if b[0].lo == lo && b[0].hi == hi {
		return &b[0]
	}
	if b[1].lo == lo && b[1].hi == hi {
		b[0], b[1] = b[1], b[0]
		return &b[0]
	}
	return nil
}

func (b *longBucket) find(key *longKey) *longEntry {
	if b[0].key == *key {
		return &b[0]
	}
	if b[1].key == *key {
		b[0], b[1] = b[1], b[0]
		return &b[0]
	}
	return nil
}

// enter puts a pretoken instead of the entry not used last, if its tokens
// fit.
func (b *longBucket) enter(key *longKey, ids []uint32) {
	if len(ids) <= longTokens {
		b[1] = longEntry{key: *key, n: uint32(len(ids))}
		copy(b[1].ids[:], ids)
	}
}
