package doctrine

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

// Describe returns what a process knows of a stage that is told its name alone: its job
// over this work folder, and the stage as the stage's own Describe gives it. It is called
// for each process that the test plays.
type Describe func(ctx context.Context, w *work.Folder) (work.Job, work.Stage, error)

// TasksAlone makes every shard of the stage and of its needs by itself, each from a folder
// opened and a stage described anew, as if by a process of its own. Needs are made in
// their order and then the stage; within one of them the last shard is made first, so that
// no shard can rest on one before it. What comes of it must be what one run makes.
//
// Then one shard of the stage is lost (its receipt is removed). A run must make that one
// again, and no other. Where a need is a spill there is nothing left to make it from, and
// this part is left out.
func (s Stage) TasksAlone(t testing.TB, describe Describe) {
	t.Helper()
	want, root := s.Output(t), Plant(t, s.Input)
	// fresh begins a process: nothing is known but the files.
	fresh := func() (w *work.Folder, job work.Job, stage work.Stage) {
		w, err := work.Open(faultfs.Sound(), root, recipe)
		if err == nil {
			job, stage, err = describe(t.Context(), w)
		}
		if err != nil {
			t.Fatal(err)
		}
		return w, job, stage
	}
	// alone makes one shard; sub is the need that it is of, "" for the stage itself.
	alone := func(sub, shard string) {
		w, job, stage := fresh()
		defer w.Close()
		if _, err := job.MakeShard(t.Context(), stage, sub, shard); err != nil {
			t.Fatalf("%s/%s/%s: %v", job.Stage, sub, shard, err)
		}
	}
	// finish writes the manifest of a folder whose shards all stand. A task that is made
	// all the same fails: its shard was not taken for the one that a run would make.
	finish := func(sub string) {
		w, job, stage := fresh()
		defer w.Close()
		if sub != "" {
			i := slices.IndexFunc(stage.Needs, func(n work.Need) bool { return n.Sub == sub })
			part, err := stage.Needs[i].Stage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			job, stage = job.Sub(sub), part
		}
		for i := range stage.Tasks {
			stage.Tasks[i].Make = func(context.Context, *work.Output) error { return errors.New("it is made already") }
		}
		if _, err := job.Run(t.Context(), stage); err != nil {
			t.Fatal(err)
		}
	}
	w, _, stage := fresh()
	w.Close()
	var subs []string
	for _, n := range stage.Needs {
		subs = append(subs, n.Sub)
	}
	for _, sub := range append(subs, "") {
		w, job, stage := fresh()
		if sub != "" {
			i := slices.IndexFunc(stage.Needs, func(n work.Need) bool { return n.Sub == sub })
			part, err := stage.Needs[i].Stage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			job, stage = job.Sub(sub), part
		}
		w.Close()
		if len(stage.Tasks) == 0 {
			t.Fatalf("%s has no tasks", job.Stage)
		}
		for i := len(stage.Tasks) - 1; i >= 0; i-- {
			alone(sub, stage.Tasks[i].Shard)
		}
		for _, f := range stage.Final {
			alone(sub, f.Shard)
		}
		finish(sub)
	}
	Same(t, "tasks made alone", Tree(t, root), want)
	if slices.ContainsFunc(stage.Needs, func(n work.Need) bool { return n.Spill }) {
		return // what the shards were made from is gone
	}
	lost := stage.Tasks[len(stage.Tasks)/2].Shard
	w, job, stage := fresh()
	if err := w.FS().RemoveAll(job.Dir().Path() + "/" + lost + ".receipt.json"); err != nil {
		t.Fatal(err)
	}
	for i := range stage.Tasks {
		if stage.Tasks[i].Shard != lost {
			stage.Tasks[i].Make = func(context.Context, *work.Output) error { return errors.New("this one was not lost") }
		}
	}
	_, err := job.Run(t.Context(), stage)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	Same(t, "one shard lost", Tree(t, root), want)
}
