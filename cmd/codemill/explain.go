package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/internal/nearest"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

type explainCmd struct {
	Place string `arg:"" name:"workdir-or-recipe" help:"A work folder, or the recipe that it belongs to."`
	Repo  string `arg:"" help:"Repository, as the documents name it."`
	Path  string `arg:"" help:"Path within the repository."`
	JSON  bool   `help:"Print JSON."`
}

// Run finds the file and says what became of it.
func (c *explainCmd) Run(a *app) error {
	if st, err := os.Stat(c.Place); err == nil && st.IsDir() {
		if err := a.noOverrides(); err != nil {
			return err
		}
	}
	c.Repo, c.Path = asPrinted(c.Repo), asPrinted(c.Path)
	w, err := a.openPlace(c.Place)
	if err != nil {
		return err
	}
	chain, err := readChain(w)
	if err != nil {
		return err
	}
	x := explainer{w: w, chain: chain, repo: c.Repo, path: c.Path, repos: map[string]bool{}}
	if err := x.find(a.ctx); err != nil {
		return err
	}
	if len(x.found) == 0 {
		return errors.New(x.suggest())
	}
	x.forget()
	for _, e := range x.found {
		if err := x.follow(a.ctx, e); err != nil {
			return err
		}
	}
	if c.JSON {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(x.found)
	}
	for _, e := range x.found {
		e.print(a.out)
	}
	return nil
}

// asPrinted takes a name also as it is printed, in quotes: command lines have no
// other way to say some.
func asPrinted(s string) string {
	if plain, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
		return plain
	}
	return s
}

// openPlace opens for reading the work folder that is named itself or by its
// recipe.
func (a *app) openPlace(at string) (*work.Folder, error) {
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

type explainer struct {
	w          *work.Folder
	chain      *chain
	repo, path string
	found      []*explanation
	repos      map[string]bool
	paths      []string // of the repository asked for
}

// find looks for the file among the documents and what crawl left out.
func (x *explainer) find(ctx context.Context) error {
	job := work.Job{Work: x.w}
	also := x.repo + ":" + x.path
	for shard := range x.chain.docs.Shards {
		for row, err := range job.Rows(ctx, shard, false) {
			if err != nil {
				return err
			}
			d := row.Doc
			if d.Repo == x.repo && d.Path == x.path {
				x.found = append(x.found, document(row.Pos, d))
			} else if slices.Contains(d.AlsoAt, also) {
				e := document(row.Pos, d)
				e.SameAs = &place{Source: e.Source, Repo: e.Repo, Path: e.Path}
				e.Repo, e.Path = x.repo, x.path
				x.found = append(x.found, e)
			}
			x.remember(d.Repo, d.Path)
		}
		for l, err := range x.w.Left(shard) {
			if err != nil {
				return err
			}
			if l.Repo == x.repo && l.Path == x.path {
				x.found = append(x.found, &explanation{
					Source: strings.Clone(l.Source), Repo: x.repo, Path: x.path, Stage: "crawl", Reason: strings.Clone(string(l.Reason)),
					Value: l.Value, Limit: l.Limit, Detail: strings.Clone(l.Detail), pos: corpus.NoPos,
				})
			}
			x.remember(l.Repo, l.Path)
		}
	}
	return nil
}

// forget drops what other sources left out by their own choice of files when
// one of them has the document.
func (x *explainer) forget() {
	if slices.ContainsFunc(x.found, func(e *explanation) bool { return e.pos != corpus.NoPos }) {
		x.found = slices.DeleteFunc(x.found, func(e *explanation) bool {
			return e.Reason == string(crawl.Kind) || e.Reason == string(crawl.NotIncluded) || e.Reason == string(crawl.Excluded)
		})
	}
}

// remember collects the names that a wrong one may have meant.
func (x *explainer) remember(repo, path string) {
	if !x.repos[repo] {
		x.repos[strings.Clone(repo)] = true
	}
	if repo == x.repo {
		x.paths = append(x.paths, strings.Clone(path))
	}
}

func (x *explainer) suggest() string {
	known, what, asked := x.paths, "path", x.path
	where := fmt.Sprintf("%s has no file %s", name(x.repo), name(x.path))
	if !x.repos[x.repo] {
		known, what, asked = slices.Sorted(maps.Keys(x.repos)), "repository", x.repo
		where = fmt.Sprintf("there is no repository %s in this work folder", name(x.repo))
	}
	var near []string
	for range 3 {
		n, close := nearest.Name(asked, known)
		if !close {
			break
		}
		near = append(near, name(n))
		known = slices.DeleteFunc(slices.Clone(known), func(s string) bool { return s == n })
	}
	switch {
	case len(near) > 0:
		return fmt.Sprintf("%s; nearest: %s", where, strings.Join(near, ", "))
	case len(known) > 0 && len(known) <= 8:
		return fmt.Sprintf("%s; each %s there is: %s", where, what, name(strings.Join(known, ", ")))
	default:
		return where
	}
}

// follow takes a document through the stages after crawl.
func (x *explainer) follow(ctx context.Context, e *explanation) error {
	if e.pos == corpus.NoPos {
		return nil
	}
	for _, pass := range x.chain.passes {
		v, err := x.verdict(pass, e.pos)
		if err != nil {
			return err
		}
		if v.Copies > 1 {
			if err := x.copies(pass, e, v.Copies); err != nil {
				return err
			}
		}
		if v.Kept() {
			e.edit(pass, v.Edits)
			continue
		}
		e.Stage, e.Reason, e.Value, e.Limit, e.Similarity = pass, string(v.Reason), v.Value, v.Limit, v.Similarity
		if v.Survivor != corpus.NoPos {
			e.Survivor, err = x.locate(ctx, v.Survivor)
		} else {
			e.Survivor, err = x.known(pass, e.pos)
		}
		if e.Survivor != nil && strings.HasSuffix(e.Reason, "_repository") {
			e.Survivor.Whole = true
		}
		return err
	}
	e.Kept = true
	return x.uses(e)
}

func (x *explainer) verdict(pass string, pos corpus.Pos) (corpus.Verdict, error) {
	row := int64(0)
	for v, err := range x.w.Verdicts(pass, pos.Shard()) {
		if err != nil || row == pos.Row() {
			return v, err
		}
		row++
	}
	return corpus.Verdict{}, fmt.Errorf("%s: no verdict for %v: run the stages again in their order", work.VerdictsDir(pass), pos)
}

// copies notes how many documents, or repositories, a pass found this one, or
// its repository, to stand for.
func (x *explainer) copies(pass string, e *explanation, n int64) error {
	s, err := dedup.ReadSummary(x.w.Dir(work.VerdictsDir(pass)))
	if err == nil && s.Level == dedup.LevelRepository {
		e.RepoCopies = max(e.RepoCopies, n)
	} else {
		e.Copies = max(e.Copies, n)
	}
	return err
}

// known names the document of an earlier run that this one was dropped for, nil
// if it was not.
func (x *explainer) known(pass string, pos corpus.Pos) (*place, error) {
	for k, err := range index.KnownSurvivors(x.w.Dir(work.VerdictsDir(pass)), pos.Shard()) {
		if err != nil {
			return nil, err
		}
		if k.Row == pos.Row() {
			return &place{Source: strings.Clone(k.Source), Repo: strings.Clone(k.Repo), Path: strings.Clone(k.Path), Run: strings.Clone(k.Run)}, nil
		}
	}
	return nil, nil
}

// locate names the document at a position.
func (x *explainer) locate(ctx context.Context, pos corpus.Pos) (*place, error) {
	for row, err := range (work.Job{Work: x.w}).Rows(ctx, pos.Shard(), false) {
		if err != nil {
			return nil, err
		}
		if row.Pos == pos {
			d := row.Doc
			return &place{Source: strings.Clone(d.Source), Repo: strings.Clone(d.Repo), Path: strings.Clone(d.Path)}, nil
		}
	}
	return nil, fmt.Errorf("there is no document %v", pos)
}

func (x *explainer) uses(e *explanation) error {
	if x.chain.plan == nil {
		return nil
	}
	e.Planned = true
	b, err := x.w.Blend()
	if err != nil {
		return err
	}
	for p, err := range x.w.Plan(e.pos.Shard()) {
		if err != nil {
			return err
		}
		if p.Row == e.pos.Row() {
			e.Uses = append(e.Uses, use{partName(b, p.Part), p.Epoch, p.Tokens, tokenShard(p.Bucket, b.Buckets)})
		}
	}
	return nil
}
