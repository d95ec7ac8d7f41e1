// Package state reads what stands in a work folder, as values: the stages and
// how they follow from one another ([Read]), whether all is sound ([Verify]),
// what became of one file ([Explain]), and what the last run did ([LastRun]).
// It prints nothing. It writes nothing but two notes, and those only when asked
// ([LastRun.Write], [NoteTokenize]).
//
// # Files
//
//	chain.go        which stages stand and were made from one another
//	bad.go          broken input that crawl left out
//	explain.go      what became of one file
//	explanation.go  Explanation, the answer of explain.go
//	file.go         what a file of a work folder holds, by its name
//	run.go          the note of what the last run did
//	verify.go       the checks of a whole work folder
package state

import (
	"errors"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// Chain is the complete stages of a work folder in the order in which they were made
// from one another. Each was made from those before it, as they stand now.
//
// A complete folder that was made from something else is not in the chain, but in
// Stray. Example: documents, filter, dedup, plan and tokens stand, and then filter alone
// is run again with another limit, which gives other verdicts. The chain is now
// documents and filter. The other three are stray.
type Chain struct {
	Docs     *work.Manifest   // never nil
	Passes   []string         // names of the passes, in the order in which they were made
	Verdicts []*work.Manifest // of each pass: Verdicts[i] is of Passes[i]
	Plan     *work.Manifest   // nil if there is none of these documents and verdicts
	Tokens   *work.Manifest   // nil if there are none of this plan
	// Stray has one error for each complete folder that is not in the chain, which
	// names the folder: passes first, then plan, then tokens.
	Stray []error
}

// Manifests lists the manifests of the chain in its order. The first is Docs.
func (c *Chain) Manifests() []*work.Manifest {
	list := append([]*work.Manifest{c.Docs}, c.Verdicts...)
	for _, m := range []*work.Manifest{c.Plan, c.Tokens} {
		if m != nil {
			list = append(list, m)
		}
	}
	return list
}

// Read finds the chain of a work folder without the recipe, from manifests alone. The
// order of the passes follows from what each of their shards says that it was made from
// (its From). With the contents D of a shard of documents, F and N of the verdicts of
// two passes on it:
//
//	docs/             contents D
//	verdicts/filter/  contents F, From = Fingerprint(D):     the first pass
//	verdicts/near/    contents N, From = Fingerprint(D, F):  the second
//	plan/                         From = Fingerprint(D, F, N)
//
// Tokens are made from the plan as a whole, so their From is that of the plan.
//
// Folders that are not complete are neither in the chain nor stray. The error is
// [work.ErrIncomplete] where the documents are not complete, and [corpus.ErrCorrupt]
// where a manifest is damaged. A manifest that cannot be read is an error too, and not
// taken for one that is not there.
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
	// inputs has, for each shard of documents, the contents that the next stage of the
	// chain has to be made from: D, then D and F, then D, F and N.
	inputs := make([][]string, len(docs.Shards))
	add := func(m *work.Manifest) {
		for s := range inputs {
			inputs[s] = append(inputs[s], m.Shards[s].Contents)
		}
	}
	// Each round finds the pass that comes next. Where two were made from the same, the
	// first by name counts: the other was not made from its verdicts, so it is stray.
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

// stray notes the folder of a stage that is not in the chain.
func (c *Chain) stray(dir string) {
	from := "other documents or verdicts than stand"
	if dir == work.TokensStage {
		from = "another plan than stands"
	}
	c.Stray = append(c.Stray, fmt.Errorf("%s was made from %s there now", dir, from))
}

// next returns the manifest of the folder of a stage. It is nil without an error if the
// folder is not complete, and also if belongs says no: the folder is stray then.
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

// verdictManifests returns the manifests of all complete passes, sorted by name.
// Folders below verdicts that are not complete are left out.
func verdictManifests(w *work.Folder) ([]namedManifest, error) {
	names, err := w.Folders("verdicts")
	if err != nil {
		return nil, err
	}
	var list []namedManifest
	for _, name := range names {
		m, err := w.Dir(work.VerdictsStage(name)).Manifest()
		if errors.Is(err, work.ErrIncomplete) {
			continue
		} else if err != nil {
			return nil, err
		}
		list = append(list, namedManifest{name, m})
	}
	return list, nil
}

// PartName returns the name of a part of the blend, whose number the plan has
// ([corpus.Planned].Part). A number that the blend does not have gives "part 7".
func PartName(b *corpus.Blend, part int64) string {
	if part < 0 || part >= int64(len(b.Parts)) {
		return fmt.Sprintf("part %d", part)
	}
	return b.Parts[part].Name
}
