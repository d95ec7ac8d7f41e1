package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codemill/codemill/internal/nearest"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
)

// recipeArg is the argument of all commands that run a recipe.
type recipeArg struct {
	Recipe string `arg:"" help:"The recipe, a YAML file."`
}

// runCmd is `codemill run RECIPE`.
type runCmd struct{ recipeArg }

// Run makes everything that is not there yet.
func (c *runCmd) Run(a *app) error {
	r, err := a.load(c.Recipe)
	if err != nil {
		return err
	}
	return a.execute(r, stages(r))
}

type crawlCmd struct{ recipeArg }

// Run makes the documents.
func (c *crawlCmd) Run(a *app) error { return a.single(c.Recipe, "crawl", "") }

// passCmd is the command of one kind of passes: `codemill filter RECIPE [PASS]`.
type passCmd struct {
	recipeArg
	Pass string `arg:"" optional:"" help:"Name of the pass, where the recipe has several of this kind."`
	kind string // its name in recipe.PassKinds
}

// Run makes the verdicts of one pass.
func (c *passCmd) Run(a *app) error { return a.single(c.Recipe, c.kind, c.Pass) }

type mixCmd struct{ recipeArg }

// Run makes the plan.
func (c *mixCmd) Run(a *app) error { return a.single(c.Recipe, "mix", "") }

type tokenizeCmd struct{ recipeArg }

// Run makes the token shards.
func (c *tokenizeCmd) Run(a *app) error { return a.single(c.Recipe, "tokenize", "") }

// single runs one stage of a recipe: what run does for it, and nothing else. The stages
// before it must stand. pass is the name of a pass, "" where the command has only one.
func (a *app) single(path, command, pass string) error {
	r, err := a.load(path)
	if err != nil {
		return err
	}
	s, err := choose(stages(r), command, pass)
	if err != nil {
		return &callError{fmt.Errorf("%s: %w", path, err)}
	}
	return a.execute(r, []stage{s})
}

// choose returns the one stage that a command, and the name of a pass if it is not "",
// mean. It is an error if there is none or several; the error names those there are.
func choose(all []stage, command, pass string) (stage, error) {
	var fit []stage
	var names []string
	for _, s := range all {
		if s.command == command && (pass == "" || s.name == pass) {
			fit = append(fit, s)
		}
		if s.command == command {
			names = append(names, s.name)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(names) == 0:
		return stage{}, fmt.Errorf("the recipe has no %s pass", command)
	case len(fit) == 0:
		msg := fmt.Sprintf("no %s pass is named %q; there are %s", command, pass, strings.Join(names, ", "))
		if best, near := nearest.Name(pass, names); near {
			msg += fmt.Sprintf("; did you mean %q?", best)
		}
		return stage{}, fmt.Errorf("%s", msg)
	default:
		return stage{}, fmt.Errorf("there are several %s passes, name one: %s", command, strings.Join(names, ", "))
	}
}

// badSources turns broken input into exit code 3, if crawl is among the stages that were
// run: a [*badInputs] that says how many files there are of each reason, where they are
// named, and which receipts to remove once they can be read. It is the last thing that a
// run does, after all stages: what could be read has been used.
func badSources(w *work.Folder, results []done) error {
	for _, d := range results {
		if d.folder != work.DocsStage {
			continue
		}
		bad, err := state.FindBadInput(w, d.manifest)
		if err != nil {
			return err
		}
		if len(bad.Files) == 0 {
			continue
		}
		var parts []string
		for _, r := range slices.Sorted(maps.Keys(bad.Files)) {
			parts = append(parts, fmt.Sprintf("%s %s", number(bad.Files[r]), r))
		}
		message := "done, but some inputs were bad: " + strings.Join(parts, ", ")
		if bad.NoText != nil {
			message += fmt.Sprintf(" (%s: %s)", bad.NoText.Path, bad.NoText.Detail)
		}
		message += "; `codemill inspect` of docs/*.left.parquet names them"
		const shown = 3
		if n := len(bad.Again); n > 0 {
			more := ""
			if n > shown {
				more = fmt.Sprintf(" and those of %d shards more", n-shown)
			}
			message += fmt.Sprintf("; once they can be read, `rm %s`%s, and run again", strings.Join(bad.Again[:min(n, shown)], " "), more)
		}
		return &badInputs{message}
	}
	return nil
}
