package filter

import (
	"context"

	"github.com/codemill/codemill/work"
)

// RunBroken is [Run] with a rule that panics.
func RunBroken(ctx context.Context, job work.Job) (*work.Manifest, error) {
	f := &Filter{checks: []check{{name: "broken", value: func(*subject) float64 { panic("index 7 of 3") }}}}
	s, err := f.describe(job)
	if err != nil {
		return nil, err
	}
	return job.Run(ctx, s)
}
