package mix

import (
	"cmp"
	"math"
	"slices"
)

// allocate divides a total in proportion to weights, but gives none more than its cap.
// What one cannot take goes to the others, in proportion to their weights. With a total
// of 100, weights 1, 1, 2 and caps 10, 100, 100 the quotas are 10, 30, 60.
//
// The quotas add up to the total exactly, or to the caps of those with a positive
// weight where these come to less. Rounding is by largest remainder, of equal ones the
// earlier first.
func allocate(total int64, weights []float64, caps []int64) []int64 {
	quotas := make([]int64, len(weights))
	var open []int
	for i, w := range weights {
		if w > 0 && caps[i] > 0 {
			open = append(open, i)
		}
	}
	rest, exact := total, make([]float64, len(weights))
	for {
		sum := 0.0
		for _, i := range open {
			sum += weights[i]
		}
		full := false
		share := float64(rest) / sum
		open = slices.DeleteFunc(open, func(i int) bool {
			exact[i] = weights[i] * share
			if exact[i] < float64(caps[i]) {
				return false
			}
			quotas[i], rest, full = caps[i], rest-caps[i], true
			return true
		})
		if !full {
			break
		}
		rest = max(rest, 0)
	}
	for _, i := range open {
		quotas[i] = int64(exact[i])
		rest -= quotas[i]
	}
	slices.SortStableFunc(open, func(a, b int) int {
		return cmp.Compare(exact[b]-math.Floor(exact[b]), exact[a]-math.Floor(exact[a]))
	})
	for rest > 0 && len(open) > 0 {
		open = slices.DeleteFunc(open, func(i int) bool {
			if rest > 0 {
				quotas[i]++
				rest--
			}
			return quotas[i] >= caps[i]
		})
	}
	return quotas
}

// fitting returns the largest total that can be divided in proportion to weights with
// nothing going beyond its cap. Those with a cap of 0 do not take part: they have no
// documents, and would make it 0.
func fitting(weights []float64, caps []int64) int64 {
	sum, least := 0.0, math.Inf(1)
	for i, w := range weights {
		if w > 0 && caps[i] > 0 {
			sum += w
		}
	}
	for i, w := range weights {
		if w > 0 && caps[i] > 0 {
			least = min(least, float64(caps[i])*sum/w)
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return int64(least)
}
