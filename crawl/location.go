package crawl

import (
	"bufio"
	"cmp"
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
	refused    error // why it cannot even be looked at, a [*origin.Refusal]; nil if it can
}

// finder finds the locations of a source, and what people should know of them. Names are
// as the source's glob sees them, or else as the paths are given.
type finder struct {
	Source
	bounds  bounds
	found   []location
	read    bounds     // where they stand, without symbolic links
	above   bounds     // the folders above these
	links   []location // matched by glob, not followed yet
	missing []string   // paths of an optional source
	strays  []string   // files of no type beside what was found
	unseen  []string   // links that lead nowhere, outside, or to what is not looked into
	again   []string   // links to what is read already
	nests   []string   // folders that are read as one repository, and hold several
}

// locations finds the trees and files of rows that a source consists of, sorted by the
// repository's name, and reads nothing of them. A path that is not there is an error,
// or where the source is optional a note. Two locations of one name are an error.
func (s Source) locations(ctx context.Context, b bounds) ([]location, []string, error) {
	f := &finder{Source: s, bounds: b, read: bounds{}, above: bounds{}}
	paths, err := s.listed()
	for _, p := range paths {
		if err == nil {
			err = f.optional(f.at(ctx, p))
		}
	}
	if err == nil {
		err = f.follow()
	}
	if err = f.optional(err); err != nil {
		return nil, nil, err
	}
	all := f.found
	slices.SortFunc(all, func(a, b location) int { return strings.Compare(a.repo, b.repo) })
	for i := 1; i < len(all); i++ {
		if all[i].repo == all[i-1].repo {
			return nil, nil, fmt.Errorf("%s and %s would both be called %q; name them in a list, or put them into two sources", all[i-1].path, all[i].path, all[i].repo)
		}
	}
	return all, slices.Concat(f.missing, some(f.strays, "files of no type are passed over"),
		some(f.unseen, "links are not followed; what they lead to may be named under outside"), some(f.again, "links to what is read already are passed over"),
		some(f.nests, "folders hold git repositories and are read as one repository each; a glob such as */* would find those in them")), nil
}

// optional notes an error that a path is not there, where that may be.
func (f *finder) optional(err error) error {
	if f.Optional && errors.Is(err, fs.ErrNotExist) {
		f.missing = append(f.missing, err.Error())
		return nil
	}
	return err
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

// at finds the locations at one path: the path itself, or what glob finds below it.
func (f *finder) at(ctx context.Context, l listed) error {
	path, err := filepath.Abs(l.path)
	if err != nil {
		return err
	}
	_, err = os.Stat(path)
	switch {
	case origin.Unreachable(err) && !errors.Is(err, fs.ErrNotExist):
		f.refuse(path, cmp.Or(l.repo, filepath.Base(path)), err)
		return nil
	case err != nil:
		return err
	case f.Glob == "":
		at, err := f.location(path, l.repo)
		if err == nil {
			err = f.add(at, path)
		}
		return err
	}
	g, err := newGlob(f.Glob)
	if err != nil {
		return err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, relErr := filepath.Rel(path, p)
		if relErr != nil {
			return relErr
		}
		rel = filepath.ToSlash(rel)
		if origin.Unreachable(err) { // a folder, whose entries cannot be had
			if p == path {
				rel = filepath.Base(path)
			}
			f.refuse(p, rel, err)
			return filepath.SkipDir
		}
		if err != nil || p == path {
			return err
		}
		if d.IsDir() {
			skip, err := passedOver(p, rel)
			if err != nil && !origin.Unreachable(err) {
				return err
			}
			if skip {
				return filepath.SkipDir
			}
		}
		link := d.Type()&fs.ModeSymlink != 0
		if !g.match(rel) {
			if link { // what stands below it might match
				if info, err := os.Stat(p); err == nil && info.IsDir() {
					f.unseen = append(f.unseen, rel)
				}
			}
			return nil
		}
		if link {
			f.links = append(f.links, location{path: p, repo: rel})
			return nil
		}
		at, err := f.location(p, rel)
		if isStray(err) {
			if !d.IsDir() {
				f.strays = append(f.strays, rel)
			}
			return nil
		}
		if err == nil {
			err = f.add(at, p)
		}
		if err == nil && d.IsDir() {
			return filepath.SkipDir
		}
		return err
	})
}

// refuse adds a location that cannot be looked at.
func (f *finder) refuse(path, repo string, err error) {
	f.found = append(f.found, location{path: path, repo: strings.ToValidUTF8(repo, string(utf8.RuneError)), refused: origin.Refuse(err, path)})
}

// add adds a location, and looks whether it is a folder of repositories. real is where
// it stands, without symbolic links.
func (f *finder) add(at location, real string) error {
	f.found = append(f.found, at)
	f.read[real] = true
	for up := filepath.Dir(real); !f.above[up]; up = filepath.Dir(up) {
		f.above[up] = true
	}
	if at.sourceType.name != folderType {
		return nil
	}
	depth := 2
	if f.Glob != "" {
		depth = 1 // there may be many, and the glob says how deep repositories stand
	}
	inner, err := nested(at.path, depth)
	if err == nil && inner != "" {
		f.nests = append(f.nests, fmt.Sprintf("%s (%s)", at.repo, inner))
	}
	return err
}

// nested returns the path within a folder of the first git repository that stands up to
// so many folders deep in it, "" for none. What may not be looked into is said when it
// is opened.
func nested(path string, depth int) (inner string, err error) {
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if origin.Unreachable(err) {
			return nil
		}
		if err != nil || p == path || !d.IsDir() {
			return err
		}
		info, err := d.Info()
		if origin.Unreachable(err) {
			return nil
		} else if err != nil {
			return err
		}
		rel := strings.TrimPrefix(p, path+string(filepath.Separator))
		if typeNamed(gitType).is(p, info) {
			inner = rel
			return filepath.SkipAll
		}
		if strings.Count(rel, string(filepath.Separator)) == depth-1 {
			return filepath.SkipDir
		}
		return nil
	})
	return inner, err
}

// follow adds what links lead to that glob has matched.
func (f *finder) follow() error {
	for _, l := range f.links {
		to, err := filepath.EvalSymlinks(l.path)
		if err != nil {
			if !origin.Unreachable(err) && !strings.Contains(err.Error(), "too many links") {
				return err
			}
			f.unseen = append(f.unseen, l.repo)
			continue
		}
		if f.read.inside(to) || f.above[to] {
			f.again = append(f.again, l.repo)
			continue
		}
		skip, err := passedOver(to, l.repo)
		if err != nil && !origin.Unreachable(err) {
			return err
		}
		if skip || !f.bounds.inside(to) {
			f.unseen = append(f.unseen, l.repo)
			continue
		}
		at, err := f.location(l.path, l.repo)
		if isStray(err) {
			f.strays = append(f.strays, l.repo)
			continue
		}
		if err != nil {
			return err
		}
		if at.sourceType.folders {
			at.path = to // of a file the link's name says how it is written
		}
		if err := f.add(at, to); err != nil {
			return err
		}
	}
	return nil
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

// What can be no source, by its name or by itself.
var (
	errNoType  = errors.New("its name does not say what it is")
	errNeither = errors.New("neither a folder nor a file")
)

// isStray reports whether an error of location says that what a glob found is no source.
func isStray(err error) bool { return errors.Is(err, errNoType) || errors.Is(err, errNeither) }

// location finds out which type what stands at a path is of, and what its repository is
// called: as given, or else by the last element of the path.
func (s Source) location(path, repo string) (location, error) {
	info, err := os.Stat(path)
	if err != nil {
		return location{}, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return location{}, fmt.Errorf("%s: %w", path, errNeither)
	}
	if s.Glob != "" && s.Type != Auto && typeNamed(s.Type).folders != info.IsDir() {
		return location{}, errNoType
	}
	i := slices.IndexFunc(sourceTypes, func(k sourceType) bool {
		return k.name == s.Type || s.Type == Auto && k.is(path, info)
	})
	if i < 0 {
		return location{}, fmt.Errorf("%s: %w; set type to %s", path, errNoType, strings.Join(sourceTypeNames(), ", "))
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
