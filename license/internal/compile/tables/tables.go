// Package tables takes the tables of package match out of google/licensecheck's
// scanners. That package does not export them; they are read by reflection, and a new
// release may have them elsewhere.
package tables

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/google/licensecheck"

	"github.com/codemill/codemill/license/internal/match"
)

// Builtin returns the packed tables of licensecheck's own patterns.
func Builtin() ([]byte, error) { return Of(licensecheck.BuiltinLicenses()) }

// Own returns the packed tables of codemill's patterns, in files of a folder.
func Own(dir string) ([]byte, error) {
	list, err := Patterns(dir)
	if err != nil {
		return nil, err
	}
	return Of(list)
}

// Patterns reads codemill's patterns: those of some notices, and those of the texts that
// licensecheck lacks. They are not of one scanner with licensecheck's, whose tolerance of
// misspelt words ends where another pattern has the word. Each begins with a line
// "=== id".
func Patterns(dir string) (list []licensecheck.License, err error) {
	for _, name := range []string{"notices.lre", "texts.lre"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		_, patterns, _ := strings.Cut(string(b), "=== ")
		for p := range strings.SplitSeq(patterns, "\n=== ") {
			id, text, _ := strings.Cut(p, "\n")
			list = append(list, licensecheck.License{ID: id, LRE: text})
		}
	}
	return list, nil
}

// Of returns the packed tables of some patterns and addresses.
func Of(list []licensecheck.License) ([]byte, error) {
	s, err := licensecheck.NewScanner(list)
	if err != nil {
		return nil, err
	}
	scanner := reflect.ValueOf(s).Elem()
	automaton := scanner.FieldByName("re").Elem()
	words := automaton.FieldByName("dict").Elem().FieldByName("list")
	states := automaton.FieldByName("dfa")
	var t match.Tables
	for i := range words.Len() {
		t.Words = append(t.Words, words.Index(i).String())
	}
	for _, l := range list {
		if l.LRE != "" {
			t.IDs = append(t.IDs, l.ID)
		}
		if l.URL != "" {
			t.URLs = append(t.URLs, [2]string{l.URL, l.ID})
		}
	}
	for _, pair := range automaton.FieldByName("start").MapKeys() {
		t.Starts = append(t.Starts, [2]int32{int32(pair.Index(0).Int()), int32(pair.Index(1).Int())})
	}
	slices.SortFunc(t.Starts, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	for i := range states.Len() {
		t.States = append(t.States, int32(states.Index(i).Int()))
	}
	if len(t.Words) == 0 || len(t.Starts) == 0 || len(t.States) == 0 {
		return nil, fmt.Errorf("licensecheck's scanner has %d words, %d starts and %d numbers of states", len(t.Words), len(t.Starts), len(t.States))
	}
	return t.Pack()
}
