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
	"github.com/codemill/codemill/report"
)

// SummaryShard is the name of the stage's shard that holds its [Summary]. It
// follows those that belong to documents.
const SummaryShard = "summary"

// globalExt ends the name of the file beside the first shard's verdicts that
// holds what the phase over all documents knows of the summary.
const globalExt = ".global.json"

// Summary is what deduplication found, beyond the counts of the ledger.
type Summary struct {
	Documents int64 `json:"documents"` // compared
	Exact     int64 `json:"exact"`     // dropped as the same as another
	Near      int64 `json:"near"`      // dropped as similar to another, copies of them included

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
}

// CurvePoint is a similarity and the share of pairs so similar that become
// candidates.
type CurvePoint struct {
	Similarity  float64 `json:"similarity"`
	Probability float64 `json:"probability"`
}

func newSummary(c Config, documents int64) Summary {
	s := Summary{Documents: documents}
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
func ReadSummary(dir corpus.Dir) (Summary, error) {
	var s Summary
	return s, dir.ReadJSON(SummaryShard, SummaryShard+".json", &s)
}

// settings are what the verdicts depend on.
type settings struct {
	Exact Exact
	Near  Near
	Order []string
}

// Run writes a verdict for every document. Any document can change the verdict
// on any other, so all shards are made again when one of their inputs changes;
// the sketches, in a folder below, only where theirs does.
func Run(ctx context.Context, job corpus.Job, c Config) (*corpus.Manifest, error) {
	d, err := New(c)
	if err != nil {
		return nil, err
	}
	inputs, err := job.Inputs()
	if err != nil {
		return nil, err
	}
	before, err := job.Before()
	if err != nil {
		return nil, err
	}
	r := &runner{d: d, job: job}
	defer r.close()
	workers, err := job.Parallel(corpus.TableMemory)
	if err != nil {
		return nil, err
	}
	s := corpus.Stage{Version: Version, Settings: settings{d.c.Exact, d.c.Near, d.c.Order}, Workers: workers, Prepare: r.prepare, Expect: &before}
	all := corpus.Fingerprint(inputs)
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, corpus.Task{
			Shard: corpus.ShardName(i), Inputs: all, From: corpus.Fingerprint(in),
			Make: func(ctx context.Context, out *corpus.Output) error { return r.verdicts(ctx, i, out) },
		})
	}
	s.Final = []corpus.FinalTask{{Shard: SummaryShard, Inputs: d.c.Limits, Make: func(ctx context.Context, out *corpus.Output, _ *corpus.Manifest) error {
		return d.conclude(ctx, job, len(inputs), out)
	}}}
	m, err := job.Run(ctx, s)
	if cerr := r.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// runner carries the outcomes from the global phase to the shards of verdicts.
type runner struct {
	d       *Dedup
	job     corpus.Job
	scratch *corpus.Scratch
	file    corpus.File // of outcomes, by shard
	starts  []int64     // where each shard's begin in the file, and its end
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
	g, err := newGlobal(r.d, r.job, m, r.scratch)
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
		for len(r.starts) < len(g.starts) && g.starts[len(r.starts)] <= next {
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
	if err := upTo(g.count()); err != nil {
		return err
	}
	return w.Flush()
}

// verdicts writes the verdicts of one shard: outcomes, the entries of its
// documents and the documents themselves are in the same order.
func (r *runner) verdicts(ctx context.Context, shard int, out *corpus.Output) error {
	name := corpus.ShardName(shard)
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	f, err := r.job.Work.Dir(r.job.Stage+"/sketches").Open(name, name+entriesExt)
	if err != nil {
		return err
	}
	defer f.Close()
	j := joiner{
		entries:   bufio.NewReaderSize(f, 1<<18),
		outcomes:  bufio.NewReader(io.NewSectionReader(r.file, r.starts[shard], r.starts[shard+1]-r.starts[shard])),
		threshold: r.d.c.Near.Threshold,
	}
	if err := j.advance(); err != nil {
		return err
	}
	y := newTallier(r.d.c.Near)
	for row, err := range r.job.Rows(ctx, shard, false) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Before, Survivor: corpus.NoPos}
		if !row.Out {
			e, err := j.verdict(row.Pos.Row(), &v)
			if err != nil {
				return err
			}
			y.add(row.Pos, row.Doc, e.shape, &v)
			amount := report.Amount{Docs: 1, Bytes: int64(e.text)}
			if v.Kept() {
				out.Count.Keep(row.Doc.Source, amount)
			} else {
				out.Count.Drop(row.Doc.Source, string(v.Reason), amount)
			}
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if shard == 0 {
		if err := out.WriteJSON(name+globalExt, r.summary); err != nil {
			return err
		}
	}
	return y.write(out)
}

// joiner reads the entries and outcomes of a shard side by side.
type joiner struct {
	entries, outcomes *bufio.Reader
	threshold         float64
	number            int64 // of the next entry
	outcome           [fileOutcomeSize]byte
	of                int64 // number of the document that outcome is for; -1 if there is none left
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

// verdict fills in the verdict on the next document and returns its entry.
func (j *joiner) verdict(row int64, v *corpus.Verdict) (e entry, err error) {
	var b [entrySize]byte
	if _, err := io.ReadFull(j.entries, b[:]); err != nil {
		return e, fmt.Errorf("%w: sketches of fewer documents than there are: %v", corpus.ErrCorrupt, err)
	}
	if e.parse(b[:]); int64(e.row) != row {
		return e, fmt.Errorf("%w: sketch of row %d instead of row %d", corpus.ErrCorrupt, e.row, row)
	}
	*v = corpus.Verdict{Survivor: corpus.NoPos, Copies: 1}
	if j.of == j.number {
		o := j.outcome[:]
		switch kind := o[4]; kind {
		case standsFor:
			v.Copies += int64(be32(o[21:]))
		default:
			v.Copies = 0
			v.Survivor = corpus.Pos(binary.BigEndian.Uint64(o[5:]))
			v.Similarity = math.Float64frombits(binary.BigEndian.Uint64(o[13:]))
			v.Reason, v.Value, v.Limit = NearDuplicate, v.Similarity, j.threshold
			if kind == exactCopy {
				v.Reason, v.Limit = ExactDuplicate, 1
			}
		}
		if err := j.advance(); err != nil {
			return e, err
		}
	}
	j.number++
	return e, nil
}
