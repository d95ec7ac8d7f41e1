package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/recipe"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

type verifyCmd struct {
	Place  string `arg:"" name:"workdir-or-recipe" help:"A work folder, or the recipe that it belongs to."`
	Recipe string `help:"The recipe, if its tokenizer is a file of its own and a work folder was named." placeholder:"FILE"`
	Sample int    `help:"About how many documents to decode and compare; 0 for none." default:"1000"`
}

// Run checks everything it can and lists what is wrong.
func (c *verifyCmd) Run(a *app) error {
	w, r, err := c.open(a)
	if err != nil {
		return err
	}
	v := &verifier{app: a, work: w}
	if err := v.folders(); err != nil {
		return err
	}
	if _, err := os.Stat(w.Dir(textDir).Path()); err == nil {
		_, err := w.Dir(textDir).Manifest() // materialized documents have no chain of stages
		v.missing(err)
		return v.report()
	}
	if _, isIndex, err := index.Runs(w); isIndex {
		v.wrong(err)
		return v.report()
	}
	chain, err := readChain(w)
	if err != nil {
		v.missing(err)
		return v.report()
	}
	v.chain(chain)
	v.complete(chain, r)
	if chain.tokens != nil && c.Sample > 0 && len(v.problems) == 0 {
		if err := c.decode(v, chain, r); err != nil {
			return err
		}
	}
	return v.report()
}

// open finds the work folder, and the recipe where one was named.
func (c *verifyCmd) open(a *app) (w *work.Folder, r *recipe.Recipe, err error) {
	st, err := os.Stat(c.Place)
	if err != nil {
		return nil, nil, err
	}
	root, file := c.Place, c.Recipe
	if !st.IsDir() {
		file = c.Place
	}
	if file == "" {
		err = a.noOverrides()
	} else if r, err = a.load(file); err == nil && !st.IsDir() {
		root = r.Work
	}
	if err != nil {
		return nil, nil, err
	}
	w, err = work.Read(vfs.OS{}, root)
	return w, r, err
}

// missing takes note of why a manifest cannot be had.
func (v *verifier) missing(err error) {
	if errors.Is(err, work.ErrIncomplete) {
		v.unfinished = err.Error()
	} else {
		v.wrong(err)
	}
}

// complete looks for the first stage that has not been run to its end. Which
// passes there are to be, only the recipe knows.
func (v *verifier) complete(c *chain, r *recipe.Recipe) {
	dir := work.TokensDir
	switch {
	case r != nil && len(c.passes) < len(r.Passes):
		dir = work.VerdictsDir(r.Passes[len(c.passes)].Name)
	case c.plan == nil:
		dir = work.PlanDir
	}
	_, err := v.work.Dir(dir).Manifest()
	v.missing(err)
}

// report prints what was found.
func (v *verifier) report() error {
	if len(v.problems) > 0 {
		for _, p := range v.problems {
			fmt.Fprintln(v.out, "wrong: "+printable(p))
		}
		return fmt.Errorf("%s: things that are wrong: %d; to have a shard made anew, remove its .receipt.json, or what is said above to be removed, and run again", name(v.work.Root()), len(v.problems))
	}
	if v.unfinished != "" {
		fmt.Fprintf(v.out, "%s files, %s checked: what stands is sound\n", number(v.files), size(v.bytes))
		return fmt.Errorf("%s is not finished: %s", name(v.work.Root()), v.unfinished)
	}
	fmt.Fprintf(v.out, "%s files, %s checked; ledger balanced; %s documents decoded and compared\n", number(v.files), size(v.bytes), number(v.decoded))
	return nil
}

// verifier gathers what is wrong with a work folder.
type verifier struct {
	*app
	work         *work.Folder
	problems     []string
	unfinished   string // which stage is not complete, in words
	files, bytes int64
	decoded      int64
}

func (v *verifier) wrong(err error) {
	if err != nil {
		v.problems = append(v.problems, err.Error())
	}
}

// folders checks every folder that holds receipts, sub-stages' among them.
func (v *verifier) folders() error {
	return filepath.WalkDir(v.work.Root(), func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(v.work.Root(), at)
		if err != nil || !e.IsDir() {
			return err
		}
		if rel = filepath.ToSlash(rel); rel == ".scratch" || rel == "report" {
			return fs.SkipDir
		} else if rel == "." || rel == "verdicts" {
			return nil
		}
		return v.folder(v.work.Dir(rel))
	})
}

const receiptSuffix = ".receipt.json"

// folder checks the files of one folder against their receipts, and those
// against the manifest.
func (v *verifier) folder(d work.Dir) error {
	entries, err := os.ReadDir(d.Path())
	if err != nil {
		return err
	}
	receipts, known := map[string]*work.Receipt{}, map[string]bool{work.ManifestFile: true}
	for _, e := range entries {
		shard, ok := strings.CutSuffix(e.Name(), receiptSuffix)
		if !ok {
			continue
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
		known[e.Name()] = true
		r, err := d.Verify(shard)
		v.wrong(err)
		if r == nil {
			continue
		}
		receipts[shard] = r
		for _, f := range r.Files {
			known[f.Name] = true
			v.files++
			v.bytes += f.Size
		}
		if err := r.Count.Balance(); err != nil {
			v.wrong(fmt.Errorf("%s/%s: %w", d.Name(), shard, err))
		}
	}
	for _, e := range entries {
		if !e.IsDir() && !known[e.Name()] && !strings.HasPrefix(e.Name(), ".partial-") {
			v.wrong(fmt.Errorf("%s: no receipt knows this file", path.Join(d.Name(), e.Name())))
		}
	}
	m, err := d.Manifest()
	if errors.Is(err, corpus.ErrCorrupt) {
		v.wrong(err)
	}
	if err == nil {
		v.manifest(d, m, receipts)
	}
	return nil
}

// manifest compares a manifest with the receipts of its shards.
func (v *verifier) manifest(d work.Dir, m *work.Manifest, receipts map[string]*work.Receipt) {
	var sum ledger.Count
	for _, s := range m.Shards {
		r := receipts[s.Shard]
		if r == nil {
			v.wrong(fmt.Errorf("%s/%s: the manifest lists this shard, but it has no receipt", d.Name(), s.Shard))
			continue
		}
		if r.Contents() != s.Contents || r.From != s.From || r.Files[0].Rows != s.Rows {
			v.wrong(fmt.Errorf("%s/%s: its receipt is another than the one the manifest was made from", d.Name(), s.Shard))
		}
		sum.Add(r.Count)
		delete(receipts, s.Shard)
	}
	for _, shard := range sorted(receipts) {
		v.wrong(fmt.Errorf("%s/%s: the manifest does not list this shard; remove %s and run again", d.Name(), shard, work.ManifestFile))
	}
	if work.Fingerprint(sum) != work.Fingerprint(m.Count) {
		v.wrong(fmt.Errorf("%s: the counts of the shards do not add up to the manifest's", d.Name()))
	}
	if err := m.Count.Balance(); err != nil {
		v.wrong(fmt.Errorf("%s: %w", d.Name(), err))
	}
}

// chain checks that every stage took in what the one before it kept.
func (v *verifier) chain(c *chain) {
	for _, s := range c.stray {
		v.wrong(fmt.Errorf("%s was made from other documents or verdicts than stand there now", s))
	}
	before := c.docs
	for _, m := range c.manifests()[1:] {
		if m == c.tokens {
			v.uses(c)
			break
		}
		if err := m.Count.Follows(before.Count); err != nil {
			v.wrong(fmt.Errorf("%s after %s: %w", m.Stage, before.Stage, err))
		}
		for i := range c.docs.Shards {
			if m != c.plan && m.Shards[i].Rows != c.docs.Shards[i].Rows {
				v.wrong(fmt.Errorf("%s/%s: %d verdicts on %d documents", m.Stage, m.Shards[i].Shard, m.Shards[i].Rows, c.docs.Shards[i].Rows))
			}
		}
		before = m
	}
}

// uses checks that the tokens are of as many uses of documents as were planned.
func (v *verifier) uses(c *chain) {
	var planned int64
	for _, s := range c.plan.Shards[:len(c.docs.Shards)] {
		planned += s.Rows
	}
	if in := c.tokens.Count.Total().In.Docs; in != planned {
		v.wrong(fmt.Errorf("%s: %d uses of documents, the plan has %d", c.tokens.Stage, in, planned))
	}
}
