package filter

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/codemill/codemill/work"
)

// optOut is a list of repositories whose owners do not want them used.
type optOut struct {
	names map[string]bool
	bare  map[string]bool // those that have a host, without it
	hash  string          // of the file's bytes
}

// readOptOut reads a list, one repository a line: owner/name, or owner/* for
// all of an owner's, with or without a host before it. Empty lines and those
// that begin with # are passed over. A line matches a repository that it names
// in full or from some slash on, in any case: owner/name matches
// github.com/owner/name. A line with a host (a dot before the first slash)
// also matches a repository that is named without one.
func readOptOut(file string) (*optOut, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("opt_out: %w", err)
	}
	o := &optOut{map[string]bool{}, map[string]bool{}, work.Fingerprint(b)}
	for line := range bytes.Lines(b) {
		name := repoName(string(line))
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		o.names[name] = true
		if host, rest, ok := strings.Cut(name, "/"); ok && strings.Contains(host, ".") {
			o.bare[rest] = true
		}
	}
	return o, nil
}

// repoName brings a repository's name or URL into the form that is compared.
func repoName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	return strings.TrimSuffix(strings.Trim(s, "/"), ".git")
}

// has reports whether the list names a repository.
func (o *optOut) has(repo string) bool {
	name := repoName(repo)
	if o.bare[name] || o.bare[path.Dir(name)+"/*"] {
		return true
	}
	for ok := true; ok; _, name, ok = strings.Cut(name, "/") {
		if o.names[name] || o.names[path.Dir(name)+"/*"] {
			return true
		}
	}
	return false
}
