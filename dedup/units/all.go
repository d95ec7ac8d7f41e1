// Package units is what is compared. A unit is a document, or at repository level a
// repository, which stands for the texts of its documents one after the other.
//
// A [Maker] reads the texts, once, and writes for each shard of documents what the
// rest of dedup knows of its units: their entries, sketches and sets. [All] counts
// through the units of all shards, [Order] says which of two is the better survivor.
//
// A unit is named in one of four ways:
//
//	number    within its shard of units, from 0: the n-th unit that takes part
//	ordinal   its number when all shards are counted through, those of the index last
//	rank      its number in the survivor order: 0 is the best
//	position  shard and row of its first document (corpus.Pos), or an IndexPos
//
//	make.go         Settings, Maker; the files of a shard and their version
//	entry.go        Entry: what the order and exact copies look at
//	order.go        levels, grouping into units, Order
//	repository.go   a repository's entry and set from its documents'
//	reader.go       Reader: units beside their verdicts, for index and audit
//	all.go          All: records of all units, ranks; sorting
//	sharded.go      records about units of all shards in one file
//	shelf.go        Shelf: reading anywhere in many files
//	pos.go          positions of units of the index; what a document is called
package units

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/work"
)

// All is all units that are compared: those of the run, and behind them those of
// earlier runs, from an index.
type All struct {
	Shards []Shard
	Own    int // how many of Shards are the run's; they come first
	// Starts has the ordinal of the first unit of each shard, and after them the
	// number of all units: shard s has the ordinals from Starts[s] to Starts[s+1]-1.
	Starts []int64
}

// MaxUnits is how many units there may be: ordinals and ranks have 32 bits.
const MaxUnits = math.MaxUint32

// NewAll counts the units of a run and of earlier ones. It fails beyond [MaxUnits].
func NewAll(own, indexed []Shard) (*All, error) {
	a := &All{Shards: append(own[:len(own):len(own)], indexed...), Own: len(own), Starts: []int64{0}}
	for i, s := range a.Shards {
		a.Starts = append(a.Starts, a.Starts[i]+s.Rows)
	}
	if n := a.Count(); n > MaxUnits {
		return nil, fmt.Errorf("%d documents, can compare %d at most", n, uint32(MaxUnits))
	}
	return a, nil
}

// Count is how many units there are.
func (a *All) Count() int64 { return a.Starts[len(a.Starts)-1] }

// Find returns the shard of a unit and its number there.
func (a *All) Find(ordinal uint32) (shard int, number int64) {
	at := int64(ordinal)
	shard = sort.Search(len(a.Shards), func(s int) bool { return a.Starts[s+1] > at })
	return shard, at - a.Starts[shard]
}

// Each calls do for the shards first to end-1, several at once.
func (a *All) Each(ctx context.Context, workers, first, end int, do func(ctx context.Context, shard int) error) error {
	return fanout.Each(ctx, workers, end-first, func(ctx context.Context, i int) error {
		shard := first + i
		if err := do(ctx, shard); err != nil {
			return fmt.Errorf("%s: %w", a.Shards[shard].Name, err)
		}
		return nil
	})
}

// Records reads a file of a shard that has one record of this size for each unit, in
// their order. It calls do with each record, which is valid until do returns, and
// with the unit's ordinal.
func (a *All) Records(ctx context.Context, shard int, ext string, size int, do func(ordinal uint32, record []byte) error) error {
	name := a.Shards[shard].Name
	r, err := a.Shards[shard].Open(ext)
	if err != nil {
		return err
	}
	defer r.Close()
	in, b := bufio.NewReaderSize(r, 1<<18), make([]byte, size)
	for i := a.Starts[shard]; i < a.Starts[shard+1]; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := io.ReadFull(in, b); err != nil {
			return fmt.Errorf("%s%s: %w: %w", name, ext, corpus.ErrCorrupt, err)
		}
		if err := do(uint32(i), b); err != nil {
			return err
		}
	}
	return nil
}

// SortEntries makes a record of the entry of every unit in the shards 0 to end-1 and
// returns them sorted by their bytes. appendTo appends the record of one entry to b;
// it is called from several goroutines, and all records have the sorter's width.
func (a *All) SortEntries(ctx context.Context, workers, end int, s *extsort.Sorter, appendTo func(b []byte, ordinal uint32, shard int, e *Entry) []byte) (*extsort.Cursor, error) {
	err := a.Each(ctx, workers, 0, end, func(ctx context.Context, shard int) error {
		add, e := Batch{To: s}, Entry{}
		err := a.Records(ctx, shard, EntriesExt, EntrySize, func(ordinal uint32, b []byte) error {
			e.Parse(b)
			add.Buf = appendTo(add.Buf, ordinal, shard, &e)
			return add.Done(false)
		})
		if err != nil {
			return err
		}
		return add.Done(true)
	})
	if err != nil {
		return nil, err
	}
	return s.Sort()
}

// Rank sorts the units into the survivor order, those of the index first. It returns
// the rank of each ordinal, and the ordinal of each rank.
func (a *All) Rank(ctx context.Context, workers int, order *Order, sorting Sorting) (rankOf, ordinalOf []uint32, err error) {
	s := sorting.Sorter(rankKeySize+4, 2)
	defer s.Close()
	sorted, err := a.SortEntries(ctx, workers, len(a.Shards), s, func(b []byte, ordinal uint32, shard int, e *Entry) []byte {
		return binary.BigEndian.AppendUint32(e.AppendRank(b, order, shard >= a.Own), ordinal)
	})
	if err != nil {
		return nil, nil, err
	}
	rankOf, ordinalOf = make([]uint32, a.Count()), make([]uint32, 0, a.Count())
	for r, err := range sorted.All() {
		if err != nil {
			return nil, nil, err
		}
		ordinal := binary.BigEndian.Uint32(r[rankKeySize:])
		rankOf[ordinal] = uint32(len(ordinalOf))
		ordinalOf = append(ordinalOf, ordinal)
	}
	return rankOf, ordinalOf, nil
}

// Batch collects records for a sorter, which many goroutines share, so that its lock
// is taken once for many records. One goroutine uses a Batch: it appends a record to
// Buf and calls Done(false); at the end it calls Done(true).
type Batch struct {
	To  *extsort.Sorter
	Buf []byte // records not passed on yet
}

// Done passes the records on if there are at least 32 KiB of them, or if all is set.
func (b *Batch) Done(all bool) error {
	if len(b.Buf) == 0 || !all && len(b.Buf) < 32<<10 {
		return nil
	}
	err := b.To.Add(b.Buf)
	b.Buf = b.Buf[:0]
	return err
}

// Sorting makes sorters that spill to a scratch folder.
type Sorting struct {
	Memory  int64 // bytes, for all sorters that are in use at once
	Scratch extsort.Files
}

// Sorter returns a sorter of records of width bytes, which takes Memory/share. The
// caller sees to it that the shares in use at once add up to 1 at most.
func (s Sorting) Sorter(width int, share int64) *extsort.Sorter {
	return extsort.New(width, s.Memory/share, s.Scratch)
}

// InScratch calls do with an empty scratch folder for a part of the job's stage, and
// removes it afterwards.
func InScratch(job work.Job, part string, do func(scratch *work.Scratch) error) (err error) {
	scratch, err := job.Work.Scratch(job.Stage + "-" + part)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := scratch.Close(); err == nil {
			err = cerr
		}
	}()
	return do(scratch)
}
