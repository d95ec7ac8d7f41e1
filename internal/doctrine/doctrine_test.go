package doctrine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// recorder is a test within a test, which may fail.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Errorf(format string, arg ...any) {
	r.said = append(r.said, fmt.Sprintf(format, arg...))
}
func (r *recorder) Error(arg ...any) { r.said = append(r.said, fmt.Sprint(arg...)) }
func (r *recorder) Failed() bool     { return len(r.said) > 0 }
func (r *recorder) FailNow()         { runtime.Goexit() }
func (r *recorder) Fatal(arg ...any) { r.Error(arg...); r.FailNow() }

func (r *recorder) Fatalf(format string, arg ...any) { r.Errorf(format, arg...); r.FailNow() }

// fails returns what a test complained of.
func fails(t *testing.T, test func(testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return strings.Join(r.said, "\n")
}

// write makes a file of the folder in steps of its own choice.
func write(w *work.Folder, name, text string, sync, rename, syncDir bool) error {
	fsys, path := w.FS(), filepath.Join(w.Root(), name)
	if _, err := fsys.Stat(path); err == nil {
		return nil // it stands already
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	at := path
	if rename {
		at = filepath.Join(w.Root(), ".partial-"+name)
	}
	f, err := fsys.Create(at)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	if err == nil && sync {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && rename {
		err = fsys.Rename(at, path)
	}
	if err == nil && syncDir {
		err = fsys.SyncDir(w.Root())
	}
	return err
}

// A stage that does right passes, and each that does not fails by what it does.
func TestFaultyStagesFail(t *testing.T) {
	stage := func(run func(ctx context.Context, w *work.Folder, workers int, memory int64) error) Stage {
		return Stage{Run: run, Ways: 8}
	}
	sound := stage(func(ctx context.Context, w *work.Folder, _ int, _ int64) error {
		for _, name := range []string{"a", "b"} {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := write(w, name, "text", true, true, true); err != nil {
				return err
			}
		}
		return nil
	})
	steps := func(sync, rename, syncDir bool) Stage {
		return stage(func(_ context.Context, w *work.Folder, _ int, _ int64) error {
			return write(w, "a", "a text", sync, rename, syncDir)
		})
	}
	// looking copies a file. What it cannot see it takes for absent, what it cannot
	// read for empty, as it is told to.
	folder := t.TempDir()
	if err := Open(t, vfs.OS{}, folder).WriteFile("in", []byte("text")); err != nil {
		t.Fatal(err)
	}
	looking := func(absent, empty bool) Stage {
		return Stage{Input: Tree(t, folder), Run: func(_ context.Context, w *work.Folder, _ int, _ int64) error {
			if _, err := w.FS().Stat(filepath.Join(w.Root(), "in")); absent && err != nil {
				return errors.New("there is nothing")
			} else if err != nil {
				return err
			}
			b, err := w.ReadFile("in")
			if err != nil && !empty {
				return err
			}
			return write(w, "a", string(b), true, true, true)
		}}
	}
	for _, c := range []struct {
		what string
		test func(testing.TB)
		want string // what it complains of; nothing where it is right
	}{
		{"sound", func(t testing.TB) { sound.Determinism(t, 1<<20) }, ""},
		{"sound", func(t testing.TB) { sound.Crash(t, 10) }, ""},
		{"sound", func(t testing.TB) { sound.Interrupt(t, 2) }, ""},
		{"sound", func(t testing.TB) { looking(false, false).Glitch(t, 6) }, ""},
		{"hardly any looks", func(t testing.TB) { looking(false, false).Glitch(t, 100) }, "looks at the disk"},
		{"takes for absent what it cannot see", func(t testing.TB) { looking(true, false).Glitch(t, 6) }, "there is nothing"},
		{"takes for empty what it cannot read", func(t testing.TB) { looking(false, true).Glitch(t, 6) }, "/a differs"},
		{"hardly any operations", func(t testing.TB) { sound.Crash(t, 100) }, "file operations"},
		{"hardly any files", func(t testing.TB) { sound.Interrupt(t, 5) }, "only "},
		{"workers", func(t testing.TB) {
			stage(func(_ context.Context, w *work.Folder, workers int, _ int64) error {
				return write(w, "a", fmt.Sprint(workers), true, true, true)
			}).Determinism(t)
		}, "1 workers, 1024 MiB: /a differs"},
		{"memory", func(t testing.TB) {
			stage(func(_ context.Context, w *work.Folder, _ int, memory int64) error {
				return write(w, "a", fmt.Sprint(memory), true, true, true)
			}).Determinism(t, 1<<20)
		}, "1 workers, 1 MiB: /a differs"},
		{"writes again", func(t testing.TB) {
			stage(func(_ context.Context, w *work.Folder, _ int, _ int64) error {
				return w.WriteFile("a", []byte("text"))
			}).Determinism(t)
		}, "a second run: injected fault"},
		{"leaves a file", func(t testing.TB) {
			stage(func(_ context.Context, w *work.Folder, workers int, _ int64) error {
				return write(w, fmt.Sprint("of", workers), "text", true, true, true)
			}).Determinism(t)
		}, "/of1 is left over"},
		{"under its final name at once", func(t testing.TB) { steps(true, false, true).Crash(t, 2) }, "/a differs"},
		{"contents not synced", func(t testing.TB) { steps(false, true, true).Crash(t, 2) }, "/a "},
		{"folder not synced", func(t testing.TB) { steps(true, true, false).Crash(t, 2) }, "/a is missing"},
		{"takes an interruption for the end", func(t testing.TB) {
			stage(func(ctx context.Context, w *work.Folder, _ int, _ int64) error {
				if err := write(w, "a", "text", true, true, true); err != nil {
					return err
				}
				text := "text"
				if ctx.Err() != nil {
					text = ""
				}
				return write(w, "b", text, true, true, true)
			}).Interrupt(t, 1)
		}, "/b differs"},
		{"another error", func(t testing.TB) {
			stage(func(_ context.Context, w *work.Folder, _ int, _ int64) error {
				if err := write(w, "a", "text", true, true, true); err != nil {
					return errors.New("something else")
				}
				return nil
			}).Crash(t, 1)
		}, "something else"},
	} {
		got := fails(t, c.test)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestSame(t *testing.T) {
	want := map[string]string{"a": "1", "b": "2"}
	for _, c := range []struct {
		got  map[string]string
		want string
	}{
		{map[string]string{"a": "1", "b": "2"}, ""},
		{map[string]string{"a": "1"}, "b is missing"},
		{map[string]string{"a": "1", "b": "3"}, "b differs"},
		{map[string]string{"a": "1", "b": "2", "c": ""}, "c is left over"},
	} {
		got := fails(t, func(t testing.TB) { Same(t, "x", c.got, want) })
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %q, want %q", c.got, got, c.want)
		}
	}
}

// A receipt beside files that it is not of is found.
func TestReceipts(t *testing.T) {
	root := t.TempDir()
	w := Open(t, vfs.OS{}, root)
	if err := Documents(t.Context(), w, nil); err != nil {
		t.Fatal(err)
	}
	stage := work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error { return out.WriteJSON("00000.json", 1) }}}}
	if _, err := (work.Job{Work: w, Stage: "x", Workers: 1}).Run(t.Context(), stage); err != nil {
		t.Fatal(err)
	}
	if got := fails(t, func(t testing.TB) { Receipts(t, "x", root) }); got != "" {
		t.Error(got)
	}
	PlantIn(t, root, map[string]string{"x/00000.json": "2\n"})
	if got := fails(t, func(t testing.TB) { Receipts(t, "x", root) }); !strings.Contains(got, "x/00000.json: ") {
		t.Error(got)
	}
}
