package main

import "slices"

// A pair is two similar documents, by their places, a before b.
type pair struct {
	a, b    int
	jaccard float64
}

// similarPairs returns all pairs of sets whose Jaccard similarity is at least
// the threshold: exactly, by counting for every set how many elements it has in
// common with each one before it. Empty sets are similar to nothing.
func similarPairs(sets [][]uint64, threshold float64) (pairs []pair) {
	holders := map[uint64][]int32{} // of an element, in the order of the sets
	common := make([]int32, len(sets))
	for b, set := range sets {
		clear(common)
		for _, e := range set {
			for _, a := range holders[e] {
				common[a]++
			}
			holders[e] = append(holders[e], int32(b))
		}
		for a := range b {
			if common[a] == 0 {
				continue
			}
			j := float64(common[a]) / float64(len(sets[a])+len(set)-int(common[a]))
			if j >= threshold {
				pairs = append(pairs, pair{a, b, j})
			}
		}
	}
	return pairs
}

// asSets sorts the elements of every list and takes out repeated ones.
func asSets(lists [][]uint64) [][]uint64 {
	for i, l := range lists {
		slices.Sort(l)
		lists[i] = slices.Compact(l)
	}
	return lists
}

// accuracy is how a deduplication compares with all similar pairs.
type accuracy struct {
	pairs   int // similar ones
	found   int // of them, those of which not both were kept
	atLimit int // pairs less than 0.05 above the threshold, and those found
	foundAt int
	removed int // documents
	right   int // of them, those that a kept document is similar to, or the same as
}

func (a accuracy) recall() float64        { return share(a.found, a.pairs) }
func (a accuracy) recallAtLimit() float64 { return share(a.foundAt, a.atLimit) }
func (a accuracy) precision() float64     { return share(a.right, a.removed) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// judge holds the removals against the pairs. same gives each document the
// first one with the same text: a copy of it needs no shingles to be one.
func judge(pairs []pair, removed []bool, same []int, threshold float64) accuracy {
	a := accuracy{pairs: len(pairs)}
	right := make([]bool, len(removed))
	for _, p := range pairs {
		resolved := removed[p.a] || removed[p.b]
		if resolved {
			a.found++
		}
		if p.jaccard < threshold+0.05 {
			a.atLimit++
			if resolved {
				a.foundAt++
			}
		}
		right[p.a] = right[p.a] || !removed[p.b]
		right[p.b] = right[p.b] || !removed[p.a]
	}
	keptText := map[int]bool{}
	for i, gone := range removed {
		if !gone {
			keptText[same[i]] = true
		}
	}
	for i, gone := range removed {
		if gone {
			a.removed++
			if right[i] || keptText[same[i]] {
				a.right++
			}
		}
	}
	return a
}

// judgeFlags is [judge] for what flags every document that is like another: a
// pair is found if both are, and a flag is right if there is such a pair.
func judgeFlags(pairs []pair, flagged []bool, same []int, threshold float64) accuracy {
	a := accuracy{pairs: len(pairs)}
	right, copies := make([]bool, len(flagged)), map[int]int{}
	for _, p := range pairs {
		found := flagged[p.a] && flagged[p.b]
		right[p.a], right[p.b] = true, true
		if found {
			a.found++
		}
		if p.jaccard < threshold+0.05 {
			a.atLimit++
			if found {
				a.foundAt++
			}
		}
	}
	for _, first := range same {
		copies[first]++
	}
	for i, flag := range flagged {
		if flag {
			a.removed++
			if right[i] || copies[same[i]] > 1 {
				a.right++
			}
		}
	}
	return a
}
