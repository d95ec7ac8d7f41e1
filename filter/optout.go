package filter

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/codemill/codemill/work"
)

// optOut is a list of repositories whose owners do not want them used.
type optOut struct {
	any   entries // match from any slash of a repository's name on
	whole entries // those that have a host, without it: match whole names
	hash  string  // of the file's bytes
}

// entries are lines of a list, in the form of repoName.
type entries struct {
	names  map[string]bool
	owners map[string]bool
	globs  [][]string // by elements
}

// readOptOut reads a list, one repository or owner a line; what stands behind #
// is a comment.
//
//	owner/name    a repository, as a name or an address
//	owner/        all that is below it, at any depth; a/b/ is also the repository a/b
//	owner/lib-*   a glob, whose elements are those of path.Match
//
// A line matches a repository that it names in full or from some slash on, in any
// case: owner/name matches github.com/owner/name. A line with a host (a dot before
// the first slash) also matches a repository that is named without one. A line
// that can match no repository is an error.
func readOptOut(file string) (*optOut, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("opt_out: %w", err)
	}
	o := &optOut{hash: work.Fingerprint(b)}
	n := 0
	for line := range bytes.Lines(bytes.TrimPrefix(b, []byte("\ufeff"))) {
		n++
		text, _, _ := strings.Cut(string(line), "#")
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if err := o.add(text); err != nil {
			return nil, fmt.Errorf("opt_out: %s:%d: %q matches no repository: %w", file, n, text, err)
		}
	}
	return o, nil
}

// add takes in a line.
func (o *optOut) add(line string) error {
	owner := strings.HasSuffix(line, "/")
	name := repoName(line)
	elements := strings.Split(name, "/")
	for _, e := range elements {
		switch {
		case e == "" && name == "":
			return errors.New("it names none")
		case e == "" || e == "." || e == "..":
			return fmt.Errorf("%q is no part of a name", e)
		case strings.ContainsAny(e, " \t"):
			return errors.New("there is a space in it; comments stand behind #")
		}
		if _, err := path.Match(e, ""); err != nil {
			return fmt.Errorf("%q is not a glob: %w", e, err)
		}
	}
	bare := elements
	if len(elements) > 1 && strings.Contains(elements[0], ".") {
		bare = elements[1:]
	}
	// An address of a repository may end in a slash as well.
	if !owner || len(bare) > 1 {
		o.take(elements, bare, false)
	}
	if owner {
		o.take(elements, bare, true)
	}
	return nil
}

func (o *optOut) take(elements, bare []string, owner bool) {
	o.any.add(elements, owner)
	if len(bare) < len(elements) {
		o.whole.add(bare, owner)
	}
}

func (e *entries) add(elements []string, owner bool) {
	name := strings.Join(elements, "/")
	if strings.ContainsAny(name, `*?[\`) {
		if owner {
			elements = append(elements[:len(elements):len(elements)], below)
		}
		e.globs = append(e.globs, elements)
		return
	}
	list := &e.names
	if owner {
		list = &e.owners
	}
	if *list == nil {
		*list = map[string]bool{}
	}
	(*list)[name] = true
}

// below stands in the elements of a glob for one or more of a name. No line has
// an empty element.
const below = ""

// match reports whether an entry names a repository, given in full.
func (e *entries) match(name string) bool {
	if e.names[name] {
		return true
	}
	for i := 0; i < len(name) && len(e.owners) > 0; i++ {
		if name[i] == '/' && e.owners[name[:i]] {
			return true
		}
	}
	for _, g := range e.globs {
		if matchGlob(g, name) {
			return true
		}
	}
	return false
}

func matchGlob(g []string, name string) bool {
	for i, pattern := range g {
		if pattern == below {
			return name != ""
		}
		element, rest, more := strings.Cut(name, "/")
		if ok, _ := path.Match(pattern, element); !ok || more != (i < len(g)-1) {
			return false
		}
		name = rest
	}
	return true
}

// repoName brings a repository's name or address into the form that is compared.
func repoName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, after, ok := strings.Cut(s, "://"); ok {
		_, host, user := strings.Cut(after, "@")
		if s = after; user && !strings.Contains(after[:len(after)-len(host)], "/") {
			s = host
		}
	} else if after, ok := strings.CutPrefix(s, "git@"); ok {
		s = strings.Replace(after, ":", "/", 1)
	}
	s = strings.TrimPrefix(s, "www.")
	return strings.TrimSuffix(strings.Trim(s, "/"), ".git")
}

// has reports whether the list names a repository.
func (o *optOut) has(repo string) bool {
	name := repoName(repo)
	if name == "" {
		return false
	}
	if o.whole.match(name) {
		return true
	}
	for ok := true; ok; _, name, ok = strings.Cut(name, "/") {
		if o.any.match(name) {
			return true
		}
	}
	return false
}
