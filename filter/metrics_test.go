package filter

import (
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Computed with Python 3.11: splitlines, isalpha, isalnum, isdecimal, isspace,
// split.
func TestMeasureIsPythons(t *testing.T) {
	for _, c := range []struct {
		text string
		want Metrics
	}{
		{"", Metrics{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"\n", Metrics{1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0}},
		{"a", Metrics{1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0}},
		{"a\n", Metrics{2, 2, 1, 1, 1, 1, 1, 0, 1, 1, 0}},
		{"a\n\nb", Metrics{4, 4, 3, 2, 1, 2, 2, 0, 2, 2, 0}},
		{"a\r\nb\rc", Metrics{6, 6, 3, 3, 1, 3, 3, 0, 3, 3, 0}},
		{"x\u000by\fz\u001ca\u001db\u001ec\u0085d\u2028e\u2029f", Metrics{22, 17, 9, 9, 1, 9, 9, 0, 8, 9, 0}},
		{"  two  words \t\n", Metrics{15, 15, 1, 14, 14, 8, 8, 0, 7, 2, 0}},
		{"äöü ß ½ ² Ⅷ 一二 ٣", Metrics{29, 16, 1, 16, 16, 6, 10, 1, 6, 7, 0}},
		{"\u001f\u00a0\u3000q", Metrics{7, 4, 1, 4, 4, 1, 1, 0, 3, 1, 0}},
		{"日本語\nテキスト", Metrics{22, 8, 2, 7, 4, 7, 7, 0, 1, 2, 0}},
		{"😀😀\n𝔄1", Metrics{14, 5, 2, 4, 2, 1, 2, 1, 1, 2, 0}},
		{"no end\u2028", Metrics{9, 7, 1, 6, 6, 5, 5, 0, 2, 2, 0}},
		{"\r\n\r\n\r", Metrics{5, 5, 3, 0, 0, 0, 0, 0, 5, 0, 0}},
		{"a\n\r b", Metrics{5, 5, 3, 3, 2, 2, 2, 0, 3, 2, 0}},
		{"\ufffd\ufffd x", Metrics{8, 4, 1, 4, 4, 1, 1, 0, 1, 2, 2}},
		{"tab\tsep\u001fend", Metrics{11, 11, 1, 11, 11, 9, 9, 0, 2, 3, 0}},
	} {
		if got := Measure([]byte(c.text)); got != c.want {
			t.Errorf("%q:\ngot  %+v\nwant %+v", c.text, got, c.want)
		}
	}
}

// oracle is Measure written for reading.
func oracle(text string) Metrics {
	var m Metrics
	m.Bytes = int64(len(text))
	var line, runes = int64(0), []rune(text)
	open, after := false, true
	end := func() {
		m.Lines, m.LineChars, m.MaxLine = m.Lines+1, m.LineChars+line, max(m.MaxLine, line)
		line, open = 0, false
	}
	for i, r := range runes {
		m.Chars++
		isSpace := unicode.IsSpace(r) || strings.ContainsRune("\x1c\x1d\x1e\x1f", r)
		if unicode.Is(unicode.L, r) {
			m.Alphabetic++
		}
		if unicode.In(r, unicode.L, unicode.N) {
			m.Alphanumeric++
		}
		if unicode.Is(unicode.Nd, r) {
			m.Digits++
		}
		if isSpace {
			m.Whitespace++
		} else if after {
			m.Words++
		}
		after = isSpace
		if r == utf8.RuneError {
			m.Replacement++
		}
		switch {
		case r == '\n' && i > 0 && runes[i-1] == '\r': // ended with it
		case strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r):
			end()
		default:
			line, open = line+1, true
		}
	}
	if open {
		end()
	}
	return m
}

func FuzzMeasure(f *testing.F) {
	for _, s := range []string{"", "a\r", "\r\n", "é\u2028\u2029", "a b\x85", "\xff\xfe", strings.Repeat("x", 70_000), strings.Repeat("ab \n", 40_000) + "é", "\x1f\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := Measure([]byte(text)), oracle(text); got != want {
			t.Fatalf("%q:\ngot  %+v\nwant %+v", text, got, want)
		}
		if n := visibleChars([]byte(text)); n < 0 || n > 8*int64(len(text)) {
			t.Fatalf("%d visible characters of %d bytes", n, len(text))
		}
	})
}

// Computed with beautifulsoup4 4.15 and html.parser.
func TestVisibleCharsAreBeautifulSoups(t *testing.T) {
	for _, c := range []struct {
		html string
		want int64
	}{
		{"", 0},
		{"plain", 5},
		{"<p>a</p>", 1},
		{"<html><head><title>T &amp; x</title><style>p{}</style><script>var a = '<p>';</script></head><body>\n<p>Hello <b>w&ouml;rld</b></p><!-- c --></body></html>", 17},
		{"<!DOCTYPE html><p>x", 1},
		{"<noscript><p>hi</p></noscript>", 2},
		{"<template><p>t</p></template>u", 1},
		{"<template><p>t</p>u</template>v", 1}, // only its own end tag ends it
		{"<template><template>t</template>u</template>v", 1},
		{"</template>t<template>u</template>v", 2}, // an end without a start
		{"<script src=x></script>a<script>b", 1},
		{"<textarea><b>q</b></textarea>", 1},
		{"a &lt; b &copy; &#233;", 9},
		{"<style/>after", 5},
		{"<?php echo 1 ?>z", 1},
		{"<svg><style>x{}</style><text>T</text></svg>", 1},
		{"<![CDATA[cd]]>x", 3},
		{"<iframe><p>i</p></iframe>", 1},
		{"a<br/>b<br>c", 3},
		{"1 < 2 and 3 > 2", 15},
		{"<title>a<b>c</title>d", 3},
	} {
		if got := visibleChars([]byte(c.html)); got != c.want {
			t.Errorf("%q: %d, want %d", c.html, got, c.want)
		}
	}
}

func TestXMLDeclarationInTheFirstHundredCharacters(t *testing.T) {
	const decl = "<?xml version="
	for _, c := range []struct {
		text string
		want bool
	}{
		{"", false}, {decl, true}, {"\ufeff" + decl + `"1.0"?>`, true},
		{strings.Repeat("é", 100-len(decl)) + decl, true},
		{strings.Repeat("é", 101-len(decl)) + decl, false},
		{"<?xml  version=", false},
	} {
		if got := hasXMLDeclaration([]byte(c.text)); got != c.want {
			t.Errorf("%q: %v", c.text, got)
		}
	}
}

// goSource returns about n bytes of Go's own source.
func goSource(tb testing.TB, n int) []byte {
	files, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", "*", "*.go"))
	if err != nil || len(files) == 0 {
		tb.Skip("Go's source is not here")
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		if all = append(all, b...); len(all) >= n {
			break
		}
	}
	return all
}

func BenchmarkMeasure(b *testing.B) {
	for name, text := range map[string][]byte{
		"go":       goSource(b, 4<<20),
		"japanese": bytes.Repeat([]byte("日本語のテキスト、それから code。\n"), 1<<15),
		"minified": bytes.Repeat([]byte("function(a,b){return a+b};"), 1<<16),
	} {
		b.Run("text="+name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Measure(text)
			}
		})
	}
}

func BenchmarkVisibleChars(b *testing.B) {
	text := bytes.Repeat([]byte("<div class=\"a\"><p>Some text &amp; <a href=\"/x\">a link</a></p>\n</div>\n"), 1<<14)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		visibleChars(text)
	}
}
