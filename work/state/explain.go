package state

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/internal/nearest"
	"github.com/codemill/codemill/mix"
	"github.com/codemill/codemill/tokenize"
	"github.com/codemill/codemill/work"
)

// NotFound says that there is no such file, and which may have been meant. Where the
// repository is not there either, Near and Known are names of repositories; where it is
// (InRepo), they are paths in it.
type NotFound struct {
	Repo, Path string   // as they were asked for
	InRepo     bool     // the repository is there, only the path is not
	Near       []string // names that are like the one that is not there, nearest first; three at most
	Known      []string // all names that there are: repositories sorted, paths in the order of the shards
}

func (e *NotFound) Error() string {
	if e.InRepo {
		return fmt.Sprintf("%q has no file %q", e.Repo, e.Path)
	}
	return fmt.Sprintf("there is no repository %q in this work folder", e.Repo)
}

// Explain says what became of a file: one explanation for every document, and for every
// file that crawl left out, with this repository and path, in the order of the shards.
// There are several where several sources have the file, and where rows repeat it.
// It reads the work folder alone, neither recipe nor sources. The error is a [*NotFound]
// where there is none.
//
// The cost is one reading of all documents' columns but the text. What became of a
// document in the later stages is then read from its own shard.
func Explain(ctx context.Context, w *work.Folder, repo, path string) ([]*Explanation, error) {
	chain, err := Read(w)
	if err != nil {
		return nil, err
	}
	x := explainer{w: w, chain: chain, repo: repo, path: path, repos: map[string]bool{}}
	if err := x.find(ctx); err != nil {
		return nil, err
	}
	if len(x.found) == 0 {
		return nil, x.suggest()
	}
	x.forget()
	for _, e := range x.found {
		if err := x.follow(ctx, e); err != nil {
			return nil, err
		}
	}
	return x.found, nil
}

// explainer answers one question: find collects the explanations, forget drops those that
// say nothing, follow completes each.
type explainer struct {
	w          *work.Folder
	chain      *Chain
	repo, path string          // what was asked for
	found      []*Explanation  // in the order of the shards
	repos      map[string]bool // names of all repositories, for [NotFound]
	paths      []string        // all paths in the repository asked for, for [NotFound]
}

// find looks for the file among the documents and what crawl left out. A blob that
// several files share may be one document (crawl's "blobs: once"): the others stand in
// its AlsoAt, as "repo:path". One of these is explained by that document, with its own
// name in front and the document's in SameAs.
func (x *explainer) find(ctx context.Context) error {
	job := work.Job{Work: x.w}
	also := x.repo + ":" + x.path
	for shard := range x.chain.Docs.Shards {
		for row, err := range job.Rows(ctx, shard, false) {
			if err != nil {
				return err
			}
			d := row.Doc
			if d.Repo == x.repo && d.Path == x.path {
				x.found = append(x.found, document(row.Pos, d))
			} else if slices.Contains(d.AlsoAt, also) {
				e := document(row.Pos, d)
				e.SameAs = &Place{Source: e.Source, Repo: e.Repo, Path: e.Path}
				e.Repo, e.Path = x.repo, x.path
				x.found = append(x.found, e)
			}
			x.remember(d.Repo, d.Path)
		}
		for l, err := range x.w.LeftOut(shard) {
			if err != nil {
				return err
			}
			if l.Repo == x.repo && l.Path == x.path {
				x.found = append(x.found, &Explanation{
					Source: strings.Clone(l.Source), Repo: x.repo, Path: x.path, Stage: "crawl", Reason: strings.Clone(string(l.Reason)),
					Value: l.Value, Limit: l.Limit, Detail: strings.Clone(l.Detail), pos: corpus.NoPos,
				})
			}
			x.remember(l.Repo, l.Path)
		}
	}
	return nil
}

// forget drops explanations that say no more than that a source did not ask for the
// file, if another source has the document. Two sources may read the same tree, one for
// its code and one for its prose: each leaves out what the other takes.
func (x *explainer) forget() {
	if slices.ContainsFunc(x.found, func(e *Explanation) bool { return e.pos != corpus.NoPos }) {
		x.found = slices.DeleteFunc(x.found, func(e *Explanation) bool {
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

// suggest makes the error that the file is not there, a [*NotFound].
func (x *explainer) suggest() error {
	e := &NotFound{Repo: x.repo, Path: x.path, InRepo: x.repos[x.repo], Known: x.paths}
	asked := x.path
	if !e.InRepo {
		asked = x.repo
		e.Known = slices.Sorted(maps.Keys(x.repos))
	}
	known := slices.Clone(e.Known)
	for range 3 {
		n, near := nearest.Name(asked, known)
		if !near {
			break
		}
		e.Near = append(e.Near, n)
		known = slices.DeleteFunc(known, func(s string) bool { return s == n })
	}
	return e
}

// follow says what became of a document in the stages after crawl: it asks the passes in
// their order up to the one that puts it out, and the plan if none does. A file that
// crawl left out has nothing to follow.
func (x *explainer) follow(ctx context.Context, e *Explanation) error {
	if e.pos == corpus.NoPos {
		return nil
	}
	for _, pass := range x.chain.Passes {
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
		if e.Detail, err = x.because(ctx, v.Reason, e.pos); err != nil {
			return err
		}
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
	return x.uses(ctx, e)
}

// verdict returns the verdict of a pass on the document at a position: the verdict in
// the same shard and row.
func (x *explainer) verdict(pass string, pos corpus.Pos) (corpus.Verdict, error) {
	row := int64(0)
	for v, err := range x.w.Verdicts(pass, pos.Shard()) {
		if err != nil || row == pos.Row() {
			return v, err
		}
		row++
	}
	return corpus.Verdict{}, fmt.Errorf("%s: no verdict for %v: run the stages again in their order", work.VerdictsStage(pass), pos)
}

// copies notes the Copies of a pass's verdict on a document that it kept: the document
// stands for n documents, itself included. At repository level its repository stands for
// n repositories. Of several dedup passes the largest number counts.
func (x *explainer) copies(pass string, e *Explanation, n int64) error {
	s, err := dedup.ReadSummary(x.w.Dir(work.VerdictsStage(pass)))
	if err == nil && s.Level == dedup.LevelRepository {
		e.RepoCopies = max(e.RepoCopies, n)
	} else {
		e.Copies = max(e.Copies, n)
	}
	return err
}

// known names the document of an earlier run, in an index of duplicates, for which the
// one at a position was dropped; nil if there is none. That document is in no shard of
// this run, so the verdict has no Survivor: its name stands in a table beside.
func (x *explainer) known(pass string, pos corpus.Pos) (*Place, error) {
	for k, err := range index.KnownSurvivors(x.w.Dir(work.VerdictsStage(pass)), pos.Shard()) {
		if err != nil {
			return nil, err
		}
		if k.Row == pos.Row() {
			return &Place{Source: strings.Clone(k.Source), Repo: strings.Clone(k.Repo), Path: strings.Clone(k.Path), Run: strings.Clone(k.Run)}, nil
		}
	}
	return nil, nil
}

// because says what in the document at a position made a policy of filter put it out,
// such as the line that says "generated". It is "" for reasons that their value and
// limit explain.
func (x *explainer) because(ctx context.Context, reason corpus.Reason, pos corpus.Pos) (string, error) {
	if !filter.Explains(reason) {
		return "", nil
	}
	for row, err := range (work.Job{Work: x.w}).Rows(ctx, pos.Shard(), true) {
		if err != nil || row.Pos == pos {
			return strings.Clone(filter.Because(reason, row.Doc)), err
		}
	}
	return "", fmt.Errorf("there is no document %v", pos)
}

// locate names the document at a position.
func (x *explainer) locate(ctx context.Context, pos corpus.Pos) (*Place, error) {
	for row, err := range (work.Job{Work: x.w}).Rows(ctx, pos.Shard(), false) {
		if err != nil {
			return nil, err
		}
		if row.Pos == pos {
			d := row.Doc
			return &Place{Source: strings.Clone(d.Source), Repo: strings.Clone(d.Repo), Path: strings.Clone(d.Path)}, nil
		}
	}
	return nil, fmt.Errorf("there is no document %v", pos)
}

// uses notes how the plan uses a document that all passes keep, or why it does not.
// Without a plan that belongs to these verdicts it notes nothing.
func (x *explainer) uses(ctx context.Context, e *Explanation) error {
	if x.chain.Plan == nil {
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
			e.Uses = append(e.Uses, Use{PartName(b, p.Part), p.Epoch, p.Tokens, tokenize.DataShard(p.OutputShard, b.OutputShards) + ".arrow"})
		}
	}
	if len(e.Uses) == 0 {
		reason, err := mix.Unused(ctx, x.w, e.pos)
		if err != nil {
			return err
		}
		e.Unused = string(reason)
	}
	return nil
}
