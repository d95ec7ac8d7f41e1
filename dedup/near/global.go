package near

import (
	"context"
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
)

// global is the phase over all documents. They are known by their index, in
// the order of their positions, or by their rank in the survivor order.
type global struct {
	in Input
	*units.All
	indexed uint32 // documents of the index; they have the first ranks
	sorting units.Sorting
	readers int // verifiers at once

	rankOf []uint32 // by index; nil once the bands are written
	docOf  []uint32 // index by rank
	copied bitmap   // by rank: the same as a better one
	gone   bitmap   // by rank: dropped as a near-duplicate

	entries, sketches, sets *units.Shelf

	pairs    *extsort.Sorter // of pair: with each better candidate
	hot      *extsort.Sorter // of hotMember
	copies   *extsort.Sorter // of pair: with each copy
	outcomes *extsort.Sorter // of outcome
	found    Found
}

type bitmap []uint64

func newBitmap(n int64) bitmap     { return make(bitmap, (n+63)/64) }
func (b bitmap) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bitmap) has(i uint32) bool { return b[i/64]>>(i%64)&1 != 0 }

const (
	statePerDoc    = 8 + 1 // bytes: two ranks, two bits, rounded up
	verifierMemory = 4*8*sketch.MaxShingles + 8<<20
	leastSorting   = 16 << 20
)

// Input is what is decided on, and the means for it.
type Input struct {
	Near    Config // with defaults
	Order   *units.Order
	Own     []units.Shard // the run's units
	Indexed []units.Shard // those of the index that they are compared with
	Repos   bool          // units are repositories

	Workers int
	Memory  int64
	Scratch extsort.Files

	// SieveMemory bounds the sieve of the index's bands; 0 means a sixteenth of
	// what sorting has. It changes nothing of the output.
	SieveMemory int64
}

// Found is what is found besides the outcomes: see Summary.
type Found struct {
	Documents         int64
	Indexed           int64
	Exact             int64
	Near              int64
	SplitRepositories int64
	Candidates        int64
	Estimated         int64
	Verified          int64
	HotBuckets        int64
	HotMembers        int64
	LargestBucket     int64
}

// newGlobal lays out the phase within the memory.
func newGlobal(in Input) (*global, error) {
	all, err := units.NewAll(in.Own, in.Indexed)
	if err != nil {
		return nil, err
	}
	g := &global{in: in, All: all}
	fresh, n := all.Starts[all.Own], all.Count()
	free := in.Memory - n*statePerDoc
	if free < leastSorting+verifierMemory {
		return nil, fmt.Errorf("comparing %d documents needs a memory of %d MiB at least, --memory gives %d MiB",
			n, (n*statePerDoc+leastSorting+verifierMemory)>>20+1, in.Memory>>20)
	}
	g.readers = int(max(1, min(int64(in.Workers), free/2/verifierMemory)))
	g.sorting = units.Sorting{Memory: free - int64(g.readers)*verifierMemory, Scratch: in.Scratch}
	g.copied, g.gone = newBitmap(n), newBitmap(n)
	g.indexed = uint32(n - fresh)
	g.entries, g.sketches, g.sets = units.NewShelf(g.Shards, units.EntriesExt, units.OpenFiles), units.NewShelf(g.Shards, units.SketchesExt, units.OpenFiles), units.NewShelf(g.Shards, units.SetsExt, units.OpenFiles)
	g.pairs, g.hot, g.copies, g.outcomes = g.sorting.Sorter(pairSize, 8), g.sorting.Sorter(hotMemberSize, 16), g.sorting.Sorter(pairSize, 16), g.sorting.Sorter(outcomeSize, 8)
	g.found.Documents, g.found.Indexed = fresh, n-fresh
	return g, nil
}

func (g *global) close() {
	for _, s := range []*units.Shelf{g.entries, g.sketches, g.sets} {
		s.Close()
	}
	for _, s := range []*extsort.Sorter{g.pairs, g.hot, g.copies, g.outcomes} {
		s.Close()
	}
}

func (g *global) ranks(ctx context.Context) (err error) {
	g.rankOf, g.docOf, err = g.Rank(ctx, g.in.Workers, g.in.Order, g.sorting)
	return err
}

// run decides on all documents. The outcomes are then there to be read.
func (g *global) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{g.ranks, g.splits, g.exact, g.bands, g.decide} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// exact finds the documents that are the same as a better one.
func (g *global) exact(ctx context.Context) error {
	s := g.sorting.Sorter(contentKeySize, 2)
	defer s.Close()
	sorted, err := g.SortEntries(ctx, g.in.Workers, len(g.Shards), s, func(b []byte, index uint32, _ int, e *units.Entry) []byte {
		return contentKey{e.ContentID, g.rankOf[index]}.append(b)
	})
	if err != nil {
		return err
	}
	copies := units.Batch{To: g.copies}
	var content corpus.ID
	best := int64(-1) // of the documents with this content
	for r, err := range sorted.All() {
		if err != nil {
			return err
		}
		k := parseContentKey(r)
		if best < 0 || k.id != content {
			content, best = k.id, int64(k.rank)
		} else {
			g.copied.set(k.rank)
			if k.rank < g.indexed {
				continue
			}
			copies.Buf = pair{uint32(best), k.rank}.append(copies.Buf)
			if err := copies.Done(false); err != nil {
				return err
			}
		}
	}
	return copies.Done(true)
}

// pos returns the position of a document, for one of the index that of indexPos.
func (g *global) pos(rank uint32) (corpus.Pos, error) {
	shard, at := g.Find(g.docOf[rank])
	if shard >= g.Own {
		return units.IndexPos(shard-g.Own, at), nil
	}
	var b [4]byte
	if err := g.entries.ReadAt(shard, b[:], at*units.EntrySize); err != nil {
		return 0, err
	}
	return corpus.At(shard, int64(be32(b[:]))), nil
}

// drop writes down that a document is dropped for a survivor, which stands at a
// position, and that this stands for one more, unless it is of the index.
func (g *global) drop(out *units.Batch, kind byte, rank, survivor uint32, at corpus.Pos, similarity float64) error {
	o := outcome{g.docOf[rank], kind, at, similarity}
	out.Buf = o.append(out.Buf)
	if survivor >= g.indexed {
		o = outcome{index: g.docOf[survivor], kind: StandsFor}
		out.Buf = o.append(out.Buf)
	}
	return out.Done(false)
}

// sortedSet sorts ranks and drops repeated ones.
func sortedSet(ranks []uint32) []uint32 {
	slices.Sort(ranks)
	return slices.Compact(ranks)
}
