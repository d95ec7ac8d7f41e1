package crawl_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/internal/faultfs"
)

// mixed is a source of each type, small enough to be crawled a hundred times.
func mixed(t testing.TB) crawl.Config {
	dir := write(t, filepath.Join(t.TempDir(), "dir"), "LICENSE", "SPDX-License-Identifier: MIT\n", "a.go", "package a\n", "b/c.md", "# c\n", "bin", "\x00")
	rows := ""
	for i := range 12 {
		rows += fmt.Sprintf(`{"text":"text %d of the collection","repo":"r%d","path":"p%d.md"}`+"\n", i, i/3, i)
	}
	lines := write(t, t.TempDir(), "rows.jsonl", rows+"broken\n")
	return crawl.Config{ShardBytes: 1500, Sources: []crawl.Source{
		{Name: "git", Path: newRepo(t)}, {Name: "folder", Path: dir}, {Name: "rows", Path: filepath.Join(lines, "rows.jsonl")},
	}}
}

// files returns the contents of all files below dir, but for lock and scratch.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(filepath.Join(dir, corpus.DocsDir), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, rerr := os.ReadFile(p)
			all[strings.TrimPrefix(p, dir)], err = string(b), rerr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCrashLoop(t *testing.T) {
	cfg := mixed(t)
	cfg.Blobs = crawl.BlobsOnce
	clean := t.TempDir()
	crawlAll(t, newJob(t, corpus.OS{}, clean), cfg)
	want := files(t, clean)
	step := int64(20)
	if testing.Short() {
		step = 2
	}
	for n := int64(0); ; n += 1 + n/step {
		root := t.TempDir()
		if survived(t, root, n, cfg) {
			if n < 40 {
				t.Fatalf("only %d operations", n)
			}
			return
		}
		work, err := corpus.OpenWork(corpus.OS{}, root, "test")
		if err != nil {
			t.Fatalf("operation %d: %v", n, err)
		}
		job := corpus.Job{Work: work, Stage: corpus.DocsDir, Workers: 1, Memory: 1 << 30}
		entries, _ := os.ReadDir(job.Dir().Path())
		for _, e := range entries {
			if shard, ok := strings.CutSuffix(e.Name(), ".receipt.json"); ok && !strings.HasPrefix(shard, ".") {
				if _, err := job.Dir().Verify(shard); err != nil {
					t.Fatalf("operation %d: %v", n, err)
				}
			}
		}
		crawlAll(t, job, cfg)
		work.Close()
		if !maps.Equal(files(t, root), want) {
			t.Fatalf("operation %d: other bytes after the second run", n)
		}
	}
}

// survived runs until the n-th writing operation fails.
func survived(t *testing.T, root string, n int64, cfg crawl.Config) bool {
	fsys := faultfs.At(n)
	work, err := corpus.OpenWork(fsys, root, "test")
	if err != nil {
		return false
	}
	defer work.Close()
	_, err = crawl.Run(context.Background(), corpus.Job{Work: work, Stage: corpus.DocsDir, Workers: 1, Memory: 1 << 30}, cfg)
	if err == nil && fsys.Dead() {
		t.Fatalf("operation %d failed, and nobody minded", n)
	}
	return err == nil
}

func TestDeterminism(t *testing.T) {
	cfg := mixed(t)
	for _, blobs := range []string{crawl.BlobsEvery, crawl.BlobsOnce} {
		cfg.Blobs = blobs
		var want map[string]string
		for i, workers := range []int{1, 2, 8} {
			root := t.TempDir()
			job := newJob(t, corpus.OS{}, root)
			job.Workers, job.Memory = workers, int64(1+i)<<29
			ctx, cancel := context.WithCancel(context.Background())
			job.Warn = func(string) { cancel() }
			interrupt(ctx, cancel, job, cfg, i)
			crawlAll(t, job, cfg)
			if got := files(t, root); want == nil {
				want = got
			} else if !maps.Equal(got, want) {
				t.Errorf("blobs %s: %d workers give other bytes", blobs, workers)
			}
		}
		if len(want) < 6 {
			t.Errorf("only %d files", len(want))
		}
	}
}

// interrupt runs until some shard has been made.
func interrupt(ctx context.Context, cancel func(), job corpus.Job, cfg crawl.Config, made int) {
	go func() {
		for ctx.Err() == nil {
			if found, _ := filepath.Glob(filepath.Join(job.Dir().Path(), "*.receipt.json")); len(found) >= made {
				cancel()
			}
		}
	}()
	crawl.Run(ctx, job, cfg)
	cancel()
}

// TestOwnOutput holds that a work folder within a source is no part of it, nor
// are those of other runs.
func TestOwnOutput(t *testing.T) {
	src := write(t, t.TempDir(), "a.go", "package a\n", "sub/b.go", "package b\n", "sub/.lock", "", "old/codemill.json", "{}", "old/.lock", "", "old/text/0.jsonl", "{}\n")
	cfg := crawl.Config{Sources: []crawl.Source{{Name: "all", Path: src}, {Name: "lines", Path: src, Glob: "**/*.jsonl", Optional: true}}}
	job := newJob(t, corpus.OS{}, filepath.Join(src, "work"))
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
	crawlAll(t, newJob(t, corpus.OS{}, root), cfg)
	want := files(t, root)
	work, err := corpus.ReadWork(corpus.OS{}, root)
	if err != nil {
		t.Fatal(err)
	}
	job := corpus.Job{Work: work, Stage: corpus.DocsDir, Workers: 2, Memory: 1 << 30, DryRun: true}
	if _, err := crawl.Run(context.Background(), job, cfg); err != nil {
		t.Errorf("a finished crawl is not fresh: %v", err)
	}
	write(t, cfg.Sources[1].Path, "new.go", "package n\n")
	if _, err := crawl.Run(context.Background(), job, cfg); err == nil {
		t.Error("a new file is not seen")
	}
	if !maps.Equal(files(t, root), want) {
		t.Error("a dry run wrote something")
	}
	cfg.Sources[0].Path, cfg.Sources = cfg.Sources[1].Path, cfg.Sources[:1]
	if _, err := crawl.Run(context.Background(), job, cfg); err == nil {
		t.Error("a removed source is not seen")
	}
}
