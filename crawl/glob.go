package crawl

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// glob is a pattern over slash-separated paths. Its elements are those of
// [path.Match]; ** stands for any number of elements, none included. A pattern
// without a slash fits the last element at any depth.
//
// github.com/bmatcuk/doublestar would take the place of matchElements alone. It
// has a syntax of its own besides: {a,b} are alternatives and [!a] is [^a],
// which would change what recipes with such characters mean.
type glob []string

const anyDepth = "**"

func newGlob(pattern string) (glob, error) {
	pattern = strings.Trim(pattern, "/")
	g := glob(strings.Split(pattern, "/"))
	if len(g) == 1 && pattern != anyDepth {
		g = glob{anyDepth, pattern}
	}
	for _, e := range g {
		if _, err := path.Match(e, ""); err != nil {
			return nil, fmt.Errorf("%q is not a glob: %w", pattern, err)
		}
	}
	return g, nil
}

// match reports whether the whole path fits.
func (g glob) match(p string) bool { return matchElements(g, strings.Split(p, "/")) }

func matchElements(g glob, elems []string) bool {
	for len(g) > 0 {
		if g[0] == anyDepth {
			for len(g) > 1 && g[1] == anyDepth {
				g = g[1:]
			}
			for i := range len(elems) + 1 {
				if matchElements(g[1:], elems[i:]) {
					return true
				}
			}
			return false
		}
		if len(elems) == 0 {
			return false
		}
		if ok, _ := path.Match(g[0], elems[0]); !ok {
			return false
		}
		g, elems = g[1:], elems[1:]
	}
	return len(elems) == 0
}

// selection is the include and exclude globs of a source, compiled.
type selection struct{ include, exclude []glob }

func newSelection(s Source) (sel selection, err error) {
	if sel.include, err = newGlobs(s.Include); err != nil {
		return sel, fmt.Errorf("include: %w", err)
	}
	if sel.exclude, err = newGlobs(s.Exclude); err != nil {
		return sel, fmt.Errorf("exclude: %w", err)
	}
	return sel, nil
}

func newGlobs(patterns []string) ([]glob, error) {
	var globs []glob
	for _, p := range patterns {
		g, err := newGlob(p)
		if err != nil {
			return nil, err
		}
		globs = append(globs, g)
	}
	return globs, nil
}

// reason returns why a path is not asked for, or "".
func (s selection) reason(p string) corpus.Reason {
	if len(s.include) == 0 && len(s.exclude) == 0 {
		return ""
	}
	elems := strings.Split(p, "/")
	fits := func(g glob) bool { return matchElements(g, elems) }
	switch {
	case len(s.include) > 0 && !slices.ContainsFunc(s.include, fits):
		return NotIncluded
	case slices.ContainsFunc(s.exclude, fits):
		return Excluded
	}
	return ""
}
