package charset

import (
	"slices"
	"unicode"
)

// A Range holds the code points Lo to Hi, both included.
type Range struct{ Lo, Hi rune }

// A Set is sorted and holds no overlapping or touching ranges.
type Set []Range

// NewSet sorts and joins ranges into a set.
func NewSet(ranges []Range) Set {
	slices.SortFunc(ranges, func(a, b Range) int { return int(a.Lo - b.Lo) })
	var set Set
	for _, r := range ranges {
		if n := len(set); n > 0 && r.Lo <= set[n-1].Hi+1 {
			set[n-1].Hi = max(set[n-1].Hi, r.Hi)
		} else {
			set = append(set, r)
		}
	}
	return set
}

// Union has the characters that are in any of the sets.
func Union(sets ...Set) Set { return NewSet(slices.Concat(sets...)) }

// Complement has the code points that are not in s.
func (s Set) Complement() Set {
	var out Set
	next := rune(0)
	for _, r := range s {
		if r.Lo > next {
			out = append(out, Range{next, r.Lo - 1})
		}
		next = r.Hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, Range{next, unicode.MaxRune})
	}
	return out
}

// Minus has the characters of s that are not in t.
func (s Set) Minus(t Set) Set {
	return Union(s.Complement(), t).Complement()
}

// Has tells that r is in s.
func (s Set) Has(r rune) bool {
	i, found := slices.BinarySearchFunc(s, r, func(e Range, r rune) int { return int(e.Lo - r) })
	return found || i > 0 && s[i-1].Hi >= r
}
