package lang

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"
)

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
