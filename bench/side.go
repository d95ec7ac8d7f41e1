package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A side is a program that encodes texts on command: codemill and every peer
// run as one, so that all are treated alike. bench/README.md has the protocol.
type side struct {
	name    string
	command []string
	env     []string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	version string
}

// timing is what one pass over texts took.
type timing struct{ cpu, wall time.Duration }

// patience is how long a side may take to answer one command.
const patience = 5 * time.Minute

// errSide is a side's own "no": it goes on with the next command.
var errSide = errors.New("side")

// start runs the program, which may use so many threads.
func (s *side) start(threads int) error {
	s.cmd = exec.Command(s.command[0], s.command[1:]...)
	n := strconv.Itoa(threads)
	s.cmd.Env = append(append(os.Environ(), s.env...), "BENCH_THREADS="+n, "RAYON_NUM_THREADS="+n, "GOMAXPROCS="+n)
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", errSide, err)
	}
	return nil
}

func (s *side) stop() {
	if s.cmd == nil {
		return
	}
	s.in.Close()
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		s.cmd.Process.Kill()
		<-done
	}
	s.cmd = nil
}

// call sends a command and returns the fields of the answer.
func (s *side) call(fields ...string) ([]string, error) {
	if _, err := fmt.Fprintln(s.in, strings.Join(fields, "\t")); err != nil {
		return nil, fmt.Errorf("%w: %s: %s: %w", errSide, s.name, fields[0], err)
	}
	hung := time.AfterFunc(patience, func() { s.cmd.Process.Kill() })
	line, err := s.out.ReadString('\n')
	if err != nil && !hung.Stop() {
		return nil, fmt.Errorf("%w: %s: %s: no answer after %v", errSide, s.name, fields[0], patience)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %s: the program ended", errSide, s.name, fields[0])
	}
	hung.Stop()
	answer := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	if answer[0] != "ok" {
		return nil, fmt.Errorf("%w: %s", errSide, strings.Join(answer[1:], " "))
	}
	return answer[1:], nil
}

func (s *side) texts(path string) error {
	_, err := s.call("texts", path)
	return err
}

// load makes a new encoder, which has seen nothing.
func (s *side) load(v vocabulary) error {
	answer, err := s.call("load", v.encoding, orDash(v.ranks), v.json)
	if err == nil && len(answer) > 0 {
		s.version = answer[0]
	}
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// pass encodes the first n texts.
func (s *side) pass(n int) (t timing, err error) {
	answer, err := s.call("pass", strconv.Itoa(n))
	if err != nil {
		return t, err
	}
	if len(answer) != 2 {
		return t, fmt.Errorf("%w: %s: %q are not the seconds of processor and wall time", errSide, s.name, answer)
	}
	for i, to := range []*time.Duration{&t.cpu, &t.wall} {
		seconds, err := strconv.ParseFloat(answer[i], 64)
		if err != nil {
			return t, fmt.Errorf("%w: %s: %w", errSide, s.name, err)
		}
		*to = time.Duration(seconds * 1e9)
	}
	return t, nil
}

// ids has the ids of the first n texts written to a file and reads it.
func (s *side) ids(n int, path string) ([][]uint32, error) {
	if _, err := s.call("ids", strconv.Itoa(n), path); err != nil {
		return nil, err
	}
	return readIDs(path)
}
