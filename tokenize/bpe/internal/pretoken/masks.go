package pretoken

import (
	"encoding/binary"
	"math/bits"
)

// masks are the bytes of a window by class: bit i of masks[k] tells that byte i is
// of class k. Classes 0 to 6 are the scanner's own.
type masks [12]uint64

const (
	cutClass  = 7  // characters left to the scalar scanner: the window ends before them
	notASCIIs = 8  // bytes from 0x80 on
	leads2    = 9  // first bytes of the characters of two bytes whose classes are in the masks
	leads3    = 10 // those of characters of three bytes
	insides   = 11 // second and later bytes of characters, filled in by fillOthers
)

// wideClasses are those that characters other than ASCII may be in, besides
// cutClass: 0 to 4.
const wideClasses = 5

// maskBits are masks of a stretch of text, up to maskBytes.
type maskBits [insides][maskBytes / 8]byte

const maskBytes = 512

// leastWindow is how many bytes a window has at least.
const leastWindow = 57

// at sets m to the masks from bit i on, and returns how many bits of each are set:
// leastWindow to 64. The masks of characters beyond ASCII are only set if there are
// any. The remainder of from is from itself: it spares checks of bounds, 3 % of a
// stream's time.
func (b *maskBits) at(i int, m *masks) int {
	from, shift := uint(i)/8%(maskBytes/8-7), uint(i)%8
	for k := range notASCIIs + 1 {
		m[k] = binary.LittleEndian.Uint64(b[k][from:]) >> shift
	}
	if m[notASCIIs] != 0 {
		for k := notASCIIs + 1; k < len(b); k++ {
			m[k] = binary.LittleEndian.Uint64(b[k][from:]) >> shift
		}
	}
	return 64 - int(shift)
}

// lastChange is the last of the known bytes at which one of the masks changes, from 0
// to 1 or back; 0 if none does. What stands in front of it is whole.
func lastChange(known int, a, b, c uint64) int {
	changes := (a ^ a<<1) | (b ^ b<<1) | (c ^ c<<1)
	return 63 - bits.LeadingZeros64(changes&(1<<known-1)|1)
}

// upTo is the bits 1 to n.
func upTo(n int) uint64 { return 2<<n - 2 }
