package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// reach follows all that git would open of a repository before git is asked
// anything. A repository is not one folder: symbolic links, a .git that is a
// file, and files of git's own lead to others. What each of them leads to must
// be inside, where the source may read, and be a file or a folder, for git waits
// for a named pipe without end.
//
// What is followed is what git 2.39 to 2.52 open when they resolve a name, go back in
// history, list a tree and read blobs. Two more ways out are closed in [command]: an
// index of several packs names the packs as it likes, and so is not read, and the
// settings of the machine and of the user are not read either.
type reach struct {
	inside func(path string) bool
	// partial says that the settings may be those of a partial clone, which lacks
	// objects that its origin has promised.
	partial bool
	todo    []string        // resolved, to be looked at
	seen    map[string]bool // were in todo
	asked   map[string]bool // files of settings
}

// pointers are the files by which a folder of git's names other folders or
// files, and the folder below it from which relative names go.
var pointers = [...]struct {
	file, from string
	lines      bool // a name a line, "#" for comments; else the whole file is one
}{
	{file: "commondir"}, // of a linked worktree: the repository
	{file: "objects/info/alternates", from: "objects", lines: true}, // other repositories' objects
	{file: "info/alternates", lines: true},                          // the same, of such objects themselves
	{file: "reftable/tables.list", from: "reftable", lines: true},
}

// settingsFiles are read as git's settings where they stand in its folders.
var settingsFiles = [...]string{"config", "config.worktree"}

// check follows everything from a repository's folder, to which a path leads.
func (r *reach) check(ctx context.Context, from, dir string) error {
	r.seen, r.asked = map[string]bool{}, map[string]bool{}
	if err := r.follow(from, dir); err != nil {
		return err
	}
	for len(r.todo) > 0 {
		path := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		info, err := lookAt(path)
		if err != nil {
			return err
		}
		if info == nil {
			continue
		}
		if err := notWaiting(path, info.Mode()); err != nil {
			return err
		}
		if !info.IsDir() {
			continue
		}
		if err := r.links(ctx, path); err != nil {
			return err
		}
		for _, p := range pointers {
			if err := r.pointer(path, p.file, p.from, p.lines); err != nil {
				return err
			}
		}
		for _, name := range settingsFiles {
			if err := r.settings(ctx, filepath.Join(path, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// outsideError says that a repository leads to where its source may not read.
type outsideError struct{ from, to string }

func (e *outsideError) Error() string {
	return fmt.Sprintf("%s leads to %s, outside of the source's paths; name that under the source's outside if git may read it", e.from, e.to)
}

// follow allows what a path leads to, and notes it for a closer look. The
// system takes ".." after symbolic links and git, in places, before: both ways
// count. What leads nowhere git cannot open.
func (r *reach) follow(from, path string) error {
	for _, p := range []string{path, filepath.Clean(path)} {
		to, err := filepath.EvalSymlinks(p)
		if err != nil || r.seen[to] {
			continue
		}
		if !r.inside(to) {
			return &outsideError{from, to}
		}
		r.seen[to] = true
		r.todo = append(r.todo, to)
	}
	return nil
}

// links follows the symbolic links below a folder and refuses what git would
// wait for.
func (r *reach) links(ctx context.Context, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // what cannot be read is git's to complain of
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			return r.follow(path, path)
		}
		return notWaiting(path, d.Type())
	})
}

// notWaiting refuses pipes and devices. A socket cannot be opened, so nothing
// waits for it; git's own daemon leaves one.
func notWaiting(path string, mode fs.FileMode) error {
	if mode.IsDir() || mode.IsRegular() || mode&fs.ModeSocket != 0 {
		return nil
	}
	return fmt.Errorf("%s: neither a file nor a folder, git might wait for it without end", path)
}

// pointer follows the names in a file of git's, as git reads them: no space is
// cut off, and names in quotes or with NUL, which git does not write, are
// refused rather than understood.
func (r *reach) pointer(dir, file, from string, lines bool) error {
	path := filepath.Join(dir, file)
	text, err := readSmall(path)
	if err != nil {
		return err
	}
	names := []string{strings.TrimRight(text, "\r\n")}
	if lines {
		names = strings.Split(text, "\n")
	}
	for _, name := range names {
		switch {
		case name == "" || lines && name[0] == '#':
			continue
		case name[0] == '"' || strings.IndexByte(name, 0) >= 0:
			return fmt.Errorf("%s: names %q", path, name)
		}
		if err := r.follow(path, beside(filepath.Join(dir, from), name)); err != nil {
			return err
		}
	}
	return nil
}

// settings follows the includes of a file of settings, whatever their
// conditions. Git itself says what they are.
func (r *reach) settings(ctx context.Context, path string) error {
	if r.asked[path] {
		return nil
	}
	r.asked[path] = true
	info, err := lookAt(path)
	if err != nil || info == nil || !info.Mode().IsRegular() {
		return err
	}
	if may, err := r.mayInclude(path); err != nil || !may {
		return err
	}
	out, err := settingsOf(ctx, path, `^include(if\..*)?\.path$`)
	if err != nil {
		return err
	}
	for _, setting := range strings.Split(out, "\x00") {
		_, name, ok := strings.Cut(setting, "\n")
		if !ok {
			continue
		}
		name = beside(filepath.Dir(path), name)
		if err := r.follow(path, name); err != nil {
			return err
		}
		if err := r.settings(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// mayInclude reports whether a file of settings has the start of a section that
// includes others, and notes whether it speaks of promised objects. Asking git costs a
// process, which most need not.
func (r *reach) mayInclude(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil // git's to complain of
	} else if err != nil {
		return false, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	long := len(b) > maxSmall
	b = bytes.ToLower(b)
	r.partial = r.partial || long || bytes.Contains(b, []byte("promisor")) || bytes.Contains(b, []byte("partialclone"))
	return long || bytes.Contains(b, []byte("[include")), err
}

// maxSmall bounds the files of a repository that name others.
const maxSmall = 1 << 16

// readSmall returns a small file's text, "" where there is no file. One that is
// not small is an error: git would go by what is not looked at.
func readSmall(path string) (string, error) {
	info, err := lookAt(path)
	if err != nil || info == nil || !info.Mode().IsRegular() {
		return "", err
	}
	if info.Size() > maxSmall {
		return "", fmt.Errorf("%s: has %d bytes, over %d", path, info.Size(), maxSmall)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrPermission) {
		return "", nil // git cannot read it either
	}
	return string(b), err
}

// beside resolves a name that starts from a folder. It stays as it is written,
// with its "..".
func beside(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return dir + string(filepath.Separator) + name
}
