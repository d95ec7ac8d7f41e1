package units

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/work"
)

// The files of one shard of sketches, all numbers in them little-endian unless
// an entry's:
//
//	<shard>.entries   an entry (see there) for every document that takes part
//	                  (at repository level for every repository, and so on)
//	<shard>.sketches  for each of them its sketch: see Stored; the values are zero
//	                  where it has no shingles
//	<shard>.sets      the hashes of its shingles; see AppendPacked
//	<shard>.lengths   for every document not out before the bytes of its text as
//	                  crawled (8 bytes)
const (
	EntriesExt  = ".entries"
	SketchesExt = ".sketches"
	SetsExt     = ".sets"
	LengthsExt  = ".lengths"
)

// Version is raised when the same documents and settings give other
// bytes in these files.
//
//	1: the first
//	2: entries name the source, lengths stand by themselves
//	3: hashes of 40 bits, packed sets
//	4: the splittings of The Stack to the letter, MinHash modulo a prime
const Version = 4

// Settings are what entries, sketches and sets depend on.
type Settings struct {
	Exact        sketch.Exact
	Near         bool // sketches and sets are made
	Ngram        int
	Split        string
	Sketch       string // always that of fss; an old index may have "minhash"
	Permutations int
	Level        string
	Languages    []string
	Except       []string
}

// Differences names the settings that differ.
func (s Settings) Differences(want Settings) string {
	var list []string
	note := func(key string, have, want any) {
		if h, w := fmt.Sprint(have), fmt.Sprint(want); h != w {
			list = append(list, fmt.Sprintf("%s: %s there, %s here", key, h, w))
		}
	}
	note("exact.line_ends", s.Exact.LineEnds, want.Exact.LineEnds)
	note("exact.trailing_space", s.Exact.TrailingSpace, want.Exact.TrailingSpace)
	note("exact.license_header", s.Exact.LicenseHeader, want.Exact.LicenseHeader)
	note("near.off", !s.Near, !want.Near)
	note("near.ngram", s.Ngram, want.Ngram)
	note("near.split", s.Split, want.Split)
	note("near.sketch", s.Sketch, want.Sketch)
	note("near.permutations", s.Permutations, want.Permutations)
	note("level", s.Level, want.Level)
	note("languages", s.Languages, want.Languages)
	note("except_languages", s.Except, want.Except)
	if len(list) == 0 && work.Fingerprint(s) != work.Fingerprint(want) {
		return "of another version"
	}
	return strings.Join(list, "; ")
}

// Maker makes units by its settings. It is safe for concurrent use.
type Maker struct {
	Settings
	*sketch.Sketcher
}

// New returns a Maker for valid settings.
func New(s Settings) *Maker {
	return &Maker{s, sketch.New(sketch.Config{Ngram: s.Ngram, Split: s.Split, Permutations: s.Permutations})}
}

// SketchSize is the length of a stored sketch.
func (m *Maker) SketchSize() int { return sketch.StoredSize(m.Permutations) }

// sketchMemory is about what sketching one shard takes: reading a table, a set
// before and after sorting.
const sketchMemory = work.TableMemory + 5*8*sketch.MaxShingles

// pileMemory is about what a repository's set takes besides.
const pileMemory = 6 * 8 * sketch.MaxShingles

// Sub is the need of the stage that holds the sketches.
const Sub = "sketches"

// Describe describes the making of the sketches of all documents, one shard
// for each of theirs. They outlive the run: another threshold or order takes
// them as they are.
func (m *Maker) Describe(job work.Job) (work.Stage, error) {
	memory := int64(sketchMemory)
	if m.Level == LevelRepository {
		memory += pileMemory
	}
	s := work.Stage{Version: Version, Settings: m.Settings}
	return job.Sub(Sub).PerShard(s, memory, func(ctx context.Context, shard int, out *work.Output) error {
		return m.sketchShard(ctx, job, shard, out)
	})
}

func (m *Maker) sketchShard(ctx context.Context, job work.Job, shard int, out *work.Output) error {
	w := unitWriter{m: m, sketch: make([]uint16, m.Permutations), group: m.Grouping()}
	for i, ext := range []string{EntriesExt, SketchesExt, SetsExt, LengthsExt} {
		f, err := out.Create(out.Shard() + ext)
		if err != nil {
			return err
		}
		w.files[i] = f
	}
	for row, err := range job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		if row.Out {
			continue
		}
		if row.Pos.Row() > math.MaxUint32 {
			return fmt.Errorf("more than %d documents in one shard", uint32(math.MaxUint32))
		}
		if err := w.take(row); err != nil {
			return err
		}
		job.Meter.Did(1, row.Crawled)
	}
	return w.endRepository()
}

// unitWriter turns documents into the bytes of their entry, sketch and set.
type unitWriter struct {
	m                *Maker
	files            [4]*work.FileWriter // entries, sketches, sets, lengths
	group            Grouping
	repository       repository
	entry, head, set []byte
	offset           uint64 // in the file of sets
	shingles         []uint64
	sketch           []uint16
}

// take works out one document.
func (w *unitWriter) take(row work.Row) error {
	doc, m := row.Doc, w.m
	w.head = binary.LittleEndian.AppendUint64(w.head[:0], uint64(row.Crawled))
	if _, err := w.files[3].Write(w.head); err != nil || !m.Takes(doc) {
		return err
	}
	text := m.Exact.Normalize(doc.Text)
	e := m.EntryOf(row, text)
	if m.Level != LevelRepository {
		w.shingles, e.Shape = w.shingles[:0], short
		if m.Near {
			w.shingle(&e, text)
		}
		return w.write(&e, w.shingles, 0)
	}
	if w.group.Starts(doc) {
		if err := w.endRepository(); err != nil {
			return err
		}
		w.repository.begin(e, doc)
	}
	w.repository.add(m, e, text)
	return nil
}

// EntryOf returns a document's entry but for the shape. The text is what counts
// of the document's; where that is all, its content id is known already.
func (m *Maker) EntryOf(row work.Row, text []byte) Entry {
	doc := row.Doc
	e := Entry{
		Row: uint32(row.Pos.Row()), license: licenseRank(doc.LicenseType),
		stars: doc.Stars, forks: doc.Forks, created: doc.CreatedAt,
		path: uint32(len(doc.Path)), source: sourceKey(doc.Source), ContentID: doc.ContentID, ID: doc.ID,
	}
	if row.Edited || !bytes.Equal(text, doc.Text) {
		e.ContentID = contentID(text)
	}
	return e
}

// endRepository writes the repository that has come to its end, if any.
func (w *unitWriter) endRepository() error {
	if !w.repository.open {
		return nil
	}
	e, set, scale := w.repository.end(w.m)
	clear(w.sketch)
	if len(set) > 0 {
		w.sketch = w.m.Sign(w.sketch, set)
	}
	return w.write(&e, set, scale)
}

// write adds an entry, its sketch and its set to the files.
func (w *unitWriter) write(e *Entry, set []uint64, scale uint8) error {
	w.entry = e.Append(w.entry[:0])
	stored := sketch.Stored{Size: uint32(len(set)), Scale: scale, Offset: w.offset, Values: w.sketch}
	w.head = stored.Append(w.head[:0])
	w.set = sketch.AppendPacked(w.set[:0], set)
	w.offset += uint64(len(w.set))
	for i, b := range [][]byte{w.entry, w.head, w.set} {
		if _, err := w.files[i].Write(b); err != nil {
			return err
		}
	}
	w.files[0].Rows++
	return nil
}

func (w *unitWriter) shingle(e *Entry, text []byte) {
	var ok bool
	w.shingles, ok = w.m.Shingles(w.shingles, text)
	switch {
	case !ok:
		e.Shape = Long
	case len(w.shingles) > 0:
		e.Shape = Shingled
	}
	clear(w.sketch)
	if e.Shape == Shingled {
		w.sketch = w.m.Sign(w.sketch, w.shingles)
	}
}
