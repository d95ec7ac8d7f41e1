package license

import (
	"bytes"
	"slices"
	"strings"

	"github.com/codemill/codemill/license/spdx"
)

const (
	// tagBytes and tagLines are how far into a text SPDX's tags are looked for,
	// even where no comment reaches.
	tagBytes = 2000
	tagLines = 20
	tag      = "spdx-license-identifier"
	// maxTag bounds how long the expression of a tag is that is read.
	maxTag = 500
)

// tagEnds close comments and quotations behind a tag.
var tagEnds = []string{"*/", "-->", "--}", "-}", "*)", "#}", "%>", `"""`, "'''", "|#", "#>", "]]", "+/", `"`, "<", "`"}

// eachTag calls do with the place of every SPDX-License-Identifier in a text, and
// with the expression behind it, or "" for one that cannot be read.
func eachTag(text []byte, do func(start, end int, expression string)) {
	if tagIndex(text) < 0 { // as of most texts
		return
	}
	at := 0
	for line := range bytes.Lines(text) {
		start := at
		at += len(line)
		i := tagIndex(line)
		if i < 0 {
			continue
		}
		value, ok := strings.CutPrefix(strings.TrimLeft(string(line[i+len(tag):]), " \t"), ":")
		if !ok {
			continue // the words, not the tag
		}
		for _, end := range tagEnds {
			value, _, _ = strings.Cut(value, end)
		}
		value = strings.Join(strings.Fields(value), " ")
		value = strings.TrimRight(value, ".,; *#|/") // and the right side of a box
		if len(value) > maxTag || !spdx.Valid(value) {
			value = ""
		}
		do(start+i, at, value)
	}
}

// tagIndex returns where the first tag of a line, or of a text, stands, in any case, or
// -1.
func tagIndex(line []byte) int {
	const before = len("spdx")
	for at := 0; ; at++ {
		i := bytes.IndexByte(line[at:], '-')
		if i < 0 {
			return -1
		}
		at += i
		if start := at - before; start >= 0 && len(line)-start >= len(tag) && bytes.EqualFold(line[start:start+len(tag)], []byte(tag)) {
			return start
		}
	}
}

// tags joins the tags in the first lines and in the leading comment of a text.
func tags(text []byte, header int) Finding {
	first := text[:min(len(text), tagBytes)]
	for i, n := 0, 0; i < len(first); i++ {
		if first[i] == '\n' {
			if n++; n == tagLines {
				first = first[:i]
			}
		}
	}
	f := Finding{License: License{Type: None}}
	unread := false
	eachTag(text[:max(len(first), header)], func(start, _ int, expression string) {
		if f.Line == 0 {
			f.Line = 1 + bytes.Count(text[:start], []byte{'\n'})
		}
		switch {
		case expression == "":
			unread = true
		case f.Expression == "":
			f.Expression = expression
		case !slices.Contains(f.Detected, expression):
			f.Expression = join(f.Expression, " AND ", expression)
		}
		f.Detected = append(f.Detected, expression)
	})
	if f.Line == 0 {
		return f
	}
	f.Detected = spdx.Names(f.Expression)
	slices.Sort(f.Detected)
	f.Detected = slices.Compact(f.Detected)
	if unread && f.Expression != "" {
		f.Expression = join(f.Expression, " AND ", unknownRef)
	}
	f.License = FromSPDX(f.Expression)
	return f
}

// tagSpans are the tags of a text as matches.
func tagSpans(text []byte) []span {
	var spans []span
	eachTag(text, func(start, end int, expression string) {
		if expression == "" {
			expression = unknownRef
		}
		spans = append(spans, span{start, end, expression})
	})
	return spans
}
