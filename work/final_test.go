package work_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// A run with other settings that was cut short may have made a need anew; the
// next run with the settings of before makes it as the stage's shards know it.
func TestNeedsFitTheStage(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	job := work.Job{Work: w, Stage: "verdicts/v", Workers: 1}
	failing := errors.New("cut short")
	run := func(setting int, cut bool) error {
		need := work.Need{Sub: "need", Stage: func(context.Context) (work.Stage, error) {
			return work.Stage{Settings: setting, Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
				return out.WriteJSON("00000.json", setting)
			}}}}, nil
		}}
		_, err := job.Run(t.Context(), work.Stage{Settings: setting, Needs: []work.Need{need}, Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
			if cut {
				return failing
			}
			return out.WriteJSON("00000.json", -setting)
		}}, {Shard: "00001", Make: func(_ context.Context, out *work.Output) error {
			return out.WriteJSON("00001.json", -setting)
		}}}})
		return err
	}
	if err := run(1, false); err != nil {
		t.Fatal(err)
	}
	want := doctrine.Tree(t, root)
	w2 := work.Job{Work: w, Stage: "verdicts/v/need", Workers: 1}
	foreign := work.Stage{Settings: 2, Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		return out.WriteJSON("00000.json", 2)
	}}}}
	if _, err := w2.Run(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	c, err := w.Check(t.Context())
	if err != nil || len(c.Wrong) != 1 || !strings.Contains(c.Wrong[0].Error(), "verdicts/v/need was made with other settings") {
		t.Errorf("%v, %v", c.Wrong, err)
	}
	dry := job
	dry.DryRun = true
	job = dry
	var pending *work.Pending
	if err := run(1, false); !errors.As(err, &pending) || pending.Stage != "verdicts/v/need" {
		t.Errorf("a dry run does not see the need of other settings: %v", err)
	}
	job.DryRun = false
	if err := run(1, false); err != nil {
		t.Fatal(err)
	}
	doctrine.Same(t, "made for this stage again", doctrine.Tree(t, root), want)
	if err := run(2, true); !errors.Is(err, failing) {
		t.Fatal(err)
	}
	if err := run(1, false); err != nil {
		t.Fatal(err)
	}
	doctrine.Same(t, "after a run cut short", doctrine.Tree(t, root), want)
}

// Files that a shard no longer has do not stay, nor what a run that died left of
// a shard without receipt.
func TestFilesAShardNoLongerHas(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	run := func(version int, names ...string) {
		t.Helper()
		_, err := (work.Job{Work: w, Stage: "x", Workers: 1}).Run(t.Context(), work.Stage{Version: version, Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
			for _, name := range names {
				if err := out.WriteJSON(name, version); err != nil {
					return err
				}
			}
			return nil
		}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	run(1, "00000.json", "00000.more.json")
	run(2, "00000.json")
	doctrine.PlantIn(t, root, map[string]string{"x/00001.json": "of a shard that there is no more", "x/.partial-00000.json": ""})
	if err := os.Remove(filepath.Join(root, "x/00000.receipt.json")); err != nil {
		t.Fatal(err)
	}
	doctrine.PlantIn(t, root, map[string]string{"x/00000.old.json": "of a run that died"})
	run(3, "00000.json")
	c, err := w.Check(t.Context())
	if err != nil || len(c.Wrong) > 0 {
		t.Errorf("%v, %v", c.Wrong, err)
	}
	var names []string
	for name := range doctrine.Tree(t, filepath.Join(root, "x")) {
		names = append(names, name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "/00000.json /00000.receipt.json /manifest.json" {
		t.Error(got)
	}
}
