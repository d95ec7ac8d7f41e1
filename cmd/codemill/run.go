package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/internal/nearest"
	"github.com/codemill/codemill/work"
)

type recipeArg struct {
	Recipe string `arg:"" help:"The recipe, a YAML file."`
}

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

// passCmd is the command of one kind of passes.
type passCmd struct {
	recipeArg
	Pass string `arg:"" optional:"" help:"Name of the pass, where the recipe has several of this kind."`
	kind string
}

// Run makes the verdicts of one pass.
func (c *passCmd) Run(a *app) error { return a.single(c.Recipe, c.kind, c.Pass) }

type mixCmd struct{ recipeArg }

// Run makes the plan.
func (c *mixCmd) Run(a *app) error { return a.single(c.Recipe, "mix", "") }

type tokenizeCmd struct{ recipeArg }

// Run makes the token shards.
func (c *tokenizeCmd) Run(a *app) error { return a.single(c.Recipe, "tokenize", "") }

// single runs one stage of a recipe: what run does for it, and nothing else.
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

// badReasons are crawl's reasons that mean broken input rather than choice. A path
// that leads elsewhere is among them: no tool makes one by itself, so that who
// crawls wants to hear of it. So is a row without a text: its text stands in a column
// that nobody named. Symbolic links, submodules and texts in no known
// encoding are not: sound repositories have them.
var badReasons = [...]corpus.Reason{crawl.Unreadable, crawl.UnreadableRepo, crawl.Changed, crawl.Malformed, crawl.LineTooLong, crawl.Path, crawl.Undetected, crawl.NoText}

// passing are those that may not be there another time: a disk or network that
// failed, a file that was being written.
var passing = [...]corpus.Reason{crawl.Unreadable, crawl.Changed}

// badSources turns files that could not be read into exit code 3.
func badSources(w *work.Folder, results []done) error {
	for _, d := range results {
		if d.folder != work.DocsStage {
			continue
		}
		reasons := d.manifest.Count.Total().Reasons
		var parts []string
		for _, r := range slices.Sorted(maps.Keys(reasons)) {
			if slices.Contains(badReasons[:], corpus.Reason(r)) {
				parts = append(parts, fmt.Sprintf("%s %s", number(reasons[r].Docs), r))
			}
		}
		if len(parts) == 0 {
			continue
		}
		again, err := readAgain(w, d.manifest)
		if err != nil {
			return err
		}
		example, err := withoutText(w, d.manifest)
		if err != nil {
			return err
		}
		return &badInputs{fmt.Sprintf("done, but some inputs were bad: %s%s; `codemill inspect` of docs/*.left.parquet names them%s", strings.Join(parts, ", "), example, again)}
	}
	return nil
}

// withoutText names the first row that has no text, and what it has instead; "" where all
// rows have one.
func withoutText(w *work.Folder, docs *work.Manifest) (string, error) {
	for shard, s := range docs.Shards {
		r, err := w.Dir(work.DocsStage).Receipt(s.Shard)
		if err != nil {
			return "", err
		}
		if r.Count.Total().Reasons[string(crawl.NoText)].Docs == 0 {
			continue
		}
		for l, err := range w.LeftOut(shard) {
			if err != nil {
				return "", err
			}
			if l.Reason == crawl.NoText {
				return fmt.Sprintf(" (%s: %s)", l.Path, l.Detail), nil
			}
		}
	}
	return "", nil
}

// readAgain says how to have files read again that could not be read for a reason
// that may pass; "" if there are none. A shard is made from the state that its
// sources were listed in, so that a run by itself does not look at them again.
func readAgain(w *work.Folder, docs *work.Manifest) (string, error) {
	const shown = 3
	var receipts []string
	shards := 0
	for _, s := range docs.Shards {
		r, err := w.Dir(work.DocsStage).Receipt(s.Shard)
		if err != nil {
			return "", err
		}
		reasons := r.Count.Total().Reasons
		if !slices.ContainsFunc(passing[:], func(p corpus.Reason) bool { return reasons[string(p)].Docs > 0 }) {
			continue
		}
		if shards++; shards <= shown {
			receipts = append(receipts, filepath.Join(w.Root(), work.DocsStage, s.Shard+".receipt.json"))
		}
	}
	if shards == 0 {
		return "", nil
	}
	more := ""
	if shards > shown {
		more = fmt.Sprintf(" and those of %d shards more", shards-shown)
	}
	return fmt.Sprintf("; once they can be read, `rm %s`%s, and run again", strings.Join(receipts, " "), more), nil
}
