package crawl

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codemill/codemill/crawl/origin"
)

// TestAttributePatterns: git check-attr answers as here.
func TestAttributePatterns(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	for _, c := range []struct {
		pattern string
		fit     []string
		not     []string
	}{
		{"*.c", []string{"a.c", "x/a.c", "x/y/a.c"}, []string{"a.h", "c", "x.c/y"}},
		{"gen/*", []string{"gen/a"}, []string{"gen", "gen/x/a", "x/gen/a"}},
		{"/gen", []string{"gen"}, []string{"x/gen", "gen/a"}},
		{"gen", []string{"gen", "x/gen"}, []string{"gen/a"}},
		{"gen/**", []string{"gen/a", "gen/x/a"}, []string{"gen", "x/gen/a"}},
		{"**/gen/*.c", []string{"gen/a.c", "x/y/gen/a.c"}, []string{"gen/x/a.c"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b"}, []string{"b", "a/x/c"}},
		{"[!a].c", []string{"b.c"}, []string{"a.c"}},
		{"!a", []string{}, []string{"a", "!a"}},
		{"[", []string{}, []string{"["}},
		{"a/", []string{}, []string{"a", "a/b"}},
		{`\!a`, []string{"!a"}, []string{"a"}},
		{`"a b"`, []string{"a b"}, []string{"a"}},
		{"**", []string{"a", "a/b"}, []string{}},
		{"a]", []string{"a]"}, []string{"a"}},
		{"[x]]b", []string{"x]b"}, []string{"b", "xb"}},
		{`\*b`, []string{"*b"}, []string{"b", "ab"}},
		{"x/?b", []string{"x/ab"}, []string{"x/b", "x/ac"}},
		{strings.Repeat("?", 254) + strings.Repeat("*", maxAttributeLine-1-254-len(" linguist-generated")), []string{strings.Repeat("x", 255)}, []string{"x"}},
		{strings.Repeat("*", maxAttributeLine-len(" linguist-generated")), []string{}, []string{"x"}},
	} {
		line := c.pattern + " linguist-generated\n"
		a := &attributes{byFolder: map[string][]attributeRule{".": parseAttributes(attributesName, []byte(line), nil)}}
		if err := os.WriteFile(filepath.Join(dir, attributesName), []byte(line), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, p := range slices.Concat(c.fit, c.not) {
			_, _, got := a.of(p, false, attrGenerated)
			cmd := exec.Command("git", "check-attr", attrGenerated, "--", p)
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			git := strings.HasSuffix(string(out), ": set\n")
			if want := slices.Contains(c.fit, p); got != want || git != want {
				t.Errorf("%s on %s: %v, git says %v, want %v", c.pattern, p, got, git, want)
			}
		}
	}
}

// TestAttributesAreBounded: a long file, many files and many lines say what was read.
func TestAttributesAreBounded(t *testing.T) {
	if mayAttribute(origin.Entry{Path: "a/.gitattributes", Mode: origin.RegularMode, Size: maxAttributesBytes + 1}) || !mayAttribute(origin.Entry{Path: "a/.gitattributes", Mode: origin.RegularMode, Size: maxAttributesBytes}) ||
		mayAttribute(origin.Entry{Path: ".gitattributes", Mode: origin.SymlinkMode, Size: 9}) || mayAttribute(origin.Entry{Path: "x.gitattributes", Mode: origin.RegularMode, Size: 9}) {
		t.Error("files that are read")
	}
	said := func(text, file string) (rules int, took time.Duration) {
		tree := textTree{attributesName: text}
		a, err := readAttributes(t.Context(), tree, []origin.Entry{{Path: attributesName, Size: int64(len(text))}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		a.of(file, false, attrGenerated)
		return len(a.byFolder["."]), time.Since(start)
	}
	for length, want := range map[int]int{1: 500, 2*minPatternBytes - len("**/"): 250} {
		line := strings.Repeat("a", length) + " linguist-generated\n"
		if got, _ := said(strings.Repeat(line, 1000)[:min(1000*len(line), maxAttributesBytes)], "x"); got != want {
			t.Errorf("%d lines of patterns of %d bytes are kept, want %d", got, length, want)
		}
	}
	// Without bounds this takes minutes.
	line := "*" + strings.Repeat("a", 1800) + "[ba] linguist-generated\n"
	if _, took := said(strings.Repeat(line, maxAttributesBytes/len(line)), strings.Repeat("a", 4000)); took > 20*time.Second {
		t.Errorf("one file takes %v", took)
	}
}

// textTree is a tree of these files.
type textTree map[string]string

func (textTree) Revision() string                                     { return "" }
func (textTree) List(context.Context, func(origin.Entry) error) error { return nil }
func (t textTree) Open(context.Context, iter.Seq2[origin.Entry, error]) (origin.Blobs, error) {
	return t, nil
}
func (t textTree) Read(e origin.Entry) ([]byte, error) { return []byte(t[e.Path]), nil }
func (textTree) Close() error                          { return nil }

// TestManyStepsOfGlobs: ** after ** takes no more than steps of the path, times those
// of the pattern.
func TestManyStepsOfGlobs(t *testing.T) {
	g := glob(strings.Split(strings.Repeat("**/a/", 100)+"b", "/"))
	if g.match(strings.Repeat("a/", 2000) + "c") {
		t.Error("fits")
	}
	if !g.match(strings.Repeat("a/", 2000) + "b") {
		t.Error("does not fit")
	}
}
