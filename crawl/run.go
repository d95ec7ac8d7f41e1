package crawl

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// source is a Source that is ready to be crawled.
type source struct {
	Source
	sel         selection // its include and exclude
	bounds      bounds    // what may be read for it
	fingerprint string    // of its settings
}

// mayWant reports whether a file of this path could be of one of the kinds that the
// source asks for, and if not of which it is. A file whose name stands for languages of
// other kinds only is not opened, so that a source of prose need not read all code. A
// modeline or a first line in it, or a .gitattributes, that names another language is
// not seen then.
func (s *source) mayWant(path string) (ok bool, detail string) {
	langs := lang.ByName(path)
	for _, l := range langs {
		if kind, _ := lang.Kind(l, path); wants(s.Kinds, kind) {
			return true, ""
		}
	}
	if len(langs) == 0 {
		return true, ""
	}
	return false, kindDetail(lang.Kind(langs[0], path))
}

// kindDetail says of what is left out for its kind which it is, and by which line of
// lang's tables if not by Linguist's type of its language.
func kindDetail(kind, rule string) string {
	if rule == "" {
		return choice.Name(kind)
	}
	return choice.Name(kind) + ": " + rule
}

// wants reports whether a kind is among those asked for; none asked for means all.
func wants(kinds []string, kind string) bool { return len(kinds) == 0 || slices.Contains(kinds, kind) }

// unit is what is never split across shards: a repository, or a piece of a file
// of rows.
type unit struct {
	index    int // number among all units
	src      *source
	repo     string // the repository's name, or the file's
	revision string // see tree.Revision; "" for rows
	bytes    int64  // listed; files that are too large do not count
	files    int64  // listed; a piece of rows counts as one
	state    string // changes when the unit's documents may; goes into fingerprints
	meta     metadata
	memory   int64 // about how many bytes of memory crawling it takes
	contents
}

// contents is how the documents of a unit are had: treeContents, rowContents or
// leftContents.
type contents interface {
	// crawl writes the documents of a unit, and what is left out of it.
	crawl(ctx context.Context, w *writer, u *unit) error
	// places adds the places of its blobs, for blobs: once.
	places(ctx context.Context, w *placesWriter, u *unit) error
}

// crawler is what the tasks of one run share. It is safe for concurrent use.
type crawler struct {
	cfg      Config
	job      work.Job
	licences license.Recognizer

	remembered memory
	kept       atomic.Int64 // bytes of listings; see keep

	mu      sync.Mutex
	scratch *work.Scratch // nil until it is needed
}

// Run crawls all sources into the job's documents.
func Run(ctx context.Context, job work.Job, cfg Config) (*work.Manifest, error) {
	c, s, err := describe(ctx, job, cfg)
	if err != nil {
		return nil, err
	}
	m, err := job.Run(ctx, s)
	if cerr := c.close(); err == nil && cerr != nil {
		return nil, cerr
	}
	return m, err
}

// Describe lists all sources and returns the stage that [Run] runs. It writes nothing.
// With blobs: once the repeated blobs are a need of the stage.
func Describe(ctx context.Context, job work.Job, cfg Config) (work.Stage, error) {
	_, s, err := describe(ctx, job, cfg)
	return s, err
}

func describe(ctx context.Context, job work.Job, cfg Config) (*crawler, work.Stage, error) {
	if err := cfg.Validate(); err != nil {
		return nil, work.Stage{}, err
	}
	c := &crawler{cfg: cfg.withDefaults(), job: job}
	if _, err := job.Parallel(c.taskMemory(nil)); err != nil {
		return nil, work.Stage{}, err // before anything is listed
	}
	units, err := c.list(ctx)
	if err != nil {
		return nil, work.Stage{}, err
	}
	workers, err := job.Parallel(c.taskMemory(units))
	if err != nil {
		return nil, work.Stage{}, err
	}
	s := work.Stage{Version: Version, Settings: c.settings(), Workers: workers}
	shards := c.shards(units)
	all := ""
	if c.cfg.Blobs == BlobsOnce { // every shard depends on all others
		all = work.Fingerprint(inputs(units, ""))
		s.Needs = []work.Need{{
			Sub: repeatsSub, Spill: true,
			Stage: func(context.Context) (work.Stage, error) { return c.findRepeats(shards, workers) },
		}}
	}
	for i, part := range shards {
		bytes := int64(0)
		for _, u := range part {
			bytes += u.bytes
		}
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: inputs(part, all), Bytes: bytes,
			Make: func(ctx context.Context, out *work.Output) error { return c.make(ctx, part, out) },
		})
	}
	return c, s, nil
}

// Create makes a file in scratch space, for extsort and listings.
func (c *crawler) Create() (vfs.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scratch == nil {
		s, err := c.job.Work.Scratch("crawl")
		if err != nil {
			return nil, err
		}
		c.scratch = s
	}
	return c.scratch.Create()
}

// close removes what is in scratch space.
func (c *crawler) close() error {
	if c.scratch == nil {
		return nil
	}
	return c.scratch.Close()
}

func (c *crawler) settings() settings {
	return settings{c.cfg.MaxFileBytes, c.cfg.Blobs, c.cfg.Encodings, c.cfg.StrayBytes, c.cfg.LineEnds, c.cfg.Notebooks}
}

// taskMemory is about how many bytes making one shard takes: its two tables, a text in
// its original and its converted form, what language and licence detection hold (64
// MiB), and what the unit that needs most takes besides.
func (c *crawler) taskMemory(units []*unit) int64 {
	most := int64(0)
	for _, u := range units {
		most = max(most, u.memory)
	}
	return work.TableMemory + 2*c.cfg.MaxFileBytes + 64<<20 + most
}

// located is a source with what stands at its paths.
type located struct {
	*source
	locations []location
	notes     []string // what people should know of them
}

// locate finds what the sources consist of and reads nothing of it. The error
// names every source that is missing, so that all of them can be mended at once.
func (c *crawler) locate(ctx context.Context) ([]*located, error) {
	var all []*located
	var missing []error
	for _, s := range c.cfg.Sources {
		sel, err := newSelection(s)
		if err != nil {
			return nil, err
		}
		l := &located{source: &source{Source: s, sel: sel, fingerprint: work.Fingerprint(s.settings())}}
		if l.bounds, err = s.bounds(); err == nil {
			l.locations, l.notes, err = s.locations(ctx, l.bounds)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			missing = append(missing, fmt.Errorf("source %s: %w", s.Name, err))
		}
		all = append(all, l)
	}
	return all, errors.Join(missing...)
}

// list is the first phase: all units of all sources in their order.
func (c *crawler) list(ctx context.Context) ([]*unit, error) {
	sources, err := c.locate(ctx)
	if err != nil {
		return nil, err
	}
	var all []*unit
	repos := map[string]bool{}
	for _, s := range sources {
		units, err := c.listSource(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		for _, u := range units {
			repos[u.repo] = true
		}
		all = append(all, units...)
	}
	rows, err := readMetadata(ctx, c.cfg.Metadata, repos)
	if err != nil {
		return nil, err
	}
	for i, u := range all {
		u.index = i
		u.meta = noMetadata
		if m, ok := rows[u.repo]; ok {
			u.meta = m
		}
	}
	return all, nil
}

// listSource lists the units of one source, in the order of its locations. A repository
// that cannot be read is a unit too, which has one row of what is left out; where the
// source says so, an error.
func (c *crawler) listSource(ctx context.Context, src *located) ([]*unit, error) {
	type listed struct {
		units  []*unit
		notes  [][2]string // what and detail
		refuse string      // why it cannot be read
	}
	found := make([]listed, len(src.locations))
	err := fanout.Each(ctx, c.job.Workers, len(found), func(ctx context.Context, i int) error {
		at, f := src.locations[i], &found[i]
		err := at.refused
		if err == nil {
			f.units, err = at.sourceType.units(ctx, c, src.source, at, func(what, detail string) {
				f.notes = append(f.notes, [2]string{what, fmt.Sprintf("%s, %s", at.repo, detail)})
			})
		}
		if err == nil {
			return nil
		}
		var left *origin.Left
		if ctx.Err() != nil || !errors.As(err, &left) || src.OnUnreadable == UnreadableStop && left.Reason == UnreadableRepo {
			return fmt.Errorf("%s: %w", at.path, err)
		}
		if left.Reason == UnreadableRepo {
			f.refuse = fmt.Sprintf("%s: %v", at.path, err)
		}
		f.units = []*unit{{src: src.source, repo: at.repo, files: 1, state: fmt.Sprintf("left %s %s", left.Reason, left.Detail), contents: leftContents{*left}}}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var units []*unit
	files := int64(0)
	var refused []string
	noted := map[string][]string{}
	for _, f := range found {
		for _, n := range f.notes {
			noted[n[0]] = append(noted[n[0]], n[1])
		}
		if f.refuse != "" {
			refused = append(refused, f.refuse)
		}
		for _, u := range f.units {
			units, files = append(units, u), files+u.files
		}
	}
	notes := src.notes
	for _, what := range slices.Sorted(maps.Keys(noted)) {
		notes = append(notes, some(noted[what], what)...)
	}
	notes = append(notes, some(refused, "repositories cannot be read and are left out")...)
	for _, note := range notes {
		c.job.Warnf("source %s: %s", src.Name, note)
	}
	if files == 0 && !src.Optional {
		return nil, errors.New("there are no files in it; set optional: true if that may be")
	}
	if files == 0 && len(notes) == 0 {
		c.job.Warnf("source %s: there are no files in it", src.Name)
	}
	return units, nil
}

// some is one note on many things of a kind, which names the first of them; none where
// there are none.
func some(things []string, what string) []string {
	const named = 3
	n := len(things)
	if n == 0 {
		return nil
	}
	list := strings.Join(things[:min(n, named)], "; ")
	if n > named {
		list += fmt.Sprintf("; and %d more", n-named)
	}
	return []string{fmt.Sprintf("%s (%d): %s", what, n, list)}
}

// leftContents is a unit's contents where a repository as a whole is left out.
type leftContents struct{ left origin.Left }

// crawl writes the one row, whose path is ".".
func (l leftContents) crawl(_ context.Context, w *writer, u *unit) error {
	w.c.job.Meter.Did(1, 0)
	return w.leave(corpus.LeftOut{Source: u.src.Name, Repo: u.repo, Path: ".", Reason: l.left.Reason, Detail: l.left.Detail}, 0)
}

// places adds none.
func (leftContents) places(context.Context, *placesWriter, *unit) error { return nil }

// shards groups the units into shards: see Group.
func (c *crawler) shards(units []*unit) [][]*unit {
	sizes := make([]int64, len(units))
	for i, u := range units {
		sizes[i] = u.bytes
	}
	var shards [][]*unit
	start := 0
	for _, end := range Group(sizes, c.cfg.ShardBytes) {
		shards = append(shards, units[start:end])
		start = end
	}
	return shards
}

// input is what a shard depends on for one of its units.
type input struct {
	Source, Repo, State string // Source is the fingerprint of its settings
	Metadata            metadata
}

// shardInputs is what a shard depends on; see work.Task.Inputs.
type shardInputs struct {
	Units []input
	All   string // fingerprint of the inputs of all units with blobs: once, else ""
}

// inputs returns the inputs of a shard of these units.
func inputs(units []*unit, all string) shardInputs {
	list := make([]input, len(units))
	for i, u := range units {
		list[i] = input{u.src.fingerprint, u.repo, u.state, u.meta}
	}
	return shardInputs{list, all}
}
