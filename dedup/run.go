package dedup

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// SummaryShard is the name of the stage's shard that holds its [Summary]. It
// follows those that belong to documents.
const SummaryShard = "summary"

// globalExt ends the name of the file beside the first shard's verdicts that
// holds what the phase over all documents knows of the summary.
const globalExt = ".global.json"

// Summary is what deduplication found, beyond the counts of the ledger.
type Summary struct {
	Level     string `json:"level"`     // at repository level all numbers are of repositories
	Documents int64  `json:"documents"` // compared
	Exact     int64  `json:"exact"`     // dropped as the same as another
	Near      int64  `json:"near"`      // dropped as similar to another, copies of them included
	Long      int64  `json:"long"`      // of too many shingles, compared exactly only
	Sampled   int64  `json:"sampled"`   // compared by a sample of their shingles
	// SplitRepositories are those whose documents do not stand together. Each
	// piece of one was compared like a repository.
	SplitRepositories int64 `json:"split_repositories,omitempty"`

	Indexed    int64 `json:"indexed,omitempty"`     // documents of the index that these were compared with
	ForIndexed int64 `json:"for_indexed,omitempty"` // dropped for one of them

	Threshold float64      `json:"threshold,omitempty"`
	Bands     int          `json:"bands,omitempty"`
	Rows      int          `json:"rows,omitempty"`
	SCurve    []CurvePoint `json:"s_curve,omitempty"` // at the threshold and 0.1 around it

	Candidates    int64 `json:"candidates"`     // pairs that share a band, without overfull buckets
	Estimated     int64 `json:"estimated"`      // of them and from overfull buckets, compared by their sketches
	Verified      int64 `json:"verified"`       // and by their sets
	HotBuckets    int64 `json:"hot_buckets"`    // overfull: of more than near.bucket_cap documents
	HotMembers    int64 `json:"hot_members"`    // documents in them, once for each
	LargestBucket int64 `json:"largest_bucket"` // documents in the largest

	// Worst are the groups of Limits.MinDocuments or more that lost the largest
	// shares, three of each kind at most.
	Worst          []Group  `json:"worst,omitempty"`
	LargestCluster *Cluster `json:"largest_cluster,omitempty"`
	Breaches       []Breach `json:"breaches,omitempty"` // of Limits
	Audit          *Audit   `json:"audit,omitempty"`

	Blocks *BlockSummary `json:"blocks,omitempty"` // at level blocks, which has nothing else
}

// CurvePoint is a similarity and the share of pairs so similar that become
// candidates.
type CurvePoint struct {
	Similarity  float64 `json:"similarity"`
	Probability float64 `json:"probability"`
}

func newSummary(c Config, documents int64) Summary {
	s := Summary{Level: c.Level, Documents: documents}
	if n := c.Near; !n.Off {
		s.Threshold, s.Bands, s.Rows = n.Threshold, n.Bands, n.Rows
		for _, d := range []float64{-0.1, 0, 0.1} {
			at := math.Round(1e6*min(max(n.Threshold+d, 0), 1)) / 1e6
			s.SCurve = append(s.SCurve, CurvePoint{at, SCurve(at, n.Bands, n.Rows)})
		}
	}
	return s
}

// ReadSummary returns the summary of a finished stage.
func ReadSummary(dir work.Dir) (Summary, error) {
	var s Summary
	return s, dir.ReadJSON(SummaryShard, SummaryShard+".json", &s)
}

// settings are what the verdicts depend on.
type settings struct {
	Exact           Exact
	Near            Near
	Order           []string
	Level           string
	Languages       []string
	ExceptLanguages []string
	Priority        []string
}

// Run writes a verdict for every document. Any document can change the verdict
// on any other, so all shards are made again when one of their inputs changes;
// the sketches, in a folder below, only where theirs does. At last it adds what
// was kept to the index, if that is asked for.
func Run(ctx context.Context, job work.Job, c Config) (*work.Manifest, error) {
	d, err := New(c)
	if err != nil {
		return nil, err
	}
	return d.run(ctx, job)
}

func (d *Dedup) run(ctx context.Context, job work.Job) (m *work.Manifest, err error) {
	if d.c.Level == LevelBlocks {
		return d.runBlocks(ctx, job)
	}
	known, err := d.openIndex(job)
	if err != nil {
		return nil, err
	}
	r := &runner{d: d, job: job, index: known}
	defer func() {
		if cerr := errors.Join(r.close(), known.close()); err == nil && cerr != nil {
			m, err = nil, cerr
		}
	}()
	s, err := r.stage()
	if err != nil {
		return nil, err
	}
	if m, err = job.Run(ctx, s); err != nil {
		return nil, err
	}
	return m, known.extend(ctx, d, job, m)
}

// stage describes the shards of verdicts and the summary.
func (r *runner) stage() (s work.Stage, err error) {
	d, job := r.d, r.job
	inputs, err := job.Inputs()
	if err != nil {
		return s, err
	}
	before, err := job.Before()
	if err != nil {
		return s, err
	}
	r.order = d.survivorOrder(job, before)
	workers, err := job.Parallel(work.TableMemory)
	if err != nil {
		return s, err
	}
	s = work.Stage{
		Version:  Version,
		Settings: settings{d.c.Exact, d.c.Near, d.c.Order, d.c.Level, d.c.Languages, d.c.ExceptLanguages, d.c.Priority},
		Workers:  workers, Prepare: r.prepare, Expect: &before,
	}
	all := work.Fingerprint(inputs, r.index != nil, r.index.before())
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: all, From: work.Fingerprint(in),
			Make: func(ctx context.Context, out *work.Output) error { return r.verdicts(ctx, i, out) },
		})
	}
	s.Final = []work.FinalTask{{Shard: SummaryShard, Inputs: d.c.Limits, Make: func(ctx context.Context, out *work.Output, _ *work.Manifest) error {
		return r.conclude(ctx, len(inputs), out)
	}}}
	return s, nil
}

// runner carries the outcomes from the global phase to the shards of verdicts.
type runner struct {
	d       *Dedup
	job     work.Job
	index   *index
	order   *survivorOrder
	scratch *work.Scratch
	file    vfs.File // of outcomes, by shard
	starts  []int64  // where each shard's begin in the file, and its end
	summary Summary
}

func (r *runner) close() (err error) {
	if r.file != nil {
		err = r.file.Close()
		r.file = nil
	}
	if r.scratch != nil {
		err = errors.Join(err, r.scratch.Close())
		r.scratch = nil
	}
	return err
}

func (r *runner) prepare(ctx context.Context) error {
	m, err := r.d.sketchAll(ctx, r.job)
	if err != nil {
		return err
	}
	if r.scratch, err = r.job.Work.Scratch(r.job.Stage); err != nil {
		return err
	}
	g, err := newGlobal(r.d, r.job, m, r.order, r.index, r.scratch)
	if err != nil {
		return err
	}
	defer g.close()
	if err := g.run(ctx); err != nil {
		return fmt.Errorf("%s: %w", r.job.Stage, err)
	}
	r.summary = g.summary
	return r.write(g)
}

// A document's outcome in the file is its number in its shard of sketches (4
// bytes), the kind (1; standsFor if it is kept), the survivor's position (8),
// the similarity (8) and how many it stands for besides itself (4). Documents
// that are kept and stand for themselves only are not in it.
const fileOutcomeSize = 4 + 1 + 8 + 8 + 4

// write puts the outcomes, sorted by document, into one file.
func (r *runner) write(g *global) (err error) {
	sorted, err := g.outcomes.Sort()
	if err != nil {
		return err
	}
	if r.file, err = r.scratch.Create(); err != nil {
		return err
	}
	w := bufio.NewWriterSize(r.file, 1<<18)
	var (
		rec   [fileOutcomeSize]byte
		open  bool
		index int64
		at    int64
	)
	r.starts = []int64{0}
	flush := func() error {
		if !open {
			return nil
		}
		open = false
		at += fileOutcomeSize
		_, err := w.Write(rec[:])
		return err
	}
	upTo := func(next int64) error {
		if err := flush(); err != nil {
			return err
		}
		for len(r.starts) <= g.own && g.starts[len(r.starts)] <= next {
			r.starts = append(r.starts, at)
		}
		return nil
	}
	for b, err := range sorted.All() {
		if err != nil {
			return err
		}
		if i := int64(be32(b)); !open || i != index {
			if err := upTo(i); err != nil {
				return err
			}
			index, open, rec = i, true, [fileOutcomeSize]byte{}
			binary.BigEndian.PutUint32(rec[:], uint32(i-g.starts[len(r.starts)-1]))
		}
		if b[4] == standsFor {
			n := rec[len(rec)-4:]
			binary.BigEndian.PutUint32(n, be32(n)+1)
		} else {
			copy(rec[4:], b[4:])
		}
	}
	if err := upTo(g.starts[g.own]); err != nil {
		return err
	}
	return w.Flush()
}

// verdicts writes the verdicts of one shard: outcomes, the entries of its
// documents and the documents themselves are in the same order.
func (r *runner) verdicts(ctx context.Context, shard int, out *work.Output) error {
	name := corpus.ShardName(shard)
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	known, err := newKnownWriter(r.index, out)
	if err != nil {
		return err
	}
	j, err := r.join(shard)
	if err != nil {
		return err
	}
	defer j.close()
	y := newTallier(r.d.c.Near)
	for row, err := range r.job.Rows(ctx, shard, false) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Before, Survivor: corpus.NoPos}
		if !row.Out {
			if v, err = j.verdict(row); err != nil {
				return err
			}
			if j.takesPart {
				y.add(row, &j.entry, j.first, &v)
			}
			amount := ledger.Amount{Docs: 1, Bytes: j.length}
			if v.Kept() {
				out.Count.Keep(row.Doc.Source, amount)
			} else {
				out.Count.Drop(row.Doc.Source, string(v.Reason), amount)
			}
			if isIndexPos(v.Survivor) {
				if err := known.add(row.Pos.Row(), v.Survivor); err != nil {
					return err
				}
				v.Survivor = corpus.NoPos
			}
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	for _, close := range []func() error{w.Close, known.close} {
		if err := close(); err != nil {
			return err
		}
	}
	if shard == 0 {
		if err := out.WriteJSON(name+globalExt, r.summary); err != nil {
			return err
		}
	}
	return y.write(out)
}

// joiner reads the entries, lengths and outcomes of a shard side by side.
type joiner struct {
	d                          *Dedup
	entries, lengths, outcomes *bufio.Reader
	closers                    []io.Closer
	group                      grouping
	number                     int64 // of the next entry
	outcome                    [fileOutcomeSize]byte
	of                         int64 // number of the document that outcome is for; -1 if there is none left

	// Of the document that verdict was asked for last.
	length    int64 // of its text as crawled
	takesPart bool
	first     bool  // of its repository, or at file level
	entry     entry // of its repository, or at file level
	decided   corpus.Verdict
}

func (r *runner) join(shard int) (*joiner, error) {
	at := shardAt{r.job.Work.Dir(r.job.Stage + "/sketches"), corpus.ShardName(shard)}
	j := &joiner{d: r.d, group: r.d.grouping(), outcomes: bufio.NewReader(io.NewSectionReader(r.file, r.starts[shard], r.starts[shard+1]-r.starts[shard]))}
	for ext, to := range map[string]**bufio.Reader{entriesExt: &j.entries, lengthsExt: &j.lengths} {
		f, err := at.open(ext)
		if err != nil {
			j.close()
			return nil, err
		}
		j.closers = append(j.closers, f)
		*to = bufio.NewReaderSize(f, 1<<18)
	}
	if err := j.advance(); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

func (j *joiner) close() {
	for _, c := range j.closers {
		c.Close()
	}
}

func (j *joiner) advance() error {
	_, err := io.ReadFull(j.outcomes, j.outcome[:])
	if err == io.EOF {
		j.of = -1
		return nil
	}
	j.of = int64(be32(j.outcome[:]))
	return err
}

// verdict returns the verdict on the next document. One that takes no part is
// kept, and those of a repository have the same.
func (j *joiner) verdict(row work.Row) (v corpus.Verdict, err error) {
	var b [8]byte
	if _, err := io.ReadFull(j.lengths, b[:]); err != nil {
		return v, fmt.Errorf("%w: lengths of fewer documents than there are: %v", corpus.ErrCorrupt, err)
	}
	j.length = int64(binary.LittleEndian.Uint64(b[:]))
	if j.takesPart = j.d.takes(row.Doc); !j.takesPart {
		return corpus.Verdict{Survivor: corpus.NoPos}, nil
	}
	if j.first = j.group.starts(row.Doc); j.first {
		err = j.next(row.Pos.Row())
	}
	return j.decided, err
}

// next reads the next entry, which must be of this row, and decides on it.
func (j *joiner) next(row int64) error {
	var b [entrySize]byte
	if _, err := io.ReadFull(j.entries, b[:]); err != nil {
		return fmt.Errorf("%w: sketches of fewer documents than there are: %v", corpus.ErrCorrupt, err)
	}
	if j.entry.parse(b[:]); int64(j.entry.row) != row {
		return fmt.Errorf("%w: sketch of row %d instead of row %d", corpus.ErrCorrupt, j.entry.row, row)
	}
	v := &j.decided
	*v = corpus.Verdict{Survivor: corpus.NoPos, Copies: 1}
	if j.of == j.number {
		o := j.outcome[:]
		exact, near := j.d.reasons()
		switch kind := o[4]; kind {
		case standsFor:
			v.Copies += int64(be32(o[21:]))
		default:
			v.Copies = 0
			v.Survivor = corpus.Pos(binary.BigEndian.Uint64(o[5:]))
			v.Similarity = math.Float64frombits(binary.BigEndian.Uint64(o[13:]))
			v.Reason, v.Value, v.Limit = near, v.Similarity, j.d.c.Near.Threshold
			if kind == exactCopy {
				v.Reason, v.Limit = exact, 1
			}
		}
		if err := j.advance(); err != nil {
			return err
		}
	}
	j.number++
	return nil
}
