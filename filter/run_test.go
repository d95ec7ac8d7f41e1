package filter_test

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/report"
)

func open(t testing.TB, fsys corpus.FS, root string) *corpus.Work {
	t.Helper()
	w, err := corpus.OpenWork(fsys, root, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// crawl writes shards of the documents that text gives.
func crawl(ctx context.Context, w *corpus.Work, shards, rows int, text func(shard, row int) string) error {
	j := corpus.Job{Work: w, Stage: corpus.DocsDir, Workers: 1, Memory: 1 << 30}
	var s corpus.Stage
	for i := range shards {
		s.Tasks = append(s.Tasks, corpus.Task{Shard: corpus.ShardName(i), Inputs: i, Make: func(_ context.Context, out *corpus.Output) error {
			docs, err := out.CreateDocs()
			if err != nil {
				return err
			}
			for r := range rows {
				d := &corpus.Doc{Source: "s", Repo: fmt.Sprint("r", i), Path: fmt.Sprintf("f%d.go", r), Language: "Go", Kind: corpus.Code,
					LicenseType: corpus.Permissive, License: "MIT", Stars: -1, Forks: -1, Text: []byte(text(i, r)), IsGenerated: r%7 == 6}
				d.SetIDs()
				if err := docs.Write(d); err != nil {
					return err
				}
				out.Count.Keep(d.Source, report.Amount{Docs: 1, Bytes: int64(len(d.Text))})
			}
			left, err := out.CreateLeft()
			if err != nil {
				return err
			}
			if err := left.Close(); err != nil {
				return err
			}
			return docs.Close()
		}})
	}
	_, err := j.Run(ctx, s)
	return err
}

func sample(shard, row int) string {
	if row%3 == 1 {
		return strings.Repeat("12345 ", row+shard+1)
	}
	return fmt.Sprintf("package p%d\n%s\n", shard, strings.Repeat("word \n", row*5))
}

func job(w *corpus.Work, stage string, after ...string) corpus.Job {
	return corpus.Job{Work: w, Stage: corpus.VerdictsDir(stage), After: after, Workers: 2, Memory: 1 << 30, Meter: &report.Meter{}}
}

// both runs two filters, the second after the first.
func both(ctx context.Context, w *corpus.Work, change func(*corpus.Job)) error {
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

func tree(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == ".lock" {
			return err
		}
		b, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: differs", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: left over", name)
		}
	}
}

func TestRunPassesJudgesVerdicts(t *testing.T) {
	ctx, w := t.Context(), open(t, corpus.OS{}, t.TempDir())
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
		if want := first.Judge(d); fmt.Sprint(v) != fmt.Sprint(want) {
			t.Errorf("row %d: %+v, want %+v", row, v, want)
		}
		if !v.Kept() != (b[row].Reason == corpus.Before) {
			t.Errorf("row %d: after %q says %q", row, v.Reason, b[row].Reason)
		}
		reasons[v.Reason]++
		reasons[b[row].Reason]++
		row++
	}
	if row != 30 || len(reasons) != 6 /* kept and before among them */ {
		t.Fatalf("%d rows, reasons %v", row, reasons)
	}
	m, err := w.Dir(corpus.VerdictsDir("b")).Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if total := m.Count.Total(); m.Count.Tallies["language"]["Go"] != total.Kept || total.Kept.Docs == 0 || total.Reasons["max_bytes"].Docs == 0 {
		t.Errorf("%+v", m.Count)
	}
}

func TestOutputDependsOnInputAndSettingsAlone(t *testing.T) {
	var want map[string]string
	for name, change := range map[string]func(*corpus.Job){
		"one worker":    func(j *corpus.Job) { j.Workers = 1 },
		"two workers":   func(j *corpus.Job) { j.Workers = 2 },
		"eight workers": func(j *corpus.Job) { j.Workers = 8 },
		"less memory":   func(j *corpus.Job) { j.Workers, j.Memory = 8, corpus.TableMemory },
	} {
		root := t.TempDir()
		w := open(t, corpus.OS{}, root)
		if err := crawl(t.Context(), w, 3, 20, sample); err != nil {
			t.Fatal(err)
		}
		if err := both(t.Context(), w, change); err != nil {
			t.Fatal(name, err)
		}
		if want == nil {
			want = tree(t, root)
		}
		same(t, tree(t, root), want)
	}
}

func TestAnotherSettingIsAnotherFingerprint(t *testing.T) {
	root := t.TempDir()
	w := open(t, corpus.OS{}, root)
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
		{filter.Config{Preset: "deepseek-coder", Vendor: "narrow", Limits: filter.Limits{MeanLineLength: &hundred}}, true}, // the defaults, said
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

// copied returns a copy of a work folder.
func copied(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// undisturbed returns a work folder with documents, and what both make of it.
func undisturbed(t *testing.T) (docs, all map[string]string) {
	root := t.TempDir()
	w := open(t, corpus.OS{}, root)
	if err := crawl(t.Context(), w, 2, 9, sample); err != nil {
		t.Fatal(err)
	}
	docs = tree(t, root)
	if err := both(t.Context(), w, nil); err != nil {
		t.Fatal(err)
	}
	return docs, tree(t, root)
}

func TestCrashAtEveryFileOperation(t *testing.T) {
	docs, want := undisturbed(t)
	step := int64(1)
	if testing.Short() {
		step = 5
	}
	for n := int64(0); ; n += step {
		root := copied(t, docs)
		dying := faultfs.At(n)
		w := open(t, dying, root)
		err := both(t.Context(), w, nil)
		w.Close()
		if err == nil && !dying.Dead() {
			if n < 40 {
				t.Fatalf("only %d file operations", n)
			}
			return
		}
		if !errors.Is(err, faultfs.ErrInjected) {
			t.Fatalf("operation %d: %v", n, err)
		}
		w = open(t, corpus.OS{}, root)
		for i := range 4 {
			_, err := w.Dir(corpus.VerdictsDir("ab"[i/2 : i/2+1])).Verify(corpus.ShardName(i % 2))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("operation %d: %v", n, err)
			}
		}
		if err := both(t.Context(), w, nil); err != nil {
			t.Fatalf("operation %d: second run: %v", n, err)
		}
		w.Close()
		if same(t, tree(t, root), want); t.Failed() {
			t.Fatalf("after operation %d", n)
		}
	}
}

// cancelling cancels a context when the n-th file is created.
type cancelling struct {
	corpus.FS
	n      atomic.Int64
	cancel func()
}

func (c *cancelling) Create(path string) (corpus.File, error) {
	if c.n.Add(-1) == 0 {
		c.cancel()
	}
	return c.FS.Create(path)
}

func TestInterruptedRunsContinue(t *testing.T) {
	docs, want := undisturbed(t)
	for n := int64(1); ; n++ {
		root := copied(t, docs)
		ctx, cancel := context.WithCancel(t.Context())
		fsys := &cancelling{FS: corpus.OS{}, cancel: cancel}
		fsys.n.Store(n)
		w := open(t, fsys, root)
		err := both(ctx, w, nil)
		w.Close()
		if ctx.Err() == nil {
			if n < 8 {
				t.Fatalf("only %d files", n)
			}
			cancel()
			return
		}
		if err != nil && !corpus.Interrupted(err) {
			t.Fatal(err)
		}
		if err := both(t.Context(), open(t, corpus.OS{}, root), nil); err != nil {
			t.Fatal(err)
		}
		same(t, tree(t, root), want)
	}
}

func TestDamagedDocumentsAreNamed(t *testing.T) {
	root := t.TempDir()
	w := open(t, corpus.OS{}, root)
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
	_, err = filter.Run(t.Context(), job(open(t, corpus.OS{}, root), "a"), filter.Config{})
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
	w := open(b, corpus.OS{}, b.TempDir())
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
