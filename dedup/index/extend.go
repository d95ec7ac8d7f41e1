package index

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/work"
)

// Extend adds what a finished stage kept to the index, under Config.As; without that it
// does nothing. m is the stage's manifest; the stage's sketches must stand beside its
// verdicts. Where the run stands in the index already, made from the same, nothing is
// written.
//
// The last run may be made anew. A run that others were added after cannot change any
// more, as those were compared with it: an error says what to do. A dry run returns a
// [work.Pending] if there is something to add.
func (x *Index) Extend(ctx context.Context, maker *units.Maker, job work.Job, m *work.Manifest) error {
	if x == nil || x.c.As == "" {
		return nil
	}
	if x.work == nil { // a dry run, and no index yet
		p := &work.Pending{Stage: job.Stage}
		for _, shard := range m.Shards {
			p.Stale = append(p.Stale, shard.Shard)
		}
		return p
	}
	sketches, err := job.Sub(units.Sub).Dir().Manifest()
	if err != nil {
		return err
	}
	to := job
	to.Work, to.Stage, to.Meter = x.work, path.Join(runsDir, x.c.As), nil
	s := work.Stage{Version: indexFormat, Settings: x.settings}
	if s.Workers, err = job.Parallel(work.TableMemory); err != nil {
		return err
	}
	r := Run{Name: x.c.As, Pass: x.pass, Docs: x.docs}
	for i, shard := range sketches.Shards {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: shard.Shard, From: r.from(), Inputs: []string{r.from(), m.Shards[i].Contents, shard.Contents},
			Make: func(ctx context.Context, out *work.Output) error { return copyKept(ctx, maker, job, i, out) },
		})
	}
	runs := x.contents.Runs
	if x.own < len(runs)-1 { // others were compared with it: it must stand as it would be made
		to.DryRun = true
	}
	if x.own == len(runs) && !job.DryRun {
		if err := x.announce(r); err != nil {
			return err
		}
	}
	made, err := to.Run(ctx, s)
	var pending *work.Pending
	if errors.As(err, &pending) && !job.DryRun {
		return fmt.Errorf("%s: index.as: %q would not be the same as before, and %q was added after it: its documents were compared with what stands there. Leave this run and go on with the next; documents that are not in the index yet go in under another name",
			job.Stage, x.c.As, runs[x.own+1].Name)
	}
	if err != nil {
		return err
	}
	return x.enter(r, made)
}

// announce lists a new run in index.json, as being added, before anything of it is
// written.
func (x *Index) announce(r Run) error {
	r.Adding = true
	return x.write(append(slices.Clone(x.contents.Runs), r))
}

// enter writes the finished run into index.json, when all of it is there: in the place of
// the run of its name, or behind all others.
func (x *Index) enter(r Run, made *work.Manifest) error {
	r.Contents = work.Fingerprint(made.Shards)
	for _, s := range made.Shards {
		r.Kept += s.Rows
	}
	runs := x.contents.Runs
	if x.own < len(runs) && runs[x.own] == r {
		return nil
	}
	runs = append(slices.Clone(runs), r)
	runs[x.own] = r
	return x.write(runs[:max(len(x.contents.Runs), x.own+1)])
}

// write writes index.json with these runs, whole or not at all. x.contents stays as it was
// read. The list leaves out another run whose adding was cut short; what there is of that
// is removed first, as a run's folder that is not listed is damage.
func (x *Index) write(runs []Run) error {
	if x.unfinished != "" {
		if err := x.work.Dir(path.Join(runsDir, x.unfinished)).Remove(); err != nil {
			return err
		}
	}
	c := x.contents
	c.Runs = runs
	c.Check = c.check()
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return x.work.WriteFile(indexFile, append(b, '\n'))
}

// copyKept writes one shard of the index: the kept units of one shard of the run. It reads
// four things side by side, all in the order of the units: entries and sketches with the
// verdicts (units.Reader), sets, and the documents, for their names.
func copyKept(ctx context.Context, maker *units.Maker, job work.Job, shard int, out *work.Output) error {
	var to [5]*work.FileWriter
	for i, ext := range []string{units.EntriesExt, units.SketchesExt, units.SetsExt, namesExt, placesExt} {
		f, err := out.Create(out.Shard() + ext)
		if err != nil {
			return err
		}
		to[i] = f
	}
	read, err := maker.OpenVerdicts(job, shard)
	if err != nil {
		return err
	}
	defer read.Close()
	sets, err := read.Sets.Open(units.SetsExt)
	if err != nil {
		return err
	}
	defer sets.Close()
	docs, stop := iter.Pull2(job.Rows(ctx, shard, false))
	defer stop()
	var (
		c    = copier{sets: bufio.NewReaderSize(sets, 1<<18), to: to}
		next = int64(0) // row of the document that docs gives next
	)
	for {
		ok, err := read.Next()
		if err != nil || !ok {
			return err
		}
		var row work.Row
		for ; next <= int64(read.Entry.Row); next++ {
			if row, err, ok = docs(); err == nil && !ok {
				err = fmt.Errorf("%w: fewer documents than entries", corpus.ErrCorrupt)
			}
			if err != nil {
				return err
			}
		}
		if err := c.copy(read, row.Doc); err != nil {
			return err
		}
	}
}

// copier copies the units of one shard, in their order, and leaves out what is dropped.
// Entries and sets are copied as they are. Of a sketch the place of its set is put right,
// since sets that are left out move those behind them.
type copier struct {
	sets          *bufio.Reader       // the run's file of sets, at the next unit
	to            [5]*work.FileWriter // entries, sketches, sets, names, places
	offset, names uint64              // how many bytes of sets and names are written
	buf, head     []byte              // memory
}

// copy copies the unit that u stands at; doc is its first document. The name of a
// repository has no path, unless it is only of a document that names no repository.
func (c *copier) copy(u *units.Reader, doc *corpus.Doc) error {
	u.Sketch.Parse(u.Head)
	size := sketch.PackedSize(int(u.Sketch.Size))
	if !u.Verdict.Kept() {
		_, err := c.sets.Discard(size)
		return err
	}
	if _, err := io.CopyN(c.to[2], c.sets, int64(size)); err != nil {
		return err
	}
	u.Sketch.Offset = c.offset
	c.head = u.Sketch.Append(c.head[:0])
	c.offset += uint64(size)
	name := doc.Path
	if u.Repository && doc.Repo != "" {
		name = ""
	}
	c.buf = appendNames(c.buf[:0], doc.Source, doc.Repo, name)
	at := nameAt{c.names, uint32(len(c.buf))}
	c.names += uint64(len(c.buf))
	for _, w := range []struct {
		to *work.FileWriter
		b  []byte
	}{{c.to[0], u.Record}, {c.to[1], c.head}, {c.to[3], c.buf}, {c.to[4], at.append(nil)}} {
		if _, err := w.to.Write(w.b); err != nil {
			return err
		}
	}
	c.to[0].Rows++
	return nil
}
