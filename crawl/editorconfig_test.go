package crawl

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codemill/codemill/crawl/origin"
)

// TestEditorGlobs: what the specification says of section names.
func TestEditorGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		fit, not []string
	}{
		{"*", []string{"a", "x/a", "x/.a"}, nil},
		{"*.c", []string{"a.c", "x/a.c"}, []string{"a.h", "c"}},
		{"/*.c", []string{"a.c"}, []string{"x/a.c"}},
		{"x/*.c", []string{"x/a.c"}, []string{"a.c", "x/y/a.c", "y/x/a.c"}},
		{"x/**.c", []string{"x/a.c", "x/y/a.c"}, []string{"a.c"}},
		{"x/**/a.c", []string{"x/a.c", "x/y/a.c", "x/y/z/a.c"}, []string{"xa.c", "a.c"}},
		{"**/a.c", []string{"a.c", "x/a.c"}, []string{"xa.c"}},
		{"a?.c", []string{"ab.c", "aä.c"}, []string{"a.c", "abb.c"}},
		{"a/?", []string{"a/b"}, []string{"a//"}},
		{"[ab].c", []string{"a.c", "b.c"}, []string{"c.c"}},
		{"[!ab].c", []string{"c.c"}, []string{"a.c"}},
		{"x[!a]y", []string{"xby"}, []string{"x/y", "xay"}},
		{"[a-c^].c", []string{"b.c", "^.c"}, []string{"d.c"}},
		{`[a\]].c`, []string{"].c", "a.c"}, []string{`\.c`}},
		{"[ab.c", []string{"[ab.c"}, []string{"a.c"}},
		{"ab[/]c", []string{"ab[/]c"}, []string{"ab/c"}},
		{"[].c", []string{"[].c"}, []string{".c"}},
		{"*.{c,h}", []string{"a.c", "a.h"}, []string{"a.cc", "a.{c,h}"}},
		{"*.{c,h,}", []string{"a.c", "a."}, []string{"a"}},
		{"{a,{b,c}d}", []string{"a", "bd", "cd"}, []string{"b", "d"}},
		{"{a}", []string{"{a}"}, []string{"a"}},
		{"{a*}", []string{"{ab}"}, []string{"ab"}},
		{"{a,b", []string{"{a,b"}, []string{"a", "b"}},
		{"a},b", []string{"a},b"}, []string{"a"}},
		{"a,b", []string{"a,b"}, []string{"a", "b"}},
		{`\{a,b\}`, []string{"{a,b}"}, []string{"a"}},
		{`\*.c`, []string{"*.c"}, []string{"a.c"}},
		{"{1..3}", []string{"1", "2", "3"}, []string{"0", "4", "01", "x", ""}},
		{"{-3..+3}.c", []string{"-3.c", "0.c", "+3.c"}, []string{"-4.c", "4.c"}},
		{"{1..2000000000}", []string{"1999999999"}, []string{"2000000001", "99999999999999999999"}},
		{"{a,{5..9}}", []string{"a", "7"}, []string{"4"}},
		{"{1..99999999999999999999}", nil, []string{"1"}},
		{"a.b", []string{"a.b"}, []string{"aXb"}},
		{"[z-a]", nil, []string{"z", "a", "[z-a]"}},
	} {
		g := newEditorGlob(c.pattern)
		if len(c.fit) > 0 && g.fits == nil {
			t.Errorf("%s is not understood", c.pattern)
			continue
		}
		for _, p := range slices.Concat(c.fit, c.not) {
			if got := g.fits != nil && g.match(p); got != slices.Contains(c.fit, p) {
				t.Errorf("%s on %s: %v", c.pattern, p, got)
			}
		}
	}
}

func readEditing(t testing.TB, files ...string) *editorConfigs {
	t.Helper()
	tree := textTree{}
	var entries []origin.Entry
	for i := 0; i < len(files); i += 2 {
		tree[files[i]] = files[i+1]
		e := origin.Entry{Path: files[i], Mode: origin.RegularMode, Size: int64(len(files[i+1]))}
		if maySay(e, editorConfigName) {
			entries = append(entries, e)
		}
	}
	c, err := readEditorConfigs(t.Context(), tree, entries, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEditorConfig: the nearest file, its last section; root ends the search, and unset
// what others say.
func TestEditorConfig(t *testing.T) {
	c := readEditing(t,
		".editorconfig", "\xef\xbb\xbfcharset = utf-16be\n[*]\ncharset = utf-8\nindent_size = 2\n; [*.x]\n[*.[c]]\r\nCharset=Latin1\r\n[*.h]\ncharset = utf-16le # for the compiler\nroot = true\n[h.h]\ncharset = unset\n[*.d]\n[*.e\ncharset = latin1\n",
		"sub/.editorconfig", "[*.h]\ncharset = latin1\n", "sub/own/.editorconfig", "# here\nRoot = TRUE\n[*.h]\nindent_size = 2\n", "sub/own/not/.editorconfig", "[a]\nroot = true\ncharset = latin1\n")
	for file, want := range map[string]string{
		"a": "utf-8 .editorconfig:3", "a.c": "latin1 .editorconfig:7", "a.h": "utf-16le .editorconfig:9", "h.h": "", "x/h.h": "", "a.d": "latin1 .editorconfig:15", "a.e": "utf-8 .editorconfig:3",
		"sub/a.h": "latin1 sub/.editorconfig:2", "sub/a.c": "latin1 .editorconfig:7", "subway/a.h": "utf-16le .editorconfig:9", "sub/own/a.c": "", "sub/own/not/a": "latin1 sub/own/not/.editorconfig:3", "sub/own/not/b": "",
	} {
		charset, at, ok := c.of(file)
		if got := strings.TrimSpace(charset + " " + at); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
	if readEditing(t, ".editorconfig", "[*]\ncharset = utf-8\n[*.c]\ncharset = utf-8-bom\n") != nil {
		t.Error("those of UTF-8 alone are kept")
	}
}

// TestEditorConfigsAreBounded: in sections, in the length of their names, and in time.
func TestEditorConfigsAreBounded(t *testing.T) {
	for n, want := range map[int]string{499: "latin1", 500: ""} {
		c := readEditing(t, ".editorconfig", strings.Repeat("[x]\ncharset=latin1\n", n), "a/.editorconfig", "[a]\ncharset=latin1\n")
		if got, _, _ := c.of("a/a"); got != want {
			t.Errorf("%d sections before it: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{maxSectionName: "latin1", maxSectionName + 1: ""} {
		name := strings.Repeat("a", n)
		if got, _, _ := readEditing(t, ".editorconfig", "["+name+"]\ncharset=latin1\n[x]\ncharset=latin1\n").of(name); got != want {
			t.Errorf("a name of %d bytes: %q, want %q", n, got, want)
		}
	}
	path := strings.Repeat("a", 4000)
	start := time.Now()
	for _, unit := range []string{"*a", "{", "{a,", "{a,b}", "[a", "[!a]*", "**/", "{1..9}", `\`, "[a-"} {
		section := "[" + strings.Repeat(unit, maxSectionName/len(unit)) + "b]\ncharset = latin1\n"
		readEditing(t, ".editorconfig", strings.Repeat(section, maxAttributesBytes/len(section))).of(path)
	}
	if took := time.Since(start); took > 60*time.Second {
		t.Errorf("ten files take %v", took)
	} else {
		t.Log(took)
	}
}

// FuzzEditorConfig: no file and no path breaks reading or matching.
func FuzzEditorConfig(f *testing.F) {
	f.Add("root = true\n[*.{c,h}]\ncharset = latin1\n[{1..3}[!a]]\ncharset=utf-16le", "a/b.c")
	f.Add("[\\{[a\\]{,}**/]\ncharset = latin1\n", "x")
	f.Fuzz(func(t *testing.T, text, file string) {
		room := maxPatternBytes
		c := &editorConfigs{byFolder: map[string]editorConfig{".": parseEditorConfig(editorConfigName, []byte(text), &room)}}
		if charset, at, ok := c.of(file); ok && (charset == "unset" || at == "") {
			t.Errorf("%q %q", charset, at)
		}
	})
}
