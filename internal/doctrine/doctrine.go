// Package doctrine holds the tests that every stage has to pass: that its
// output depends on input and settings alone, that a run which dies or is told
// to stop leaves nothing that is not whole, and that the next one ends in the
// bytes of an undisturbed one.
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

// Tree reads all files below a folder, by their names from it on.
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

// Plant writes such files into a new folder and returns it.
func Plant(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	PlantIn(t, root, files)
	return root
}

// PlantIn writes such files into a folder.
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

// Same compares two trees and ends the test if they differ.
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

// Receipts checks every receipt below a work folder against its files.
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
	// Input is a work folder as the stage finds it. It may hold what the stage
	// made with other settings, the harder case.
	Input map[string]string
	// Ways is how many ways there are in which a machine that dies loses what was
	// not synced; 0 means one.
	Ways int
	// Run runs the stage.
	Run func(ctx context.Context, w *work.Folder, workers int, memory int64) error
}

const (
	workers = 2
	memory  = 1 << 30
)

// plant writes the stage's input into a new folder, until it is done with. The folder
// is in memory where the machine has such a file system: what a disk would lose package
// faultfs says, and making some hundreds of trees takes twice as long on a disk.
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

// in runs the stage in the folder, over a file system.
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

// Determinism runs the stage with 1, 2 and 8 workers and the memory budgets
// given, each in a folder of its own, and then once more, which must write
// nothing.
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

// Crash lets the stage die at each of its file operations, of which there must
// be at least least, and runs it again. Every other time the machine dies and
// loses by chance what was not synced, else the process alone. What a finished
// run has made must not be lost by a power failure after it. In short tests it
// leaves most out.
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

// crashAt lets the stage die at its operation n, and reports whether it finished
// before.
func (s Stage) crashAt(t testing.TB, n int64, way uint64, want map[string]string) (finished bool) {
	what := fmt.Sprint("died at operation ", n)
	root, done := s.plant(t)
	defer done()
	fsys := faultfs.At(n)
	err := s.in(t.Context(), fsys, root, workers, memory)
	if err != nil && !errors.Is(err, faultfs.ErrInjected) {
		t.Fatalf("%s: %v", what, err)
	}
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
		Open(t, faultfs.Sound(), root).Close() // scratch space is nobody's loss
		Same(t, "finished, then the power went off", Tree(t, root), want)
		return true
	}
	s.again(t, what+", finished by another process, then the power went off", root, want)
	return false
}

// Interrupt cancels the stage as it creates each of its files, of which there
// must be at least least, and runs it again.
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

// Glitch lets the stage's looks at the disk (opening, reading, listing, asking
// what is there), of which there must be at least least, fail once, as a loose cable or
// a lack of descriptors does: one of them in each run, the first ones all, later ones
// farther and farther apart. The run ends with that error, or it makes what an
// undisturbed one does; a second run does so in any case. In short tests it leaves
// most out.
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

// again looks at what a disturbed run has left and runs the stage once more.
func (s Stage) again(t testing.TB, what, root string, want map[string]string) {
	t.Helper()
	Receipts(t, what, root)
	if err := s.in(t.Context(), faultfs.Sound(), root, workers, memory); err != nil {
		t.Fatalf("%s: second run: %v", what, err)
	}
	Same(t, what, Tree(t, root), want)
}

// cancelling cancels a context when it has created some files.
type cancelling struct {
	vfs.FS
	left   atomic.Int64
	cancel func()
}

func (c *cancelling) Create(path string) (vfs.File, error) {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.FS.Create(path)
}

// glitching fails at one look.
type glitching struct {
	vfs.FS
	left atomic.Int64
}

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

// glitchingFile counts as looks what is asked of it and the first reading.
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

func (f *glitchingFile) first() (err error) {
	f.once.Do(func() { err = f.fs.look() })
	return err
}
