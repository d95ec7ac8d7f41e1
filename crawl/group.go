package crawl

// Group divides units of these sizes, in their order, into shards. A shard ends with the
// unit that brings it to the limit. It returns where the shards end: sizes 3, 4, 9, 1
// with a limit of 5 give 2, 3, 4, the shards 3+4, 9 and 1. Sizes count as 1 at least,
// so that a million empty repositories do not make one shard.
func Group(sizes []int64, limit int64) (ends []int) {
	sum := int64(0)
	for i, n := range sizes {
		if sum += max(n, 1); sum >= limit {
			ends = append(ends, i+1)
			sum = 0
		}
	}
	if sum > 0 {
		ends = append(ends, len(sizes))
	}
	return ends
}
