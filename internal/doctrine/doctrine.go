// Package doctrine holds the tests that every stage has to pass: that its
// output depends on input and settings alone, that a run which dies or is told
// to stop leaves nothing that is not whole, and that the next one ends in the
// bytes of an undisturbed one.
//
// A stage's package describes its stage as a [Stage] and calls the tests:
//
//	s := doctrine.Stage{
//		Input: doctrine.Tree(t, root), // a work folder as the stage finds it
//		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
//			_, err := filter.Run(ctx, work.Job{Work: w, Workers: workers, Memory: memory, …}, c)
//			return err
//		},
//	}
//	s.Determinism(t)   // any number of workers, any memory: the same bytes
//	s.Crash(t, 40)     // dies at each operation that writes
//	s.Glitch(t, 60)    // an operation that reads fails once
//	s.Interrupt(t, 10) // is cancelled at each file
//	s.TasksAlone(t, …) // each shard is made by a process of its own
//
// The tests that loop until the stage gets through are given the least number of
// operations there must be: a stage that by mistake does nothing would pass otherwise.
//
//	doctrine.go   the tests, and trees of files
//	tasks.go      TasksAlone
//	fixture.go    documents and verdicts to run a stage on
//	texts.go      texts to make documents of
package doctrine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// recipe is the name under which the tests' work folders are made.
const recipe = "test"

// Open opens a work folder until the test ends or the caller closes it.
func Open(t testing.TB, fsys vfs.FS, root string) *work.Folder {
	w, err := work.Open(fsys, root, recipe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// Tree reads all files below a folder: texts by their names from the folder on, with a
// slash in front, such as "/docs/00000.parquet". The lock of a work folder is left out.
func Tree(t testing.TB, root string) map[string]string {
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

// Plant writes the files of a [Tree] into a new folder, which goes with the test, and
// returns it.
func Plant(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	PlantIn(t, root, files)
	return root
}

// PlantIn writes the files of a [Tree] into a folder.
func PlantIn(t testing.TB, root string, files map[string]string) {
	t.Helper()
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
}

// Same compares two trees and ends the test if they differ, after naming every file that
// does. what says in messages which case it is.
func Same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s: %s is missing", what, name)
		} else if got[name] != want[name] {
			t.Errorf("%s: %s differs", what, name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is left over", what, name)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// Receipts checks every receipt below a work folder against its files: a receipt must not
// stand before all its files are whole. Files without a receipt may be anything.
func Receipts(t testing.TB, what, root string) {
	t.Helper()
	files := Tree(t, root)
	if _, ok := files["/codemill.json"]; !ok {
		return // it died as it opened the folder
	}
	w, err := work.Read(vfs.OS{}, root)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for name := range files {
		shard, ok := strings.CutSuffix(filepath.Base(name), ".receipt.json")
		if ok && !strings.HasPrefix(shard, ".") { // not under a temporary name
			if _, err := w.Dir(strings.Trim(filepath.Dir(name), "/")).Verify(shard); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// Stage is a stage, or several in a row, under test.
type Stage struct {
	// Input is a work folder as the stage finds it, a [Tree]. It may hold what the
	// stage made with other settings: the harder case, as old shards have to go.
	Input map[string]string
	// Ways is in how many ways a machine that dies loses what was not synced: Crash
	// tries so many seeds for each operation. 0 means one.
	Ways int
	// Run runs the stage to its end. It is called many times, and must not keep
	// anything from one call to the next: each stands for a process of its own.
	Run func(ctx context.Context, w *work.Folder, workers int, memory int64) error
}

// What the stage is run with where a test does not vary it: memory in bytes.
const (
	workers = 2
	memory  = 1 << 30
)

// plant writes the stage's input into a new folder. done removes it; if nobody calls that,
// the end of the test does. The folder is in memory (/dev/shm) where the machine has such
// a file system, as making some hundreds of trees takes twice as long on a disk. Nothing
// is lost by it: which writes a disk would lose is decided by package faultfs.
func (s Stage) plant(t testing.TB) (root string, done func()) {
	t.Helper()
	root, err := os.MkdirTemp("/dev/shm", "doctrine")
	if err != nil {
		root = t.TempDir()
	}
	done = func() { os.RemoveAll(root) }
	t.Cleanup(done)
	PlantIn(t, root, s.Input)
	return root, done
}

// in runs the stage in the folder, over a file system, as a process does: it opens the
// work folder, runs, and closes it.
func (s Stage) in(ctx context.Context, fsys vfs.FS, root string, workers int, memory int64) error {
	w, err := work.Open(fsys, root, recipe)
	if err != nil {
		return err
	}
	defer w.Close()
	return s.Run(ctx, w, workers, memory)
}

// Output returns the work folder after an undisturbed run.
func (s Stage) Output(t testing.TB) map[string]string {
	t.Helper()
	root, done := s.plant(t)
	defer done()
	if err := s.in(t.Context(), faultfs.Sound(), root, workers, memory); err != nil {
		t.Fatal(err)
	}
	return Tree(t, root)
}

// Determinism runs the stage with 1, 2 and 8 workers, each with the memory budgets given
// (bytes) and with 1 GiB, each in a folder of its own. All must write the same bytes.
// Then it runs each once more, over a file system that dies at the first operation which
// writes: a finished stage must not write anything.
func (s Stage) Determinism(t testing.TB, budgets ...int64) {
	want := s.Output(t)
	for _, workers := range []int{1, 2, 8} {
		for _, memory := range append(budgets, memory) {
			what := fmt.Sprintf("%d workers, %d MiB", workers, memory>>20)
			root, done := s.plant(t)
			if err := s.in(t.Context(), faultfs.Sound(), root, workers, memory); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			Same(t, what, Tree(t, root), want)
			if err := s.in(t.Context(), faultfs.At(0), root, workers, memory); err != nil {
				t.Fatalf("%s: a second run: %v", what, err)
			}
			Same(t, what+", run twice", Tree(t, root), want)
			done()
		}
	}
}

// Crash lets the stage die at each of its operations that write, of which there must be at
// least least, and runs it again, which must end in the bytes of an undisturbed run.
// Operations are numbered from 0:
//
//   - at an even one the machine dies: what was not synced is lost by chance, in as many
//     ways as Ways says;
//   - at an odd one the process dies: all that was written is there. After the second run
//     the power goes off, all that neither run synced is lost, and there is a third run.
//
// When n is larger than the number of operations, the stage finishes. Then the power goes
// off once more, which must take nothing away. Short tests leave most operations out.
func (s Stage) Crash(t testing.TB, least int64) {
	want, step := s.Output(t), int64(1)
	if testing.Short() {
		step = 1 + 2*(least/10)
	}
	for n := int64(0); ; n += step {
		for way := range uint64(max(1, s.Ways)) {
			if s.crashAt(t, n, way, want) {
				if n < least {
					t.Fatalf("only %d file operations", n)
				}
				return
			}
			if n%2 != 0 {
				break
			}
		}
	}
}

// crashAt lets the stage die at its operation n, and reports whether it finished before.
// The seed of what is lost has n and way in it. want is an undisturbed run's output.
func (s Stage) crashAt(t testing.TB, n int64, way uint64, want map[string]string) (finished bool) {
	what := fmt.Sprint("died at operation ", n)
	root, done := s.plant(t)
	defer done()
	fsys := faultfs.At(n)
	err := s.in(t.Context(), fsys, root, workers, memory)
	if err != nil && !errors.Is(err, faultfs.ErrInjected) {
		t.Fatalf("%s: %v", what, err)
	}
	// A fault as it tidies up, after all is made, is no error of the run.
	finished = err == nil && !fsys.Dead()
	if !finished && n%2 == 0 {
		if err := fsys.Crash(uint64(n)<<8 | way); err != nil {
			t.Fatal(err)
		}
		s.again(t, fmt.Sprintf("%s with the machine, way %d", what, way), root, want)
		return false
	}
	if !finished {
		Receipts(t, what, root)
		fsys.Restart()
		if err := s.in(t.Context(), fsys, root, workers, memory); err != nil {
			t.Fatalf("%s: second run: %v", what, err)
		}
		Same(t, what, Tree(t, root), want)
	}
	if err := fsys.Crash(faultfs.Worst); err != nil {
		t.Fatal(err)
	}
	if finished {
		Open(t, faultfs.Sound(), root).Close() // removes scratch space that the power failure brought back
		Same(t, "finished, then the power went off", Tree(t, root), want)
		return true
	}
	s.again(t, what+", finished by another process, then the power went off", root, want)
	return false
}

// Interrupt cancels the stage as it creates each of its files, of which there
// must be at least least, and runs it again. A stage that is cancelled must end with
// [context.Canceled], or may finish if it was nearly done.
func (s Stage) Interrupt(t testing.TB, least int64) {
	want := s.Output(t)
	for n := int64(1); ; n++ {
		what := fmt.Sprint("cancelled at file ", n)
		root, done := s.plant(t)
		ctx, cancel := context.WithCancel(t.Context())
		fsys := &cancelling{FS: faultfs.Sound(), cancel: cancel}
		fsys.left.Store(n)
		err := s.in(ctx, fsys, root, workers, memory)
		struck := ctx.Err() != nil
		cancel()
		if err != nil && !work.Interrupted(err) {
			t.Fatalf("%s: %v", what, err)
		}
		if !struck {
			if n <= least {
				t.Fatalf("only %d files", n-1)
			}
			return
		}
		s.again(t, what, root, want)
		done()
	}
}

// Glitch lets one of the stage's looks at the disk fail in each run, as a loose cable or a
// lack of descriptors does. A look is opening a file, the first reading of it, listing a
// folder, or asking what is there. There must be at least least of them.
//
// The run has two choices: it ends with that error, or it makes what an undisturbed one
// does. That something cannot be seen must never count as that it is not there. A second
// run, without the fault, makes what an undisturbed one does in any case.
//
// The first 40 looks are all tried, later ones farther and farther apart; in short tests
// the first 10. There is one worker, so that looks have an order.
func (s Stage) Glitch(t testing.TB, least int64) {
	want, first := s.Output(t), int64(40)
	if testing.Short() {
		first = 10
	}
	for n := int64(1); ; n += 1 + n/first {
		what := fmt.Sprint("failed at look ", n)
		root, done := s.plant(t)
		fsys := &glitching{FS: faultfs.Sound()}
		fsys.left.Store(n)
		switch err := s.in(t.Context(), fsys, root, 1, memory); {
		case fsys.left.Load() > 0:
			if n <= least {
				t.Fatalf("only %d looks at the disk", n-fsys.left.Load())
			}
			return
		case err == nil:
			Same(t, what, Tree(t, root), want)
		case !errors.Is(err, faultfs.ErrInjected):
			t.Fatalf("%s: %v", what, err)
		default:
			s.again(t, what, root, want)
		}
		done()
	}
}

// again checks the receipts that a disturbed run has left and runs the stage once more,
// undisturbed. The folder must then hold want.
func (s Stage) again(t testing.TB, what, root string, want map[string]string) {
	t.Helper()
	Receipts(t, what, root)
	if err := s.in(t.Context(), faultfs.Sound(), root, workers, memory); err != nil {
		t.Fatalf("%s: second run: %v", what, err)
	}
	Same(t, what, Tree(t, root), want)
}

// cancelling cancels a context as it creates its file number left, counted from 1.
type cancelling struct {
	vfs.FS
	left   atomic.Int64 // how many files are created until then
	cancel func()
}

func (c *cancelling) Create(path string) (vfs.File, error) {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.FS.Create(path)
}

// glitching fails at its look number left, counted from 1, and at no other.
type glitching struct {
	vfs.FS
	left atomic.Int64 // how many looks come until then; above 0 while it has not failed
}

// look counts a look.
func (g *glitching) look() error {
	if g.left.Add(-1) == 0 {
		return faultfs.ErrInjected
	}
	return nil
}

func (g *glitching) Open(path string) (vfs.File, error) {
	if err := g.look(); err != nil {
		return nil, err
	}
	f, err := g.FS.Open(path)
	if err != nil {
		return nil, err
	}
	return &glitchingFile{File: f, fs: g}, nil
}

func (g *glitching) Stat(path string) (fs.FileInfo, error) {
	if err := g.look(); err != nil {
		return nil, err
	}
	return g.FS.Stat(path)
}

func (g *glitching) ReadDir(path string) ([]fs.DirEntry, error) {
	if err := g.look(); err != nil {
		return nil, err
	}
	return g.FS.ReadDir(path)
}

// glitchingFile counts as looks what is asked of it and the first reading: a file of
// megabytes is read in hundreds of pieces, which all fail in the same way.
type glitchingFile struct {
	vfs.File
	fs   *glitching
	once sync.Once
}

func (f *glitchingFile) Stat() (fs.FileInfo, error) {
	if err := f.fs.look(); err != nil {
		return nil, err
	}
	return f.File.Stat()
}

func (f *glitchingFile) Read(p []byte) (int, error) {
	if err := f.first(); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *glitchingFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.first(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

// first counts a look when it is called for the first time.
func (f *glitchingFile) first() (err error) {
	f.once.Do(func() { err = f.fs.look() })
	return err
}
