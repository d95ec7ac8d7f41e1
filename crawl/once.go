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
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/work"
)

// With blobs: once, a blob that stands in several places of a source becomes a document
// in the first of them. So the documents of a shard depend on all other units of the
// source. What they have to know of these stands in docs/repeats, which is a need of the
// stage:
//
//	00000.places …   by shard: a place for each file of its units, with its name
//	repeats.marks    a mark for each place that has others, sorted by unit and entry;
//	                 and behind the marks, where those of each unit begin
//	repeats.names    the names of all places
//
// Places are the same when source, blob, nameClass and kindClass are. Then language and
// kind are the same too, but for what .gitattributes say, so that leaving one out for the other
// loses nothing.
const (
	repeatsSub   = "repeats"
	repeatsShard = "repeats"
	placesSuffix = ".places"
	marksFile    = repeatsShard + ".marks"
	namesFile    = repeatsShard + ".names"
)

// place is where a blob stands: an entry of a unit's listing.
type place struct {
	key   [16]byte // hash of source, blob, nameClass and kindClass
	unit  uint32   // number among all units; in a file of places among the shard's
	entry uint32   // number in the unit's listing
	name  uint64   // offset in repeats.names; in a file of places 0, and the name follows
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

// mark says of one place that there is another place which is the same. The first place
// has a mark for each of the others; each of the others has one for the first.
type mark struct {
	unit, entry           uint32 // the place
	otherUnit, otherEntry uint32 // the other one
	name                  uint64 // offset of the other's name; notFirst where the other is the first
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

// nameClass is the part of a path by which language detection may tell apart files with
// the same content: the base name where Linguist knows it (Makefile), else what of it
// follows from the first dot on, in lower case (.test.js), or all of it without a dot.
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

// kindClass is what of a path says the kind of a text, beyond nameClass: the lines of
// lang's table that it fits without a language, and as plain text.
func kindClass(p string) string {
	_, without := lang.Kind("", p)
	_, plain := lang.Kind("Text", p)
	return without + "\x00" + plain
}

// findRepeats describes the need docs/repeats: one shard of places for each shard of
// documents, and from all of them one shard with marks and names.
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

// findPlaces writes the places of a shard's units. It lists them; of plain folders it
// reads the files too, as only their bytes say what blob they are.
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

// add writes the place of a blob: the entry's number, its path and the blob's id.
func (w *placesWriter) add(u *unit, entry uint32, path, blob string) error {
	key := sha256.Sum256([]byte(u.src.Name + "\x00" + blob + "\x00" + nameClass(path) + "\x00" + kindClass(path)))
	p := place{key: [16]byte(key[:]), unit: w.unit, entry: entry}
	w.buf = appendString(p.append(w.buf[:0]), strings.ToValidUTF8(u.repo+":"+path, string(utf8.RuneError)))
	w.out.Rows++
	_, err := w.out.Write(w.buf)
	return err
}

// places adds the places of all files of a tree that may become documents.
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

// unchanged returns an error if a folder is not in the state that it was listed in at
// first.
func (u *unit) unchanged(l *listing) error {
	if u.revision == "" && l.state() != u.state {
		return errors.New("the folder changed while it was crawled, which blobs: once does not bear; run again")
	}
	return nil
}

// markRepeats makes marks and names of the places of all shards: it sorts the places by
// key, marks those that are the same, and sorts the marks by unit and entry. sizes is
// how many units each shard has.
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

// collect adds the places of a shard to those of all, and their names to the file of
// names. first is the number of the shard's first unit among all.
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

// markEach goes through the sorted places. Of those with the same key the first is kept;
// it gets a mark for each of the others, and each of these one for it.
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

// writeMarks writes the sorted marks, and behind them for each unit the offset where its
// marks begin, and once more where the last one's end (8 bytes each, big-endian).
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

// repeats reads marks and names: for a blob that stands in several places, which place
// is the first and what the others are called. A nil one knows of no repeats.
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

// of returns a reader of the marks of one unit. Without repeats it is nil, which is a
// reader of no marks.
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

// markReader reads the marks of one unit, in step with its listing.
type markReader struct {
	names *work.Reader
	in    *bufio.Reader
	mark  mark // the next one
	has   bool // mark was read and not used yet
}

// next looks up an entry, which must be asked for in rising order. seen says that its
// blob has an earlier place, so that this one is left out. If it is the first place,
// also has the names of the others, where names are wanted.
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
