package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/recipe"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
	"github.com/codemill/codemill/work/vfs"
)

// done is what a stage did in this run.
type done struct {
	stage
	manifest *work.Manifest // that stands after it; never nil but where the stage failed
	reading  ledger.Reading // documents and bytes that were worked on, in this run alone
	elapsed  time.Duration  // by the clock
	cpu      time.Duration  // of all threads and child processes
	worked   bool           // false: everything stood already
}

// load reads the recipe with the flags put over it: first those that are dotted keys, then
// the global ones. --work is relative to the present folder, as paths on a command line
// are, while the recipe's paths are relative to the recipe; so it is made absolute here.
// The error is a [*callError].
func (a *app) load(path string) (*recipe.Recipe, error) {
	overrides := a.overrides
	for _, o := range []recipe.Override{{Key: "seed", Value: a.Seed}, {Key: "memory", Value: a.Memory}, {Key: "workers", Value: a.Workers}} {
		if o.Value != "" {
			overrides = append(overrides, o)
		}
	}
	if a.Work != "" {
		work, err := filepath.Abs(a.Work)
		if err != nil {
			return nil, err
		}
		overrides = append(overrides, recipe.Override{Key: "work", Value: work})
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return nil, &callError{fmt.Errorf("%s is a folder; this command wants the recipe, a YAML file%s", path, ofWork(path))}
	}
	r, err := recipe.Load(path, overrides...)
	if err != nil {
		return nil, &callError{err}
	}
	a.recipe = r
	return r, nil
}

// ofWork says which recipe a work folder belongs to, "" for any other folder.
func ofWork(path string) string {
	w, err := work.Read(vfs.OS{}, path)
	if err != nil {
		return ""
	}
	recipe, err := w.Recipe()
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (the folder is the work folder of the recipe %q)", recipe)
}

// noRecipe refuses, where no recipe is read, settings of one and the flags that stand for
// its keys, but for those that the command uses, such as "workers". A flag that is passed
// over in silence would let people believe that it did something.
func (a *app) noRecipe(used ...string) error {
	if len(a.overrides) > 0 {
		return &callError{fmt.Errorf("--%s: this command reads no recipe, so it takes no settings of one", a.overrides[0].Key)}
	}
	for _, flag := range []struct {
		name  string
		given bool
	}{{"work", a.Work != ""}, {"seed", a.Seed != ""}, {"memory", a.Memory != ""}, {"workers", a.Workers != ""}, {"dry-run", a.DryRun}} {
		if flag.given && !slices.Contains(used, flag.name) {
			return &callError{fmt.Errorf("--%s: means nothing to this command where it reads no recipe", flag.name)}
		}
	}
	return nil
}

// job is what a stage of the recipe is run with. w is nil in the one case where there is
// no folder yet: dryRunAnew.
func (a *app) job(w *work.Folder, r *recipe.Recipe, s stage, p *progress) work.Job {
	return work.Job{
		Work: w, Stage: s.folder, After: s.after, Seed: r.Seed, Workers: r.Workers, Memory: int64(r.Memory),
		DryRun: a.DryRun, Meter: &ledger.Meter{}, Warn: func(m string) { p.note(s.name, m) },
	}
}

// execute runs the stages given, one after the other, and prints what they did: the
// commands of stages and run are this, with other stages. In this order:
//
//  1. what the settings name is read, of all stages, so that a missing file is known
//     before hours of work;
//  2. the work folder is opened and locked, and each stage is run;
//  3. the note of how tokens were made is written right behind them, for verify;
//  4. what the run did is noted and printed;
//  5. broken input, if crawl ran, ends it with exit code 3.
//
// The first error ends it. What has been made stays, and the next run goes on from there.
func (a *app) execute(r *recipe.Recipe, chosen []stage) error {
	for _, s := range chosen {
		if s.ready == nil {
			continue
		}
		if err := s.ready(); err != nil {
			return &callError{err}
		}
	}
	if a.DryRun {
		return a.dryRun(r, chosen)
	}
	w, err := work.Open(vfs.OS{}, r.Work, r.Name)
	if err != nil {
		return err
	}
	defer w.Close()
	limitMemory(r)
	p := newProgress(a.globals, a.err)
	var results []done
	for _, s := range chosen {
		d, err := a.step(w, r, s, p)
		if err != nil {
			if work.Interrupted(err) {
				return &stopped{s.name, err}
			}
			return err
		}
		results = append(results, d)
		if s.folder == work.TokensStage {
			if err := state.NoteTokenize(w, r.Tokenize, r.Seed); err != nil {
				return err
			}
		}
	}
	if err := noteRun(w, results); err != nil {
		return err
	}
	if err := a.summary(w, results); err != nil {
		return err
	}
	return badSources(w, results)
}

// stopped is a stage that was told to stop. It wraps [context.Canceled].
type stopped struct {
	stage string // its name
	err   error
}

func (e *stopped) Error() string { return e.stage + ": interrupted; run again to go on from here" }
func (e *stopped) Unwrap() error { return e.err }

// limitMemory has Go's runtime collect garbage more often as its memory nears nine tenths
// of the recipe's. The last tenth is for what the runtime does not count, such as binaries
// that are mapped and child processes. It is no hard limit: that stages stay within it,
// work.Job.Parallel sees to.
func limitMemory(r *recipe.Recipe) { debug.SetMemoryLimit(int64(r.Memory) / 10 * 9) }

// step runs one stage and shows its progress. With an error, too, it says how far the
// stage came.
func (a *app) step(w *work.Folder, r *recipe.Recipe, s stage, p *progress) (done, error) {
	job := a.job(w, r, s, p)
	stop := p.watch(s.name, job.Meter)
	start, cpu := time.Now(), cpuTime()
	m, err := s.run(a.ctx, job)
	stop()
	d := done{stage: s, manifest: m, reading: job.Meter.Read(), elapsed: time.Since(start), cpu: cpuTime() - cpu}
	d.worked = d.reading.Finished > 0 // a manifest was written, of the stage or of one of its needs
	return d, err
}

// dryRun says for every stage what it would make, and writes nothing. After the first that
// has something to do, the others' inputs are not known yet: if that one comes to the same
// bytes, nothing after it is made again.
//
//	crawl      up to date, 3 shards
//	filter     3 of 3 shards would be made: made from other inputs, with other settings or by another version
//	dedup      would follow filter: redone where that gives other bytes
func (a *app) dryRun(r *recipe.Recipe, chosen []stage) error {
	if _, err := os.Stat(r.Work); errors.Is(err, os.ErrNotExist) {
		return a.dryRunAnew(r, chosen)
	}
	w, err := work.Read(vfs.OS{}, r.Work)
	if err != nil {
		return err
	}
	if have, err := w.Recipe(); err != nil {
		return err
	} else if have != r.Name {
		return fmt.Errorf("%s is the work folder of the recipe %q, not of %q; choose another one with --work", r.Work, have, r.Name)
	}
	limitMemory(r)
	p, waits := newProgress(a.globals, a.err), ""
	for _, s := range chosen {
		if waits != "" {
			fmt.Fprintf(a.out, "%-10s would follow %s: redone where that gives other bytes\n", s.name, waits)
			continue
		}
		d, err := a.step(w, r, s, p)
		var pending *work.Pending
		switch {
		case errors.As(err, &pending):
			fmt.Fprintf(a.out, "%-10s %s\n", s.name, would(pending))
			waits = s.name
		case err != nil:
			return err
		default:
			fmt.Fprintf(a.out, "%-10s up to date, %d shards\n", s.name, len(d.manifest.Rows()))
		}
	}
	return nil
}

// dryRunAnew is dryRun where there is no work folder yet. It fails where a run
// would: sources that are missing, or a stage that does not come first.
func (a *app) dryRunAnew(r *recipe.Recipe, chosen []stage) error {
	if chosen[0].folder != work.DocsStage {
		return &work.Incomplete{Stage: work.DocsStage}
	}
	limitMemory(r)
	s, err := crawl.Describe(a.ctx, a.job(nil, r, chosen[0], newProgress(a.globals, a.err)), r.Crawl)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s is not there yet: everything would be made, from %d shards of documents on\n", name(r.Work), len(s.Tasks))
	return nil
}

// would says what a stage has to make, and tells shards that were never made from those
// that have to be made anew. It counts the shards that hold rows: a summary is no work.
func would(p *work.Pending) string {
	const anew = "made from other inputs, with other settings or by another version"
	stale := p.Anew + p.Absent
	made := fmt.Sprintf("%d of %d shards would be made: ", stale, stale+p.Standing)
	switch {
	case stale+p.Standing == 0: // parts that hold no rows, or a run in an index
		return fmt.Sprintf("%d shards of %s would be made", len(p.Stale), p.Stage)
	case stale == 0:
		return fmt.Sprintf("%d shards stand; only summary and manifest would be made", p.Standing)
	case p.Anew == 0:
		return made + "not there yet"
	case p.Absent == 0:
		return made + anew
	default:
		return made + fmt.Sprintf("%d not there yet, %d %s", p.Absent, p.Anew, anew)
	}
}
