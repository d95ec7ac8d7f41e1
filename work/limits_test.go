package work_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// judged is a work folder with two shards of documents and a stage of verdicts.
func judged(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if _, err := crawl(t.Context(), w, 2, 5, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := judge(t.Context(), w, "a"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return root
}

// edit changes one value of a JSON file.
func edit(t *testing.T, path, key string, value any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	m[key] = value
	if b, err = json.Marshal(m); err == nil {
		err = os.WriteFile(path, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestParallel(t *testing.T) {
	for _, c := range []struct {
		memory, each int64
		workers      int
		want         int // 0 for an error
	}{
		{99, 100, 8, 0},
		{100, 100, 8, 1},
		{199, 100, 8, 1},
		{200, 100, 8, 2},
		{200, 100, 1, 1},
		{200, 100, 0, 1}, // no number of workers is one
		{200, 0, 8, 8},
		{0, 0, 8, 0},
	} {
		got, err := work.Job{Memory: c.memory, Workers: c.workers}.Parallel(c.each)
		if got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
}

// What stages ask for, and what files say that they are.
func TestConstants(t *testing.T) {
	if work.TableMemory != 64<<20 || work.ReceiptFormat != 1 || work.Format != 1 {
		t.Error(work.TableMemory, work.ReceiptFormat, work.Format)
	}
}

// A stage over shards asks for the memory that it was told of.
func TestRunShardsNeedsMemory(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), judged(t))
	job := work.Job{Work: w, Stage: work.VerdictsStage("b"), After: []string{"a"}, Workers: 2, Memory: 99}
	_, err := job.RunShards(t.Context(), work.Stage{}, 100, nil)
	if err == nil || !strings.Contains(err.Error(), "needs a memory of") {
		t.Error(err)
	}
}

// Files of another format, or of another shard or stage, are refused by name.
func TestForeignFilesAreRefused(t *testing.T) {
	for _, c := range []struct {
		file, key string
		value     any
		refused   bool
	}{
		{"codemill.json", "format", 0, true},
		{"codemill.json", "format", 2, true},
		{"codemill.json", "recipe", "", true},
		{"codemill.json", "recipe", "other", true}, // its check is of the one before
		{"codemill.json", "check", "", false},      // as earlier builds left it
		{"docs/00000.receipt.json", "format", 0, true},
		{"docs/00000.receipt.json", "format", 2, true},
		{"docs/00000.receipt.json", "shard", "00001", true},
		{"docs/00000.receipt.json", "files", []any{}, true},
		{"docs/00000.receipt.json", "fingerprint", "", true},
		{"docs/manifest.json", "format", 0, true},
		{"docs/manifest.json", "format", 2, true},
		{"docs/manifest.json", "stage", "plan", true},
	} {
		root := judged(t)
		edit(t, filepath.Join(root, c.file), c.key, c.value)
		w, err := work.Read(vfs.OS{}, root)
		if err == nil {
			_, err = w.Dir(work.DocsStage).Receipt("00000")
		}
		if err == nil {
			_, err = w.Dir(work.DocsStage).Manifest()
		}
		if (err != nil) != c.refused || c.refused && !strings.Contains(err.Error(), filepath.Base(c.file)) {
			t.Errorf("%s with the %s %v: %v", c.file, c.key, c.value, err)
		}
	}
}

// What stands is sound; each of these things is not, and is found.
func TestCheck(t *testing.T) {
	for what, harm := range map[string]func(t *testing.T, root string) error{
		"": func(*testing.T, string) error { return nil },
		"its checksum is not": func(_ *testing.T, root string) error {
			path := filepath.Join(root, "verdicts", "a", "00000.parquet")
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			return os.WriteFile(path, b, 0o644)
		},
		"no such file": func(_ *testing.T, root string) error {
			return os.Remove(filepath.Join(root, "docs", "00001.parquet"))
		},
		"no receipt knows this file": func(_ *testing.T, root string) error {
			return os.WriteFile(filepath.Join(root, "docs", "00002.parquet"), nil, 0o644)
		},
		"the manifest lists this shard": func(_ *testing.T, root string) error {
			return os.Remove(filepath.Join(root, "docs", "00001.receipt.json"))
		},
		"the fingerprints of the receipts are others": func(t *testing.T, root string) error {
			edit(t, filepath.Join(root, "docs", "00001.receipt.json"), "fingerprint", "x")
			return nil
		},
		"its receipt is another": func(t *testing.T, root string) error {
			edit(t, filepath.Join(root, "docs", "00001.receipt.json"), "from", "x")
			return nil
		},
		"the counts of the shards do not add up": func(t *testing.T, root string) error {
			edit(t, filepath.Join(root, "docs", "00001.receipt.json"), "count", map[string]any{})
			return nil
		},
	} {
		root := judged(t)
		if err := harm(t, root); err != nil {
			t.Fatal(err)
		}
		w, err := work.Read(vfs.OS{}, root)
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.Check(t.Context())
		if err != nil {
			t.Fatal(what, err)
		}
		if what == "" {
			if len(c.Wrong) > 0 || c.Files != 6 {
				t.Errorf("%d files, %v", c.Files, c.Wrong)
			}
		} else if !strings.Contains(errors.Join(c.Wrong...).Error(), what) {
			t.Errorf("%q is not in %v", what, c.Wrong)
		}
		if what == "the manifest lists this shard" && len(c.Wrong) != 4 {
			t.Errorf("a missing receipt, its files and the sum of counts are told as %v", c.Wrong)
		}
	}
}

// All that a manifest says of a shard is held against its receipt.
func TestCheckOfManifest(t *testing.T) {
	for key, value := range map[string]any{"contents": "x", "rows": 4, "from": "x"} {
		root := judged(t)
		path := filepath.Join(root, "verdicts", "a", "manifest.json")
		var m struct{ Shards []map[string]any }
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		m.Shards[1][key] = value
		edit(t, path, "shards", m.Shards)
		w, err := work.Read(vfs.OS{}, root)
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.Check(t.Context())
		if err != nil || len(c.Wrong) != 1 || !strings.Contains(c.Wrong[0].Error(), "verdicts/a/00001: its receipt is another") {
			t.Errorf("another %s: %v, %v", key, c.Wrong, err)
		}
	}
}

// What a killed run leaves is not wrong: temporary files, and files of a shard
// that has no receipt yet where there is no manifest.
func TestCheckAfterAKill(t *testing.T) {
	root := judged(t)
	doctrine.PlantIn(t, root, map[string]string{"docs/.partial-00000.parquet": "", "docs/.partial-00000.receipt.json": "", ".scratch/x/1.receipt.json": ""})
	if err := os.Mkdir(filepath.Join(root, "docs", "00003.receipt.json"), 0o755); err != nil { // no receipt: a folder
		t.Fatal(err)
	}
	for _, name := range []string{"manifest.json", "00000.receipt.json"} {
		if err := os.Remove(filepath.Join(root, "verdicts", "a", name)); err != nil {
			t.Fatal(err)
		}
	}
	w, err := work.Read(vfs.OS{}, root)
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.Check(t.Context())
	if err != nil || len(c.Wrong) > 0 || c.Files != 5 {
		t.Errorf("%+v, %v", c, err)
	}
	doctrine.PlantIn(t, root, map[string]string{"verdicts/a/00001.more": ""}) // of a shard that is whole
	c, err = w.Check(t.Context())
	if err != nil || len(c.Wrong) != 1 || !strings.Contains(c.Wrong[0].Error(), "verdicts/a/00001.more: no receipt knows this file") {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := w.Dir(work.VerdictsStage("a")).Receipt("00000"); !errors.Is(err, os.ErrNotExist) || errors.Is(err, corpus.ErrCorrupt) {
		t.Error(err)
	}
}

func TestRowsAndCheckAreCancelled(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), judged(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Check(ctx); !work.Interrupted(err) {
		t.Error(err)
	}
	for _, err := range (work.Job{Work: w}).Rows(ctx, 0, false) {
		if !work.Interrupted(err) {
			t.Error(err)
		}
	}
}

// A part of a complete stage that lost its manifest is wrong. One that a run was
// killed over as it removed it is not, whatever is left of it.
func TestCheckOfAPartBeingRemoved(t *testing.T) {
	part := func(w *work.Folder) error {
		write := func(_ context.Context, out *work.Output) error { return out.WriteJSON(out.Shard()+".json", 1) }
		need := work.Need{Sub: "spill", Spill: true, Stage: func(context.Context) (work.Stage, error) {
			return work.Stage{Tasks: []work.Task{{Shard: "00000", Make: write}, {Shard: "00001", Make: write}}}, nil
		}}
		_, err := work.Job{Work: w, Stage: "x", Workers: 1}.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000", Make: write}}, Needs: []work.Need{need}})
		return err
	}
	removing := 0
	for n := int64(0); ; n++ {
		root, fsys := t.TempDir(), faultfs.At(n)
		w, err := work.Open(fsys, root, "test")
		if err == nil {
			err = part(w)
			w.Close()
		}
		if err == nil && !fsys.Dead() {
			break
		}
		if w, err = work.Read(vfs.OS{}, root); err != nil {
			continue // it was not a work folder yet
		}
		c, err := w.Check(t.Context())
		if err != nil || len(c.Wrong) > 0 {
			t.Errorf("died at operation %d: %v, %v", n, err, c.Wrong)
		}
		if _, err := w.Dir("x").Manifest(); err == nil {
			removing++
		}
	}
	if removing < 8 {
		t.Fatalf("only %d operations after the stage stood", removing)
	}
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := part(w); err != nil {
		t.Fatal(err)
	}
	doctrine.PlantIn(t, root, map[string]string{"x/spill/00000.receipt.json": "{}"})
	c, err := w.Check(t.Context())
	if err != nil || len(c.Wrong) == 0 || !strings.Contains(c.Wrong[0].Error(), "x/spill: its manifest.json is missing") {
		t.Errorf("%v, %v", c.Wrong, err)
	}
}

// A shard that lost its file, or the end of it, is made again; where a receipt's
// count does not balance, there is no manifest.
func TestRunAfterHarm(t *testing.T) {
	for what, harm := range map[string]func(path string) error{
		"lost": os.Remove,
		"cut":  func(path string) error { return os.Truncate(path, 100) },
	} {
		root := judged(t)
		want := doctrine.Tree(t, root)
		if err := harm(filepath.Join(root, "docs", "00000.parquet")); err != nil {
			t.Fatal(err)
		}
		if _, err := crawl(t.Context(), doctrine.Open(t, faultfs.Sound(), root), 2, 5, ""); err != nil {
			t.Fatal(err)
		}
		doctrine.Same(t, what, doctrine.Tree(t, root), want)
	}
	root := judged(t)
	want := doctrine.Tree(t, root)
	if err := os.Remove(filepath.Join(root, "docs", "00000.receipt.json")); err != nil {
		t.Fatal(err)
	}
	doctrine.PlantIn(t, root, map[string]string{"docs/00000": "", "docs/00000.more": ""}) // of a shard that has no receipt
	if _, err := crawl(t.Context(), doctrine.Open(t, faultfs.Sound(), root), 2, 5, ""); err != nil {
		t.Fatal(err)
	}
	doctrine.Same(t, "no receipt", doctrine.Tree(t, root), want)
	root = judged(t)
	edit(t, filepath.Join(root, "docs", "00000.receipt.json"), "count", ledger.Count{Sources: map[string]ledger.Flow{"s": {In: ledger.Amount{Docs: 9}}}})
	if _, err := crawl(t.Context(), doctrine.Open(t, faultfs.Sound(), root), 3, 5, ""); err == nil || !strings.Contains(err.Error(), "does not balance") {
		t.Error(err)
	}
}

// What a task made after its run was cancelled has no receipt: it may have been
// cut short.
func TestCancelledTasksDoNotCount(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := work.Job{Work: w, Stage: "x", Workers: 1}.Run(ctx, work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		cancel()
		return out.WriteJSON("00000.json", 1)
	}}}})
	if !work.Interrupted(err) {
		t.Error(err)
	}
	if _, err := w.Dir("x").Receipt("00000"); !errors.Is(err, os.ErrNotExist) {
		t.Error("it has a receipt:", err)
	}
}

// What stands under a table's name and is none is an error, as is a table of other
// rows than its receipt says.
func TestTablesThatAreNone(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	job := work.Job{Work: w, Stage: work.VerdictsStage("x"), Workers: 1}
	_, err := job.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		return out.WriteJSON("00000.parquet", 1)
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range w.Verdicts("x", 0) {
		if err == nil || !strings.Contains(err.Error(), "verdicts/x/00000.parquet") {
			t.Error(err)
		}
	}
	root := judged(t)
	path := filepath.Join(root, "docs", "00001.receipt.json")
	var r work.Receipt
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Files[0].Rows++
	edit(t, path, "files", r.Files)
	for _, err := range (work.Job{Work: doctrine.Open(t, faultfs.Sound(), root)}).Rows(t.Context(), 1, false) {
		if !errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), "docs/00001.parquet: ") || !strings.Contains(err.Error(), "5 rows, the receipt says 6") {
			t.Error(err)
		}
	}
}

// A document's text is valid UTF-8, whoever writes it.
func TestTextsAreUTF8(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	_, err := work.Job{Work: w, Stage: work.DocsStage, Workers: 1}.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		docs, err := out.CreateDocs()
		if err == nil {
			d := doc(0, 0)
			d.Text = []byte("caf\xe9")
			err = docs.Write(d)
		}
		return err
	}}}})
	if err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Error(err)
	}
}

// Regular files count, wherever below the folder, and nothing else does.
func TestDiskUse(t *testing.T) {
	root := judged(t)
	doctrine.PlantIn(t, root, map[string]string{"x/a": "123", "x/y/b": "12345"})
	if err := os.Symlink("a", filepath.Join(root, "x", "link")); err != nil {
		t.Fatal(err)
	}
	w := doctrine.Open(t, faultfs.Sound(), root)
	if x, none := w.DiskUse("x"), w.DiskUse("none"); x != 8 || none != 0 {
		t.Errorf("%d and %d bytes", x, none)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	r, err := work.Read(vfs.OS{}, root)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// A shard whose own count does not balance is not written.
func TestShardThatDoesNotBalance(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	_, err := work.Job{Work: w, Stage: "x", Workers: 1}.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		out.Count.Sources = map[string]ledger.Flow{"s": {In: ledger.Amount{Docs: 2}, Kept: ledger.Amount{Docs: 1}}}
		return out.WriteJSON("00000.json", 1)
	}}}})
	if err == nil || !strings.Contains(err.Error(), `source "s" does not balance`) {
		t.Error(err)
	}
	if _, err := w.Dir("x").Receipt("00000"); !errors.Is(err, os.ErrNotExist) {
		t.Error("it has a receipt:", err)
	}
}
