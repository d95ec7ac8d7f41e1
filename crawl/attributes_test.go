package crawl

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
}

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
