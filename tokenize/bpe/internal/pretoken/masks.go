package pretoken

import (
	"encoding/binary"
	"math/bits"
)

// masks holds the bytes of a window by class: bit i of masks[k] is byte i.
// Classes 0 to 6 are the scanner's own; the characters of cutClass end the
// window, see [windowScanner].
type masks [12]uint64

const (
	cutClass  = 7  // characters left to the scalar scanner
	notASCIIs = 8  // bytes from 0x80 on
	leads2    = 9  // first bytes of the characters of two bytes of which the masks know
	leads3    = 10 // those of characters of three bytes
	insides   = 11 // second and later bytes of characters, filled in by the driver
)

// wideClasses are those that characters other than ASCII may be in, besides
// cutClass: 0 to 4.
const wideClasses = 5

// maskBits are masks of a stretch of text, up to maskBytes.
type maskBits [insides][maskBytes / 8]byte

const maskBytes = 512

// leastWindow is how many bytes a window has at least.
const leastWindow = 57

// at sets m to the masks from bit i on, and returns how many bits of each these
// are: leastWindow to 64. Those of characters beyond ASCII are set if there are any.
// The remainder changes nothing but that bounds need not be checked, 3 % of a stream.
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

// lastChange is the last byte of the known ones of which a mask says something
// else than of the byte before it; 0 if there is none.
func lastChange(known int, a, b, c uint64) int {
	changes := (a ^ a<<1) | (b ^ b<<1) | (c ^ c<<1)
	return 63 - bits.LeadingZeros64(changes&(1<<known-1)|1)
}

// upTo is the bits 1 to n.
func upTo(n int) uint64 { return 2<<n - 2 }
