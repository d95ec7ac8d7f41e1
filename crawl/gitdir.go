package crawl

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// onlyFiles refuses a repository in which something stands that git would wait
// for, such as a named pipe in the place of HEAD or of a pack. It looks at all
// folders that git reads: the repository's, the one that a linked worktree
// shares with others, and alternates.
func onlyFiles(ctx context.Context, dir string) error {
	seen, todo := []fs.FileInfo{}, []string{dir}
	for len(todo) > 0 {
		dir := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		info, err := os.Stat(dir)
		if err != nil || wasSeen(seen, info) { // what is missing is git's to complain of
			continue
		}
		seen = append(seen, info)
		links, err := pipes(ctx, dir)
		if err != nil {
			return err
		}
		todo = append(todo, links...)
		if common := readSmall(filepath.Join(dir, "commondir")); common != "" {
			todo = append(todo, beside(filepath.Join(dir, "commondir"), common))
		}
		for _, objects := range []string{dir, filepath.Join(dir, "objects")} { // an alternate is such a folder itself
			for line := range strings.Lines(readSmall(filepath.Join(objects, "info", "alternates"))) {
				if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
					todo = append(todo, beside(filepath.Join(objects, "info"), line))
				}
			}
		}
	}
	return nil
}

func wasSeen(seen []fs.FileInfo, info fs.FileInfo) bool {
	for _, s := range seen {
		if os.SameFile(s, info) {
			return true
		}
	}
	return false
}

// pipes walks a folder, reports what is neither file nor folder, and returns
// the folders that symbolic links lead to.
func pipes(ctx context.Context, dir string) (links []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Type().IsRegular() {
			return ctx.Err() // what cannot be read is git's to complain of
		}
		mode := d.Type()
		if mode&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			if err != nil || info.Mode().IsRegular() {
				return ctx.Err()
			} else if info.IsDir() {
				links = append(links, path)
				return ctx.Err()
			}
			mode = info.Mode()
		}
		if mode&fs.ModeSocket != 0 {
			return ctx.Err() // cannot be opened, so nothing waits; git's own daemon leaves one
		}
		return fmt.Errorf("%s: neither a file nor a folder, git might wait for it without end", path)
	})
	return links, err
}

// maxSmall bounds the files of a repository that name folders.
const maxSmall = 1 << 16

// readSmall returns a small file's text without the space around it, "" for
// anything else.
func readSmall(path string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSmall {
		return ""
	}
	b, _ := os.ReadFile(path)
	return strings.TrimSpace(string(b))
}

// beside resolves a path that a file names, relative to the file's folder.
func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}
