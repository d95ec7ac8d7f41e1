package dedup

import (
	"bytes"
	"crypto/sha256"
	"math"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
)

// Dedup compares texts by fixed settings. It is safe for concurrent use.
type Dedup struct {
	c Config // with all defaults
	*sketch.Sketcher

	windowMask  uint64 // see windower
	sieveMemory int64  // of the sieve, if not what there is
}

// New returns a Dedup for valid settings.
func New(c Config) (*Dedup, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &Dedup{c: c.withDefaults(), windowMask: math.MaxUint64}
	d.Sketcher = sketch.New(sketch.Config{Ngram: d.c.Near.Ngram, Split: d.c.Near.Split, Permutations: d.c.Near.Permutations})
	return d, nil
}

// Similarity returns how similar the stage takes two texts to be: 1 if they
// are the same, else the Jaccard similarity of their shingles.
func (d *Dedup) Similarity(a, b []byte) float64 {
	a, b = d.c.Exact.Normalize(a), d.c.Exact.Normalize(b)
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
	return sketch.Jaccard(x, y)
}

// content returns the id by which texts are the same.
func (d *Dedup) content(text []byte) corpus.ID {
	h := sha256.Sum256(text)
	return corpus.ID(h[:16])
}
