package dedup

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/codemill/codemill/corpus"
)

// The files of one shard of sketches, all numbers in them little-endian unless
// an entry's:
//
//	<shard>.entries   an entry (see there) for every document not out before
//	<shard>.sketches  for each of them the number of its shingles (4 bytes),
//	                  where in sets they begin (8 bytes), and the values of its
//	                  sketch (2 bytes each, zero where it has no shingles)
//	<shard>.sets      the hashes of its shingles, sorted (8 bytes each)
const (
	entriesExt  = ".entries"
	sketchesExt = ".sketches"
	setsExt     = ".sets"
)

// sketchVersion is raised when the same documents and settings give other
// bytes in these files.
//
//	1: the first
const sketchVersion = 1

// sketchHead is how many bytes of a sketch stand before its values.
const sketchHead = 12

func (d *Dedup) sketchSize() int { return sketchHead + 2*d.c.Near.Permutations }

// sketchSettings are the settings that sketches depend on.
type sketchSettings struct {
	Normalize    bool
	Near         bool
	Ngram        int
	Split        string
	Sketch       string
	Permutations int
}

// sketchMemory is about what sketching one shard takes: reading a table, a set
// before and after sorting.
const sketchMemory = corpus.TableMemory + 5*8*MaxShingles

// sketchAll makes the sketches of all documents, one shard for each of theirs,
// in a folder below the stage's. They outlive the run: another threshold or
// order takes them as they are.
func (d *Dedup) sketchAll(ctx context.Context, job corpus.Job) (*corpus.Manifest, error) {
	job.Stage += "/sketches"
	inputs, err := job.Inputs()
	if err != nil {
		return nil, err
	}
	before, err := job.Before()
	if err != nil {
		return nil, err
	}
	workers, err := job.Parallel(sketchMemory)
	if err != nil {
		return nil, err
	}
	n := d.c.Near
	s := corpus.Stage{
		Version:  sketchVersion,
		Settings: sketchSettings{d.c.Exact.Normalize, !n.Off, n.Ngram, n.Split, n.Sketch, n.Permutations},
		Workers:  workers,
		Prepare: func(context.Context) error {
			job.Meter.Expect(before.Total().Kept.Bytes)
			return nil
		},
	}
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, corpus.Task{
			Shard: corpus.ShardName(i), Inputs: in, From: corpus.Fingerprint(in),
			Make: func(ctx context.Context, out *corpus.Output) error { return d.sketchShard(ctx, job, i, out) },
		})
	}
	return job.Run(ctx, s)
}

func (d *Dedup) sketchShard(ctx context.Context, job corpus.Job, shard int, out *corpus.Output) error {
	var files [3]*corpus.FileWriter
	for i, ext := range []string{entriesExt, sketchesExt, setsExt} {
		f, err := out.Create(out.Shard() + ext)
		if err != nil {
			return err
		}
		files[i] = f
	}
	var (
		w   = sketcher{d: d, sketch: make([]uint16, d.c.Near.Permutations)}
		err error
	)
	for row, rerr := range job.Rows(ctx, shard, true) {
		if rerr != nil {
			return rerr
		}
		if row.Out {
			continue
		}
		if row.Pos.Row() > math.MaxUint32 {
			return fmt.Errorf("more than %d documents in one shard", uint32(math.MaxUint32))
		}
		w.take(row, len(job.After) == 0)
		for i, b := range [][]byte{w.entry, w.head, w.set} {
			if _, err = files[i].Write(b); err != nil {
				return err
			}
		}
		job.Meter.Did(1, row.Crawled)
		files[0].Rows++
	}
	return nil
}

// sketcher turns documents into the bytes of their entry, sketch and set.
type sketcher struct {
	d                *Dedup
	entry, head, set []byte
	offset           uint64 // in the file of sets
	shingles         []uint64
	sketch           []uint16
}

// take works out one document; its text is as crawled if raw.
func (w *sketcher) take(row corpus.Row, raw bool) {
	doc, d := row.Doc, w.d
	text := d.normalize(doc.Text)
	e := entry{
		row: uint32(row.Pos.Row()), license: licenseRank(doc.LicenseType),
		stars: doc.Stars, forks: doc.Forks, created: doc.CreatedAt,
		path: uint32(len(doc.Path)), text: uint64(row.Crawled), contentID: doc.ContentID, id: doc.ID,
	}
	if !raw || d.c.Exact.Normalize {
		e.contentID = d.content(text)
	}
	w.shingles, e.shape = w.shingles[:0], short
	if !d.c.Near.Off {
		w.shingle(&e, text)
	}
	w.entry = e.append(w.entry[:0])
	w.head = binary.LittleEndian.AppendUint32(w.head[:0], uint32(len(w.shingles)))
	w.head = binary.LittleEndian.AppendUint64(w.head, w.offset)
	w.head = appendSketch(w.head, w.sketch)
	w.set = w.set[:0]
	for _, h := range w.shingles {
		w.set = binary.LittleEndian.AppendUint64(w.set, h)
	}
	w.offset += uint64(len(w.set))
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
