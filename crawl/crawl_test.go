package crawl_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// newJob returns a job of the crawl stage in a fresh work folder.
func newJob(t testing.TB, fsys vfs.FS, root string) work.Job {
	t.Helper()
	w, err := work.Open(fsys, root, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return work.Job{Work: w, Stage: work.DocsStage, Workers: 2, Memory: 1 << 30}
}

// write makes files below dir: name, content, name, content …
func write(t testing.TB, dir string, files ...string) string {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		p := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// crawlAll runs the stage and returns its documents and what it left out.
func crawlAll(t testing.TB, job work.Job, cfg crawl.Config) ([]corpus.Doc, []corpus.LeftOut) {
	t.Helper()
	m, err := crawl.Run(context.Background(), job, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Count.Balance(); err != nil {
		t.Fatal(err)
	}
	var docs []corpus.Doc
	var left []corpus.LeftOut
	for s := range m.Shards {
		for row, err := range job.Rows(context.Background(), s, true) {
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, *row.Doc.Clone())
		}
		for l, err := range job.Work.LeftOut(s) {
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, l)
		}
	}
	total := m.Count.Total()
	if n := int64(len(docs)); n != total.Kept.Docs || total.In.Docs != n+int64(len(left)) {
		t.Fatalf("%d documents and %d left out, the ledger has %+v", n, len(left), total)
	}
	return docs, left
}
