package sketch

import (
	"bytes"
	"slices"
)

// maxNotice is how far into a text a notice may reach, in bytes. The longest that are
// usual, a whole BSD licence, have 2 KB.
const maxNotice = 16 << 10

// withoutNotice returns a text without the notice of copyright and licence that
// it begins with, or the text itself if there is none.
func withoutNotice(text []byte) []byte {
	start := preamble(text)
	end := start
	for { // SPDX lines often stand before a comment of their own kind
		next := skipNotice(text, end)
		if next == end {
			break
		}
		for end = next; end < len(text) && isSpace(text[end:lineEnd(text, end)]); {
			end = lineEnd(text, end)
		}
	}
	if end == start {
		return text
	}
	return append(bytes.Clone(text[:start]), text[end:]...)
}

// preamble returns where the first line begins that can be of a comment: behind
// a byte order mark, a #! line, the declaration of XML, HTML or PHP, the line that begins YAML, and
// blank lines.
func preamble(text []byte) (at int) {
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		at = 3
	}
	for at < len(text) {
		end := lineEnd(text, at)
		line := bytes.ToLower(bytes.TrimSpace(text[at:min(end, at+16)]))
		if len(line) > 0 && !slices.ContainsFunc(preambles, func(p []byte) bool { return bytes.HasPrefix(line, p) }) {
			break
		}
		at = end
	}
	return at
}

var preambles = [][]byte{[]byte("#!"), []byte("<?xml"), []byte("<?php"), []byte("<!doctype"), []byte("---")}

// lineEnd returns where the line after the one at a place begins.
func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// commentStyle is how comments are written: each line with a mark before it, or
// all between an opening and a closing one.
type commentStyle struct{ line, open, close string }

// commentStyles have longer marks before those that they begin with.
var commentStyles = []commentStyle{
	{open: "/*", close: "*/"}, {open: "<!--", close: "-->"}, {open: "(*", close: "*)"}, {open: "{-", close: "-}"},
	{open: "--[[", close: "]]"}, {open: "#|", close: "|#"}, {open: "<#", close: "#>"}, {open: "{#", close: "#}"}, {open: "<%--", close: "--%>"},
	{line: "//"}, {line: "--"}, {line: "#"}, {line: ";"}, {line: "%"}, {line: "'"}, {line: `"`}, {line: "!"}, {line: "dnl"}, {line: "REM"}, {line: `.\"`},
}

// skipNotice returns where what counts of the text begins: behind the notice, if the
// comment at the offset at is one or begins with one; else at itself.
func skipNotice(text []byte, at int) int {
	rest := bytes.TrimLeft(text[at:], " \t\r\n")
	start := len(text) - len(rest)
	for _, style := range commentStyles {
		switch {
		case style.open != "" && bytes.HasPrefix(rest, []byte(style.open)):
			n := bytes.Index(rest[:min(len(rest), maxNotice)], []byte(style.close))
			if n < 0 {
				return at
			}
			return start + noticeEnd(rest[:n+len(style.close)], at-start)
		case style.line != "" && isLineComment(rest, style.line):
			n := 0
			for n < len(rest) && n <= maxNotice && isLineComment(bytes.TrimLeft(rest[n:lineEnd(rest, n)], " \t"), style.line) {
				n = lineEnd(rest, n)
			}
			if n > maxNotice {
				return at
			}
			return start + noticeEnd(rest[:n], at-start)
		}
	}
	return at
}

func isSpace(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }

// isLineComment reports whether a line is a comment by this mark. Behind the mark, which
// may be repeated, must come white space, one of *=- or the end of the line: #include is
// no comment. Behind // anything may come.
func isLineComment(line []byte, mark string) bool {
	if !bytes.HasPrefix(line, []byte(mark)) {
		return false
	}
	rest := bytes.TrimLeft(line, mark)
	if mark == "dnl" || mark == "REM" {
		rest = line[len(mark):]
	}
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n*=-"), rest[0]) >= 0 || mark == "//"
}

// noticeEnd returns where in a comment the notice ends: where the first paragraph begins
// that does not belong to it. It returns none where even the first one does not.
func noticeEnd(comment []byte, none int) int {
	end := none
	inside := false // of a paragraph
	for at := 0; at < len(comment); {
		paragraph := at
		for at < len(comment) {
			next := lineEnd(comment, at)
			blank := isBlank(comment[at:next])
			if blank && inside {
				break
			}
			inside, at = inside || !blank, next
		}
		words := comment[paragraph:at]
		if !inside { // blank to its end, which a closing mark is too
			break
		}
		if !ofNotice(words, end == none) {
			return end
		}
		end, inside = at, false
	}
	if end == none {
		return none
	}
	return len(comment)
}

// isBlank says whether a line of a comment has no letter or digit.
func isBlank(line []byte) bool {
	return !slices.ContainsFunc(line, func(c byte) bool { return asciiWord[c] && c != '_' || c >= 0x80 })
}

// ofNotice reports whether a paragraph belongs to a notice. The first paragraph of a
// notice must say who holds the rights, or that the text is licensed. Those that follow,
// such as conditions and disclaimers, must have words that only licences have.
func ofNotice(paragraph []byte, first bool) bool {
	p := bytes.ToLower(paragraph)
	has := func(word string) bool { return bytes.Contains(p, []byte(word)) }
	if slices.ContainsFunc(noticeWords, has) {
		return true
	}
	return !first && slices.ContainsFunc(lawWords, has)
}

var (
	noticeWords = []string{
		"copyright (c)", "copyright 1", "copyright 2", "copyright \u00a9", "copyright the ", "copyright, ", "(c) copyright", "\u00a9 1", "\u00a9 2", "&copy; ",
		"spdx-license-identifier", "all rights reserved", "licensed under the", "permission is hereby granted", "dual licensed", "dual-licensed",
		"is free software", "placed in the public domain", "is in the public domain", "no copyright is claimed", "governed by a bsd-style",
		"redistribution and use in source", "subject to the terms of the mozilla public license", "distributed under the terms of",
	}
	lawWords = []string{
		"license", "licence", "copyright", "warrant", "liab", "redistribut", "as is", "permission", "merchantab", "patent",
	}
)
