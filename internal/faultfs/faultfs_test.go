package faultfs

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// Else the crash loops show nothing.
func TestCrashLosesWhatIsNotSynced(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	write := func(fsys *FS, name, text string, sync bool) {
		f, err := fsys.Create(filepath.Join(dir, name))
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err == nil && sync {
			err = f.Sync()
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fsys := At(math.MaxInt64)
	write(fsys, "entry", "synced, its entry is not", true)
	write(fsys, "old", "not synced", false)
	write(fsys, "renamed", "after", true)
	if err := fsys.Rename(filepath.Join(dir, "renamed"), filepath.Join(dir, "kept")); err != nil {
		t.Fatal(err)
	}
	if err := fsys.MkdirAll(filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	if err := fsys.Crash(Worst); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(old); err != nil || string(b) != "before" {
		t.Errorf("%q, %v", b, err)
	}
	for _, name := range []string{"entry", "renamed", "kept", "folder"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := fsys.Create(filepath.Join(dir, "after")); !errors.Is(err, ErrInjected) {
		t.Error("it goes on after the crash:", err)
	}
}
