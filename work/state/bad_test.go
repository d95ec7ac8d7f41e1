package state_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
)

// leaveOut writes shards of documents that are all left out, by these reasons.
func leaveOut(t *testing.T, shards ...[]corpus.Reason) (*work.Folder, *work.Manifest) {
	t.Helper()
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	var s work.Stage
	for i, reasons := range shards {
		s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Make: func(_ context.Context, out *work.Output) error {
			docs, err := out.CreateDocs()
			if err != nil {
				return err
			}
			left, err := out.CreateLeftOut()
			if err != nil {
				return err
			}
			for _, r := range reasons {
				out.Count.Drop("s", string(r), ledger.Amount{Docs: 1, Bytes: 1})
				if err := left.Write(&corpus.LeftOut{Source: "s", Path: corpus.ShardName(i) + string(r), Reason: r}); err != nil {
					return err
				}
			}
			return errors.Join(left.Close(), docs.Close())
		}})
	}
	m, err := work.Job{Work: w, Stage: work.DocsStage, Workers: 1, Memory: 1 << 30}.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return w, m
}

func TestFindBadInput(t *testing.T) {
	w, m := leaveOut(t,
		[]corpus.Reason{crawl.Binary, crawl.Unreadable},
		[]corpus.Reason{crawl.Malformed, crawl.Empty, crawl.NoText},
		[]corpus.Reason{crawl.NoText, crawl.Changed, crawl.Unreadable})
	bad, err := state.FindBadInput(w, m)
	if err != nil {
		t.Fatal(err)
	}
	files := map[corpus.Reason]int64{crawl.Unreadable: 2, crawl.Malformed: 1, crawl.NoText: 2, crawl.Changed: 1}
	if !maps.Equal(bad.Files, files) {
		t.Errorf("%v, want %v", bad.Files, files)
	}
	if bad.NoText == nil || bad.NoText.Path != "00001no_text" {
		t.Errorf("the first row without a text is %+v", bad.NoText)
	}
	docs := w.Dir(work.DocsStage)
	if want := []string{docs.ReceiptPath("00000"), docs.ReceiptPath("00002")}; !slices.Equal(bad.Again, want) {
		t.Errorf("%q may be read another time, want %q", bad.Again, want)
	}
	// A receipt that somebody removed meanwhile is no sign that all was good.
	if err := os.Remove(docs.ReceiptPath("00002")); err != nil {
		t.Fatal(err)
	}
	if _, err := state.FindBadInput(w, m); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// What is left out by choice is not bad.
func TestFindNoBadInput(t *testing.T) {
	w, m := leaveOut(t, []corpus.Reason{crawl.Binary, crawl.Excluded, crawl.Symlink})
	if bad, err := state.FindBadInput(w, m); err != nil || len(bad.Files) > 0 || bad.NoText != nil || bad.Again != nil {
		t.Errorf("%+v, %v", bad, err)
	}
}
