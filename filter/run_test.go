package filter_test

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// crawl writes shards of the documents that text gives.
func crawl(ctx context.Context, w *work.Folder, shards, rows int, text func(shard, row int) string) error {
	docs := make([][]*corpus.Doc, shards)
	for i := range docs {
		for r := range rows {
			d := &corpus.Doc{Source: "s", Repo: fmt.Sprint("r", i), Path: fmt.Sprintf("f%d.go", r), Language: "Go", Kind: corpus.Code,
				LicenseType: corpus.Permissive, License: "MIT", Stars: -1, Forks: -1, Text: []byte(text(i, r)), IsGenerated: r%7 == 6}
			d.SetIDs()
			docs[i] = append(docs[i], d)
		}
	}
	return doctrine.Documents(ctx, w, docs)
}

func sample(shard, row int) string {
	if row%3 == 1 {
		return strings.Repeat("12345 ", row+shard+1)
	}
	return fmt.Sprintf("package p%d\n%s\n", shard, strings.Repeat("word \n", row*5))
}

func job(w *work.Folder, stage string, after ...string) work.Job {
	return work.Job{Work: w, Stage: work.VerdictsStage(stage), After: after, Workers: 2, Memory: 1 << 30, Meter: &ledger.Meter{}}
}

// both runs two filters, the second after the first.
func both(ctx context.Context, w *work.Folder, change func(*work.Job)) error {
	for i, c := range []filter.Config{{}, {Size: filter.Size{Max: 90}}} {
		j := job(w, []string{"a", "b"}[i], []string{"a"}[:i]...)
		if change != nil {
			change(&j)
		}
		if _, err := filter.Run(ctx, j, c); err != nil {
			return err
		}
	}
	return nil
}

func TestRunPassesJudgesVerdicts(t *testing.T) {
	ctx, w := t.Context(), doctrine.Open(t, faultfs.Sound(), t.TempDir())
	if err := crawl(ctx, w, 2, 30, sample); err != nil {
		t.Fatal(err)
	}
	if err := both(ctx, w, nil); err != nil {
		t.Fatal(err)
	}
	first, err := filter.New(filter.Config{})
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[corpus.Reason]int{}
	var b []corpus.Verdict
	for v, err := range w.Verdicts("b", 1) {
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, v)
	}
	row := 0
	for v, err := range w.Verdicts("a", 1) {
		if err != nil {
			t.Fatal(err)
		}
		d := &corpus.Doc{Path: "f.go", Language: "Go", Kind: corpus.Code, Text: []byte(sample(1, row)), IsGenerated: row%7 == 6}
		if want, _ := first.Judge(d); fmt.Sprint(v) != fmt.Sprint(want) {
			t.Errorf("row %d: %+v, want %+v", row, v, want)
		}
		if !v.Kept() != (b[row].Reason == corpus.Earlier) {
			t.Errorf("row %d: after %q says %q", row, v.Reason, b[row].Reason)
		}
		if v.Survivor != corpus.NoPos || b[row].Survivor != corpus.NoPos {
			t.Errorf("row %d: a survivor", row)
		}
		reasons[v.Reason]++
		reasons[b[row].Reason]++
		row++
	}
	if row != 30 || len(reasons) != 6 /* kept and before among them */ {
		t.Fatalf("%d rows, reasons %v", row, reasons)
	}
	m, err := w.Dir(work.VerdictsStage("b")).Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if filter.Version != 3 {
		t.Error("another version: verdicts that are the same are made again")
	}
	if total := m.Count.Total(); m.Count.Tallies["language"]["Go"] != total.Kept || total.Kept.Docs == 0 || total.Reasons["max_bytes"].Docs == 0 {
		t.Errorf("%+v", m.Count)
	}
}

func TestTasksAlone(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := crawl(t.Context(), w, 3, 10, sample); err != nil {
		t.Fatal(err)
	}
	w.Close()
	stage := doctrine.Stage{Input: doctrine.Tree(t, root), Run: func(ctx context.Context, w *work.Folder, _ int, _ int64) error {
		_, err := filter.Run(ctx, job(w, "a"), filter.Config{})
		return err
	}}
	stage.TasksAlone(t, func(_ context.Context, w *work.Folder) (work.Job, work.Stage, error) {
		j := job(w, "a")
		s, err := filter.Describe(j, filter.Config{})
		return j, s, err
	})
}

// TestFailuresAreTold: a run goes on when a rule panics, and says once what the
// panic said and where.
func TestFailuresAreTold(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	if err := crawl(t.Context(), w, 3, 5, sample); err != nil {
		t.Fatal(err)
	}
	j := job(w, "a")
	var mu sync.Mutex
	var told []string
	j.Warn = func(s string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, s)
	}
	m, err := filter.RunBroken(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Count.Total().Reasons["broken_failed"].Docs; n != 15 {
		t.Errorf("%d documents are out, want 15", n)
	}
	if len(told) != 1 || !strings.Contains(told[0], "broken_failed: r") || !strings.Contains(told[0], ".go: panic: index 7 of 3") || !strings.Contains(told[0], "broken_test.go:") {
		t.Errorf("told %q", told)
	}
}

func TestOutputDependsOnInputAndSettingsAlone(t *testing.T) {
	stage(t).Determinism(t, work.TableMemory)
}

func TestAnotherSettingIsAnotherFingerprint(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := crawl(t.Context(), w, 1, 5, sample); err != nil {
		t.Fatal(err)
	}
	list := func(dir, text string) string {
		path := filepath.Join(dir, "list")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hundred := 100.0
	var last string
	for i, step := range []struct {
		config filter.Config
		fresh  bool
	}{
		{filter.Config{}, false},
		{filter.Config{Preset: "deepseek-coder", Vendor: "narrow", Limits: filter.Limits{"mean_line_length": &hundred, "min_alphabetic": nil}}, true}, // the defaults, said
		{filter.Config{Vendor: "keep"}, false},
		{filter.Config{OptOut: list(t.TempDir(), "a/b")}, false},
		{filter.Config{OptOut: list(t.TempDir(), "a/b")}, true}, // the same list elsewhere
		{filter.Config{OptOut: list(t.TempDir(), "a/c")}, false},
	} {
		m, err := filter.Run(t.Context(), job(w, "a"), step.config)
		if err != nil {
			t.Fatal(err)
		}
		if (m.Fingerprint == last) != step.fresh {
			t.Errorf("step %d: same fingerprint %v", i, m.Fingerprint == last)
		}
		last = m.Fingerprint
	}
}

// stage is both filters over a few documents.
func stage(t *testing.T) doctrine.Stage {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := crawl(t.Context(), w, 2, 9, sample); err != nil {
		t.Fatal(err)
	}
	return doctrine.Stage{
		Input: doctrine.Tree(t, root),
		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			return both(ctx, w, func(j *work.Job) { j.Workers, j.Memory = workers, memory })
		},
	}
}

func TestCrashAtEveryFileOperation(t *testing.T) { stage(t).Crash(t, 40) }

func TestInterruptedRunsContinue(t *testing.T) { stage(t).Interrupt(t, 8) }

func TestLooksThatFail(t *testing.T) { stage(t).Glitch(t, 50) }

func TestDamagedDocumentsAreNamed(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := crawl(t.Context(), w, 1, 50, sample); err != nil {
		t.Fatal(err)
	}
	w.Close()
	path := filepath.Join(root, "docs", "00000.parquet")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = filter.Run(t.Context(), job(doctrine.Open(t, faultfs.Sound(), root), "a"), filter.Config{})
	if !errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), "docs/00000.parquet") {
		t.Error(err)
	}
}

// BenchmarkRun is the whole stage: documents read and decoded, judged,
// verdicts written. Its bytes are those of the texts.
func BenchmarkRun(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", "*", "*.go"))
	if err != nil || len(files) < 100 {
		b.Skip("Go's source is not here")
	}
	var bytes int64
	texts := make([]string, len(files))
	for i, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		texts[i] = string(text)
		bytes += int64(len(text))
	}
	w := doctrine.Open(b, vfs.OS{}, b.TempDir())
	if err := crawl(b.Context(), w, 1, len(texts), func(_, row int) string { return texts[row] }); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(bytes)
	n := int64(0)
	for b.Loop() {
		n++
		j := job(w, "a")
		j.Workers = 1
		if _, err := filter.Run(b.Context(), j, filter.Config{Size: filter.Size{Max: 1<<40 + n}}); err != nil {
			b.Fatal(err)
		}
	}
}
