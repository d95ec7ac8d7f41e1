package dedup

import (
	"bytes"
	"crypto/sha256"
	"math"
	"sync"

	"github.com/codemill/codemill/corpus"
)

// Dedup compares texts by fixed settings. It is safe for concurrent use.
type Dedup struct {
	c    Config    // with all defaults
	pool sync.Pool // of *shingler
	bins sync.Pool // of *[]uint64, for fss

	windowMask  uint64 // see windower
	sieveMemory int64  // of the sieve, if not what there is
}

// New returns a Dedup for valid settings.
func New(c Config) (*Dedup, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &Dedup{c: c.withDefaults(), windowMask: math.MaxUint64}
	d.pool.New = func() any { return new(shingler) }
	d.bins.New = func() any {
		bins := make([]uint64, d.c.Near.Permutations)
		return &bins
	}
	return d, nil
}

// Shingles returns the hashes of a text's shingles, the runs of Near.Ngram
// tokens, sorted and each once. It writes over set, whose memory it may use.
// The set is empty for a text with too few tokens to make a shingle, and false
// is returned for one with more than [MaxShingles].
//
// What a token is depends on Near.Split:
//
//   - code: a run of letters, digits, underscores and non-ASCII characters, or
//     a run of other visible characters, such as ":=" or "});". White space
//     only separates.
//   - stack-v1: what stands between characters other than [A-Za-z_0-9], empty
//     where two of these follow each other or one begins or ends the text, as
//     The Stack v1's code has it (bigcode-dataset, near_deduplication,
//     minhash_deduplication.py). A text of fewer than 5 tokens has no shingle,
//     however short these are.
//   - stack-v2: what stands between characters that are not \w in the
//     lower-cased text, empty likewise, as The Stack v2's code has it
//     (near_deduplication/bigcode-v2/intra_dedup.py). A text of fewer than 5
//     tokens has no shingle, one of 5 and more and fewer than Near.Ngram a
//     single one of them all. Letters and their cases are those of the Unicode
//     version of Go's tables, as there they are those of Python's.
//   - chars: a single character, white space included.
func (d *Dedup) Shingles(set []uint64, text []byte) ([]uint64, bool) {
	s := d.pool.Get().(*shingler)
	defer d.pool.Put(s)
	s.reset(d.c.Near.Ngram, len(text))
	switch d.c.Near.Split {
	case SplitCode:
		s.code(text)
		s.flush()
	case SplitStackV1:
		s.stackV1(text)
	case SplitStackV2:
		s.stackV2(text)
	case SplitChars:
		s.chars(text)
		s.flush()
	}
	if set = s.sorted(set[:0]); s.full || len(set) > MaxShingles {
		return set[:0], false
	}
	return set, true
}

// Sign writes the sketch of a set of shingles over sketch. The set must not be
// empty; sketches of other lengths or settings are not comparable.
func (d *Dedup) Sign(sketch []uint16, set []uint64) []uint16 {
	k := d.c.Near.Permutations
	if cap(sketch) < k {
		sketch = make([]uint16, k)
	}
	sketch = sketch[:k]
	if d.c.Near.Sketch == MinHash {
		minhash(sketch, set)
	} else {
		bins := d.bins.Get().(*[]uint64)
		fss(sketch, set, *bins)
		d.bins.Put(bins)
	}
	return sketch
}

// Estimate returns the Jaccard similarity of two sets as their sketches have
// it. Its standard error is sqrt(J(1-J)/Permutations) at most.
func Estimate(a, b []uint16) float64 { return float64(agree(a, b)) / float64(len(a)) }

// Similarity returns how similar the stage takes two texts to be: 1 if they
// are the same, else the Jaccard similarity of their shingles.
func (d *Dedup) Similarity(a, b []byte) float64 {
	a, b = d.c.Exact.normalize(a), d.c.Exact.normalize(b)
	if bytes.Equal(a, b) {
		return 1
	}
	if d.c.Near.Off {
		return 0
	}
	x, xok := d.Shingles(nil, a)
	y, yok := d.Shingles(nil, b)
	if !xok || !yok {
		return 0
	}
	return Jaccard(x, y)
}

// content returns the id by which texts are the same.
func (d *Dedup) content(text []byte) corpus.ID {
	h := sha256.Sum256(text)
	return corpus.ID(h[:16])
}
