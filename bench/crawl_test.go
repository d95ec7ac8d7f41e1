package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMedianInterval(t *testing.T) {
	for _, c := range []struct {
		values    []float64
		low, high float64
	}{
		{[]float64{3}, 3, 3},
		{[]float64{4, 1, 3, 2}, 1, 4},
		{[]float64{5, 4, 1, 3, 2}, 1, 5},
		{[]float64{7, 6, 5, 4, 1, 3, 2}, 1, 7},       // both ends without one each: 2·8/128 outside
		{[]float64{8, 7, 6, 5, 4, 1, 3, 2}, 2, 7},    // 2·9/256
		{[]float64{9, 8, 7, 6, 5, 4, 1, 3, 2}, 2, 8}, // 2·10/512
	} {
		if low, high := medianInterval(c.values); low != c.low || high != c.high {
			t.Errorf("%v: %v to %v, want %v to %v", c.values, low, high, c.low, c.high)
		}
	}
}

func TestCrawlInput(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("host/small@v1.0.0/a.go", "package small\n")
	write("host/small@v1.1.0/a.go", "package small // more\n")
	write("host/large@v1.0.0/a.go", strings.Repeat("package large\n", 100))
	write("host/large@v1.0.0/image.png", "\x89PNG\x00")
	write("host/large@v1.0.0/__pycache__/a.pyc", "x")
	b := &crawlBench{cache: t.TempDir(), roots: root, mb: 1, repos: 2}
	found := b.packages()
	if len(found) != 2 || found[0].name != "large" || len(found[0].files) != 2 || filepath.Base(found[1].path) != "small@v1.1.0" {
		t.Fatalf("%+v", found)
	}
	in, err := b.input()
	if err != nil {
		t.Fatal(err)
	}
	if len(in.repos) != 2 || in.files != 3 {
		t.Errorf("%+v", in)
	}
	out, err := run(time.Minute, "", "git", "-C", in.repos[0], "show", "HEAD:a.go")
	if want := strings.Repeat("package large\n", 100); err != nil || out != want {
		t.Errorf("%q, %v", out, err)
	}
	if out, err = run(time.Minute, "", "git", "-C", in.repos[0], "rev-list", "--count", "HEAD"); err != nil || strings.TrimSpace(out) != "3" {
		t.Errorf("%q commits, %v", out, err)
	}
	rows, err := os.ReadFile(filepath.Join(in.dir, "rows", "00-large.jsonl"))
	if err != nil || bytes.Count(rows, []byte("\n")) != 1 {
		t.Errorf("%q, %v", rows, err)
	}
	again, err := b.input()
	if err != nil || again.bytes != in.bytes {
		t.Errorf("%+v, %v", again, err)
	}
}
