package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

var (
	straceFaults = flag.Int("strace", 12, "how many faults TestFaultsBelow injects; 0 for all there are")
	straceSeed   = flag.Uint64("strace.seed", 1, "which of them")
	stracePart   = flag.String("strace.part", "1/1", "the first or second half of them with 1/2 or 2/2, and so on, to run side by side")
	straceOnly   = flag.String("strace.only", "", "only faults whose names match this expression")
)

// fileCalls are the system calls that reach a file system. strace leaves out
// those with a question mark that the machine does not have.
const fileCalls = "openat,read,pread64,write,pwrite64,fsync,fdatasync,?renameat,?renameat2,linkat,unlinkat,?unlink,mkdirat,ftruncate,?fstat,?newfstatat,getdents64,close,flock"

// A fault is the n-th call of a kind on a path, counted from 1, and what becomes
// of it: an errno, or KILL, which ends the process before the call is made.
type fault struct {
	call string
	path string // from the folder on
	n    int
	as   string
}

func (f fault) String() string {
	return fmt.Sprintf("%s of %s, call %d: %s", f.call, f.path, f.n, f.as)
}

// A faulted is a folder with sources and a recipe, where runs leave a work folder
// and an index.
type faulted struct {
	root  string
	sound map[string][]byte // what an undisturbed run leaves
	texts map[string]string // the documents of it
	seen  map[[32]byte]bool // states of the folder from which a run was seen to go on
}

func (f *faulted) command(arg ...string) []string {
	return append(append([]string{"codemill"}, arg...), "-q", "-j", "1", "--work", filepath.Join(f.root, "work"))
}

func (f *faulted) recipe() string { return filepath.Join(f.root, "recipe.yaml") }

// runProgram runs a command to its end and returns what it printed and its exit code,
// which is negative where a signal ended it.
func runProgram(t *testing.T, arg ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(arg[0], arg[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // so that fewer threads share the calls
	b, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// traced runs the recipe under strace and returns its exit code, what it printed,
// and the trace.
func (f *faulted) traced(t *testing.T, options ...string) (code int, out, trace string) {
	t.Helper()
	log := filepath.Join(f.root, "trace")
	arg := append([]string{"strace", "-f", "-y", "-e", "signal=none", "-o", log}, options...)
	out, code = runProgram(t, append(arg, f.command("run", f.recipe())...)...)
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err, out)
	}
	return code, out, string(b)
}

// inject is what tells strace to bring the fault about. strace counts for each
// thread; a call is missed where the others before it were another thread's. Its
// faster way of tracing, by a filter in the kernel, loses the signals to inject.
func (f *faulted) inject(p fault) []string {
	how := []string{"--seccomp-bpf"}
	what := "error=" + p.as
	if p.as == "KILL" {
		how = nil
		what = "signal=KILL"
	}
	return append(how, "-e", "trace="+p.call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", p.call, what, p.n), "-P", filepath.Join(f.root, p.path))
}

// fresh removes what runs have left.
func (f *faulted) fresh(t *testing.T) {
	t.Helper()
	for _, dir := range []string{"work", "index"} {
		if err := os.RemoveAll(filepath.Join(f.root, dir)); err != nil {
			t.Fatal(err)
		}
	}
}

// left returns all files of the work folder and the index.
func (f *faulted) left(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, dir := range []string{"work", "index"} {
		root := filepath.Join(f.root, dir)
		if _, err := os.Stat(root); err != nil {
			continue
		}
		for name, b := range contents(t, root) {
			files[dir+"/"+name] = b
		}
	}
	delete(files, "index/.lock")
	return files
}

var (
	tracedCall = regexp.MustCompile(`^(\d+) +(\w+)\((.*)`)
	tracedCWD  = regexp.MustCompile(`AT_FDCWD<[^>]*>`)
)

// points lists the faults that may strike file calls of a trace on what stands
// below the folder: as many of a call and path as one thread made.
func (f *faulted) points(trace string) []fault {
	type calls struct{ call, path string }
	path := regexp.MustCompile(regexp.QuoteMeta(f.root) + `/((?:work|index|sources)[^">]*)`)
	threads, most := map[string]map[calls]int{}, map[calls]int{}
	for line := range strings.Lines(trace) {
		m := tracedCall.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if p := path.FindStringSubmatch(tracedCWD.ReplaceAllString(m[3], "")); p != nil {
			thread, c := threads[m[1]], calls{m[2], p[1]}
			if thread == nil {
				thread = map[calls]int{}
				threads[m[1]] = thread
			}
			thread[c]++
			most[c] = max(most[c], thread[c])
		}
	}
	var list []fault
	for c, count := range most {
		for n := range count {
			for _, as := range []string{"EIO", "ENOSPC", "KILL"} {
				list = append(list, fault{c.call, c.path, n + 1, as})
			}
		}
	}
	slices.SortFunc(list, func(a, b fault) int {
		return cmp.Or(strings.Compare(a.call, b.call), strings.Compare(a.path, b.path), a.n-b.n, strings.Compare(a.as, b.as))
	})
	return list
}

// straceCorpus is a recipe with one small source of each type, and an index.
func straceCorpus(t *testing.T) *faulted {
	t.Helper()
	f := &faulted{root: t.TempDir(), seen: map[[32]byte]bool{}}
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau")
	text := func(before string) string {
		var b strings.Builder
		for range 12 {
			b.WriteString(before)
			for range 6 {
				b.WriteString(words[rng.IntN(len(words))] + " ")
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	write := func(name, text string) {
		path := filepath.Join(f.root, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	code := "package p\n" + text("// ") + "var V int\n"
	write("sources/folder/a.go", code)
	write("sources/folder/package.json", `{"license": "MIT"}`) // the first licence text takes a process two seconds
	write("sources/folder/sub/copy.go", code+"// and a little more\n")
	write("git/b.go", "package p\n"+text("// ")+"var W int\n")
	write("git/c.md", "# Title\n\n"+text(""))
	var rows bytes.Buffer
	for i := range 2 {
		if err := json.NewEncoder(&rows).Encode(map[string]string{"text": text(""), "repo": "t", "path": fmt.Sprintf("t%d.md", i)}); err != nil {
			t.Fatal(err)
		}
	}
	write("sources/rows.jsonl", rows.String())
	write("recipe.yaml", `
name: strace
crawl:
  sources:
    - {name: folder, path: sources/folder, type: folder}
    - {name: git, path: sources/git.git}
    - {name: rows, path: sources/rows.jsonl, type: jsonl}
passes:
  - filter: {}
  - dedup: {index: {path: index, as: one}}
tokenize: {tokenizer: r50k_base, seq_len: 512, packing: concat}
`)
	in := func(arg ...string) {
		if out, code := runProgram(t, append([]string{"git", "-C", filepath.Join(f.root, "git"), "-c", "user.name=a", "-c", "user.email=a@example.com"}, arg...)...); code != 0 {
			t.Fatal(out)
		}
	}
	in("init", "-q")
	in("add", ".")
	in("commit", "-qm", "x")
	in("clone", "-q", "--bare", ".", filepath.Join(f.root, "sources", "git.git"))
	return f
}

// strike brings a fault about, looks at what is left, and goes on from there. It
// returns in a word what came of it, or what is wrong.
func (f *faulted) strike(t *testing.T, p fault) (outcome string, err error) {
	f.fresh(t)
	code, out, trace := f.traced(t, f.inject(p)...)
	switch {
	case p.as == "KILL" && strings.Contains(trace, " = ?"): // it did not return
	case strings.Contains(trace, "(INJECTED)"):
	default:
		return "missed", nil
	}
	left := f.left(t)
	sources := strings.HasPrefix(p.path, "sources")
	switch {
	case code == exitDone && f.same(left) == nil:
		return "no matter", nil
	case code == exitDone && sources:
		// It was listed in another way than it was read: the receipts are of a source
		// that a second run finds changed.
		return "made again", f.again(t, left)
	case code == exitBadInputs && sources:
		return "counted", f.counted(t)
	case code == exitFailed && strings.Contains(out, "codemill: "):
		outcome = "an error"
	case code < 0 && p.as == "KILL":
		outcome = "killed"
	default:
		return "", fmt.Errorf("exit code %d, and %w\n%s", code, f.same(left), out)
	}
	return outcome, f.goOn(t, left)
}

// counted looks at what a run made that could not read some of its sources: the
// rest, and it is what verify takes for sound. When the shards of documents are to
// be made anew, all are there.
func (f *faulted) counted(t *testing.T) error {
	for name, text := range f.documents(t) {
		if text != f.texts[name] {
			return fmt.Errorf("the document %s is another than in an undisturbed run", name)
		}
	}
	if out, code := runProgram(t, f.command("verify", f.recipe())...); code != exitDone {
		return fmt.Errorf("verify: exit code %d: %s", code, out)
	}
	receipts, err := filepath.Glob(filepath.Join(f.root, "work", "docs", "*.receipt.json"))
	if err != nil || len(receipts) == 0 {
		t.Fatal("no receipts of documents", err)
	}
	for _, r := range receipts {
		if err := os.Remove(r); err != nil {
			t.Fatal(err)
		}
	}
	// The index knows the run by other documents.
	if err := os.RemoveAll(filepath.Join(f.root, "index")); err != nil {
		t.Fatal(err)
	}
	if out, code := runProgram(t, f.command("run", f.recipe())...); code != exitDone {
		return fmt.Errorf("second run: exit code %d: %s", code, out)
	}
	return f.same(f.left(t))
}

// documents returns the texts of all documents, by repository and path.
func (f *faulted) documents(t *testing.T) map[string]string {
	t.Helper()
	w, err := work.Read(vfs.OS{}, filepath.Join(f.root, "work"))
	if err != nil {
		t.Fatal(err)
	}
	docs, err := w.Dir(work.DocsStage).Manifest()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for shard := range docs.Rows() {
		for row, err := range (work.Job{Work: w}).Rows(t.Context(), shard, true) {
			if err != nil {
				t.Fatal(err)
			}
			texts[row.Doc.Repo+" "+row.Doc.Path] = string(row.Doc.Text)
		}
	}
	return texts
}

// goOn holds what verify says of a folder against what is there, and runs the
// recipe once more.
func (f *faulted) goOn(t *testing.T, left map[string][]byte) error {
	state := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(left)) {
		fmt.Fprintf(state, "%q %q", name, left[name])
	}
	key := [32]byte(state.Sum(nil))
	if f.seen[key] {
		return nil
	}
	f.seen[key] = true
	// In any order. The index's list is written twice: first it says that a run is
	// being added.
	for name, b := range left {
		if want, ok := f.sound[name]; ok && !bytes.Equal(b, want) && name != "index/index.json" {
			return fmt.Errorf("%s stands there, but is not what an undisturbed run leaves", name)
		}
	}
	return f.again(t, left)
}

// again holds that verify knows what is there to be sound or not finished, and
// that a second run ends as an undisturbed one.
func (f *faulted) again(t *testing.T, left map[string][]byte) error {
	out, code := runProgram(t, f.command("verify", f.recipe())...)
	switch {
	case code == 0:
		for name := range f.sound {
			if _, ok := left[name]; !ok && !strings.HasPrefix(name, "work/report/") {
				return fmt.Errorf("verify finds nothing wrong, but %s is missing", name)
			}
		}
	case code != 1 || strings.Contains(out, "wrong"):
		return fmt.Errorf("verify: exit code %d: %s", code, out)
	}
	if _, ok := left["index/codemill.json"]; ok {
		if out, code := runProgram(t, "codemill", "verify", filepath.Join(f.root, "index")); code > 1 || strings.Contains(out, "wrong") {
			return fmt.Errorf("verify of the index: exit code %d: %s", code, out)
		}
	}
	if out, code := runProgram(t, f.command("run", f.recipe())...); code != 0 {
		return fmt.Errorf("second run: exit code %d: %s", code, out)
	}
	if err := f.same(f.left(t)); err != nil {
		return fmt.Errorf("after the second run %w", err)
	}
	return nil
}

// same compares files with an undisturbed run's.
func (f *faulted) same(left map[string][]byte) error {
	for name, b := range f.sound {
		if got, ok := left[name]; !ok {
			return fmt.Errorf("%s is missing", name)
		} else if !bytes.Equal(got, b) {
			return fmt.Errorf("%s differs", name)
		}
	}
	for name := range left {
		if _, ok := f.sound[name]; !ok {
			return fmt.Errorf("%s is left over", name)
		}
	}
	return nil
}

// TestFaultsBelow lets system calls of the program fail, one in each run, and
// holds that what is left is sound or known not to be finished, and that a second
// run ends in the bytes of an undisturbed one.
func TestFaultsBelow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	if _, code := runProgram(t, "sh", "-c", "command -v git && strace -f --seccomp-bpf -o /dev/null true"); code != 0 {
		t.Skip("there is no git, or no strace that may trace")
	}
	f := straceCorpus(t)
	code, out, trace := f.traced(t, "--seccomp-bpf", "-e", "trace="+fileCalls)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	f.sound = f.left(t)
	f.texts = f.documents(t)
	faults := f.points(trace)
	if len(faults) < 2000 || len(f.sound) < 40 || len(f.texts) < 6 {
		t.Fatalf("only %d faults are possible, %d files, %d documents", len(faults), len(f.sound), len(f.texts))
	}
	t.Logf("%d faults are possible", len(faults))
	only := regexp.MustCompile(*straceOnly)
	faults = slices.DeleteFunc(faults, func(p fault) bool { return !only.MatchString(p.String()) })
	rng := rand.New(rand.NewPCG(*straceSeed, 0))
	rng.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	if n := *straceFaults; n > 0 && n < len(faults) {
		faults = faults[:n]
	}
	var part, parts uint8
	if _, err := fmt.Sscanf(*stracePart, "%d/%d", &part, &parts); err != nil || part < 1 || part > parts {
		t.Fatalf("-strace.part is %q, not like 1/2", *stracePart)
	}
	// By name, as the lists of two processes may differ by a call.
	faults = slices.DeleteFunc(faults, func(p fault) bool { return sha256.Sum256([]byte(p.String()))[0]%parts != part-1 })
	table := map[string]map[string]int{}
	for i, p := range faults {
		if end, ok := t.Deadline(); ok && time.Until(end) < time.Minute {
			t.Logf("there was time for %d of %d", i, len(faults))
			break
		}
		outcome, err := f.strike(t, p)
		if err != nil {
			outcome = "WRONG"
			t.Errorf("%v: %v", p, err)
		}
		row := p.call + " " + p.as
		if table[row] == nil {
			table[row] = map[string]int{}
		}
		table[row][outcome]++
	}
	for _, row := range slices.Sorted(maps.Keys(table)) {
		t.Logf("%-20s %v", row, table[row])
	}
}
