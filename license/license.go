// Package license tells the licence of a file from what its tree says of
// licences: the licence files of the folders above it, and the head of the file
// itself. It reads no files and knows nothing of where they come from.
//
// # Files
//
//	license.go   a licence and its types
//	type.go      the type of an SPDX expression
//	ids.go       the type of every SPDX id, generated
//	text.go      what texts say: the patterns, and what is remembered
//	judge.go     what matches and the words around them come to
//	phrases.go   the words that matter around matches, and the names of licences
//	tag.go       SPDX-License-Identifier
//	readme.go    the licence sections of READMEs
//	notices.lre  patterns of notices
//	texts.lre    patterns of texts that licensecheck lacks, generated
//	name.go      which files of a tree say something of licences, by their names
//	manifest.go  what package managers' manifests say
//	alias.go     the names that licences have there
//	reuse.go     what REUSE.toml and .reuse/dep5 say
//	tree.go      which file speaks for which
//	spdx/        the form of SPDX expressions
//
// What a program matches is compiled from the patterns: after a change of them comes
// go generate ./license/internal/match.
package license

// The types of licences.
const (
	Permissive = "permissive"
	Copyleft   = "copyleft"
	Restricted = "restricted" // known, and not free: for some uses or users only, or not to be changed
	Unknown    = "unknown"    // a licence text that was not understood, or an id of no known type
	None       = "none"       // no licence file and no declaration
)

// License is what is known of the licence of a file or folder.
type License struct {
	Expression string // SPDX; "" if there is none or its text was not recognised
	Type       string // Permissive, Copyleft, Restricted, Unknown or None
}

// FromSPDX returns the licence that an SPDX expression stands for. The empty
// expression is that of a text that was not recognised.
func FromSPDX(expression string) License {
	return License{Expression: expression, Type: TypeOf(expression)}
}

// Default returns the licence of files of which nothing says one: that of the
// given SPDX expression, or none where that is empty.
func Default(expression string) License {
	if expression == "" {
		return License{Type: None}
	}
	return FromSPDX(expression)
}
