package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/mix"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
	"github.com/codemill/codemill/work/vfs"
)

// explainCmd is `codemill explain WORKDIR-OR-RECIPE REPO PATH`:
//
//	$ codemill explain work github.com/x/y src/a.py
//	github.com/x/y src/a.py (source hub)
//	  document 00012:345, Python, 1,080 bytes, code, licence "MIT" (permissive)
//	  licence from manifest: package.json:1; found MIT
//	  out: dedup, near_duplicate: similarity 0.912 to github.com/x/z src/a.py, which was kept
type explainCmd struct {
	WorkOrRecipe string `arg:"" name:"workdir-or-recipe" help:"A work folder, or the recipe that it belongs to."`
	Repo         string `arg:"" help:"Repository, as the documents name it."`
	Path         string `arg:"" help:"Path within the repository."`
	JSON         bool   `help:"Print JSON."`
}

// Run says what became of the file. Flags of recipe settings make sense only with a
// recipe, such as --work for another work folder.
func (c *explainCmd) Run(a *app) error {
	if st, err := os.Stat(c.WorkOrRecipe); err == nil && st.IsDir() {
		if err := a.noRecipe(); err != nil {
			return err
		}
	}
	w, err := a.openWork(c.WorkOrRecipe)
	if err != nil {
		return err
	}
	found, err := state.Explain(a.ctx, w, asPrinted(c.Repo), asPrinted(c.Path))
	var none *state.NotFound
	if errors.As(err, &none) {
		return errors.New(suggest(none))
	} else if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.out, "  ", found)
	}
	for _, e := range found {
		printExplanation(a.out, e)
	}
	return nil
}

// asPrinted takes a name also as it is printed, in quotes: command lines have no other way
// to say some, and people copy names from what codemill prints. "\"a\\nb\"" is the name
// a, newline, b; anything that is not a quoted Go string is the name itself.
func asPrinted(s string) string {
	if plain, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
		return plain
	}
	return s
}

// openWork opens for reading the work folder that at names: a folder itself, or else a
// recipe, whose work folder is meant.
func (a *app) openWork(at string) (*work.Folder, error) {
	st, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return work.Read(vfs.OS{}, at)
	}
	r, err := a.load(at)
	if err != nil {
		return nil, err
	}
	return work.Read(vfs.OS{}, r.Work)
}

// suggest puts into words what was not found: the names that are like it, or if there are
// none, all names there are, as long as these are few.
func suggest(e *state.NotFound) string {
	what, where := "path", fmt.Sprintf("%s has no file %s", name(e.Repo), name(e.Path))
	if !e.InRepo {
		what, where = "repository", fmt.Sprintf("there is no repository %s in this work folder", name(e.Repo))
	}
	var near []string
	for _, n := range e.Near {
		near = append(near, name(n))
	}
	switch {
	case len(near) > 0:
		return fmt.Sprintf("%s; nearest: %s", where, strings.Join(near, ", "))
	case len(e.Known) > 0 && len(e.Known) <= 8:
		known := make([]string, len(e.Known))
		for i, n := range e.Known {
			if known[i] = name(n); n == "" {
				known[i] = `""` // rows that name none
			}
		}
		return fmt.Sprintf("%s; each %s there is: %s", where, what, strings.Join(known, ", "))
	default:
		return where
	}
}

// printExplanation prints one file: first what it is, then the one line that says what
// became of it ("kept by all stages" or "out: …"), then what there is more to say. Epochs
// are counted from 1 for people.
func printExplanation(out io.Writer, e *state.Explanation) {
	fmt.Fprintf(out, "%s %s (source %s)\n", name(e.Repo), name(e.Path), name(e.Source))
	if e.SameAs != nil {
		fmt.Fprintf(out, "  the same blob as %s, which stands for it\n", placeName(e.SameAs))
	}
	if e.ID != "" {
		size := number(e.Bytes) + " bytes"
		d := corpus.Doc{Flags: e.Flags}
		if _, converted := d.Flag(corpus.FlagNotebook); converted || e.Encoding != lang.UTF8 {
			size += " as a file"
		}
		fmt.Fprintf(out, "  document %s, %s, %s, %s, licence %q (%s)\n", e.At, name(choice.Name(e.Language)), size, choice.Name(e.Kind), e.License, e.LicenseType)
		if e.KindFrom != "" {
			fmt.Fprintf(out, "  %s for its name or language: %s\n", choice.Name(e.Kind), printable(e.KindFrom))
		}
		if e.Encoding != lang.UTF8 {
			fmt.Fprintf(out, "  encoding %s\n", name(e.Encoding))
		}
		for _, f := range e.Flags {
			if e.KindFrom == "" || f != corpus.Flag(corpus.FlagKind, e.KindFrom) {
				fmt.Fprintf(out, "  flag %s\n", name(f))
			}
		}
		printLicence(out, e)
	}
	switch {
	case e.Kept:
		fmt.Fprintln(out, "  kept by all stages")
	case e.Survivor != nil && e.Reason == filter.CopyReason:
		fmt.Fprintf(out, "  out: %s, %s: its text is that of %s, which is opted out\n", e.Stage, e.Reason, placeName(e.Survivor))
	case e.Survivor != nil && e.Reason == filter.RepositoryReason:
		fmt.Fprintf(out, "  out: %s, %s: %.1f %% of its repository is copied from %s, which is opted out\n", e.Stage, e.Reason, 100*e.Value, placeName(e.Survivor))
	case e.Survivor != nil:
		fmt.Fprintf(out, "  out: %s, %s: similarity %.3f to %s, which was kept\n", e.Stage, e.Reason, e.Similarity, placeName(e.Survivor))
	case e.Value == 1 && e.Limit == 0: // yes, where it has to be no
		fmt.Fprintf(out, "  out: %s, %s\n", e.Stage, name(e.Reason))
	case e.Value != 0 || e.Limit != 0:
		fmt.Fprintf(out, "  out: %s, %s: %s, the limit is %s\n", e.Stage, name(e.Reason), amount(e.Value), amount(e.Limit))
	default:
		fmt.Fprintf(out, "  out: %s, %s\n", e.Stage, name(e.Reason))
	}
	if e.Detail != "" {
		fmt.Fprintf(out, "  %s\n", printable(e.Detail))
	}
	for _, d := range e.Edited {
		fmt.Fprintf(out, "  edited by %s in %d places: %s bytes out, %s in\n", d.Stage, d.Places, number(d.Removed), number(d.Added))
	}
	if e.Copies > 1 {
		fmt.Fprintf(out, "  stands for %d documents\n", e.Copies)
	}
	if e.RepoCopies > 1 {
		fmt.Fprintf(out, "  its repository stands for %d repositories\n", e.RepoCopies)
	}
	for _, u := range e.Uses {
		fmt.Fprintf(out, "  in the blend: part %s, epoch %d, %s tokens, %s\n", name(u.Part), u.Epoch+1, number(u.Tokens), u.Shard)
	}
	if e.Kept && e.Planned && len(e.Uses) == 0 {
		why := "it belongs to no part, or its part needs less than there is"
		switch corpus.Reason(e.Unused) {
		case mix.NoPart:
			why = "no part of it takes such documents"
		case mix.NotDrawn:
			why = "its part needs less than there is"
		case mix.NoTokens:
			why = "its text is empty"
		}
		fmt.Fprintf(out, "  not used by the blend: %s%s\n", why, inBrackets(e.Unused))
	}
}

// inBrackets sets a reason behind a sentence: " (not_drawn)"; nothing for none.
func inBrackets(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// printLicence says where a document's licence was read, and what was found there:
// "licence from head: a.py:1; found GPL-3.0-only, MIT".
func printLicence(out io.Writer, e *state.Explanation) {
	if e.LicenseFrom == "" {
		return
	}
	fmt.Fprintf(out, "  licence from %s", e.LicenseFrom)
	separator := ": "
	for _, at := range e.LicenseAt {
		fmt.Fprint(out, separator, name(at))
		separator = ", "
	}
	if len(e.Detected) > 0 {
		fmt.Fprintf(out, "; found %s", printable(strings.Join(e.Detected, ", ")))
	}
	fmt.Fprintln(out)
}

// placeName names a document, or its repository where that as a whole is meant, and the
// earlier run where it is one of an index.
func placeName(p *state.Place) string {
	s := name(p.Repo)
	switch {
	case p.Whole && p.Repo != "":
		s = "the repository " + s
	default:
		s += " " + name(p.Path)
	}
	if p.Run != "" {
		s += fmt.Sprintf(" of the earlier run %s in the index", name(p.Run))
	}
	return s
}
