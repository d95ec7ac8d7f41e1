package license

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// saying is what a file says that names a licence; "?" is one that is not
// understood, "->" a pointer, "" nothing.
func saying(expression string) Said {
	switch expression {
	case "?":
		return Unread()
	case "->":
		return Said{Finding: Finding{License: License{Type: None}, Elsewhere: true}}
	case "":
		return Said{Finding: Finding{License: License{Type: None}}}
	}
	return Said{Finding: Finding{License: FromSPDX(expression), Line: 1, Detected: idsIn(expression)}}
}

var nothing = Finding{License: License{Type: None}}

// treeOf makes a tree of files, by path, and of others that say nothing.
func treeOf(source string, files map[string]string, others ...string) *Tree {
	var list []File
	for _, p := range slices.Sorted(maps.Keys(files)) {
		list = append(list, File{p, saying(files[p])})
	}
	t := NewTree(Default(source), list)
	if t.Asks() {
		for _, p := range append(slices.Sorted(maps.Keys(files)), others...) {
			t.Note(p)
		}
	}
	return t
}

func TestTree(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		of    string // the file, and behind a space its kind
		want  string // expression, type, level
	}{
		"none":                            {nil, "x.go", " none "},
		"one":                             {map[string]string{"LICENSE": "MIT"}, "a/b/x.go", "MIT permissive file"},
		"debian/copyright holds besides":  {map[string]string{"COPYING": "GPL-2.0", "a/debian/copyright": "MIT"}, "a/debian/x", "GPL-2.0 AND MIT copyleft file"},
		"debian/copyright alone":          {map[string]string{"a/debian/copyright": "MIT"}, "a/debian/x", "LicenseRef-unknown AND MIT unknown file"},
		"a COPYRIGHT elsewhere":           {map[string]string{"COPYING": "GPL-2.0", "a/b/copyright": "MIT"}, "a/b/x", "MIT permissive file"},
		"nearest":                         {map[string]string{"LICENSE": "MIT", "a/COPYING": "ISC"}, "a/b/x.go", "ISC permissive file"},
		"alternatives":                    {map[string]string{"LICENSE-APACHE": "Apache-2.0", "LICENSE-MIT": "MIT"}, "x.go", "Apache-2.0 OR MIT permissive file"},
		"not all permissive":              {map[string]string{"LICENSE-GPL": "GPL-2.0", "LICENSE-MIT": "MIT"}, "x.go", "GPL-2.0 AND MIT copyleft file"},
		"said to be alternatives":         {map[string]string{"LICENSE": "MIT OR GPL-2.0-only", "LICENSE-GPL": "GPL-2.0", "LICENSE-MIT": "MIT"}, "x.go", "MIT OR GPL-2.0-only permissive file"},
		"said with a family's name":       {map[string]string{"LICENSE": "MIT OR LicenseRef-Apache", "LICENSE-APACHE": "Apache-2.0", "LICENSE-MIT": "MIT"}, "x.go", "MIT OR LicenseRef-Apache permissive file"},
		"a choice of fewer":               {map[string]string{"LICENSE": "MIT OR ISC", "LICENSE-GPL": "GPL-2.0", "LICENSE-MIT": "MIT"}, "x.go", "(MIT OR ISC) AND GPL-2.0 AND MIT copyleft file"},
		"a choice with what is not known": {map[string]string{"LICENSE": "MIT OR LicenseRef-unknown", "LICENSE-FOO": "?", "LICENSE-MIT": "MIT"}, "x.go", "(MIT OR LicenseRef-unknown) AND MIT AND LicenseRef-unknown unknown file"},
		"operators in small letters":      {map[string]string{"COPYING": "MIT or GPL-2.0", "LICENSE": "GPL-2.0"}, "x.go", "(MIT or GPL-2.0) AND GPL-2.0 copyleft file"},
		"said by the manifest":            {map[string]string{"LICENSE-GPL": "GPL-2.0", "LICENSE-MIT": "MIT", "package.json": "MIT OR GPL-2.0-only"}, "x.go", "MIT OR GPL-2.0-only permissive file"},
		"one alternative is unknown":      {map[string]string{"LICENSE-FOO": "?", "LICENSE-MIT": "MIT"}, "x.go", "MIT AND LicenseRef-unknown unknown file"},
		"copying":                         {map[string]string{"COPYING.BSD": "BSD-3-Clause", "COPYING.MIT": "MIT"}, "x.go", "BSD-3-Clause AND MIT permissive file"},
		"copying of the gpl":              {map[string]string{"COPYING.FDL": "GFDL-1.3", "COPYING.GPL": "GPL-3.0", "COPYING.Xiph": "BSD-3-Clause"}, "x.go", "GFDL-1.3 AND GPL-3.0 AND BSD-3-Clause copyleft file"},
		"no scope by that name":           {map[string]string{"COPYING": "GPL-2.0", "LICENSE.OpenSSL": "OpenSSL"}, "x.go", "GPL-2.0 AND OpenSSL copyleft file"},
		"beside the licence":              {map[string]string{"LICENSE": "MIT", "LICENSE-BUILDTOOLS": "GPL-3.0"}, "x.go", "MIT AND GPL-3.0 copyleft file"},
		"part":                            {map[string]string{"COPYING": "MIT", "LICENSE.OpenSSL": "GPL-3.0"}, "deps/openssl/x.go", "MIT AND GPL-3.0 copyleft file"},
		"not the part":                    {map[string]string{"COPYING": "MIT", "LICENSE.OpenSSL": "GPL-3.0", "deps/openssl/README": ""}, "deps/x.go", "MIT permissive file"},
		"own":                             {map[string]string{"COPYING": "GPL-3.0", "polib.LICENSE": "MIT"}, "polib.py", "MIT permissive file"},
		"not the own":                     {map[string]string{"COPYING": "MIT", "polib.LICENSE": "GPL-3.0", "polib.cabal": ""}, "x.py", "MIT permissive file"},
		"own is not there":                {map[string]string{"COPYING": "MIT", "polib.LICENSE": "GPL-3.0"}, "x.py", "MIT AND GPL-3.0 copyleft file"},
		"docs":                            {map[string]string{"LICENSE": "MIT", "LICENSE-docs": "CC-BY-SA-4.0"}, "x.md prose", "CC-BY-SA-4.0 copyleft file"},
		"not docs":                        {map[string]string{"LICENSE": "MIT", "LICENSE-docs": "CC-BY-SA-4.0"}, "x.py code", "MIT permissive file"},
		"code":                            {map[string]string{"LICENSE": "CC-BY-SA-4.0", "LICENSE-CODE": "MIT"}, "x.py code", "MIT permissive file"},
		"no kind":                         {map[string]string{"LICENSE-CODE": "MIT", "LICENSE-CONTENT": "CC-BY-SA-4.0"}, "x.csv data", "MIT AND CC-BY-SA-4.0 copyleft file"},
		"fonts":                           {map[string]string{"LICENSE": "MIT", "LICENSE-fonts": "OFL-1.1"}, "x.py code", "MIT permissive file"},
		"stub":                            {map[string]string{"LICENSE": "MIT", "a/LICENSE": "->"}, "a/x.py", "MIT permissive file"},
		"stub of nothing":                 {map[string]string{"a/LICENSE": "->"}, "a/x.py", " unknown file"},
		"not understood":                  {map[string]string{"LICENSE": "MIT", "a/LICENSE": "?"}, "a/x.py", " unknown file"},
		"nothing in it":                   {map[string]string{"LICENSE": "MIT", "a/LICENSE": ""}, "a/x.py", " unknown file"},
		"authors":                         {map[string]string{"LICENSE": "MIT", "a/COPYRIGHT": ""}, "a/x.py", "MIT permissive file"},
		"page":                            {map[string]string{"LICENSE": "MIT", "docs/license.rst": "?"}, "docs/x.py", "MIT permissive file"},
		"page of another":                 {map[string]string{"LICENSE": "MIT", "docs/license.rst": "GPL-3.0"}, "docs/x.py", "MIT AND GPL-3.0 copyleft file"},
		"page alone":                      {map[string]string{"docs/license.rst": "?"}, "docs/x.py", " unknown file"},
		"page elsewhere":                  {map[string]string{"LICENSE": "MIT", "docs/license.rst": "GPL-3.0"}, "x.py", "MIT permissive file"},
		"texts":                           {map[string]string{"LICENSES/GPL-3.0.txt": "GPL-3.0", "LICENSES/MIT.txt": "MIT"}, "x.py", "GPL-3.0 AND MIT copyleft file"},
		"texts beside a licence":          {map[string]string{"LICENSE": "MIT", "LICENSES/GPL-3.0.txt": "GPL-3.0"}, "x.py", "MIT permissive file"},
		"manifest":                        {map[string]string{"package.json": "MIT"}, "a/x.js", "MIT permissive manifest"},
		"manifests":                       {map[string]string{"Cargo.toml": "GPL-2.0", "package.json": "MIT"}, "a/x.js", "GPL-2.0 AND MIT copyleft manifest"},
		"manifest agrees":                 {map[string]string{"LICENSE": "GPL-3.0", "package.json": "GPL-3.0-or-later"}, "x.js", "GPL-3.0 copyleft file"},
		"manifest of a family":            {map[string]string{"LICENSE": "BSD-2-Clause", "setup.py": "LicenseRef-BSD"}, "x.js", "BSD-2-Clause permissive file"},
		"manifest contradicts":            {map[string]string{"LICENSE": "MIT", "package.json": "GPL-3.0"}, "x.js", "MIT AND GPL-3.0 copyleft file"},
		"manifest leaves a choice":        {map[string]string{"LICENSE": "GPL-2.0", "package.json": "MIT OR GPL-2.0"}, "x.js", "GPL-2.0 copyleft file"},
		"manifest is not understood":      {map[string]string{"LICENSE": "MIT", "package.json": "?"}, "x.js", "MIT AND LicenseRef-unknown unknown file"},
		"manifest further down":           {map[string]string{"LICENSE": "MIT", "a/package.json": "GPL-3.0"}, "a/x.js", "MIT AND GPL-3.0 copyleft file"},
		"manifest further up":             {map[string]string{"package.json": "GPL-3.0", "a/LICENSE": "MIT"}, "a/x.js", "MIT permissive file"},
		"manifest says nothing":           {map[string]string{"package.json": "MIT", "a/package.json": ""}, "a/x.js", "MIT permissive manifest"},
		"manifest points":                 {map[string]string{"a/package.json": "->"}, "a/x.js", " unknown manifest"},
		"stub of a manifest":              {map[string]string{"DESCRIPTION": "MIT", "LICENSE": ""}, "x.R", "MIT permissive manifest"},
		"readme":                          {map[string]string{"README": "GPL-3.0"}, "a/x.js", "GPL-3.0 copyleft readme"},
		"readme beside a manifest":        {map[string]string{"README": "GPL-3.0", "package.json": "MIT"}, "a/x.js", "MIT permissive manifest"},
		"side file":                       {map[string]string{"LICENSE": "MIT", "x.js.license": "GPL-3.0"}, "x.js", "GPL-3.0 copyleft reuse"},
		"side file of another":            {map[string]string{"LICENSE": "MIT", "x.js.license": "GPL-3.0"}, "y.js", "MIT permissive file"},
		"side file of authors":            {map[string]string{"LICENSE": "MIT", "x.js.license": ""}, "x.js", "MIT permissive file"},
	} {
		p, kind, _ := strings.Cut(c.of, " ")
		v := treeOf("", c.files, p).Of(p, kind, nothing)
		if got := v.Expression + " " + v.Type + " " + v.From; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if (v.From == "") != (len(v.At) == 0) {
			t.Errorf("%s: from %q at %q", name, v.From, v.At)
		}
	}
}

// TestHeadsAndSources holds the levels above and below a tree's.
// A folder's thousands of licences are bounded, in what documents hold of them and
// in time.
func TestManyFiles(t *testing.T) {
	for _, name := range []string{"LICENSE-MIT-%d", "LICENSE-none-%d", "LICENSE-foo.%d"} {
		files := map[string]string{}
		for i := range 5000 {
			files[fmt.Sprintf(name, i)] = fmt.Sprintf("MIT OR LicenseRef-%d", i)
		}
		tree := treeOf("", files, "foo.go")
		for range 50 {
			v := tree.Of("foo.go", "code", nothing)
			if v.Type != Unknown || !strings.HasSuffix(v.Expression, " AND "+unknownRef) || len(v.Expression) > 2*maxExpression || len(v.Detected) > 2*maxJoined {
				t.Fatalf("%s: %s, %d bytes, %d ids", name, v.Type, len(v.Expression), len(v.Detected))
			}
		}
	}
}

func TestHeadsAndSources(t *testing.T) {
	tree := treeOf("ISC", map[string]string{"a/LICENSE": "MIT"})
	head := Finding{License: FromSPDX("GPL-2.0"), Line: 3, Detected: []string{"GPL-2.0"}}
	pointer := Finding{License: License{Type: None}, Line: 1, Elsewhere: true}
	unknown := Finding{License: FromSPDX(""), Line: 2}
	for _, c := range []struct {
		p    string
		head Finding
		want Verdict
	}{
		{"a/x", head, Verdict{FromSPDX("GPL-2.0"), FromHead, []string{"a/x:3"}, []string{"GPL-2.0", "MIT"}}},
		{"a/x", unknown, Verdict{FromSPDX(""), FromHead, []string{"a/x:2"}, []string{"MIT"}}},
		{"a/x", pointer, Verdict{FromSPDX("MIT"), FromFile, []string{"a/LICENSE:1"}, []string{"MIT"}}},
		{"x", nothing, Verdict{FromSPDX("ISC"), FromSource, nil, []string{"ISC"}}},
		{"x", pointer, Verdict{FromSPDX("ISC"), FromSource, nil, []string{"ISC"}}},
	} {
		if got := tree.Of(c.p, "", c.head); !equalVerdict(got, c.want) {
			t.Errorf("%s with %+v: %+v, want %+v", c.p, c.head, got, c.want)
		}
	}
	if got := treeOf("", nil).Of("x", "", pointer); !equalVerdict(got, Verdict{FromSPDX(""), FromHead, []string{"x:1"}, nil}) {
		t.Errorf("a pointer to nothing: %+v", got)
	}
	for _, p := range []string{"a/b", "a", "", ".", "/", "/a/b", "../a"} {
		if got := NewTree(Default("ISC"), nil).Of(p, "", nothing); got.License != FromSPDX("ISC") || got.From != FromSource {
			t.Errorf("%q: %+v", p, got)
		}
		if got := NewTree(Default(""), nil).Of(p, "", nothing); got.License != (License{"", None}) || got.From != "" {
			t.Errorf("%q: %+v", p, got)
		}
	}
	for _, c := range []struct {
		row, from, source string
		head              Finding
		want              Verdict
	}{
		{"MIT", FromManifest, "ISC", nothing, Verdict{FromSPDX("MIT"), FromManifest, nil, []string{"MIT"}}},
		{"MIT", FromReadme, "ISC", pointer, Verdict{FromSPDX("MIT"), FromReadme, nil, []string{"MIT"}}},
		{"", FromManifest, "ISC", nothing, Verdict{FromSPDX("ISC"), FromSource, nil, []string{"ISC"}}},
		{"", FromManifest, "", nothing, Verdict{License{"", None}, "", nil, nil}},
		{"MIT", FromManifest, "ISC", head, Verdict{FromSPDX("GPL-2.0"), FromHead, nil, []string{"GPL-2.0", "MIT"}}},
	} {
		if got := OfRow(Default(c.row), c.from, Default(c.source), c.head); !equalVerdict(got, c.want) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func equalVerdict(a, b Verdict) bool {
	return a.License == b.License && a.From == b.From && slices.Equal(a.At, b.At) && slices.Equal(a.Detected, b.Detected)
}

// TestAnswersDoNotDependOnOthers holds that a tree's answers do not depend on what was
// asked before.
func TestAnswersDoNotDependOnOthers(t *testing.T) {
	files := map[string]string{"LICENSE": "MIT", "LICENSE-docs": "CC-BY-SA-4.0", "a/polib.LICENSE": "GPL-2.0", "b/package.json": "ISC"}
	paths := []string{"x.md", "a/polib.py", "a/x.py", "a/x.md", "b/x.py", "b/x.md", "x.py"}
	kind := map[string]string{"md": "prose", "py": "code"}
	one := func(tree *Tree, p string) Verdict { return tree.Of(p, kind[p[len(p)-2:]], nothing) }
	used := treeOf("", files, paths...)
	for range 2 {
		for _, p := range paths {
			if got, want := one(used, p), one(treeOf("", files, paths...), p); !equalVerdict(got, want) {
				t.Errorf("%s: %+v, alone %+v", p, got, want)
			}
		}
		slices.Reverse(paths)
	}
}
