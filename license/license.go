// Package license tells the licence of a file from what its tree says of
// licences: the licence files of the folders above it, and a line in the file
// itself. It reads no files and knows nothing of where they come from.
//
// # Files
//
//	license.go  a licence and its types
//	type.go     the type of an SPDX expression
//	ids.go      the type of every SPDX id, generated
//	name.go     which files are licence files, by their names
//	text.go     what is said in the text of a licence file, or of any file
//	tree.go     what folders inherit
//	spdx/       the form of SPDX expressions
package license

// The types of licences.
const (
	Permissive = "permissive"
	Copyleft   = "copyleft"
	Unknown    = "unknown" // a licence text that was not recognised, or a licence of another type
	None       = "none"    // no licence file and no declaration
)

// License is what is known of the licence of a file or folder.
type License struct {
	Expression string // SPDX; "" if there is none or its text was not recognised
	Type       string // Permissive, Copyleft, Unknown or None
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
