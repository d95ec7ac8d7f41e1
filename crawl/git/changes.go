package git

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/codemill/codemill/crawl/origin"
)

// uncommitted returns the path of a file of a worktree, at top, that is not as it was
// committed, "" where none is found. Git's own comparison would run filters of the
// repository's, and read what its settings name. So no file is opened: one is changed
// that is not there, or has another size than git's index says, and one is staged that
// git finds in the index alone: it need not be asked where the index says itself that it
// is of the commit's tree, as after a clone or a commit. What git does not know of is not looked for, nor are
// changes that leave a file's size.
func (g Tree) uncommitted(ctx context.Context, top, tree string) (string, error) {
	f, err := os.Open(filepath.Join(g.dir, "index"))
	if err != nil {
		return "", notUnreachable(err)
	}
	defer f.Close()
	root, err := os.OpenRoot(top)
	if err != nil {
		return "", notUnreachable(err)
	}
	defer root.Close()
	changed := ""
	of, err := eachIndexed(bufio.NewReaderSize(f, 1<<16), len(g.commit)/2, func(e indexed) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.elsewhere {
			return nil
		}
		info, err := root.Lstat(e.path)
		errno := syscall.Errno(0)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), err == nil && e.size != 0 && uint32(info.Size()) != e.size:
			changed = e.path
			return io.EOF
		case !origin.Unreachable(err) && errors.As(err, &errno):
			return err // of the disk
		}
		return nil // also where the path leads out of the worktree
	})
	if changed != "" || err != nil || of != "" && of == tree {
		return changed, err
	}
	err = g.lines(ctx, 0, func(path string) error {
		changed = path
		return io.EOF
	}, "--work-tree="+g.dir, "diff-index", "--cached", "--name-only", "-z", "--no-renames", "--ignore-submodules=all", g.commit, "--")
	if r := (*origin.Refusal)(nil); err == io.EOF || errors.As(err, &r) { // an index that git cannot read is of no other use
		err = nil
	}
	return changed, err
}

// indexed is a file that stands in git's index.
type indexed struct {
	path      string
	size      uint32 // in the worktree, modulo 1<<32; 0 where git is to look again
	elsewhere bool   // it need not be in the worktree
}

// eachIndexed calls yield for the entries of an index of version 2, 3 or 4 (git's
// Documentation/gitformat-index.txt), with object ids of a length, until it returns an
// error; [io.EOF] ends it without one. What is no such index has no entries, and a
// damaged one those before the damage. It returns the tree that the index says it is of,
// "" where it says none.
func eachIndexed(r *bufio.Reader, id int, yield func(indexed) error) (tree string, err error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "DIRC" {
		return "", nil
	}
	version := binary.BigEndian.Uint32(head[4:])
	if version < 2 || version > 4 {
		return "", nil
	}
	const (
		modeAt, sizeAt, idAt     = 24, 36, 40
		extended, stage          = 0x4000, 0x3000 // of the flags
		skipWorktree, intended   = 0x4000, 0x2000 // of the extended flags
		typeMask, file, linkType = 0o170000, 0o100000, 0o120000
	)
	fixed := make([]byte, idAt+id+2)
	var path []byte
	for range binary.BigEndian.Uint32(head[8:]) {
		if _, err := io.ReadFull(r, fixed); err != nil {
			return "", nil
		}
		length := len(fixed)
		flags, more := binary.BigEndian.Uint16(fixed[idAt+id:]), uint16(0)
		if version > 2 && flags&extended != 0 {
			var b [2]byte
			if _, err := io.ReadFull(r, b[:]); err != nil {
				return "", nil
			}
			more = binary.BigEndian.Uint16(b[:])
			length += 2
		}
		kept := 0 // bytes of the path before, in version 4
		if version == 4 {
			cut, err := readOffset(r)
			if err != nil || cut > len(path) {
				return "", nil
			}
			kept = len(path) - cut
		}
		rest, err := r.ReadSlice(0)
		if err != nil {
			return "", nil
		}
		path = append(path[:kept], rest[:len(rest)-1]...)
		if version < 4 { // NULs up to a multiple of 8
			length += len(rest)
			if _, err := r.Discard((8 - length%8) % 8); err != nil {
				return "", nil
			}
		}
		kind := binary.BigEndian.Uint32(fixed[modeAt:]) & typeMask
		e := indexed{path: string(path), size: binary.BigEndian.Uint32(fixed[sizeAt:])}
		e.elsewhere = kind != file && kind != linkType || flags&stage != 0 || more&(skipWorktree|intended) != 0 || e.path == ""
		if err := yield(e); err == io.EOF {
			return "", nil
		} else if err != nil {
			return "", err
		}
	}
	return indexTree(r, id), nil
}

// indexTree reads the extensions of an index, and returns the tree that all its entries
// make: the first one of the extension TREE, unless changes have made it invalid.
func indexTree(r *bufio.Reader, id int) string {
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return ""
		}
		if string(head[:4]) != "TREE" {
			if _, err := io.CopyN(io.Discard, r, int64(binary.BigEndian.Uint32(head[4:]))); err != nil {
				return ""
			}
			continue
		}
		top, err := r.ReadSlice('\n') // the path, which is empty, NUL, how many entries, a space, how many trees
		if err != nil || len(top) < 2 || top[0] != 0 || top[1] == '-' {
			return ""
		}
		tree := make([]byte, id)
		if _, err := io.ReadFull(r, tree); err != nil {
			return ""
		}
		return hex.EncodeToString(tree)
	}
}

// readOffset reads a number as git writes offsets: seven bits a byte, the highest first,
// and one added for each byte that follows.
func readOffset(r *bufio.Reader) (int, error) {
	n := 0
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if n > 1<<20 {
			return 0, errors.New("an offset beyond any path")
		}
		n = n<<7 | int(b&0x7f)
		if b < 0x80 {
			return n, nil
		}
		n++
	}
}
