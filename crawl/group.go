package crawl

// Group puts consecutive units of these sizes into shards, each of which ends
// when it has reached the limit. It returns where the shards end. Sizes count
// as 1 at least, so that a million empty repositories do not make one shard.
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
