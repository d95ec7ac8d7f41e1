package dedup

import (
	"math/bits"
	"slices"
)

const (
	// maxBuckets is the most buckets that sortSet deals hashes out to.
	maxBuckets = 1 << 13
	// fullBucket is how many hashes in one bucket show that they are not spread
	// evenly: there are many equal ones.
	fullBucket = 48
)

// sortSet sorts hashes and drops repeated ones, in place; the slice may move
// where its capacity is not twice its length. Hashes are spread evenly, so
// dealing them out by their first bits leaves little to sort.
func sortSet(set []uint64) []uint64 {
	n := len(set)
	if n < 32 {
		slices.Sort(set)
		return slices.Compact(set)
	}
	shift := 64 - min(bits.Len(uint(n)), bits.Len(maxBuckets)-1)
	set = slices.Grow(set, n)
	var counts [maxBuckets]uint32
	ends := counts[:1<<(64-shift)]
	for _, h := range set {
		ends[h>>shift]++
	}
	sum, most := uint32(0), uint32(0)
	for i, c := range ends {
		ends[i] = sum
		sum += c
		most = max(most, c)
	}
	dealt := set[n : 2*n]
	for _, h := range set {
		p := &ends[h>>shift]
		dealt[*p] = h
		*p++
	}
	if most > fullBucket {
		start := uint32(0)
		for _, end := range ends {
			if end-start > fullBucket {
				slices.Sort(dealt[start:end])
			}
			start = end
		}
	}
	return mergeSorted(set[:0], dealt)
}

// mergeSorted appends hashes that are nearly sorted to an empty set, sorted and
// each once. The memory of both may be the same.
func mergeSorted(set, dealt []uint64) []uint64 {
	set = set[:len(dealt)]
	set[0] = dealt[0]
	n := 1
	for _, h := range dealt[1:] {
		if last := set[n-1]; h > last {
			set[n] = h
			n++
		} else if h < last {
			i, found := n-1, false
			for i > 0 && set[i-1] >= h {
				i--
			}
			if found = set[i] == h; !found {
				copy(set[i+1:n+1], set[i:n])
				set[i] = h
				n++
			}
		}
	}
	return set[:n]
}
