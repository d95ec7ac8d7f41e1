package units

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/work"
)

// Reader goes through the units of a finished shard: it reads the entry, the sketch
// and the verdict of one after the other. A shard of the index has no verdicts; all of
// it was kept, so that the zero Verdict is right for each.
type Reader struct {
	Repository bool  // units are repositories
	Sets       Shard // the shard, for who wants to read its sets

	name     string
	files    [2]*bufio.Reader // entries, sketches
	closers  []io.Closer
	verdicts func() (corpus.Verdict, error, bool) // nil without verdicts
	stop     func()
	row      int64 // of the verdict that comes next

	// Of the unit that Next came to; valid until it is called again.
	Record, Head []byte         // its entry and its sketch, as they are stored
	Sketch       sketch.Stored  // not parsed: memory for who parses Head
	Entry        Entry          // parsed
	Verdict      corpus.Verdict // on its first document
}

// OpenVerdicts opens a finished shard of the job's stage, with its verdicts. The
// caller closes the reader.
func (m *Maker) OpenVerdicts(job work.Job, shard int) (*Reader, error) {
	u, err := m.Open(Shard{Dir: job.Sub(Sub).Dir(), Name: corpus.ShardName(shard)})
	if err == nil {
		u.verdicts, u.stop = iter.Pull2(job.Work.Verdicts(path.Base(job.Stage), shard))
	}
	return u, err
}

// Open opens a shard without its verdicts. The caller closes the reader.
func (m *Maker) Open(at Shard) (*Reader, error) {
	u := &Reader{
		Repository: m.Level == LevelRepository, name: at.Name, Sets: at,
		Record: make([]byte, EntrySize), Head: make([]byte, m.SketchSize()),
		Sketch: sketch.Stored{Values: make([]uint16, m.Permutations)},
	}
	for i, ext := range []string{EntriesExt, SketchesExt} {
		r, err := u.Sets.Open(ext)
		if err != nil {
			u.Close()
			return nil, err
		}
		u.closers = append(u.closers, r)
		u.files[i] = bufio.NewReaderSize(r, 1<<18)
	}
	return u, nil
}

// Close closes the files.
func (u *Reader) Close() {
	for _, c := range u.closers {
		c.Close()
	}
	if u.stop != nil {
		u.stop()
	}
}

// Next goes on to the next unit; it reports false when there is none.
func (u *Reader) Next() (bool, error) {
	_, err := io.ReadFull(u.files[0], u.Record)
	if err == io.EOF {
		return false, nil
	}
	if err == nil {
		_, err = io.ReadFull(u.files[1], u.Head)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w: %w", u.name, corpus.ErrCorrupt, err)
	}
	u.Entry.Parse(u.Record)
	for ; u.verdicts != nil && u.row <= int64(u.Entry.Row); u.row++ {
		v, err, ok := u.verdicts()
		if err == nil && !ok {
			err = errors.New("fewer verdicts than entries")
		}
		if err != nil {
			return false, fmt.Errorf("%s: %w", u.name, err)
		}
		u.Verdict = v
	}
	return true, nil
}
