package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// goals are MB/s per core: what the stages were first held to.
var stageGoals = []struct {
	command, dir string
	goal         float64
}{
	{"crawl", work.DocsStage, 15},
	{"filter", work.VerdictsStage("filter"), 100},
	{"dedup", work.VerdictsStage("dedup"), 30},
	{"mix", work.PlanStage, 0},
	{"tokenize", work.TokensStage, 5},
}

// stages runs the recipe's stages one after the other, each as a process of
// its own with one worker, and reports text bytes taken in per second of
// processor time, children's included.
func stages(w io.Writer, args []string) (map[string]float64, error) {
	flags := flag.NewFlagSet("stages", flag.ContinueOnError)
	recipe := flags.String("recipe", "recipes/quickstart.yaml", "the recipe; its passes must be named filter and dedup")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "codemill-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(tmp, "codemill")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/codemill").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	root := filepath.Join(tmp, "work")
	ratios := map[string]float64{}
	rows := [][]string{{"stage", "docs in", "MB in", "cpu s", "wall s", "MB/cpu-s", "MB/s", "peak MiB"}}
	for _, s := range stageGoals {
		cmd := exec.Command(program, s.command, *recipe, "--work", root, "-j", "1", "--quiet")
		cmd.Stderr = os.Stderr
		start := time.Now()
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 3 {
			return nil, fmt.Errorf("%s: %w", s.command, err)
		}
		wall := time.Since(start).Seconds()
		cpu := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
		done, err := work.Read(vfs.OS{}, root)
		if err != nil {
			return nil, err
		}
		m, err := done.Dir(s.dir).Manifest()
		if err != nil {
			return nil, err
		}
		in := m.Count.Total().In
		mb := float64(in.Bytes) / 1e6
		rows = append(rows, []string{s.command, fmt.Sprint(in.Docs), fmt.Sprintf("%.1f", mb), fmt.Sprintf("%.1f", cpu), fmt.Sprintf("%.1f", wall),
			fmt.Sprintf("%.1f", mb/cpu), fmt.Sprintf("%.1f", mb/wall), fmt.Sprint(peak)})
		if s.goal > 0 {
			ratios["goal/"+s.command] = mb / cpu / s.goal
		}
	}
	return ratios, table(w, rows)
}
