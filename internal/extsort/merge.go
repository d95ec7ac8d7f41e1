package extsort

import (
	"bytes"
	"fmt"
	"io"
	"iter"

	"github.com/codemill/codemill/work/vfs"
)

// Cursor reads sorted records from first to last, for one goroutine. Where nothing was
// spilled they are in buf, sorted, and heap is empty. Else it merges the runs in heap, and
// buf is empty.
type Cursor struct {
	width int
	buf   []byte    // records that are left, where none was spilled
	heap  []*source // a binary heap: the source with the least record first; none is at its end
	moved bool      // the first source's record has been given out, and it has to go on
}

// source is one run being read. Its buffer holds whole records.
type source struct {
	file     vfs.File
	run      run    // what has not been read into buf yet
	buf, now []byte // memory for some records, and the present one in it
	rest     []byte // of buf, behind now
}

// open returns a cursor over runs whose buffers take budget bytes together, or minBuffer
// or one record each where that is more, and 1 MiB each at most.
func (s *Sorter) open(runs []run, budget int) (*Cursor, error) {
	c := &Cursor{width: s.width}
	per := min(max(budget/len(runs), minBuffer), 1<<20)
	per = max(per/s.width, 1) * s.width
	for _, r := range runs {
		src := &source{file: s.file, run: r, buf: make([]byte, min(int64(per), r.end-r.start))}
		if _, err := src.next(s.width); err != nil {
			return nil, err
		}
		c.heap = append(c.heap, src)
	}
	for i := len(c.heap)/2 - 1; i >= 0; i-- {
		c.down(i)
	}
	return c, nil
}

// next moves to the run's next record and reports whether there is one.
func (s *source) next(width int) (bool, error) {
	if len(s.rest) == 0 {
		n := min(int64(len(s.buf)), s.run.end-s.run.start)
		if n == 0 {
			return false, nil
		}
		if got, err := s.file.ReadAt(s.buf[:n], s.run.start); int64(got) < n {
			return false, fmt.Errorf("spilled records: %w", err)
		}
		s.run.start += n
		s.rest = s.buf[:n]
	}
	s.now, s.rest = s.rest[:width], s.rest[width:]
	return true, nil
}

// Next returns the next record, which is valid until the call after, or io.EOF.
//
// A source goes on only when the next record is asked for: its buffer, where the record
// that was given out is, may be filled anew by that.
func (c *Cursor) Next() ([]byte, error) {
	if len(c.buf) > 0 {
		r := c.buf[:c.width]
		c.buf = c.buf[c.width:]
		return r, nil
	}
	if c.moved {
		c.moved = false
		ok, err := c.heap[0].next(c.width)
		if err != nil {
			return nil, err
		}
		if !ok {
			last := len(c.heap) - 1
			c.heap[0] = c.heap[last]
			c.heap = c.heap[:last]
		}
		c.down(0)
	}
	if len(c.heap) == 0 {
		return nil, io.EOF
	}
	c.moved = true
	return c.heap[0].now, nil
}

// All iterates over the records that are left. A record is valid until the
// loop body ends. An error comes last.
func (c *Cursor) All() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			r, err := c.Next()
			if err == io.EOF || !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// down lets the source at i sink to its place in the heap: below all whose records are
// less.
func (c *Cursor) down(i int) {
	for {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < len(c.heap); k++ {
			if bytes.Compare(c.heap[k].now, c.heap[least].now) < 0 {
				least = k
			}
		}
		if least == i {
			return
		}
		c.heap[i], c.heap[least] = c.heap[least], c.heap[i]
		i = least
	}
}
