package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
)

// TestDepth holds that folders in folders without end neither stop nor delay a
// crawl: what is too deep is one unreadable folder.
func TestDepth(t *testing.T) {
	top := t.TempDir()
	dir, err := os.OpenRoot(top)
	if err != nil {
		t.Fatal(err)
	}
	for range 3000 { // longer than a path may be
		if err := dir.Mkdir("d", 0o755); err != nil {
			t.Fatal(err)
		}
		in, err := dir.OpenRoot("d")
		if err != nil {
			t.Fatal(err)
		}
		dir.Close()
		dir = in
	}
	dir.Close()
	if err := os.WriteFile(filepath.Join(top, strings.Repeat("d/", maxDepth), "in.go"), []byte("package in\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var got []string
	err = Tree{top, 100}.List(context.Background(), func(e origin.Entry) error {
		got = append(got, fmt.Sprintf("%d levels, %v, %s", strings.Count(e.Path, "/"), e.Mode == origin.UnreadableMode, filepath.Base(e.Path)))
		return nil
	})
	if want := []string{"257 levels, true, d", "256 levels, false, in.go"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestFilesThatChange lists a folder, puts other things in the files' places,
// and reads: nothing outside is read, nothing blocks, and what can be had is.
func TestFilesThatChange(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	for _, p := range []string{"gone", "grown", "inside", "outside", "pipe", "same"} {
		if err := os.WriteFile(filepath.Join(dir, p), []byte(p), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	var entries []origin.Entry
	f := Tree{dir, 100}
	if err := f.List(context.Background(), func(e origin.Entry) error { entries = append(entries, e); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"gone", "inside", "outside", "pipe"} {
		os.Remove(filepath.Join(dir, p))
	}
	os.WriteFile(filepath.Join(dir, "grown"), make([]byte, 500), 0o644)
	os.Symlink("same", filepath.Join(dir, "inside"))
	os.Symlink(outside, filepath.Join(dir, "outside"))
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Skip(err)
	}
	in, err := f.Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	want := map[string]corpus.Reason{"gone": origin.Changed, "inside": origin.Changed, "outside": origin.Unreadable, "pipe": origin.NotRegular}
	for _, e := range entries {
		b, err := in.Read(e)
		var left *origin.Left
		errors.As(err, &left)
		switch {
		case want[e.Path] == "" && err != nil, want[e.Path] != "" && (left == nil || left.Reason != want[e.Path]):
			t.Errorf("%s: %v", e.Path, err)
		case e.Path == "grown" && len(b) != 101:
			t.Errorf("%s: %d bytes", e.Path, len(b)) // one more than allowed, so that it is seen to be too large
		case e.Path == "same" && string(b) != "same":
			t.Errorf("%s: %q", e.Path, b)
		}
	}
	if len(entries) != 6 {
		t.Errorf("%d entries", len(entries))
	}
}
