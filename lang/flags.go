package lang

import (
	"strings"

	"github.com/go-enry/go-enry/v2/regex"
)

// IsVendor reports whether Linguist holds a path for vendored: not written for
// the repository that it stands in. It does so of folders such as testdata,
// dist or deps; what to make of that is for a filter to say.
func (d *Detector) IsVendor(path string) bool { return d.vendored.match([]byte(path)) }

// IsDocumentation reports whether Linguist holds a path for documentation.
func (d *Detector) IsDocumentation(path string) bool { return d.docs.match([]byte(path)) }

// IsTest reports whether go-enry holds a path for a test's.
func (d *Detector) IsTest(path string) bool { return d.tests.match([]byte(path)) }

// anyOf is the automaton of what any of some expressions matches.
func anyOf(list []regex.EnryRegexp) *automaton {
	var all []string
	for _, re := range list {
		all = append(all, "(?:"+re.String()+")")
	}
	return newAutomaton(strings.Join(all, "|"))
}
