package work

import (
	"context"
	"errors"
	"fmt"

	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/ledger"
)

// The names of the stages of which there is one in each recipe.
const (
	DocsStage   = "docs"
	PlanStage   = "plan"
	TokensStage = "tokens"
)

// VerdictsStage returns the name of the stage that passes the verdicts of a pass.
func VerdictsStage(name string) string { return "verdicts/" + name }

// Job is what a stage is given besides its settings. Workers and Memory never
// change a byte of the output.
type Job struct {
	Work    *Folder
	Stage   string        // the stage's name, which is its folder: "docs", "verdicts/filter", "plan"
	After   []string      // names of the passes before it, in their order: "filter", "dedup"
	Seed    uint64        // of all randomness
	Workers int           // goroutines, at least 1
	Memory  int64         // bytes that all of them together stay within
	DryRun  bool          // stop with a *Pending before anything is written
	Meter   *ledger.Meter // counts progress; may be nil
	Warn    func(string)  // told of what does not stop the run, without the stage's name; may be nil
}

// Dir returns the stage's folder.
func (j Job) Dir() Dir { return j.Work.Dir(j.Stage) }

// Warnf passes a message on to Warn.
func (j Job) Warnf(format string, args ...any) {
	if j.Warn != nil {
		j.Warn(fmt.Sprintf(format, args...))
	}
}

// Parallel returns how many tasks may run at once that take perTask bytes of memory
// each: Workers at most. It is an error when the memory is too little for one.
func (j Job) Parallel(perTask int64) (int, error) {
	n := j.Memory / max(perTask, 1)
	if n < 1 {
		return 0, fmt.Errorf("%s: needs a memory of %d MiB at least, --memory gives %d MiB", j.Stage, perTask>>20+1, j.Memory>>20)
	}
	return int(min(n, int64(max(j.Workers, 1)))), nil
}

// TableMemory is about how many bytes reading one table and writing another takes.
const TableMemory = 8 * table.RowGroupBytes

// Docs returns the manifest of the documents.
func (j Job) Docs() (*Manifest, error) { return j.Work.Dir(DocsStage).Manifest() }

// Intake returns the counts of the stage before this one, whose Kept is what this one
// takes in: the last pass of After, or crawl. [ErrIncomplete] where that is not complete.
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

// Inputs returns, for every shard of the documents, what a shard depends on that is made
// from it: the hash of its contents, and then that of the verdicts on it of each pass in
// After. It is an error if one of these is not complete, or was made from others than
// stand.
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
