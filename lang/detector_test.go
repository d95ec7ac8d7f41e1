package lang

import (
	"bytes"
	"fmt"
	"go/build"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"
)

// TestDetectEqualsEnry compares with go-enry on Go's source tree, which holds C
// headers, assembly, scripts, web files and text, and on texts that tie.
func TestDetectEqualsEnry(t *testing.T) {
	root := os.Getenv("CODEMILL_DETECT_ROOT")
	if root == "" {
		root = filepath.Join(build.Default.GOROOT, "src")
	}
	d := NewDetector()
	seen, compared := 0, 0
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		ext := filepath.Ext(p)
		seen++
		if ext == ".go" && seen%50 != 0 || ext == ".s" && seen%20 != 0 || testing.Short() && seen%7 != 0 {
			return nil // go-enry takes its time
		}
		raw, err := os.ReadFile(p)
		if err != nil {
			return nil
		}
		text := Decode(raw, Encodings{}).Text
		if text == nil {
			return nil
		}
		rel, _ := filepath.Rel(root, p)
		compared += len(text)
		if got, want := d.Detect(rel, text), enry.GetLanguage(rel, text); got != want {
			if got2 := enry.GetLanguage(rel, text); got2 == want || got2 != got {
				t.Errorf("%s: %q, go-enry says %q", rel, got, want)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatal(seen, err)
	}
	t.Log(seen, "files seen,", compared, "bytes compared")
}

// TestWhereStepsLook: a modeline counts in the first and last five lines, a head
// of XML in the first two, and a step that finds several languages narrows them.
func TestWhereStepsLook(t *testing.T) {
	d := NewDetector()
	lines := func(n int) string { return strings.Repeat("x\n", n) }
	for _, c := range []struct{ path, text, want string }{
		{"a", lines(4) + "# vim: ft=ruby :\n" + lines(9), "Ruby"},
		{"a", lines(5) + "# vim: ft=ruby :\n" + lines(8), ""},
		{"a", lines(9) + "# vim: ft=ruby :\n" + lines(3), "Ruby"},
		{"a", lines(8) + "# vim: ft=ruby :\n" + lines(5), ""},
		{"a.strange", "\n<?xml version=\"1.0\"?>\n", "XML"},
		{"a.strange", "\n\n<?xml version=\"1.0\"?>\n", ""},
		{"a.h", "@interface X\n", "Objective-C"},
		{"a.h", "int x;\n", "C"},
		{"Makefile", "", "Makefile"},
		{"a.1x", ".TH a 1\n.SH b\n", "Roff Manpage"},
	} {
		got := d.Detect(c.path, []byte(c.text))
		if got != c.want || got != enry.GetLanguage(c.path, []byte(c.text)) {
			t.Errorf("%s %q: %q, want %q, go-enry says %q", c.path, c.text, got, c.want, enry.GetLanguage(c.path, []byte(c.text)))
		}
	}
}

// FuzzDetect holds the shortcuts to go-enry's answers. Where go-enry itself
// gives several, ours must be one of them.
func FuzzDetect(f *testing.F) {
	samples := []string{
		"", "a", "# vim: ft=ruby\n", "x\n/* -*- C++ -*- */\n", "#!/bin/sh\nexec tclsh \"$0\" \"$@\"\n", "index: 3\nvim:set\nfiletype = python :\n", "<?xml version=\"1.0\"?>\n<a b=\"c\" d>\n", "class A { int x = 0x1fUL; } // foo\n",
		"\n\n\n\n\n\n\n\n\n\n\nvi: syntax=perl\n", "std::string s; template <class T>\n", "<!-- x --> {- y -} (* z *) \"\"\"q\"\"\" '''r'''\n", "ex:\nſyntax=c \n", "\t vim600: set ft=go:\n:=:=\n",
	}
	for i, s := range samples {
		f.Add(i, []byte(s))
	}
	exts := []string{"x.h", "x.m", "x.pl", "x.inc", "x.s", "x.ts", "x.sql", "x.r", "x.1", "x.md", "x", "x.html", "x.v", "x.cls", "x.lisp", "Makefile", "x.rs", "x.asm", "x.txt", ".x"}
	d := NewDetector()
	f.Fuzz(func(t *testing.T, i int, text []byte) {
		if bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
			return
		}
		path := exts[int(uint(i)%uint(len(exts)))]
		got := d.Detect(path, text)
		var answers []string
		for range 60 {
			answers = append(answers, enry.GetLanguage(path, text))
			if answers[len(answers)-1] == got {
				return
			}
		}
		slices.Sort(answers)
		t.Fatalf("%s %q: %q, go-enry says %q", path, text, got, slices.Compact(answers))
	})
}

func TestDetectEqualsEnryOnPieces(t *testing.T) {
	pieces := []string{"-*- C -*-", "vim: ", "ft=go ", "ex:", "#!", "/usr/bin/env perl", "<a ", ">", "\"", "'", "/*", "*/", "//", "-- ", "0x1F", "1.5e-3f", "{", ";", "&&", "<<", "é", "class ", "\n", "\n\n\n\n\n", " ", "use strict", "@interface X", "std::vector", "% ", "SELECT", "=", ":"}
	exts := []string{"a.h", "a.m", "a.pl", "a.inc", "a.sql", "a.r", "a.fs", "a.asc", "a.cls", "a.cs", "a.d", "a.t", "a.tsx", "a.v", "a", "a.b", "a.rs"}
	rnd := rand.New(rand.NewPCG(5, 6))
	d := NewDetector()
	for range 1500 {
		var b strings.Builder
		for range rnd.IntN(14) {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
		}
		path, text := exts[rnd.IntN(len(exts))], []byte(b.String())
		got, ok := d.Detect(path, text), false
		for range 60 {
			if ok = enry.GetLanguage(path, text) == got; ok {
				break
			}
		}
		if !ok {
			t.Fatalf("%s %q: %q, go-enry says %q", path, text, got, enry.GetLanguage(path, text))
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	text := []byte(strings.Repeat("/* a header */\nint f(struct x *p, unsigned long n);\n#define A(b) ((b) + 1)\n", 200))
	for _, name := range []string{"x.go", "x.h", "x.inc"} {
		b.Run(fmt.Sprintf("name=%s", name), func(b *testing.B) {
			d := NewDetector()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				d.Detect(name, text)
			}
		})
	}
}

// TestPerlTests: by the modules of CPAN for tests, of which Raku has none. go-enry
// takes them for Raku where nothing else of Perl is said.
func TestPerlTests(t *testing.T) {
	d := NewDetector()
	for text, want := range map[string]string{
		"use Test::More tests => 1;\nok(1);\n":          "Perl",
		"  use Test2::V0;\nok(1);\n":                    "Perl",
		"use Test::Simple;\n":                           "Perl",
		"use v6;\nuse Test::More;\n":                    "Raku",
		"use Test;\nuse Test::More;\nmy class A { }\n":  "Raku",
		"# use Test::More\nuse v6;\nuse Test;\nplan 1;": "Raku",
		"use Test::Moreover;\nuse v6;\n":                "Raku",
	} {
		if got := d.Detect("t/a.t", []byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := d.Detect("a.txt", []byte("use Test::More;\n")); got != "Text" {
		t.Error(got)
	}
}

func BenchmarkGenerated(b *testing.B) {
	text := []byte(strings.Repeat("/* a header */\nint f(struct x *p, unsigned long n);\n#define A(b) ((b) + 1)\n", 200))
	for _, name := range []string{"x.go", "x.h", "x.js"} {
		b.Run(fmt.Sprintf("name=%s", name), func(b *testing.B) {
			d := NewDetector()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				d.Generated(name, text, "C")
			}
		})
		b.Run(fmt.Sprintf("name=%s/enry", name), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				enry.IsGenerated(name, text)
			}
		})
	}
}
