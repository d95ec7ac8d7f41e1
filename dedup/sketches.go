package dedup

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"

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
	entriesExt  = ".entries"
	sketchesExt = ".sketches"
	setsExt     = ".sets"
	lengthsExt  = ".lengths"
)

// sketchVersion is raised when the same documents and settings give other
// bytes in these files.
//
//	1: the first
//	2: entries name the source, lengths stand by themselves
//	3: hashes of 40 bits, packed sets
//	4: the splittings of The Stack to the letter, MinHash modulo a prime
const sketchVersion = 4

func (d *Dedup) sketchSize() int { return sketch.StoredSize(d.c.Near.Permutations) }

// sketchSettings are the settings that sketches depend on.
type sketchSettings struct {
	Exact        sketch.Exact
	Near         bool
	Ngram        int
	Split        string
	Sketch       string // always that of fss; an old index may have "minhash"
	Permutations int
	Level        string
	Languages    []string
	Except       []string
}

func (d *Dedup) sketchSettings() sketchSettings {
	n := d.c.Near
	kind := ""
	if !n.Off {
		kind = "fss"
	}
	return sketchSettings{d.c.Exact, !n.Off, n.Ngram, n.Split, kind, n.Permutations, d.c.Level, d.c.Languages, d.c.ExceptLanguages}
}

// sketchMemory is about what sketching one shard takes: reading a table, a set
// before and after sorting.
const sketchMemory = work.TableMemory + 5*8*sketch.MaxShingles

// pileMemory is about what a repository's set takes besides.
const pileMemory = 6 * 8 * sketch.MaxShingles

// sketchesDir is the need of the stage that holds the sketches.
const sketchesDir = "sketches"

// sketchesNeed describes the making of the sketches of all documents, one shard
// for each of theirs. They outlive the run: another threshold or order takes
// them as they are.
func (d *Dedup) sketchesNeed(job work.Job) (work.Stage, error) {
	memory := int64(sketchMemory)
	if d.c.Level == LevelRepository {
		memory += pileMemory
	}
	s := work.Stage{Version: sketchVersion, Settings: d.sketchSettings()}
	return job.Sub(sketchesDir).PerShard(s, memory, func(ctx context.Context, shard int, out *work.Output) error {
		return d.sketchShard(ctx, job, shard, out)
	})
}

func (d *Dedup) sketchShard(ctx context.Context, job work.Job, shard int, out *work.Output) error {
	w := sketcher{d: d, sketch: make([]uint16, d.c.Near.Permutations), group: d.grouping()}
	for i, ext := range []string{entriesExt, sketchesExt, setsExt, lengthsExt} {
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

// sketcher turns documents into the bytes of their entry, sketch and set.
type sketcher struct {
	d                *Dedup
	files            [4]*work.FileWriter // entries, sketches, sets, lengths
	group            grouping
	repository       repository
	entry, head, set []byte
	offset           uint64 // in the file of sets
	shingles         []uint64
	sketch           []uint16
}

// take works out one document.
func (w *sketcher) take(row work.Row) error {
	doc, d := row.Doc, w.d
	w.head = binary.LittleEndian.AppendUint64(w.head[:0], uint64(row.Crawled))
	if _, err := w.files[3].Write(w.head); err != nil || !d.takes(doc) {
		return err
	}
	text := d.c.Exact.Normalize(doc.Text)
	e := d.entryOf(row, text)
	if d.c.Level != LevelRepository {
		w.shingles, e.shape = w.shingles[:0], short
		if !d.c.Near.Off {
			w.shingle(&e, text)
		}
		return w.write(&e, w.shingles, 0)
	}
	if w.group.starts(doc) {
		if err := w.endRepository(); err != nil {
			return err
		}
		w.repository.begin(e, doc)
	}
	w.repository.add(d, e, text)
	return nil
}

// entryOf returns a document's entry but for the shape. The text is what counts
// of the document's; where that is all, its content id is known already.
func (d *Dedup) entryOf(row work.Row, text []byte) entry {
	doc := row.Doc
	e := entry{
		row: uint32(row.Pos.Row()), license: licenseRank(doc.LicenseType),
		stars: doc.Stars, forks: doc.Forks, created: doc.CreatedAt,
		path: uint32(len(doc.Path)), source: sourceKey(doc.Source), contentID: doc.ContentID, id: doc.ID,
	}
	if row.Edited || !bytes.Equal(text, doc.Text) {
		e.contentID = d.content(text)
	}
	return e
}

// endRepository writes the repository that has come to its end, if any.
func (w *sketcher) endRepository() error {
	if !w.repository.open {
		return nil
	}
	e, set, scale := w.repository.end(w.d)
	clear(w.sketch)
	if len(set) > 0 {
		w.sketch = w.d.Sign(w.sketch, set)
	}
	return w.write(&e, set, scale)
}

// write adds an entry, its sketch and its set to the files.
func (w *sketcher) write(e *entry, set []uint64, scale uint8) error {
	w.entry = e.append(w.entry[:0])
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

func (w *sketcher) shingle(e *entry, text []byte) {
	var ok bool
	w.shingles, ok = w.d.Shingles(w.shingles, text)
	switch {
	case !ok:
		e.shape = long
	case len(w.shingles) > 0:
		e.shape = shingled
	}
	clear(w.sketch)
	if e.shape == shingled {
		w.sketch = w.d.Sign(w.sketch, w.shingles)
	}
}
