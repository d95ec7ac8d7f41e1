package state

import (
	"bytes"
	"encoding/json"

	"github.com/codemill/codemill/work"
)

// lastRunFile differs from run to run, alone in a work folder. It is for people:
// nothing is made from it, and [Verify] does not look at it.
const lastRunFile = "report/last-run.json"

// LastRun is what the last run that did anything did. Times are nowhere else in
// a work folder.
type LastRun struct {
	PeakBytes int64      `json:"peak_bytes"`
	Stages    []StageRun `json:"stages"`
}

// StageRun is what a run did of one stage.
type StageRun struct {
	Stage      string  `json:"stage"`
	Worked     bool    `json:"worked"` // false: everything stood already
	Docs       int64   `json:"docs"`   // worked on in this run
	Bytes      int64   `json:"bytes"`  // of their text
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"` // of all workers and child processes
}

// Write puts the run into a work folder.
func (r LastRun) Write(w *work.Folder) error { return writeJSON(w, lastRunFile, r) }

func writeJSON(w *work.Folder, name string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return w.WriteFile(name, b.Bytes())
}
