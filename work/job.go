package work

import (
	"context"
	"errors"
	"fmt"

	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/ledger"
)

// The folders of the stages that there is one of.
const (
	DocsStage   = "docs"
	PlanStage   = "plan"
	TokensStage = "tokens"
)

// VerdictsStage returns the folder of the verdict stage of this name.
func VerdictsStage(name string) string { return "verdicts/" + name }

// Job is what a stage is given besides its settings. Workers and Memory never
// change a byte of the output.
type Job struct {
	Work    *Folder
	Stage   string   // the stage's folder: "docs", "verdicts/filter", "plan" …
	After   []string // names of the verdict stages before it, in order
	Seed    uint64
	Workers int   // goroutines, at least 1
	Memory  int64 // bytes
	DryRun  bool  // stop with a *Pending before anything is written
	Meter   *ledger.Meter
	Warn    func(string) // told of what does not stop the run, without the stage's name; may be nil
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
const TableMemory = 8 * table.RowGroupBytes

// Docs returns the manifest of the documents.
func (j Job) Docs() (*Manifest, error) { return j.Work.Dir(DocsStage).Manifest() }

// Intake returns what the stage before this one kept: the last verdict stage
// of After, or crawl.
func (j Job) Intake() (ledger.Count, error) {
	d := j.Work.Dir(DocsStage)
	if n := len(j.After); n > 0 {
		d = j.Work.Dir(VerdictsStage(j.After[n-1]))
	}
	m, err := d.Manifest()
	if err != nil {
		return ledger.Count{}, err
	}
	return m.Count, nil
}

// Inputs returns, for every shard of the documents, the hashes of its contents
// and of the verdicts on it so far: what a shard made from them depends on.
func (j Job) Inputs() ([][]string, error) {
	var inputs [][]string
	for i, name := range append([]string{""}, j.After...) {
		d := j.Work.Dir(DocsStage)
		if i > 0 {
			d = j.Work.Dir(VerdictsStage(name))
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

// Interrupted reports whether a run ended because it was told to.
func Interrupted(err error) bool { return errors.Is(err, context.Canceled) }
