package crawl

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
)

const (
	attributesName = ".gitattributes"
	// maxAttributesBytes has a file of attributes that is read, and maxAttributesFiles
	// of a tree are. What the others say is not known, as if they were not there.
	maxAttributesBytes = 128 << 10
	maxAttributesFiles = 1000
	// maxAttributeLine is how long a line is that git passes over (ATTR_MAX_LINE_LENGTH).
	maxAttributeLine = 2048
	// maxPatternBytes of a tree's patterns are kept, of which each counts with
	// minPatternBytes at least: every path is held against all that stand above it, and
	// path.Match takes steps as many as bytes of the pattern times those of the name.
	maxPatternBytes = 500 * minPatternBytes
	minPatternBytes = 64
)

// attributes are what the files .gitattributes of a tree say of its files. A nil one
// says nothing.
type attributes struct{ byFolder map[string][]attributeRule }

// attributeRule is a line of a .gitattributes: a pattern and what it says. A pattern
// goes by path within the file's folder.
type attributeRule struct {
	pattern glob
	end     string            // with which every name ends that it fits
	folders bool              // it is of folders alone: it ends in a slash
	says    map[string]string // values by name; "" is set, unset and unsaid are below
	at      string            // file:line
}

// The values of attributes that have none.
const (
	unset  = "false" // -name; Linguist takes name=false for the same
	unsaid = "!"     // !name: what lines before say does not hold
)

// The attributes that are asked for.
const (
	attrGenerated     = corpus.SaidGenerated
	attrVendored      = corpus.SaidVendored
	attrDocumentation = "linguist-documentation"
	attrLanguage      = "linguist-language"
	attrExportIgnore  = "export-ignore"
	attrEncoding      = corpus.SaidWorkingTree
)

var attributeNames = []string{attrGenerated, attrVendored, attrDocumentation, attrLanguage, attrExportIgnore, attrEncoding}

// mayAttribute reports whether an entry is a file of attributes that git would read:
// a link is none to it.
func mayAttribute(e origin.Entry) bool { return maySay(e, attributesName) }

// maySay reports whether an entry is a file of a name that says something of those
// beside and below it.
func maySay(e origin.Entry, name string) bool {
	return e.Mode == origin.RegularMode && e.Size > 0 && e.Size <= maxAttributesBytes && path.Base(e.Path) == name && !escapes(e.Path)
}

// readSayings gives do the bytes of files that maySay, those nearest to the top first,
// which say most. Those that could not be read are put into unread.
func readSayings(ctx context.Context, t tree, files []origin.Entry, unread map[string]*origin.Left, do func(file string, raw []byte)) error {
	slices.SortStableFunc(files, func(a, b origin.Entry) int { return strings.Count(a.Path, "/") - strings.Count(b.Path, "/") })
	files = files[:min(len(files), maxAttributesFiles)]
	return readEach(ctx, t, files, func(i int, raw []byte, left *origin.Left) {
		if left != nil {
			unread[files[i].Path] = left
		} else if len(raw) <= maxAttributesBytes { // else it has grown
			do(files[i].Path, raw)
		}
	})
}

// readAttributes reads the files of attributes of a tree, with readSayings: the first
// defines macros.
func readAttributes(ctx context.Context, t tree, files []origin.Entry, unread map[string]*origin.Left) (*attributes, error) {
	if len(files) == 0 {
		return nil, nil
	}
	a := &attributes{byFolder: map[string][]attributeRule{}}
	room := maxPatternBytes
	macros := map[string]map[string]string{}
	err := readSayings(ctx, t, files, unread, func(file string, raw []byte) {
		list := parseAttributes(file, raw, macros)
		for i, rule := range list {
			if room -= max(minPatternBytes, len(strings.Join(rule.pattern, "/"))); room < 0 {
				list = list[:i]
				break
			}
		}
		if len(list) > 0 {
			a.byFolder[path.Dir(file)] = list
		}
	})
	return a, err
}

// parseAttributes reads a file of attributes and keeps the lines that say something
// that is asked for. Macros are defined at the top of a tree alone, as git has it.
func parseAttributes(file string, raw []byte, macros map[string]map[string]string) []attributeRule {
	var rules []attributeRule
	n := 0
	for line := range bytes.Lines(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))) {
		n++
		if len(bytes.TrimRight(line, "\r\n")) >= maxAttributeLine {
			continue
		}
		pattern, rest := cutPattern(strings.TrimSpace(string(line)))
		says := map[string]string{}
		for word := range strings.FieldsSeq(rest) {
			name, value, _ := strings.Cut(word, "=")
			switch word[0] {
			case '-':
				name, value = name[1:], unset
			case '!':
				name, value = name[1:], unsaid
			}
			if slices.Contains(attributeNames, name) {
				says[name] = value
			} else if macro := macros[name]; value == "" {
				for name, value := range macro {
					says[name] = value
				}
			}
		}
		if len(says) == 0 {
			continue
		}
		if macro, ok := strings.CutPrefix(pattern, "[attr]"); ok {
			if file == attributesName {
				macros[macro] = says
			}
			continue
		}
		if g := attributeGlob(pattern); g != nil {
			rules = append(rules, attributeRule{pattern: g, end: literalEnd(g[len(g)-1]), folders: strings.HasSuffix(pattern, "/"), says: says, at: fmt.Sprintf("%s:%d", file, n)})
		}
	}
	return rules
}

// cutPattern cuts a line behind its pattern, which may be in quotes as C has them. A
// comment has none.
func cutPattern(line string) (pattern, rest string) {
	if strings.HasPrefix(line, "#") {
		return "", ""
	}
	if quoted, err := strconv.QuotedPrefix(line); err == nil && line[0] == '"' {
		if pattern, err = strconv.Unquote(quoted); err == nil {
			return pattern, line[len(quoted):]
		}
	}
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		return line[:i], line[i:]
	}
	return line, ""
}

// attributeGlob reads a pattern as git does: without a slash it is of names at any
// depth, with one of paths below the file's folder; [!a] is [^a]. It returns nil for
// one that begins with !, which git forbids, or cannot be read.
func attributeGlob(pattern string) glob {
	pattern = strings.TrimSuffix(strings.ReplaceAll(pattern, "[!", "[^"), "/")
	if pattern == "" || strings.HasPrefix(pattern, "!") {
		return nil
	}
	g := glob(strings.Split(strings.TrimPrefix(pattern, "/"), "/"))
	if !strings.Contains(pattern, "/") {
		g = glob{anyDepth, pattern}
	}
	for _, e := range g {
		if _, err := path.Match(e, ""); err != nil {
			return nil
		}
	}
	if g[len(g)-1] == anyDepth {
		g = append(g, "*") // what is within, not the folder itself
	}
	return g
}

// literalEnd returns what of a pattern of names stands for itself at its end.
func literalEnd(element string) string {
	return element[strings.LastIndexAny(element, `*?[]\`)+1:]
}

// of returns what is said of the path of a file, or of a folder, by an attribute, and
// where. The .gitattributes nearest to the path goes before others, and of its lines
// the last.
func (a *attributes) of(file string, isFolder bool, name string) (value, at string, ok bool) {
	if a == nil {
		return "", "", false
	}
	for at := len(file); at >= 0; {
		at = strings.LastIndexByte(file[:at], '/')
		folder := "."
		if at >= 0 {
			folder = file[:at]
		}
		for _, r := range slices.Backward(a.byFolder[folder]) {
			if !strings.HasSuffix(file, r.end) || r.folders && !isFolder {
				continue
			}
			if value, ok := r.says[name]; ok && r.pattern.match(file[at+1:]) {
				return value, r.at, value != unsaid
			}
		}
	}
	return "", "", false
}

// exportIgnored reports whether git archive leaves out a path: itself or a folder that
// it is in.
func (a *attributes) exportIgnored(file string) (at string, ok bool) {
	for p := file; p != "."; p = path.Dir(p) {
		if value, at, ok := a.of(p, p != file, attrExportIgnore); ok && value != unset {
			return at, true
		}
	}
	return "", false
}

// put sets what a document's repository says of it, over what was found out.
func (a *attributes) put(d *corpus.Doc) {
	if a == nil || len(a.byFolder) == 0 {
		return
	}
	// What is said of a notebook's file is not of what it became.
	_, notebook := d.Flag(corpus.FlagNotebook)
	if name, at, ok := a.of(d.Path, false, attrLanguage); ok && !notebook {
		language, known := lang.ByAlias(name)
		if !known {
			language, known = lang.ByAlias(strings.ReplaceAll(name, "-", " "))
		}
		if known {
			d.Language = language
			d.Flags = append(d.Flags, corpus.Flag(attrLanguage, at))
		}
	}
	for _, flag := range []struct {
		name string
		set  func(bool)
	}{
		{attrGenerated, func(is bool) { d.IsGenerated = is }},
		{attrVendored, func(is bool) { d.IsVendor = is }},
		{attrDocumentation, func(bool) {}},
	} {
		value, at, ok := a.of(d.Path, false, flag.name)
		if !ok {
			continue
		}
		is := value != unset
		flag.set(is)
		if is {
			d.Flags = append(d.Flags, corpus.Flag(flag.name, at))
		} else {
			d.Flags = append(d.Flags, corpus.Flag("-"+flag.name, at))
		}
	}
}
