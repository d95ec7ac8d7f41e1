package filter

import (
	"context"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/report"
)

// Run passes a verdict on every document that is still in. It tallies those
// kept by language, kind and license_type.
func Run(ctx context.Context, job corpus.Job, c Config) (*corpus.Manifest, error) {
	f, err := New(c)
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
	workers, err := job.Parallel(corpus.TableMemory)
	if err != nil {
		return nil, err
	}
	stage := corpus.Stage{
		Version: Version, Settings: f.settings, Workers: workers, Expect: &before,
		Prepare: func(context.Context) error { job.Meter.Expect(before.Total().Kept.Bytes); return nil },
	}
	for i, in := range inputs {
		stage.Tasks = append(stage.Tasks, corpus.Task{
			Shard: corpus.ShardName(i), Inputs: in, From: corpus.Fingerprint(in),
			Make: func(ctx context.Context, out *corpus.Output) error { return f.shard(ctx, job, i, out) },
		})
	}
	return job.Run(ctx, stage)
}

// shard judges the documents of one shard.
func (f *Filter) shard(ctx context.Context, job corpus.Job, shard int, out *corpus.Output) error {
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	for row, err := range job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Before, Survivor: corpus.NoPos}
		if !row.Out {
			v = f.Judge(row.Doc)
			count(&out.Count, row, &v)
			job.Meter.Did(1, row.Crawled)
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	return w.Close()
}

func count(c *report.Count, row corpus.Row, v *corpus.Verdict) {
	d, a := row.Doc, report.Amount{Docs: 1, Bytes: row.Crawled}
	if !v.Kept() {
		c.Drop(d.Source, string(v.Reason), a)
		return
	}
	c.Keep(d.Source, a)
	c.Tally("language", d.Language, a)
	c.Tally("kind", d.Kind, a)
	c.Tally("license_type", d.LicenseType, a)
}
