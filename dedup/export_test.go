package dedup

import (
	"bytes"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
)

// Similarity returns how similar the stage takes two texts to be: 1 if they
// are the same, else the Jaccard similarity of their shingles.
func (d *Dedup) Similarity(a, b []byte) float64 {
	a, similarA := d.Texts(&corpus.Doc{Text: a})
	b, similarB := d.Texts(&corpus.Doc{Text: b})
	if bytes.Equal(a, b) {
		return 1
	}
	if d.c.Near.Off {
		return 0
	}
	x, xok := d.Shingles(nil, similarA)
	y, yok := d.Shingles(nil, similarB)
	if !xok || !yok {
		return 0
	}
	return sketch.Jaccard(x, y)
}
