package crawl_test

import (
	"context"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work/vfs"
)

// BenchmarkCrawl crawls part of Go's source tree, as a folder and as a git
// repository; CODEMILL_BENCH_DIR names another folder.
func BenchmarkCrawl(b *testing.B) {
	dir := os.Getenv("CODEMILL_BENCH_DIR")
	if dir == "" {
		dir = filepath.Join(build.Default.GOROOT, "src", "net")
	}
	repo := filepath.Join(b.TempDir(), "repo")
	for _, args := range [][]string{
		{"init", "-q", repo}, {"--git-dir", repo + "/.git", "--work-tree", dir, "add", "-A", "."},
		{"--git-dir", repo + "/.git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"},
		{"--git-dir", repo + "/.git", "gc", "-q"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %s", err, out)
		}
	}
	for _, c := range []struct{ name, path string }{{"folder", dir}, {"git", repo}} {
		b.Run("from="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				job := newJob(b, vfs.OS{}, b.TempDir())
				m, err := crawl.Run(context.Background(), job, crawl.Config{Sources: []crawl.Source{{Name: "s", Path: c.path}}})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(m.Count.Total().Kept.Bytes)
			}
		})
	}
}
