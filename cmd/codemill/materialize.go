package main

import (
	"fmt"
	"path/filepath"

	"github.com/codemill/codemill/export"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// materializeCmd is `codemill materialize RECIPE --out DIR`. The folder becomes a work
// folder of its own, whose recipe is "<name>.text": resumed, checked by verify, and refused
// to anything else, like any other.
type materializeCmd struct {
	recipeArg
	Out     string `required:"" help:"Folder to write to: a new one, or one that materialize wrote." placeholder:"DIR"`
	Format  string `help:"One of ${enum}." enum:"${formats}" default:"parquet"`
	Columns string `help:"One of ${layouts}, or a list such as content=text,repo_name=repo,path." default:"codemill"`
}

// Run writes the documents that all passes keep, with their edits made. The passes must
// stand as the recipe has them now: what was decided by other settings than those in the
// recipe is not passed on under its name.
func (c *materializeCmd) Run(a *app) error {
	r, err := a.load(c.Recipe)
	if err != nil {
		return err
	}
	layout, err := export.ParseLayout(c.Columns)
	if err != nil {
		return &callError{fmt.Errorf("--columns: %w", err)}
	}
	src, err := work.Read(vfs.OS{}, r.Work)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	limitMemory(r)
	from := work.Job{Work: src, After: r.PassNames(), Seed: r.Seed, Workers: r.Workers, Memory: int64(r.Memory)}
	if a.DryRun {
		return c.dryRun(a, from, root)
	}
	if _, err := from.Inputs(); err != nil { // says which pass is missing, where stale would say it is to be made
		return err
	}
	if stale, err := a.stale(src, r, func(s stage) bool { return s.folder != work.PlanStage && s.folder != work.TokensStage }); err != nil {
		return err
	} else if stale != nil {
		return fmt.Errorf("%w; then materialize", stale)
	}
	// The source is not locked. What is read is compared with its checksums: where a run
	// changes it meanwhile, this one fails.
	dst, err := work.Open(vfs.OS{}, root, r.Name+".text")
	if err != nil {
		return err
	}
	defer dst.Close()
	p := newProgress(a.globals, a.err)
	meter := &ledger.Meter{}
	to := from
	to.Work, to.Stage, to.Meter = dst, export.Stage, meter
	stop := p.watch("materialize", meter)
	m, err := export.Materialize(a.ctx, from, to, c.Format, layout)
	stop()
	if err != nil {
		return err
	}
	total := m.Count.Total()
	fmt.Fprintf(a.out, "%s: %s documents, %s of text, in %d %s files\n",
		name(filepath.Join(c.Out, export.Stage)), number(total.Kept.Docs), size(total.Kept.Bytes), len(m.Shards), c.Format)
	return nil
}

// dryRun says how much there is to write. It does not look at what stands in the folder.
func (c *materializeCmd) dryRun(a *app, from work.Job, root string) error {
	inputs, err := from.Inputs()
	if err != nil {
		return err
	}
	before, err := from.Intake()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %d shards with %s documents would stand there\n",
		name(filepath.Join(root, export.Stage)), len(inputs), number(before.Total().Kept.Docs))
	return nil
}
