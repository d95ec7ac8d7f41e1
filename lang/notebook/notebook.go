// Package notebook makes one text of a notebook: Jupyter's (.ipynb, of nbformat 2 to 4),
// R Markdown (.Rmd) and Quarto (.qmd).
//
//	notebook.go  formats, what becomes of a notebook
//	jupyter.go   the cells of a Jupyter notebook
//	scan.go      JSON in one pass
//	chunks.go    the chunks of R Markdown and Quarto
//	kernel.go    languages by the names of kernels
//	comments.go  how languages write comments
//	script.go    cells as a script, and as Markdown
//	magics.go    what kernels understand and their languages do not
//	images.go    images within texts
//
// # What becomes of a notebook
//
// A script, by default: the cells in their order with an empty line between them, those
// of code as they are, those of text as comments of the language, without marks where
// cells begin. Line ends are LF. Outputs, attachments and metadata are left out, and so
// are images that stand in a text as base64 or data: URIs.
//
// The language is the kernel's: language_info.name, else kernelspec's language,
// jupytext's main_language, kernelspec's name and display_name. A Jupyter notebook that
// names none is Python, as Jupyter's first kernel is and as jupytext has it. Where cells
// say of themselves in which language they are (nbformat 3, .NET Interactive, Visual
// Studio Code, R Markdown, Quarto), it is the one that has most of the code.
//
// Magics, commands of the shell and questions for help (%matplotlib, !pip, ?f) are
// commented out, as jupytext does: the script stays one, and what they say is not lost.
// Where such a line stands in a block, "pass" goes before the comment, else the block
// might be empty. Unlike jupytext's, ours are looked for where a statement of Python can
// begin, and nowhere within strings and brackets. A cell in another language (%%bash, a
// chunk of another engine) is commented out as a whole.
//
// Markdown, where Options ask for it, where there is no code, and where the language is
// not known or its comments are not: the code stands in fences then. So do R Markdown
// and Quarto become, or rather stay, where their text is most of them; see
// [mostlyProse].
package notebook

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Format is how a notebook is written.
type Format string

// The formats, as they are called when it is said how a notebook was converted.
const (
	None      Format = ""
	Jupyter   Format = "Jupyter"
	RMarkdown Format = "R Markdown"
	Quarto    Format = "Quarto"
)

// FormatOf returns the format of the file at a path, by its ending in any case; None
// where it is no notebook.
func FormatOf(file string) Format {
	switch strings.ToLower(path.Ext(file)) {
	case ".ipynb":
		return Jupyter
	case ".rmd":
		return RMarkdown
	case ".qmd":
		return Quarto
	}
	return None
}

// The names that Linguist has for languages that a document of this package may have
// besides those of kernels.
const (
	Markdown          = "Markdown"
	LinguistJupyter   = "Jupyter Notebook"
	LinguistRMarkdown = "RMarkdown" // also of Quarto
)

// Options say what a notebook becomes.
type Options struct {
	Markdown bool  // Markdown instead of a script
	MaxBytes int64 // of the text that comes out
}

// Document is what a notebook became.
type Document struct {
	Text     []byte // valid UTF-8 if the notebook was
	Language string // Linguist's name
	Note     string // for people: the format, how the language was found, what of it is left
}

// maxCells is how many cells that are not blank a notebook may have: 1 MiB of text in
// cells of a line. Courses have a few hundred.
const maxCells = 1 << 16

// The errors of Convert. Any other says what in the notebook is wrong, without its text.
var (
	ErrEmpty    = errors.New("no cell has a text")
	ErrTooLarge = errors.New("its text has more bytes than are allowed")
	ErrHalfPair = errors.New("half of a surrogate pair")

	errTooMany = fmt.Errorf("more than %d cells", maxCells)
)

// Convert makes a text of a notebook, which must be valid UTF-8 without a byte order
// mark. It takes time in proportion to the notebook's size, and memory of four times
// that at most, besides the text that comes out.
func Convert(f Format, notebook []byte, o Options) (*Document, error) {
	if f == Jupyter {
		return convertJupyter(notebook, o)
	}
	return convertChunks(f, notebook, o)
}
