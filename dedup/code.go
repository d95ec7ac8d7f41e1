package dedup

import (
	"encoding/binary"
	"math/bits"
)

// code takes as tokens the runs of word bytes (letters, digits, underscore,
// all of non-ASCII) and the runs of operator bytes (other visible characters).
// Controls and space are blank.
//
// It looks at 64 bytes at a time: the classes as bit masks, then the places
// where the class changes. As nothing could predict how long a token is, the
// usual one takes no branch that depends on it.
func (s *shingler) code(text []byte) {
	var (
		start                  int    // of the token that reaches into the next block
		open                   bool   // there is one
		lastWord, lastOperator uint64 // 1 if the byte before is one
		tail                   [64]byte
		masks                  [17]struct{ lo, hi uint64 } // of the first so many bytes of 16
	)
	for n := range masks {
		masks[n].lo, masks[n].hi = 1<<(8*min(n, 8))-1, 1<<(8*max(n-8, 0))-1
	}
	for at := 0; at < len(text) && !s.full; at += 64 {
		block := text[at:]
		if len(block) < 64 {
			copy(tail[:], block) // blanks follow
			block = tail[:]
		}
		words, operators := classify(block)
		changes := (words ^ (words<<1 | lastWord)) | (operators ^ (operators<<1 | lastOperator))
		lastWord, lastOperator = words>>63, operators>>63
		if s.used >= maxWaiting {
			s.flush()
		}
		if open {
			if changes == 0 {
				continue
			}
			s.add(hashToken(text[start : at+bits.TrailingZeros64(changes)]))
			open = false
		}
		used := uint(s.used)
		for starts := changes & (words | operators); starts != 0; starts &= starts - 1 {
			i := bits.TrailingZeros64(starts)
			after := changes &^ (2<<i - 1)
			start = at + i
			if after == 0 {
				open = true
				break
			}
			n := uint(bits.TrailingZeros64(after) - i)
			if n <= 16 && start+16 <= len(text) {
				// hashToken without a loop.
				b := text[start : start+16]
				lo := binary.LittleEndian.Uint64(b) & masks[n].lo
				hi := binary.LittleEndian.Uint64(b[8:]) & masks[n].hi
				s.tokens[used%roomForTokens] = fold(lo^k1, hi^uint64(n)^k0)
			} else {
				s.tokens[used%roomForTokens] = hashToken(text[start : start+int(n)])
			}
			used++
		}
		s.used = int(used)
	}
	if open {
		s.add(hashToken(text[start:]))
	}
}

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
