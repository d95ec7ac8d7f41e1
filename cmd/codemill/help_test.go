package main

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/codemill/codemill/recipe"
)

// helpTexts returns all that --help says of every command.
func helpTexts(t *testing.T) string {
	t.Helper()
	parser, err := newParser(new(commands), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		b.WriteString(n.Help + "\n" + n.Detail + "\n")
		for _, f := range n.Flags {
			b.WriteString(f.Help + "\n")
		}
		for _, p := range n.Positional {
			b.WriteString(p.Help + "\n")
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(parser.Model.Node)
	return b.String()
}

// TestExamplesAreAccepted holds that settings which are shown as flags can be
// given so, and that vocabularies which are named can be loaded.
func TestExamplesAreAccepted(t *testing.T) {
	help := helpTexts(t)
	setting := regexp.MustCompile(`--([a-z_]+(?:\.[a-z_0-9]+)+)[= ]([^\s` + "`" + `;]*[^\s` + "`" + `;,.:])`)
	for from, text := range map[string]string{"--help": help, "README.md": read(t, "../../README.md"), "init/recipe.yaml": string(initRecipe)} {
		examples := setting.FindAllStringSubmatch(text, -1)
		if len(examples) < 2 {
			t.Errorf("%s: only the examples %q", from, examples)
		}
		for _, e := range examples {
			const yaml = "name: x\ncrawl: {sources: [{name: go, path: src}]}\n"
			if _, err := recipe.Parse("x.yaml", []byte(yaml), recipe.Override{Key: e[1], Value: e[2]}); err != nil {
				t.Errorf("%s: %v", from, err)
			}
		}
	}
	names := regexp.MustCompile(`\b[a-z0-9]+_(?:base|edit)\b`).FindAllString(help, -1)
	if len(names) < 10 {
		t.Errorf("only the vocabularies %q", names)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if _, err := loadTokenizer(name); err != nil {
			t.Error(err)
		}
	}
}

// TestExitCodesAreDocumented holds that the README's table has every exit code,
// and 2 as the crash that it is.
func TestExitCodesAreDocumented(t *testing.T) {
	want := map[int]string{exitDone: "done", exitFailed: "failed", 2: "crashed", exitBadInputs: "done, but", exitWrongCall: "wrong call", exitInterrupted: "interrupted"}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| (.*) \|$`).FindAllStringSubmatch(read(t, "../../README.md"), -1)
	if len(rows) != len(want) {
		t.Errorf("README has %d exit codes, want %d", len(rows), len(want))
	}
	for _, row := range rows {
		code, err := strconv.Atoi(row[1])
		if meaning, ok := want[code]; err != nil || !ok || !strings.HasPrefix(row[2], meaning) {
			t.Errorf("README says %s is %q, want %q", row[1], row[2], meaning)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
