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

// lastRunFile holds a [LastRun]. Times and memory stand in this file alone, so that all
// others of a work folder are the same from run to run. It is for people: nothing is made
// from it. [Noted] compares it with what stands.
const lastRunFile = "report/last-run.json"

// LastRun is what the last run did that did anything: a run of finished stages leaves the
// note of the run before.
type LastRun struct {
	PeakBytes int64      `json:"peak_bytes"` // the most memory that the process held
	Stages    []StageRun `json:"stages"`     // those that were asked for, in their order; one alone after `codemill mix`
}

// StageRun is what a run did for one stage.
type StageRun struct {
	Stage      string  `json:"stage"`       // folder of the stage, such as verdicts/filter
	Made       string  `json:"made"`        // fingerprint of the manifest that stood after the run; "" by an earlier build
	Worked     bool    `json:"worked"`      // false: everything stood already
	Docs       int64   `json:"docs"`        // worked on in this run
	Bytes      int64   `json:"bytes"`       // of their text
	Seconds    float64 `json:"seconds"`     // by the clock
	CPUSeconds float64 `json:"cpu_seconds"` // of all workers and child processes
}

// Write puts the run into a work folder, whole or not at all, in the place of the note
// of the run before.
func (r LastRun) Write(w *work.Folder) error { return writeJSON(w, lastRunFile, r) }

// Noted compares the note of the last run with the manifests that stand. It is an
// error where the note tells of another manifest of the same stage: the last run
// was killed after it made the stage and before it wrote the note, or the file is another
// folder's. A stage that the note does not tell of is not compared. A folder without the
// note, or with one of an earlier build, is as it should be. The error is
// [corpus.ErrCorrupt] where the note is damaged, and an [*fs.PathError] where it cannot be
// read.
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

// writeJSON writes a small file of a work folder as indented JSON, whole or not at all.
func writeJSON(w *work.Folder, name string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return w.WriteFile(name, b.Bytes())
}
