// Package origin is what crawl and the types of sources know of each other.
//
// A type of sources is a package of its own, with one line in crawl's table of types
// (crawl/source_type.go). It finds either trees of files, as [git] and [folder] do, or
// files of rows, as [jsonl] does. It says what is there and gives its bytes. Crawl
// decides what becomes a document, and what the document says.
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
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
)

// Options is what is told to the type that opens a source.
type Options struct {
	MaxFileBytes int64 // larger texts are left out, so that they need not be read whole
	PieceBytes   int64 // about how long the pieces should be into which a file of rows is cut
	// Inside reports whether a path may be read. The path must be absolute and without
	// symbolic links.
	Inside func(path string) bool
	// Repo returns the repository that a row names, "" for none. A file is not cut
	// between two rows of one repository.
	Repo func(Fields) string
	// Ref is the branch, tag or commit to read instead of HEAD; "" for HEAD.
	Ref string
	// Before asks for the newest commit that is older, in Unix seconds; 0 for any.
	Before int64
	// Note is told what people should know of a source that is read all the same: what it
	// is, in words that are the same for others, and the detail of this one.
	Note func(what, detail string)
}

// The reasons that types give for what they cannot give.
const (
	Symlink     corpus.Reason = "symlink"     // never followed
	Submodule   corpus.Reason = "submodule"   // a commit of another repository
	NotRegular  corpus.Reason = "not_regular" // socket, pipe or device; never opened
	Unreadable  corpus.Reason = "unreadable"  // the system or git could not give its bytes: bad input
	Changed     corpus.Reason = "changed"     // grew, shrank or went away while it was read
	Malformed   corpus.Reason = "malformed"   // a row that cannot be read as one
	LineTooLong corpus.Reason = "line_too_long"
	Encoding    corpus.Reason = corpus.Reason(lang.BadEncoding)

	// UnreadableRepo and NotYet are of a repository as a whole.
	UnreadableRepo corpus.Reason = "unreadable_repo" // empty, damaged, or leading elsewhere: bad input
	NotYet         corpus.Reason = "not_yet"         // has no commit before as_of
)

// Left is why one file or row, or one repository, is left out. Where it comes as an
// error, only that is concerned: the reading goes on.
type Left struct {
	Reason       corpus.Reason
	Detail       string  // for people, "" for none; without paths of the machine
	Value, Limit float64 // what was measured, and the limit that it broke; 0 where the reason has none
}

func (l *Left) Error() string { return string(l.Reason) + ": " + l.Detail }

// Refusal is the error of a repository that cannot be had, though the disk is sound. Its
// text is for whoever runs codemill, and may have paths of the machine; Left, which it
// unwraps to as well, has none.
type Refusal struct {
	Err  error
	Left Left
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap gives both.
func (r *Refusal) Unwrap() []error { return []error{r.Err, &r.Left} }

// Refuse makes an error of opening a repository a [*Refusal] with the reason
// UnreadableRepo. The paths that are named, and all that looks like one, do not get into
// its Left.
func Refuse(err error, paths ...string) error {
	text := err.Error()
	for _, p := range paths {
		if len(p) > 1 {
			text = strings.ReplaceAll(text, p, "…")
		}
	}
	text = absolute.ReplaceAllString(text, "$1…")
	return &Refusal{err, Left{Reason: UnreadableRepo, Detail: text}}
}

// absolute is an absolute path in a text, as far as it has no space.
var absolute = regexp.MustCompile(`(^|[\s'"(=])/[^\s'":;,)]*`)

// Unreachable reports whether an error of the file system says that something is not
// there for whoever runs codemill. Others, such as one of the disk, say nothing of what
// is there.
func Unreachable(err error) bool {
	for _, none := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG} {
		if errors.Is(err, none) {
			return true
		}
	}
	return false
}

// WithoutPath is the text of an error without the path that it happened at. Paths of the
// machine must not get into output, which would differ from machine to machine.
func WithoutPath(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

// GitDir is the name of git's folder, or file, in a worktree. It is part of no source.
const GitDir = ".git"

// workFiles stand in every work folder of codemill. Where such a folder stands in a
// source it is passed over like GitDir: a crawl would read what it writes.
var workFiles = [...]string{"codemill.json", ".lock"}

// HoldsWork reports whether these are the entries of a work folder, as ReadDir gives them.
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
