package crawl_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// mixed is a source of each type, and one that cannot be read, small enough to be
// crawled a hundred times.
func mixed(t testing.TB) crawl.Config {
	dir := write(t, filepath.Join(t.TempDir(), "dir"), "LICENSE", "SPDX-License-Identifier: MIT\n", "a.go", "package a\n", "b/c.md", "# c\n", "bin", "\x00",
		"d.ipynb", `{"cells":[{"cell_type":"markdown","source":"# d"},{"cell_type":"code","source":"d()"}]}`, "e.ipynb", "no notebook", "f.qmd", "```{r}\nf()\n```\n")
	rows := ""
	for i := range 12 {
		rows += fmt.Sprintf(`{"text":"text %d of the collection","repo":"r%d","path":"p%d.md"}`+"\n", i, i/3, i)
	}
	lines := write(t, t.TempDir(), "rows.jsonl", rows+"broken\n")
	unborn := filepath.Join(t.TempDir(), "unborn")
	gitIn(t, filepath.Dir(unborn), "init", "-q", unborn)
	return crawl.Config{ShardBytes: 1500, Sources: []crawl.Source{
		{Name: "unborn", Path: unborn}, {Name: "git", Path: newRepo(t)}, {Name: "folder", Path: dir}, {Name: "rows", Path: filepath.Join(lines, "rows.jsonl")},
	}}
}

// stage is the crawl of mixed, in a work folder that an earlier crawl with
// other settings left, for the doctrine's tests.
func stage(t *testing.T, blobs string) doctrine.Stage {
	cfg := mixed(t)
	run := func(cfg crawl.Config) func(context.Context, *work.Folder, int, int64) error {
		return func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			_, err := crawl.Run(ctx, work.Job{Work: w, Stage: work.DocsStage, Workers: workers, Memory: memory}, cfg)
			return err
		}
	}
	other := cfg
	other.ShardBytes, other.MaxFileBytes = 500, 100
	cfg.Blobs = blobs
	return doctrine.Stage{Input: doctrine.Stage{Run: run(other)}.Output(t), Run: run(cfg)}
}

func TestSameBytesForWorkersAndMemory(t *testing.T) {
	for _, blobs := range []string{crawl.BlobsEvery, crawl.BlobsOnce} {
		stage(t, blobs).Determinism(t, 200<<20)
	}
}

func TestCrashAtEveryFileOperation(t *testing.T) { stage(t, crawl.BlobsOnce).Crash(t, 50) }

// TestTasksAlone holds that any process can make any shard.
func TestTasksAlone(t *testing.T) {
	for _, blobs := range []string{crawl.BlobsEvery, crawl.BlobsOnce} {
		cfg := mixed(t)
		cfg.Blobs = blobs
		job := func(w *work.Folder) work.Job {
			return work.Job{Work: w, Stage: work.DocsStage, Workers: 2, Memory: 1 << 30}
		}
		run := func(ctx context.Context, w *work.Folder, _ int, _ int64) error {
			_, err := crawl.Run(ctx, job(w), cfg)
			return err
		}
		doctrine.Stage{Run: run}.TasksAlone(t, func(ctx context.Context, w *work.Folder) (work.Job, work.Stage, error) {
			s, err := crawl.Describe(ctx, job(w), cfg)
			return job(w), s, err
		})
	}
}

func TestInterruption(t *testing.T) { stage(t, crawl.BlobsEvery).Interrupt(t, 4) }

func TestLooksThatFail(t *testing.T) { stage(t, crawl.BlobsOnce).Glitch(t, 50) }

// TestOwnOutput holds that a work folder within a source is no part of it, nor
// are those of other runs.
func TestOwnOutput(t *testing.T) {
	src := write(t, t.TempDir(), "a.go", "package a\n", "sub/b.go", "package b\n", "sub/.lock", "", "old/codemill.json", "{}", "old/.lock", "", "old/text/0.jsonl", "{}\n")
	cfg := crawl.Config{Sources: []crawl.Source{{Name: "all", Path: src}, {Name: "lines", Path: src, Glob: "**/*.jsonl", Optional: true}}}
	job := newJob(t, vfs.OS{}, filepath.Join(src, "work"))
	first, left := crawlAll(t, job, cfg)
	if len(first) != 2 || len(left) != 1 {
		t.Errorf("%d documents, %v left out", len(first), left)
	}
	job.DryRun = true
	if _, err := crawl.Run(context.Background(), job, cfg); err != nil {
		t.Errorf("a finished crawl into the source's folder is not fresh: %v", err)
	}
}

func TestRerunWritesNothing(t *testing.T) {
	cfg := mixed(t)
	root := t.TempDir()
	crawlAll(t, newJob(t, vfs.OS{}, root), cfg)
	want := doctrine.Tree(t, root)
	w, err := work.Read(vfs.OS{}, root)
	if err != nil {
		t.Fatal(err)
	}
	job := work.Job{Work: w, Stage: work.DocsStage, Workers: 2, Memory: 1 << 30, DryRun: true}
	if _, err := crawl.Run(context.Background(), job, cfg); err != nil {
		t.Errorf("a finished crawl is not fresh: %v", err)
	}
	write(t, cfg.Sources[2].Path, "new.go", "package n\n")
	if _, err := crawl.Run(context.Background(), job, cfg); err == nil {
		t.Error("a new file is not seen")
	}
	doctrine.Same(t, "a dry run", doctrine.Tree(t, root), want)
	cfg.Sources[0].Path, cfg.Sources = cfg.Sources[2].Path, cfg.Sources[:1]
	if _, err := crawl.Run(context.Background(), job, cfg); err == nil {
		t.Error("a removed source is not seen")
	}
}
