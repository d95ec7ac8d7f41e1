package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// crawlBench is the settings and the state of `bench crawl`.
type crawlBench struct {
	cache, python, roots, program string
	inputs                        string
	mb, repos, rounds             int
	buffer                        bool

	scratch string
}

// crawling times codemill's crawl of the same files as bare repositories, as
// folders and as rows, each in turn with git alone reading the objects.
func crawling(w io.Writer, args []string) (map[string]float64, error) {
	b := &crawlBench{}
	flags := flag.NewFlagSet("crawl", flag.ContinueOnError)
	flags.StringVar(&b.cache, "cache", defaultCache(), "folder for the repositories")
	flags.StringVar(&b.python, "python", "python3", "Python whose library is part of the input")
	flags.StringVar(&b.roots, "roots", "", "folders with packages in them, separated as in PATH (default: the toolchains and caches of this machine)")
	flags.StringVar(&b.program, "codemill", "", "another program than that of this tree")
	flags.IntVar(&b.mb, "mb", 300, "about how many MB of files; no repository has more than twice its share")
	flags.IntVar(&b.repos, "repos", 28, "repositories")
	flags.IntVar(&b.rounds, "rounds", 9, "pairs of runs; the medians are shown")
	flags.StringVar(&b.inputs, "inputs", "git,folder,jsonl", "as what the files are crawled, comma separated")
	flags.BoolVar(&b.buffer, "buffer", false, "git cat-file alone with --buffer, as codemill calls it")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if b.mb < 1 || b.repos < 1 || b.rounds < 1 {
		return nil, errors.New("--mb, --repos and --rounds must be above 0")
	}
	var err error
	if b.scratch, err = os.MkdirTemp("", "codemill-bench-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.scratch)
	if b.program == "" {
		b.program = filepath.Join(b.scratch, "codemill")
		if _, err := run(10*time.Minute, "", "go", "build", "-o", b.program, "./cmd/codemill"); err != nil {
			return nil, err
		}
	}
	in, err := b.input()
	if err != nil {
		return nil, err
	}
	return b.compare(w, in)
}

// compare runs the pairs and prints the table.
func (b *crawlBench) compare(w io.Writer, in *crawlInput) (map[string]float64, error) {
	wanted, err := b.wanted(in)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "%d repositories, %d files, %.1f MB; %d pairs each\n", len(in.repos), in.files, float64(in.bytes)/1e6, b.rounds)
	rows := [][]string{{"input", "codemill cpu-s", "MB/cpu-s", "git cpu-s", "ratio", "90 %"}}
	ratios := map[string]float64{}
	for _, kind := range strings.Split(b.inputs, ",") {
		dir, ok := map[string]string{"git": "repos", "folder": "folders", "jsonl": "rows"}[kind]
		if !ok {
			return nil, fmt.Errorf("--inputs: %q is not one of git, folder, jsonl", kind)
		}
		log.Printf("%s: %d pairs", kind, b.rounds)
		var ours, gits, quotients []float64
		for range b.rounds {
			own, err := b.crawl(kind, filepath.Join(in.dir, dir))
			if err != nil {
				return nil, err
			}
			git, err := b.gitAlone(in, wanted)
			if err != nil {
				return nil, err
			}
			ours = append(ours, own.Seconds())
			gits = append(gits, git.Seconds())
			quotients = append(quotients, own.Seconds()/git.Seconds())
		}
		low, high := medianInterval(quotients)
		rows = append(rows, []string{kind, fmt.Sprintf("%.2f", median(ours)), fmt.Sprintf("%.1f", float64(in.bytes)/1e6/median(ours)),
			fmt.Sprintf("%.2f", median(gits)), fmt.Sprintf("%.2f", median(quotients)), fmt.Sprintf("%.2f to %.2f", low, high)})
		ratios[kind+":git"] = median(quotients)
	}
	return ratios, table(w, rows)
}

// medianInterval returns an interval that holds the median of what the values are
// drawn from with a probability of 90 % at least, or their range where they are
// fewer than five. It is that of the sign test: the median is below all of n values
// with the probability 1/2^n, and so on.
func medianInterval(values []float64) (low, high float64) {
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare)
	n := len(sorted)
	all := 1.0 // 1/2^n
	for range n {
		all /= 2
	}
	cut := 0 // values on either side that may be cut off
	outside, ways := 0.0, 1.0
	for k := 0; 2*(k+1) < n; k++ {
		if outside += ways * all; outside > 0.05 {
			break
		}
		cut = k
		ways *= float64(n-k) / float64(k+1)
	}
	return sorted[cut], sorted[n-1-cut]
}

// crawl is one crawl by codemill with everything as it is by default: what it and
// the processes that it started took.
func (b *crawlBench) crawl(kind, dir string) (time.Duration, error) {
	recipe := filepath.Join(b.scratch, kind+".yaml")
	text := fmt.Sprintf("name: bench\nwork: work\ncrawl:\n  sources:\n    - {name: all, type: %s, path: %q, glob: \"*\"}\n", kind, dir)
	if err := os.WriteFile(recipe, []byte(text), 0o666); err != nil {
		return 0, err
	}
	if err := os.RemoveAll(filepath.Join(b.scratch, "work")); err != nil {
		return 0, err
	}
	cmd := exec.Command(b.program, "crawl", recipe, "-j", "1", "--quiet")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 3 { // 3: some inputs are bad
		return 0, fmt.Errorf("codemill crawl: %w: %s", err, complaintOf(complaint.String()))
	}
	return cpuOf(cmd), nil
}

func cpuOf(cmd *exec.Cmd) time.Duration {
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// wanted writes for each repository a file with the ids of the objects that crawl
// reads: those of files up to its default size.
func (b *crawlBench) wanted(in *crawlInput) ([]string, error) {
	var lists []string
	for i, repo := range in.repos {
		out, err := run(time.Minute, "", "git", "-C", repo, "ls-tree", "-r", "-l", "HEAD")
		if err != nil {
			return nil, err
		}
		var ids strings.Builder
		for line := range strings.Lines(out) {
			f := strings.Fields(line)
			if len(f) < 5 || f[1] != "blob" {
				continue
			}
			if size, err := strconv.Atoi(f[3]); err == nil && size > 0 && size <= mostText {
				ids.WriteString(f[2] + "\n")
			}
		}
		lists = append(lists, filepath.Join(b.scratch, fmt.Sprintf("%d.ids", i)))
		if err := os.WriteFile(lists[i], []byte(ids.String()), 0o666); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// gitAlone is what git takes to list the repositories and to print the objects.
func (b *crawlBench) gitAlone(in *crawlInput, wanted []string) (time.Duration, error) {
	total := time.Duration(0)
	for i, repo := range in.repos {
		ids, err := os.Open(wanted[i])
		if err != nil {
			return 0, err
		}
		list := exec.Command("git", "-C", repo, "ls-tree", "-r", "HEAD")
		cat := exec.Command("git", "-C", repo, "cat-file", "--batch")
		if b.buffer {
			cat.Args = append(cat.Args, "--buffer")
		}
		cat.Stdin = ids
		err = errors.Join(list.Run(), cat.Run(), ids.Close())
		if err != nil {
			return 0, fmt.Errorf("git: %s: %w", repo, err)
		}
		total += cpuOf(list) + cpuOf(cat)
	}
	return total, nil
}
