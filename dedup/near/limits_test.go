package near

import (
	"testing"

	"github.com/codemill/codemill/dedup/sketch"
)

// What outcomes, records and memory follow from: by others, old ones are not read.
func TestConstants(t *testing.T) {
	if Version != 1 || bandSorters != 16 || sizeStep != 1.1 || wantRecall != 0.99 || leastRecall != 0.5 || bitsPerKey != 16 || prefilter != 5 {
		t.Error("a constant of what is found was changed")
	}
	if contentKeySize != 20 || pairSize != 8 || bandSize != 13 || hotMemberSize != 12 || changeSize != 21 || outcomeSize != 25 {
		t.Error("the size of a record was changed")
	}
	if statePerUnit != 9 || verifierMemory != 32*sketch.MaxShingles+8<<20 || leastSorting != 16<<20 || heldBytes != 8<<20 || heldSets != 64 ||
		heldSetSize != 1<<15 || minSketch != 256 || blockDocs != 1024 || blockCandidates != 1<<18 || hotBucketMemory != 120 {
		t.Error("a constant of memory was changed")
	}
}

// Every range holds its ends and nothing beyond them.
func TestLimitsOfSettings(t *testing.T) {
	for _, c := range []struct {
		config Config
		good   bool
	}{
		{Config{Threshold: 0.01}, true},
		{Config{Threshold: 1}, true},
		{Config{Threshold: 1.001}, false},
		{Config{Threshold: -0.001}, false},
		{Config{Ngram: 64}, true},
		{Config{Ngram: 65}, false},
		{Config{Ngram: 1}, true},
		{Config{Permutations: 8}, true},
		{Config{Permutations: 7}, false},
		{Config{Permutations: 4096}, true},
		{Config{Permutations: 4097}, false},
		{Config{BucketCap: 2}, true},
		{Config{BucketCap: 1}, false},
		{Config{BucketCap: 1 << 16}, true},
		{Config{BucketCap: 1<<16 + 1}, false},
		{Config{Bands: 256, Rows: 1}, true},
		{Config{Bands: 257, Rows: 1}, false},
		{Config{Threshold: 1, Bands: 1, Rows: 256}, true},
		{Config{Threshold: 1, Bands: 1, Rows: 257}, false},
		{Config{Threshold: 0.5, Bands: 1, Rows: 1}, true}, // half of them
		{Config{Threshold: 0.499, Bands: 1, Rows: 1}, false},
		{Config{Bands: 32, Rows: 8}, true},
		{Config{Bands: 33, Rows: 8}, false},
		{Config{Off: true, Ngram: 65}, true},
	} {
		if err := c.config.Validate(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
	for _, c := range []struct{ bands, rows, wantBands, wantRows int }{
		{0, 0, 42, 6}, {32, 0, 32, 8}, {0, 5, 51, 5}, {20, 4, 20, 4},
	} {
		if n := (Config{Bands: c.bands, Rows: c.rows}).WithDefaults(); n.Bands != c.wantBands || n.Rows != c.wantRows {
			t.Errorf("%+v: %d bands of %d rows", c, n.Bands, n.Rows)
		}
	}
}

// Two sets as large as the threshold lets them differ are within reach.
func TestReach(t *testing.T) {
	for _, threshold := range []float64{1, 0.9, 0.7, 0.5, 0.1, 0.001} {
		for n := 1.0; n < 1e6; n *= 1.37 {
			if a, b := int(sizeClass(n)), int(sizeClass(n/threshold)); b-a > int(reach(threshold)) {
				t.Errorf("threshold %v: sets of %v and %v are not compared", threshold, n, n/threshold)
			}
		}
	}
	if sizeClass(1) != 0 || sizeClass(1e12) != 255 || reach(1) != 2 || reach(0.7) != 5 || reach(1e-12) != 255 {
		t.Error(sizeClass(1), sizeClass(1e12), reach(1), reach(0.7), reach(1e-12))
	}
}
