package crawl

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// folder is a plain folder. All of it is reached through an [os.Root].
type folder struct {
	path string
	max  int64 // size of the largest file to read
}

// gitDir is left out of folders, as a folder or as a file.
const gitDir = ".git"

func (f folder) list(ctx context.Context, yield func(entry) error) error {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return err
	}
	defer root.Close()
	return listDir(ctx, root, "", yield)
}

// maxDepth is how many folders deep a folder is walked. What is deeper counts as
// one unreadable folder: every level is opened from the root on, so that
// thousands of them would take minutes.
const maxDepth = 256

// listDir walks in the order of the paths' bytes, in which a folder stands
// where its name with a slash would.
func listDir(ctx context.Context, root *os.Root, dir string, yield func(entry) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if strings.Count(dir, "/") > maxDepth {
		return yield(entry{mode: unreadable, path: dir})
	}
	entries, err := readDir(root, dir)
	if err != nil {
		if dir == "" {
			return err
		}
		return yield(entry{mode: unreadable, path: dir})
	}
	if dir != "" && holdsWork(entries) {
		return nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	for _, d := range entries {
		if d.Name() == gitDir {
			continue
		}
		p := dir + d.Name()
		if d.IsDir() {
			if err := listDir(ctx, root, p+"/", yield); err != nil {
				return err
			}
			continue
		}
		e := entry{path: p}
		info, err := d.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // went away since the folder was read
		case err != nil:
			e.mode = unreadable
		case info.Mode()&fs.ModeSymlink != 0:
			e.mode = symlink
		case !info.Mode().IsRegular():
			e.mode = notRegular
		default:
			e.size, e.mtime = info.Size(), info.ModTime().UnixNano()
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

// workFiles stand in every work folder of codemill. Such folders are left out
// like .git where they stand in a source, or a crawl would read what it writes.
var workFiles = [...]string{"codemill.json", ".lock"}

// holdsWork reports whether these are the entries of a work folder.
func holdsWork(entries []fs.DirEntry) bool {
	found := 0
	for _, d := range entries {
		if slices.Contains(workFiles[:], d.Name()) {
			found++
		}
	}
	return found == len(workFiles)
}

// isWork reports whether a work folder stands at a path.
func isWork(path string) bool {
	for _, name := range workFiles {
		if _, err := os.Lstat(filepath.Join(path, name)); err != nil {
			return false
		}
	}
	return true
}

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

// openIn never waits for the writer of a pipe that took a file's place.
func openIn(root *os.Root, path string) (*os.File, error) {
	return root.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func (f folder) open(context.Context, iter.Seq[entry]) (blobs, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	return &folderBlobs{root: root, max: f.max}, nil
}

type folderBlobs struct {
	root *os.Root
	max  int64
	buf  []byte
}

func (f *folderBlobs) close() error { return f.root.Close() }

// read takes a file twice before it gives up on one that changes meanwhile.
func (f *folderBlobs) read(e entry) ([]byte, error) {
	b, err := f.once(e)
	var left *leftError
	if errors.As(err, &left) && left.reason == Changed {
		b, err = f.once(e)
	}
	return b, err
}

func (f *folderBlobs) once(e entry) ([]byte, error) {
	file, err := openIn(f.root, e.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &leftError{Changed, "gone"}
	} else if err != nil {
		return nil, unreadableError(err)
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, unreadableError(err)
	}
	if at, err := f.root.Lstat(e.path); err != nil || !os.SameFile(before, at) {
		return nil, &leftError{Changed, "something else took its place"}
	}
	if !before.Mode().IsRegular() {
		return nil, &leftError{NotRegular, "took the place of a file"}
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
		return nil, &leftError{Changed, fmt.Sprintf("listed with %d bytes, %d were read", e.size, n)}
	}
	return f.buf[:n], nil
}

func unreadableError(err error) error { return &leftError{Unreadable, withoutPath(err)} }

// withoutPath is an error's text without the path that it happened at: paths of
// the machine go into no file.
func withoutPath(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

// blobID computes the object id that git would give to these bytes.
func blobID(b []byte) string {
	h := sha1.New()
	h.Write(strconv.AppendInt([]byte("blob "), int64(len(b)), 10))
	h.Write([]byte{0})
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}
