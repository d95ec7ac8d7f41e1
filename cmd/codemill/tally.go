package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// sorted returns the keys of a map, sorted.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// counter counts by name.
type counter map[string]int64

// top prints the n most frequent, and how many more there are: "Go 120, C 8, 3 more".
func (c counter) top(n int) string {
	names := slices.SortedFunc(maps.Keys(c), func(x, y string) int { return cmp.Or(cmp.Compare(c[y], c[x]), cmp.Compare(x, y)) })
	var list []string
	for _, k := range names[:min(n, len(names))] {
		list = append(list, fmt.Sprintf("%s %s", name(k), number(c[k])))
	}
	if rest := len(names) - n; rest > 0 {
		list = append(list, fmt.Sprintf("%d more", rest))
	}
	return strings.Join(list, ", ")
}

// histogram prints how values are distributed, in ten steps of equal width, the largest
// value in the last; where all are the same it prints that. Bars are relative to the
// longest, of 40 signs, and a step that is not empty has one at least. values must not be
// empty, and they must be finite.
func histogram(out io.Writer, title string, values []float64) {
	lo, hi := slices.Min(values), slices.Max(values)
	if lo == hi {
		fmt.Fprintf(out, "%s: all %d at %.6g\n", title, len(values), lo)
		return
	}
	const steps = 10
	var counts [steps]int
	for _, v := range values {
		counts[min(steps-1, int(float64(steps)*(v-lo)/(hi-lo)))]++
	}
	most := slices.Max(counts[:])
	fmt.Fprintf(out, "%s: %d values from %.6g to %.6g\n", title, len(values), lo, hi)
	for i, n := range counts {
		from := lo + float64(i)*(hi-lo)/steps
		fmt.Fprintf(out, "  %12.6g  %8d  %s\n", from, n, strings.Repeat("#", (n*40+most-1)/most))
	}
}
