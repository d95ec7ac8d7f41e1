// Package extsort sorts more fixed-width records than memory holds.
//
// Records are compared as bytes, so numbers in them stand big-endian, and what is sorted
// by comes first. Up to a budget they are sorted in memory; beyond it sorted runs are
// spilled to one file, and reading merges the runs. The order that comes out depends on
// the records alone, never on the order in which they went in, the budget, or who added
// them: records that are equal in all bytes cannot be told apart.
//
//	s := extsort.New(12, 64<<20, scratch)
//	defer s.Close()
//	s.Add(records) // any number of times, from any goroutine
//	c, err := s.Sort()
//	for r, err := range c.All() { … }
//
// extsort.go has the Sorter and its runs, merge.go the reading, radix.go the sorting in
// memory.
package extsort

import (
	"fmt"
	"sync"

	"github.com/codemill/codemill/work/vfs"
)

// Files gives a place to spill to. The scratch folder of a stage is one (Scratch in package
// work). Create makes a new file, open for reading and writing; the Sorter closes it and
// does not remove it.
type Files interface {
	Create() (vfs.File, error)
}

// MinBudget is the least memory that a [Sorter] works with, in bytes.
const MinBudget = 64 << 10

// Sorter takes records in and gives them out sorted, equal ones side by side.
// It is filled by [Sorter.Add] from any number of goroutines, then read once
// through [Sorter.Sort], and ended by [Sorter.Close]. After an error only Close may be
// called.
type Sorter struct {
	width  int // bytes of a record
	budget int // bytes of records and of what sorting or merging them needs
	files  Files

	mu       sync.Mutex
	buf, aux []byte   // records that are not spilled, as they came; memory as long as these, to sort them
	n        int64    // records added
	file     vfs.File // nil until something is spilled
	size     int64    // of file
	runs     []run    // those that are not merged into longer ones; the rest of the file is of no use
}

// run is a sorted part of the file: the bytes from start to end-1.
type run struct{ start, end int64 }

// New returns a sorter of records of width bytes. Its memory stays below budget, or
// [MinBudget] or 8 records where these are more. It panics if width is below 1.
func New(width int, budget int64, files Files) *Sorter {
	if width < 1 {
		panic(fmt.Sprintf("extsort: records of %d bytes", width))
	}
	return &Sorter{width: width, budget: int(max(budget, MinBudget, 8*int64(width))), files: files}
}

// Len returns how many records were added.
func (s *Sorter) Len() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// Add copies records, which stand one after another in the slice, into the sorter. It may
// sort and spill, while other goroutines wait: many records a call cost less than one. It
// panics if the slice ends within a record.
func (s *Sorter) Add(records []byte) error {
	if len(records)%s.width != 0 {
		panic(fmt.Sprintf("extsort: %d bytes are no records of %d bytes", len(records), s.width))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += int64(len(records) / s.width)
	limit := s.limit()
	for len(records) > 0 {
		n := min(len(records), limit-len(s.buf))
		s.buf = append(s.buf, records[:n]...)
		if records = records[n:]; len(s.buf) == limit {
			if err := s.spill(); err != nil {
				return err
			}
		}
	}
	return nil
}

// limit is how many bytes of records are held before they are spilled, whole records:
// half of the budget, as sorting needs as many again.
func (s *Sorter) limit() int { return s.budget / 2 / s.width * s.width }

// sort sorts what is held.
func (s *Sorter) sort() {
	if len(s.aux) < len(s.buf) {
		s.aux = make([]byte, len(s.buf))
	}
	sortRecords(s.buf, s.aux[:len(s.buf)], s.width, 0)
}

// spill writes what is held as one run.
func (s *Sorter) spill() error {
	if s.file == nil {
		f, err := s.files.Create()
		if err != nil {
			return err
		}
		s.file = f
	}
	s.sort()
	if _, err := s.file.WriteAt(s.buf, s.size); err != nil {
		return err
	}
	s.runs = append(s.runs, run{s.size, s.size + int64(len(s.buf))})
	s.size += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

// Sort ends the adding and starts the reading. The cursor reads from the sorter's memory
// and file, so it is valid until Close. Where there are too many runs to be read at once,
// some are merged into longer ones first.
func (s *Sorter) Sort() (*Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.runs) == 0 {
		s.sort()
		s.aux = nil
		return &Cursor{width: s.width, buf: s.buf}, nil
	}
	if len(s.buf) > 0 {
		if err := s.spill(); err != nil {
			return nil, err
		}
	}
	s.buf, s.aux = nil, nil
	for fan := s.fan(); len(s.runs) > fan; {
		if err := s.mergeSome(fan); err != nil {
			return nil, err
		}
	}
	return s.open(s.runs, s.budget)
}

// minBuffer is what reading from one run takes at least, in bytes: less would
// be seeking more than reading.
const minBuffer = 16 << 10

// fan is how many runs are merged at once, each with a buffer of minBuffer or one record.
// Together they take half of the budget. The other half is for writing, where a merge is
// not the last. With 64 MiB it is 2048, and a run has 32 MiB: 64 GiB are merged at once.
func (s *Sorter) fan() int { return max(2, s.budget/2/max(minBuffer, s.width)) }

// mergeSome makes one run of the first ones and puts it behind all others, at the end of
// the file. So runs that were merged least come first.
func (s *Sorter) mergeSome(fan int) error {
	c, err := s.open(s.runs[:fan], s.budget/2)
	if err != nil {
		return err
	}
	start, buf := s.size, make([]byte, 0, s.limit())
	flush := func() error {
		_, err := s.file.WriteAt(buf, s.size)
		s.size += int64(len(buf))
		buf = buf[:0]
		return err
	}
	for r, err := range c.All() {
		if err != nil {
			return err
		}
		if buf = append(buf, r...); len(buf) == cap(buf) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	s.runs = append(s.runs[fan:], run{start, s.size})
	return nil
}

// Close gives memory and file free. The file itself is removed with the folder
// it came from. Close may be called again.
func (s *Sorter) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf, s.aux, s.runs = nil, nil, nil
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.Close()
}
