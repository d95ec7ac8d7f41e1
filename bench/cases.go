package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

// casesRead is what a person read of files where Debian and codemill differ, a
// case a line: the package or "*" for any; "all" files, "bare" ones without words
// of a notice, or "head" and the expression that codemill read at their heads;
// patterns as in debian/copyright; the licence that is right in its short names;
// who said so (debian, codemill, neither); and why.
//
//go:embed cases.tsv
var casesRead string

// A readCase is one of them.
type readCase struct {
	pkg, of, license, who string
	match                 *regexp.Regexp
}

type readCaseList []readCase

// readCases reads casesRead.
func readCases() (readCaseList, error) {
	var cases readCaseList
	n := 0
	for line := range strings.Lines(casesRead) {
		n++
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 6 || f[1] != "bare" && f[1] != "all" && !strings.HasPrefix(f[1], "head ") || f[4] != "debian" && f[4] != "codemill" && f[4] != "neither" || f[5] == "" {
			return nil, fmt.Errorf("cases.tsv:%d: not package, which files, patterns, licence, who and why", n)
		}
		cases = append(cases, readCase{pkg: f[0], of: f[1], match: filesPattern(strings.Fields(f[2])), license: f[3], who: f[4]})
	}
	return cases, nil
}

// of returns the last case that a file belongs to, or nil.
func (l readCaseList) of(f *labelledFile) *readCase {
	for i := len(l) - 1; i >= 0; i-- {
		c := &l[i]
		in := c.of == "all" || c.of == "bare" && !f.notice || f.from == "head" && c.of == "head "+f.license
		if in && (c.pkg == "*" || c.pkg == f.pkg.name) && c.match.MatchString(f.path) {
			return c
		}
	}
	return nil
}

// String says who was right.
func (c *readCase) String() string {
	if c == nil {
		return ""
	}
	return c.who + ": " + c.license
}
