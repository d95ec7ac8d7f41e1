// Package choice reads the lists of a recipe that choose documents.
package choice

import (
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
)

// Other is the name, for people, of what is empty in documents: the language of a
// text in which none was found, and its kind. Recipes are written with it; counts
// and everything printed show it.
const Other = "other"

// Value returns the language or kind, as documents have it, that a recipe calls so.
func Value(name string) string {
	if name == Other {
		return corpus.Other
	}
	return name
}

// Name is the reverse of [Value]: what people read for a document's language or
// kind.
func Name(value string) string {
	if value == corpus.Other {
		return Other
	}
	return value
}

// ValidKind refuses what is the name of no kind.
func ValidKind(name string) error {
	if !slices.Contains(corpus.Kinds(), Value(name)) {
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
