package dedup

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/audit"
	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// SummaryShard is the name of the stage's shard that holds its [Summary]. It
// follows those that belong to documents.
const SummaryShard = "summary"

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
	Worst          []Group      `json:"worst,omitempty"`
	LargestCluster *Cluster     `json:"largest_cluster,omitempty"`
	Breaches       []Breach     `json:"breaches,omitempty"` // of Limits
	Audit          *audit.Audit `json:"audit,omitempty"`

	Blocks *blocks.Summary `json:"blocks,omitempty"` // at level blocks, which has nothing else
}

// CurvePoint is a similarity and the share of pairs so similar that become
// candidates.
type CurvePoint struct {
	Similarity  float64 `json:"similarity"`
	Probability float64 `json:"probability"`
}

func newSummary(c Config, f near.Found) Summary {
	s := Summary{
		Level: c.Level, Documents: f.Documents, Exact: f.Exact, Near: f.Near, SplitRepositories: f.SplitRepositories, Indexed: f.Indexed,
		Candidates: f.Candidates, Estimated: f.Estimated, Verified: f.Verified,
		HotBuckets: f.HotBuckets, HotMembers: f.HotMembers, LargestBucket: f.LargestBucket,
	}
	if n := c.Near; !n.Off {
		s.Threshold, s.Bands, s.Rows = n.Threshold, n.Bands, n.Rows
		for _, d := range []float64{-0.1, 0, 0.1} {
			at := math.Round(1e6*min(max(n.Threshold+d, 0), 1)) / 1e6
			s.SCurve = append(s.SCurve, CurvePoint{at, near.SCurve(at, n.Bands, n.Rows)})
		}
	}
	return s
}

// ReadSummary returns the summary of a finished stage.
func ReadSummary(dir work.Dir) (Summary, error) {
	var s Summary
	return s, dir.ReadJSON(SummaryShard, SummaryShard+".json", &s)
}

// settings are what the outcomes and the verdicts depend on.
type settings struct {
	Exact           sketch.Exact
	Near            near.Config
	Order           []string
	Level           string
	Languages       []string
	ExceptLanguages []string
	Priority        []string
}

func (d *Dedup) settings() settings {
	return settings{d.c.Exact, d.c.Near, d.c.Order, d.c.Level, d.c.Languages, d.c.ExceptLanguages, d.c.Priority}
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

// Describe returns the stage that [Run] runs. What is known of all documents, of
// them and of the index, are needs of it: the sketches and the outcomes, or at
// [LevelBlocks] the windows, claims, texts and checks. Nothing is added to the
// index by making its shards.
func Describe(job work.Job, c Config) (work.Stage, error) {
	d, err := New(c)
	if err != nil {
		return work.Stage{}, err
	}
	if d.c.Level == LevelBlocks {
		return d.blockStage(job)
	}
	known, err := index.Read(job, d.c.Index, d.indexSettings())
	if err != nil {
		return work.Stage{}, err
	}
	return d.stage(job, known)
}

func (d *Dedup) run(ctx context.Context, job work.Job) (m *work.Manifest, err error) {
	if d.c.Level == LevelBlocks {
		s, err := d.blockStage(job)
		if err != nil {
			return nil, err
		}
		return job.Run(ctx, s)
	}
	known, err := index.Open(job, d.c.Index, d.indexSettings())
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := known.Close(); err == nil && cerr != nil {
			m, err = nil, cerr
		}
	}()
	s, err := d.stage(job, known)
	if err != nil {
		return nil, err
	}
	if m, err = job.Run(ctx, s); err != nil {
		return nil, err
	}
	return m, known.Extend(ctx, d.Maker, job, m)
}

// runner is what is known of the stage before anything is made.
type runner struct {
	d     *Dedup
	job   work.Job
	index *index.Index
	order *units.Order
}

// stage describes the shards of verdicts, the summary and what they need.
func (d *Dedup) stage(job work.Job, known *index.Index) (s work.Stage, err error) {
	before, err := job.Before()
	if err != nil {
		return s, err
	}
	inputs, err := job.Inputs()
	if err != nil {
		return s, err
	}
	r := &runner{d: d, job: job, index: known, order: d.order(job, before)}
	s, err = job.PerShard(work.Stage{Version: Version, Settings: d.settings(), Expect: &before}, work.TableMemory, r.verdicts)
	if err != nil {
		return s, err
	}
	all := work.Fingerprint(inputs, known != nil, known.Earlier())
	for i := range s.Tasks {
		s.Tasks[i].Inputs, s.Tasks[i].Bytes = all, 0 // sketching is what takes time
	}
	s.Needs = []work.Need{
		{Sub: units.Dir, Stage: func(context.Context) (work.Stage, error) { return d.Describe(job) }},
		{Sub: near.Dir, Stage: func(context.Context) (work.Stage, error) { return r.outcomesNeed() }},
	}
	s.Final = []work.FinalTask{{
		Shard: SummaryShard, Inputs: d.c.Limits, Needs: true,
		Make: func(ctx context.Context, out *work.Output, _ *work.Manifest) error {
			return r.conclude(ctx, len(inputs), out)
		},
	}}
	return s, nil
}

// outcomesNeed describes the making of the outcomes. The sketches must stand.
func (r *runner) outcomesNeed() (s work.Stage, err error) {
	sketches, err := r.job.Sub(units.Dir).Dir().Manifest()
	if err != nil {
		return s, err
	}
	return work.Stage{
		Version: near.Version, Settings: r.d.settings(), Workers: 1,
		Tasks: []work.Task{{Shard: units.AllShard, Inputs: []any{sketches.Contents(), r.index.Earlier()}, Make: r.decide}},
	}, nil
}

// decide works out what becomes of all documents.
func (r *runner) decide(ctx context.Context, out *work.Output) error {
	own, err := units.ShardsOf(r.job.Sub(units.Dir).Dir())
	if err != nil {
		return err
	}
	return units.InScratch(r.job, near.Dir, func(scratch *work.Scratch) error {
		return near.Decide(ctx, near.Input{
			Near: r.d.c.Near, Order: r.order, Own: own, Indexed: r.index.Shards(), Repos: r.d.c.Level == LevelRepository,
			Workers: r.job.Workers, Memory: r.job.Memory, Scratch: scratch, SieveMemory: r.d.sieveMemory,
		}, out)
	})
}

// verdicts writes the verdicts of one shard: outcomes, the entries of its
// documents and the documents themselves are in the same order.
func (r *runner) verdicts(ctx context.Context, shard int, out *work.Output) error {
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	names := r.index.OpenNames(r.job)
	defer names.Close()
	known, err := index.CreateKnown(names, out)
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
			if units.IsIndexPos(v.Survivor) {
				if err := known.Add(row.Pos.Row(), v.Survivor); err != nil {
					return err
				}
				v.Survivor = corpus.NoPos
			}
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := known.Close(); err != nil {
		return err
	}
	return y.write(out)
}

// joiner reads the entries, lengths and outcomes of a shard side by side.
type joiner struct {
	d                *Dedup
	entries, lengths *bufio.Reader
	outcomes         *near.OutcomeReader
	closers          []io.Closer
	group            units.Grouping
	number           int64 // of the next entry

	// Of the document that verdict was asked for last.
	length    int64 // of its text as crawled
	takesPart bool
	first     bool        // of its repository, or at file level
	entry     units.Entry // of its repository, or at file level
	decided   corpus.Verdict
}

func (r *runner) join(shard int) (*joiner, error) {
	at := units.Shard{Dir: r.job.Sub(units.Dir).Dir(), Name: corpus.ShardName(shard)}
	outcomes, err := near.OpenOutcomes(r.job.Sub(near.Dir).Dir(), shard)
	if err != nil {
		return nil, err
	}
	j := &joiner{d: r.d, group: r.d.Grouping(), outcomes: outcomes, closers: []io.Closer{outcomes.File}}
	for ext, to := range map[string]**bufio.Reader{units.EntriesExt: &j.entries, units.LengthsExt: &j.lengths} {
		f, err := at.Open(ext)
		if err != nil {
			j.close()
			return nil, err
		}
		j.closers = append(j.closers, f)
		*to = bufio.NewReaderSize(f, 1<<18)
	}
	return j, nil
}

func (j *joiner) close() {
	for _, c := range j.closers {
		c.Close()
	}
}

// verdict returns the verdict on the next document. One that takes no part is
// kept, and those of a repository have the same.
func (j *joiner) verdict(row work.Row) (v corpus.Verdict, err error) {
	var b [8]byte
	if _, err := io.ReadFull(j.lengths, b[:]); err != nil {
		return v, fmt.Errorf("%w: lengths of fewer documents than there are: %v", corpus.ErrCorrupt, err)
	}
	j.length = int64(binary.LittleEndian.Uint64(b[:]))
	if j.takesPart = j.d.Takes(row.Doc); !j.takesPart {
		return corpus.Verdict{Survivor: corpus.NoPos}, nil
	}
	if j.first = j.group.Starts(row.Doc); j.first {
		err = j.next(row.Pos.Row())
	}
	return j.decided, err
}

// next reads the next entry, which must be of this row, and decides on it.
func (j *joiner) next(row int64) error {
	var b [units.EntrySize]byte
	if _, err := io.ReadFull(j.entries, b[:]); err != nil {
		return fmt.Errorf("%w: sketches of fewer documents than there are: %v", corpus.ErrCorrupt, err)
	}
	if j.entry.Parse(b[:]); int64(j.entry.Row) != row {
		return fmt.Errorf("%w: sketch of row %d instead of row %d", corpus.ErrCorrupt, j.entry.Row, row)
	}
	o, ok, err := j.outcomes.Of(j.number)
	if err != nil {
		return err
	}
	j.number++
	j.decided = corpus.Verdict{Survivor: corpus.NoPos, Copies: 1 + int64(o.Copies)}
	if !ok || o.Kind == near.StandsFor {
		return nil
	}
	v := &j.decided
	copied, similar := j.d.reasons()
	v.Copies, v.Survivor, v.Similarity = 0, o.Survivor, o.Similarity
	v.Reason, v.Value, v.Limit = similar, v.Similarity, j.d.c.Near.Threshold
	if o.Kind == near.ExactCopy {
		v.Reason, v.Limit = copied, 1
	}
	return nil
}
