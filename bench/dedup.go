package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// dedupBench is the settings and the state of `bench dedup`.
type dedupBench struct {
	cache, python, roots, peers string
	mb, sampleMB, rounds        int
	copies, threshold, seconds  float64
	memory                      string
	quick, growth               bool
	ngram, perm                 int

	scratch, program string
	absent           map[string]string
	ratios           map[string]float64
}

// dedupSeed is what the near-copies and the order of the documents follow from.
const dedupSeed = 1

// deduplication times codemill's dedup stage beside its peers, and holds what
// each removes against all similar pairs.
func deduplication(w io.Writer, args []string) (map[string]float64, error) {
	b := &dedupBench{absent: map[string]string{}, ratios: map[string]float64{}, ngram: 5, perm: 256}
	if err := b.parse(args); err != nil {
		return nil, err
	}
	var err error
	if b.scratch, err = os.MkdirTemp("", "codemill-bench-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.scratch)
	b.program = filepath.Join(b.scratch, "codemill")
	if _, err := run(10*time.Minute, "", "go", "build", "-o", b.program, "./cmd/codemill"); err != nil {
		return nil, err
	}
	if b.growth {
		return b.ratios, b.grow(w)
	}
	return b.ratios, b.compare(w)
}

func (b *dedupBench) parse(args []string) error {
	flags := flag.NewFlagSet("dedup", flag.ContinueOnError)
	flags.StringVar(&b.cache, "cache", defaultCache(), "folder for Python environments, packages and corpora")
	flags.StringVar(&b.python, "python", "python3", "Python to make the environment with; the newest text-dedup and datasketch want 3.12")
	flags.StringVar(&b.peers, "peers", "", "peers, comma separated (default all)")
	flags.StringVar(&b.roots, "roots", "", "folders to take code from, separated as in PATH (default: the toolchains and caches of this machine)")
	flags.IntVar(&b.mb, "mb", 200, "MB of documents, near-copies included")
	flags.IntVar(&b.sampleMB, "sample-mb", 12, "MB of the sample on which precision and recall are measured")
	flags.Float64Var(&b.copies, "copies", 0.2, "share of the documents that are near-copies made")
	flags.Float64Var(&b.threshold, "threshold", 0.7, "Jaccard similarity")
	flags.Float64Var(&b.seconds, "seconds", 20, "a peer is given as many documents as it does in that time")
	flags.IntVar(&b.rounds, "rounds", 1, "timed runs of each; the medians are shown")
	flags.StringVar(&b.memory, "memory", "1GiB", "codemill's memory budget")
	flags.BoolVar(&b.growth, "growth", false, "codemill alone, at 1/8, 1/4, 1/2 and all of --mb")
	flags.BoolVar(&b.quick, "quick", false, "little input, to see that it works")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.quick {
		b.mb, b.sampleMB, b.seconds = 16, 3, 3
	}
	if b.mb < 8 || b.sampleMB < 1 || b.rounds < 1 || b.seconds <= 0 || b.copies < 0 || b.copies > 0.5 {
		return errors.New("--mb must be 8 at least, --copies 0 to 0.5, the others above 0")
	}
	return os.MkdirAll(b.cache, 0o777)
}

// A contender is codemill or a peer: it deduplicates the first documents of a
// work folder, all for 0, and can say which shingles it does that by.
type contender struct {
	name     string
	run      func(work *dedupWork, limit int) (*outcome, error)
	shingles func(work *dedupWork) ([][]uint64, error)
}

// An outcome is one run of a contender as a process.
type outcome struct {
	removed           []int // places of documents
	docs, bytes       int   // given
	wall, cpu         time.Duration
	startup           time.Duration // of cpu, spent before the first document
	peak              int64         // bytes
	version, settings string
	flagsOnly         bool // removed holds all that are like another, the one to keep too
}

// rate is MB for each second of processor time.
func (o *outcome) rate() float64 {
	return float64(o.bytes) / 1e6 / max((o.cpu-o.startup).Seconds(), 1e-3)
}

// result is what is shown of a contender.
type result struct {
	contender
	acc   accuracy
	limit int // documents that it is given, 0 for all
	runs  []*outcome
}

func (r *result) rate() float64 {
	var rates []float64
	for _, o := range r.runs {
		rates = append(rates, o.rate())
	}
	return median(rates)
}

func (b *dedupBench) compare(w io.Writer) error {
	full, err := b.work(b.mb)
	if err != nil {
		return err
	}
	sample, err := b.work(b.sampleMB)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "timed on %d documents, %.1f MB; precision and recall on %d documents, %.1f MB\n",
		len(full.sizes), float64(full.bytes)/1e6, len(sample.sizes), float64(sample.bytes)/1e6)
	contenders := append([]contender{b.codemill()}, b.pythonContenders()...)
	var results []*result
	for _, c := range contenders {
		r, err := b.judge(c, sample, full)
		if err == nil {
			results = append(results, r)
		} else if err := b.out(c.name, err); err != nil {
			return err
		}
	}
	for range b.rounds {
		if results, err = b.round(results, full); err != nil {
			return err
		}
	}
	sketch, err := b.sketchRate(sample)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "codemill alone, from text to sketch: %.0f MB/s of processor time\n\n", sketch)
	b.ratios["codemill/text-to-sketch/MBps"] = sketch
	return b.show(w, results)
}

// round runs every contender once and returns those that came through.
func (b *dedupBench) round(results []*result, full *dedupWork) (still []*result, err error) {
	for _, r := range results {
		log.Printf("%s: timed run", r.name)
		o, err := r.run(full, r.limit)
		if err == nil {
			r.runs = append(r.runs, o)
			still = append(still, r)
		} else if err := b.out(r.name, err); err != nil {
			return nil, err
		}
	}
	return still, nil
}

// out notes why a peer is absent; other failures are the benchmark's.
func (b *dedupBench) out(name string, err error) error {
	if name == "codemill" || !errors.Is(err, errSide) {
		return fmt.Errorf("%s: %w", name, err)
	}
	b.absent[name] = err.Error()
	return nil
}

// judge runs a contender on the sample and finds out how many of the full
// documents it is to be given.
func (b *dedupBench) judge(c contender, sample, full *dedupWork) (*result, error) {
	log.Printf("%s: precision and recall", c.name)
	o, err := c.run(sample, 0)
	if err != nil {
		return nil, err
	}
	sets, err := c.shingles(sample)
	if err != nil {
		return nil, err
	}
	removed := make([]bool, len(sample.sizes))
	for _, i := range o.removed {
		if i < 0 || i >= len(removed) {
			return nil, fmt.Errorf("%w: document %d of %d removed", errSide, i, len(removed))
		}
		removed[i] = true
	}
	if len(sets) != len(removed) {
		return nil, fmt.Errorf("%w: shingles of %d documents instead of %d", errSide, len(sets), len(removed))
	}
	pairs := similarPairs(asSets(sets), b.threshold)
	acc := judge(pairs, removed, sample.same, b.threshold)
	if o.flagsOnly {
		acc = judgeFlags(pairs, removed, sample.same, b.threshold)
	}
	r := &result{contender: c, acc: acc}
	if c.name != "codemill" {
		r.limit = full.upTo(int(b.seconds * o.rate() * 1e6))
	}
	return r, nil
}

// show prints the table and notes the ratios.
func (b *dedupBench) show(w io.Writer, results []*result) error {
	rows := [][]string{strings.Fields("side version settings docs MB seconds cpu-s MB/s/core × peak-MiB removed precision recall at-threshold lost")}
	ours := results[0].rate()
	for _, r := range results {
		o, times := r.runs[len(r.runs)-1], ""
		b.ratios[r.name+"/recall"], b.ratios[r.name+"/precision"] = r.acc.recall(), r.acc.precision()
		b.ratios[r.name+"/recall-at-threshold"] = r.acc.recallAtLimit()
		if r != results[0] {
			b.ratios[r.name+"/speed"] = ours / r.rate()
			times = fmt.Sprintf("%.1f", ours/r.rate())
		}
		rows = append(rows, []string{r.name, o.version, o.settings, fmt.Sprint(o.docs), fmt.Sprintf("%.0f", float64(o.bytes)/1e6),
			fmt.Sprintf("%.1f", o.wall.Seconds()), fmt.Sprintf("%.1f", o.cpu.Seconds()), fmt.Sprintf("%.2f", r.rate()), times,
			fmt.Sprint(o.peak >> 20), fmt.Sprint(len(o.removed)),
			fmt.Sprintf("%.4f", r.acc.precision()), fmt.Sprintf("%.4f", r.acc.recall()), fmt.Sprintf("%.4f", r.acc.recallAtLimit()),
			fmt.Sprint(r.acc.removed - r.acc.right)})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(b.absent)) {
		fmt.Fprintf(w, "absent: %s: %s\n", n, strings.TrimPrefix(b.absent[n], errSide.Error()+": "))
	}
	return nil
}

// pythonDedups are the peers of PyPI and what to install for them.
var pythonDedups = []struct{ name, packages string }{
	{"datatrove", "datatrove[processing,io] spacy"},
	{"datatrove-split", "datatrove[processing,io] spacy"},
	{"text-dedup", "text-dedup"},
	{"datasketch", "datasketch"},
	{"rensa", "rensa"},
	{"rensa-rho", "rensa"},
	{"fastsketchlsh", "fastsketchlsh"},
}

func (b *dedupBench) pythonContenders() (all []contender) {
	script := filepath.Join(b.scratch, "dedup_side.py")
	source, err := peerFiles.ReadFile("peers/dedup_side.py")
	if err == nil {
		err = os.WriteFile(script, source, 0o666)
	}
	var env *venv
	if err == nil {
		env, err = makeVenv(b.python, filepath.Join(b.cache, "venv-dedup"))
	}
	if err == nil {
		_, err = env.install("pyarrow", "xxhash")
	}
	for _, p := range pythonDedups {
		if b.peers != "" && !slices.Contains(strings.Split(b.peers, ","), p.name) {
			continue
		}
		failed := err
		if failed == nil {
			log.Printf("PyPI: %s", p.packages)
			_, failed = env.install(strings.Fields(p.packages)...)
		}
		if failed != nil {
			b.absent[p.name] = failed.Error()
			continue
		}
		all = append(all, b.pythonContender(p.name, env.python, script))
	}
	return all
}

func (b *dedupBench) pythonContender(name, python, script string) contender {
	command := func(work *dedupWork, args ...string) *exec.Cmd {
		all := append([]string{script, name, "--threshold", fmt.Sprint(b.threshold), "--ngram", fmt.Sprint(b.ngram), "--perm", fmt.Sprint(b.perm), "--docs"}, work.files...)
		cmd := exec.Command(python, append(all, args...)...)
		cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "RAYON_NUM_THREADS=1", "POLARS_MAX_THREADS=1", "OPENBLAS_NUM_THREADS=1", "TOKENIZERS_PARALLELISM=false")
		return cmd
	}
	out := filepath.Join(b.scratch, name+".out")
	return contender{
		name: name,
		run: func(work *dedupWork, limit int) (*outcome, error) {
			o, err := b.measure(command(work, "--limit", fmt.Sprint(limit), "--out", out))
			if err != nil {
				return nil, err
			}
			o.docs, o.bytes = work.first(limit)
			return o, o.read(out)
		},
		shingles: func(work *dedupWork) ([][]uint64, error) {
			if _, err := b.measure(command(work, "--shingles", out, "--out", out)); err != nil {
				return nil, err
			}
			return readShingles(out)
		},
	}
}

// read takes from a peer's report what it removed.
func (o *outcome) read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var report struct {
		Removed           []int
		Version, Settings string
		Startup           float64
		FlagsOnly         bool `json:"flags_only"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return fmt.Errorf("%w: its report: %w", errSide, err)
	}
	o.removed, o.version, o.settings, o.flagsOnly = report.Removed, report.Version, report.Settings, report.FlagsOnly
	o.startup = time.Duration(report.Startup * 1e9)
	return nil
}
