package filter_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

// copiedDocuments are those of a listed repository, of copies of it, and of others. The
// text of a file is "a" to "z", repeated; each has 100 bytes.
func copiedDocuments(ctx context.Context, w *work.Folder) error {
	shards := make([][]*corpus.Doc, 3)
	add := func(shard int, repo, texts string) {
		for i, c := range texts {
			d := &corpus.Doc{Source: "s", Repo: repo, Path: fmt.Sprintf("f%d", i), Stars: -1, Forks: -1, Bytes: 100, Text: []byte(strings.Repeat(string(c), 100))}
			d.SetIDs()
			shards[shard] = append(shards[shard], d)
		}
	}
	add(0, "fork/x", "abcdz")    // one file is another
	add(0, "half/x", "abyz")     // half of it
	add(0, "less/x", "abwyz")    // less than half
	add(1, "listed/x", "abcdee") // one text twice
	add(1, "spread/x", "ab")     // half of it with the rest
	add(2, "spread/x", "yz")
	add(2, "thin/x", "cd") // two of five with the rest
	add(1, "thin/x", "xyz")
	add(2, "", "az")
	add(2, "listed/y", "q")
	add(2, "other/x", "qp") // of another listed repository
	last := shards[2][len(shards[2])-1]
	last.AlsoAt = []string{"nobody/x:f", "https://example.org/listed/x:a:b"}
	add(0, "third/x", "p") // of one whose first place is elsewhere
	return doctrine.Documents(ctx, w, shards)
}

func copiesConfig(t testing.TB, copies string) filter.Config {
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte("listed/\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return filter.Config{Preset: "none", OptOut: list, OptOutCopies: copies}
}

func TestCopiesOfOptedOut(t *testing.T) {
	for copies, want := range map[string]string{
		"":             "fork/x: ..... half/x: .... less/x: ..... third/x: . listed/x: !!!!!! spread/x: .. thin/x: ... spread/x: .. thin/x: .. : .. listed/y: ! other/x: ..",
		"keep":         "fork/x: ..... half/x: .... less/x: ..... third/x: . listed/x: !!!!!! spread/x: .. thin/x: ... spread/x: .. thin/x: .. : .. listed/y: ! other/x: ..",
		"files":        "fork/x: 0123. half/x: 01.. less/x: 01... third/x: 9 listed/x: !!!!!! spread/x: 01 thin/x: ... spread/x: .. thin/x: 23 : 0. listed/y: ! other/x: 9?",
		"repositories": "fork/x: 0123R half/x: 01RR less/x: 01... third/x: 9 listed/x: !!!!!! spread/x: 01 thin/x: ... spread/x: RR thin/x: 23 : 0. listed/y: ! other/x: 9?",
	} {
		w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
		if err := copiedDocuments(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		j := job(w, "a")
		m, err := filter.Run(t.Context(), j, copiesConfig(t, copies))
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		repo := "-"
		out := int64(0)
		for shard := range 3 {
			var verdicts []corpus.Verdict
			for v, err := range w.Verdicts("a", shard) {
				if err != nil {
					t.Fatal(err)
				}
				verdicts = append(verdicts, v)
			}
			for row, err := range j.Rows(t.Context(), shard, false) {
				if err != nil {
					t.Fatal(err)
				}
				if row.Doc.Repo != repo {
					repo = strings.Clone(row.Doc.Repo)
					fmt.Fprintf(&got, " %s: ", repo)
				}
				v := verdicts[row.Pos.Row()]
				if !v.Kept() {
					out++
				}
				switch {
				case v.Kept():
					got.WriteByte('.')
				case v.Reason == "opt_out":
					got.WriteByte('!')
				case v.Reason == filter.CopyReason && v.Survivor == corpus.NoPos:
					got.WriteByte('?')
				case v.Reason == filter.CopyReason && v.Similarity == 1:
					if v.Survivor.Shard() == 1 {
						fmt.Fprint(&got, v.Survivor.Row())
					} else {
						got.WriteByte('9')
					}
				case v.Reason == filter.RepositoryReason && v.Survivor == corpus.At(1, 0) && v.Value >= v.Limit && v.Limit == 0.5 && v.Similarity == v.Value:
					got.WriteByte('R')
				default:
					t.Errorf("%s: %+v", row.Doc.Repo, v)
				}
			}
		}
		if s := strings.TrimSpace(got.String()); s != want {
			t.Errorf("%q:\n%s, want\n%s", copies, s, want)
		}
		if total := m.Count.Total(); total.In.Docs-total.Kept.Docs != out {
			t.Errorf("%q: %d documents are out of %+v", copies, out, total)
		}
	}
}

// Without a list there are no copies, and another value is none.
func TestCopiesSettings(t *testing.T) {
	for _, c := range []filter.Config{{OptOutCopies: "files"}, {OptOut: "x", OptOutCopies: "near"}} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "opt_out_copies") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// copyStage is a filter that asks after copies.
func copyStage(t *testing.T) doctrine.Stage {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := copiedDocuments(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	w.Close()
	c := copiesConfig(t, "repositories")
	return doctrine.Stage{
		Input: doctrine.Tree(t, root),
		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			j := job(w, "a")
			j.Workers, j.Memory = workers, memory
			_, err := filter.Run(ctx, j, c)
			return err
		},
	}
}

func TestCopiesOutput(t *testing.T)      { copyStage(t).Determinism(t, work.TableMemory) }
func TestCopiesCrash(t *testing.T)       { copyStage(t).Crash(t, 60) }
func TestCopiesInterrupted(t *testing.T) { copyStage(t).Interrupt(t, 8) }
func TestCopiesGlitch(t *testing.T)      { copyStage(t).Glitch(t, 50) }

func TestCopiesTasksAlone(t *testing.T) {
	c := copiesConfig(t, "repositories")
	copyStage(t).TasksAlone(t, func(_ context.Context, w *work.Folder) (work.Job, work.Stage, error) {
		j := job(w, "a")
		s, err := filter.Describe(j, c)
		return j, s, err
	})
}
