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
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

// Where a blob is written once, the documents of a shard depend on all other
// units of its source. What they need to know stands in docs/repeats:
//
//	00000.places …   of every shard's units, the places of their blobs
//	repeats.marks    of all places that are repeated, which come first and what else there is
//	repeats.names    what all places are called
//
// Two places are the same when blob, source and nameClass are: then language
// and kind are the same too, and leaving one for the other loses nothing.
const (
	repeatsSub   = "repeats"
	repeatsShard = "repeats"
	placesSuffix = ".places"
	marksFile    = repeatsShard + ".marks"
	namesFile    = repeatsShard + ".names"
)

// place is where a blob stands.
type place struct {
	key         [16]byte // the same for places that are the same
	unit, entry uint32   // the unit's number, within the shard in a file of places; the entry's in its listing
	name        uint64   // offset of its name; 0 in a file of places, where the name follows
}

const placeWidth = 16 + 4 + 4 + 8

func (p place) append(b []byte) []byte {
	b = append(b, p.key[:]...)
	b = binary.BigEndian.AppendUint32(b, p.unit)
	b = binary.BigEndian.AppendUint32(b, p.entry)
	return binary.BigEndian.AppendUint64(b, p.name)
}

func parsePlace(b []byte) (p place) {
	copy(p.key[:], b)
	p.unit = binary.BigEndian.Uint32(b[16:])
	p.entry = binary.BigEndian.Uint32(b[20:])
	p.name = binary.BigEndian.Uint64(b[24:])
	return p
}

// mark says of one place that there is another.
type mark struct {
	unit, entry           uint32
	otherUnit, otherEntry uint32
	name                  uint64 // of the other place; notFirst if that is the one that is kept
}

const (
	markWidth  = 4 + 4 + 4 + 4 + 8
	startWidth = 8
	notFirst   = uint64(math.MaxUint64)
)

func (m mark) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.unit)
	b = binary.BigEndian.AppendUint32(b, m.entry)
	b = binary.BigEndian.AppendUint32(b, m.otherUnit)
	b = binary.BigEndian.AppendUint32(b, m.otherEntry)
	return binary.BigEndian.AppendUint64(b, m.name)
}

func parseMark(b []byte) mark {
	u32 := binary.BigEndian.Uint32
	return mark{u32(b), u32(b[4:]), u32(b[8:]), u32(b[12:]), binary.BigEndian.Uint64(b[16:])}
}

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

// findRepeats describes docs/repeats. Its shards are those of the documents, and
// one in which all are brought together.
func (c *crawler) findRepeats(shards [][]*unit, workers int) (work.Stage, error) {
	s := work.Stage{Version: Version, Settings: c.settings(), Workers: workers}
	var sizes []int
	units := 0
	for i, part := range shards {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: inputs(part, ""),
			Make: func(ctx context.Context, out *work.Output) error { return c.findPlaces(ctx, part, out) },
		})
		sizes = append(sizes, len(part))
		units += len(part)
	}
	if units > math.MaxUint32-1 {
		return s, fmt.Errorf("blobs: once: %d repositories are too many", units)
	}
	s.Final = []work.FinalTask{{
		Shard: repeatsShard, Inputs: sizes,
		Make: func(ctx context.Context, out *work.Output, _ *work.Manifest) error {
			return c.markRepeats(ctx, sizes, out)
		},
	}}
	return s, nil
}

// placesWriter writes the places of one shard's units.
type placesWriter struct {
	c    *crawler
	out  *work.FileWriter
	unit uint32
	buf  []byte
}

// findPlaces reads the listings of a shard's units, and the files of plain
// folders.
func (c *crawler) findPlaces(ctx context.Context, units []*unit, out *work.Output) error {
	f, err := out.Create(out.Shard() + placesSuffix)
	if err != nil {
		return err
	}
	w := &placesWriter{c: c, out: f}
	for i, u := range units {
		w.unit = uint32(i)
		if err := u.places(ctx, w, u); err != nil {
			return fmt.Errorf("source %s: %s: %w", u.src.Name, u.repo, err)
		}
	}
	return nil
}

// add writes the place of an entry's blob.
func (w *placesWriter) add(u *unit, entry uint32, path, blob string) error {
	key := sha256.Sum256([]byte(u.src.Name + "\x00" + blob + "\x00" + nameClass(path)))
	p := place{key: [16]byte(key[:]), unit: w.unit, entry: entry}
	w.buf = appendString(p.append(w.buf[:0]), strings.ToValidUTF8(u.repo+":"+path, string(utf8.RuneError)))
	w.out.Rows++
	_, err := w.out.Write(w.buf)
	return err
}

// places adds the places of a tree.
func (t treeContents) places(ctx context.Context, w *placesWriter, u *unit) error {
	in, err := t.Open(ctx, func(func(origin.Entry, error) bool) {}) // git's blobs are known by their ids
	if err != nil {
		return err
	}
	defer in.Close()
	l := newListing(nil)
	rules := &writer{c: w.c}
	err = t.List(ctx, func(e origin.Entry) error {
		entry := uint32(l.count)
		if err := l.add(e); err != nil || rules.refuse(u, e) != nil {
			return err
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
		return w.add(u, entry, e.Path, blob)
	})
	if err != nil {
		return err
	}
	return u.unchanged(l)
}

// unchanged reports an error when a unit's listing is not the one of its state.
func (u *unit) unchanged(l *listing) error {
	if u.revision == "" && l.state() != u.state {
		return errors.New("the folder changed while it was crawled, which blobs: once does not bear; run again")
	}
	return nil
}

// markRepeats brings the places of all shards together, each of which has so
// many units: it sorts them by blob, marks those that are repeated, and sorts
// the marks by unit and entry.
func (c *crawler) markRepeats(ctx context.Context, sizes []int, out *work.Output) error {
	marksOut, err := out.Create(marksFile)
	if err != nil {
		return err
	}
	names, err := out.Create(namesFile)
	if err != nil {
		return err
	}
	places := extsort.New(placeWidth, c.job.Memory/4, c)
	defer places.Close()
	units := uint32(0)
	for i, size := range sizes {
		if err := c.collect(ctx, corpus.ShardName(i), units, places, names); err != nil {
			return err
		}
		units += uint32(size)
	}
	marks := extsort.New(markWidth, c.job.Memory/4, c)
	defer marks.Close()
	if err := markEach(places, marks); err != nil {
		return err
	}
	return writeMarks(marks, units, marksOut)
}

// collect takes in the places of a shard, whose units are counted from first on.
func (c *crawler) collect(ctx context.Context, shard string, first uint32, places *extsort.Sorter, names *work.FileWriter) error {
	f, err := c.repeatsDir().Open(shard, shard+placesSuffix)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	var rec [placeWidth]byte
	for range f.Info.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := io.ReadFull(in, rec[:]); err != nil {
			return fmt.Errorf("places: %w", err)
		}
		name, err := readString(in)
		if err != nil {
			return fmt.Errorf("places: %w", err)
		}
		p := parsePlace(rec[:])
		p.unit += first
		p.name = uint64(names.Offset())
		if err := places.Add(p.append(rec[:0])); err != nil {
			return err
		}
		if _, err := names.Write(appendString(nil, name)); err != nil {
			return err
		}
	}
	return nil
}

// markEach goes through the places of each blob, the first of which is the one
// that is kept, and marks all of them.
func markEach(places, marks *extsort.Sorter) error {
	sorted, err := places.Sort()
	if err != nil {
		return err
	}
	var first place
	var buf []byte
	for b, err := range sorted.All() {
		if err != nil {
			return err
		}
		p := parsePlace(b)
		if !bytes.Equal(p.key[:], first.key[:]) {
			first = p
			continue
		}
		there := mark{first.unit, first.entry, p.unit, p.entry, p.name}
		here := mark{p.unit, p.entry, first.unit, first.entry, notFirst}
		for _, m := range []mark{there, here} {
			buf = m.append(buf[:0])
			if err := marks.Add(buf); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeMarks writes the sorted marks, and after them where each unit's begin,
// and where the last one's end.
func writeMarks(marks *extsort.Sorter, units uint32, out *work.FileWriter) error {
	sorted, err := marks.Sort()
	if err != nil {
		return err
	}
	starts := make([]int64, 0, units+1)
	for b, err := range sorted.All() {
		if err != nil {
			return err
		}
		for len(starts) <= int(parseMark(b).unit) {
			starts = append(starts, out.Offset())
		}
		out.Rows++
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	for len(starts) <= int(units) {
		starts = append(starts, out.Offset())
	}
	for _, at := range starts {
		if _, err := out.Write(binary.BigEndian.AppendUint64(nil, uint64(at))); err != nil {
			return err
		}
	}
	return nil
}

func (c *crawler) repeatsDir() work.Dir { return c.job.Sub(repeatsSub).Dir() }

// repeats says, for blobs that stand in several places of a source, which place
// is the first, and which others there are.
type repeats struct{ marks, names *work.Reader }

func openRepeats(dir work.Dir) (*repeats, error) {
	marks, err := dir.Open(repeatsShard, marksFile)
	if err != nil {
		return nil, err
	}
	names, err := dir.Open(repeatsShard, namesFile)
	if err != nil {
		marks.Close()
		return nil, err
	}
	return &repeats{marks, names}, nil
}

func (r *repeats) close() {
	if r != nil {
		r.marks.Close()
		r.names.Close()
	}
}

// of returns a reader of one unit's marks; nil, which marks nothing, without
// repeats.
func (r *repeats) of(unit int) (*markReader, error) {
	if r == nil {
		return nil, nil
	}
	var extent [2 * startWidth]byte
	if _, err := r.marks.ReadAt(extent[:], r.marks.Info.Rows*markWidth+int64(unit)*startWidth); err != nil {
		return nil, err
	}
	start := int64(binary.BigEndian.Uint64(extent[:]))
	end := int64(binary.BigEndian.Uint64(extent[startWidth:]))
	return &markReader{names: r.names, in: bufio.NewReaderSize(io.NewSectionReader(r.marks, start, end-start), 1<<13)}, nil
}

// markReader is asked for the entries of a unit in rising order.
type markReader struct {
	names *work.Reader
	in    *bufio.Reader
	mark  mark // the next one
	has   bool
}

// next reports whether an entry is not the first of its blob's places, and if
// it is, the other places. Names are left out where they are not wanted.
func (m *markReader) next(entry int, names bool) (seen bool, also []string, err error) {
	for m != nil {
		if !m.has {
			var rec [markWidth]byte
			if _, err := io.ReadFull(m.in, rec[:]); err == io.EOF {
				return seen, also, nil
			} else if err != nil {
				return false, nil, err
			}
			m.mark = parseMark(rec[:])
			m.has = true
		}
		if int(m.mark.entry) != entry {
			return seen, also, nil
		}
		m.has = false
		if m.mark.name == notFirst {
			seen = true
		} else if names {
			s, err := readString(bufio.NewReaderSize(io.NewSectionReader(m.names, int64(m.mark.name), 1<<40), 256))
			if err != nil {
				return false, nil, err
			}
			also = append(also, s)
		}
	}
	return seen, also, nil
}
