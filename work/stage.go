package work

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/ledger"
)

// Task makes one shard.
type Task struct {
	Shard  string
	Inputs any // all that the shard depends on besides the stage's version and settings
	// From, for a shard that belongs to a shard of documents, is the
	// Fingerprint of that shard's Job.Inputs. It tells readers later whether
	// both still belong together.
	From  string
	Bytes int64 // about how much it reads, for the progress
	Make  func(ctx context.Context, out *Output) error
}

// FinalTask makes a shard from what the stage's Tasks came to: their counts and
// contents, on which it depends besides Inputs. It counts no documents, but may
// have tallies.
type FinalTask struct {
	Shard  string
	Inputs any
	// Needs says that Make reads what the stage's Needs made, which is made again
	// where it is lost.
	Needs bool
	// Make is given the manifest of Tasks, without fingerprint.
	Make func(ctx context.Context, out *Output, m *Manifest) error
}

// Stage is the making of all shards of one folder.
type Stage struct {
	Version  int // of the algorithm: raised when the same input gives other bytes
	Settings any
	Workers  int // tasks at once; 0 means Job.Workers
	Tasks    []Task
	// Final is made after Tasks, one after the other.
	Final []FinalTask
	// Needs are made before Tasks, in their order, when at least one of those has
	// to be made, or one of Final that asks for them.
	Needs []Need
	// Beside names parts that stand below the stage's folder besides Needs. What
	// else is there was another run's, with other settings, and is removed.
	Beside []string
	// Expect, if set, is what the stage before kept: what this one must take in.
	Expect *ledger.Count
}

// Need is a part of a stage that stands in a folder of its own below the
// stage's, with receipts. What tasks know of all documents, or of other shards,
// they know from the files of needs: so any process can make any shard.
type Need struct {
	Sub string // the folder below the stage's
	// Stage describes the need, when those before it stand.
	Stage func(ctx context.Context) (Stage, error)
	// Spill says that nobody wants the folder once the stage's shards stand: it
	// is removed then.
	Spill bool
}

// Pending is the error of a dry run in which a stage has something to do.
type Pending struct {
	Stage        string
	Fresh, Stale []string // shards that stand, shards to be made
	// Of the shards that hold rows: how many stand, have to be made anew (from
	// other inputs, with other settings or by another version), and are not there.
	Standing, Anew, Absent int
}

func (p *Pending) Error() string {
	return fmt.Sprintf("%s: %d of %d shards to be made", p.Stage, len(p.Stale), len(p.Fresh)+len(p.Stale))
}

// Run makes the shards that are not there, or that were made from something
// else, removes those that the stage no longer has, and returns the manifest.
// What stands is left as it is: running a finished stage again writes nothing.
func (j Job) Run(ctx context.Context, s Stage) (*Manifest, error) {
	d := j.Dir()
	r := &running{job: j, dir: d, stage: s}
	if err := r.scan(s.Tasks); err != nil {
		return nil, err
	}
	tasks := len(r.stale)
	if tasks == 0 {
		if err := r.scan(r.final()); err != nil {
			return nil, err
		}
	}
	m, err := d.Manifest()
	if err == nil && len(r.stale) == 0 && m.Fingerprint == r.whole() {
		return m, j.settle(ctx, s)
	}
	if err != nil && !errors.Is(err, ErrIncomplete) {
		return nil, err
	}
	if j.DryRun {
		return nil, r.pending()
	}
	if err := d.clear(s.shards()); err != nil {
		return nil, err
	}
	if tasks > 0 || len(r.stale) > 0 && slices.ContainsFunc(s.Final, func(f FinalTask) bool { return f.Needs }) {
		for _, n := range s.Needs {
			if err := j.need(ctx, n); err != nil {
				return nil, err
			}
		}
	}
	if tasks > 0 {
		workers := s.Workers
		if workers == 0 {
			workers = j.Workers
		}
		if err := r.make(ctx, workers); err != nil {
			return nil, err
		}
		if err := r.scan(r.final()); err != nil {
			return nil, err
		}
	}
	if err := r.make(ctx, 1); err != nil {
		return nil, err
	}
	parts := map[string]string{}
	for _, part := range s.parts() {
		p, err := j.Sub(part).Dir().Manifest()
		switch {
		case err == nil:
			parts[part] = p.Fingerprint
		case !errors.Is(err, ErrIncomplete): // one whose folder somebody removed is not known
			return nil, err
		}
	}
	m, err = d.finish(r.whole(), r.receipts, s.Expect, parts)
	if err != nil {
		return nil, err
	}
	j.Meter.Finish()
	return m, j.settle(ctx, s)
}

// parts names the folders below the stage's that stay.
func (s Stage) parts() []string {
	parts := slices.Clone(s.Beside)
	for _, n := range s.Needs {
		if !n.Spill {
			parts = append(parts, n.Sub)
		}
	}
	return parts
}

// Sub returns the job of a part of the stage in a folder below the stage's.
func (j Job) Sub(name string) Job {
	j.Stage += "/" + name
	return j
}

func (j Job) need(ctx context.Context, n Need) error {
	s, err := n.Stage(ctx)
	if err != nil {
		return err
	}
	_, err = j.Sub(n.Sub).Run(ctx, s)
	return err
}

// settle leaves the parts of a stage that stands as they should be: without
// those that no one wants any more, and made for this stage, should a power
// failure have taken a manifest, or a run with other settings have been cut short.
// A need whose folder was removed stays away. A dry run only looks.
func (j Job) settle(ctx context.Context, s Stage) error {
	parts, err := j.Work.Folders(j.Stage)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if !slices.Contains(s.parts(), part) && !j.DryRun {
			if err := j.Sub(part).Dir().Remove(); err != nil {
				return err
			}
		}
	}
	for _, n := range s.Needs {
		if n.Spill || !slices.Contains(parts, n.Sub) {
			continue
		}
		if err := j.need(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// MakeShard makes one shard, whether it stands already or not: of the stage, or
// of the need of this name where sub is not empty. It is what a process does
// that is told names alone: it describes the stage anew and finds the rest in
// files, which must stand. The folder is another's to finish, by [Job.Run].
func (j Job) MakeShard(ctx context.Context, s Stage, sub, shard string) (*Receipt, error) {
	if sub != "" {
		i := slices.IndexFunc(s.Needs, func(n Need) bool { return n.Sub == sub })
		if i < 0 {
			return nil, fmt.Errorf("%s has no part %q", j.Stage, sub)
		}
		part, err := s.Needs[i].Stage(ctx)
		if err != nil {
			return nil, err
		}
		return j.Sub(sub).MakeShard(ctx, part, "", shard)
	}
	r := &running{job: j, dir: j.Dir(), stage: s}
	if err := makeDir(j.Work.fs, r.dir.path); err != nil {
		return nil, err
	}
	if err := r.scan(s.Tasks); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(s.Final, func(f FinalTask) bool { return f.Shard == shard }) {
		if len(r.stale) > 0 {
			return nil, fmt.Errorf("%s/%s follows the other shards, of which %d are not made yet", j.Stage, shard, len(r.stale))
		}
		if err := r.scan(r.final()); err != nil {
			return nil, err
		}
	}
	i := slices.IndexFunc(r.tasks, func(t Task) bool { return t.Shard == shard })
	if i < 0 {
		return nil, fmt.Errorf("%s has no shard %q", j.Stage, shard)
	}
	return r.dir.make(ctx, r.tasks[i], r.prints[i])
}

// RunShards runs a stage that makes one shard of every shard of the documents,
// from it and the verdicts on it alone, and takes in what the stage before kept.
// Memory is what making one takes.
func (j Job) RunShards(ctx context.Context, s Stage, memory int64, do func(ctx context.Context, shard int, out *Output) error) (*Manifest, error) {
	s, err := j.PerShard(s, memory, do)
	if err != nil {
		return nil, err
	}
	before, err := j.Intake()
	if err != nil {
		return nil, err
	}
	s.Expect = &before
	return j.Run(ctx, s)
}

// PerShard returns the stage with one task more for every shard of the
// documents, made from it and the verdicts on it alone. As many run at once as
// fit into the job's memory, when making one takes this much.
func (j Job) PerShard(s Stage, memory int64, do func(ctx context.Context, shard int, out *Output) error) (Stage, error) {
	inputs, err := j.Inputs()
	if err != nil {
		return s, err
	}
	before, err := j.Intake()
	if err != nil {
		return s, err
	}
	if s.Workers, err = j.Parallel(memory); err != nil {
		return s, err
	}
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, Task{
			Shard: corpus.ShardName(i), Inputs: in, From: Fingerprint(in), Bytes: before.Total().Kept.Bytes / int64(len(inputs)),
			Make: func(ctx context.Context, out *Output) error { return do(ctx, i, out) },
		})
	}
	return s, nil
}

// shards returns the names of all shards of the stage.
func (s Stage) shards() map[string]bool {
	names := map[string]bool{}
	for _, t := range s.Tasks {
		names[t.Shard] = true
	}
	for _, t := range s.Final {
		names[t.Shard] = true
	}
	return names
}

// running is a stage on its way: the tasks looked at so far, each with the
// fingerprint it must have and the receipt it has.
type running struct {
	job      Job
	dir      Dir
	stage    Stage
	tasks    []Task
	prints   []string
	receipts []*Receipt // nil while a task is stale
	stale    []int
}

// scan adds tasks and finds out which of them have to be made.
func (r *running) scan(tasks []Task) error {
	for _, t := range tasks {
		print := Fingerprint(r.job.Stage, r.stage.Version, r.stage.Settings, t.Inputs)
		receipt, err := r.dir.fresh(t.Shard, print)
		if err != nil {
			return err
		}
		if receipt == nil {
			r.stale = append(r.stale, len(r.tasks))
		} else {
			r.job.Meter.Skip()
		}
		r.tasks, r.prints, r.receipts = append(r.tasks, t), append(r.prints, print), append(r.receipts, receipt)
	}
	return nil
}

// make makes the stale tasks.
func (r *running) make(ctx context.Context, workers int) error {
	for _, i := range r.stale {
		r.job.Meter.Expect(r.tasks[i].Bytes)
	}
	err := fanout.Each(ctx, workers, len(r.stale), func(ctx context.Context, n int) error {
		i := r.stale[n]
		receipt, err := r.dir.make(ctx, r.tasks[i], r.prints[i])
		r.receipts[i] = receipt
		return err
	})
	r.stale = nil
	return err
}

// pending says what a dry run would make: all final tasks among it, unless no
// other is stale.
func (r *running) pending() error {
	p := &Pending{Stage: r.job.Stage}
	for i, t := range r.tasks {
		rows := t.From != "" || r.job.Stage == DocsStage
		if r.receipts[i] != nil {
			p.Fresh = append(p.Fresh, t.Shard)
			if rows {
				p.Standing++
			}
			continue
		}
		p.Stale = append(p.Stale, t.Shard)
		if !rows {
			continue
		}
		older, err := r.dir.holds(t.Shard)
		switch {
		case err != nil:
			return err
		case older:
			p.Anew++
		default:
			p.Absent++
		}
	}
	if len(r.tasks) == len(r.stage.Tasks) {
		for _, f := range r.stage.Final {
			p.Stale = append(p.Stale, f.Shard)
		}
	}
	return p
}

// final turns the stage's final tasks into ordinary ones, all others being done.
func (r *running) final() []Task {
	m := manifest(r.dir, r.receipts)
	var tasks []Task
	for _, f := range r.stage.Final {
		tasks = append(tasks, Task{
			Shard: f.Shard, Inputs: []any{f.Inputs, m.Shards, m.Count},
			Make: func(ctx context.Context, out *Output) error { return f.Make(ctx, out, m) },
		})
	}
	return tasks
}

func (r *running) whole() string { return Fingerprint(r.prints) }
