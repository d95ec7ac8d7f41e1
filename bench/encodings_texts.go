package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/codemill/codemill/lang/charset"
)

// An encodedText is bytes whose text is known.
type encodedText struct {
	path     string
	pkg      string // that it is of
	encoding string // the true one
	made     bool   // from UTF-8
	list     bool   // of letters
	raw      []byte
	text     []byte // UTF-8
}

// hidden overwrites what a text declares.
func hidden(raw []byte) []byte {
	raw = bytes.Clone(raw)
	for range 10 {
		name, at := charset.Declared(raw)
		if name == "" {
			break
		}
		copy(raw[at:], strings.Repeat("x", len(name)))
		if _, again := charset.Declared(raw); again == at {
			copy(raw[max(0, at-4):at], "____") // the form goes, too
		}
	}
	return raw
}

// sayings are the lines of a text with letters beyond ASCII, without what is
// gettext's.
func sayings(text []byte, catalogue bool) []string {
	var list []string
	translated := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if catalogue {
			if strings.HasPrefix(line, "msg") {
				translated = strings.HasPrefix(line, "msgstr")
			}
			i := strings.IndexByte(line, '"')
			if !translated || i < 0 || strings.HasPrefix(line, "#") {
				continue
			}
			line = strings.ReplaceAll(strings.Trim(line[i:], `"`), `\n`, "")
		}
		line = strings.ReplaceAll(line, "*/", "")
		if strings.ContainsFunc(line, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }) && !strings.Contains(line, "\x1b") {
			list = append(list, line)
		}
	}
	return list
}

// comment makes a source file whose comments say about so many letters of a
// text, from a place in it that a hash gives; nil if the text has too few.
func comment(t encodedText, letters int) *encodedText {
	lines := sayings(t.text, strings.HasSuffix(t.path, ".po"))
	if len(lines) == 0 {
		return nil
	}
	at := int(hash(fmt.Sprint(t.path, letters)) % uint64(len(lines)))
	lines = append(lines[at:], lines[:at]...)
	var said strings.Builder
	n, beyond, width := 0, false, 0
	for _, line := range lines {
		for i, word := range strings.SplitAfter(line, " ") {
			if i == 0 || width > 70 {
				said.WriteString("\n * ")
				width = 0
			}
			for _, r := range word {
				if n == letters && unicode.IsLetter(r) {
					break
				}
				said.WriteRune(r)
				width++
				if unicode.IsLetter(r) {
					n++
					beyond = beyond || r >= utf8.RuneSelf
				}
			}
			if n == letters {
				break
			}
		}
		if n == letters {
			break
		}
	}
	if n < letters || !beyond {
		return nil
	}
	return encodeAs(t, fmt.Sprintf("%d-%s.c", letters, strings.ReplaceAll(t.path, "/", "_")), strings.Replace(program, "COMMENT", said.String(), 1))
}

// encodeAs returns a text in the encoding of another; nil where it has characters
// that the encoding lacks.
func encodeAs(like encodedText, path, text string) *encodedText {
	raw, ok := charset.Named(like.encoding).Encode([]byte(text))
	if !ok || utf8.Valid(raw) != bytes.Contains(raw, []byte("\x1b$")) {
		return nil
	}
	return &encodedText{path, like.pkg, like.encoding, like.made, like.list, raw, []byte(text)}
}

// program is a source file of ASCII around a comment.
const program = `/* COMMENT
 */
#include <stdio.h>
#include <stdlib.h>

struct node {
	struct node *next;
	int count;
};

static int total(const struct node *n)
{
	int sum = 0;
	while (n != NULL) {
		sum += n->count;
		n = n->next;
	}
	return sum;
}

int main(int argc, char **argv)
{
	struct node a = { NULL, argc };
	printf("%d: %s\n", total(&a), argv[0]);
	return EXIT_SUCCESS;
}
`

// transcoded are the languages of catalogues that each encoding is made from.
var transcoded = []struct{ encoding, languages string }{
	{"windows-1250", "cs pl hu sk sl hr ro"}, {"windows-1251", "ru uk bg be sr mk"}, {"windows-1252", "de fr es it pt pt_BR nl sv da nb fi ca gl"}, {"windows-1253", "el"},
	{"windows-1254", "tr"}, {"windows-1255", "he"}, {"windows-1256", "ar fa"}, {"windows-1257", "lt lv et"}, {"windows-1258", "vi"},
	{"koi8-r", "ru"}, {"koi8-u", "uk"}, {"iso-8859-2", "cs pl hu sk sl hr"}, {"iso-8859-3", "eo mt"}, {"iso-8859-4", "lt lv et"}, {"iso-8859-5", "ru bg sr mk be"}, {"iso-8859-6", "ar"},
	{"iso-8859-7", "el"}, {"iso-8859-9", "tr"}, {"iso-8859-13", "lt lv et"}, {"iso-8859-14", "ga cy"}, {"iso-8859-15", "fr fi et de"},
	{"cp437", "de fr es it sv"}, {"cp850", "de fr es it pt da"}, {"cp852", "cs pl hu sk"}, {"cp866", "ru be"}, {"macintosh", "de fr es it pt sv"}, {"windows-874", "th"},
	{"gb18030", "zh_CN"}, {"big5", "zh_TW zh_HK"}, {"shift_jis", "ja"}, {"euc-jp", "ja"}, {"iso-2022-jp", "ja"}, {"euc-kr", "ko"},
}

// mostMade is how many texts of an encoding are made.
const mostMade = 60

// makeTexts transcodes catalogues, without the lines that an encoding lacks
// characters for.
func makeTexts(catalogues []encodedText) []encodedText {
	slices.SortFunc(catalogues, func(a, b encodedText) int { return cmp.Compare(hash(a.path), hash(b.path)) })
	var list []encodedText
	for _, t := range transcoded {
		n := 0
		for _, c := range catalogues {
			language := strings.TrimSuffix(filepath.Base(c.path), ".po")
			if n == mostMade || !slices.Contains(strings.Fields(t.languages), language) {
				continue
			}
			like := encodedText{path: c.path, pkg: c.pkg, encoding: t.encoding, made: true}
			enc := charset.Named(t.encoding)
			var kept strings.Builder
			for line := range strings.Lines(string(c.text)) {
				if t.encoding == "windows-1258" {
					line = decomposed(line)
				}
				if _, ok := enc.Encode([]byte(line)); ok {
					kept.WriteString(line)
				}
			}
			made := encodeAs(like, c.path, kept.String())
			if made == nil || len(sayings(made.text, true)) < 10 {
				continue
			}
			made.raw = hidden(made.raw)
			made.text, _ = enc.Decode(made.raw)
			list = append(list, *made)
			n++
		}
	}
	return list
}

// writeEncoded writes texts where a side written in Python reads them.
func writeEncoded(dir string, texts []encodedText) (string, error) {
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	type item struct{ Raw, Text string }
	var items []item
	for i, t := range texts {
		at := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(at+".raw", t.raw, 0o666); err != nil {
			return "", err
		}
		if err := os.WriteFile(at+".txt", t.text, 0o666); err != nil {
			return "", err
		}
		items = append(items, item{at + ".raw", at + ".txt"})
	}
	b, err := json.Marshal(items)
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "list.json")
	return list, os.WriteFile(list, b, 0o666)
}

// decomposed writes Vietnamese as windows-1258 has it: a tone is a character.
func decomposed(s string) string {
	const tones = "\u0300\u0301\u0303\u0309\u0323"
	var b strings.Builder
	for _, r := range s {
		var tone []rune
		var rest []rune
		for _, d := range norm.NFD.String(string(r)) {
			if strings.ContainsRune(tones, d) && unicode.IsLetter(r) {
				tone = append(tone, d)
			} else {
				rest = append(rest, d)
			}
		}
		b.WriteString(norm.NFC.String(string(rest)) + string(tone))
	}
	return b.String()
}
