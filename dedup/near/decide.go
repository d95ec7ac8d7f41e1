// Package near decides which units are the same as a better one, or similar to it.
//
// Documents that agree in a band of their sketches are candidates; bands are
// chosen for recall ([SCurve]), because a candidate costs little: the sketches
// rule most of them out, and the sets decide. Similar documents that share no
// band are missed (one in 200 at the default threshold, fewer the more similar
// they are), and so is one whose sketches differ by five standard errors more
// than the threshold allows.
//
// Candidates are looked at in the order of the documents and only where the
// better one was kept, so a family of thousands of copies costs one comparison
// a member. In a bucket of more than Config.BucketCap documents, a hot one, each
// is compared with that many of those that were kept at most, a priority sample,
// which gives each of them the same chance; the summary says how many such
// buckets there were.
//
// # Memory
//
// 8 bytes and two bits a document are held, and 4 bytes and less for every
// document kept of a hot bucket. All else — order, bands, candidates, outcomes —
// is fixed-width records sorted by internal/extsort within what is left of the
// memory. Bands of the index are sorted only where they may meet one of this run,
// by a sieve in memory.
//
// # Files
//
//	config.go     Config, the S-curve, how bands are chosen
//	decide.go     Decide, top to bottom: ranks, exact copies, candidates, walk
//	bands.go      bands into buckets, buckets into candidates
//	sieve.go      which bands of the index can meet one of the run
//	walk.go       from the best to the worst: who is dropped for whom; hot buckets
//	verify.go     two units compared, by sketch and by set
//	outcomes.go   the file of outcomes, written and read
//	records.go    the records that are sorted
package near

import (
	"context"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

type bitmap []uint64

func newBitmap(n int64) bitmap     { return make(bitmap, (n+63)/64) }
func (b bitmap) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bitmap) has(i uint32) bool { return b[i/64]>>(i%64)&1 != 0 }

const (
	statePerUnit   = 8 + 1 // bytes: two ranks, two bits, rounded up
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

// Found is what is found besides the outcomes; the Summary of dedup says what each
// number is.
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

// phase is what all steps of the phase over all units know. Units are known by
// their ordinal or by their rank; those of the index have the first ranks.
type phase struct {
	in Input
	*units.All
	indexed uint32 // units of the index
	sorting units.Sorting
	readers int // verifiers at once
}

// Decide works out what becomes of all units. It writes the outcomes, and what
// else it found as JSON.
func Decide(ctx context.Context, in Input, out *work.Output) error {
	all, err := units.NewAll(in.Own, in.Indexed)
	if err != nil {
		return err
	}
	n, own := all.Count(), all.Starts[all.Own]
	free := in.Memory - n*statePerUnit
	if free < leastSorting+verifierMemory {
		return fmt.Errorf("comparing %d documents needs a memory of %d MiB at least, --memory gives %d MiB",
			n, (n*statePerUnit+leastSorting+verifierMemory)>>20+1, in.Memory>>20)
	}
	readers := int(max(1, min(int64(in.Workers), free/2/verifierMemory)))
	sorting := units.Sorting{Memory: free - int64(readers)*verifierMemory, Scratch: in.Scratch}
	p := &phase{in, all, uint32(n - own), sorting, readers}
	found := Found{Documents: own, Indexed: n - own}

	rankOf, ordinalOf, err := all.Rank(ctx, in.Workers, in.Order, sorting)
	if err != nil {
		return err
	}
	if in.Repos {
		if found.SplitRepositories, err = p.splits(ctx); err != nil {
			return err
		}
	}
	copies := sorting.Sorter(pairSize, 16) // of pair: a unit and each copy of it
	defer copies.Close()
	copied, err := p.exact(ctx, rankOf, copies)
	if err != nil {
		return err
	}
	pairs := sorting.Sorter(pairSize, 8) // of pair: a unit and each better candidate
	defer pairs.Close()
	hot := sorting.Sorter(hotMemberSize, 16)
	defer hot.Close()
	if !in.Near.Off {
		if err := p.candidates(ctx, rankOf, copied, pairs, hot, &found); err != nil {
			return err
		}
	}
	outcomes := sorting.Sorter(changeSize, 8)
	defer outcomes.Close()
	if err := p.walk(ctx, ordinalOf, pairs, hot, copies, outcomes, &found); err != nil {
		return err
	}
	if err := p.write(outcomes, out); err != nil {
		return err
	}
	return out.WriteJSON(units.AllShard+".json", found)
}

// exact finds the units that are the same as a better one, by rank, and pairs
// the best with each copy of it.
func (p *phase) exact(ctx context.Context, rankOf []uint32, to *extsort.Sorter) (copied bitmap, err error) {
	s := p.sorting.Sorter(contentKeySize, 2)
	defer s.Close()
	sorted, err := p.SortEntries(ctx, p.in.Workers, len(p.Shards), s, func(b []byte, ordinal uint32, _ int, e *units.Entry) []byte {
		return contentKey{e.ContentID, rankOf[ordinal]}.append(b)
	})
	if err != nil {
		return nil, err
	}
	copied = newBitmap(p.Count())
	copies := units.Batch{To: to}
	var content corpus.ID
	best := int64(-1) // of the documents with this content
	for r, err := range sorted.All() {
		if err != nil {
			return nil, err
		}
		k := parseContentKey(r)
		if best < 0 || k.id != content {
			content, best = k.id, int64(k.rank)
		} else {
			copied.set(k.rank)
			if k.rank < p.indexed {
				continue
			}
			copies.Buf = pair{uint32(best), k.rank}.append(copies.Buf)
			if err := copies.Done(false); err != nil {
				return nil, err
			}
		}
	}
	return copied, copies.Done(true)
}

// splits counts the repositories that are in several pieces.
func (p *phase) splits(ctx context.Context) (split int64, err error) {
	s := p.sorting.Sorter(len(corpus.ID{}), 2)
	defer s.Close()
	sorted, err := p.SortEntries(ctx, p.in.Workers, p.Own, s, func(b []byte, _ uint32, _ int, e *units.Entry) []byte { return append(b, e.ID[:]...) })
	if err != nil {
		return 0, err
	}
	var last corpus.ID
	pieces := 0
	for r, err := range sorted.All() {
		if err != nil {
			return 0, err
		}
		if id := corpus.ID(r); id != last {
			last, pieces = id, 0
		}
		if pieces++; pieces == 2 {
			split++
		}
	}
	return split, nil
}
