package crawl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// place is where a repository, folder or JSONL file was found.
type place struct {
	path string
	repo string // its name in the documents
	typ  string // Git, Folder or JSONL
}

// places finds what a source consists of, sorted by name. A path that is not
// there is an error unless the source is optional.
func (s Source) places(ctx context.Context, warn func(error)) ([]place, error) {
	paths, err := s.listed()
	var all []place
	for _, p := range paths {
		if err != nil {
			break
		}
		var found []place
		if found, err = s.at(ctx, p); err != nil && s.Optional {
			warn(err)
			err = nil
		}
		all = append(all, found...)
	}
	if err != nil && s.Optional {
		warn(err)
	} else if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b place) int { return strings.Compare(a.repo, b.repo) })
	for i := 1; i < len(all); i++ {
		if all[i].repo == all[i-1].repo {
			return nil, fmt.Errorf("%s and %s would both be called %q; name them in a list, or put them into two sources", all[i-1].path, all[i].path, all[i].repo)
		}
	}
	return all, nil
}

// listed is a path with the name that its repository is given, if any.
type listed struct{ path, repo string }

// listed joins path, paths and the lines of list, which are relative to it.
func (s Source) listed() ([]listed, error) {
	var paths []listed
	for _, p := range s.Paths {
		paths = append(paths, listed{path: p})
	}
	if s.Path != "" {
		paths = append(paths, listed{s.Path, s.Repo})
	}
	if s.List == "" {
		return paths, nil
	}
	f, err := os.Open(s.List)
	if err != nil {
		return paths, fmt.Errorf("list: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path, repo, _ := strings.Cut(line, "\t")
		if path, repo = strings.TrimSpace(path), strings.TrimSpace(repo); repo != "" && s.Glob != "" {
			return paths, fmt.Errorf("list: %s: %q is given the name %q, but glob finds several there", s.List, path, repo)
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(s.List), path)
		}
		paths = append(paths, listed{path, repo})
	}
	if err := lines.Err(); err != nil {
		return paths, fmt.Errorf("list: %s: %w", s.List, err)
	}
	return paths, nil
}

// at returns the places at one path.
func (s Source) at(ctx context.Context, l listed) ([]place, error) {
	path, err := filepath.Abs(l.path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	if s.Glob == "" {
		p, err := s.place(path, l.repo)
		return []place{p}, err
	}
	g, err := newGlob(s.Glob)
	if err != nil {
		return nil, err
	}
	var found []place
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || p == path {
			return err
		}
		rel, err := filepath.Rel(path, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (d.Name() == gitDir || rel == "cache" && isDownloadCache(p) || isWork(p)) {
			return filepath.SkipDir
		}
		if !g.match(rel) || !d.IsDir() && !d.Type().IsRegular() {
			return nil
		}
		at, err := s.place(p, rel)
		if err != nil {
			return err
		}
		found = append(found, at)
		if d.IsDir() {
			return filepath.SkipDir
		}
		return nil
	})
	return found, err
}

// bounds are the folders and files that a source may read, resolved.
type bounds map[string]bool

// bounds returns the source's own paths and those it names as outside. What is
// not there bounds nothing.
func (s Source) bounds() (bounds, error) {
	paths, err := s.listed()
	if err != nil && !s.Optional {
		return nil, err
	}
	for _, path := range s.Outside {
		paths = append(paths, listed{path: path})
	}
	b := bounds{}
	for _, l := range paths {
		path, err := filepath.Abs(l.path)
		if err != nil {
			return nil, err
		}
		if path, err = filepath.EvalSymlinks(path); err == nil {
			b[path] = true
		}
	}
	return b, nil
}

// inside reports whether a resolved path is one of them or below one.
func (b bounds) inside(path string) bool {
	for !b[path] {
		up := filepath.Dir(path)
		if up == path {
			return false
		}
		path = up
	}
	return true
}

// isDownloadCache recognises the part of Go's module cache that holds archives
// and lists of versions rather than packages.
func isDownloadCache(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "download"))
	return err == nil
}

// place looks at what stands at a path.
func (s Source) place(path, repo string) (place, error) {
	info, err := os.Stat(path)
	if err != nil {
		return place{}, err
	}
	p := place{path: path, repo: repo, typ: s.Type}
	switch {
	case !info.IsDir() && !info.Mode().IsRegular():
		return p, fmt.Errorf("%s: neither a folder nor a file", path)
	case !info.IsDir() && (p.typ == Auto || p.typ == JSONL):
		if p.typ == Auto && !isJSONL(path) {
			return p, fmt.Errorf("%s: a file that is not named .jsonl, .jsonl.gz or .jsonl.zst; set type: jsonl if it is one", path)
		}
		p.typ = JSONL
	case !info.IsDir():
		return p, fmt.Errorf("%s: not a folder", path)
	case p.typ == JSONL:
		return p, fmt.Errorf("%s: a folder, but type is jsonl; set a glob for the files in it", path)
	case p.typ == Auto && findGit(path) != "":
		p.typ = Git
	case p.typ == Auto:
		p.typ = Folder
	case p.typ == Git && findGit(path) == "":
		return p, fmt.Errorf("%s: %w", path, errNotGit)
	}
	if p.repo == "" {
		p.repo = filepath.Base(path)
		if p.repo == gitDir {
			p.repo = filepath.Base(filepath.Dir(path))
		}
	}
	if p.typ == Git && (repo == "" || s.Glob != "") {
		p.repo = strings.TrimSuffix(p.repo, ".git")
	}
	p.repo = strings.ToValidUTF8(p.repo, string(utf8.RuneError))
	return p, nil
}

var errNotGit = errors.New("not a git repository")
