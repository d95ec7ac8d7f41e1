package work_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// A final shard is made after the others from their counts, and made again
// when one of them, or what it alone depends on, has changed.
func TestFinalShardsFollowTheOthers(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	made := map[string]int{}
	var mu sync.Mutex // tasks run side by side
	note := func(shard string) {
		mu.Lock()
		defer mu.Unlock()
		made[shard]++
	}
	run := func(w *work.Folder, final string, docs ...int64) (*work.Manifest, error) {
		clear(made)
		s := work.Stage{Final: []work.FinalTask{{Shard: "sum", Inputs: final, Make: func(_ context.Context, out *work.Output, m *work.Manifest) error {
			note("sum")
			return out.WriteJSON("sum.json", fmt.Sprint(final, len(m.Shards), m.Count.Total().Kept.Docs))
		}}}}
		for i, n := range docs {
			s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: n, Make: func(_ context.Context, out *work.Output) error {
				note(out.Shard())
				out.Count.Keep("s", ledger.Amount{Docs: n})
				return out.WriteJSON(out.Shard()+".json", n)
			}})
		}
		return work.Job{Work: w, Stage: "x", Workers: 2}.Run(t.Context(), s)
	}
	for _, c := range []struct {
		final string
		docs  []int64
		made  string // shards made
		sum   string
	}{
		{"a", []int64{1, 2}, "map[00000:1 00001:1 sum:1]", "a2 3"},
		{"a", []int64{1, 2}, "map[]", "a2 3"},
		{"b", []int64{1, 2}, "map[sum:1]", "b2 3"},
		{"b", []int64{1, 5}, "map[00001:1 sum:1]", "b2 6"},
		{"b", nil, "map[sum:1]", "b0 0"},
		{"b", []int64{1}, "map[00000:1 sum:1]", "b1 1"},
	} {
		m, err := run(w, c.final, c.docs...)
		if err != nil {
			t.Fatal(err)
		}
		var sum string
		if err := w.Dir("x").ReadJSON("sum", "sum.json", &sum); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(made) != c.made || sum != c.sum || len(m.Shards) != len(c.docs)+1 {
			t.Errorf("%v: made %v, sum %q, %d shards", c, made, sum, len(m.Shards))
		}
	}
	stage := doctrine.Stage{Run: func(_ context.Context, w *work.Folder, _ int, _ int64) error {
		_, err := run(w, "b", 1)
		return err
	}}
	stage.Crash(t, 12)
}

func TestRemove(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	before := doctrine.Tree(t, root)
	if _, err := (work.Job{Work: w, Stage: "x/y"}).Run(t.Context(), work.Stage{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Dir("x").Remove(); err != nil {
			t.Fatal(err)
		}
	}
	doctrine.Same(t, "removed", doctrine.Tree(t, root), before)
	w.Close()
	if err := doctrine.Open(t, faultfs.At(0), root).Dir("x").Remove(); err != nil {
		t.Error("removing what is not there wrote something:", err)
	}
}

// Parts of a stage that it no longer has are removed, those that it has stay.
func TestPartsOfOtherSettings(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	job := work.Job{Work: w, Stage: "verdicts/v", Workers: 1}
	one := func(context.Context) (work.Stage, error) {
		return work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
			return out.WriteJSON("00000.json", 1)
		}}}}, nil
	}
	run := func(version int, beside []string, needs ...work.Need) {
		t.Helper()
		s, _ := one(t.Context())
		s.Version, s.Needs, s.Beside = version, needs, beside
		if _, err := job.Run(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := one(t.Context())
	if _, err := job.Sub("beside").Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	a, b, spill := work.Need{Sub: "a", Stage: one}, work.Need{Sub: "b", Stage: one}, work.Need{Sub: "spill", Stage: one, Spill: true}
	parts := func() string {
		names, err := w.Folders("verdicts/v")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(names, " ")
	}
	run(1, []string{"beside"}, a, b, spill)
	if got := parts(); got != "a b beside" {
		t.Errorf("parts %q", got)
	}
	run(1, []string{"beside"}, a) // the shards stand
	if got := parts(); got != "a beside" {
		t.Errorf("parts %q", got)
	}
	run(2, nil, b)
	if got := parts(); got != "b" {
		t.Errorf("parts %q", got)
	}
	if err := os.Remove(filepath.Join(root, "verdicts/v/b/manifest.json")); err != nil {
		t.Fatal(err)
	}
	run(2, nil, b)
	if _, err := job.Sub("b").Dir().Manifest(); err != nil {
		t.Error("a part without its manifest is not finished:", err)
	}
}
