// Package state reads what stands in a work folder, as values: the stages and
// how they follow from one another ([Read]), whether all is sound ([Verify]),
// what became of one file ([Explain]), and what the last run did ([LastRun]).
// It prints nothing and changes nothing.
package state

import (
	"errors"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// Chain is the complete stages of a work folder in the order in which they were made
// from one another. A folder that was made from something else than stands there now is
// not in the chain, but in Stray: a stage before it was run again.
type Chain struct {
	Docs     *work.Manifest
	Passes   []string         // names of the passes, in the order in which they were made
	Verdicts []*work.Manifest // of each pass
	Plan     *work.Manifest   // nil if there is none of these documents and verdicts
	Tokens   *work.Manifest   // nil if there are none of this plan
	Stray    []error          // one for each complete folder that is not in the chain
}

// Manifests lists what there is, in order.
func (c *Chain) Manifests() []*work.Manifest {
	list := append([]*work.Manifest{c.Docs}, c.Verdicts...)
	for _, m := range []*work.Manifest{c.Plan, c.Tokens} {
		if m != nil {
			list = append(list, m)
		}
	}
	return list
}

// Read finds the chain of a work folder without the recipe. The order of the passes is
// found by what their shards say that they were made from: the first pass was made from
// the documents alone, the second from these and the verdicts of the first, and so on.
// [work.ErrIncomplete] where the documents are not complete.
func Read(w *work.Folder) (*Chain, error) {
	docs, err := w.Dir(work.DocsStage).Manifest()
	if err != nil {
		return nil, err
	}
	c := &Chain{Docs: docs}
	left, err := verdictManifests(w)
	if err != nil {
		return nil, err
	}
	inputs := make([][]string, len(docs.Shards))
	add := func(m *work.Manifest) {
		for s := range inputs {
			inputs[s] = append(inputs[s], m.Shards[s].Contents)
		}
	}
	for add(docs); ; {
		i := 0
		for i < len(left) && left[i].manifest.MadeFrom(inputs) != nil {
			i++
		}
		if i == len(left) {
			break
		}
		c.Passes = append(c.Passes, left[i].name)
		c.Verdicts = append(c.Verdicts, left[i].manifest)
		add(left[i].manifest)
		left = append(left[:i:i], left[i+1:]...)
	}
	for _, l := range left {
		c.stray(work.VerdictsStage(l.name))
	}
	c.Plan, err = c.next(w, work.PlanStage, func(m *work.Manifest) bool { return m.MadeFrom(inputs) == nil })
	if err != nil {
		return nil, err
	}
	c.Tokens, err = c.next(w, work.TokensStage, func(m *work.Manifest) bool {
		if c.Plan == nil {
			return false
		}
		for _, s := range m.Rows() {
			if s.From != "" && s.From != c.Plan.Contents() { // "" is an earlier build's
				return false
			}
		}
		return true
	})
	return c, err
}

// stray notes a folder that is not in the chain.
func (c *Chain) stray(dir string) {
	from := "other documents or verdicts than stand"
	if dir == work.TokensStage {
		from = "another plan than stands"
	}
	c.Stray = append(c.Stray, fmt.Errorf("%s was made from %s there now", dir, from))
}

// next returns the manifest of a folder, nil if it is not complete or was made
// from something else.
func (c *Chain) next(w *work.Folder, dir string, belongs func(*work.Manifest) bool) (*work.Manifest, error) {
	m, err := w.Dir(dir).Manifest()
	switch {
	case errors.Is(err, work.ErrIncomplete):
		return nil, nil
	case err != nil:
		return nil, err
	case !belongs(m):
		c.stray(dir)
		return nil, nil
	}
	return m, nil
}

type namedManifest struct {
	name     string
	manifest *work.Manifest
}

// verdictManifests returns the manifests of all complete passes, by name.
func verdictManifests(w *work.Folder) ([]namedManifest, error) {
	names, err := w.Folders("verdicts")
	if err != nil {
		return nil, err
	}
	var list []namedManifest
	for _, name := range names {
		m, err := w.Dir(work.VerdictsStage(name)).Manifest()
		if errors.Is(err, corpus.ErrCorrupt) {
			return nil, err
		}
		if err == nil {
			list = append(list, namedManifest{name, m})
		}
	}
	return list, nil
}

// PartName names a part of the blend by its number in the plan.
func PartName(b *corpus.Blend, part int64) string {
	if part < 0 || part >= int64(len(b.Parts)) {
		return fmt.Sprintf("part %d", part)
	}
	return b.Parts[part].Name
}
