package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestTableIsCurrent holds that the table is of the go-enry that is linked.
func TestTableIsCurrent(t *testing.T) {
	var want bytes.Buffer
	if err := generate(&want); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../heuristics_table.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("heuristics_table.go is not what go generate makes of go-enry's rules")
	}
}

func TestTranslate(t *testing.T) {
	for rules, want := range map[string]string{
		`rule.Or(rule.MatchingLanguages("C"), regex.MustCompileMultiline("rule.And("))`: `or(languages("C"), multiline("rule.And("))`,
		`rule.Not(rule.MatchingLanguages("C"), regex.MustCompileRuby("a"+"b"))`:         `not(languages("C"), ruby("a"+"b"))`,
		`rule.And(rule.MatchingLanguages("C"), rule.Always())`:                          `and(languages("C"), always())`,
		`rule.Xor(rule.MatchingLanguages("C"))`:                                         "",
		`regex.MustCompile("a")`:                                                        "",
		`or()`:                                                                          "",
	} {
		got, err := translate([]byte("package data\nvar ContentHeuristics = map[string]*Heuristics{\".x\": &Heuristics{" + rules + "}}"))
		if (err == nil) != (want != "") || err == nil && !strings.Contains(string(got), "{\".x\": &heuristics{"+want+"}}") {
			t.Errorf("%s: %s %v", rules, got, err)
		}
	}
	if _, err := translate([]byte("package data\n")); err == nil {
		t.Error("a file without the table is no error")
	}
}
