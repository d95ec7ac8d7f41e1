package near

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/codemill/codemill/dedup/sketch"
)

// Config is how near-duplicates are found.
type Config struct {
	Off bool `yaml:"off"` // compare exactly only
	// Threshold is the Jaccard similarity from which on the worse of two
	// documents is dropped, above 0 and at most 1. Default 0.7, The Stack's
	// (v1, v2 and v3: bigcode-dataset, near_deduplication).
	Threshold float64 `yaml:"threshold"`
	// Ngram is how many tokens make a shingle, 1 to 64. Default 5, The Stack's.
	Ngram int `yaml:"ngram"`
	// Split is how a text is cut into tokens: "code" (default), "stack-v1",
	// "stack-v2" or "chars"; see [sketch.Sketcher.Shingles].
	Split string `yaml:"split"`
	// WithLicenseHeader compares texts with the notices of copyright and licence in
	// their leading comments. By default these do not count: small files of a
	// project would be similar by theirs alone. What then has too few tokens for
	// one shingle, such as a file of nothing else, is compared exactly only.
	WithLicenseHeader bool `yaml:"with_license_header"`
	// Permutations is the number of values of a sketch, 8 to 4096. Default 256.
	Permutations int `yaml:"permutations"`
	// Bands is how many bands a sketch is cut into, Rows of how many values each;
	// their product is at most Permutations. Default: the most rows with which
	// 0.99 of the pairs at the threshold still become candidates, and as many
	// bands as fit; at threshold 0.7 that is 42 bands of 6 rows.
	Bands int `yaml:"bands"`
	Rows  int `yaml:"rows"`
	// BucketCap is the size of a bucket, the documents with the same band, up to
	// which they are compared all with all, 2 to 65536. In a larger bucket each is
	// compared with at most this many of the better ones that are kept, a sample
	// in which each has the same chance. Default 256.
	BucketCap int `yaml:"bucket_cap"`
}

// wantRecall is the share of pairs at the threshold that the default bands
// let through at least.
const wantRecall = 0.99

// leastRecall is what bands that somebody asks for must let through at the
// threshold: below it most of what is looked for would be missed.
const leastRecall = 0.5

// SCurve returns the probability that two documents of Jaccard similarity s become
// candidates: that they agree in all rows of at least one band. It is
// 1-(1-s^rows)^bands; with 42 bands of 6 rows it is 0.995 at 0.7 and 0.03 at 0.3.
func SCurve(s float64, bands, rows int) float64 {
	return -math.Expm1(float64(bands) * math.Log1p(-math.Pow(s, float64(rows))))
}

// WithDefaults returns the settings with everything filled in, so that equal
// behaviour has equal fingerprints. It expects valid ones.
func (n Config) WithDefaults() Config {
	if n.Off {
		return Config{Off: true}
	}
	n.Threshold = cmp.Or(n.Threshold, 0.7)
	n.Ngram = cmp.Or(n.Ngram, 5)
	n.Split = cmp.Or(n.Split, sketch.SplitCode)
	n.Permutations = cmp.Or(n.Permutations, 256)
	n.BucketCap = cmp.Or(n.BucketCap, 256)
	switch {
	case n.Bands == 0 && n.Rows == 0:
		n.Bands, n.Rows = chooseBands(n.Threshold, n.Permutations)
	case n.Rows == 0:
		n.Rows = n.Permutations / n.Bands
	case n.Bands == 0:
		n.Bands = n.Permutations / n.Rows
	}
	return n
}

// chooseBands returns the most rows, with the bands that fit, that still make
// candidates of wantRecall of the pairs at the threshold.
func chooseBands(threshold float64, permutations int) (bands, rows int) {
	for rows = permutations; rows > 1; rows-- {
		if bands = permutations / rows; SCurve(threshold, bands, rows) >= wantRecall {
			return bands, rows
		}
	}
	return permutations, 1
}

// Validate reports the first setting that makes no sense, by its key.
func (n Config) Validate() error {
	if n.Off {
		return nil
	}
	if t := n.Threshold; t != 0 && !(t > 0 && t <= 1) {
		return fmt.Errorf("near.threshold: %v is not above 0 and at most 1", t)
	}
	full := n.WithDefaults()
	for _, k := range []struct {
		key              string
		value, low, high int
	}{
		{"ngram", full.Ngram, 1, sketch.MaxNgram},
		{"permutations", full.Permutations, 8, 4096},
		{"bucket_cap", full.BucketCap, 2, 1 << 16},
		{"bands", n.Bands, 0, full.Permutations}, // 0 asks for the default
		{"rows", n.Rows, 0, full.Permutations},
	} {
		if k.value < k.low || k.value > k.high {
			return fmt.Errorf("near.%s: %d is not in %d to %d", k.key, k.value, k.low, k.high)
		}
	}
	if !slices.Contains(sketch.Splits(), full.Split) {
		return fmt.Errorf("near.split: %q is not one of %s", full.Split, strings.Join(sketch.Splits(), ", "))
	}
	return full.validateBands()
}

func (n Config) validateBands() error {
	if n.Bands*n.Rows > n.Permutations {
		return fmt.Errorf("near.bands: %d bands of %d rows need %d permutations, there are %d", n.Bands, n.Rows, n.Bands*n.Rows, n.Permutations)
	}
	if p := SCurve(n.Threshold, n.Bands, n.Rows); p < leastRecall {
		bands, rows := chooseBands(n.Threshold, n.Permutations)
		return fmt.Errorf("near.rows: %d bands of %d rows find only %.2g %% of the pairs at the threshold %v, want %v %% at least; %d bands of %d rows find %.3g %%",
			n.Bands, n.Rows, 100*p, n.Threshold, 100*leastRecall, bands, rows, 100*SCurve(n.Threshold, bands, rows))
	}
	return nil
}
