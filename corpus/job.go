package corpus

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/report"
)

// The folders of the stages that there is one of.
const (
	DocsDir   = "docs"
	PlanDir   = "plan"
	TokensDir = "tokens"
)

// VerdictsDir returns the folder of the verdict stage of this name.
func VerdictsDir(name string) string { return "verdicts/" + name }

// Job is what a stage is given besides its settings. Workers and Memory never
// change a byte of the output.
type Job struct {
	Work    *Work
	Stage   string   // the stage's folder: "docs", "verdicts/filter", "plan" …
	After   []string // names of the verdict stages before it, in order
	Seed    uint64
	Workers int   // goroutines, at least 1
	Memory  int64 // bytes
	DryRun  bool  // stop with a *Pending before anything is written
	Meter   *report.Meter
	Warn    func(string) // told of what does not stop the run; may be nil
}

// Dir returns the stage's folder.
func (j Job) Dir() Dir { return j.Work.Dir(j.Stage) }

// Warnf passes a message on to Warn.
func (j Job) Warnf(format string, args ...any) {
	if j.Warn != nil {
		j.Warn(fmt.Sprintf(format, args...))
	}
}

// Parallel returns how many tasks that need this much memory each may run at
// once, and an error when not even one may.
func (j Job) Parallel(perTask int64) (int, error) {
	n := j.Memory / max(perTask, 1)
	if n < 1 {
		return 0, fmt.Errorf("%s: needs a memory of %d MiB at least, --memory gives %d MiB", j.Stage, perTask>>20+1, j.Memory>>20)
	}
	return int(min(n, int64(max(j.Workers, 1)))), nil
}

// TableMemory is about what reading one table and writing another costs.
const TableMemory = 8 * RowGroupBytes

// Task makes one shard.
type Task struct {
	Shard  string
	Inputs any // all that the shard depends on besides the stage's version and settings
	// From, for a shard that belongs to a shard of documents, is the
	// Fingerprint of that shard's Job.Inputs. It tells readers later whether
	// both still belong together.
	From string
	Make func(ctx context.Context, out *Output) error
}

// FinalTask makes a shard from what the stage's Tasks came to: their counts and
// contents, on which it depends besides Inputs. It counts nothing of its own.
type FinalTask struct {
	Shard  string
	Inputs any
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
	// Prepare, if set, runs before the tasks when at least one of them has to.
	Prepare func(ctx context.Context) error
	// Expect, if set, is what the stage before kept: what this one must take in.
	Expect *report.Count
}

// ManifestFile names the file that says a folder is complete.
const ManifestFile = "manifest.json"

// Manifest is written when all shards of a stage are. It lists them.
type Manifest struct {
	Format      int          `json:"format"`
	Stage       string       `json:"stage"`
	Fingerprint string       `json:"fingerprint"` // of all shards' fingerprints
	Shards      []ShardInfo  `json:"shards"`
	Count       report.Count `json:"count"`
}

// ShardInfo is one shard of a manifest.
type ShardInfo struct {
	Shard    string `json:"shard"`
	Contents string `json:"contents"` // hash of its files' checksums
	Rows     int64  `json:"rows"`     // of its first file
	From     string `json:"from,omitempty"`
}

// Manifest returns the manifest of a complete folder.
func (d Dir) Manifest() (*Manifest, error) {
	var m Manifest
	if err := readJSON(d.fs, d.join(ManifestFile), &m); isNotExist(err) {
		return nil, fmt.Errorf("%s is not complete: run `codemill %s` first", d.name, d.command())
	} else if err != nil {
		return nil, err
	}
	if m.Format != ReceiptFormat || m.Stage != d.name {
		return nil, fmt.Errorf("%s/%s: %w (not a manifest of format %d for %s); remove it and run again", d.name, ManifestFile, ErrCorrupt, ReceiptFormat, d.name)
	}
	return &m, nil
}

// command names the program's command that makes the folder.
func (d Dir) command() string {
	switch {
	case d.name == DocsDir:
		return "crawl"
	case d.name == PlanDir:
		return "mix"
	case d.name == TokensDir:
		return "tokenize"
	default:
		return "run"
	}
}

// Pending is the error of a dry run in which a stage has something to do.
type Pending struct {
	Stage        string
	Fresh, Stale int // shards that stand, shards to be made
}

func (p *Pending) Error() string {
	return fmt.Sprintf("%s: %d of %d shards to be made", p.Stage, p.Stale, p.Fresh+p.Stale)
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
		return m, nil
	}
	if errors.Is(err, ErrCorrupt) {
		return nil, err
	}
	if j.DryRun {
		all := len(s.Tasks) + len(s.Final)
		stale := len(r.stale)
		if tasks > 0 {
			stale += len(s.Final)
		}
		return nil, &Pending{j.Stage, all - stale, stale}
	}
	if err := d.clear(s.shards()); err != nil {
		return nil, err
	}
	if tasks > 0 {
		if s.Prepare != nil {
			if err := s.Prepare(ctx); err != nil {
				return nil, err
			}
		}
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
	return d.finish(r.whole(), r.receipts, s.Expect)
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
	err := fanout.Each(ctx, workers, len(r.stale), func(ctx context.Context, n int) error {
		i := r.stale[n]
		receipt, err := r.dir.make(ctx, r.tasks[i], r.prints[i])
		r.receipts[i] = receipt
		return err
	})
	r.stale = nil
	return err
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

// fresh returns a shard's receipt if it was made with this fingerprint and its
// files have the right sizes, nil if the shard has to be made.
func (d Dir) fresh(shard, fingerprint string) (*Receipt, error) {
	r, err := d.Receipt(shard)
	if isNotExist(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if r.Fingerprint != fingerprint {
		return nil, nil
	}
	for _, f := range r.Files {
		if st, err := d.fs.Stat(d.join(f.Name)); err != nil || st.Size() != f.Size {
			return nil, nil
		}
	}
	return r, nil
}

// clear readies a folder for writing: the manifest goes first, then whatever
// does not belong to a shard of this run.
func (d Dir) clear(shards map[string]bool) error {
	if err := d.fs.MkdirAll(d.path); err != nil {
		return err
	}
	if _, err := d.fs.Stat(d.join(ManifestFile)); err == nil {
		if err := d.fs.RemoveAll(d.join(ManifestFile)); err != nil {
			return err
		}
		if err := d.fs.SyncDir(d.path); err != nil {
			return err
		}
	}
	entries, err := d.fs.ReadDir(d.path)
	if err != nil {
		return err
	}
	// Receipts sort out first, so that no receipt is left without its files.
	for _, receipts := range []bool{true, false} {
		for _, e := range entries {
			name := e.Name()
			shard, isReceipt := strings.CutSuffix(name, receiptSuffix)
			if !isReceipt {
				shard, _, _ = strings.Cut(name, ".")
			}
			if e.IsDir() || isReceipt != receipts || shards[shard] {
				continue
			}
			if err := d.fs.RemoveAll(d.join(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d Dir) make(ctx context.Context, t Task, fingerprint string) (*Receipt, error) {
	out, err := d.create(t.Shard)
	if err != nil {
		return nil, err
	}
	err = func() error {
		defer func() {
			if p := recover(); p != nil {
				out.abort()
				panic(p)
			}
		}()
		return t.Make(ctx, out)
	}()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = out.Count.Balance()
	}
	var r *Receipt
	if err == nil {
		r, err = out.commit(fingerprint, t.From)
	}
	if err != nil {
		out.abort()
		return nil, fmt.Errorf("%s: %w", path.Join(d.name, t.Shard), err)
	}
	return r, nil
}

func (d Dir) finish(fingerprint string, receipts []*Receipt, expect *report.Count) (*Manifest, error) {
	m := manifest(d, receipts)
	m.Fingerprint = fingerprint
	err := m.Count.Balance()
	if err == nil && expect != nil {
		err = m.Count.Follows(*expect)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return m, writeJSON(d.fs, d.join(ManifestFile), m)
}

// manifest sums up shards.
func manifest(d Dir, receipts []*Receipt) *Manifest {
	m := &Manifest{Format: ReceiptFormat, Stage: d.name, Shards: []ShardInfo{}}
	for _, r := range receipts {
		m.Count.Add(r.Count)
		m.Shards = append(m.Shards, ShardInfo{r.Shard, r.Contents(), r.Files[0].Rows, r.From})
	}
	return m
}

// Docs returns the manifest of the documents.
func (j Job) Docs() (*Manifest, error) { return j.Work.Dir(DocsDir).Manifest() }

// MadeFrom reports whether the first shards of m, one for each of the inputs
// of [Job.Inputs], were made from these.
func (m *Manifest) MadeFrom(inputs [][]string) error {
	if len(m.Shards) < len(inputs) {
		return fmt.Errorf("%s has %d shards, %s has %d: run the stages again in their order", m.Stage, len(m.Shards), DocsDir, len(inputs))
	}
	for s, in := range inputs {
		if m.Shards[s].From != Fingerprint(in) {
			return fmt.Errorf("%s was made from other documents or verdicts than stand there now: run the stages again in their order", m.Stage)
		}
	}
	return nil
}

// Before returns what the stage before this one kept: the last verdict stage
// of After, or crawl.
func (j Job) Before() (report.Count, error) {
	d := j.Work.Dir(DocsDir)
	if n := len(j.After); n > 0 {
		d = j.Work.Dir(VerdictsDir(j.After[n-1]))
	}
	m, err := d.Manifest()
	if err != nil {
		return report.Count{}, err
	}
	return m.Count, nil
}

// Inputs returns, for every shard of the documents, the hashes of its contents
// and of the verdicts on it so far: what a shard made from them depends on.
func (j Job) Inputs() ([][]string, error) {
	var inputs [][]string
	for i, name := range append([]string{""}, j.After...) {
		d := j.Work.Dir(DocsDir)
		if i > 0 {
			d = j.Work.Dir(VerdictsDir(name))
		}
		m, err := d.Manifest()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			inputs = make([][]string, len(m.Shards))
		} else if err := m.MadeFrom(inputs); err != nil {
			return nil, err
		}
		for s := range inputs {
			inputs[s] = append(inputs[s], m.Shards[s].Contents)
		}
	}
	return inputs, nil
}
