package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
)

// errNotMachineReadable says that a debian/copyright is prose.
var errNotMachineReadable = errors.New("not in the machine-readable format")

// A copyrightFile is a debian/copyright in the machine-readable format 1.0
// (Debian's "Machine-readable debian/copyright file", section numbers below).
type copyrightFile struct{ stanzas []filesStanza }

// filesStanza is one Files paragraph.
type filesStanza struct {
	files   string // the patterns as written
	license string // the first line of License: short names
	match   *regexp.Regexp
}

// parseCopyright reads a debian/copyright.
func parseCopyright(b []byte) (*copyrightFile, error) {
	paragraphs := paragraphs(b)
	if len(paragraphs) == 0 || !strings.Contains(paragraphs[0]["format"], "copyright-format/1.0") {
		return nil, errNotMachineReadable
	}
	c := &copyrightFile{}
	for _, p := range paragraphs {
		files, ok := p["files"]
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(p["license"], "\n")
		patterns := strings.Fields(files)
		c.stanzas = append(c.stanzas, filesStanza{strings.Join(patterns, " "), strings.TrimSpace(name), filesPattern(patterns)})
	}
	return c, nil
}

// of returns the stanza that speaks for a file: the last one that fits
// (section 7.2), or nil.
func (c *copyrightFile) of(path string) *filesStanza {
	for i := len(c.stanzas) - 1; i >= 0; i-- {
		if c.stanzas[i].match.MatchString(path) {
			return &c.stanzas[i]
		}
	}
	return nil
}

// filesPattern joins patterns: * is any text and ? any one character, slashes
// too, and \ takes what follows as it is. Patterns start at the top; a "./" or
// "/" in front is not allowed but met.
func filesPattern(patterns []string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)^(?:`)
	for i, p := range patterns {
		if i > 0 {
			b.WriteByte('|')
		}
		p = strings.TrimPrefix(strings.TrimPrefix(p, "./"), "/")
		escaped := false
		for _, r := range p {
			switch {
			case r == '\\' && !escaped:
				escaped = true
				continue
			case r == '*' && !escaped:
				b.WriteString(`.*`)
			case r == '?' && !escaped:
				b.WriteByte('.')
			default:
				b.WriteString(regexp.QuoteMeta(string(r)))
			}
			escaped = false
		}
	}
	b.WriteString(`)$`)
	return regexp.MustCompile(b.String())
}

// paragraphs reads Debian's control format: fields, whose names are in lower
// case here, with what follows them on lines that are set in; blank lines
// between paragraphs; comments from "#" in the first column.
func paragraphs(b []byte) []map[string]string {
	var all []map[string]string
	var open map[string]string
	field := ""
	for line := range bytes.Lines(b) {
		text := strings.TrimRight(string(line), " \t\r\n")
		switch {
		case text == "":
			open, field = nil, ""
		case text[0] == '#':
		case text[0] == ' ' || text[0] == '\t':
			if field != "" {
				open[field] += "\n" + strings.TrimSpace(text)
			}
		default:
			name, value, ok := strings.Cut(text, ":")
			if !ok {
				field = ""
				continue
			}
			if open == nil {
				open = map[string]string{}
				all = append(all, open)
			}
			field = strings.ToLower(name)
			open[field] = strings.TrimSpace(value)
		}
	}
	return all
}
