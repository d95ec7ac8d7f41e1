package sketch

import (
	"encoding/binary"
	"math/bits"
)

const (
	// MaxNgram bounds Config.Ngram.
	MaxNgram = 64
	// MaxShingles is how many different shingles a document may have and still
	// be compared for near-duplicates; one with more, 10 MB of code or so, is
	// compared exactly only. It bounds the memory that a document takes.
	MaxShingles = 1 << 21
)

// Constants of the token and shingle hashes: odd, with about as many ones as
// zeros (wyhash's). Changing them changes every sketch: raise
// the version of sketches, and that of dedup.
const (
	k0 = 0xa0761d6478bd642f
	k1 = 0xe7037ed1a0b428db
	k2 = 0x8ebc6af09c88c6e3
	k3 = 0x589965cc75374cc3
)

// fold multiplies to 128 bits and folds them: every bit of the result depends
// on every bit of both.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// Mix hashes two numbers.
func Mix(a, b uint64) uint64 { return fold(a^k0, b^k1) }

// hashToken hashes the bytes of one token, which is not empty.
func hashToken(b []byte) uint64 {
	h := uint64(len(b)) ^ k0
	for len(b) > 16 {
		h = fold(h^binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])^k2)
		b = b[16:]
	}
	var lo, hi uint64
	for i, c := range b {
		if i < 8 {
			lo |= uint64(c) << (8 * i)
		} else {
			hi |= uint64(c) << (8*i - 64)
		}
	}
	return fold(lo^k1, hi^h)
}

// emptyToken is the hash of a token of no bytes.
const emptyToken = k3

// shingler turns the hashes of tokens, in the order of the text, into the set
// of its shingles.
type shingler struct {
	n    int    // tokens to a shingle
	out  uint64 // what the hash of a token is multiplied with when it leaves the window
	full bool   // there are more shingles than MaxShingles

	tokens  [roomForTokens]uint64 // waiting; the first have of them were there before
	have    int                   // tokens already summed, up to n
	used    int
	sum     uint64 // rolling hash of the last n tokens
	made    int    // tokens in all, as far as the splittings of The Stack count them
	lowered []byte // memory for a token of them

	edges // of the tokens of the piece being cut, where that is done by pieces
	collector
}

const (
	roomForTokens = pieceSize + 2*MaxNgram
	// maxWaiting is how many tokens wait before shingles are made of them; there
	// is room for a few more.
	maxWaiting = roomForTokens - MaxNgram
)

// reset begins with a text of this many bytes.
func (s *shingler) reset(n, bytes int) {
	s.n, s.full, s.have, s.used, s.sum = n, false, 0, 0, 0
	s.begun, s.ended, s.made = 0, 0, 0
	s.out = 1
	for range n {
		s.out *= k3
	}
	s.collector.reset(bytes / 8)
}

// flush makes shingles of the tokens waiting. A shingle's hash is that of the
// polynomial over its tokens' hashes, which rolls.
func (s *shingler) flush() {
	if len(s.hashes)+s.used > 2*MaxShingles {
		s.full = !s.tidy()
	}
	sum, tokens := s.sum, s.tokens[:s.used]
	i := s.have
	for ; i < len(tokens) && i < s.n-1; i++ { // the window fills
		sum = sum*k3 + tokens[i]
	}
	if i == s.n-1 && i < len(tokens) {
		sum = s.roll(tokens[i:i+1], nothing[:], sum)
		i++
	}
	if i < len(tokens) {
		sum = s.roll(tokens[i:], tokens[i-s.n:], sum)
	}
	s.sum = sum
	s.have = min(s.used, s.n)
	copy(s.tokens[:], tokens[s.used-s.have:])
	s.used = s.have
}

// nothing leaves the window when it is first full.
var nothing [1]uint64

// roll makes a shingle of each token that comes into the window as an old one
// leaves it, and returns the new rolling hash.
func (s *shingler) roll(tokens, old []uint64, sum uint64) uint64 {
	to, n := s.room(len(tokens)), 0
	out, counts, shift, mark := s.out, &s.counts, s.shift&63, s.text<<(hashBits-seenBits)
	old = old[:len(tokens)]
	for i, t := range tokens {
		sum = sum*k3 + t - old[i]*out
		h := fold(sum^k1, k2) >> (64 - hashBits)
		last := &s.seen[h%(1<<seenBits)]
		as := uint32(h>>seenBits) | mark
		to[n] = h
		isNew := 0
		if *last != as {
			isNew = 1
		}
		*last = as
		n += isNew
		counts[(h>>shift)%maxBuckets] += uint32(isNew)
	}
	s.hashes = s.hashes[:len(s.hashes)+n]
	return sum
}

func (s *shingler) add(token uint64) {
	if s.used >= maxWaiting {
		s.flush()
	}
	s.tokens[s.used] = token
	s.used++
}
