// Package near decides which units are the same as a better one, or similar to it.
//
// A unit is a document, or at repository level a repository (package units). It
// has a rank, its number in the survivor order: rank 0 is the best, and a lower
// rank is a better unit. Units of the index have the first ranks.
//
// # How pairs are found
//
// A sketch is cut into bands of a few values each. Units that agree in a whole band
// are candidates. How likely that is for a pair of some similarity, the [SCurve]
// says; bands are chosen so that hardly a similar pair is missed. They may let many
// others through, as a candidate costs little: most are ruled out by comparing the
// whole sketches, and the sets of shingles decide on the rest.
//
// What is missed: similar pairs that share no band, one in 200 at the default
// threshold and fewer the more similar they are; and pairs whose sketches agree
// less than the threshold by more than five standard errors, one in some millions.
//
// # How it is decided
//
// Units are taken from the best to the worst. Each is compared with its better
// candidates, from the best on, but only with those that are kept; the first that
// it is similar to is its survivor. So a family of thousands of copies costs one
// comparison a member.
//
// The units that share a band are a bucket. One with more than Config.BucketCap
// units is hot: there each unit is compared with at most BucketCap of the better
// ones that are kept. Which, a hash of bucket and rank says, so that each of them has
// the same chance (a priority sample). The summary says how many hot buckets there
// were.
//
// # Memory
//
// Held are 8 bytes and two bits a unit, and at most 4 bytes for every unit kept in a
// hot bucket. All else (order, bands, candidates, outcomes) is records of fixed
// width, sorted by internal/extsort within what is left of the memory. Bands of the
// index are sorted only where one of this run may have the same: see sieve.
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

// bitmap is a set of ranks.
type bitmap []uint64

func newBitmap(n int64) bitmap     { return make(bitmap, (n+63)/64) }
func (b bitmap) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bitmap) has(i uint32) bool { return b[i/64]>>(i%64)&1 != 0 }

const (
	// All in bytes.
	statePerUnit   = 8 + 1                          // rank and ordinal, 4 bytes each, and two bits, rounded up
	verifierMemory = 4*8*sketch.MaxShingles + 8<<20 // sets being compared, and the sketches held
	leastSorting   = 16 << 20                       // for all sorters together
)

// Input is what [Decide] decides on, and the means for it.
type Input struct {
	Near    Config // with defaults
	Order   *units.Order
	Own     []units.Shard // the run's units, by shard of documents
	Indexed []units.Shard // units of earlier runs that they are compared with
	Repos   bool          // units are repositories

	Workers int           // goroutines, at least 1; change no byte of the output
	Memory  int64         // bytes
	Scratch extsort.Files // for what does not fit into the memory

	// SieveMemory bounds the sieve of the index's bands; 0 means a sixteenth of
	// what sorting has. It changes nothing of the output.
	SieveMemory int64
}

// Found is what is found besides the outcomes. The fields of the same names in
// dedup's Summary say what each number is.
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

// phase is what all steps know that look at all units. A unit goes by its ordinal,
// its number when they are counted through the shards ([units.All]), or by its rank.
type phase struct {
	in Input
	*units.All
	indexed uint32        // how many units are of the index: theirs are the ranks below it
	sorting units.Sorting // memory and scratch space of the sorters
	readers int           // verifiers at once
}

// Decide works out what becomes of all units. It writes their outcomes, and a
// [Found] as JSON, to the shard out. It fails at once when the memory is too little.
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

// exact finds the units that are the same as a better one. It returns them by rank,
// and writes a pair of the best and the copy for each copy that is of this run.
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
	best := int64(-1) // rank of the best unit with this content
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

// splits counts the repositories that are in several pieces: more than one unit of
// the run has their id.
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
