package lang

import (
	"bytes"
	"cmp"
	"slices"
)

// maxHeader is how far into a text a header may reach, in bytes. The longest
// that are usual, a whole licence, have 12 KB.
const maxHeader = 16 << 10

// Header returns where the leading comment of a text ends, in bytes, and 0 where
// a text begins with code. What must come first belongs to it: a byte order mark,
// #!, the declarations of XML, HTML and PHP, the line that begins YAML. Comments
// that follow each other are one header whatever their kinds, blank lines between
// them too, and a docstring is one. The language, by Linguist's name or "", says
// which marks begin a comment where languages differ. A header that does not end
// within 16 KiB ends there.
func Header(text []byte, language string) (end int) {
	text = text[:min(len(text), maxHeader)]
	at := 0
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		at = 3
	}
	for {
		at += len(text[at:]) - len(bytes.TrimLeft(text[at:], " \t\r\n\f"))
		n := preambleLength(text[at:])
		if n == 0 {
			n = commentLength(text[at:], language)
		}
		if n == 0 {
			return end
		}
		at += n
		end = at
	}
}

// Preamble returns where what must come before the leading comment ends, in bytes,
// such as a byte order mark and #!: see [Header]. It is 0 where there is none.
func Preamble(text []byte) (end int) {
	text = text[:min(len(text), maxHeader)]
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		end = 3
	}
	for {
		rest := bytes.TrimLeft(text[end:], " \t\r\n\f")
		n := preambleLength(rest)
		if n == 0 {
			return end
		}
		end = len(text) - len(rest) + n
	}
}

// preambles are what must come before a comment, in lower case, and what ends
// each: the mark itself, or another, or the line.
var preambles = []struct{ begin, end string }{
	{"#!", "\n"}, {"<?php", ""}, {"<?hh", ""}, {"<?xml", "?>"}, {"<!doctype", ">"}, {"---", "\n"}, {"%yaml", "\n"},
	{"#lang", "\n"}, {"@charset", ";"}, {"@echo off", "\n"}, {`"use strict"`, "\n"}, {"'use strict'", "\n"},
}

func preambleLength(b []byte) int {
	if len(b) == 0 || !beginsPreamble[b[0]] {
		return 0
	}
	for _, p := range preambles {
		if len(b) < len(p.begin) || !bytes.EqualFold(b[:len(p.begin)], []byte(p.begin)) || p.begin == "---" && !isRule(b) {
			continue
		}
		if p.end == "" {
			return len(p.begin)
		}
		if i := bytes.Index(b[len(p.begin):], []byte(p.end)); i >= 0 {
			return len(p.begin) + i + len(p.end)
		}
		return len(b)
	}
	return 0
}

// beginsPreamble says which bytes are the first of one of preambles.
var beginsPreamble = func() (begins [256]bool) {
	for _, p := range preambles {
		begins[p.begin[0]] = true
	}
	return begins
}()

// isRule reports whether a line has three dashes alone.
func isRule(b []byte) bool {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return len(bytes.TrimSpace(line)) == 3
}

// A commentStyle is how comments are written: each line with a mark before it,
// or all between an opening and a closing one. Some are of a few languages only,
// or of all but a few.
type commentStyle struct {
	line, open, close string
	only, but         []string
}

var (
	hashIsCode = []string{"C", "C++", "C#", "Objective-C", "Objective-C++", "Cuda", "OpenCL", "GLSL", "HLSL", "Markdown", "CSS", "SCSS", "Less", "Sass"}
	basics     = []string{"", "Visual Basic .NET", "Visual Basic 6.0", "VBA", "VBScript", "BASIC", "QuickBASIC", "FreeBASIC", "Brightscript", "PlantUML", "Classic ASP"}
	fortrans   = []string{"Fortran", "Fortran Free Form"}
	docstrings = []string{"", "Python", "Cython", "Starlark", "Julia", "Elixir", "GDScript"}
)

// commentStyles have longer marks before those that they begin with.
var commentStyles = []commentStyle{
	{open: "/*", close: "*/"}, {open: "/+", close: "+/", only: []string{"D"}}, {open: "<!--", close: "-->"},
	{open: "(*", close: "*)"}, {open: "{-", close: "-}"}, {open: "--[[", close: "]]"}, {open: "#|", close: "|#"},
	{open: "<#", close: "#>"}, {open: "{#", close: "#}"}, {open: "<%--", close: "--%>"}, {open: "<%#", close: "%>"},
	{open: "%{", close: "%}", only: []string{"MATLAB"}}, {open: "{", close: "}", only: []string{"Pascal", "Component Pascal"}},
	{open: "=begin", close: "\n=end", only: []string{"Ruby"}}, {open: "=pod", close: "\n=cut", only: []string{"Perl", "Raku"}},
	{open: `"""`, close: `"""`, only: docstrings}, {open: "'''", close: "'''", only: docstrings},
	{open: `r"""`, close: `"""`, only: docstrings}, {open: `u"""`, close: `"""`, only: docstrings},
	{line: "//"}, {line: "--", but: []string{"YAML"}}, {line: "#", but: hashIsCode}, {line: ";"}, {line: "%"}, {line: "::", only: []string{"", "Batchfile"}},
	{line: "'", only: basics}, {line: `"`, only: []string{"", "Vim Script"}}, {line: "!", but: hashIsCode}, {line: "C", only: fortrans}, {line: "*", only: append([]string{"COBOL", "SAS", "Stata"}, fortrans...)},
	{line: "dnl"}, {line: "@rem"}, {line: "REM"}, {line: "rem"}, {line: "Rem"}, {line: `.\"`}, {line: `'\"`}, {line: "@c"}, {line: "@comment"},
}

// stylesByFirst are commentStyles by the first byte of their marks.
var stylesByFirst = func() (by [256][]*commentStyle) {
	for i := range commentStyles {
		style := &commentStyles[i]
		first := cmp.Or(style.open, style.line)[0]
		by[first] = append(by[first], style)
	}
	return by
}()

// commentLength returns the length of the comment that a text begins with, or 0.
func commentLength(b []byte, language string) int {
	if len(b) == 0 {
		return 0
	}
	for _, style := range stylesByFirst[b[0]] {
		mark := cmp.Or(style.open, style.line)
		if !bytes.HasPrefix(b, []byte(mark)) || style.only != nil && !slices.Contains(style.only, language) || slices.Contains(style.but, language) {
			continue
		}
		switch {
		case style.open != "":
			if i := bytes.Index(b[len(mark):], []byte(style.close)); i >= 0 {
				return len(mark) + i + len(style.close)
			}
			return len(b)
		case isLineComment(b, mark):
			if i := bytes.IndexByte(b, '\n'); i >= 0 {
				return i + 1
			}
			return len(b)
		}
	}
	return 0
}

// isLineComment says whether a mark at the start of a line stands for itself: of
// #include and --x it does not.
func isLineComment(line []byte, mark string) bool {
	rest := line[len(mark):]
	last := mark[len(mark)-1]
	if last < 'A' || last > 'z' { // a mark may be repeated, a word may not
		rest = bytes.TrimLeft(rest, string(last))
	}
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n*=-~_+|"), rest[0]) >= 0 || mark == "//"
}
