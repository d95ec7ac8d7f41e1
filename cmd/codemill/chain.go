package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// chain is the stages of a work folder in the order in which they were made
// from one another, as far as they still belong together.
type chain struct {
	docs    *work.Manifest
	passes  []string // names of the verdict stages
	verdict []*work.Manifest
	plan    *work.Manifest
	tokens  *work.Manifest
	stray   []string // complete folders that were made from something else
}

// manifests lists what there is, in order.
func (c *chain) manifests() []*work.Manifest {
	list := append([]*work.Manifest{c.docs}, c.verdict...)
	if c.plan != nil {
		list = append(list, c.plan)
	}
	if c.tokens != nil {
		list = append(list, c.tokens)
	}
	return list
}

// readChain finds the order of a work folder's verdict stages without the
// recipe: each one's shards say what they were made from.
func readChain(w *work.Folder) (*chain, error) {
	docs, err := w.Dir(work.DocsDir).Manifest()
	if err != nil {
		return nil, err
	}
	c := &chain{docs: docs}
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
		c.passes, c.verdict = append(c.passes, left[i].name), append(c.verdict, left[i].manifest)
		add(left[i].manifest)
		left = append(left[:i:i], left[i+1:]...)
	}
	for _, l := range left {
		c.stray = append(c.stray, work.VerdictsDir(l.name))
	}
	if c.plan, err = c.next(w, work.PlanDir, func(m *work.Manifest) error { return m.MadeFrom(inputs) }); err != nil || c.plan == nil {
		return c, err
	}
	c.tokens, err = c.next(w, work.TokensDir, func(m *work.Manifest) error { return c.ofPlan(w, m) })
	return c, err
}

// ofPlan holds the tokens against the plan that stands: their shards do not
// say which plan they are of, but their ledger has the counts of all stages.
func (c *chain) ofPlan(w *work.Folder, tokens *work.Manifest) error {
	blend, err := w.Blend()
	if err != nil {
		return err
	}
	var planned int64
	for _, p := range blend.Parts {
		planned += p.Planned.Docs
	}
	if in := tokens.Count.Total().In.Docs; in != planned {
		return fmt.Errorf("%d uses of documents, the plan has %d", in, planned)
	}
	var l struct {
		Stages []ledger.StageCount `json:"stages"`
	}
	if err := w.Dir(work.TokensDir).ReadJSON("ledger", "ledger.json", &l); err != nil {
		return err
	}
	for i, m := range c.manifests() {
		if i >= len(l.Stages) || l.Stages[i].Stage != m.Stage || work.Fingerprint(l.Stages[i].Count) != work.Fingerprint(m.Count) {
			return fmt.Errorf("the ledger beside the tokens has other counts for %s", m.Stage)
		}
	}
	return nil
}

// next returns the manifest of a folder, nil if it is not complete or was made
// from something else.
func (c *chain) next(w *work.Folder, dir string, belongs func(*work.Manifest) error) (*work.Manifest, error) {
	m, err := w.Dir(dir).Manifest()
	if errors.Is(err, corpus.ErrCorrupt) {
		return nil, err
	}
	if err != nil {
		return nil, nil
	}
	if err := belongs(m); errors.Is(err, corpus.ErrCorrupt) {
		return nil, err
	} else if err != nil {
		c.stray = append(c.stray, dir)
		return nil, nil
	}
	return m, nil
}

type namedManifest struct {
	name     string
	manifest *work.Manifest
}

func verdictManifests(w *work.Folder) ([]namedManifest, error) {
	entries, err := os.ReadDir(filepath.Join(w.Root(), "verdicts"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var list []namedManifest
	for _, e := range entries {
		m, err := w.Dir(work.VerdictsDir(e.Name())).Manifest()
		if errors.Is(err, corpus.ErrCorrupt) {
			return nil, err
		}
		if err == nil {
			list = append(list, namedManifest{e.Name(), m})
		}
	}
	return list, nil
}
