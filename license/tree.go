package license

import (
	"path"
	"strings"
)

// File is a licence file and what its text says.
type File struct {
	Path       string // slash-separated, relative to the tree
	Expression string // SPDX, or "" where the text was not recognised
}

// Tree tells what the files of a tree inherit. It is safe for concurrent use.
type Tree struct {
	folders  map[string]License
	fallback License
}

// NewTree returns the tree of some licence files, whose names must be those of
// licence files ([IsFile]). What lies under none of their folders has the
// fallback.
//
// The licences of several files in one folder are joined in the order in which
// the files are given. Alternatives, such as LICENSE-MIT and LICENSE-APACHE,
// join by OR; everything else by AND, because nothing says that one may choose
// (COPYING and COPYING.LESSER, or the texts in LICENSES/). A text that was not
// recognised adds nothing to one that was.
func NewTree(fallback License, files []File) *Tree {
	t := &Tree{folders: map[string]License{}, fallback: fallback}
	for _, f := range files {
		folder := folderOf(f.Path)
		_, alternative := role(f.Path)
		have := t.folders[folder].Expression
		switch {
		case have == "":
			t.folders[folder] = FromSPDX(f.Expression)
		case f.Expression == "" || f.Expression == have:
		case alternative:
			t.folders[folder] = FromSPDX(join(have, " OR ", f.Expression))
		default:
			t.folders[folder] = FromSPDX(join(have, " AND ", f.Expression))
		}
	}
	return t
}

func join(a, operator, b string) string {
	return bracket(a, operator) + operator + bracket(b, operator)
}

// bracket puts an expression in brackets if the other operator stands in it.
func bracket(expression, operator string) string {
	if operator == " AND " && strings.Contains(expression, " OR ") || operator == " OR " && strings.Contains(expression, " AND ") {
		return "(" + expression + ")"
	}
	return expression
}

// Of returns the licence that a file inherits: that of the nearest folder
// above it that has one. A folder whose licence text was not recognised hides
// those above.
func (t *Tree) Of(p string) License {
	for p != "." && p != "/" {
		p = path.Dir(p)
		if found, ok := t.folders[p]; ok {
			return found
		}
	}
	return t.fallback
}
