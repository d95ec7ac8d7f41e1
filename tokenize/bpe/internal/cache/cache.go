package cache

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
)

// batch is how many pretokens are looked up at a time.
const batch = 320

// MaxBytes is the most memory that a cache takes, 23 MiB.
const MaxBytes = 64<<shortBits + 128<<longBits + 352*overflowSize + 8<<borderBits

// A Cache appends the tokens of pretokens, and remembers them: those it does not
// know it has merged by the model. It is one goroutine's. What it remembers changes
// no result.
type Cache struct {
	model    *merge.Model
	short    table[shortBucket, shortEntry]
	long     table[longBucket, longEntry]
	overflow *overflowTable
	borders  []border
	seed     maphash.Seed
	masks    [shortMax + 1][2]uint64 // by length, what of 16 bytes is kept
	probes   [batch]probe
	scratch  merge.Scratch
}

// New makes an empty cache.
func New(m *merge.Model) *Cache {
	c := &Cache{model: m, short: newTable[shortBucket](shortBits), long: newTable[longBucket](longBits),
		overflow: new(overflowTable), borders: make([]border, 1<<borderBits), seed: maphash.MakeSeed()}
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
