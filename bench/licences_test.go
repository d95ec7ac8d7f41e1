package main

import (
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
)

const copyrightExample = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: example
# a comment
Source: https://example.org

Files: *
Copyright: 2001, Somebody
License: GPL-2+ and MIT

Files: src/*.c
       lib/a?.h  docs/[draft]\*.txt
Copyright: 2002, Others
License: Expat
 The text,
 .
 and more of it.

Files: ./src/old/*
Copyright: none
License: LGPL-2.1+

License: GPL-2+
 On Debian systems …
`

func TestTheLastStanzaThatFitsSpeaksForAFile(t *testing.T) {
	c, err := parseCopyright([]byte(copyrightExample))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"README":               "GPL-2+ and MIT",
		"deep/down/README":     "GPL-2+ and MIT",
		"src/main.c":           "Expat",
		"src/deep/main.c":      "Expat", // * is slashes, too
		"src/main.cc":          "GPL-2+ and MIT",
		"lib/ab.h":             "Expat",
		"lib/abc.h":            "GPL-2+ and MIT",
		"lib/a.h":              "GPL-2+ and MIT",
		"docs/[draft]*.txt":    "Expat",
		"docs/[draft]x.txt":    "GPL-2+ and MIT",
		"docs/d.txt":           "GPL-2+ and MIT",
		"src/old/main.c":       "LGPL-2.1+",
		"other/src/old/main.c": "GPL-2+ and MIT",
	} {
		if s := c.of(path); s == nil || s.license != want {
			t.Errorf("%s: %v, want %s", path, s, want)
		}
	}
}

func TestAFileOutsideOfAllStanzasHasNoLabel(t *testing.T) {
	c, err := parseCopyright([]byte("Format: http://www.debian.org/doc/packaging-manuals/copyright-format/1.0\n\nFiles: src/*\nLicense: MIT\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s := c.of("src/a"); s == nil || s.license != "MIT" {
		t.Errorf("src/a: %v", s)
	}
	if s := c.of("a"); s != nil {
		t.Errorf("a: %v", s)
	}
}

func TestACopyrightFileOfProseIsRefused(t *testing.T) {
	for _, text := range []string{"", "This package was debianized by …\n", "Format-Specification: http://svn.debian.org/\n\nFiles: *\nLicense: MIT\n"} {
		if _, err := parseCopyright([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestTypesOfShortNames(t *testing.T) {
	for license, want := range map[string]string{
		"Expat":                              corpus.Permissive,
		"MIT/X11":                            corpus.Permissive,
		"BSD-3-clause":                       corpus.Permissive,
		"Apache-2.0":                         corpus.Permissive,
		"Apache-2.0 with LLVM exception":     corpus.Permissive,
		"public-domain":                      corpus.Permissive,
		"CC-BY-4.0":                          corpus.Permissive,
		"CC0-1.0":                            corpus.Permissive,
		"GPL-2":                              corpus.Copyleft,
		"GPL-2+":                             corpus.Copyleft,
		"GPL-3.0-or-later":                   corpus.Copyleft,
		"GPL-2+ with Autoconf exception":     corpus.Copyleft,
		"GPL-2+-with-Autoconf-exception":     corpus.Copyleft,
		"GPL-2 with Foo and Bar exception":   corpus.Copyleft,
		"LGPL-2.1+":                          corpus.Copyleft,
		"CC-BY-SA-3.0-US":                    corpus.Copyleft,
		"GFDL-NIV-1.3+":                      corpus.Copyleft,
		"CC-BY-NC-SA-4.0":                    restricted,
		"custom":                             corpus.UnknownLicense,
		"":                                   corpus.UnknownLicense,
		"Artistic or GPL-1+":                 corpus.Permissive,
		"GPL-1+ or Artistic":                 corpus.Permissive,
		"GPL-2+ or LGPL-3":                   corpus.Copyleft,
		"GPL-2+ | MIT":                       corpus.Permissive,
		"GPL-2+ and/or MIT":                  corpus.Permissive,
		"Expat and GPL-2+":                   corpus.Copyleft,
		"Expat, GPL-2+":                      corpus.Copyleft,
		"Expat and custom":                   corpus.UnknownLicense,
		"GPL-2 and custom":                   corpus.Copyleft,
		"MPL-1.1, GPL-2 or MIT":              corpus.Permissive,
		"Expat or GPL-2 and BSD-3-clause":    corpus.Permissive, // "and" binds more
		"Expat or GPL-2, and LGPL-2":         corpus.Copyleft,   // but not after a comma
		"GPL-2, or Expat and BSD-2-clause":   corpus.Permissive,
		"Expat and CC-BY-NC-4.0 and GPL-2+":  restricted,
		"GPL-2+ with OpenSSL exception, MIT": corpus.Copyleft,
	} {
		if got := typeOfShortNames(license); got != want {
			t.Errorf("%q is %s, want %s", license, got, want)
		}
	}
}

func TestNoShortNameHasTwoTypes(t *testing.T) {
	seen := 0
	for _, names := range namesOfType {
		seen += len(strings.Fields(names))
	}
	if got := len(typeOfName()); got != seen || got == 0 {
		t.Errorf("%d names of %d", got, seen)
	}
}

func TestCasesAreReadAndHaveTypes(t *testing.T) {
	cases, err := readCases()
	if err != nil || len(cases) == 0 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		if typeOfShortNames(c.license) == corpus.UnknownLicense {
			t.Errorf("%s: %q has no type", c.pkg, c.license)
		}
	}
	f := &labelledFile{pkg: &debianPackage{name: "lz4"}, path: "lib/lz4.h"}
	if c := cases.of(f); c == nil || c.license != "BSD-2-clause" {
		t.Error(c)
	}
	f.notice = true
	if c := cases.of(f); c != nil {
		t.Error(c)
	}
	f = &labelledFile{pkg: &debianPackage{name: "any"}, path: "src/Makefile.in", from: "head", license: "FSFULLRWD", notice: true}
	if c := cases.of(f); c == nil || c.license != "FSFULLRWD" {
		t.Error(c)
	}
	for _, other := range []labelledFile{
		{path: "src/Makefile.in", from: "file", license: "FSFULLRWD"}, {path: "src/Makefile.in", from: "head", license: "MIT"}, {path: "src/x.c", from: "head", license: "FSFULLRWD"},
	} {
		other.pkg, other.notice = f.pkg, true
		if c := cases.of(&other); c != nil {
			t.Error(other.path, c)
		}
	}
}

func TestTypesOfScancodeExpressions(t *testing.T) {
	category := map[string]string{"mit": "Permissive", "gpl-2.0": "Copyleft", "cc-by-nc-4.0": "Non-Commercial", "unknown": "Unstated License"}
	for expression, want := range map[string]string{
		"mit": corpus.Permissive, "mit OR gpl-2.0": corpus.Permissive, "mit AND gpl-2.0": corpus.Copyleft,
		"mit AND (gpl-2.0 WITH x OR cc-by-nc-4.0)": corpus.Copyleft, "mit AND unknown": corpus.UnknownLicense, "mit AND": corpus.UnknownLicense,
	} {
		if got := typeOfScancode(expression, category); got != want {
			t.Errorf("%s is %s, want %s", expression, got, want)
		}
	}
}

func TestUsersAreCountedBySource(t *testing.T) {
	list := paragraphs([]byte(`Package: a
Binary: liba, liba-dev

Package: b
Binary: b
Build-Depends: debhelper (>= 9), liba-dev:native | liba, b

Package: c
Build-Depends-Indep: liba-dev [amd64],
 b <!nocheck>
`))
	users := usersOf(list)
	if users["a"] != 2 || users["b"] != 1 || users["c"] != 0 {
		t.Error(users)
	}
}

func TestFirstLines(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"", 2, ""}, {"a\nb\nc\n", 2, "a\nb\n"}, {"a\nb", 2, "a\nb"}, {"a\nb\n", 3, "a\nb\n"}, {"a\nb", 0, ""}} {
		if got := string(firstLines([]byte(c.text), c.n)); got != c.want {
			t.Errorf("%q, %d: %q", c.text, c.n, got)
		}
	}
}

func TestMistakesAreCountedByWhatIsRight(t *testing.T) {
	var m mistakes
	for _, c := range []struct{ called, right string }{
		{corpus.Permissive, corpus.Permissive}, {corpus.NoLicense, corpus.Permissive},
		{corpus.Permissive, corpus.Copyleft}, {corpus.Copyleft, corpus.Copyleft}, {corpus.Permissive, restricted},
		{corpus.Permissive, corpus.UnknownLicense},
	} {
		m.add(&labelledFile{licenseType: c.called, bytes: 10}, c.right)
	}
	want := mistakes{guarded: amount{3, 30}, dangerous: amount{2, 20}, permissive: amount{2, 20}, kept: amount{1, 10}}
	if m != want {
		t.Errorf("%+v, want %+v", m, want)
	}
}
