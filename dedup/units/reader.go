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

// Reader reads what a finished shard says of each document, or repository, that
// took part: the verdict beside the entry and the sketch. In a shard of the
// index there are no verdicts; all of it was kept.
type Reader struct {
	Repository bool
	name       string
	Sets       Shard
	files      [2]*bufio.Reader
	closers    []io.Closer
	verdicts   func() (corpus.Verdict, error, bool)
	stop       func()
	row        int64 // of the verdict that comes next

	Record, Head []byte        // of the entry, and of the sketch
	Sketch       sketch.Stored // memory for who parses it
	Entry        Entry
	Verdict      corpus.Verdict // of its first document
}

// OpenVerdicts reads a finished shard of the job's stage.
func (m *Maker) OpenVerdicts(job work.Job, shard int) (*Reader, error) {
	u, err := m.Open(Shard{Dir: job.Sub(Sub).Dir(), Name: corpus.ShardName(shard)})
	if err == nil {
		u.verdicts, u.stop = iter.Pull2(job.Work.Verdicts(path.Base(job.Stage), shard))
	}
	return u, err
}

// Open reads a shard without its verdicts.
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

// Next goes on to the next one; it reports false at the end.
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
