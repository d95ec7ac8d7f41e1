package dedup_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// watchFS calls hook for every file created.
type watchFS struct {
	vfs.FS
	hook func(path string)
}

func (f watchFS) Create(path string) (vfs.File, error) {
	f.hook(path)
	return f.FS.Create(path)
}

// reopen opens a work folder through another file system.
func reopen(t testing.TB, job work.Job, fsys vfs.FS) work.Job {
	t.Helper()
	if err := job.Work.Close(); err != nil {
		t.Fatal(err)
	}
	w, err := work.Open(fsys, job.Work.Root(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	job.Work = w
	return job
}

// copyWork returns the job on a copy of its work folder.
func copyWork(t testing.TB, job work.Job, fsys vfs.FS) work.Job {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(job.Work.Root())); err != nil {
		t.Fatal(err)
	}
	w, err := work.Open(fsys, root, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	job.Work = w
	return job
}

// smallDocs are enough to have every kind of verdict in two shards.
func smallDocs() [][]*corpus.Doc {
	rng := rand.New(rand.NewPCG(2, 2))
	var docs []*corpus.Doc
	for i := range 12 {
		text := template(i/3, 60)
		if i%3 == 1 {
			text = mutate(rng, text, 0.01)
		}
		docs = append(docs, makeDoc(fmt.Sprint("r", i%5), fmt.Sprint(i), text))
	}
	return cut(append(docs, makeDoc("r", "short", "a"), makeDoc("r", "empty", "")), 8)
}

// stage is dedup on such documents, under the tests that all stages pass.
func stage(t *testing.T, shards [][]*corpus.Doc) doctrine.Stage {
	job := mustDocs(t, shards)
	if err := job.Work.Close(); err != nil {
		t.Fatal(err)
	}
	return doctrine.Stage{
		Input: doctrine.Tree(t, job.Work.Root()),
		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			job := job
			job.Work, job.Workers, job.Memory = w, workers, memory
			_, err := dedup.Run(ctx, job, dedup.Config{})
			return err
		},
	}
}

func TestOutputDependsOnInputAndSettingsAlone(t *testing.T) {
	docs := family(t, 100)
	for i := range 500 { // overfull buckets
		docs = append(docs, makeDoc("gen", fmt.Sprint(i), template(i, 30)))
	}
	stage(t, cut(docs, 200)).Determinism(t, 160<<20)
}

func TestInterruption(t *testing.T) { stage(t, smallDocs()).Interrupt(t, 15) }

func TestLooksThatFail(t *testing.T) { stage(t, smallDocs()).Glitch(t, 50) }

func TestCrashAtEveryFileOperation(t *testing.T) { stage(t, smallDocs()).Crash(t, 100) }

// Every shard can be made by a process that is told its name alone, and one that
// is lost is made again alone.
func TestTasksAlone(t *testing.T) {
	repos, _ := repositories(t, 5)
	path := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, smallDocs()[:1]), indexed(path, "a"))
	for _, test := range []struct {
		name   string
		shards [][]*corpus.Doc
		c      dedup.Config
	}{
		{"files", smallDocs(), dedup.Config{}},
		{"repositories", byRepo(repos, 12), repositoryLevel()},
		{"index", smallDocs(), indexed(path, "b")},
		{"blocks", cut(blockDocs(t, 12), 9), blocksLevel(3, true)},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := mustDocs(t, test.shards)
			if err := job.Work.Close(); err != nil {
				t.Fatal(err)
			}
			in := func(w *work.Folder) work.Job {
				job := job
				job.Work = w
				return job
			}
			doctrine.Stage{
				Input: doctrine.Tree(t, job.Work.Root()),
				Run: func(ctx context.Context, w *work.Folder, _ int, _ int64) error {
					_, err := dedup.Run(ctx, in(w), test.c)
					return err
				},
			}.TasksAlone(t, func(_ context.Context, w *work.Folder) (work.Job, work.Stage, error) {
				s, err := dedup.Describe(in(w), test.c)
				return in(w), s, err
			})
		})
	}
}

// What the summary is made from is made again where it is lost.
func TestSummaryOfLostNeeds(t *testing.T) {
	for _, c := range []dedup.Config{{}, blocksLevel(3, true)} {
		job := mustDocs(t, smallDocs())
		runDedup(t, job, c)
		want := snapshot(t, job.Dir().Path())
		entries, err := os.ReadDir(job.Dir().Path())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() || strings.HasPrefix(e.Name(), dedup.SummaryShard) {
				if err := os.RemoveAll(filepath.Join(job.Dir().Path(), e.Name())); err != nil {
					t.Fatal(err)
				}
			}
		}
		runDedup(t, job, c)
		sameFiles(t, want, snapshot(t, job.Dir().Path()))
	}
}

// With so little memory that the bands are spilled the outcome is the same.
func TestSpilling(t *testing.T) {
	if testing.Short() {
		t.Skip("compares 40,000 documents")
	}
	var docs []*corpus.Doc
	for i := range 40_000 {
		docs = append(docs, makeDoc("r", fmt.Sprint(i), fmt.Sprintf("a%d b%d c d%d e f g%d h i%d", i, i/3, i/4, i/5, i/2)))
	}
	shards := cut(docs, 10_000)
	var files [2]atomic.Int64
	var want map[string]string
	for i, memory := range []int64{4 << 30, 145 << 20} {
		job := reopen(t, mustDocs(t, shards), watchFS{faultfs.Sound(), func(path string) {
			if strings.Contains(path, ".scratch") {
				files[i].Add(1)
			}
		}})
		job.Memory = memory
		runDedup(t, job, dedup.Config{})
		got := snapshot(t, job.Dir().Path())
		if want == nil {
			want = got
		}
		sameFiles(t, want, got)
	}
	if files[0].Load() != 0 || files[1].Load() < 10 {
		t.Errorf("%d and %d scratch files: nothing was spilled", files[0].Load(), files[1].Load())
	}
}

func TestTooLittleMemory(t *testing.T) {
	job := mustDocs(t, smallDocs())
	job.Memory = 100 << 20
	if _, err := dedup.Run(context.Background(), job, dedup.Config{}); err == nil || !strings.Contains(err.Error(), "--memory") {
		t.Errorf("error %v", err)
	}
}

// More overfull buckets than the memory holds are an error that names the way out.
func TestTooManyOverfullBuckets(t *testing.T) {
	if testing.Short() {
		t.Skip("compares 27,000 documents")
	}
	var docs []*corpus.Doc
	for i := range 9000 {
		for space := range 3 { // similar by 1 and not the same
			text := fmt.Sprintf("a%d b c%d d e%d f g%d", i, i, i, i) + strings.Repeat(" ", space)
			docs = append(docs, makeDoc("r", fmt.Sprint(i, space), text))
		}
	}
	job := mustDocs(t, cut(docs, 9000))
	job.Memory = 150 << 20
	_, err := dedup.Run(context.Background(), job, dedup.Config{Near: near.Config{BucketCap: 2}})
	if err == nil || !strings.Contains(err.Error(), "overfull buckets") || !strings.Contains(err.Error(), "near.bucket_cap") {
		t.Errorf("error %v", err)
	}
	if m := runDedup(t, job, dedup.Config{Near: near.Config{BucketCap: 3}}); m.Count.Total().Kept.Docs != 9000 {
		t.Errorf("with a cap of 3: %+v", m.Count.Total())
	}
}

// A damaged file of sketches is an error that names it.
func TestDamagedSketches(t *testing.T) {
	job := mustDocs(t, smallDocs())
	runDedup(t, job, dedup.Config{})
	for _, ext := range []string{".entries", ".sketches", ".sets"} {
		path := filepath.Join(job.Dir().Path(), "sketches", "00001"+ext)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := append([]byte(nil), good...)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		job = reopen(t, job, faultfs.Sound())
		_, err = dedup.Run(context.Background(), job, dedup.Config{Order: []string{"stars"}})
		if !errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), "00001"+ext) {
			t.Errorf("%s: error %v", ext, err)
		}
		if err := os.WriteFile(path, good, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Documents that an earlier stage put out take no part, edits of earlier
// stages do, and the ledger counts bytes as crawled.
func TestAfterOtherStages(t *testing.T) {
	text := template(1, 60)
	docs := []*corpus.Doc{
		makeDoc("r", "a", text), makeDoc("r", "bb", text), makeDoc("r", "ccc", text+"secret"), makeDoc("r", "dddd", template(2, 60)),
	}
	job := mustDocs(t, [][]*corpus.Doc{docs})
	first := job
	first.Stage = work.VerdictsStage("first")
	inputs, err := first.Inputs()
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Run(context.Background(), work.Stage{Tasks: []work.Task{{
		Shard: "00000", Inputs: inputs[0], From: work.Fingerprint(inputs[0]),
		Make: func(_ context.Context, out *work.Output) error {
			w, err := out.CreateVerdicts()
			if err != nil {
				return err
			}
			for i, d := range docs {
				v := corpus.Verdict{Survivor: corpus.NoPos}
				switch i {
				case 0:
					v.Reason = "first"
				case 2:
					v.Edits = []corpus.Edit{{Start: int64(len(text)), End: int64(len(text) + 6)}}
				}
				if v.Kept() {
					out.Count.Keep(d.Source, ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))})
				} else {
					out.Count.Drop(d.Source, string(v.Reason), ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))})
				}
				if err := w.Write(&v); err != nil {
					return err
				}
			}
			return w.Close()
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	job.After = []string{"first"}
	_, err = dedup.Run(context.Background(), job, dedup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	got := outcomes(t, job, [][]*corpus.Doc{docs})
	if got[docs[0].ID].reason != corpus.Earlier || got[docs[1].ID] != (outcome{copies: 2}) ||
		got[docs[2].ID] != (outcome{dedup.ExactDuplicate, docs[1].ID, 1, 0}) || got[docs[3].ID] != (outcome{copies: 1}) {
		t.Errorf("%+v", got)
	}
}
