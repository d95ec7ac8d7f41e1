package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/codemill/codemill/recipe"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
	"github.com/codemill/codemill/work/vfs"
)

// verifyCmd is `codemill verify WORKDIR-OR-RECIPE`. It fails (exit code 1) if anything is
// wrong, and also if nothing is, but the stages are not complete.
type verifyCmd struct {
	WorkOrRecipe string `arg:"" name:"workdir-or-recipe" help:"A work folder, or the recipe that it belongs to."`
	Recipe       string `help:"The recipe, if its tokenizer is a file of its own and a work folder was named." placeholder:"FILE"`
	Sample       int    `help:"About how many documents to decode and compare; 0 for none." default:"1000"`
}

// Run checks everything it can and lists what is wrong. With a recipe it also asks whether
// the stages that stand are those that the recipe would make.
func (c *verifyCmd) Run(a *app) error {
	w, r, err := c.open(a)
	if err != nil {
		return err
	}
	o := state.Options{Sample: c.Sample}
	if r != nil {
		o.Passes = r.PassNames()
		o.Tokenize = &r.Tokenize
	}
	v, err := state.Verify(a.ctx, w, o)
	if errors.Is(err, state.ErrNoVocabulary) {
		return fmt.Errorf("%w: give it with --recipe, or --sample 0 to decode nothing", err)
	} else if err != nil {
		return err
	}
	if len(v.Wrong) > 0 {
		for _, p := range v.Wrong {
			fmt.Fprintln(a.out, "wrong: "+printable(p.Error()))
		}
		return fmt.Errorf("%s: things that are wrong: %d; for a damaged shard remove its .receipt.json, or what is said above to be removed; then run again", name(w.Root()), len(v.Wrong))
	}
	if v.Unfinished == nil && r != nil {
		if v.Unfinished, err = a.stale(w, r, func(stage) bool { return true }); err != nil {
			return err
		}
	}
	if v.Unfinished != nil {
		fmt.Fprintf(a.out, "%s files, %s checked: what stands is sound\n", number(v.Files), size(v.Bytes))
		return fmt.Errorf("%s is not finished: %w", name(w.Root()), v.Unfinished)
	}
	fmt.Fprintf(a.out, "%s files, %s checked; ledger balanced; %s documents decoded and compared\n", number(v.Files), size(v.Bytes), number(v.Decoded))
	return nil
}

// stale says, as an error, which is the first of the stages after crawl that the recipe
// would make anew, nil for none: its settings are others now, or another build made it. It
// asks those stages for which asked is true, each by a dry run. err is for what kept it
// from asking. Whether the sources are still what was crawled is not looked at.
func (a *app) stale(w *work.Folder, r *recipe.Recipe, asked func(stage) bool) (stale, err error) {
	dry := *a // for the job's DryRun alone: the command itself is none
	dry.DryRun = true
	p := newProgress(globals{Quiet: true}, a.err)
	for _, s := range stages(r)[1:] {
		if !asked(s) {
			continue
		}
		job := dry.job(w, r, s, p)
		job.Warn = nil
		_, err := s.run(a.ctx, job)
		var pending *work.Pending
		if errors.As(err, &pending) {
			return fmt.Errorf("%s was made with other settings or by another version than the recipe's; run it again", pending.Stage), nil
		} else if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// open finds the work folder, and the recipe where one was named, as the argument or by
// --recipe. Where a work folder was named, that is the one to be checked, whatever the
// recipe says. r is nil without a recipe.
func (c *verifyCmd) open(a *app) (w *work.Folder, r *recipe.Recipe, err error) {
	st, err := os.Stat(c.WorkOrRecipe)
	if err != nil {
		return nil, nil, err
	}
	root, file := c.WorkOrRecipe, c.Recipe
	if !st.IsDir() {
		file = c.WorkOrRecipe
	}
	if file == "" {
		err = a.noRecipe()
	} else if r, err = a.load(file); err == nil && !st.IsDir() {
		root = r.Work
	}
	if err != nil {
		return nil, nil, err
	}
	w, err = work.Read(vfs.OS{}, root)
	return w, r, err
}
