package crawl

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"

	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/work/vfs"
)

// repeats says, for blobs that stand in several places of a source, which
// place is the first, and which others there are. It is computed for all units
// before the first shard is made, within a memory budget.
//
// Two places are the same when blob, source and nameClass are: then language
// and kind are the same too, and leaving one for the other loses nothing.
//
// Three files in scratch space hold it: the names of all places; one record of
// all that are repeated, by unit and entry; and what the two sorts spill.
type repeats struct {
	names  vfs.File // uvarint length, "repo:path"
	marks  vfs.File // records of markWidth
	starts []int64  // of each unit in marks; one more than there are units
}

const (
	placeWidth = 16 + 4 + 4 + 8         // key, unit, entry, offset in names
	markWidth  = 4 + 4 + 4 + 4 + 8      // unit, entry; and of another place unit, entry, offset in names
	isSeen     = uint64(math.MaxUint64) // for the offset: this is not the first place
)

// nameClass is the part of a path that language detection looks at besides
// the content: the base name, or, where it is no name that Linguist knows,
// from its first dot.
func nameClass(p string) string {
	base := path.Base(p)
	if len(enry.GetLanguagesByFilename(base, nil, nil)) > 0 {
		return base
	}
	if i := strings.IndexByte(base, '.'); i > 0 {
		return strings.ToLower(base[i:])
	}
	return base
}

// findRepeats reads all listings, and the files of plain folders.
func (c *crawler) findRepeats(ctx context.Context, units []*unit) (r *repeats, err error) {
	if len(units) > math.MaxUint32-1 {
		return nil, fmt.Errorf("blobs: once: %d repositories are too many", len(units))
	}
	f := &finder{c: c, sorter: extsort.New(placeWidth, c.job.Memory/4, c.scratch)}
	defer f.sorter.Close()
	r = &repeats{}
	defer func() {
		if err != nil {
			r.close()
			r = nil
		}
	}()
	if r.names, err = c.scratch.Create(); err != nil {
		return r, err
	}
	f.names = bufio.NewWriterSize(r.names, 1<<16)
	err = fanout.Each(ctx, c.job.Workers, len(units), func(ctx context.Context, i int) error {
		if err := units[i].places(ctx, f, units[i]); err != nil {
			return fmt.Errorf("source %s: %s: %w", units[i].src.Name, units[i].repo, err)
		}
		return nil
	})
	if err == nil {
		err = f.names.Flush()
	}
	if err != nil {
		return r, err
	}
	marks, err := f.mark(c)
	if err != nil {
		return r, err
	}
	defer marks.Close()
	return r, r.write(c, marks, len(units))
}

// finder collects the places of blobs.
type finder struct {
	c      *crawler
	sorter *extsort.Sorter
	mu     sync.Mutex
	names  *bufio.Writer
	offset uint64
}

func (f *finder) name(s string) (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := appendString(nil, s)
	at := f.offset
	f.offset += uint64(len(b))
	_, err := f.names.Write(b)
	return at, err
}

// places adds the places of a tree.
func (t treeContents) places(ctx context.Context, f *finder, u *unit) error {
	in, err := t.Open(ctx, func(func(origin.Entry) bool) {}) // git's blobs are known by their ids
	if err != nil {
		return err
	}
	defer in.Close()
	rules := &writer{c: f.c}
	index := uint32(0)
	return t.List(ctx, func(e origin.Entry) error {
		index++
		if rules.refuse(u, e) != nil {
			return nil
		}
		blob := e.Blob
		if blob == "" {
			raw, err := in.Read(e)
			var left *origin.Left
			if errors.As(err, &left) {
				return nil
			} else if err != nil {
				return err
			}
			blob = origin.BlobID(raw)
		}
		at, err := f.name(strings.ToValidUTF8(u.repo+":"+e.Path, string(utf8.RuneError)))
		if err != nil {
			return err
		}
		key := sha256.Sum256([]byte(u.src.Name + "\x00" + blob + "\x00" + nameClass(e.Path)))
		rec := append(make([]byte, 0, placeWidth), key[:16]...)
		rec = binary.BigEndian.AppendUint32(rec, uint32(u.index))
		rec = binary.BigEndian.AppendUint32(rec, index-1)
		return f.sorter.Add(binary.BigEndian.AppendUint64(rec, at))
	})
}

// mark goes through the places of each blob, the first of which is the one
// that is kept, and marks all of them.
func (f *finder) mark(c *crawler) (*extsort.Sorter, error) {
	places, err := f.sorter.Sort()
	if err != nil {
		return nil, err
	}
	marks := extsort.New(markWidth, c.job.Memory/4, c.scratch)
	var first [placeWidth]byte
	var rec []byte
	for p, err := range places.All() {
		if err != nil {
			marks.Close()
			return nil, err
		}
		if !bytes.Equal(p[:16], first[:16]) {
			copy(first[:], p)
			continue
		}
		rec = append(append(rec[:0], first[16:24]...), p[16:]...) // first place: there is this one too
		rec = append(append(rec, p[16:24]...), first[16:24]...)   // this place: see the first
		rec = binary.BigEndian.AppendUint64(rec, isSeen)
		if err := marks.Add(rec); err != nil {
			marks.Close()
			return nil, err
		}
	}
	return marks, nil
}

// write puts the sorted marks into a file and notes where each unit's begin.
func (r *repeats) write(c *crawler, marks *extsort.Sorter, units int) error {
	sorted, err := marks.Sort()
	if err != nil {
		return err
	}
	if r.marks, err = c.scratch.Create(); err != nil {
		return err
	}
	w, at := bufio.NewWriterSize(r.marks, 1<<16), int64(0)
	for m, err := range sorted.All() {
		if err != nil {
			return err
		}
		for len(r.starts) <= int(binary.BigEndian.Uint32(m)) {
			r.starts = append(r.starts, at)
		}
		at += markWidth
		if _, err := w.Write(m); err != nil {
			return err
		}
	}
	for len(r.starts) <= units {
		r.starts = append(r.starts, at)
	}
	return w.Flush()
}

func (r *repeats) close() {
	for _, f := range []vfs.File{r.names, r.marks} {
		if f != nil {
			f.Close()
		}
	}
}

// of returns a reader of one unit's marks; nil, which marks nothing, without
// repeats.
func (r *repeats) of(unit int) *markReader {
	if r == nil {
		return nil
	}
	start, end := r.starts[unit], r.starts[unit+1]
	return &markReader{r: r, in: bufio.NewReaderSize(io.NewSectionReader(r.marks, start, end-start), 1<<13)}
}

// markReader is asked for the entries of a unit in rising order.
type markReader struct {
	r   *repeats
	in  *bufio.Reader
	rec [markWidth]byte
	has bool
}

// next reports whether an entry is not the first of its blob's places, and if
// it is, the other places. Names are left out where they are not wanted.
func (m *markReader) next(index int, names bool) (seen bool, also []string, err error) {
	for m != nil {
		if !m.has {
			if _, err := io.ReadFull(m.in, m.rec[:]); err == io.EOF {
				return seen, also, nil
			} else if err != nil {
				return false, nil, err
			}
			m.has = true
		}
		if int(binary.BigEndian.Uint32(m.rec[4:])) != index {
			return seen, also, nil
		}
		m.has = false
		if at := binary.BigEndian.Uint64(m.rec[16:]); at == isSeen {
			seen = true
		} else if names {
			s, err := readString(bufio.NewReaderSize(io.NewSectionReader(m.r.names, int64(at), 1<<40), 256))
			if err != nil {
				return false, nil, err
			}
			also = append(also, s)
		}
	}
	return seen, also, nil
}
