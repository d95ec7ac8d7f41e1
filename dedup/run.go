package dedup

import (
	"context"

	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/work"
)

// settings are what outcomes and verdicts depend on, besides the documents. Limits are
// not among them: only the summary depends on those.
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

// Run writes a verdict for every document. Any document can change the verdict on any
// other: so when one shard of documents changes, all shards of verdicts are made again,
// but only the sketches of that shard. At last what was kept is added to the index, if
// Config.Index.As asks for it.
func Run(ctx context.Context, job work.Job, c Config) (*work.Manifest, error) {
	d, err := New(c)
	if err != nil {
		return nil, err
	}
	return d.run(ctx, job)
}

// Describe returns the stage that [Run] runs, with its needs: the sketches and the
// outcomes, or at [LevelBlocks] the windows, claims, texts and checks. Making its
// shards adds nothing to the index; only Run does.
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

// runner is what the tasks of the stage share. Nothing in it depends on what a task
// has made.
type runner struct {
	d     *Dedup
	job   work.Job
	index *index.Index // nil for none
	order *units.Order
}

// stage describes the shards of verdicts, the summary and what they need. known is the
// index, nil for none.
func (d *Dedup) stage(job work.Job, known *index.Index) (s work.Stage, err error) {
	before, err := job.Intake()
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
		{Sub: units.Sub, Stage: func(context.Context) (work.Stage, error) { return d.Describe(job) }},
		{Sub: near.Sub, Stage: func(context.Context) (work.Stage, error) { return r.outcomesNeed() }},
	}
	s.Final = []work.FinalTask{{
		Shard: SummaryShard, Inputs: d.c.Limits, Needs: true,
		Make: func(ctx context.Context, out *work.Output, _ *work.Manifest) error {
			return r.conclude(ctx, len(inputs), out)
		},
	}}
	return s, nil
}

// outcomesNeed describes the making of the outcomes. The sketches must be complete: the
// outcomes depend on all of them, and on the runs of the index.
func (r *runner) outcomesNeed() (s work.Stage, err error) {
	sketches, err := r.job.Sub(units.Sub).Dir().Manifest()
	if err != nil {
		return s, err
	}
	return work.Stage{
		Version: near.Version, Settings: r.d.settings(), Workers: 1,
		Tasks: []work.Task{{Shard: units.AllShard, Inputs: []any{sketches.Contents(), r.index.Earlier()}, Make: r.decide}},
	}, nil
}

// decide works out what becomes of all units and writes the outcomes.
func (r *runner) decide(ctx context.Context, out *work.Output) error {
	own, err := units.ShardsOf(r.job.Sub(units.Sub).Dir())
	if err != nil {
		return err
	}
	return units.InScratch(r.job, near.Sub, func(scratch *work.Scratch) error {
		return near.Decide(ctx, near.Input{
			Near: r.d.c.Near, Order: r.order, Own: own, Indexed: r.index.Shards(), Repos: r.d.c.Level == LevelRepository,
			Workers: r.job.Workers, Memory: r.job.Memory, Scratch: scratch, SieveMemory: r.d.sieveMemory,
		}, out)
	})
}
