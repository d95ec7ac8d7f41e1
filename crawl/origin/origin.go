// Package origin is what crawl and the types of sources know of each other.
//
// A kind of sources is a package of its own, with one line in crawl's table of
// kinds. It finds either trees of files, as [git] and [folder] do, or files of
// rows, as [jsonl] does. It says what is there and gives its bytes; which of it
// becomes a document, and what that says, is crawl's.
//
// [git]: https://pkg.go.dev/github.com/codemill/codemill/crawl/git
// [folder]: https://pkg.go.dev/github.com/codemill/codemill/crawl/folder
// [jsonl]: https://pkg.go.dev/github.com/codemill/codemill/crawl/jsonl
package origin

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
)

// Options is what a kind is told of the source that it opens.
type Options struct {
	MaxFileBytes int64 // larger texts are left out
	PieceBytes   int64 // about how long the pieces are into which rows are cut
	// Inside reports whether a path, without symbolic links, may be read.
	Inside func(path string) bool
	// Repo is the repository that a row names, "" for none. A kind does not cut
	// between two rows of one.
	Repo func(Fields) string
}

// The reasons that kinds give for what they cannot give.
const (
	Symlink     corpus.Reason = "symlink"     // never followed
	Submodule   corpus.Reason = "submodule"   // a commit of another repository
	NotRegular  corpus.Reason = "not_regular" // socket, pipe or device; never opened
	Unreadable  corpus.Reason = "unreadable"  // the system or git could not give its bytes: bad input
	Changed     corpus.Reason = "changed"     // grew, shrank or went away while it was read
	Malformed   corpus.Reason = "malformed"   // a row that cannot be read as one
	LineTooLong corpus.Reason = "line_too_long"
	Encoding    corpus.Reason = corpus.Reason(lang.BadEncoding)
)

// Left is why one file or row cannot be had. As an error it ends nothing.
type Left struct {
	Reason       corpus.Reason
	Detail       string
	Value, Limit float64 // measured, and the bound it broke; 0 where the reason has none
}

func (l *Left) Error() string { return string(l.Reason) + ": " + l.Detail }

// ErrUnborn says that a repository has no commit yet, which is worth a warning.
var ErrUnborn = errors.New("no commit yet")

// WithoutPath is an error's text without the path that it happened at: paths of
// the machine go into no file.
func WithoutPath(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

// GitDir is part of no source, as a folder or as a file.
const GitDir = ".git"

// workFiles stand in every work folder of codemill. Such folders are left out
// like GitDir where they stand in a source, or a crawl would read what it writes.
var workFiles = [...]string{"codemill.json", ".lock"}

// HoldsWork reports whether these are the entries of a work folder.
func HoldsWork(entries []fs.DirEntry) bool {
	found := 0
	for _, d := range entries {
		if slices.Contains(workFiles[:], d.Name()) {
			found++
		}
	}
	return found == len(workFiles)
}

// IsWork reports whether a work folder stands at a path.
func IsWork(path string) (bool, error) {
	for _, name := range workFiles {
		if _, err := os.Lstat(filepath.Join(path, name)); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}
