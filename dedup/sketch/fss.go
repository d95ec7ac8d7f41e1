package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// fss computes the Fast Similarity Sketch of a sorted set that is not empty
// (Dahlgaard, Knudsen, Thorup 2017, arXiv 1704.04370, section 2).
//
// In round i < k every element falls into one of the k bins at random with a
// value between i and i+1; in round k+j it falls into bin j. A bin keeps its
// least element, so what an earlier round filled stays as it is, and the work
// ends with the round that fills the last bin: k log k elements or one round,
// whichever is more. Two sets agree in a bin with the probability of their
// Jaccard similarity.
//
// Round 0 takes the elements' own hashes: the bin from the low half, the value
// from all, by which the set is sorted, so that the first one to come to a bin
// is the least and a long set need not be read to its end.
//
// A bin is given as 16 bits of its element's hash. Memory of k values is lent.
func fss(sketch []uint16, set []uint64, least []uint64) {
	const unfilled = 1<<64 - 1
	k := uint64(len(sketch))
	for i := range least {
		least[i] = unfilled
	}
	// The round stands before the value, so that what an earlier one filled is
	// less than all that come later.
	const roundShift = 50
	empty := len(sketch)
	for some := range slices.Chunk(set, 4*len(sketch)) {
		for _, h := range some {
			bin, _ := bits.Mul64(h<<32, k)
			empty -= keepLess(&least[bin%uint64(len(least))], h<<(roundShift-hashBits))
		}
		if empty == 0 {
			break
		}
	}
	for round := uint64(1); round < 2*k && empty > 0; round++ {
		salt := round * k3
		for _, h := range set {
			x := fold(h^salt, k2)
			bin, _ := bits.Mul64(x<<40, k) // not of the bits that the sketch has
			if round >= k {
				bin = round - k
			}
			empty -= keepLess(&least[bin], round<<roundShift|x>>(64-roundShift))
		}
	}
	for i, v := range least {
		sketch[i] = uint16(v >> (roundShift - hashBits))
	}
}

// keepLess makes a bin's value this one if it is less, and returns 1 if the bin
// had none.
func keepLess(least *uint64, value uint64) (first int) {
	old := *least
	if old == 1<<64-1 {
		first = 1
	}
	*least = min(old, value)
	return first
}

// Agree returns in how many of their values two sketches are equal.
func Agree(a, b []uint16) int {
	n := 0
	b = b[:len(a)]
	for i, v := range a {
		if v == b[i] {
			n++
		}
	}
	return n
}

// AgreeStored returns in how many of their values two stored sketches agree. It
// looks at four at a time.
func AgreeStored(a, b []byte) int {
	a, b = a[storedHead:], b[storedHead:]
	const each = 0x0001_0001_0001_0001
	n := len(a) / 2
	b = b[:len(a)]
	for len(a) >= 8 {
		x := binary.LittleEndian.Uint64(a) ^ binary.LittleEndian.Uint64(b)
		// The highest bit of every quarter that is not zero.
		n -= bits.OnesCount64((x | (x&(0x7fff*each) + 0x7fff*each)) & (0x8000 * each))
		a, b = a[8:], b[8:]
	}
	for ; len(a) > 0; a, b = a[2:], b[2:] {
		if a[0] != b[0] || a[1] != b[1] {
			n--
		}
	}
	return n
}

// BandKey hashes the values of one band, together with the band's number.
func BandKey(band int, rows []uint16) uint64 {
	h := fold(uint64(band)^k0, k1)
	for len(rows) > 4 {
		h = fold(h^pack(rows[:4]), k2)
		rows = rows[4:]
	}
	return fold(h^pack(rows), k3)
}

func pack(v []uint16) (w uint64) {
	for i, x := range v {
		w |= uint64(x) << (16 * i)
	}
	return w
}

// Stored is a sketch as it is stored, with the size and the place of the set that it was
// made of.
type Stored struct {
	Size   uint32 // hashes in the set, of MaxShingles at most
	Scale  uint8  // of the sample that the set is, at repository level: see Pile
	Offset uint64 // of the set in the file of sets
	Values []uint16
}

// storedHead is how many bytes of a stored sketch stand before its values: the
// size with the scale in its highest 8 bits (4 bytes) and the offset (8).
const storedHead = 4 + 8

// StoredSize is the length of a stored sketch of this many values: the head and
// 2 bytes each, little-endian.
func StoredSize(values int) int { return storedHead + 2*values }

// sizeBits are enough for MaxShingles.
const sizeBits = 24

// Append appends the sketch as it is stored.
func (s *Stored) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, s.Size|uint32(s.Scale)<<sizeBits)
	b = binary.LittleEndian.AppendUint64(b, s.Offset)
	for _, v := range s.Values {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// Parse reads a sketch of as many values as Values has room for.
func (s *Stored) Parse(b []byte) {
	s.ParseHead(b)
	for i := range s.Values {
		s.Values[i] = binary.LittleEndian.Uint16(b[storedHead+2*i:])
	}
}

// ParseHead reads all but the values.
func (s *Stored) ParseHead(b []byte) {
	size := binary.LittleEndian.Uint32(b)
	s.Size, s.Scale = size&(1<<sizeBits-1), uint8(size>>sizeBits)
	s.Offset = binary.LittleEndian.Uint64(b[4:])
}

// FullSize is how many hashes the set has; where a sample is stored, about how many the
// whole set has.
func (s *Stored) FullSize() float64 { return math.Ldexp(float64(s.Size), int(s.Scale)) }

// intersection counts the elements that two sorted sets have in common.
func intersection(a, b []uint64) int {
	n, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		var same, up, down int // without branches, which nothing could predict
		if x == y {
			same = 1
		}
		if x <= y {
			up = 1
		}
		if y <= x {
			down = 1
		}
		n, i, j = n+same, i+up, j+down
	}
	return n
}

// Jaccard returns the similarity of two sets of shingles, sorted as
// [Sketcher.Shingles] gives them: the size of their intersection over that of
// their union, and 0 where both are empty.
func Jaccard(a, b []uint64) float64 {
	both := intersection(a, b)
	if all := len(a) + len(b) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}
