package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A venv is a throw-away Python environment for peers.
type venv struct{ python string }

// makeVenv makes an environment in dir with a Python of the machine, or takes
// the one that is there.
func makeVenv(python, dir string) (*venv, error) {
	v := &venv{filepath.Join(dir, "bin", "python")}
	if _, err := os.Stat(v.python); err == nil {
		return v, nil
	}
	if _, err := run(2*time.Minute, "", python, "-m", "venv", dir); err != nil {
		return nil, fmt.Errorf("no Python environment, so no peers from PyPI: %w", err)
	}
	return v, nil
}

// install installs packages and returns the first one's version. Only wheels:
// what is measured is what its authors built.
func (v *venv) install(packages ...string) (string, error) {
	if version, err := v.version(packages[0]); err == nil {
		return version, nil
	}
	args := append([]string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"}, packages...)
	if _, err := run(10*time.Minute, "", v.python, args...); err != nil {
		return "", err
	}
	return v.version(packages[0])
}

func (v *venv) version(name string) (string, error) {
	name, _, _ = strings.Cut(name, "[")
	name, _, _ = strings.Cut(name, "==")
	out, err := run(time.Minute, "", v.python, "-c", "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))", name)
	return strings.TrimSpace(out), err
}

// run runs a program to its end and returns its standard output; the error
// holds the end of what it complained about.
func run(limit time.Duration, dir, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	if err == nil {
		return string(out), nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("not done after %v", limit)
	}
	return string(out), fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, complaintOf(complaint.String()))
}

// complaintOf returns the line that says most: pip's hints follow its errors.
func complaintOf(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	for _, l := range lines {
		if strings.HasPrefix(l, "ERROR:") || strings.HasPrefix(l, "error") {
			return l
		}
	}
	return lines[len(lines)-1]
}
