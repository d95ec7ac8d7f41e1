package sketch

import (
	"encoding/binary"
	"math/bits"
)

// code takes as tokens the runs of word bytes (letters, digits, underscore,
// all of non-ASCII) and the runs of operator bytes (other visible characters).
// Controls and space are blank.
//
// It goes in two steps over a piece of the text at a time: where tokens begin
// and end, 64 bytes at once by bit masks; then their hashes, by a loop whose
// branches do not depend on how long a token is, which nothing could predict.
func (s *shingler) code(text []byte) {
	if uint64(len(text)) > maxText {
		s.full = true
		return
	}
	var last classes
	for at := 0; at < len(text) && !s.full; at += pieceSize {
		s.flush()
		piece := text[at:min(at+pieceSize, len(text))]
		s.bounds(piece, uint32(at), &last)
		if at+pieceSize >= len(text) && s.begun > s.ended {
			s.ends[s.ended] = uint32(len(text))
			s.ended++
		}
		s.hashTokens(text)
	}
}

const (
	// pieceSize is how many bytes are looked at between two steps; no more
	// tokens than these can begin in it.
	pieceSize = 1024
	// maxText is the longest text whose places fit the tables.
	maxText = 1<<32 - 1
)

// edges are where tokens begin and where they end, in rising order: offsets in the text.
// A token that goes on behind the piece has begun and not ended.
type edges struct {
	starts, ends [pieceSize + 8 + 1]uint32
	begun, ended int
}

// classes are the classes of the byte before: the lowest bits are 1 if it is
// one.
type classes struct{ word, operator uint64 }

// boundsGo adds the places of the piece, which begins at a place in the text.
func (e *edges) boundsGo(piece []byte, at uint32, last *classes) {
	var tail [64]byte
	begun, ended := e.begun, e.ended
	for len(piece) > 0 {
		block := piece
		if len(block) < 64 {
			copy(tail[:], block) // blanks follow
			block = tail[:]
		}
		words, operators := classify(block)
		changes := (words ^ (words<<1 | last.word)) | (operators ^ (operators<<1 | last.operator))
		visible := words | operators
		begun = extract(&e.starts, begun, changes&visible, at)
		ended = extract(&e.ends, ended, changes&(visible<<1|last.word|last.operator), at)
		*last = classes{words >> 63, operators >> 63}
		piece, at = piece[min(64, len(piece)):], at+64
	}
	e.begun, e.ended = begun, ended
}

// extract adds the places of the bits that are 1. It writes eight at a time,
// which is about as many as there are, rather than to ask after each.
func extract(to *[pieceSize + 8 + 1]uint32, n int, mask uint64, at uint32) int {
	end := n + bits.OnesCount64(mask)
	for ; n < end; n += 8 {
		if uint(n) > pieceSize {
			break // never: no more tokens than bytes
		}
		p := to[n : n+8 : n+8]
		for i := range p {
			p[i] = at + uint32(bits.TrailingZeros64(mask))
			mask &= mask - 1
		}
	}
	return end
}

// hashTokens hashes the tokens that have ended.
func (s *shingler) hashTokens(text []byte) {
	starts, ends := s.starts[:s.ended], s.ends[:s.ended]
	tokens := s.tokens[s.used : s.used+s.ended]
	for i := range tokens {
		start := uint(starts[i])
		n := uint(ends[i]) - start
		if n > 16 || start+16 > uint(len(text)) {
			tokens[i] = hashToken(text[start : start+n])
			continue
		}
		// hashToken without a loop.
		b := text[start : start+16 : start+16]
		m := &firstBytes[n%32]
		lo := binary.LittleEndian.Uint64(b) & m[0]
		hi := binary.LittleEndian.Uint64(b[8:]) & m[1]
		tokens[i] = fold(lo^k1, hi^uint64(n)^k0)
	}
	s.used += s.ended
	s.starts[0] = s.starts[s.ended] // of the one that has not ended, if there is
	s.begun, s.ended = s.begun-s.ended, 0
}

// firstBytes are masks of the first so many of 16 bytes.
var firstBytes = func() (m [32][2]uint64) {
	for n := range m {
		m[n] = [2]uint64{1<<(8*min(n, 8)) - 1, 1<<(8*min(max(n-8, 0), 8)) - 1}
	}
	return m
}()

// classify returns which of 64 bytes are word bytes and which are operators,
// the first in the lowest bit.
func classify(b []byte) (words, operators uint64) {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
		pick = 0x0102040810204080 // collects the lowest bits of eight bytes
	)
	b = b[:64]
	for i := 0; i < 64; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		x := w &^ high // adding 0x80-c sets a byte's high bit if it is c or more
		y := x | 0x20*ones
		letter := (y + (0x80-'a')*ones) &^ (y + (0x7f-'z')*ones)
		digit := (x + (0x80-'0')*ones) &^ (x + (0x7f-'9')*ones)
		other := ^((x ^ '_'*ones) + 0x7f*ones)
		visible := (x+(0x80-'!')*ones)&^(x+ones) | w
		word := letter | digit | other | w
		words |= ((word & high >> 7) * pick >> 56) << i
		operators |= ((visible &^ word & high >> 7) * pick >> 56) << i
	}
	return words, operators
}
