package sketch

import (
	"bytes"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		if got := bytes.Equal(c.x.Normalize([]byte(c.a)), c.x.Normalize([]byte(c.b))); got != c.same {
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

func TestNotices(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"C", comment("/*\n", " * ", "\n */\n", bsd) + "\n#include <a.h>\n", "#include <a.h>\n"},
		{"C, boxed", "/****\n * Copyright 2020 A *\n ****/\nint x;\n", "int x;\n"},
		{"C, and what the file is", "/*\n * Copyright (C) 2020 A\n *\n * x.c - does x\n */\nint x;\n", " *\n * x.c - does x\n */\nint x;\n"},
		{"C, first what the file is", "/*\n * x.c - does x\n *\n * Copyright (C) 2020 A\n */\nint x;\n", "/*\n * x.c - does x\n *\n * Copyright (C) 2020 A\n */\nint x;\n"},
		{"SPDX, then a notice", "// SPDX-License-Identifier: GPL-2.0\n/* Copyright (c) 2001 A */\n\nint x;", "int x;"},
		{"Go", "// Copyright 2009 The Go Authors. All rights reserved.\n// Use of this source code is governed by a BSD-style\n// license that can be found in the LICENSE file.\n\n// Package license reads licenses.\npackage license\n", "// Package license reads licenses.\npackage license\n"},
		{"Go, its constraint", "// Copyright 2009 The Go Authors.\n\n//go:build linux\n\npackage a\n", "//go:build linux\n\npackage a\n"},
		{"shell", "#!/bin/sh\n#\n" + comment("", "# ", "\n", bsd) + "\nset -e\n", "#!/bin/sh\nset -e\n"},
		{"Python, coding", "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Copyright 2015 A\n\"\"\"Does x.\"\"\"\n", "#!/usr/bin/env python\n\"\"\"Does x.\"\"\"\n"},
		{"Python, docstring", "\"\"\"\nCopyright (c) 2020 A\n\"\"\"\nx = 1\n", "\"\"\"\nCopyright (c) 2020 A\n\"\"\"\nx = 1\n"},
		{"HTML", "<!DOCTYPE html>\n<!-- Copyright 2020 A.\n     Licensed under the Apache License. -->\n<html>", "<!DOCTYPE html>\n<html>"},
		{"XML", "<?xml version=\"1.0\"?>\n<!--\n  Licensed under the X License.\n-->\n<a/>", "<?xml version=\"1.0\"?>\n<a/>"},
		{"PHP", "<?php\n/**\n * Copyright 2020 A\n */\nf();\n", "<?php\nf();\n"},
		{"SQL", "-- Copyright 2020 A\n-- Licensed under the B.\nSELECT 1;\n", "SELECT 1;\n"},
		{"Lisp", ";;; Copyright (C) 2020 A\n\n(a)\n", "(a)\n"},
		{"OCaml", "(* Copyright 2020 A *)\nlet x = 1\n", "let x = 1\n"},
		{"Haskell", "{- Copyright 2020 A -}\nmodule X where\n", "module X where\n"},
		{"Lua", "--[[ Copyright 2020 A ]]\nreturn 1\n", "return 1\n"},
		{"TeX", "%% Copyright 2020 A\n\\a\n", "\\a\n"},
		{"Fortran", "! Copyright 2020 A\nend\n", "end\n"},
		{"CRLF", "// Copyright 2020 A\r\n//\r\n// Does x.\r\nint x;\r\n", "//\r\n// Does x.\r\nint x;\r\n"},
		{"byte order mark", "\xef\xbb\xbf// Copyright 2020 A\nint x;\n", "\xef\xbb\xbfint x;\n"},
		{"the whole text", "# Copyright 2020 A\n", ""},
		{"code of licences", "// license checks that the license of a file is one we know.\npackage license\n", "// license checks that the license of a file is one we know.\npackage license\n"},
		{"a directive", "#define COPYRIGHT \"Copyright 2020 A\"\nint x;\n", "#define COPYRIGHT \"Copyright 2020 A\"\nint x;\n"},
		{"later", "int x;\n/* Copyright 2020 A */\n", "int x;\n/* Copyright 2020 A */\n"},
		{"not closed", "/* Copyright 2020 A\nint x;\n", "/* Copyright 2020 A\nint x;\n"},
		{"none", "package a\n", "package a\n"},
		{"empty", "", ""},
		{"longer than any notice", "/* Copyright 2020 A" + strings.Repeat(" x", maxNotice) + "*/\n", "/* Copyright 2020 A" + strings.Repeat(" x", maxNotice) + "*/\n"},
		{"more lines than any notice", strings.Repeat("# Copyright 2020 A\n", maxNotice), strings.Repeat("# Copyright 2020 A\n", maxNotice)},
	} {
		before := strings.Clone(c.text)
		if got := string(withoutNotice([]byte(c.text))); got != c.want {
			t.Errorf("%s: %.200q, want %.200q", c.name, got, c.want)
		}
		if c.text != before {
			t.Errorf("%s: the text was changed", c.name)
		}
	}
}

// Of the Go project's files exactly the notice goes: all of the first comment,
// where it is one, and nothing of any other file.
func TestNoticesOfRealFiles(t *testing.T) {
	with, without := 0, 0
	root := filepath.Join(build.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || with+without > 3000 || strings.Contains(path, "testdata") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got := withoutNotice(text)
		head, rest, _ := strings.Cut(string(text), "\n\n")
		notice := true
		for line := range strings.Lines(head) {
			notice = notice && strings.HasPrefix(line, "//")
		}
		switch {
		case strings.HasSuffix(path, ".go") && notice && strings.HasPrefix(head, "// Copyright") && !strings.Contains(head, "\n//\n"):
			if with++; strings.TrimLeft(rest, "\n") != string(got) {
				t.Errorf("%s: %.300q is left, want %.300q", path, got, rest)
			}
		case !bytes.Contains(bytes.ToLower(text[:min(len(text), 4096)]), []byte("copyright")) && !bytes.Contains(text, []byte("SPDX")):
			if without++; !bytes.Equal(got, text) {
				t.Errorf("%s: something was taken from %.300q", path, text)
			}
		default:
			if cut := len(text) - len(got); cut > 6<<10 || !bytes.HasSuffix(text, got[len(got)-min(len(got), len(text)/2):]) {
				t.Errorf("%s: %d bytes were taken", path, cut)
			}
		}
		return nil
	})
	if err != nil || with < 1000 || without < 10 {
		t.Errorf("%d files with a notice, %d without: %v", with, without, err)
	}
}
