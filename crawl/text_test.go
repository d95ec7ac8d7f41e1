package crawl

import (
	"bytes"
	"fmt"
	"go/build"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/license/spdx"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		raw, text, encoding string
		reason              corpus.Reason
	}{
		{"plain é\n", "plain é\n", UTF8, ""}, {"\xef\xbb\xbfx", "x", UTF8, ""}, {"\xef\xbb\xbf", "", UTF8, Empty}, {"", "", UTF8, Empty},
		{"a\x00b", "", UTF8, Binary}, {strings.Repeat("a", 9000) + "\x00", "", UTF8, Binary},
		{"\xff\xfea\x00\x3d\xd8\x00\xde", "a😀", UTF16LE, ""}, {"\xfe\xff\x00a", "a", UTF16BE, ""}, {"\xff\xfea", "", UTF16LE, Encoding}, {"\xff\xfe\x00\xd8", "", UTF16LE, Encoding},
		{"\xff\xfe\x00\xd8a\x00", "", UTF16LE, Encoding}, {"\xfe\xff\x00\x00", "", UTF16BE, Binary}, {"\xff\xfe\x00\x00a\x00\x00\x00", "a", UTF32LE, ""}, {"\x00\x00\xfe\xff\x00\x00\x00a", "a", UTF32BE, ""},
		{"\x00\x00\xfe\xff\x00\x11\x00\x00", "", UTF32BE, Encoding},
		{"na\xefve caf\xe9, \x80 5", "naïve café, € 5", Windows1252, ""}, {"int x; // \xc4\xe3\xba\xc3", "", "", Encoding}, {"a\x81b c d e f", "", "", Encoding}, {"\xe9\x01 aaaaaaaaaaa", "", "", Encoding},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n", "", UTF8, LFSPointer},
	} {
		text, encoding, reason := Decode([]byte(c.raw), true)
		if string(text) != c.text || encoding != c.encoding || reason != c.reason {
			t.Errorf("%q: %q %s %q, want %q %s %q", c.raw, text, encoding, reason, c.text, c.encoding, c.reason)
		}
		if _, encoding, reason := Decode([]byte(c.raw), false); reason == "" && encoding != UTF8 {
			t.Errorf("%q: converted without leave", c.raw)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\xff\xfea\x00", "\xfe\xff\x00a", "caf\xe9", "\xef\xbb\xbfx", "\x00\x00\xfe\xff\x00\x00\x00a"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, convert bool) {
		was := bytes.Clone(raw)
		text, encoding, reason := Decode(raw, convert)
		if !bytes.Equal(raw, was) {
			t.Fatal("the bytes were changed")
		}
		if (reason == "") != (len(text) > 0) || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			t.Fatalf("%q %s %q", text, encoding, reason)
		}
		if reason == "" && encoding == UTF8 && !bytes.HasSuffix(raw, text) {
			t.Fatal("UTF-8 was changed")
		}
	})
}

func TestLicenseType(t *testing.T) {
	for expression, want := range map[string]string{
		"MIT": "permissive", "mit": "permissive", "Zlib": "permissive", "UPL-1.0": "permissive", "GPL-2.0": "copyleft", "GPL-3.0-or-later": "copyleft", "LGPL-2.1-only": "copyleft", "MPL-2.0": "copyleft", "CC-BY-SA-4.0": "copyleft",
		"CC-BY-4.0": "permissive", "Artistic-2.0": "permissive", "Artistic-1.0": "permissive", "GPL-2.0-with-GCC-exception": "copyleft", "CECILL-B": "permissive", "CECILL-2.1": "copyleft", "SNIA": "copyleft", "SSPL-1.0": "unknown", "GPL-2.0+": "copyleft", "LicenseRef-x": "unknown", "CC-BY-NC-4.0": "unknown", "": "unknown", "MIT OR": "unknown", "MIT MIT": "unknown", "(MIT": "unknown",
		"MIT OR GPL-2.0": "permissive", "MIT AND GPL-2.0": "copyleft", "MIT AND LicenseRef-x": "unknown", "GPL-2.0 OR LicenseRef-x": "copyleft", "Apache-2.0 WITH LLVM-exception": "permissive",
		"GPL-2.0 WITH Classpath-exception-2.0": "copyleft", "(MIT OR GPL-2.0) AND BSD-3-Clause": "permissive", "MIT OR GPL-2.0 AND LicenseRef-x": "permissive",
		strings.Repeat("(", 1000) + "MIT" + strings.Repeat(")", 1000): "unknown",
	} {
		if got := LicenseType(expression); got != want {
			t.Errorf("%.60s: %s, want %s", expression, got, want)
		}
	}
}

// TestLicenseTables holds the form that lookups rely on.
func TestLicenseTables(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range []string{permissiveIDs, copyleftIDs} {
		ids := strings.Fields(table)
		if !slices.IsSorted(ids) || len(ids) < 100 {
			t.Errorf("%d ids, sorted: %v", len(ids), slices.IsSorted(ids))
		}
		for _, id := range ids {
			if seen[id] || !spdx.IsID(id) || spdx.Base(id) != id || strings.Contains(id, "-with-") {
				t.Errorf("%s: twice, or not in the form of the table", id)
			}
			seen[id] = true
		}
	}
}

func TestLicences(t *testing.T) {
	for name, want := range map[string][2]bool{
		"LICENSE": {true, false}, "a/License.txt": {true, false}, "LICENCE.md": {true, false}, "COPYING.LESSER": {true, false}, "UNLICENSE": {true, false}, "LICENSE-MIT": {true, true}, "LICENSE.Apache": {true, true},
		"MIT-LICENSE.txt": {true, true}, "LICENSES/MIT.txt": {true, false}, "license.go": {false, false}, "license.json": {false, false}, "licensed.txt": {false, false}, "LICENSE-check.py": {false, false}, "x.txt": {false, false},
	} {
		is, alternative := licenceRole(name)
		if got := [2]bool{is, alternative}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	l := newLicences("ISC")
	l.add("LICENSE-APACHE", "Apache-2.0", true)
	l.add("LICENSE-MIT", "MIT", true)
	l.add("a/COPYING", "GPL-3.0", false)
	l.add("a/COPYING.LESSER", "LGPL-3.0", false)
	l.add("b/LICENSE", "", false)
	l.add("c/LICENSES/MIT.txt", "MIT", false)
	for p, want := range map[string]licence{
		"x.go": {"Apache-2.0 OR MIT", "permissive"}, "z/y/x.go": {"Apache-2.0 OR MIT", "permissive"}, "a/b/x.go": {"GPL-3.0 AND LGPL-3.0", "copyleft"}, "b/x.go": {"", "unknown"}, "c/x.go": {"MIT", "permissive"},
	} {
		if got := l.of(p); got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
	}
	if got := newLicences("ISC").of("a/b"); got != (licence{"ISC", "permissive"}) {
		t.Error(got)
	}
	if got := newLicences("").of("a/b"); got != (licence{"", "none"}) {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"// SPDX-License-Identifier: MIT\n": "MIT", "/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */": "(GPL-2.0 WITH Linux-syscall-note) OR MIT", "x\n": "", "SPDX-License-Identifier: see below": "",
		strings.Repeat("\n", 30) + "SPDX-License-Identifier: MIT": "", "<!-- SPDX-License-Identifier: Apache-2.0 -->": "Apache-2.0",
	} {
		if got := declared([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRecognise(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "LICENSE"))
	if err != nil {
		t.Skip(err)
	}
	var r recogniser
	again := bytes.ReplaceAll(bytes.ToUpper(text), []byte("COPYRIGHT 2009 THE GO AUTHORS"), []byte("COPYRIGHT 1999 NOBODY"))
	for _, c := range []struct {
		text []byte
		want string
	}{{text, "BSD-3-Clause"}, {again, "BSD-3-Clause"}, {[]byte("all rights reserved"), ""}, {nil, ""}, {bytes.Repeat([]byte("("), 1<<20), ""}} {
		if got, err := r.recognise(c.text); err != nil || got != c.want {
			t.Errorf("%.30q: %q %v, want %q", c.text, got, err, c.want)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"*.go", "a/b/c.go", true}, {"a/*.go", "a/b/c.go", false}, {"a/**", "a/b/c.go", true}, {"**/*@*", "x/y@v1", true}, {"**/*@*", "y@v1", true}, {"**/*@*", "y@v1/z", false}, {"a/**/c", "a/c", true}, {"a/**/c", "a/b/b/c", true}, {"a/**/c", "b/c", false}, {"**", "a", true},
	} {
		g, err := newGlob(c.glob)
		if err != nil || g.match(c.path) != c.want {
			t.Errorf("%s on %s: want %v (%v)", c.glob, c.path, c.want, err)
		}
	}
}

func TestGroup(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		sizes := make([]int64, rnd.IntN(30))
		for i := range sizes {
			sizes[i] = rnd.Int64N(100)
		}
		limit, start := 1+rnd.Int64N(200), 0
		for _, end := range Group(sizes, limit) {
			sum := int64(0)
			for i := start; i < end; i++ {
				if sum >= limit {
					t.Fatal("a shard goes on after it is full")
				}
				sum += max(sizes[i], 1)
			}
			if end <= start || sum < limit && end != len(sizes) {
				t.Fatal("a shard ends before it is full")
			}
			start = end
		}
		if start != len(sizes) {
			t.Fatal("units are left over")
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

func TestHeuristicsAreReached(t *testing.T) {
	rules := NewDetector()
	rules.Detect("x.h", []byte("int x;"))
	h := rules.rules[".h"]
	if len(h) != 3 || !reflect.DeepEqual(h[2].langs, []string{"C"}) {
		t.Fatalf("%d rules for .h", len(h))
	}
	for i := range 2 { // an automaton's method, not go-enry's
		name := runtime.FuncForPC(reflect.ValueOf(h[i].match).Pointer()).Name()
		if !strings.Contains(name, "automaton") {
			t.Errorf("rule %d for .h runs %s: go-enry's layout has changed", i, name)
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
