package filter

import (
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
)

// TestCopiedFiles: by name and beginning together, and not in the repository that is
// called so.
func TestCopiedFiles(t *testing.T) {
	for _, f := range copiedFiles {
		d := corpus.Doc{Repo: "owner/tool", Path: "sub/" + strings.ToUpper(f.name), Text: []byte("# " + f.begin + " 1.0\n")}
		if got := vendored(&d); got != "copy of "+f.name {
			t.Errorf("%s: %q", f.name, got)
		}
		d.Text = []byte("# our own\n")
		if got := vendored(&d); got != "" {
			t.Errorf("%s by its name alone: %q", f.name, got)
		}
		d.Text = []byte(strings.Repeat(" ", 2<<10-len(f.begin)) + f.begin)
		if vendored(&d) == "" {
			t.Errorf("%s: not within 2 KB", f.name)
		}
		d.Text = append([]byte(" "), d.Text...)
		if vendored(&d) != "" {
			t.Errorf("%s: beyond 2 KB", f.name)
		}
		d.Path = "my" + f.name
		d.Text = []byte(f.begin)
		if vendored(&d) != "" {
			t.Errorf("%s: another name", d.Path)
		}
	}
	for path, want := range map[string]string{"js/jquery-3.4.1.js": "copy of jquery.js", "js/jquery.plugin.js": "", "js/jquery-x.js": "", "sqlite3.c": ""} {
		if got := vendored(&corpus.Doc{Repo: "a/sqlite", Path: path, Text: []byte("/*! jQuery v3.4.1, an amalgamation of many separate C source files */")}); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestVendored: each folder and each ending, and names that only have them in part.
func TestVendored(t *testing.T) {
	by := func(path string) string { return vendored(&corpus.Doc{Repo: "a/b", Path: path}) }
	for folder := range vendorFolders {
		for path, want := range map[string]string{
			folder + "/a.c": "folder " + folder + "/", "x/" + strings.ToUpper(folder) + "/y/a.c": "folder " + folder + "/", folder: "", "my" + folder + "/a.c": "", folder + "s2/a.c": "",
		} {
			if got := by(path); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
	}
	for _, end := range minifiedEndings {
		for path, want := range map[string]string{"x/A" + strings.ToUpper(end): "name a" + end, "a" + end + ".txt": "", "a" + end + "/b.js": "", "a" + end[1:]: ""} {
			if got := by(path); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
	}
	if len(vendorFolders) == 0 || len(minifiedEndings) == 0 {
		t.Error("no cases")
	}
}

func TestBecause(t *testing.T) {
	for _, c := range []struct {
		reason corpus.Reason
		doc    corpus.Doc
		want   string
	}{
		{"vendor", corpus.Doc{Path: "a/Vendor/b.go"}, "folder vendor/"},
		{"vendor", corpus.Doc{Path: "a/b.min.js"}, "name b.min.js"},
		{"vendor", corpus.Doc{Path: "a.go", Flags: []string{"linguist-vendored: .gitattributes:2"}}, "linguist-vendored in .gitattributes:2"},
		{"vendor", corpus.Doc{Path: "dist/a.go", IsVendor: true}, "Linguist's list"},
		{"generated", corpus.Doc{Flags: []string{"generated: protoc, line 2"}}, "protoc, line 2"},
		{"generated", corpus.Doc{Flags: []string{"generated: x", "linguist-generated: .gitattributes:1"}}, "linguist-generated in .gitattributes:1"},
		{"generated", corpus.Doc{}, ""},
		{"language", corpus.Doc{Path: "vendor/a.go"}, ""},
	} {
		if got := Because(c.reason, &c.doc); got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.reason, c.doc, got, c.want)
		}
		if Explains(c.reason) != (c.reason != "language") {
			t.Error(c.reason)
		}
	}
}
