// Package choice reads the lists of a recipe that choose documents.
package choice

import (
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
)

// Other is how a recipe writes the kind of documents without a language, which
// is empty in documents.
const Other = "other"

// Kind returns the kind of documents that a recipe calls so.
func Kind(name string) string {
	if name == Other {
		return corpus.Other
	}
	return name
}

// ValidKind refuses what is the name of no kind.
func ValidKind(name string) error {
	if !slices.Contains(corpus.Kinds(), Kind(name)) {
		return fmt.Errorf("%q is not one of code, markup, prose, data, other", name)
	}
	return nil
}

// Set returns what a list names. An empty list, which chooses everything, is nil.
func Set(list []string) map[string]bool {
	return SetOf(list, func(name string) string { return name })
}

// SetOf is [Set] with each value put into the form that normal gives it.
func SetOf(list []string, normal func(string) string) map[string]bool {
	if len(list) == 0 {
		return nil
	}
	set := map[string]bool{}
	for _, name := range list {
		set[normal(name)] = true
	}
	return set
}
