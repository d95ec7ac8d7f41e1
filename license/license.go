// Package license tells the licences of files from what a tree says of them.
package license

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"

	"github.com/go-enry/go-enry/v2"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/license/spdx"
)

// License is what is known of the licence of a file or folder.
type License struct {
	Expression string // SPDX, or "" where the text was not recognised
	Type       string // one of corpus.LicenseTypes
}

// Of returns the licence that an SPDX expression stands for.
func Of(expression string) License {
	return License{expression, TypeOf(expression)}
}

// maxLicenceName bounds how long the names are that Role looks at.
const maxLicenceName = 100

// Role tells licence files by their name. Two files whose roles are
// alternatives, such as LICENSE-MIT and LICENSE-APACHE, leave the choice
// between them, which is what projects that name them so mean.
func Role(p string) (is, alternative bool) {
	name := strings.ToLower(path.Base(p))
	if len(name) > maxLicenceName {
		return false, false
	}
	if path.Base(path.Dir(p)) == "LICENSES" && strings.HasSuffix(name, ".txt") {
		return true, false // REUSE: the texts of all licences that files of the project name
	}
	rest := ""
	for _, stem := range []string{"unlicense", "unlicence", "licenses", "licences", "license", "licence", "copying", "copyright"} {
		if r, ok := strings.CutPrefix(name, stem); ok {
			is, rest = true, r
			break
		}
	}
	if !is {
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".md"), ".txt")
		for _, end := range []string{"-license", "-licence", ".license", ".licence", "_license", "_licence"} {
			if strings.HasSuffix(stem, end) {
				return true, true // MIT-LICENSE.txt
			}
		}
		return false, false
	}
	if rest == "" {
		return true, false
	}
	if !strings.ContainsRune(".-_", rune(rest[0])) {
		return false, false
	}
	switch rest {
	case ".txt", ".md", ".markdown", ".rst", ".adoc", ".html", ".htm", ".rtf", ".in", ".lesser", ".lib":
		return true, false
	}
	if lang, _ := enry.GetLanguageByExtension(name); lang != "" {
		switch enry.GetLanguageType(lang) {
		case enry.Programming, enry.Data:
			return false, false // license.go, license.json
		}
	}
	return true, true
}

// Tree is what a repository's licence files say, by folder.
type Tree struct {
	dirs     map[string]License
	fallback License
}

// NewTree starts from the licence that the source's settings give.
func NewTree(expression string) *Tree {
	l := &Tree{dirs: map[string]License{}, fallback: License{"", corpus.NoLicense}}
	if expression != "" {
		l.fallback = Of(expression)
	}
	return l
}

// licenceDir is the folder that a licence file speaks for.
func licenceDir(p string) string {
	dir := path.Dir(p)
	if path.Base(dir) == "LICENSES" {
		return path.Dir(dir)
	}
	return dir
}

// Add joins the licences found in one file with those of the files in the same
// folder that came before it. Alternatives join by OR; everything else by AND,
// because nothing says that one may choose (COPYING and COPYING.LESSER, or the
// texts in LICENSES/).
func (l *Tree) Add(p, expression string, alternative bool) {
	dir := licenceDir(p)
	have, ok := l.dirs[dir]
	switch {
	case !ok:
		l.dirs[dir] = Of(expression)
	case expression == "" || expression == have.Expression:
	case have.Expression == "":
		l.dirs[dir] = Of(expression)
	case alternative:
		l.dirs[dir] = Of(join(have.Expression, " OR ", expression))
	default:
		l.dirs[dir] = Of(join(have.Expression, " AND ", expression))
	}
}

func join(a, op, b string) string {
	bracket := func(s string) string {
		if op == " AND " && strings.Contains(s, " OR ") || op == " OR " && strings.Contains(s, " AND ") {
			return "(" + s + ")"
		}
		return s
	}
	return bracket(a) + op + bracket(b)
}

// Of returns the licence that a file inherits: that of the nearest folder
// above it that has one. A folder whose licence text was not recognised hides
// those above.
func (l *Tree) Of(p string) License {
	for len(l.dirs) > 0 && p != "." {
		p = path.Dir(p)
		if found, ok := l.dirs[p]; ok {
			return found
		}
	}
	return l.fallback
}

// Declared returns the expression of an SPDX-License-Identifier line at the
// start of a text, or "". It stands for the file alone.
func Declared(text []byte) string {
	const mark, scope = "SPDX-License-Identifier:", 2000
	text = text[:min(len(text), scope)]
	i := bytes.Index(text, []byte(mark))
	if i < 0 || bytes.Count(text[:i], []byte{'\n'}) >= 20 {
		return ""
	}
	line, _, _ := bytes.Cut(text[i+len(mark):], []byte{'\n'})
	s := strings.TrimSpace(string(line))
	for _, end := range []string{"*/", "-->", "--}", "-}", "*)", "#}", "%>", "\"\"\"", "|#"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, end))
	}
	s = strings.Join(strings.Fields(s), " ")
	if !spdx.Valid(s) {
		return ""
	}
	return s
}

// Recognizer names licence texts by google/licenseclassifier, whose corpus it
// loads when the first text comes (0.8 s, 80 MB). It remembers what it has
// seen, copyright lines left aside. It is safe for concurrent use.
type Recognizer struct {
	mu    sync.Mutex
	c     *classifier.Classifier
	known map[[32]byte]string
}

const (
	// maxLicenceBytes of a licence file are looked at: classification takes
	// 2 s a megabyte.
	maxLicenceBytes = 128 << 10
	// minConfidence is under what a match does not count. The classifier's own
	// threshold of 0.8 takes a text with a whole clause changed for the original.
	minConfidence = 0.9
)

// licenceWords is what of a text the classifier goes by: its letters and
// digits in lower case, without the lines that begin with a copyright notice.
func licenceWords(text []byte) []byte {
	words := make([]byte, 0, len(text))
	for line := range bytes.Lines(bytes.ToLower(text)) {
		line = bytes.TrimLeft(line, " \t#*/;%-")
		if bytes.HasPrefix(line, []byte("copyright ")) || bytes.HasPrefix(line, []byte("(c) ")) {
			continue
		}
		space := true
		for _, c := range line {
			if c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
				words, space = append(words, c), false
			} else if !space {
				words, space = append(words, ' '), true
			}
		}
		if !space {
			words = append(words, ' ')
		}
	}
	return words
}

// Recognize returns the SPDX expression of a licence text: all the licences in
// it joined by AND, or "".
func (r *Recognizer) Recognize(text []byte) (string, error) {
	if s := Declared(text); s != "" {
		return s, nil
	}
	text = text[:min(len(text), maxLicenceBytes)]
	key := sha256.Sum256(licenceWords(text))
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.known[key]; ok {
		return s, nil
	}
	if r.c == nil {
		c, err := assets.DefaultClassifier()
		if err != nil {
			return "", err
		}
		r.c, r.known = c, map[[32]byte]string{}
	}
	s := r.match(text)
	r.known[key] = s
	return s, nil
}

// spdxNames maps the classifier's names of its own for licences that SPDX has.
var spdxNames = map[string]string{
	"Apache-with-LLVM-Exception":    "Apache-2.0 WITH LLVM-exception",
	"Apache-with-Runtime-Exception": "Apache-2.0 WITH Swift-exception",
	"BSD-0-Clause":                  "0BSD", "BSD-3-Clause-OpenMPI": "BSD-3-Clause-Open-MPI",
	"Business-Source-License-1.1": "BUSL-1.1", "GNU-All-permissive-Copying-License": "FSFAP",
	"Python-2.0-complete": "Python-2.0", "SQLite": "blessing", "UFL-1.0": "Ubuntu-font-1.0",
}

func (r *Recognizer) match(text []byte) (expression string) {
	defer func() {
		if recover() != nil { // the classifier's affair: an unknown licence
			expression = ""
		}
	}()
	var names []string
	for _, m := range r.c.Match(text).Matches {
		if m.MatchType == "License" && m.Confidence >= minConfidence && spdx.Valid(m.Name) {
			names = append(names, cmp.Or(spdxNames[m.Name], m.Name))
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " AND ")
}
