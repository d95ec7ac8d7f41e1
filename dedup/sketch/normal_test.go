package sketch

import (
	"bytes"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/codemill/codemill/lang"
)

// Each setting takes away what it says and nothing else.
func TestNormalize(t *testing.T) {
	ends, space, both := Exact{LineEnds: true}, Exact{TrailingSpace: true}, Exact{LineEnds: true, TrailingSpace: true}
	for _, c := range []struct {
		x    Exact
		a, b string
		same bool
	}{
		{Exact{}, "a\nb", "a\r\nb", false}, {Exact{}, "a ", "a", false},
		{ends, "a\nb", "a\r\nb", true}, {ends, "a\rb", "a\nb", true}, {ends, "a\r\n\r\nb", "a\n\nb", true}, {ends, "a \nb", "a\nb", false}, {ends, "a\n", "a", false},
		{space, "a \t\nb", "a\nb\n\n", true}, {space, "", " \n\n", true}, {space, "a\n \nb", "a\n\nb", true}, {space, "a \r\nb", "a\r\nb", true},
		{space, "a\r\nb", "a\nb", false}, {space, "a b", "a  b", false}, {space, " a", "a", false}, {space, "a\n\nb", "a\nb", false},
		{both, "a\nb", "a \r\nb\r\n", true}, {both, "// Copyright 2024 A\na", "// Copyright 2025 B\na", false},
	} {
		if got := bytes.Equal(c.x.Normalize([]byte(c.a), "Go"), c.x.Normalize([]byte(c.b), "Go")); got != c.same {
			t.Errorf("%+v: %q and %q are the same: %v, want %v", c.x, c.a, c.b, got, c.same)
		}
	}
}

const bsd = `Copyright (c) 1989, 1993
 The Regents of the University of California.  All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice.
2. Redistributions in binary form must reproduce the above copyright notice.

THIS SOFTWARE IS PROVIDED BY THE REGENTS "AS IS" AND ANY EXPRESS OR IMPLIED
WARRANTIES ARE DISCLAIMED.`

// comment writes lines as a comment.
func comment(open, line, end, text string) string {
	var b strings.Builder
	b.WriteString(open)
	for l := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line+l, " "))
	}
	return b.String() + end
}

func TestWithoutNotice(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"C", comment("/*\n", " * ", "\n */\n", bsd) + "\n#include <a.h>\n", "#include <a.h>\n"},
		{"C", "/****\n * Copyright 2020 A *\n ****/\nint x;\n", "int x;\n"},
		{"C", "/*\n * Copyright (C) 2020 A\n *\n * x.c - does x\n */\nint x;\n", " * x.c - does x\n */\nint x;\n"},
		{"C", "/*\n * x.c - does x\n *\n * Copyright (C) 2020 A\n */\n\nint x;\n", "/*\n * x.c - does x\n *\nint x;\n"},
		{"C", "/*\n * x.c - does x\n *\n * Copyright (C) 2020 A\n *\n * It is fast.\n */\nint x;\n", "/*\n * x.c - does x\n *\n * It is fast.\n */\nint x;\n"},
		{"C", "// SPDX-License-Identifier: GPL-2.0\n/* Copyright (c) 2001 A */\n\nint x;", "int x;"},
		{"C", "/* Copyright (c) 2001 A */\n/* Does x,\n   fast. */\nint x;", "/* Does x,\n   fast. */\nint x;"},
		{"C", "/* Copyright (c) 2001 A */ int x;", " int x;"},
		{"C", "/* Copyright (c) 2001 A */\n/*\n * Does x.\n */\nint x;", "/*\n * Does x.\n */\nint x;"},
		{"Go", "// Copyright 2009 The Go Authors. All rights reserved.\n// Use of this source code is governed by a BSD-style\n// license that can be found in the LICENSE file.\n\n// Package text reads texts.\npackage text\n", "// Package text reads texts.\npackage text\n"},
		{"Go", "// Copyright 2009 The Go Authors.\n\n//go:build linux\n\npackage a\n", "//go:build linux\n\npackage a\n"},
		{"Go", "// Package a does a.\npackage a\n", "// Package a does a.\npackage a\n"},
		{"Java", "// Licensed to the Apache Software Foundation (ASF) under one\n// or more contributor license agreements.\npackage a;\n", "package a;\n"},
		{"Shell", "#!/bin/sh\n#\n" + comment("", "# ", "\n", bsd) + "\nset -e\n", "#!/bin/sh\nset -e\n"},
		{"Python", "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Copyright 2015 A\n\"\"\"Does x.\"\"\"\n", "#!/usr/bin/env python\n\"\"\"Does x.\"\"\"\n"},
		{"Python", "\"\"\"\nCopyright (c) 2020 A\n\"\"\"\nx = 1\n", "x = 1\n"},
		{"HTML", "<!DOCTYPE html>\n<!-- Copyright 2020 A.\n     Licensed under the Apache License. -->\n<html>", "<!DOCTYPE html>\n<html>"},
		{"XML", "<?xml version=\"1.0\"?>\n<!--\n  Licensed under the X License.\n-->\n<a/>", "<?xml version=\"1.0\"?>\n<a/>"},
		{"PHP", "<?php\n/**\n * Copyright 2020 A\n */\nf();\n", "<?php\nf();\n"},
		{"SQL", "-- Copyright 2020 A\n-- Licensed under the B.\nSELECT 1;\n", "SELECT 1;\n"},
		{"Emacs Lisp", ";;; Copyright (C) 2020 A\n\n(a)\n", "(a)\n"},
		{"OCaml", "(* Copyright 2020 A *)\n(* Does x. *)\nlet x = 1\n", "(* Does x. *)\nlet x = 1\n"},
		{"Haskell", "{- Copyright 2020 A -}\n{- Does x. -}\nmodule X where\n", "{- Does x. -}\nmodule X where\n"},
		{"Python", "# Copyright 2020 A\n'''Does x.'''\n", "'''Does x.'''\n"},
		{"XML", "<!-- Copyright 2020 A -->\n<!-- Does x. -->\n<a/>\n", "<!-- Does x. -->\n<a/>\n"},
		{"Lua", "--[[ Copyright 2020 A ]]\nreturn 1\n", "return 1\n"},
		{"TeX", "%% Copyright 2020 A\n\\a\n", "\\a\n"},
		{"Fortran", "! Copyright 2020 A\nend\n", "end\n"},
		{"C", "// Copyright 2020 A\r\n//\r\n// Does x.\r\nint x;\r\n", "// Does x.\r\nint x;\r\n"},
		{"C", "\xef\xbb\xbf// Copyright 2020 A\nint x;\n", "\xef\xbb\xbfint x;\n"},
		{"Python", "# Copyright 2020 A\n", ""},
		{"Python", "# -----\n# Copyright 2020 A\n# -----\n\n\n", ""},
		{"C", "#define COPYRIGHT \"Copyright 2020 A\"\nint x;\n", "#define COPYRIGHT \"Copyright 2020 A\"\nint x;\n"},
		{"C", "int x;\n/* Copyright 2020 A */\n", "int x;\n/* Copyright 2020 A */\n"},
		{"Text", "Copyright 2020 A\n\nPermission is hereby granted\n", "Copyright 2020 A\n\nPermission is hereby granted\n"},
		{"Go", "package a\n", "package a\n"},
		{"", "", ""},
	} {
		text := []byte(c.text + "tail")[: len(c.text) : len(c.text)+4]
		if got := string(WithoutNotice(text, c.language)); got != c.want {
			t.Errorf("%s, %.200q:\n%.200q, want\n%.200q", c.language, c.text, got, c.want)
		}
		if string(text[:len(text)+4]) != c.text+"tail" {
			t.Errorf("%.200q was changed", c.text)
		}
	}
}

// One word is enough for a notice, in any case; what is no more than a word of law is
// of a notice only behind one.
func TestWordsOfNotices(t *testing.T) {
	cut := func(paragraphs ...string) string {
		return strings.TrimSpace(string(WithoutNotice([]byte("# "+strings.Join(paragraphs, "\n#\n# ")+"\nx = 1\n"), "Python")))
	}
	for _, words := range []string{
		"copyrighted", "SPDX-FileCopyrightText", "LICENCE", "see license", "(C) 1999 A", "(c) 2001 A", "\u00a9 A", "All Rights Reserved", "in the Public Domain",
		"is Free Software", "Permission is hereby granted", "Permission to use, copy", "Redistribution and use in source",
	} {
		if got := cut(words); got != "x = 1" {
			t.Errorf("%s: %q", words, got)
		}
	}
	for _, words := range []string{"no WARRANTY", "the liability", "redistributes", "Written permission", "permission notice", "permission is", "merchantability", "patents"} {
		if got := cut(words); got != "# "+words+"\nx = 1" {
			t.Errorf("%s alone: %q", words, got)
		}
		if got := cut("Copyright A", words, words); got != "x = 1" {
			t.Errorf("%s: %q", words, got)
		}
		if got := cut("Copyright A", "Does x.", words); got != "# Does x.\n#\n# "+words+"\nx = 1" {
			t.Errorf("%s, not behind a notice: %q", words, got)
		}
	}
	for _, words := range []string{"Does x.", "(c) A", "spdx", "domain", "free", "permissions", "reliable", "As is"} {
		for _, before := range []string{"Copyright A\n#\n# ", ""} {
			if got := cut(before + words); got != "# "+words+"\nx = 1" {
				t.Errorf("%s%s: %q", before, words, got)
			}
		}
	}
}

// A notice ends where the leading comment does, 16 KiB into the text.
func TestLongNotice(t *testing.T) {
	const most = 16 << 10
	line := "# Copyright 2020 A\n"
	for _, n := range []int{most / len(line), most/len(line) + 1, 1 << 16} {
		text := strings.Repeat(line, n) + "x = 1\n"
		want := text[min(most, n*len(line)):]
		if got := string(WithoutNotice([]byte(text), "Python")); got != want {
			t.Errorf("%d lines: %d bytes are left, want %d", n, len(got), len(want))
		}
	}
}

// Of no bytes anything goes but of their leading comment, and they stay as they are.
func FuzzWithoutNotice(f *testing.F) {
	f.Add([]byte("#!/bin/sh\n# Copyright\n\n\xff\n"), "Shell")
	f.Add([]byte("/* x\n\n licence\n\n\"\"\" \xc2\xa9 */ y\r\r"), "")
	f.Fuzz(func(t *testing.T, text []byte, language string) {
		before := string(text)
		got := WithoutNotice(text, language)
		if string(text) != before {
			t.Fatal("the text was changed")
		}
		if behind := text[lang.Header(text, language):]; len(got) > len(text) || !bytes.HasSuffix(got, bytes.TrimLeftFunc(behind, unicode.IsSpace)) {
			t.Fatalf("%q is left of %q", got, text)
		}
	})
}

// Of the Go project's files exactly the notice goes: all of the first comment,
// where it is one, and nothing of any other file.
func TestNoticesOfRealFiles(t *testing.T) {
	with, without := 0, 0
	root := filepath.Join(build.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || with+without > 3000 || strings.Contains(path, "testdata") || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got := WithoutNotice(text, "Go")
		head, rest, _ := strings.Cut(string(text), "\n\n")
		rest = strings.TrimLeft(rest, "\n")
		speaks := func(s string) bool {
			return hasAny(lowered([]byte(s)), noticeWords) || hasAny(lowered([]byte(s)), lawWords)
		}
		header := lang.Header(text, "Go")
		switch {
		case strings.HasPrefix(head, "// Copyright") && lang.Header([]byte(head), "Go") == len(head) && !strings.Contains(head, "\n//\n") && !speaks(rest[:lang.Header([]byte(rest), "Go")]):
			if with++; rest != string(got) {
				t.Errorf("%s: %.300q is left, want %.300q", path, got, rest)
			}
		case !speaks(string(text[:header])):
			if without++; !bytes.Equal(got, text) {
				t.Errorf("%s: something was taken from %.300q", path, text)
			}
		default:
			if cut := len(text) - len(got); cut > 6<<10 || !bytes.HasSuffix(got, bytes.TrimLeft(text[header:], "\n")) {
				t.Errorf("%s: %d bytes were taken", path, cut)
			}
		}
		return nil
	})
	if err != nil || with < 1000 || without < 10 {
		t.Errorf("%d files with a notice, %d without: %v", with, without, err)
	}
}
