package work_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

// What a call has made before it returns stays when the power goes off: the work
// folder itself, folders of stages, and small files.
func TestWhatIsMadeLasts(t *testing.T) {
	fsys := faultfs.At(math.MaxInt64)
	root := filepath.Join(t.TempDir(), "new", "work")
	w, err := work.Open(fsys, root, "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteFile("report/a/note.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	stage := work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		return out.WriteJSON("00000.json", 1)
	}}}}
	if _, err := (work.Job{Work: w, Stage: "verdicts/v/part"}).MakeShard(t.Context(), stage, "", "00000"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fsys.Crash(faultfs.Worst); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"codemill.json", "report/a/note.json", "verdicts/v/part/00000.json", "verdicts/v/part/00000.receipt.json"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
}

// Small files that a run was killed over are removed by the next.
func TestBegunFilesAreRemoved(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if err := w.WriteFile("report/note.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	want := doctrine.Tree(t, root)
	doctrine.PlantIn(t, root, map[string]string{"report/.partial-note.json": "{", ".partial-index.json": ""})
	doctrine.Open(t, faultfs.Sound(), root)
	doctrine.Same(t, "opened again", doctrine.Tree(t, root), want)
}
