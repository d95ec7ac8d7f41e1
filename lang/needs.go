package lang

import (
	"regexp/syntax"
	"unicode"
)

// What is worth looking for before an automaton reads a text: to find so few strings
// of this length takes a fraction of the time.
const (
	mostNeeds  = 6
	leastBytes = 3
)

// needs returns strings of which every text has one that an expression matches; none
// where there are no such strings, or they are too many or too short.
func needs(expr string) [][]byte {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	return needsOf(re)
}

func needsOf(re *syntax.Regexp) [][]byte {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && unicode.SimpleFold(r) != r || r == unicode.ReplacementChar {
				return nil // in another case; or of bytes that are no UTF-8
			}
		}
		if s := []byte(string(re.Rune)); len(s) >= leastBytes {
			return [][]byte{s}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needsOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needsOf(re.Sub[0])
		}
	case syntax.OpConcat:
		var best [][]byte
		for _, sub := range re.Sub {
			if list := needsOf(sub); list != nil && (best == nil || len(list) < len(best) || len(list) == len(best) && shortest(list) > shortest(best)) {
				best = list
			}
		}
		return best
	case syntax.OpAlternate:
		var all [][]byte
		for _, sub := range re.Sub {
			list := needsOf(sub)
			if list == nil || len(all)+len(list) > mostNeeds {
				return nil
			}
			all = append(all, list...)
		}
		return all
	}
	return nil
}

// shortest is the length of the shortest of some strings.
func shortest(list [][]byte) int {
	n := len(list[0])
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}
