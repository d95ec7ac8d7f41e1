package crawl

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/codemill/codemill/crawl/origin"
)

const (
	editorConfigName = ".editorconfig"
	// maxSectionName is how long a section's name may be that is read: the specification
	// asks for this much at least.
	maxSectionName = 1024
)

// editorConfigs are what the files .editorconfig of a tree say of encodings, by the
// specification 0.17.2 (spec.editorconfig.org). A nil one says nothing.
//
// github.com/editorconfig/editorconfig-core-go would read them, but it writes out each
// number of {1..2000000000}, compiles every expression again for every path, and puts
// sections of one name in one place. The globs of package crawl have no alternatives.
type editorConfigs struct{ byFolder map[string]editorConfig }

type editorConfig struct {
	root     bool // what stands in folders above does not hold
	sections []section
}

// A section is one that says something of encodings.
type section struct {
	editorGlob
	charset string // in lower case; "unset" is none
	at      string // file:line
}

// readEditorConfigs reads the files of a tree, with readSayings. Their sections are bounded
// as the lines of attributes are.
func readEditorConfigs(ctx context.Context, t tree, files []origin.Entry, unread map[string]*origin.Left) (*editorConfigs, error) {
	all := &editorConfigs{byFolder: map[string]editorConfig{}}
	room := maxPatternBytes
	legacy := false
	err := readSayings(ctx, t, files, unread, func(file string, raw []byte) {
		c := parseEditorConfig(file, raw, &room)
		all.byFolder[path.Dir(file)] = c
		for _, s := range c.sections {
			legacy = legacy || !strings.HasPrefix(s.charset, "utf-8")
		}
	})
	if !legacy { // most speak of UTF-8, which is what texts are without them
		return nil, err
	}
	return all, err
}

// parseEditorConfig reads a file and takes what its sections' names need from room.
func parseEditorConfig(file string, raw []byte, room *int) editorConfig {
	var c editorConfig
	preamble := true
	name := ""
	n := 0
	for line := range bytes.Lines(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))) {
		n++
		s := strings.TrimSpace(string(line))
		if s == "" || s[0] == '#' || s[0] == ';' {
			continue
		}
		if end := strings.LastIndexByte(s, ']'); s[0] == '[' && end > 0 {
			preamble = false
			name = s[1:end]
			continue
		}
		key, value, _ := strings.Cut(s, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		value, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(value)), " ") // without a comment of former versions
		switch {
		case preamble && key == "root":
			c.root = value == "true"
		case !preamble && key == "charset" && name != "" && len(name) <= maxSectionName:
			if *room -= max(minPatternBytes, len(name)); *room < 0 {
				return c
			}
			if g := newEditorGlob(name); g.fits != nil {
				c.sections = append(c.sections, section{g, value, fmt.Sprintf("%s:%d", file, n)})
			}
		}
	}
	return c
}

// of returns the encoding that is said of a file, and where. The .editorconfig nearest to
// it goes before others, and of its sections the last.
func (c *editorConfigs) of(file string) (charset, at string, ok bool) {
	if c == nil {
		return "", "", false
	}
	for at := len(file); at >= 0; {
		at = strings.LastIndexByte(file[:at], '/')
		folder := "."
		if at >= 0 {
			folder = file[:at]
		}
		here := c.byFolder[folder]
		for _, s := range slices.Backward(here.sections) {
			if s.match(file[at+1:]) {
				return s.charset, s.at, s.charset != "unset"
			}
		}
		if here.root {
			break
		}
	}
	return "", "", false
}

// editorGlob is a glob of EditorConfig: an expression, and the numbers that each of its
// groups may be.
type editorGlob struct {
	fits    *regexp.Regexp
	numbers [][2]int64
}

var numberRange = regexp.MustCompile(`^([+-]?\d+)\.\.([+-]?\d+)$`)

// newEditorGlob reads a glob. What cannot be understood has no expression.
func newEditorGlob(pattern string) (g editorGlob) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	rest, anywhere := strings.CutPrefix(strings.TrimPrefix(pattern, "/"), "**/")
	if anywhere || !strings.Contains(pattern, "/") {
		b.WriteString("(?:.*/)?")
	}
	pattern = rest
	ends, listed := braces(pattern)
	for i := 0; i < len(pattern); i++ {
		switch rest := pattern[i:]; {
		case rest[0] == '\\' && len(rest) > 1:
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case strings.HasPrefix(rest, "/**/"):
			b.WriteString("/(?:.*/)?")
			i += 3
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			i++
		case rest[0] == '*':
			b.WriteString("[^/]*")
		case rest[0] == '?':
			b.WriteString("[^/]")
		case rest[0] == '[':
			i += bracket(&b, rest) - 1
		case rest[0] == '{' && listed[i]:
			b.WriteString("(?:")
		case rest[0] == ',' && listed[i]:
			b.WriteByte('|')
		case rest[0] == '}' && listed[i]:
			b.WriteByte(')')
		case rest[0] == '{' && ends[i] > 0:
			m := numberRange.FindStringSubmatch(rest[1 : ends[i]-i])
			if m == nil {
				b.WriteString(`\{`)
				break
			}
			from, err := strconv.ParseInt(m[1], 10, 64)
			to, err2 := strconv.ParseInt(m[2], 10, 64)
			if err != nil || err2 != nil {
				return editorGlob{}
			}
			g.numbers = append(g.numbers, [2]int64{from, to})
			b.WriteString(`([+-]?[1-9]\d*|0)`)
			i = ends[i]
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
	}
	b.WriteString(`\z`)
	g.fits, _ = regexp.Compile(b.String())
	return g
}

// bracket writes the set of characters that a glob begins with, and returns its length. One
// that has a slash or no end stands for itself.
func bracket(b *strings.Builder, s string) int {
	end := 1
	for end < len(s) && s[end] != ']' && s[end] != '/' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s) || s[end] == '/' || end == 1 {
		b.WriteString(`\[`)
		return 1
	}
	set, not := strings.CutPrefix(s[1:end], "!")
	b.WriteByte('[')
	if not {
		b.WriteString("^/")
	}
	for i := 0; i < len(set); i++ {
		if set[i] == '\\' && i+1 < len(set) {
			i++
		} else if set[i] == '-' {
			b.WriteByte('-')
			continue
		}
		if strings.IndexByte(`\[]^-&~:`, set[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(set[i])
	}
	b.WriteByte(']')
	return end + 1
}

// braces returns for each brace that opens where it is closed, and which braces and commas
// are of lists of alternatives.
func braces(pattern string) (ends []int, listed []bool) {
	ends = make([]int, len(pattern))
	listed = make([]bool, len(pattern))
	var open [][]int // the brace and the commas behind it
	for i := 0; i < len(pattern); i++ {
		last := len(open) - 1
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case c == '{':
			open = append(open, []int{i})
		case c == ',' && last >= 0:
			open[last] = append(open[last], i)
		case c == '}' && last >= 0:
			ends[open[last][0]] = i
			if len(open[last]) > 1 {
				for _, at := range append(open[last], i) {
					listed[at] = true
				}
			}
			open = open[:last]
		}
	}
	return ends, listed
}

func (g editorGlob) match(file string) bool {
	if len(g.numbers) == 0 {
		return g.fits.MatchString(file)
	}
	groups := g.fits.FindStringSubmatch(file)
	if groups == nil {
		return false
	}
	for i, r := range g.numbers {
		if groups[i+1] == "" { // of another alternative
			continue
		}
		if n, err := strconv.ParseInt(groups[i+1], 10, 64); err != nil || n < r[0] || n > r[1] {
			return false
		}
	}
	return true
}
