package lang

import (
	"strings"
	"testing"
)

// TestHeader: a bar marks where the header of a text ends.
func TestHeader(t *testing.T) {
	long := strings.Repeat("x", maxHeader)
	for _, c := range []struct{ language, text string }{
		{"", "|"}, {"", "x = 1\n|"}, {"", "\n\n  |"},
		{"Python", "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n# Copyright A\n|\nx = 1\n"},
		{"Python", "# a\n\n\"\"\"doc\n\nstring\"\"\"|\nimport os\n"},
		{"Python", "#a = 1|\n"},
		{"C", "/* a */| #include <x.h>\n"},
		{"C", "/* a */\n\n// b\n//c\n|int x;\n"},
		{"C", "|# define X\n// a\n"},
		{"C", "|#include <x.h>\n"},
		{"PHP", "<?php\n/* a */|\necho 1;"},
		{"PHP", "<?php /* a */| echo 1;"},
		{"XML", "<?xml version=\"1.0\"?><!-- a\n -->|<x/>"},
		{"HTML", "<!DOCTYPE html>\n<!-- a -->|\n<html>"},
		{"SQL", "-- a\n--- b\n|SELECT 1;\n"},
		{"C", "|--x;\n"},
		{"Emacs Lisp", ";;; x.el --- y\n\n;; a\n|(defun)"},
		{"TeX", "% a\n%% b\n|\\documentclass{x}"},
		{"OCaml", "(* a *)\n(* b *)|\nlet x = 1"},
		{"Haskell", "{- a\n-}|\n{x}\nmodule"},
		{"Batchfile", "@echo off\r\nREM a\r\n:: b\r\n|set x=1\r\n"},
		{"M4", "dnl a\ndnl\n|AC_INIT\n"},
		{"Roff", ".\\\" a\n'\\\" b\n|.TH X\n"},
		{"YAML", "---\n# a\n|x: 1\n"},
		{"YAML", "|--- x\n"},
		{"Fortran", "C     a\n*     b\n|      CALL X\n"},
		{"C", "|C     a\n"},
		{"Vim Script", "\" a\n|set x\n"},
		{"JSON", "|\" a\""},
		{"Visual Basic .NET", "' a\n|Dim x\n"},
		{"Lua", "--[[ a\n]]|\nlocal x\n"},
		{"Markdown", "|# title\n"},
		{"Markdown", "<!-- a -->|\n# title\n"},
		{"Pascal", "{ a\n}|\nprogram x;\n"},
		{"JavaScript", "'use strict';\n/** a */|\nx()"},
		{"", "\xef\xbb\xbf// a\n|x"},
		{"", "/* no end|"},
		{"", "# no newline|"},
		{"", "/*" + long[:maxHeader-4] + "*/|x"},
		{"", "/*" + long[:maxHeader-3] + "*|/x"},
	} {
		before, after, ok := strings.Cut(c.text, "|")
		want := len(before)
		if strings.TrimSpace(before) == "" || before == "x = 1\n" || before == "#a = 1" {
			want = 0
		}
		if got := Header([]byte(before+after), c.language); !ok || got != want {
			t.Errorf("%s %.60q: %d, want %d", c.language, c.text, got, want)
		}
	}
}

// FuzzHeader: a header ends within its text, a language that is not known may end
// it elsewhere but no later than the limit, and what is cut off is not read.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"# a\nx", "/* a */x", "<?php // a", "---\n", "{", "\xef\xbb\xbf"} {
		f.Add(s, "Python")
	}
	f.Fuzz(func(t *testing.T, text, language string) {
		end := Header([]byte(text), language)
		if end < 0 || end > min(len(text), maxHeader) {
			t.Fatalf("%d of %d", end, len(text))
		}
		if again := Header([]byte(text)[:end], language); again != end {
			t.Fatalf("%q: %d, then %d", text, end, again)
		}
	})
}

// TestPreamble: a bar marks where what must come first ends.
func TestPreamble(t *testing.T) {
	for _, text := range []string{
		"|", "|\n\n", "|x = 1\n", "|# a\n", "#!/bin/sh\n|\n# a\n", "\n#!/bin/sh\n|# a\n", "<?php| /* a */", "<?xml version=\"1.0\"?>\n<!doctype x>|\n<!-- a -->",
		"\xef\xbb\xbf|# a\n", "\xef\xbb\xbf#!/bin/sh\n|# a\n", "---\n|# a\n", "|----\n", "'use strict'\n|// a\n", "<?xml|",
	} {
		want := strings.Index(text, "|")
		if got := Preamble([]byte(strings.Replace(text, "|", "", 1))); got != want {
			t.Errorf("%q ends at %d", text, got)
		}
	}
	long := "<?xml " + strings.Repeat("x", maxHeader)
	if got := Preamble([]byte(long)); got != maxHeader {
		t.Errorf("one that does not end: %d", got)
	}
}
