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
	Shard string // the shard's name, with which the names of all its files begin
	// Inputs is all that the shard depends on besides the stage's name, version and
	// settings. It goes into the fingerprint, as JSON.
	Inputs any
	// From says what the shard was made from, for readers that want to know whether
	// both still belong together. For a shard that belongs to one of documents it is
	// the Fingerprint of that shard's Job.Inputs. "" for a summary.
	From  string
	Bytes int64 // about how much text it reads, for the progress
	// Make writes the shard's files and counts. It must depend on Inputs, the files of
	// stages before and of needs, and nothing else, so that any process can call it.
	Make func(ctx context.Context, out *Output) error
}

// FinalTask makes a shard from what the stage's Tasks came to, such as a summary. It
// depends on their counts and contents, besides Inputs. It counts no documents, but may
// have tallies.
type FinalTask struct {
	Shard  string
	Inputs any // as of a Task
	// Needs says that Make reads what the stage's needs made. They are made again
	// where they are lost.
	Needs bool
	// Make is given the manifest of all Tasks, which has no fingerprint yet.
	Make func(ctx context.Context, out *Output, m *Manifest) error
}

// Stage is the making of all shards of one folder. It is described before anything is
// made; [Job.Run] makes what is missing.
type Stage struct {
	Version  int         // of the algorithm: raised when the same input gives other bytes
	Settings any         // what all shards depend on; goes into fingerprints, as JSON
	Workers  int         // tasks at once; 0 means Job.Workers
	Tasks    []Task      // made in any order, several at once
	Final    []FinalTask // made after Tasks, one after the other
	// Needs are made before Tasks, in their order, if one of Tasks has to be made, or
	// one of Final that asks for them.
	Needs []Need
	// Beside names folders below the stage's that stay though they are no needs: they
	// were made before. All other folders there are of runs with other settings and
	// are removed.
	Beside []string
	// Expect is the counts of the stage before. What this stage takes in must be what
	// that one kept, source by source; nil for no such check.
	Expect *ledger.Count
}

// Need is a stage in a folder below that of the stage which needs it. What a task has to
// know of all documents, or of other shards, stands in the files of a need.
type Need struct {
	Sub string // the name of the folder
	// Stage describes the need. It is called when the needs before it stand.
	Stage func(ctx context.Context) (Stage, error)
	// Spill says that nobody wants the folder any more when the stage's shards stand.
	// It is removed then.
	Spill bool
}

// Pending is the error of a dry run in which a stage has something to do.
type Pending struct {
	Stage string
	Fresh []string // names of the shards that stand as they should be
	Stale []string // names of those that would be made

	// The same as numbers, of the shards that hold rows alone.
	Standing int // as they should be
	Anew     int // there, but from other inputs, with other settings or by another version
	Absent   int // not there
}

func (p *Pending) Error() string {
	return fmt.Sprintf("%s: %d of %d shards to be made", p.Stage, len(p.Stale), len(p.Fresh)+len(p.Stale))
}

// Run completes a stage: it makes the shards that are not there or that were made from
// something else, removes those that the stage no longer has, writes the manifest and
// returns it. What stands as it should is left alone: running a finished stage again
// writes nothing. A run that is cut short, at any moment, leaves a folder that the next
// run completes.
//
// With DryRun the error is a [*Pending] where there is something to do.
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

// parts names the folders below the stage's that stay when the stage is complete.
func (s Stage) parts() []string {
	parts := slices.Clone(s.Beside)
	for _, n := range s.Needs {
		if !n.Spill {
			parts = append(parts, n.Sub)
		}
	}
	return parts
}

// Sub returns the job for a need of the stage, or another folder below the stage's.
func (j Job) Sub(name string) Job {
	j.Stage += "/" + name
	return j
}

// need completes a need.
func (j Job) need(ctx context.Context, n Need) error {
	s, err := n.Stage(ctx)
	if err != nil {
		return err
	}
	_, err = j.Sub(n.Sub).Run(ctx, s)
	return err
}

// settle puts the folders below a complete stage in order. Those that are wanted no
// more are removed. Needs that stay are completed: a power failure may have taken a
// manifest, or a run with other settings may have been cut short while it made one. A
// need whose folder somebody removed stays away, as nothing has to be made from it.
// With DryRun it changes nothing.
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

// MakeShard makes one shard, whether it stands already or not: a shard of the stage, or
// where sub is not "" of the need of that name. This is how another process takes part:
// it is told names, describes the stage anew, and finds everything else in files. The
// stages and needs that the shard is made from must be complete. It does not complete
// the folder; [Job.Run] does.
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

// RunShards runs a stage that has one task for every shard of the documents, and no
// others, and that takes in what the stage before kept. For memory and do see
// [Job.PerShard].
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

// PerShard adds to a stage one task for every shard of the documents. do makes the shard
// of the given number, from that shard of documents and the verdicts on it alone. memory
// is about how many bytes that takes; as many tasks run at once as fit into the job's.
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

// running is a stage that is being run. It has looked at tasks: those of the stage, and
// when these are made its final ones.
type running struct {
	job      Job
	dir      Dir
	stage    Stage
	tasks    []Task
	prints   []string   // the fingerprint that each task's shard must have
	receipts []*Receipt // of each task; nil while its shard has to be made
	stale    []int      // numbers of the tasks whose shards have to be made
}

// scan looks at tasks and finds out which shards have to be made.
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

// make makes the shards of all stale tasks, so many at once.
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

// pending says what a run would make, as a [Pending]. Where tasks are stale, final tasks
// count as stale too: whether they are is known only when the tasks are made.
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

// final turns the stage's final tasks into ordinary ones. All of its tasks must be made.
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

// whole is the fingerprint of the manifest.
func (r *running) whole() string { return Fingerprint(r.prints) }
