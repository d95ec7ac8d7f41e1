package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallCorpus writes a recipe with repositories enough for several shards of
// every stage, and returns its path.
func smallCorpus(t *testing.T) string {
	t.Helper()
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau")
	line := func() string {
		var b strings.Builder
		for range 6 {
			b.WriteString(words[rng.IntN(len(words))] + " ")
		}
		return b.String()
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for repo := range 6 {
		for file := range 8 {
			var code, prose strings.Builder
			fmt.Fprintf(&code, "package p%d\n", repo)
			for range 40 {
				fmt.Fprintf(&code, "// %s\nvar v%d = %q\n", line(), rng.IntN(1000), line())
				fmt.Fprintln(&prose, line())
			}
			write(fmt.Sprintf("repos/r%d/f%d.go", repo, file), code.String())
			write(fmt.Sprintf("repos/r%d/f%d.md", repo, file), "# Title\n\n"+prose.String())
			if file == 0 {
				write(fmt.Sprintf("repos/r%d/copy.go", repo), code.String()+"// and a little more\n")
			}
		}
	}
	write("recipe.yaml", `
name: kill
crawl:
  shard_bytes: 40000
  sources: [{name: repos, path: repos, glob: "*"}]
# Small shards, and a vocabulary that loads fast.
mix: {shard_tokens: 20000}
tokenize: {tokenizer: r50k_base, seq_len: 512, packing: concat, fim: {rate: 0.5, tokens: {prefix: "50301", suffix: "50302", middle: "50303"}}}
`)
	return filepath.Join(dir, "recipe.yaml")
}

// codemillCommand runs the program as a process of its own.
func codemillCommand(recipe, work string) *exec.Cmd {
	cmd := exec.Command("codemill", "run", recipe, "--work", work, "-q", "-j", "2")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // a second in which SIGINT kills what has ended
	return cmd
}

// contents reads all files of a work folder but those that may differ.
func contents(t *testing.T, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil || rel == filepath.Join("report", "last-run.json") || rel == ".lock" {
			return err
		}
		if e.IsDir() {
			if e.Name() == ".scratch" {
				return fs.SkipDir
			}
			return nil
		}
		files[rel], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func compareWork(t *testing.T, got, want map[string][]byte) {
	t.Helper()
	for name, b := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if !bytes.Equal(g, b) {
			t.Errorf("%s differs", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is there, which an undisturbed run does not have", name)
		}
	}
}

// undisturbed runs the recipe in peace.
func undisturbed(t *testing.T, recipe string) (files map[string][]byte, took time.Duration) {
	t.Helper()
	work, start := filepath.Join(t.TempDir(), "work"), time.Now()
	if out, err := codemillCommand(recipe, work).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took = time.Since(start)
	files = contents(t, work)
	if len(files) < 40 {
		t.Fatalf("a work folder of only %d files", len(files))
	}
	return files, took
}

// TestKilledRunsGoOn kills the program at random moments, in a folder again
// and again until a run comes through, and compares what then stands there
// with the folder of a run that nothing happened to.
func TestKilledRunsGoOn(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 4
	}
	recipe := smallCorpus(t)
	want, took := undisturbed(t, recipe)
	rng := rand.New(rand.NewPCG(3, 4))
	for n := 0; n < kills; {
		work := filepath.Join(t.TempDir(), "work")
		for killed := true; killed; {
			cmd := codemillCommand(recipe, work)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if n < kills {
				timer := time.AfterFunc(time.Duration(rng.Float64()*float64(took)), func() { cmd.Process.Kill() })
				defer timer.Stop()
			}
			err := cmd.Wait()
			var exit *exec.ExitError
			switch {
			case err == nil:
				killed = false
			case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled():
				n++
			default:
				t.Fatalf("after %d kills: %v\n%s", n, err, stderr.String())
			}
		}
		compareWork(t, contents(t, work), want)
		if t.Failed() {
			t.FailNow()
		}
	}
}

// TestInterrupt holds that SIGINT ends a run cleanly with code 130 and that
// the next one goes on.
func TestInterrupt(t *testing.T) {
	recipe := smallCorpus(t)
	want, took := undisturbed(t, recipe)
	for share := 0.7; share > 0.1; share -= 0.1 {
		work := filepath.Join(t.TempDir(), "work")
		cmd := codemillCommand(recipe, work)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(share * float64(took)))
		cmd.Process.Signal(os.Interrupt)
		err := cmd.Wait()
		if err == nil {
			continue // it was faster
		}
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		if !strings.Contains(stderr.String(), "interrupted; run again to go on from here") {
			t.Errorf("%s", stderr.String())
		}
		if out, err := codemillCommand(recipe, work).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		compareWork(t, contents(t, work), want)
		return
	}
	t.Error("no run could be interrupted")
}
