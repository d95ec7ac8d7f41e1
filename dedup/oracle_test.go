package dedup_test

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
)

// defaultOrder compares documents by the default survivor order, written out once more.
// shingles says how many different ones a document has.
func defaultOrder(shingles func(*corpus.Doc) int) func(a, b *corpus.Doc) int {
	return func(a, b *corpus.Doc) int { return compareDocs(a, b, shingles(a), shingles(b)) }
}

func compareDocs(a, b *corpus.Doc, ofA, ofB int) int {
	class := map[string]int{corpus.Permissive: 0, corpus.Copyleft: 2, corpus.Restricted: 3, corpus.UnknownLicense: 1, corpus.NoLicense: 1}
	created := func(d *corpus.Doc) int64 {
		if d.CreatedAt == 0 {
			return math.MaxInt64
		}
		return d.CreatedAt
	}
	return cmp.Or(
		cmp.Compare(class[a.LicenseType], class[b.LicenseType]),
		cmp.Compare(b.Stars, a.Stars), cmp.Compare(b.Forks, a.Forks), cmp.Compare(created(a), created(b)),
		cmp.Compare(ofB, ofA), cmp.Compare(len(a.Path), len(b.Path)), bytes.Compare(a.ContentID[:], b.ContentID[:]), bytes.Compare(a.ID[:], b.ID[:]),
	)
}

// setsOf returns the set of shingles of a document, which it remembers.
func setsOf(t testing.TB, c dedup.Config) func(*corpus.Doc) []uint64 {
	d, err := dedup.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return remembered(func(doc *corpus.Doc) []uint64 {
		_, text := d.Texts(doc)
		set, ok := d.Shingles(nil, text)
		if !ok {
			t.Fatal("document too long for the oracle")
		}
		return set
	})
}

func remembered(sets func(*corpus.Doc) []uint64) func(*corpus.Doc) []uint64 {
	known := map[corpus.ID][]uint64{}
	return func(doc *corpus.Doc) []uint64 {
		set, ok := known[doc.ID]
		if !ok {
			set = sets(doc)
			known[doc.ID] = set
		}
		return set
	}
}

// oracle does what the package comment says by comparing all with all. It
// counts what the documents share by lists of the documents of each shingle.
type oracle struct {
	want  map[corpus.ID]outcome
	pairs map[[2]corpus.ID]float64 // all similar ones, the better first
}

func newOracle(t testing.TB, c dedup.Config, docs []*corpus.Doc) *oracle {
	return oracleOf(c, docs, setsOf(t, c))
}

// oracleOf is newOracle for documents whose sets of shingles are known.
func oracleOf(c dedup.Config, docs []*corpus.Doc, setOf func(*corpus.Doc) []uint64) *oracle {
	threshold := cmp.Or(c.Near.Threshold, 0.7)
	ranked := slices.SortedFunc(slices.Values(docs), defaultOrder(func(d *corpus.Doc) int { return len(setOf(d)) }))
	o := &oracle{want: map[corpus.ID]outcome{}, pairs: map[[2]corpus.ID]float64{}}
	posts := map[uint64][]int{}
	sizes := make([]int, len(ranked))
	kept := make([]bool, len(ranked))
	sameAs := map[corpus.ID]int{}
	drop := func(doc *corpus.Doc, reason corpus.Reason, k int, s float64) {
		survivor := o.want[ranked[k].ID]
		survivor.copies++
		o.want[ranked[k].ID] = survivor
		o.want[doc.ID] = outcome{reason, ranked[k].ID, s, 0}
	}
	for i, doc := range ranked {
		first, again := sameAs[doc.ContentID]
		if again && kept[first] {
			drop(doc, dedup.ExactDuplicate, first, 1)
			continue
		} else if again {
			of := o.want[ranked[first].ID]
			k := slices.IndexFunc(ranked, func(d *corpus.Doc) bool { return d.ID == of.survivor })
			drop(doc, dedup.NearDuplicate, k, of.similarity)
			continue
		}
		sameAs[doc.ContentID] = i
		set := setOf(doc)
		sizes[i] = len(set)
		shared := make([]int, i)
		for _, h := range set {
			for _, k := range posts[h] {
				shared[k]++
			}
			posts[h] = append(posts[h], i)
		}
		kept[i] = true
		o.want[doc.ID] = outcome{copies: 1}
		for k, n := range shared {
			s := float64(n) / float64(len(set)+sizes[k]-n)
			if n == 0 || s < threshold {
				continue
			}
			o.pairs[[2]corpus.ID{ranked[k].ID, doc.ID}] = s
			if kept[i] && kept[k] {
				kept[i] = false
				drop(doc, dedup.NearDuplicate, k, s)
			}
		}
	}
	return o
}
