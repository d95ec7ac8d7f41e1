// Package nearest finds what a misspelt name was meant to be.
package nearest

import "strings"

// Name returns the candidate that differs least from name, of several the first, and
// whether that is near enough to be what was meant. Without candidates it is "".
//
// They may differ in a third of the name's letters, or in two. Case does not count. A
// candidate that begins or ends with a name of over three letters differs in two at most:
// "line_length" may mean "max_line_length".
func Name(name string, candidates []string) (best string, near bool) {
	least := 0
	for _, c := range candidates {
		d := distance(strings.ToLower(name), strings.ToLower(c))
		if len(name) > 3 && (strings.HasPrefix(c, name) || strings.HasSuffix(c, name)) {
			d = min(d, 2)
		}
		if best == "" || d < least {
			best, least = c, d
		}
	}
	return best, best != "" && least <= max(2, len(name)/3) && least < max(len(name), len(best))
}

// distance counts insertions, deletions, replacements and swaps of neighbours that turn a
// into b (the restricted Damerau-Levenshtein distance), in bytes. It takes time that grows
// with len(a)·len(b), and the memory of three rows of the table.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev2, prev, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		rows = [3][]int{prev, row, prev2}
	}
	return rows[1][len(b)]
}
