package sketch

import (
	"math/bits"
	"slices"
)

// hashBits is how many bits the hash of a shingle has. Two different shingles
// have the same one with a probability of 2^-40: of two documents of 1000
// shingles each at a similarity of 0.7, one pair in 35 million is taken for
// more similar than it is, by one shingle.
const hashBits = 40

const (
	// maxBuckets is the most buckets that hashes are dealt out to.
	maxBuckets = 1 << 13
	// fullBucket is how many hashes in one bucket show that they are not spread
	// evenly: there are many equal ones.
	fullBucket = 48
)

// collector collects hashes and gives them out sorted and each once. Hashes are
// spread evenly, so dealing them out by their first bits leaves little to sort.
type collector struct {
	hashes, dealt []uint64
	counts        [maxBuckets]uint32 // of hashes by their first bits
	shift         uint               // leaves these bits

	// seen holds, at the place of its last bits, the other bits of a hash met
	// lately, and above them which text that was in: most hashes of a text that
	// come again do so soon, and are left out before they cost any sorting.
	seen [1 << seenBits]uint32
	text uint32
}

const (
	seenBits = 12
	textBits = 32 - (hashBits - seenBits)
)

// reset begins with a text that will give about so many hashes.
func (c *collector) reset(expected int) {
	c.hashes = c.hashes[:0]
	c.bucket(expected)
	if c.text = (c.text + 1) % (1 << textBits); c.text == 0 {
		clear(c.seen[:])
		c.text = 1 // an empty place belongs to no text
	}
}

// bucket chooses the buckets for about so many hashes.
func (c *collector) bucket(expected int) {
	n := min(max(bits.Len(uint(expected)), 5), bits.Len(maxBuckets)-1)
	c.shift = uint(hashBits - n)
	clear(c.counts[:1<<n])
}

// room returns where up to so many hashes can be put behind those there are.
func (c *collector) room(n int) []uint64 {
	c.hashes = slices.Grow(c.hashes, n)
	return c.hashes[len(c.hashes) : len(c.hashes)+n]
}

// tidy drops the hashes that are there twice, and returns false if more than
// MaxShingles are left.
func (c *collector) tidy() bool {
	set := c.sorted(nil)
	c.fill(set)
	return len(set) <= MaxShingles
}

// fill replaces the hashes.
func (c *collector) fill(hashes []uint64) {
	c.hashes = append(c.hashes[:0], hashes...)
	c.bucket(len(hashes))
	for _, h := range hashes {
		c.counts[h>>c.shift]++
	}
}

// sort sorts hashes and drops repeated ones, in place but for room for one more.
func (c *collector) sort(hashes []uint64) []uint64 {
	c.fill(hashes)
	return c.sorted(hashes[:0])
}

// sorted appends all hashes to an empty set, sorted and each once.
func (c *collector) sorted(set []uint64) []uint64 {
	n := len(c.hashes)
	set = slices.Grow(set, n+1)
	if n < 32 {
		set = append(set, c.hashes...)
		slices.Sort(set)
		return slices.Compact(set)
	}
	ends := c.counts[:1<<(hashBits-c.shift)]
	sum, most := uint32(0), uint32(0)
	for i, count := range ends {
		ends[i] = sum
		sum += count
		most = max(most, count)
	}
	c.dealt = slices.Grow(c.dealt[:0], n+2)[:n+2]
	for _, h := range c.hashes {
		p := &ends[(h>>c.shift)%maxBuckets]
		c.dealt[*p] = h
		*p++
	}
	if most > fullBucket {
		start := uint32(0)
		for _, end := range ends {
			if end-start > fullBucket {
				slices.Sort(c.dealt[start:end])
			}
			start = end
		}
	}
	c.dealt[n], c.dealt[n+1] = 1<<64-1, 1<<64-1
	return mergeDealt(set, c.dealt)
}

// mergeDealt appends hashes that are nearly sorted, and two more at the end
// that are greater, to an empty set with room for them, sorted and each once.
//
// Two are held back and the least of three is taken each time. That puts almost
// all in order, and without a branch, as nothing could predict it.
func mergeDealt(set, dealt []uint64) []uint64 {
	set = set[:len(dealt)-1]
	a, b := min(dealt[0], dealt[1]), max(dealt[0], dealt[1])
	n, last := 0, uint64(1<<64-1)
	for _, h := range dealt[2:] {
		next := min(a, h)
		h = max(a, h)
		a, b = min(b, h), max(b, h)
		if next > last || n == 0 {
			set[n], last = next, next
			n++
		} else if next < last {
			i := n - 1
			for i > 0 && set[i-1] >= next {
				i--
			}
			if set[i] != next {
				copy(set[i+1:n+1], set[i:n])
				set[i] = next
				n++
			}
		}
	}
	return set[:n]
}
