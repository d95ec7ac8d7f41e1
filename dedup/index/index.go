// Package index remembers what earlier runs kept, so that a run can be compared with
// them without reading their documents again: see [Config] for its files.
//
// A run of dedup uses it in this order:
//
//	x, err := index.Open(job, c, settings) // which earlier runs there are
//	x.Shards()                             // their units, which always win over the run's own
//	x.OpenNames(job)                       // names of those for which documents are dropped
//	x.Extend(ctx, maker, job, manifest)    // what the run kept goes in
//	x.Close()
//
// A run is added in steps, so that it may be killed after any of them. Its name is written
// into index.json with "adding": true; its shards are made, and their manifest; then
// index.json gets the run as it is, without "adding". A run that is being added is compared
// with by nobody. If it is never finished, the next run that is added, or that takes the
// place of its own name, removes it.
//
//	index.go    index.json, runs, what is damaged
//	extend.go   a finished run is added
//	names.go    survivors of the index by name, beside the verdicts
package index

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/work"
)

// Config names the index: a folder with the sketches and sets of what earlier runs
// kept. Documents of the index always win over new ones. Each run is in it under the
// name that its recipe gives it (As):
//
//	codemill.json     says that it is an index
//	index.json        the settings of its sketches, and its runs in the order in
//	                  which they were added. A run is entered before anything of it
//	                  is written, so a run's folder that is not listed is damage
//	runs/<name>/      shards with receipts and a manifest, as a stage has them:
//	  <shard>.entries, .sketches, .sets   of the units that were kept: see units
//	  <shard>.names    source, repository and path of each unit, each with its length
//	                   before it (uvarint)
//	  <shard>.places   for each unit where its names stand in .names: see nameAt
//
// A run is compared with the runs that were added before it. So the same run done
// again is compared with the same ones, and not with itself or with later ones. It is
// added when its verdicts are complete.
//
// Bands, threshold, order and limits may differ from run to run; what sketches depend
// on (units.Settings) may not. Copies in a verdict counts documents of one run: it is
// not added up in the index.
type Config struct {
	Path string `yaml:"path"` // of the folder, outside of the work folder; none by default
	// As is the name under which what is kept is added; letters, digits, dots,
	// dashes and underscores. Without it the index is read only.
	As string `yaml:"as"`
	// Replace allows a run that is made from other documents, or by another pass,
	// than the run of the same name in the index. It takes that one's place, if that
	// was the last to be added. Without it this is an error: the name may be last
	// month's, left in the recipe.
	Replace bool `yaml:"replace"`
}

// runName is what a run may be called: it is the name of a folder.
var runName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// Validate reports the first setting that makes no sense, by its key.
func (i Config) Validate() error {
	switch {
	case i.As != "" && i.Path == "":
		return errors.New("index.as: needs index.path")
	case i.As != "" && !runName.MatchString(i.As):
		return fmt.Errorf("index.as: %q is not a name of 1 to 64 letters, digits, dots, dashes and underscores that begins with a letter or digit", i.As)
	case i.Replace && i.As == "":
		return errors.New("index.replace: needs index.as")
	}
	return nil
}

const (
	// indexFormat is the version of index.json and the shards of runs.
	//
	//	1: the first
	indexFormat = 1
	indexName   = "codemill-dedup-index" // what the folder's codemill.json says
	indexFile   = "index.json"
	runsDir     = "runs"

	namesExt  = ".names"
	placesExt = ".places"
)

// indexContents is index.json.
type indexContents struct {
	Format   int            `json:"format"`   // indexFormat
	Sketches int            `json:"sketches"` // units.Version
	Settings units.Settings `json:"settings"` // that all runs share
	Runs     []Run          `json:"runs"`     // in the order in which they were added
	// Check is the start of the fingerprint of all else, so that what somebody, or
	// the disk, changed is noticed; lists of earlier builds have none.
	Check string `json:"check,omitempty"`
}

// check is what Check has to be.
func (c indexContents) check() string {
	c.Check = ""
	return work.Fingerprint(c)[:16]
}

// Run is a run that was added to an index.
type Run struct {
	Name     string `json:"name"`
	Pass     string `json:"pass"`     // folder of its verdicts
	Docs     string `json:"docs"`     // fingerprint of the documents it was made from
	Contents string `json:"contents"` // fingerprint of its shards, "" while it is added
	Kept     int64  `json:"kept"`     // units in it
	// Adding says that its shards are being made, or that making them was cut
	// short. No run is compared with it yet. Only the last one may be so.
	Adding bool `json:"adding,omitempty"`
}

// from is what the receipts of its shards have as From: index.json can then be held
// against the shards in its folder.
func (r Run) from() string { return work.Fingerprint(r.Docs, r.Pass) }

// Index is the index as one run sees it: with the runs A, B and C in it, run B done again
// sees A alone. A nil Index stands for none: all methods may be called on it.
type Index struct {
	c        Config
	work     *work.Folder   // nil where the folder is still to be made
	settings units.Settings // of this run
	contents indexContents  // of index.json, without a run that is being added
	own      int            // number of this run among contents.Runs; their count if it is not there
	docs     string         // fingerprint of this run's documents
	pass     string         // folder of this run's verdicts
	list     []units.Shard  // of the runs before this one, in their order
	// unfinished is the name of another run whose adding was cut short, "" for none.
	// It is not among contents.Runs, but its folder may be there.
	unfinished string
}

// Open opens the index that the settings name, for a run of the job's stage; nil if
// they name none. The caller closes it.
//
// Where the run is to be added the index is made if it is not there, and locked: nobody
// else may open it for writing until it is closed. It is an error if the units in it were
// made by other settings than want, if it is damaged ([corpus.ErrCorrupt]), and if a run
// of this name is in it that was made from other documents, without Replace.
func Open(job work.Job, c Config, want units.Settings) (*Index, error) {
	return open(job, c, want, c.As != "" && !job.DryRun)
}

// Read is Open for reading only: it makes and locks nothing, and nothing has to be
// closed.
func Read(job work.Job, c Config, want units.Settings) (*Index, error) {
	return open(job, c, want, false)
}

// open is Open and Read. writing says whether this process may write to the index.
func open(job work.Job, c Config, want units.Settings, writing bool) (x *Index, err error) {
	if c.Path == "" {
		return nil, nil
	}
	docs, err := job.Docs()
	if err != nil {
		return nil, err
	}
	x = &Index{c: c, docs: work.Fingerprint(docs.Shards), pass: job.Stage, settings: want}
	defer func() {
		if err != nil {
			x.Close()
			x, err = nil, fmt.Errorf("%s: index.path: %w", job.Stage, err)
		}
	}()
	if err := x.open(job.Work, writing); err != nil || x.work == nil {
		return x, err
	}
	if err := x.read(); err != nil {
		return x, err
	}
	if x.unfinished != "" {
		job.Warnf("index.path: the run %q was not added to its end: nothing is compared with it", x.unfinished)
	}
	return x, nil
}

// open opens the folder. Where it is not there yet, and this run would make it but may
// not write now, x.work stays nil.
func (x *Index) open(w *work.Folder, writing bool) (err error) {
	if inside(w.Root(), x.c.Path) {
		return fmt.Errorf("%s is inside the work folder", x.c.Path)
	}
	if writing {
		x.work, err = work.Open(w.FS(), x.c.Path, indexName)
		return err
	}
	if _, err := w.FS().Stat(filepath.Join(x.c.Path, "codemill.json")); errors.Is(err, fs.ErrNotExist) && x.c.As != "" {
		return nil
	}
	if x.work, err = work.Read(w.FS(), x.c.Path); err != nil {
		return fmt.Errorf("%w; index.as makes one", err)
	}
	if name, err := x.work.Recipe(); err != nil || name != indexName {
		return fmt.Errorf("%s is the work folder of the recipe %q, not an index: %w", x.c.Path, name, errors.Join(err, fs.ErrInvalid))
	}
	return nil
}

// inside reports whether a path is the folder or below it, by their names: links are not
// followed.
func inside(folder, path string) bool {
	a, aerr := filepath.Abs(folder)
	b, berr := filepath.Abs(path)
	rel, err := filepath.Rel(a, b)
	return aerr == nil && berr == nil && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// read reads index.json and finds the shards to compare with.
func (x *Index) read() (err error) {
	c := &x.contents
	if *c, err = readContents(x.work); err != nil {
		return err
	}
	if c.Format == 0 {
		*c = indexContents{Format: indexFormat, Sketches: units.Version, Settings: x.settings}
	}
	if diff := c.Settings.Differences(x.settings); diff != "" {
		return fmt.Errorf("the index was made with other settings (%s): nothing in it can be compared with; use those settings or another index", diff)
	}
	if n := len(c.Runs); n > 0 && c.Runs[n-1].Adding {
		if name := c.Runs[n-1].Name; name != x.c.As {
			x.unfinished = name
		}
		c.Runs = c.Runs[:n-1]
	}
	x.own = slices.IndexFunc(c.Runs, func(r Run) bool { return r.Name == x.c.As })
	if x.own < 0 {
		x.own = len(c.Runs)
	} else if have := c.Runs[x.own]; (have.Docs != x.docs || have.Pass != x.pass) && !x.c.Replace {
		if _, _, err := have.open(x.work); err != nil {
			return err
		}
		return fmt.Errorf("the run %q in it was made from other documents than these, or by another pass (%s): give this one another index.as, or set index.replace to put it in the place of that one", have.Name, have.Pass)
	}
	return x.find()
}

// find lists the shards of the runs before this one, after checking each run's folder.
func (x *Index) find() error {
	for _, r := range x.contents.Runs[:x.own] {
		dir, m, err := r.open(x.work)
		if err != nil {
			return err
		}
		for _, s := range m.Shards {
			x.list = append(x.list, units.Shard{Dir: dir, Name: s.Shard, Rows: s.Rows})
		}
	}
	return nil
}

// open returns the folder and the manifest of a run. They must be those that were
// added: index.json has the fingerprint of the shards and the number of units.
func (r Run) open(w *work.Folder) (work.Dir, *work.Manifest, error) {
	dir := w.Dir(path.Join(runsDir, r.Name))
	m, err := dir.Manifest()
	if err != nil || work.Fingerprint(m.Shards) != r.Contents {
		err = fmt.Errorf("the run %q in it is not what was added: its folder was changed, or adding it anew was interrupted and has to be done again (%w)",
			r.Name, errors.Join(err, corpus.ErrCorrupt))
		return dir, nil, err
	}
	kept := int64(0)
	for _, s := range m.Shards {
		kept += s.Rows
		if s.From != "" && s.From != r.from() { // those of before 2026-12 do not say
			return dir, nil, fmt.Errorf("%s: %w: the run %q was made from other documents, or by another pass, than stands there", indexFile, corpus.ErrCorrupt, r.Name)
		}
	}
	if kept != r.Kept {
		return dir, nil, fmt.Errorf("%s: %w: the run %q has %d documents, not %d", indexFile, corpus.ErrCorrupt, r.Name, kept, r.Kept)
	}
	return dir, m, nil
}

// Runs returns the runs of an index in their order; the last one may be being added.
// It checks that index.json lists all runs that there are, and that what it says of
// each agrees with the manifest of its folder. ok is false for a work folder that is no
// index.
func Runs(w *work.Folder) (runs []Run, ok bool, err error) {
	if name, err := w.Recipe(); err != nil || name != indexName {
		return nil, false, err
	}
	c, err := readContents(w)
	if err != nil {
		return nil, true, err
	}
	for _, r := range c.Runs {
		if !r.Adding {
			if _, _, err := r.open(w); err != nil {
				return c.Runs, true, err
			}
		}
	}
	return c.Runs, true, nil
}

// readContents reads index.json. Of an index that has no runs yet it may be missing; then
// Format is 0. A folder of a run that it does not list shows that it was lost or changed,
// since it lists each one before there is anything of it.
func readContents(w *work.Folder) (c indexContents, err error) {
	b, err := w.ReadFile(indexFile)
	if err == nil {
		err = c.parse(b)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return c, err
	}
	runs, err := w.FS().ReadDir(filepath.Join(w.Root(), runsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	for _, e := range runs {
		if !slices.ContainsFunc(c.Runs, func(r Run) bool { return r.Name == e.Name() }) {
			return c, fmt.Errorf("%s: %w: it does not list the run %q, which is there: bring back a copy of it, or make the index anew from the runs' work folders", indexFile, corpus.ErrCorrupt, e.Name())
		}
	}
	return c, nil
}

// parse reads index.json and checks that it is as it was written. What codemill did not
// write is [corpus.ErrCorrupt]; another version's is an error that says so.
func (c *indexContents) parse(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields() // a key that was changed is another
	if err := d.Decode(c); err != nil {
		return fmt.Errorf("%s: %w: %v", indexFile, corpus.ErrCorrupt, err)
	}
	if c.Format != indexFormat || c.Sketches != units.Version {
		return fmt.Errorf("the index has format %d with sketches of version %d, this codemill reads format %d with version %d: make it anew from the runs' work folders",
			c.Format, c.Sketches, indexFormat, units.Version)
	}
	if c.Check != "" && c.Check != c.check() {
		return fmt.Errorf("%s: %w: it is not as it was written: bring back a copy of it, or make the index anew from the runs' work folders", indexFile, corpus.ErrCorrupt)
	}
	for i, r := range c.Runs {
		if !runName.MatchString(r.Name) {
			return fmt.Errorf("%s: %w: a run is called %q", indexFile, corpus.ErrCorrupt, r.Name)
		}
		if r.Adding && i < len(c.Runs)-1 {
			return fmt.Errorf("%s: %w: others come after the run %q, which is being added", indexFile, corpus.ErrCorrupt, r.Name)
		}
	}
	return nil
}

// Close unlocks the index. It may be called again.
func (x *Index) Close() error {
	if x == nil || x.work == nil {
		return nil
	}
	return x.work.Close()
}

// Shards returns the shards of the runs that this one is compared with, in the order in
// which the runs were added. units.IndexPos numbers them by their place in this list.
func (x *Index) Shards() []units.Shard {
	if x == nil {
		return nil
	}
	return x.list
}

// Earlier lists the runs that this one is compared with. It is never nil, as it goes into
// fingerprints by its JSON.
func (x *Index) Earlier() []Run {
	list := []Run{}
	if x != nil {
		list = append(list, x.contents.Runs[:x.own]...)
	}
	return list
}
