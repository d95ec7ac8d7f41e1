package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// lastRunFile differs from run to run, alone in a work folder. It is for people:
// nothing is made from it. [Verify] holds what it says was made against what stands.
const lastRunFile = "report/last-run.json"

// LastRun is what the last run did that did anything. Times are nowhere else in a work
// folder.
type LastRun struct {
	PeakBytes int64      `json:"peak_bytes"` // the most memory that the process held
	Stages    []StageRun `json:"stages"`
}

// StageRun is what a run did for one stage.
type StageRun struct {
	Stage      string  `json:"stage"`
	Made       string  `json:"made"`   // fingerprint of the manifest that stood after the run
	Worked     bool    `json:"worked"` // false: everything stood already
	Docs       int64   `json:"docs"`   // worked on in this run
	Bytes      int64   `json:"bytes"`  // of their text
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"` // of all workers and child processes
}

// Write puts the run into a work folder.
func (r LastRun) Write(w *work.Folder) error { return writeJSON(w, lastRunFile, r) }

// Noted holds the note of the last run against the manifests that stand. It is an
// error where the note tells of another manifest of the same stage: the last run
// was killed before it wrote one, or the file is another folder's. A folder
// without the note, or with one of an earlier build, is as it should be.
func Noted(w *work.Folder, stand []*work.Manifest) error {
	b, err := w.ReadFile(lastRunFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	var last LastRun
	if err := json.Unmarshal(b, &last); err != nil {
		return fmt.Errorf("%s: %w (%v); remove it", lastRunFile, corpus.ErrCorrupt, err)
	}
	for _, m := range stand {
		for _, s := range last.Stages {
			if s.Stage == m.Stage && s.Made != "" && s.Made != m.Fingerprint {
				return fmt.Errorf("%s tells of other %s than stand there now: run again", lastRunFile, m.Stage)
			}
		}
	}
	return nil
}

func writeJSON(w *work.Folder, name string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return w.WriteFile(name, b.Bytes())
}
