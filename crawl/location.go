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

	"github.com/codemill/codemill/crawl/origin"
)

// location is where a tree or a file of rows stands.
type location struct {
	path       string
	repo       string // its name in the documents
	sourceType sourceType
}

// locations finds the trees and files of rows that a source consists of, sorted by the
// repository's name, and reads nothing of them. A path that is not there is an error,
// or where the source is optional a call of warn. Two locations of one name are an
// error.
func (s Source) locations(ctx context.Context, warn func(error)) ([]location, error) {
	paths, err := s.listed()
	var all []location
	for _, p := range paths {
		if err != nil {
			break
		}
		var found []location
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
	slices.SortFunc(all, func(a, b location) int { return strings.Compare(a.repo, b.repo) })
	for i := 1; i < len(all); i++ {
		if all[i].repo == all[i-1].repo {
			return nil, fmt.Errorf("%s and %s would both be called %q; name them in a list, or put them into two sources", all[i-1].path, all[i].path, all[i].repo)
		}
	}
	return all, nil
}

// listed is a path of a source, with the name that the recipe gives its repository, ""
// for none.
type listed struct{ path, repo string }

// listed returns all paths of the source: paths, path, and the lines of list, which are
// relative to that file. With an error it returns those that could be had.
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
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
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

// at returns the locations at one path: the path itself, or what glob finds below it.
func (s Source) at(ctx context.Context, l listed) ([]location, error) {
	path, err := filepath.Abs(l.path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	if s.Glob == "" {
		p, err := s.location(path, l.repo)
		return []location{p}, err
	}
	g, err := newGlob(s.Glob)
	if err != nil {
		return nil, err
	}
	var found []location
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
		if d.IsDir() {
			skip, err := passedOver(p, rel)
			if err != nil {
				return err
			}
			if skip {
				return filepath.SkipDir
			}
		}
		if !g.match(rel) || !d.IsDir() && !d.Type().IsRegular() {
			return nil
		}
		at, err := s.location(p, rel)
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

// bounds are the folders and files that a source may read, as absolute paths without
// symbolic links.
type bounds map[string]bool

// bounds returns the source's own paths and those that it names as outside. What is not
// there is left out.
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

// inside reports whether a path is one of them or below one. It must be absolute and
// without symbolic links.
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

// passedOver reports whether a folder that a pattern may match holds no sources:
// git's data, a work folder, or the part of Go's module cache with archives and
// lists of versions rather than packages.
func passedOver(path, rel string) (bool, error) {
	if filepath.Base(path) == origin.GitDir {
		return true, nil
	}
	if rel == "cache" {
		if _, err := os.Stat(filepath.Join(path, "download")); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return origin.IsWork(path)
}

// location finds out which type what stands at a path is of, and what its repository is
// called: as given, or else by the last element of the path.
func (s Source) location(path, repo string) (location, error) {
	info, err := os.Stat(path)
	if err != nil {
		return location{}, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return location{}, fmt.Errorf("%s: neither a folder nor a file", path)
	}
	i := slices.IndexFunc(sourceTypes, func(k sourceType) bool {
		return k.name == s.Type || s.Type == Auto && k.is(path, info)
	})
	if i < 0 {
		return location{}, fmt.Errorf("%s: its name does not say what it is; set type to %s", path, strings.Join(sourceTypeNames(), ", "))
	}
	l := location{path: path, repo: repo, sourceType: sourceTypes[i]}
	if l.repo == "" {
		l.repo = filepath.Base(path)
		if l.repo == origin.GitDir {
			l.repo = filepath.Base(filepath.Dir(path))
		}
	}
	if repo == "" || s.Glob != "" {
		l.repo = strings.TrimSuffix(l.repo, l.sourceType.ending)
	}
	l.repo = strings.ToValidUTF8(l.repo, string(utf8.RuneError))
	return l, nil
}
