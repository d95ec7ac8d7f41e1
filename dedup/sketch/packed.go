package sketch

import (
	"encoding/binary"
	"math/bits"
)

// A stored set of n sorted hashes is in the code of Elias and Fano. Let b be the largest
// number for which 2^b is at most n. Each hash is cut into its first b bits and the
// others. Stored are
//
//   - the last hashBits-b bits of each hash, one after another, the first hash in the
//     lowest bits; filled up to a whole byte;
//   - the first b bits of all hashes, as a row of n+2^b bits: if they are the number h
//     for hash i (from 0), bit h+i is set; filled up to a whole byte.
//
// That is at most hashBits-b+2 bits a hash: about 4 bytes in a text of 1,000 shingles.

// packing returns how many bits of each hash are stored as they are, and how
// many bytes all those take.
func packing(n int) (lowBits, lowBytes int) {
	lowBits = hashBits - (bits.Len(uint(n)) - 1)
	return lowBits, (n*lowBits + 7) / 8
}

// PackedSize returns how many bytes a set of n hashes takes.
func PackedSize(n int) int {
	if n == 0 {
		return 0
	}
	lowBits, lowBytes := packing(n)
	return lowBytes + (n+1<<(hashBits-lowBits)+7)/8
}

// AppendPacked appends a set as it is stored.
func AppendPacked(b []byte, set []uint64) []byte {
	n := len(set)
	if n == 0 {
		return b
	}
	lowBits, lowBytes := packing(n)
	start, size := len(b), PackedSize(n)
	b = append(b, make([]byte, size+8)...) // words are written whole
	low, high := b[start:], b[start+lowBytes:]
	var (
		mask    = uint64(1)<<lowBits - 1
		waiting uint64 // bits to be written
		fill    uint   // how many, less than 8 between two hashes
		at      int
	)
	for _, h := range set {
		waiting |= (h & mask) << (fill & 63)
		fill += uint(lowBits)
		binary.LittleEndian.PutUint64(low[at:], waiting)
		at += int(fill / 8)
		waiting >>= fill &^ 7 & 63
		fill &= 7
	}
	clear(b[start+lowBytes:])
	for i, h := range set {
		bit := h>>lowBits + uint64(i)
		high[bit/8] |= 1 << (bit % 8)
	}
	return b[:start+size]
}

// ParsePacked appends the n hashes that are stored in b.
func ParsePacked(set []uint64, b []byte, n int) []uint64 {
	if n == 0 {
		return set
	}
	lowBits, lowBytes := packing(n)
	mask := uint64(1)<<lowBits - 1
	for i, at := 0, 0; i < n; i, at = i+1, at+lowBits {
		set = append(set, word(b[at/8:])>>(at%8)&mask)
	}
	high, hashes := b[lowBytes:], set[len(set)-n:]
	for at := 0; at < len(high); at += 8 {
		base := uint64(8 * at)
		for w := word(high[at:]); w != 0 && len(hashes) > 0; w &= w - 1 {
			bit := base + uint64(bits.TrailingZeros64(w))
			hashes[0] |= (bit - uint64(n-len(hashes))) << lowBits
			hashes = hashes[1:]
		}
	}
	return set
}

// word returns the first eight bytes, or as many as there are.
func word(b []byte) (w uint64) {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	for i, c := range b {
		w |= uint64(c) << (8 * i)
	}
	return w
}
