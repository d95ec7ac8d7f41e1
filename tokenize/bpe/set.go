package bpe

import (
	"slices"
	"unicode"
)

// A runeRange holds the code points lo to hi, both included.
type runeRange struct{ lo, hi rune }

// A runeSet is sorted and holds no overlapping or touching ranges.
type runeSet []runeRange

// normalize sorts and joins ranges into a set.
func normalize(ranges []runeRange) runeSet {
	slices.SortFunc(ranges, func(a, b runeRange) int { return int(a.lo - b.lo) })
	var set runeSet
	for _, r := range ranges {
		if n := len(set); n > 0 && r.lo <= set[n-1].hi+1 {
			set[n-1].hi = max(set[n-1].hi, r.hi)
		} else {
			set = append(set, r)
		}
	}
	return set
}

func union(sets ...runeSet) runeSet { return normalize(slices.Concat(sets...)) }

func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, runeRange{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, runeRange{next, unicode.MaxRune})
	}
	return out
}

func (s runeSet) minus(t runeSet) runeSet {
	return union(s.complement(), t).complement()
}

func (s runeSet) has(r rune) bool {
	i, found := slices.BinarySearchFunc(s, r, func(e runeRange, r rune) int { return int(e.lo - r) })
	return found || i > 0 && s[i-1].hi >= r
}
