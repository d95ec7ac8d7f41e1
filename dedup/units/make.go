package units

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/work"
)

// The files of one shard of sketches. Numbers are little-endian, but those of entries
// big-endian.
//
//	<shard>.entries   an [Entry] for each unit
//	<shard>.sketches  for each unit its sketch, of fixed size (sketch.Stored); the
//	                  values are zero where it has no shingles
//	<shard>.sets      for each unit the hashes of its shingles, of varying length
//	                  (sketch.AppendPacked); its sketch says where they begin
//	<shard>.lengths   for each document that no earlier stage put out, whether it
//	                  takes part or not: the bytes of its text as crawled (8 bytes)
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
//	5: shingles without licence notices, their number in the entry
const Version = 5

// Settings are what entries, sketches and sets depend on. An index remembers them: it
// can only be compared with units that were made by the same ones.
type Settings struct {
	Exact sketch.Exact // what of a text counts
	Near  bool         // sketches and sets are made; else units are compared exactly only
	Ngram int          // tokens of a shingle
	Split string       // how texts are cut into tokens
	// WithLicenseHeader says that shingles are of licence notices too.
	WithLicenseHeader bool
	Sketch            string   // "fss", "" without Near; an old index may have "minhash"
	Permutations      int      // values of a sketch
	Level             string   // LevelFile or LevelRepository
	Languages         []string // those that take part; none means all
	Except            []string // those that do not
}

// Differences names the settings that differ from those wanted, "" for none.
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
	note("near.with_license_header", s.WithLicenseHeader, want.WithLicenseHeader)
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

// Maker makes the entries, sketches and sets of units, by its settings. It is safe
// for concurrent use.
type Maker struct {
	Settings
	*sketch.Sketcher
}

// New returns a Maker for valid settings.
func New(s Settings) *Maker {
	return &Maker{s, sketch.New(sketch.Config{Ngram: s.Ngram, Split: s.Split, Permutations: s.Permutations})}
}

// SketchSize is the length of a stored sketch in bytes.
func (m *Maker) SketchSize() int { return sketch.StoredSize(m.Permutations) }

// sketchMemory is about how many bytes sketching one shard takes: for reading a table,
// and for a set before and after sorting.
const sketchMemory = work.TableMemory + 5*8*sketch.MaxShingles

// pileMemory is about how many bytes the set of a repository takes besides.
const pileMemory = 6 * 8 * sketch.MaxShingles

// Sub is the need of the stage that holds the sketches.
const Sub = "sketches"

// Describe describes the making of the sketches: one shard for each shard of
// documents. They stay when the stage stands, so that a run with another threshold
// or order does not read the texts again.
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

// unitWriter writes the files of one shard. It takes the documents in their order.
type unitWriter struct {
	m          *Maker
	files      [4]*work.FileWriter // entries, sketches, sets, lengths
	group      Grouping
	repository repository // the one whose documents come now, at repository level
	offset     uint64     // where in the file of sets the next set begins

	entry, head, set []byte   // memory for the bytes of one unit
	shingles         []uint64 // memory for the set of one document
	sketch           []uint16 // memory for the values of one sketch
}

// take writes the length of a document, and its unit: at file level at once, at
// repository level when the repository ends.
func (w *unitWriter) take(row work.Row) error {
	doc, m := row.Doc, w.m
	w.head = binary.LittleEndian.AppendUint64(w.head[:0], uint64(row.Crawled))
	if _, err := w.files[3].Write(w.head); err != nil || !m.Takes(doc) {
		return err
	}
	same, similar := m.Texts(doc)
	e := m.EntryOf(row, same)
	if m.Level != LevelRepository {
		w.shingles, e.Shape = w.shingles[:0], short
		if m.Near {
			w.shingle(&e, similar)
		}
		return w.write(&e, w.shingles, 0)
	}
	if w.group.Starts(doc) {
		if err := w.endRepository(); err != nil {
			return err
		}
		w.repository.begin(e, doc)
	}
	w.repository.add(m, e, similar)
	return nil
}

// Texts returns what of a document's text counts for being the same as another, and for
// being similar. Both are the text itself where all of it counts.
func (m *Maker) Texts(doc *corpus.Doc) (same, similar []byte) {
	same = m.Exact.Normalize(doc.Text, doc.Language)
	if !m.Near || m.WithLicenseHeader || m.Exact.LicenseHeader {
		return same, same
	}
	return same, sketch.WithoutNotice(same, doc.Language)
}

// EntryOf returns the entry of a document, without its shape and shingles. text is what
// of the document's text counts for being the same. Where that is all of it, as crawled, the
// content id is the document's own, else it is computed.
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

// endRepository writes the unit of the repository whose last document was taken, if
// there is one.
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

// write adds a unit to the files. The set is a sample where scale is not 0: see
// sketch.Pile.
func (w *unitWriter) write(e *Entry, set []uint64, scale uint8) error {
	e.measure(set, scale)
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

// shingle makes the set and the sketch of a document, and notes its shape.
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
