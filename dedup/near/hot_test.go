package near

import (
	"slices"
	"testing"

	"github.com/codemill/codemill/dedup/sketch"
)

// Of a hot bucket each that was kept has the same chance to be compared with,
// wherever it stands in the order; the choice depends on the bucket alone.
func TestHotBucketIsUnbiased(t *testing.T) {
	const members, limit, buckets = 5000, 64, 500
	var parts [10]int // how many of each tenth of the members were chosen
	for key := range uint64(buckets) {
		var c hotBucket
		c.key = sketch.Mix(key, 2)
		added := 0
		for rank := range uint32(members) {
			added += c.keep(rank, limit)
		}
		if added != limit || len(c.kept) != limit || !slices.IsSorted(c.kept) {
			t.Fatalf("%d added, kept %v", added, c.kept)
		}
		var priorities []uint64
		for rank := range uint32(members) {
			priorities = append(priorities, c.priority(rank))
		}
		slices.Sort(priorities)
		for _, rank := range c.kept {
			parts[rank*10/members]++
			if c.priority(rank) > priorities[limit-1] {
				t.Fatalf("%d was chosen with a greater priority than others", rank)
			}
		}
	}
	// A tenth is 3200 with a standard deviation of 54.
	for i, n := range parts {
		if want := limit * buckets / len(parts); n < want*9/10 || n > want*11/10 {
			t.Errorf("of the tenth %d %d were chosen, want about %d", i, n, want)
		}
	}
}
