package ledger

import "sync/atomic"

// Meter is how far a stage has come. Workers add to it, the program reads it
// now and then. All methods may be called from many goroutines, and on a nil
// Meter, which counts nothing.
type Meter struct {
	total, bytes, docs, skipped, finished atomic.Int64
}

// Expect adds to the bytes that are still to come.
func (m *Meter) Expect(bytes int64) {
	if m != nil {
		m.total.Add(bytes)
	}
}

// Did counts documents and bytes of text that have been worked on.
func (m *Meter) Did(docs, bytes int64) {
	if m != nil {
		m.docs.Add(docs)
		m.bytes.Add(bytes)
	}
}

// Skip counts a shard that an earlier run had already made.
func (m *Meter) Skip() {
	if m != nil {
		m.skipped.Add(1)
	}
}

// Finish counts a folder in which something was made.
func (m *Meter) Finish() {
	if m != nil {
		m.finished.Add(1)
	}
}

// Reading is a Meter's state at one moment.
type Reading struct {
	Total, Bytes int64 // bytes of text expected and done
	Docs         int64
	Skipped      int64 // shards left as they were
	Finished     int64 // folders in which something was made
}

// Read returns the present state.
func (m *Meter) Read() Reading {
	if m == nil {
		return Reading{}
	}
	return Reading{m.total.Load(), m.bytes.Load(), m.docs.Load(), m.skipped.Load(), m.finished.Load()}
}
