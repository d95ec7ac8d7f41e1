package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// measureCommand has this program measure another one. It is a small process
// for that: a program's peak memory is at least that of the process that
// started it, and a benchmark has its corpus in memory.
const measureCommand = "measure"

// A usage is what a process took, with what it started and waited for.
type usage struct {
	Wall, CPU time.Duration
	Peak      int64 // bytes, of the largest of the processes
}

// measureProcess runs a program and writes its usage to a file.
func measureProcess(out string, command []string) error {
	if len(command) == 0 {
		return errors.New("nothing to measure")
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		os.Exit(max(1, failed.ExitCode())) // it has said why itself
	}
	if err != nil {
		return err
	}
	u := usage{Wall: time.Since(start), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Peak = r.Maxrss << 10
	}
	b, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return os.WriteFile(out, b, 0o666)
}

// measure runs a program to its end and tells what it took.
func (b *dedupBench) measure(cmd *exec.Cmd) (*outcome, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	out := filepath.Join(b.scratch, "usage.json")
	small := exec.Command(self, append([]string{measureCommand, out}, cmd.Args...)...)
	small.Env = cmd.Env
	var complaint strings.Builder
	small.Stderr = &complaint
	if err := small.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w: %s", errSide, filepath.Base(cmd.Path), err, complaintOf(complaint.String()))
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	var u usage
	if err := json.Unmarshal(data, &u); err != nil {
		return nil, err
	}
	return &outcome{wall: u.Wall, cpu: u.CPU, peak: u.Peak}, nil
}
