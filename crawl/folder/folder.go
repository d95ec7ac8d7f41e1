// Package folder reads plain folders as trees of files.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/codemill/codemill/crawl/origin"
)

// Opener finds plain folders.
type Opener struct{}

// Is reports whether a folder stands at a path.
func (Opener) Is(_ string, info fs.FileInfo) bool { return info.IsDir() }

// Memory is for the bytes of one file.
func (Opener) Memory(_ string, o origin.Options) int64 { return o.MaxFileBytes }

// Open returns the tree of a folder. What is none, or may not be opened, is a
// [*origin.Refusal].
func (Opener) Open(_ context.Context, path string, o origin.Options) (Tree, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Tree{}, refused(err, path)
	case !info.IsDir():
		return Tree{}, origin.Refuse(errors.New("not a folder"))
	}
	return Tree{path, o.MaxFileBytes}, nil
}

// refused makes the error of opening a folder a refusal where the disk is sound.
func refused(err error, path string) error {
	if origin.Unreachable(err) {
		return origin.Refuse(err, path)
	}
	return err
}

// Tree is a plain folder. All of it is reached through an [os.Root].
type Tree struct {
	path string
	max  int64 // size of the largest file to read
}

// Revision is "": a folder's listing says what state it is in.
func (Tree) Revision() string { return "" }

// List calls yield for every file in the order of the paths' bytes.
func (f Tree) List(ctx context.Context, yield func(origin.Entry) error) error {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return refused(err, f.path)
	}
	defer root.Close()
	return listDir(ctx, root, "", yield)
}

// maxDepth is how many folders deep a folder is walked. What is deeper counts as
// one unreadable folder: every level is opened from the root on, so that
// thousands of them would take minutes.
const maxDepth = 256

// listDir lists a folder and those below it in the order of the paths' bytes. In this
// order the folder "a" comes as "a/", so after the file "a.go".
func listDir(ctx context.Context, root *os.Root, dir string, yield func(origin.Entry) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if strings.Count(dir, "/") > maxDepth {
		return yield(origin.Entry{Mode: origin.UnreadableMode, Path: dir})
	}
	entries, err := readDir(root, dir)
	if err != nil {
		if dir == "" {
			return refused(err, root.Name())
		}
		return yield(origin.Entry{Mode: origin.UnreadableMode, Path: dir})
	}
	if dir != "" && origin.HoldsWork(entries) {
		return nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	for _, d := range entries {
		if d.Name() == origin.GitDir {
			continue
		}
		p := dir + d.Name()
		if d.IsDir() {
			if err := listDir(ctx, root, p+"/", yield); err != nil {
				return err
			}
			continue
		}
		e := origin.Entry{Path: p}
		info, err := d.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // went away since the folder was read
		case err != nil:
			e.Mode = origin.UnreadableMode
		case info.Mode()&fs.ModeSymlink != 0:
			e.Mode = origin.SymlinkMode
		case !info.Mode().IsRegular():
			e.Mode = origin.NotRegularMode
		default:
			e.Size, e.Modified = info.Size(), info.ModTime().UnixNano()
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

// sortKey is the name by which an entry of a folder is sorted.
func sortKey(d fs.DirEntry) string {
	if d.IsDir() {
		return d.Name() + "/"
	}
	return d.Name()
}

// readDir reads a folder, given with its final slash or as "" for the root.
func readDir(root *os.Root, dir string) ([]fs.DirEntry, error) {
	d, err := openIn(root, strings.TrimSuffix("./"+dir, "/"))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}

// openIn opens a file below root. It does not wait where a pipe has taken the file's
// place.
func openIn(root *os.Root, path string) (*os.File, error) {
	return root.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// Open prepares the reading of files, in any order.
func (f Tree) Open(context.Context, iter.Seq2[origin.Entry, error]) (origin.Blobs, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	return &blobs{root: root, max: f.max}, nil
}

// blobs reads the files of a folder.
type blobs struct {
	root *os.Root
	max  int64  // of a larger file max+1 bytes are read, which tells it from one of max
	buf  []byte // memory for one file
}

// Close closes the folder.
func (f *blobs) Close() error { return f.root.Close() }

// Read returns the bytes of a file, of a link its target. A file that changes while it
// is read is read once more before it is given up.
func (f *blobs) Read(e origin.Entry) ([]byte, error) {
	if e.Mode == origin.SymlinkMode {
		to, err := f.root.Readlink(e.Path)
		if err != nil {
			return nil, unreadableError(err)
		}
		return []byte(to), nil
	}
	b, err := f.once(e)
	var left *origin.Left
	if errors.As(err, &left) && left.Reason == origin.Changed {
		b, err = f.once(e)
	}
	return b, err
}

// once reads a file, and makes sure that it is a regular one and that it was neither
// replaced nor changed meanwhile.
func (f *blobs) once(e origin.Entry) ([]byte, error) {
	file, err := openIn(f.root, e.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &origin.Left{Reason: origin.Changed, Detail: "gone"}
	} else if err != nil {
		return nil, unreadableError(err)
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, unreadableError(err)
	}
	if at, err := f.root.Lstat(e.Path); err != nil || !os.SameFile(before, at) {
		return nil, &origin.Left{Reason: origin.Changed, Detail: "something else took its place"}
	}
	if !before.Mode().IsRegular() {
		return nil, &origin.Left{Reason: origin.NotRegular, Detail: "took the place of a file"}
	}
	f.buf = slices.Grow(f.buf[:0], int(min(before.Size(), f.max)+2))
	n, err := io.ReadFull(file, f.buf[:min(before.Size(), f.max)+1])
	if err != io.ErrUnexpectedEOF && err != io.EOF && err != nil {
		return nil, unreadableError(err)
	}
	after, err := file.Stat()
	if err != nil {
		return nil, unreadableError(err)
	}
	if int64(n) != min(after.Size(), f.max+1) || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return nil, &origin.Left{Reason: origin.Changed, Detail: fmt.Sprintf("listed with %d bytes, %d were read", e.Size, n)}
	}
	return f.buf[:n], nil
}

// unreadableError makes an error of reading the reason to leave the file out.
func unreadableError(err error) error {
	return &origin.Left{Reason: origin.Unreadable, Detail: origin.WithoutPath(err)}
}
