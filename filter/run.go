package filter

import (
	"context"
	"sync"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// Run passes a verdict on every document that is still in. It tallies those
// kept by language, kind, license_type and license_from.
func Run(ctx context.Context, job work.Job, c Config) (*work.Manifest, error) {
	s, err := Describe(job, c)
	if err != nil {
		return nil, err
	}
	return job.Run(ctx, s)
}

// Describe returns the stage that [Run] runs.
func Describe(job work.Job, c Config) (work.Stage, error) {
	f, err := New(c)
	if err != nil {
		return work.Stage{}, err
	}
	return f.describe(job)
}

func (f *Filter) describe(job work.Job) (work.Stage, error) {
	before, err := job.Intake()
	if err != nil {
		return work.Stage{}, err
	}
	var warned sync.Map // the reasons of rules that failed
	warn := func(d *corpus.Doc, reason corpus.Reason, err error) {
		if _, again := warned.LoadOrStore(reason, true); !again {
			job.Warnf("%s: %s %s: %v", reason, d.Repo, d.Path, err)
		}
	}
	var c *copies
	s, err := job.PerShard(work.Stage{Version: Version, Settings: f.settings, Expect: &before}, work.TableMemory, func(ctx context.Context, shard int, out *work.Output) error {
		var k known
		if c != nil {
			var err error
			if k, err = c.in(ctx, shard); err != nil {
				return err
			}
		}
		return f.shard(ctx, job, shard, k, out, warn)
	})
	if err == nil && f.settings.Copies != "" {
		c, err = f.asksAfterCopies(job, &s)
	}
	return s, err
}

// shard judges the documents of one shard, of whose copies this is known. It warns of
// rules that fail.
func (f *Filter) shard(ctx context.Context, job work.Job, shard int, copies known, out *work.Output, warn func(*corpus.Doc, corpus.Reason, error)) error {
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	for row, err := range job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Earlier, Survivor: corpus.NoPos}
		if !row.Out {
			v, err = f.Judge(row.Doc)
			if copied, ok := copies.verdict(row); ok && v.Reason != optOutReason {
				v = copied
			} else if err != nil {
				warn(row.Doc, v.Reason, err)
			}
			count(&out.Count, row, &v)
			job.Meter.Did(1, row.Crawled)
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	return w.Close()
}

func count(c *ledger.Count, row work.Row, v *corpus.Verdict) {
	d, a := row.Doc, ledger.Amount{Docs: 1, Bytes: row.Crawled}
	if !v.Kept() {
		c.Drop(d.Source, string(v.Reason), a)
		return
	}
	c.Keep(d.Source, a)
	c.Tally("language", choice.Name(d.Language), a)
	c.Tally("kind", choice.Name(d.Kind), a)
	c.Tally("license_type", d.LicenseType, a)
	c.Tally("license_from", d.LicenseFrom, a)
}
