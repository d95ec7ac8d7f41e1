package charset

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

func TestNamed(t *testing.T) {
	for name, want := range map[string]string{
		"latin-1": "iso-8859-1", "ISO_8859-15": "iso-8859-15", "cp1252": "windows-1252", "x-sjis": "shift_jis", "EUC-JP": "euc-jp", "euc-jp-unix": "euc-jp",
		"gb2312": "gb18030", "GBK": "gb18030", "TIS-620": "windows-874", "IBM850": "cp850", "mac-roman": "macintosh", "KS_C_5601-1987": "euc-kr", "iso-2022-7bit": "iso-2022-jp", "Big5-HKSCS": "big5",
		"utf-8": "", "": "", "none": "", "---": "",
	} {
		got := ""
		if e := Named(name); e != nil {
			got = e.Name()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for i := range encodings {
		for _, name := range append(strings.Fields(encodings[i].aliases), encodings[i].name) {
			if Named(name) != &encodings[i] {
				t.Errorf("%s: not the %s whose name it is", name, encodings[i].name)
			}
		}
	}
	for _, c := range candidates {
		if e := Named(c.name); e == nil || e.Name() != c.name {
			t.Errorf("%s is no encoding", c.name)
		}
	}
}

func TestDeclared(t *testing.T) {
	long := strings.Repeat("# Licence\n", 300)
	for _, c := range []struct{ text, want string }{
		{"#!/usr/bin/python\n# -*- coding: latin-1 -*-\n", "latin-1"}, {"\n\n# coding: latin-1\n", ""}, {"# vim: set fileencoding=cp1251 :\n", "cp1251"},
		{`<?xml version="1.0" encoding="ISO-8859-2"?>`, "ISO-8859-2"}, {`<?xml version='1.0' encoding='koi8-r' standalone='yes'?>`, "koi8-r"},
		{"<html>\n<META http-equiv=\"Content-Type\" content=\"text/html; charset=big5\">", "big5"}, {"<head>\n\n<meta charset=shift_jis>", "shift_jis"},
		{long + "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=EUC-KR\\n\"\n", "EUC-KR"},
		{long + long + long + "\"Content-Type: text/plain; charset=EUC-KR\\n\"\n", ""},
		{"a\nb\nc\nd\ne\nf\ng\n/* ex: set ts=8 fenc=euc-jp: */\n", "euc-jp"}, {"a\nb\nc\nd\ne\n/* vim: fenc=euc-jp */\n1\n2\n3\n4\n5\n", ""},
		{"a\n\n;; Local Variables:\n;; mode: lisp\n;; coding: iso-2022-jp\n;; End:\n", "iso-2022-jp"},
		{"\\documentclass{a}\n\\usepackage[latin1]{inputenc}\n", "latin1"}, {"%\\usepackage[latin1]{inputenc}\n", ""}, {"@charset \"windows-1250\";\n", "windows-1250"},
		{"=encoding iso-8859-1\n", "iso-8859-1"}, {"@documentencoding ISO-8859-1\n", "ISO-8859-1"}, {"\" menu\nscriptencoding cp1250\n", "cp1250"},
		{"CONTENT-TYPE: TEXT/HTML; CHARSET=big5\n", "big5"}, {"\n\n\n# local variables:\n# CODING: big5\n", "big5"}, {"\n\n\n<Meta CharSet='big5'>", "big5"},
		{"", ""}, {"encoding of a text", ""},
	} {
		name, at := Declared([]byte(c.text))
		if name != c.want {
			t.Errorf("%.60q: %q, want %q", c.text, name, c.want)
		}
		if !strings.HasPrefix(c.text[at:], name) {
			t.Errorf("%.60q: %q does not stand at %d", c.text, name, at)
		}
	}
}

// of names the encoding that Of finds, "" for UTF-8 and for none.
func of(raw string, most int) string {
	if e := Of([]byte(raw), most, ""); e != nil {
		return e.Name()
	}
	return ""
}

func TestOf(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"ASCII", ""}, {"é UTF-8", ""},
		{"# coding: latin-1\n# \xe9", "iso-8859-1"}, {"# coding: latin-1\n# \x93quoted\x94", "windows-1252"}, // what those bytes are in practice
		{"# coding: latin-1\n# é", ""},                   // UTF-8 whatever it says
		{"# coding: gbk\n# \xd2\xbb\xd0\xa9", "gb18030"}, // would be UTF-8, too
		{"# coding: koi8-r\n\xe9", "koi8-r"},
		{"# coding: shift_jis\n# gr\xf6\xdfer, \xfcber und \xe4hnlich f\xfcr M\xe4nner", "windows-1252"}, // malformed as that
		{"\x1b$B$3$l$O\x1b(B", iso2022jp}, {"\x1b$B$3$l$O", iso2022jp}, {"\x1b[1m$B", ""}, {"\x1b$C$3", ""}, {"\x1b$B\x1b$", ""},
		{"% coding: hz\n~{VPND~}", "hz-gb-2312"}, {"~{VPND~}", ""},
		{"/* \x83\x65\x83\x58\x83\x67\x82\xcc\x8c\x8b\x89\xca */", "shift_jis"}, {"// \xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0", "windows-1251"}, {"// \xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2", "koi8-r"},
		{"/* Gr\x94\xe1e \x81ber f\x81r m\x94glich */", "cp437"}, {"// d\x8ej\x88 vu, la fen\x90tre est ferm\x8ee", "macintosh"},
		{"/* Po\xe8et \xf8\xe1dk\xf9 a sloupc\xf9, p\xf8\xedli\xb9 mnoho */", "iso-8859-2"}, {"/* Warto\x9c\xe6 zwi\xeakszona o jeden, je\x9cli mo\xbfna */", "windows-1250"},
		{"// \xd3\xd0\xd6\xd0\xce\xc4\xb5\xc4\xd7\xa2\xca\xcd", "gb18030"}, {"// \xa4\xb3\xa4\xec\xa4\xcf\xa5\xc6\xa5\xb9\xa5\xc8\xa4\xc7\xa4\xb9", "euc-jp"},
		{"\xe9 \xe8 \xe0 \xfc \xf6 \xe4 \xdf", ""},           // an alphabet is of no language
		{"\xe9\x01\x02\x03 caf\xe9", ""},                     // nor a text with controls
		{strings.Repeat("\xf7\x9b\xe2\x8d\xc0\xaf", 50), ""}, // nor this
	} {
		if got := of(c.raw, 0); got != c.want {
			t.Errorf("%q: %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestMalformed(t *testing.T) {
	raw := "# coding: euc-jp\n# \xa4\xb3\xa4\xec\xff"
	if got := of(raw, 1); got != "euc-jp" {
		t.Errorf("one place malformed: %q", got)
	}
	if got := of(raw+" \xff", 1); got == "euc-jp" {
		t.Error("two places malformed, one allowed")
	}
}

// A text comes back from what it is encoded to.
func TestEncode(t *testing.T) {
	for i := range encodings {
		e := &encodings[i]
		for _, text := range []string{"é", "ř", "я", "ש", "ع", "ไทย", "č", "かな", "漢字", "한글", "x"} {
			raw, ok := e.Encode([]byte(text))
			if !ok {
				continue
			}
			if got, malformed := e.Decode(raw); string(got) != text || malformed > 0 {
				t.Errorf("%s: %q, want %q", e.Name(), got, text)
			}
		}
	}
}

func TestWide(t *testing.T) {
	wide := func(s string, order int) string {
		var b strings.Builder
		for _, r := range s {
			pair := []byte{byte(r >> 8), byte(r)}
			b.WriteByte(pair[order])
			b.WriteByte(pair[1-order])
		}
		return b.String()
	}
	text := "#include <x>\r\n// "
	for _, c := range []struct{ raw, want string }{
		{wide(text, 0), UTF16BE}, {wide(text, 1), UTF16LE},
		{wide(text[:16], 1), UTF16LE}, {wide(text[:15], 1), ""}, // sixteen characters at least
		{wide(text+"привет", 1), UTF16LE}, {wide(text+"\x00", 1), ""}, {wide(text+"\x07", 1), ""}, {wide(text, 1) + "x", ""},
		{wide("ab"+strings.Repeat("я", 14), 1), UTF16LE}, {wide("a"+strings.Repeat("я", 15), 1), ""}, // an eighth of ASCII
		{wide("\x00a\x00b\x00c\x00d\x00e\x00f\x00g\x00h\x00i\x00j\x00k\x00l\x00m\x00n\x00o\x00p", 0), UTF32BE},
	} {
		text, name := DetectWide([]byte(c.raw), "")
		if name != c.want || (name == "") != (text == nil) {
			t.Errorf("%q: %q, want %q", c.raw, name, c.want)
		}
	}
}

// The detector looks at a bounded part of a text, whatever is in it.
func TestBounds(t *testing.T) {
	for _, raw := range [][]byte{bytes.Repeat([]byte{0xe9}, 1<<20), bytes.Repeat([]byte("\xe9a"), 1<<19), bytes.Repeat([]byte("\xe9 "), 1<<19)} {
		w := cut(raw)
		if w.high > mostHighBytes+pieceBytes || len(w.pieces) > mostPieces || len(w.around) > mostAround {
			t.Errorf("%.10q: %d bytes in %d pieces", raw, w.high, len(w.pieces))
		}
	}
	w := cut([]byte("int a; // vor der Gr\xf6\xdfe, danach \xfcber\n"))
	if len(w.pieces) != 2 || string(w.pieces[0]) != "Gr\xf6\xdfe" || string(w.pieces[1]) != "\xfcber" {
		t.Errorf("%q", w.pieces)
	}
	if got := string(bytes.Join(w.around, []byte(" "))); got != "int vor der danach" {
		t.Errorf("%q", got)
	}
}

// What is read buffer by buffer is what is read at once, malformed or not.
func TestReads(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	bytesOf := []byte("\x81\x8e\x8f\xa4\xb0\xd6\xfe\xff0@a~\n /")
	wide, malformed := 0, 0
	for i := range 200 {
		raw := make([]byte, 5000+i)
		for j := range raw {
			raw[j] = bytesOf[r.IntN(len(bytesOf))]
		}
		if i%2 > 0 { // well-formed in one of them at least
			raw = bytes.Repeat([]byte("/* \xb0\xa1\xb6\xd6, \xa4\xb3 */\n"), 200+i)
		}
		for _, c := range allReady() {
			if c.chars != nil {
				continue
			}
			wide++
			text, n := c.Decode(raw)
			malformed += n
			hash, got := c.reads(raw, nil, len(raw))
			if hash != xxh3.Hash(text) {
				t.Errorf("%s: not the hash of the text", c.name)
			}
			if got != n {
				t.Errorf("%s: %d places malformed, want %d", c.name, got, n)
			}
			if _, got := c.reads(raw, nil, 2); (got > 2) != (n > 2) {
				t.Errorf("%s: %d places malformed, want %d", c.name, got, n)
			}
		}
	}
	if wide == 0 || malformed == 0 {
		t.Error("nothing was read")
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range []string{"\x83\x65\x83\x58\x83\x67", "# coding: gbk\n\xc4\xe3", "\x1b$B$3$l", "caf\xe9", "\xff\xff\xff", "\x81\x30\x81\x30"} {
		f.Add([]byte(s), 1, "big5")
	}
	f.Fuzz(func(t *testing.T, raw []byte, most int, declared string) {
		got := Of(raw, most, declared)
		if got == nil {
			return
		}
		text, malformed := got.Decode(raw)
		if malformed > max(most, 0) || malformed != got.Malformed || !utf8.Valid(text) || !bytes.Equal(text, got.UTF8) {
			t.Fatalf("%s: %d malformed", got.Name(), malformed)
		}
	})
}
