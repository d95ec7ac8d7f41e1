package license

import (
	"bytes"
	"regexp"
	"strings"
)

// annotation is what a REUSE file says of the files that fit some patterns.
type annotation struct {
	patterns   []pattern
	precedence string
	Finding
}

// How an annotation goes with what a file says itself
// (reuse.software/spec-3.3, "REUSE.toml").
const (
	closest   = "closest"   // the file's own is taken if there is one
	aggregate = "aggregate" // both hold
	override  = "override"  // the file's own does not hold, nor what REUSE files further down say
)

const (
	maxAnnotations  = 2000 // of a REUSE file
	maxPatterns     = 5000
	maxGlobs        = 500 // of the patterns, with a wildcard
	maxPatternBytes = 500
	maxWildcards    = 10 // of a pattern
)

// reuseTOML reads a REUSE.toml; false for what is none.
func reuseTOML(text []byte) ([]annotation, bool) {
	var v struct {
		Version     any
		Annotations []struct {
			Path       any
			Precedence string
			License    any `toml:"SPDX-License-Identifier"`
		}
	}
	if !readTOML(text, &v) || len(v.Annotations) > maxAnnotations {
		return nil, false
	}
	var list []annotation
	at := 0
	for _, a := range v.Annotations {
		if i := bytes.Index(text[at:], []byte("[[annotations]]")); i >= 0 {
			at += i + 1
		}
		if a.Precedence == "" {
			a.Precedence = closest
		}
		if a.Precedence != closest && a.Precedence != aggregate && a.Precedence != override {
			return nil, false
		}
		paths, ok := stringList(a.Path)
		ids, idsOK := stringList(a.License)
		if !ok || !idsOK || len(paths) == 0 || len(ids) > maxNames {
			return nil, false
		}
		if len(ids) == 0 {
			continue // it names authors
		}
		f := Finding{Line: 1 + bytes.Count(text[:at], []byte("\n"))}
		var all []License
		for _, id := range ids {
			all = append(all, FromSPDX(id))
			f.Detected = union(f.Detected, idsIn(id))
		}
		f.License = joinAll(all, " AND ")
		one := annotation{precedence: a.Precedence, Finding: f}
		for _, p := range paths {
			one.patterns = append(one.patterns, parsePattern(p, true))
		}
		list = append(list, one)
	}
	return list, bounded(list)
}

// stringList reads a string or a list of strings; nil is empty.
func stringList(v any) ([]string, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case []any:
		var list []string
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}

// dep5 reads a .reuse/dep5, which has the form of Debian's copyright files. What
// it says holds beside what files say themselves.
func (r *Recognizer) dep5(text []byte) ([]annotation, bool) {
	if len(text) > maxManifestBytes {
		return nil, false
	}
	var list []annotation
	var patterns []pattern
	for _, f := range fields(text, ":") {
		switch f.name {
		case "":
			patterns = nil
		case "files":
			for p := range strings.FieldsSeq(f.value) {
				patterns = append(patterns, parsePattern(p, false))
			}
		case "license":
			if patterns == nil {
				continue
			}
			name, _, _ := strings.Cut(f.value, "\n")
			s := r.named(name)
			if s.Type == None {
				s.License = FromSPDX("")
			}
			s.Line = f.line
			list = append(list, annotation{patterns, aggregate, s.Finding})
		}
		if len(list) > maxAnnotations {
			return nil, false
		}
	}
	return list, bounded(list)
}

// bounded reports whether the patterns of all annotations are few and short
// enough to be tried on every file.
func bounded(list []annotation) bool {
	n, globs := 0, 0
	for _, a := range list {
		n += len(a.patterns)
		for _, p := range a.patterns {
			if len(p.literal) > maxPatternBytes || p.wildcards > maxWildcards {
				return false
			}
			if p.wildcards > 0 {
				globs++
			}
		}
	}
	return n <= maxPatterns && globs <= maxGlobs
}

// pattern fits paths relative to the folder of its REUSE file.
type pattern struct {
	literal   string         // up to the first wildcard
	rest      *regexp.Regexp // nil where there is no wildcard
	wildcards int
}

// parsePattern reads a pattern. In REUSE.toml "*" stands for anything but "/" and
// "**" for anything; in dep5 "*" stands for anything and "?" for a character.
func parsePattern(s string, stars bool) pattern {
	s = strings.TrimPrefix(s, "./")
	var p pattern
	var literal, rest strings.Builder
	put := func(c byte) {
		if p.wildcards == 0 {
			literal.WriteByte(c)
		} else {
			rest.WriteString(regexp.QuoteMeta(string([]byte{c})))
		}
	}
	for i := 0; i < len(s) && p.wildcards <= maxWildcards; i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			put(s[i])
		case c == '*' && stars && !strings.HasPrefix(s[i:], "**"):
			p.wildcards++
			rest.WriteString("[^/]*")
		case c == '*':
			p.wildcards++
			rest.WriteString(".*")
			for i+1 < len(s) && s[i+1] == '*' {
				i++
			}
		case c == '?' && !stars:
			p.wildcards++
			rest.WriteByte('.')
		default:
			put(c)
		}
	}
	p.literal = literal.String()
	if p.wildcards == 0 {
		return p
	}
	var err error
	if p.rest, err = regexp.Compile(`(?s)\A` + rest.String()[:min(rest.Len(), 4*maxPatternBytes)] + `\z`); err != nil || rest.Len() > 4*maxPatternBytes {
		p.wildcards = maxWildcards + 1 // more than bounded lets through
	}
	return p
}

func (p pattern) match(path string) bool {
	if p.rest == nil {
		return path == p.literal
	}
	rest, ok := strings.CutPrefix(path, p.literal)
	return ok && p.rest.MatchString(rest)
}

// annotated returns the last of some annotations that fits a path.
func annotated(list []annotation, path string) (annotation, bool) {
	for i := len(list) - 1; i >= 0; i-- {
		for _, p := range list[i].patterns {
			if p.match(path) {
				return list[i], true
			}
		}
	}
	return annotation{}, false
}
