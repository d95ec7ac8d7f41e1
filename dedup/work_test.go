package dedup_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// makeDocs writes documents as crawl would, cut into shards.
func makeDocs(t testing.TB, fsys vfs.FS, root string, shards [][]*corpus.Doc) (work.Job, error) {
	t.Helper()
	w, err := work.Open(fsys, root, "test")
	if err != nil {
		return work.Job{}, err
	}
	t.Cleanup(func() { w.Close() })
	job := work.Job{Work: w, Stage: work.DocsStage, Workers: 2, Memory: 1 << 30, Seed: 1}
	if err := doctrine.Documents(context.Background(), w, shards); err != nil {
		return work.Job{}, err
	}
	job.Stage = work.VerdictsStage("dedup")
	return job, nil
}

func mustDocs(t testing.TB, shards [][]*corpus.Doc) work.Job {
	t.Helper()
	job, err := makeDocs(t, faultfs.Sound(), t.TempDir(), shards)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// makeDoc returns a document with some of everything that the order looks at.
func makeDoc(repo, path, text string) *corpus.Doc {
	h := uint64(14695981039346656037)
	for _, c := range []byte(repo) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	d := &corpus.Doc{
		Source: "test", Repo: repo, Path: path, Text: []byte(text), Bytes: int64(len(text)), Encoding: "utf-8",
		LicenseType: corpus.LicenseTypes()[h%5], Stars: int64(h>>8%5) - 1, Forks: int64(h>>16%3) - 1, CreatedAt: int64(h >> 24 % 3),
	}
	d.SetIDs()
	return d
}

// goFiles and mutate are doctrine's.
func goFiles(t testing.TB, n, maxSize int) []string { return doctrine.GoFiles(t, n, maxSize) }

func mutate(rng *rand.Rand, text string, rate float64) string {
	return doctrine.Mutate(rng, text, rate)
}

// family returns files of n distinct contents and copies of them at several
// distances, in repositories of 10 files.
func family(t testing.TB, n int) []*corpus.Doc {
	rng := rand.New(rand.NewPCG(3, 9))
	var texts []string
	for i, text := range goFiles(t, n, 12<<10) {
		texts = append(texts, text)
		for range i % 4 {
			texts = append(texts, mutate(rng, text, []float64{0, 0.005, 0.02, 0.04, 0.06, 0.1}[rng.IntN(6)]))
		}
	}
	texts = append(texts, "", "", "a", "a", "b", "a b c", "a b c ", "one two three four five", "one two three four  five")
	rng.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	var docs []*corpus.Doc
	for i, text := range texts {
		docs = append(docs, makeDoc(fmt.Sprintf("repo%d", i/10), strings.Repeat("p", i%3)+fmt.Sprint(i), text))
	}
	return docs
}

// cut deals documents out to shards of a few sizes.
func cut(docs []*corpus.Doc, size int) (shards [][]*corpus.Doc) {
	return slices.Collect(slices.Chunk(docs, size))
}

// outcome is what a verdict comes to, without positions.
type outcome struct {
	reason     corpus.Reason
	survivor   corpus.ID
	similarity float64
	copies     int64
}

// outcomes reads the verdicts, by document id.
func outcomes(t testing.TB, job work.Job, shards [][]*corpus.Doc) map[corpus.ID]outcome {
	t.Helper()
	m := map[corpus.ID]outcome{}
	for i, docs := range shards {
		row := 0
		for v, err := range job.Work.Verdicts("dedup", i) {
			if err != nil {
				t.Fatal(err)
			}
			o := outcome{reason: v.Reason, similarity: v.Similarity, copies: v.Copies}
			if v.Survivor != corpus.NoPos {
				o.survivor = shards[v.Survivor.Shard()][v.Survivor.Row()].ID
			}
			if v.Reason != "" && v.Reason != corpus.Earlier && (v.Value != v.Similarity || v.Value < v.Limit) {
				t.Fatalf("verdict %+v: value and limit do not fit", v)
			}
			m[docs[row].ID] = o
			row++
		}
		if row != len(docs) {
			t.Fatalf("shard %d: %d verdicts on %d documents", i, row, len(docs))
		}
	}
	return m
}

func runDedup(t testing.TB, job work.Job, c dedup.Config) *work.Manifest {
	t.Helper()
	m, err := dedup.Run(context.Background(), job, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// snapshot reads all files of a folder and those below it.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(t testing.TB, want, got map[string]string) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("nothing to compare with")
	}
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if want[name] != got[name] {
			t.Errorf("%s: %d bytes, want %d and the same", name, len(got[name]), len(want[name]))
		}
	}
}
