package main

import (
	"cmp"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

//go:embed peers
var peerFiles embed.FS

// tokenizerBench is the settings and the state of `bench tokenizer`.
type tokenizerBench struct {
	cache, python, tokenizers     string
	vocabs, corpora, peers, roots string
	external, threads             string
	mb, proseMB, streamMB, idsMB  int
	rounds                        int
	seconds                       float64
	quick, growth                 bool
	growthMB                      int

	limit   time.Duration
	started time.Time
	scratch string
	absent  map[string]string // side to the reason
	rows    [][]string
	ratios  map[string]float64
	rates   map[string]float64 // codemill's own, by vocabulary/corpus/threads/pass
	walls   map[string]float64 // the same by wall time, the best round's
}

// tokenizer times codemill beside its peers on the same texts.
func tokenizer(w io.Writer, args []string) (map[string]float64, error) {
	b := &tokenizerBench{started: time.Now(), absent: map[string]string{}, ratios: map[string]float64{}, rates: map[string]float64{}, walls: map[string]float64{},
		rows: [][]string{strings.Fields("vocabulary corpus threads side version MB cold warm ×cold ×warm ids")}}
	if err := b.parse(args); err != nil {
		return nil, err
	}
	var err error
	if b.scratch, err = os.MkdirTemp("", "codemill-bench-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.scratch)
	if b.growth {
		return b.ratios, b.grow(w)
	}
	if err := b.run(w); err != nil {
		return nil, err
	}
	b.ownRatios()
	return b.ratios, b.print(w)
}

func (b *tokenizerBench) parse(args []string) error {
	flags := flag.NewFlagSet("tokenizer", flag.ContinueOnError)
	flags.StringVar(&b.cache, "cache", defaultCache(), "folder for Python environments, Cargo projects, packages and corpora")
	flags.StringVar(&b.python, "python", "python3", "Python to make the environment with")
	flags.StringVar(&b.tokenizers, "tokenizers", "../shared/data/tokenizers", "folder with NAME/tokenizer.json for every vocabulary that is not OpenAI's")
	flags.StringVar(&b.vocabs, "vocabs", "cl100k,o200k,deepseek-coder,deepseek-coder-v2,deepseek-v3", "vocabularies, comma separated")
	flags.StringVar(&b.corpora, "corpora", "code,english,chinese,stream", "corpora, comma separated; stream is more code, read once; the others are prose: "+strings.Join(slices.Sorted(maps.Keys(proses)), ", "))
	flags.StringVar(&b.peers, "peers", "", "peers, comma separated (default all)")
	flags.StringVar(&b.external, "external", "", "peers of your own: NAME=PROGRAM, comma separated, that speak the protocol of the README")
	flags.StringVar(&b.roots, "roots", "", "folders to take code from, separated as in PATH (default: the toolchains and caches of this machine)")
	flags.StringVar(&b.threads, "threads", "both", "1, all or both")
	flags.IntVar(&b.mb, "mb", 100, "MB of code")
	flags.IntVar(&b.proseMB, "prose-mb", 10, "MB of prose in each language, if there is as much")
	flags.IntVar(&b.streamMB, "stream-mb", 300, "MB of code in the corpus stream")
	flags.IntVar(&b.idsMB, "ids-mb", 2, "MB of each corpus on which ids are compared")
	flags.IntVar(&b.rounds, "rounds", 3, "rounds; medians are shown")
	flags.Float64Var(&b.seconds, "seconds", 0.5, "a side is given as much text as it encodes in that time")
	flags.DurationVar(&b.limit, "limit", 0, "begin no other vocabulary and corpus after that time, 0 for no limit")
	flags.BoolVar(&b.growth, "growth", false, "codemill alone on adversarial texts, at 1/8, 1/4, 1/2 and all of --growth-mb")
	flags.IntVar(&b.growthMB, "growth-mb", 2, "MB of the longest adversarial text")
	flags.BoolVar(&b.quick, "quick", false, "a small corpus and one round, to see that it works")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.quick {
		b.mb, b.proseMB, b.streamMB, b.idsMB, b.rounds, b.seconds, b.growthMB = 4, 1, 8, 1, 1, 0.1, 1
	}
	if b.rounds < 1 || b.mb < 1 || b.proseMB < 1 || b.streamMB < 1 || b.idsMB < 1 || b.growthMB < 1 || b.seconds <= 0 {
		return errors.New("rounds, sizes and seconds must be above 0")
	}
	if !slices.Contains([]string{"1", "all", "both"}, b.threads) {
		return fmt.Errorf("--threads: %q is not 1, all or both", b.threads)
	}
	return os.MkdirAll(b.cache, 0o777)
}

func defaultCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "codemill-bench")
}

func (b *tokenizerBench) run(w io.Writer) error {
	sides, err := b.sides()
	if err != nil {
		return err
	}
	vocabs, err := b.vocabularies()
	if err != nil {
		return err
	}
	for _, name := range strings.Split(b.corpora, ",") {
		c, err := b.corpus(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %s\n", name, c.about)
		for _, n := range b.threadCounts() {
			if err := b.measure(sides, vocabs, c, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// threadCounts is how many threads every corpus is run with, one after the other.
func (b *tokenizerBench) threadCounts() (counts []int) {
	if b.threads != "all" {
		counts = append(counts, 1)
	}
	if b.threads != "1" && (runtime.NumCPU() > 1 || len(counts) == 0) {
		counts = append(counts, runtime.NumCPU())
	}
	return counts
}

// vocabularies returns those that are there; without any there is no benchmark.
func (b *tokenizerBench) vocabularies() (found []vocabulary, err error) {
	for _, name := range strings.Split(b.vocabs, ",") {
		v, err := findVocabulary(name, b.scratch, b.tokenizers)
		if err != nil {
			b.absent[name] = err.Error()
			continue
		}
		found = append(found, v)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("none of the vocabularies %s is there: %v", b.vocabs, b.absent)
	}
	return found, nil
}

// portable is codemill built without assembly.
const portable = "codemill-purego"

// sides returns codemill and all peers that could be made ready.
func (b *tokenizerBench) sides() ([]*side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	sides := []*side{{name: "codemill", command: []string{self, "side", "codemill"}}}
	wanted := func(name string) bool {
		return b.peers == "" || slices.Contains(strings.Split(b.peers, ","), name)
	}
	if wanted(portable) {
		program := filepath.Join(b.scratch, portable)
		if _, err := run(10*time.Minute, "", "go", "build", "-tags", "purego", "-o", program, "./bench"); err != nil {
			return nil, err
		}
		sides = append(sides, &side{name: portable, command: []string{program, "side", "codemill"}})
	}
	if wanted("tiktoken-go") {
		sides = append(sides, &side{name: "tiktoken-go", command: []string{self, "side", "tiktoken-go"}})
	}
	sides = append(sides, b.pythonSides(wanted)...)
	sides = append(sides, b.rustSides(wanted)...)
	for _, e := range strings.FieldsFunc(b.external, func(r rune) bool { return r == ',' }) {
		name, program, ok := strings.Cut(e, "=")
		if !ok {
			return nil, fmt.Errorf("--external: %q is not NAME=PROGRAM", e)
		}
		sides = append(sides, &side{name: name, command: strings.Fields(program)})
	}
	return sides, nil
}

// pythonTokenizers are the peers of PyPI and what to install for them.
var pythonTokenizers = []struct{ name, packages string }{
	{"tiktoken", "tiktoken"},
	{"tokenizers", "tokenizers"},
	{"gigatoken", "gigatoken"},
	{"fastokens", "fastokens"},
	{"snaptokens", "snaptokens"},
	{"quicktok", "quicktok-v1"},
	{"splintr", "splintr-rs"},
	{"bpe-openai", "bpe-openai"},
	{"rs-bpe", "rs-bpe"},
	{"riptoken", "riptoken"},
	{"iree-tokenizer", "iree-tokenizer"},
	{"kitoken", "kitoken"},
	{"tokie", "tokie"},
	{"morpheme", "morpheme"},
	{"budtiktok", "budtiktok"},
	{"tokendagger", "tokendagger"},
	{"nanotok", "nanotok"},
	{"runtoken", "runtoken"},
}

func (b *tokenizerBench) pythonSides(wanted func(string) bool) (sides []*side) {
	script := filepath.Join(b.scratch, "tokenizers_side.py")
	source, err := peerFiles.ReadFile("peers/tokenizers_side.py")
	if err == nil {
		err = os.WriteFile(script, source, 0o666)
	}
	var env *venv
	if err == nil {
		env, err = makeVenv(b.python, filepath.Join(b.cache, "venv-tokenizers"))
	}
	for _, p := range pythonTokenizers {
		if !wanted(p.name) {
			continue
		}
		failed := err
		if failed == nil {
			log.Printf("PyPI: %s", p.name)
			_, failed = env.install(strings.Fields(p.packages)...)
		}
		if failed != nil {
			b.absent[p.name] = failed.Error()
			continue
		}
		sides = append(sides, &side{name: p.name, command: []string{env.python, script, p.name}})
	}
	return sides
}

func (b *tokenizerBench) rustSides(wanted func(string) bool) (sides []*side) {
	for _, p := range rustTokenizers {
		if !wanted(p.name) {
			continue
		}
		log.Printf("crates.io: %s", p.crate)
		program, version, err := buildRust(filepath.Join(b.cache, "cargo", p.name), p.crate, p.dependency, p.source)
		if err != nil {
			b.absent[p.name] = err.Error()
			continue
		}
		sides = append(sides, &side{name: p.name, command: []string{program}, env: []string{"BENCH_VERSION=" + version}})
	}
	return sides
}

// corpusFile is a file of texts and their sizes.
type corpusFile struct {
	name, path, about string
	sizes             []int
}

// corpus returns the texts of a corpus from the cache, or collects them.
func (b *tokenizerBench) corpus(name string) (*corpusFile, error) {
	_, prosaic := proses[name]
	mb := map[string]int{"code": b.mb, "stream": b.streamMB}[name]
	if prosaic {
		mb = b.proseMB
	}
	if mb == 0 {
		return nil, fmt.Errorf("--corpora: %q is not one of code, stream, %s", name, strings.Join(slices.Sorted(maps.Keys(proses)), ", "))
	}
	roots := filepath.SplitList(b.roots)
	if len(roots) == 0 {
		roots = codeRoots(b.python)
	}
	c := &corpusFile{name: name, path: filepath.Join(b.cache, fmt.Sprintf("%s-%d-%x.texts", name, mb, hash(b.roots)>>48))}
	if data, err := readTexts(c.path); err == nil {
		return c.describe(data), nil
	}
	log.Printf("collecting %d MB of %s", mb, name)
	var texts []text
	var err error
	if prosaic {
		texts, err = collectProse(name, b.python, b.cache, roots, mb*1e6)
	} else {
		texts, err = collectCode(roots, mb*1e6)
	}
	if err != nil {
		return nil, err
	}
	var data [][]byte
	for _, t := range texts {
		data = append(data, t.data)
	}
	log.Print(mix(texts))
	return c.describe(data), writeTexts(c.path, data)
}

func (c *corpusFile) describe(data [][]byte) *corpusFile {
	total := 0
	for _, d := range data {
		c.sizes = append(c.sizes, len(d))
		total += len(d)
	}
	c.about = fmt.Sprintf("%d texts, %.1f MB", len(data), float64(total)/1e6)
	return c
}

// upTo returns how many texts make up so many bytes, all if there are fewer,
// and the bytes that they have.
func (c *corpusFile) upTo(bytes int) (n, size int) {
	for n < len(c.sizes) && size < bytes {
		size += c.sizes[n]
		n++
	}
	return n, size
}

// A contest is one side's passes over one corpus with one vocabulary.
type contest struct {
	*side
	count, bytes int // of texts given
	ids          string
	cold, warm   []float64  // MB/s, a round each
	wall         [2]float64 // MB for each second of wall time, the best cold and warm round
}

// measure runs all sides on one corpus with so many threads.
func (b *tokenizerBench) measure(sides []*side, vocabs []vocabulary, c *corpusFile, threads int) error {
	var running []*side
	for _, s := range sides {
		if b.absent[s.name] != "" {
			continue
		}
		err := s.start(threads)
		if err == nil {
			defer s.stop()
			err = s.texts(c.path)
		}
		if err != nil {
			b.absent[s.name] = err.Error()
			continue
		}
		running = append(running, s)
	}
	for _, v := range vocabs {
		if b.limit > 0 && time.Since(b.started) > b.limit {
			b.absent[strings.Join([]string{"all", v.name, c.name, threadsKey(threads)}, "/")] = "not measured, --limit was over"
			continue
		}
		log.Printf("%s, %s, %d threads, %v", v.name, c.name, threads, time.Since(b.started).Round(time.Second))
		if err := b.compete(running, v, c, threads); err != nil {
			return err
		}
	}
	return nil
}

// compete runs the rounds, the sides in turn.
func (b *tokenizerBench) compete(sides []*side, v vocabulary, c *corpusFile, threads int) error {
	all, err := b.prepare(sides, v, c, threads)
	if err != nil {
		return err
	}
	for range b.rounds {
		var still []*contest
		for _, k := range all {
			switch err := k.round(v, threads, c.name != "stream"); {
			case err == nil:
				still = append(still, k)
			case k.name == "codemill" || !errors.Is(err, errSide):
				return err
			default: // what fails on the way is out
				b.absent[strings.Join([]string{k.name, v.name, c.name, threadsKey(threads)}, "/")] = err.Error()
			}
		}
		all = still
	}
	b.note(all, v, c, threads)
	return nil
}

// prepare compares ids and finds out how much text a side can be given. A peer
// that cannot do the vocabulary is left out.
func (b *tokenizerBench) prepare(sides []*side, v vocabulary, c *corpusFile, threads int) (all []*contest, err error) {
	var want [][]uint32
	for _, s := range sides {
		k := &contest{side: s}
		seconds := b.seconds
		if s.name == "codemill" {
			seconds = math.Inf(1) // gets all
		} else if c.name == "stream" {
			seconds *= 4 // for a rate that lasts
		}
		ids, err := k.try(v, c, threads, b.idsMB*1e6, seconds, filepath.Join(b.scratch, "ids"))
		if err != nil && (s.name == "codemill" || !errors.Is(err, errSide)) {
			return nil, fmt.Errorf("%s: %s: %w", s.name, v.name, err)
		}
		if err != nil {
			b.absent[s.name+"/"+v.name] = err.Error()
			continue
		}
		if s.name == "codemill" {
			want, k.ids = ids, ""
		} else {
			k.ids = compareIDs(ids, want)
		}
		all = append(all, k)
	}
	return all, nil
}

// try has the ids of the first texts written, and finds how many texts the side
// encodes in so many seconds.
func (k *contest) try(v vocabulary, c *corpusFile, threads, idBytes int, seconds float64, scratch string) ([][]uint32, error) {
	if err := k.load(v); err != nil {
		return nil, err
	}
	n, _ := c.upTo(idBytes)
	ids, err := k.side.ids(n, scratch)
	if err != nil {
		return nil, err
	}
	n, size := c.upTo(1 << 20)
	t, err := k.pass(n)
	if err != nil {
		return nil, err
	}
	taken := t.cpu.Seconds() / float64(threads) // not the wall time: others use the machine as well
	k.count, k.bytes = c.upTo(int(min(float64(size)/max(taken, 1e-6)*seconds, 1e12)))
	return ids, nil
}

// round makes a new encoder and encodes the texts, once more if asked to.
func (k *contest) round(v vocabulary, threads int, twice bool) error {
	if err := k.load(v); err != nil {
		return err
	}
	rates := []*[]float64{&k.cold, &k.warm}
	if !twice {
		rates = rates[:1]
	}
	for i, to := range rates {
		t, err := k.pass(k.count)
		if err != nil {
			return err
		}
		taken := t.cpu
		if threads > 1 {
			taken = t.wall
		}
		*to = append(*to, float64(k.bytes)/1e6/max(taken.Seconds(), 1e-6))
		k.wall[i] = max(k.wall[i], float64(k.bytes)/1e6/max(t.wall.Seconds(), 1e-6))
	}
	return nil
}

// compareIDs says in how many texts the ids differ.
func compareIDs(have, want [][]uint32) string {
	if len(have) != len(want) {
		return fmt.Sprintf("%d texts instead of %d", len(have), len(want))
	}
	differ := 0
	for i := range have {
		if !slices.Equal(have[i], want[i]) {
			differ++
		}
	}
	if differ == 0 {
		return fmt.Sprintf("equal in %d", len(want))
	}
	return fmt.Sprintf("%d of %d differ", differ, len(want))
}

// note adds the rows and the ratios of one contest.
func (b *tokenizerBench) note(all []*contest, v vocabulary, c *corpusFile, threads int) {
	ours, label := all[0], threadsKey(threads)
	for _, k := range all {
		row := []string{v.name, c.name, fmt.Sprint(threads), k.name, k.version, fmt.Sprintf("%.1f", float64(k.bytes)/1e6)}
		var against []string
		for i, rates := range [][]float64{k.cold, k.warm} {
			pass := [...]string{"cold", "warm"}[i]
			if len(rates) == 0 {
				row, against = append(row, "-"), append(against, "-")
				continue
			}
			row = append(row, fmt.Sprintf("%.1f", median(rates)))
			if k == ours {
				key := strings.Join([]string{v.name, c.name, label, pass}, "/")
				b.rates[key], b.walls[key] = median(rates), k.wall[i]
				against = append(against, "")
				continue
			}
			ratio := median(quotients([][]float64{ours.cold, ours.warm}[i], rates))
			b.ratios[strings.Join([]string{k.name, v.name, c.name, label, pass}, "/")] = ratio
			against = append(against, fmt.Sprintf("%.2f", ratio))
		}
		b.rows = append(b.rows, append(append(row, against...), k.ids))
	}
	for _, pass := range []string{"cold", "warm"} {
		b.notePortable(strings.Join([]string{v.name, c.name, label, pass}, "/"))
	}
}

// notePortable sets the portable build's rates against those of tiktoken.
func (b *tokenizerBench) notePortable(key string) {
	ours, ok := b.ratios[portable+"/"+key]
	theirs, both := b.ratios["tiktoken/"+key]
	if ok && both {
		b.ratios[portable+":tiktoken/"+key] = theirs / ours
	}
}

func threadsKey(n int) string {
	if n == 1 {
		return "1thread"
	}
	return "allthreads"
}

// ownRatios sets codemill's rates against each other: all threads to one, and
// every vocabulary to the first.
func (b *tokenizerBench) ownRatios() {
	first, _, _ := strings.Cut(b.vocabs, ",")
	for key, rate := range b.rates {
		part := strings.SplitN(key, "/", 2)
		if base := b.rates[first+"/"+part[1]]; part[0] != first && base > 0 {
			b.ratios["codemill/"+part[0]+":"+first+"/"+part[1]] = rate / base
		}
		if one := b.walls[strings.Replace(key, "/allthreads/", "/1thread/", 1)]; strings.Contains(key, "/allthreads/") && one > 0 {
			b.ratios["codemill/"+strings.Replace(key, "/allthreads/", "/allthreads:1thread/", 1)] = b.walls[key] / one
		}
	}
}

func (b *tokenizerBench) print(w io.Writer) error {
	fmt.Fprintln(w, "\nMB/s: of processor time with one thread, of wall time with all; × is codemill's rate to the side's.")
	if err := table(w, b.rows); err != nil {
		return err
	}
	names := make([]string, 0, len(b.absent))
	for n := range b.absent {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(w, "absent: %s: %s\n", n, strings.TrimPrefix(b.absent[n], errSide.Error()+": "))
	}
	return nil
}

// median of at least one value; the lower one of the middle two.
func median(values []float64) float64 {
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare)
	return sorted[(len(sorted)-1)/2]
}

func quotients(a, b []float64) []float64 {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		out[i] = a[i] / b[i]
	}
	return out
}
