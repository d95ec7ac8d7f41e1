package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSidesThatFail: whatever a side does, its error is one that leaves it out
// and not the benchmark's end.
func TestSidesThatFail(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	for name, script := range map[string]string{
		"dies at once":         `exit 3`,
		"dies when asked":      `read l; exit 0`,
		"says no":              `while read l; do printf 'error\tnot today\n'; done`,
		"answers nothing":      `while read l; do echo; done`,
		"answers no seconds":   `while read l; do printf 'ok\tfast\n'; done`,
		"answers no numbers":   `while read l; do printf 'ok\tvery\tfast\n'; done`,
		"is not there, really": `exec /nonexistent/program`,
	} {
		s := &side{name: name, command: []string{"sh", "-c", script}}
		if err := s.start(1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.pass(1); !errors.Is(err, errSide) {
			t.Errorf("a side that %s: %v", name, err)
		}
		s.stop()
	}
	s := &side{name: "none", command: []string{filepath.Join(t.TempDir(), "none")}}
	if err := s.start(1); !errors.Is(err, errSide) {
		t.Errorf("a program that is not there: %v", err)
	}
	s.stop()
}

// TestFailingPeerIsLeftOut: a peer that fails in a round is out, codemill's
// failure is the benchmark's.
func TestFailingPeerIsLeftOut(t *testing.T) {
	b := &dedupBench{absent: map[string]string{}}
	works := func(*dedupWork, int) (*outcome, error) { return &outcome{}, nil }
	fails := func(*dedupWork, int) (*outcome, error) { return nil, errSide }
	results, err := b.round([]*result{{contender: contender{name: "codemill", run: works}}, {contender: contender{name: "peer", run: fails}}}, nil)
	if err != nil || len(results) != 1 || b.absent["peer"] == "" {
		t.Errorf("%d results, %v, absent %v", len(results), err, b.absent)
	}
	if _, err := b.round([]*result{{contender: contender{name: "codemill", run: fails}}}, nil); err == nil {
		t.Error("codemill failed and nobody was told")
	}
}
