package crawl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// source is a Source with its globs compiled.
type source struct {
	Source
	sel         selection
	bounds      bounds
	fingerprint string // of its settings
}

// mayWant reports whether a file by this name could have one of the kinds
// asked for. Where its name stands for languages of other kinds only, it is not
// opened: a modeline or a first line that says otherwise is not looked for, so
// that a source of prose need not read all code.
func (s *source) mayWant(path string) bool {
	langs := lang.ByName(path)
	return len(langs) == 0 || slices.ContainsFunc(langs, func(l string) bool { return wants(s.Kinds, lang.Kind(l)) })
}

// wants reports whether a kind is among those asked for, of which none means all.
func wants(kinds []string, kind string) bool { return len(kinds) == 0 || slices.Contains(kinds, kind) }

// unit is what is never split across shards: a repository, or a piece of a file
// of rows.
type unit struct {
	index    int // among all units
	src      *source
	repo     string
	revision string // "" where the state is that of a listing
	bytes    int64  // listed
	files    int64
	state    string // what its documents depend on
	meta     metadata
	memory   int64 // bytes that crawling it takes
	contents
}

// contents are what documents are made of.
type contents interface {
	// crawl writes the documents of a unit, and what is left out of it.
	crawl(ctx context.Context, w *writer, u *unit) error
	// places tells the places of its blobs.
	places(ctx context.Context, w *placesWriter, u *unit) error
}

// crawler is what the tasks of one run share.
type crawler struct {
	cfg      Config
	job      work.Job
	licences license.Recognizer

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

// Describe returns the stage that [Run] runs, all sources being listed. Where a
// blob is written once, what is repeated is a need of the stage.
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
			Sub: repeatsDir, Spill: true,
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

// Create makes a file in scratch space.
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
	return settings{c.cfg.MaxFileBytes, c.cfg.Blobs, c.cfg.Encodings, c.cfg.StrayBytes, c.cfg.LineEnds}
}

// taskMemory is what one shard in the making needs: its two tables, a text in
// its original and its converted form, the automata and the licence classifier,
// and what the unit that needs most takes besides.
func (c *crawler) taskMemory(units []*unit) int64 {
	most := int64(0)
	for _, u := range units {
		most = max(most, u.memory)
	}
	return work.TableMemory + 2*c.cfg.MaxFileBytes + 64<<20 + most
}

// list is the first phase: all units of all sources in their order.
func (c *crawler) list(ctx context.Context) ([]*unit, error) {
	var all []*unit
	repos := map[string]bool{}
	for _, s := range c.cfg.Sources {
		sel, err := newSelection(s)
		if err != nil {
			return nil, err
		}
		within, err := s.bounds()
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		src := &source{s, sel, within, work.Fingerprint(s.settings())}
		units, err := c.listSource(ctx, src)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		for _, u := range units {
			repos[u.repo] = true
		}
		all = append(all, units...)
	}
	rows, err := readMetadata(c.cfg.Metadata, repos)
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

func (c *crawler) listSource(ctx context.Context, src *source) ([]*unit, error) {
	var warnings []error
	locations, err := src.locations(ctx, func(err error) { warnings = append(warnings, err) })
	if err != nil {
		return nil, err
	}
	found, skipped := make([][]*unit, len(locations)), make([]error, len(locations))
	err = fanout.Each(ctx, c.job.Workers, len(locations), func(ctx context.Context, i int) error {
		units, err := locations[i].kind.units(ctx, c, src, locations[i])
		if err != nil {
			err = fmt.Errorf("%s: %w", locations[i].path, err)
			if ctx.Err() != nil || !src.Optional && !errors.Is(err, origin.ErrUnborn) {
				return err
			}
			skipped[i] = err
		}
		found[i] = units
		return nil
	})
	if err != nil {
		return nil, err
	}
	var units []*unit
	files := int64(0)
	for i := range locations {
		if skipped[i] != nil {
			warnings = append(warnings, skipped[i])
		}
		for _, u := range found[i] {
			units, files = append(units, u), files+u.files
		}
	}
	for _, err := range warnings {
		c.job.Warnf("source %s: %v", src.Name, err)
	}
	if files == 0 && !src.Optional {
		return nil, errors.New("there are no files in it; set optional: true if that may be")
	}
	if files == 0 && len(warnings) == 0 {
		c.job.Warnf("source %s: there are no files in it", src.Name)
	}
	return units, nil
}

// shards groups the units into shards.
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
	Source, Repo, State string
	Metadata            metadata
}

type shardInputs struct {
	Units []input
	All   string
}

func inputs(units []*unit, all string) shardInputs {
	list := make([]input, len(units))
	for i, u := range units {
		list[i] = input{u.src.fingerprint, u.repo, u.state, u.meta}
	}
	return shardInputs{list, all}
}
