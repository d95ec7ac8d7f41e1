package bpe

import (
	"encoding/binary"
	"math/bits"
)

// The caches remember the tokens of pretokens. Both are tables of fixed size
// with two entries a bucket, of which the one used last stays.

// A shortEntry holds a pretoken of up to 15 bytes and its up to three tokens.
type shortEntry struct {
	lo, hi uint64 // load16; hi is 0 in an empty entry
	ids    [3]uint32
	n      uint32
}

// A shortBucket is one cache line.
type shortBucket [2]shortEntry

// A longEntry is one cache line: a pretoken of up to 31 bytes, of which the last
// byte of the key says how many, and its up to seven tokens.
type longEntry struct {
	key [4]uint64
	ids [7]uint32
	n   uint32
}

type longBucket [2]longEntry

const (
	shortMax = 15
	longMax  = 31
)

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

func (b *longBucket) find(key *[4]uint64) *longEntry {
	if b[0].key == *key {
		return &b[0]
	}
	if b[1].key == *key {
		b[0], b[1] = b[1], b[0]
		return &b[0]
	}
	return nil
}

// longKey packs up to 31 bytes of text[from:to].
func longKey(text []byte, from, to int) (key [4]uint64) {
	var b [32]byte
	copy(b[:longMax], text[from:to])
	b[longMax] = byte(to - from)
	for i := range key {
		key[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return key
}

func hash256(key *[4]uint64) uint64 {
	return hash128(key[0]+bits.RotateLeft64(key[2], 29), key[1]+bits.RotateLeft64(key[3], 31)) ^ key[2]*0x9e3779b97f4a7c15
}
