package jsonl

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/codemill/codemill/crawl/origin"
)

// TestExpansion holds how much a compressed file may hold, just within and just
// over it.
func TestExpansion(t *testing.T) {
	for size, want := range map[int64]int64{0: freeExpansion, 1 << 20: freeExpansion, freeExpansion / maxExpansion: freeExpansion, freeExpansion/maxExpansion + 1: freeExpansion/maxExpansion*maxExpansion + maxExpansion} {
		if got := maxExpanded(size); got != want {
			t.Errorf("%d bytes may hold %d, want %d", size, got, want)
		}
	}
	const holds = 5<<20 + 3
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(make([]byte, holds))
	w.Close()
	path := filepath.Join(t.TempDir(), "x.jsonl.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Opener{}.Open(t.Context(), path, origin.Options{MaxFileBytes: 100})
	if err != nil {
		t.Fatal(err)
	}
	for limit, over := range map[int64]bool{holds: false, holds - 1: true, 5 << 20: true, 1 << 20: true} {
		if err := f.decompress(t.Context(), limit); errors.Is(err, errExpansion) != over || !over && err != nil {
			t.Errorf("a limit of %d: %v", limit, err)
		}
	}
}

// TestNames holds which files are taken for JSONL.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]bool{"x.jsonl": true, "x.jsonl.gz": true, "x.jsonl.zst": true, "x.json": false, "x.jsonl.xz": false, "jsonl": false} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || (Opener{}).Is(path, info) != want {
			t.Errorf("%s: want %v, %v", name, want, err)
		}
	}
}

// TestMemory holds that a file's own answer has the decoder's window.
func TestMemory(t *testing.T) {
	o := origin.Options{MaxFileBytes: 1 << 20}
	plain := (Opener{}).Memory("x.jsonl", o)
	if want := int64(2 * (6<<20 + 1<<20)); plain != want || (Opener{}).Memory("x.jsonl.gz", o) != want || (Opener{}).Memory("x.jsonl.zst", o) != want+maxWindow {
		t.Errorf("%d bytes", plain)
	}
}
