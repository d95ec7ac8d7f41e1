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

// matchElements takes at most as many steps as there are elements, times those of the
// pattern: where an element does not fit, the last ** takes one more.
func matchElements(g glob, elems []string) bool {
	at := 0
	afterAny := -1 // in g
	from := 0      // what the last ** does not take
	for i := 0; i < len(elems); {
		if at < len(g) && g[at] == anyDepth {
			at++
			afterAny = at
			from = i
			continue
		}
		if at < len(g) {
			if ok, _ := path.Match(g[at], elems[i]); ok {
				at++
				i++
				continue
			}
		}
		if afterAny < 0 {
			return false
		}
		from++
		i = from
		at = afterAny
	}
	for at < len(g) && g[at] == anyDepth {
		at++
	}
	return at == len(g)
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
