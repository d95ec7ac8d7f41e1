package dedup_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

// months deals documents out to months, each with shards of a size. Documents
// of later months are better by the survivor order.
func months(docs []*corpus.Doc, n, size int) (list [][][]*corpus.Doc) {
	rng := rand.New(rand.NewPCG(8, 8))
	rng.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	for i, part := range slices.Collect(slices.Chunk(docs, (len(docs)+n-1)/n)) {
		for _, d := range part {
			d.Stars, d.LicenseType = int64(i), corpus.Permissive
		}
		list = append(list, cut(part, size))
	}
	return list
}

func indexed(path, as string) dedup.Config {
	return dedup.Config{Index: index.Config{Path: path, As: as}}
}

// known reads the survivors that a run found in the index, by document.
func known(t testing.TB, job work.Job, shards [][]*corpus.Doc) map[corpus.ID]index.Known {
	t.Helper()
	m := map[corpus.ID]index.Known{}
	for i, docs := range shards {
		for k, err := range index.KnownSurvivors(job.Dir(), i) {
			if err != nil {
				t.Fatal(err)
			}
			id := docs[k.Row].ID
			k.Row, k.Run, k.Source, k.Repo, k.Path = 0, strings.Clone(k.Run), strings.Clone(k.Source), strings.Clone(k.Repo), strings.Clone(k.Path)
			m[id] = k
		}
	}
	return m
}

// inMonths runs month after month against one index. It returns all outcomes
// and, for those dropped for a document of the index, which one that is.
func inMonths(t *testing.T, level string, parts [][][]*corpus.Doc) (got map[corpus.ID]outcome, survivors map[corpus.ID]corpus.ID) {
	path := filepath.Join(t.TempDir(), "index")
	got, survivors = map[corpus.ID]outcome{}, map[corpus.ID]corpus.ID{}
	names := map[index.Known]corpus.ID{}
	for i, shards := range parts {
		job, run := mustDocs(t, shards), fmt.Sprint("month", i)
		c := indexed(path, run)
		c.Level = level
		runDedup(t, job, c)
		maps.Copy(got, outcomes(t, job, shards))
		for id, k := range known(t, job, shards) {
			survivors[id] = names[k]
			if o := got[id]; o.survivor != (corpus.ID{}) || o.reason == "" || survivors[id] == (corpus.ID{}) {
				t.Fatalf("%+v for %+v", o, k)
			}
		}
		for _, d := range slices.Concat(shards...) {
			k := index.Known{Run: run, Source: d.Source, Repo: d.Repo, Path: d.Path}
			if level == dedup.LevelRepository {
				k.Path = ""
			}
			names[k] = d.ID
		}
		s, err := dedup.ReadSummary(job.Dir())
		if err != nil || i > 0 && (s.Indexed == 0 || s.ForIndexed == 0) || s.Audit.Wrong > 0 {
			t.Fatalf("%+v, audit %+v, %v", s, s.Audit, err)
		}
	}
	return got, survivors
}

// Month after month against an index comes to what one run over all of them
// comes to in which earlier months are better; the survivors are named.
func TestIndexEqualsOneRun(t *testing.T) {
	for _, level := range []string{dedup.LevelFile, dedup.LevelRepository} {
		docs := family(t, 150)
		for i, d := range docs {
			d.Repo = fmt.Sprint("repo", i) // so that both levels come to the same
			d.Forks = int64(i)             // so that no id decides
			d.SetIDs()
		}
		parts := months(docs, 3, 50)
		got, survivors := inMonths(t, level, parts)
		var (
			all      [][]*corpus.Doc
			priority []string
			back     = map[corpus.ID]corpus.ID{} // from ids with the month as source
		)
		for i, shards := range parts {
			priority = append(priority, fmt.Sprint("month", i))
			for _, docs := range shards {
				var list []*corpus.Doc
				for _, d := range docs {
					c := d.Clone()
					c.Source = priority[i]
					c.SetIDs()
					back[c.ID] = d.ID
					list = append(list, c)
				}
				all = append(all, list)
			}
		}
		job := mustDocs(t, all)
		runDedup(t, job, dedup.Config{Level: level, Priority: priority})
		for id, w := range outcomes(t, job, all) {
			g := got[back[id]]
			survivor, ok := survivors[back[id]]
			if !ok {
				survivor = g.survivor
			}
			if g.reason != w.reason || g.similarity != w.similarity || survivor != back[w.survivor] {
				t.Errorf("%s: %+v for %v, want %+v for %v", level, g, survivor, w, back[w.survivor])
			}
		}
		if len(survivors) < len(docs)/10 {
			t.Errorf("only %d were dropped for one of the index", len(survivors))
		}
	}
}

// A run done again is compared with what it was compared with the first time,
// and changes nothing; so it is when others came after it.
func TestIndexedRunAgain(t *testing.T) {
	parts := months(family(t, 60), 2, 40)
	path := filepath.Join(t.TempDir(), "index")
	var jobs []work.Job
	for i, shards := range parts {
		jobs = append(jobs, mustDocs(t, shards))
		runDedup(t, jobs[i], indexed(path, fmt.Sprint("m", i)))
	}
	index := snapshot(t, path)
	for i, job := range jobs {
		want := snapshot(t, job.Dir().Path())
		job.DryRun = true
		if _, err := dedup.Run(context.Background(), job, indexed(path, fmt.Sprint("m", i))); err != nil {
			t.Errorf("again: %v", err)
		}
		job.DryRun = false
		runDedup(t, job, indexed(path, fmt.Sprint("m", i)))
		sameFiles(t, want, snapshot(t, job.Dir().Path()))
		if err := os.RemoveAll(job.Dir().Path()); err != nil {
			t.Fatal(err)
		}
		runDedup(t, job, indexed(path, fmt.Sprint("m", i)))
		sameFiles(t, want, snapshot(t, job.Dir().Path()))
	}
	sameFiles(t, index, snapshot(t, path))

	// Reading it only compares with both, and adds nothing.
	job := mustDocs(t, parts[0])
	m := runDedup(t, job, indexed(path, ""))
	if total := m.Count.Total(); total.Kept.Docs != 0 {
		t.Errorf("kept %d of what the index has", total.Kept.Docs)
	}
	sameFiles(t, index, snapshot(t, path))

	// One that is lost is made again from the work folders, in their order.
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	for i, job := range jobs {
		want := snapshot(t, job.Dir().Path())
		c := indexed(path, fmt.Sprint("m", i))
		job.DryRun = true
		var pending *work.Pending
		if _, err := dedup.Run(context.Background(), job, c); !errors.As(err, &pending) {
			t.Errorf("the index is lost, and nothing is to be done: %v", err)
		}
		job.DryRun = false
		runDedup(t, job, c)
		sameFiles(t, want, snapshot(t, job.Dir().Path()))
	}
	sameFiles(t, index, snapshot(t, path))

	// The last one may change, one that others were compared with may not.
	c := indexed(path, "m1")
	c.Near.Threshold = 0.9
	runDedup(t, jobs[1], c)
	c.Index.As = "m0"
	if _, err := dedup.Run(context.Background(), jobs[0], c); err == nil || !strings.Contains(err.Error(), `"m1" was added after it`) {
		t.Errorf("error %v", err)
	}
}

// What cannot be compared with is refused, with the reason.
func TestIndexRefused(t *testing.T) {
	shards := smallDocs()
	path := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, shards), indexed(path, "a"))
	before := snapshot(t, path)
	try := func(shards [][]*corpus.Doc, want string, change func(*dedup.Config)) {
		t.Helper()
		c := indexed(path, "b")
		change(&c)
		if _, err := dedup.Run(context.Background(), mustDocs(t, shards), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		sameFiles(t, before, snapshot(t, path))
	}
	try(shards, "near.ngram: 5 there, 7 here", func(c *dedup.Config) { c.Near.Ngram = 7 })
	try(shards, "near.permutations: 256 there, 128 here", func(c *dedup.Config) { c.Near.Permutations = 128 })
	try(shards, "near.split: code there, chars here", func(c *dedup.Config) { c.Near.Split = sketch.SplitChars })
	try(shards, "near.off: false there, true here", func(c *dedup.Config) { c.Near.Off = true })
	try(shards, "exact.line_ends: false there, true here", func(c *dedup.Config) { c.Exact.LineEnds = true })
	try(shards, "level: file there, repository here", func(c *dedup.Config) { c.Level = dedup.LevelRepository })
	list := unchecked(before["index.json"])
	old := strings.Replace(list, `"Sketch": "fss"`, `"Sketch": "minhash"`, 1)
	if old == list {
		t.Fatal("the index does not say what its sketches are")
	}
	for _, text := range []string{old, list} {
		if err := os.WriteFile(filepath.Join(path, "index.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if before["index.json"] = text; text == old {
			try(shards, "near.sketch: minhash there, fss here", func(*dedup.Config) {})
		}
	}
	try(shards, "is not a work folder", func(c *dedup.Config) { c.Index = index.Config{Path: path + "2"} })
	other := mustDocs(t, shards)
	other.Stage = work.VerdictsStage("again")
	if _, err := dedup.Run(context.Background(), other, indexed(path, "a")); err == nil || !strings.Contains(err.Error(), "by another pass (verdicts/dedup)") {
		t.Errorf("error %v", err)
	}
	try(shards[:1], "index.replace", func(c *dedup.Config) { c.Index.As = "a" }) // perhaps a mistake
	for _, c := range []dedup.Config{{Index: index.Config{As: "x"}}, {Index: index.Config{Path: "p", As: "../x"}}, {Index: index.Config{Path: "p", Replace: true}}} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	job := mustDocs(t, shards)
	if _, err := dedup.Run(context.Background(), job, indexed(filepath.Join(job.Work.Root(), "index"), "c")); err == nil || !strings.Contains(err.Error(), "inside the work folder") {
		t.Errorf("error %v", err)
	}
	w, err := work.Open(faultfs.Sound(), path, "codemill-dedup-index")
	if err != nil {
		t.Fatal(err)
	}
	try(shards, "is in use by another codemill", func(*dedup.Config) {})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if runs, ok, err := index.Runs(job.Work); ok || err != nil || runs != nil {
		t.Errorf("a work folder is an index: %v %v", runs, err)
	}
	c := indexed(path, "a")
	c.Index.Replace, c.Languages, c.Near.Threshold = true, []string{""}, 0.8 // bands and languages do no harm
	runDedup(t, mustDocs(t, shards[:1]), c)
}

// unchecked is a list of runs without its check, so that a test may change it.
func unchecked(list string) string {
	return regexp.MustCompile(`,\s*"check": "[0-9a-f]+"`).ReplaceAllString(list, "")
}

// What is not whole is not compared with.
func TestDamagedIndex(t *testing.T) {
	shards := smallDocs()
	for _, name := range []string{"index.json", "runs/a/manifest.json", "runs/a/00000.receipt.json", "runs/a/00000.entries", "runs/a/00000.sketches", "runs/a/00000.sets", "runs/a/00000.places", "runs/a/00000.names"} {
		path := filepath.Join(t.TempDir(), "index")
		runDedup(t, mustDocs(t, shards), indexed(path, "a"))
		b, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 0x80
		if err := os.WriteFile(filepath.Join(path, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := dedup.Run(context.Background(), mustDocs(t, shards), indexed(path, "c")); err == nil {
			t.Errorf("%s damaged, and nobody noticed", name)
		} else if !errors.Is(err, corpus.ErrCorrupt) && name != "index.json" {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// An index whose list of runs was lost or changed is damaged, for a run as for
// who verifies it, and is not taken for an empty one.
func TestIndexThatLostItsList(t *testing.T) {
	shards := smallDocs()
	whole := filepath.Join(t.TempDir(), "index")
	jobs := []work.Job{mustDocs(t, shards[:1]), mustDocs(t, shards[1:])}
	for i, job := range jobs {
		runDedup(t, job, indexed(whole, fmt.Sprint("m", i)))
	}
	list, err := os.ReadFile(filepath.Join(whole, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	checked := string(list)
	list = []byte(unchecked(checked))
	first := strings.Index(string(list), `    {`+"\n"+`      "name": "m0"`)
	second := strings.Index(string(list), `    {`+"\n"+`      "name": "m1"`)
	replace := func(key string) string {
		at := first + strings.Index(string(list[first:]), `"`+key+`": `) + len(key) + 4
		for !strings.ContainsRune("123456789", rune(list[at])) {
			at++
		}
		return string(list[:at]) + string(list[at]-1) + string(list[at+1:])
	}
	for _, test := range []struct {
		name, list, want string
		ok               bool
	}{
		{"whole", string(list), "", true},
		{"whole, checked", checked, "", true},
		{"in another order", strings.Replace(strings.Replace(strings.Replace(checked, `"m0"`, `"m2"`, 1), `"m1"`, `"m0"`, 1), `"m2"`, `"m1"`, 1), "it is not as it was written", false},
		{"another key", strings.Replace(checked, `"check"`, `"chick"`, 1), "damaged", false},
		{"deleted", "", `does not list the run "m0"`, false},
		{"without a run", string(list[:first]) + string(list[second:]), `does not list the run "m0"`, false},
		{"without the last run", string(list[:second-2]) + "\n  ]\n}\n", `does not list the run "m1"`, false},
		{"other docs", replace("docs"), `"m0" was made from other documents`, false},
		{"other number", replace("kept"), `the run "m0" has`, false},
		{"other pass", strings.Replace(string(list), "verdicts/dedup", "verdicts/other", 1), `"m0" was made from other documents`, false},
		{"being added, others behind", strings.Replace(string(list), `"kept"`, `"adding": true, "kept"`, 1), `others come after the run "m0"`, false},
	} {
		path := filepath.Join(t.TempDir(), "index")
		if err := os.CopyFS(path, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "index.json"), []byte(test.list), 0o644); err != nil {
			t.Fatal(err)
		}
		if test.list == "" {
			if err := os.Remove(filepath.Join(path, "index.json")); err != nil {
				t.Fatal(err)
			}
		}
		check := func(what string, err error) {
			t.Helper()
			if test.ok && err != nil || !test.ok && (!errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s, %s: error %v, want %q", test.name, what, err, test.want)
			}
		}
		w, err := work.Read(faultfs.Sound(), path)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = index.Runs(w)
		check("verify", err)
		for _, as := range []string{"", "m2"} {
			_, err := dedup.Run(context.Background(), mustDocs(t, shards), indexed(path, as))
			check("run as "+as, err)
		}
		if test.name != "other number" { // which says nothing about this run's documents
			_, err := dedup.Run(context.Background(), jobs[0], indexed(path, "m0"))
			check("the run itself", err)
		}
	}
}

// A run that was not added to its end is none; the next to be added, or the same
// again, takes its place.
func TestIndexOfAnUnfinishedRun(t *testing.T) {
	shards := smallDocs()
	path := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, shards[:1]), indexed(path, "a"))
	first := snapshot(t, path)
	job := mustDocs(t, shards)
	runDedup(t, job, indexed(path, "b"))
	both := snapshot(t, path)
	unfinished := func() {
		list := strings.Replace(unchecked(both["index.json"]), `"name": "b",`, `"name": "b", "adding": true,`, 1)
		if err := os.WriteFile(filepath.Join(path, "index.json"), []byte(list), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(path, "runs/b/manifest.json")); err != nil {
			t.Fatal(err)
		}
	}
	unfinished()
	w, err := work.Read(faultfs.Sound(), path)
	if err != nil {
		t.Fatal(err)
	}
	if runs, _, err := index.Runs(w); err != nil || len(runs) != 2 || !runs[1].Adding {
		t.Errorf("%+v, %v", runs, err)
	}
	runDedup(t, job, indexed(path, "b"))
	sameFiles(t, both, snapshot(t, path))

	unfinished()
	other, warnings := mustDocs(t, shards[:1]), []string{}
	other.Warn = func(s string) { warnings = append(warnings, s) }
	runDedup(t, other, indexed(path, "c"))
	if len(warnings) != 1 || !strings.Contains(warnings[0], `the run "b" was not added to its end`) {
		t.Errorf("warnings %q", warnings)
	}
	got := snapshot(t, path)
	if strings.Contains(got["index.json"], `"b"`) || got["runs/b/00000.entries"] != "" || got["runs/a/00000.entries"] != first["runs/a/00000.entries"] {
		t.Errorf("the index has %s", got["index.json"])
	}
}

// Also a run that takes the place of its own name removes one that was cut short, and the
// index is of use afterwards.
func TestIndexReplacedBeforeAnUnfinishedRun(t *testing.T) {
	shards := smallDocs()
	path := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, shards[:1]), indexed(path, "a"))
	job := mustDocs(t, shards)
	runDedup(t, job, indexed(path, "b"))
	list := strings.Replace(unchecked(snapshot(t, path)["index.json"]), `"name": "b",`, `"name": "b", "adding": true,`, 1)
	if err := os.WriteFile(filepath.Join(path, "index.json"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	replace := indexed(path, "a")
	replace.Index.Replace = true
	runDedup(t, mustDocs(t, shards[1:]), replace)
	got := snapshot(t, path)
	if strings.Contains(got["index.json"], `"b"`) || got["runs/b/00000.entries"] != "" {
		t.Errorf("the index has %s", got["index.json"])
	}
	runDedup(t, job, indexed(path, "b"))
}

// A run that stops at its limits adds nothing.
func TestUnfinishedRunIsNotIndexed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	job := mustDocs(t, lossyDocs())
	c := limitsOf(dedup.Stop)
	c.Index = index.Config{Path: path, As: "a"}
	if _, err := dedup.Run(context.Background(), job, c); err == nil {
		t.Fatal("no limit was passed")
	}
	if files := snapshot(t, path); len(files) > 2 { // codemill.json and the lock
		t.Errorf("the index has %d files", len(files))
	}
	c.Limits = dedup.Limits{}
	runDedup(t, job, c)
	if files := snapshot(t, path); files["index.json"] == "" {
		t.Error("the run was not added")
	}
}

// The crash loop over the second month: the index is extended by a finished run
// alone, and a run done again ends in the bytes of an undisturbed one.
func TestIndexCrash(t *testing.T) {
	shards := smallDocs()
	base := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, shards[:1]), indexed(base, "a"))
	docs := mustDocs(t, shards)
	run := func(job work.Job, path string) error {
		_, err := dedup.Run(context.Background(), job, indexed(path, "b"))
		return err
	}
	copied := func() string {
		to := filepath.Join(t.TempDir(), "index")
		if err := os.CopyFS(to, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		return to
	}
	path, job := copied(), copyWork(t, docs, faultfs.Sound())
	if err := run(job, path); err != nil {
		t.Fatal(err)
	}
	want, wantIndex := snapshot(t, job.Dir().Path()), snapshot(t, path)
	step := int64(2)
	if testing.Short() {
		step = 19
	}
	reader := mustDocs(t, shards)
	for n := int64(0); ; n += step {
		path, dying := copied(), faultfs.At(n)
		broken := copyWork(t, docs, dying)
		err := run(broken, path)
		if err == nil && !dying.Dead() {
			if n < 60 {
				t.Fatalf("only %d operations", n)
			}
			return
		}
		if err != nil && !errors.Is(err, faultfs.ErrInjected) {
			t.Fatalf("operation %d: %v", n, err)
		}
		// Whoever reads the index now finds it as it was, or whole with the new run.
		if got := snapshot(t, path)["index.json"]; got != wantIndex["index.json"] && strings.Contains(got, `"b"`) && !strings.Contains(got, `"adding": true`) {
			t.Fatalf("operation %d: index.json %s", n, got)
		}
		runDedup(t, reader, indexed(path, ""))
		if err := run(reopen(t, broken, faultfs.Sound()), path); err != nil {
			t.Fatalf("operation %d: again: %v", n, err)
		}
		sameFiles(t, want, snapshot(t, broken.Dir().Path()))
		sameFiles(t, wantIndex, snapshot(t, path))
	}
}

// Workers and memory change no byte, of the verdicts or of the index.
func TestIndexDeterminism(t *testing.T) {
	parts := months(family(t, 60), 2, 40)
	var want, wantIndex map[string]string
	for _, run := range []struct {
		workers int
		memory  int64
	}{{1, 4 << 30}, {2, 180 << 20}, {8, 1 << 30}} {
		path := filepath.Join(t.TempDir(), "index")
		var job work.Job
		for i, shards := range parts {
			job = mustDocs(t, shards)
			job.Workers, job.Memory = run.workers, run.memory
			runDedup(t, job, indexed(path, fmt.Sprint("m", i)))
		}
		got, index := snapshot(t, job.Dir().Path()), snapshot(t, path)
		if want == nil {
			want, wantIndex = got, index
		}
		sameFiles(t, want, got)
		sameFiles(t, wantIndex, index)
	}
}

// The audit looks into the index too: it sees what bad bands miss there.
func TestAuditOfTheIndex(t *testing.T) {
	docs := family(t, 300)
	byText := map[string]bool{}
	var parts [2][]*corpus.Doc // what the oracle keeps, and the rest
	want := newOracle(t, dedup.Config{}, docs).want
	for _, d := range docs {
		if want[d.ID].reason == "" {
			parts[0] = append(parts[0], d)
		} else if !byText[string(d.Text)] {
			byText[string(d.Text)] = true
			parts[1] = append(parts[1], d)
		}
	}
	path := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, cut(parts[0], 100)), indexed(path, "a"))
	for _, test := range []struct {
		near      near.Config
		low, high float64
	}{{near.Config{}, 0.98, 1}, {near.Config{Threshold: 0.7, Bands: 9, Rows: 7}, 0.3, 0.99}} {
		job, c := mustDocs(t, cut(parts[1], 100)), indexed(path, "")
		c.Near = test.near
		runDedup(t, job, c)
		s, err := dedup.ReadSummary(job.Dir())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v, audit %+v", s, *s.Audit)
		if a := s.Audit; a.Wrong != 0 || test.high < 1 && a.Kept == 0 || a.Kept > 0 && (a.RecallBySearch < test.low || a.RecallBySearch > test.high || a.Scanned < int64(len(parts[0])/2)) {
			t.Errorf("audit %+v, want a recall of %v to %v", *a, test.low, test.high)
		}
	}

	// Limits name survivors of the index.
	job, c := mustDocs(t, cut(parts[1], 100)), indexed(path, "")
	c.Limits.MaxShare.Source = 0.5
	var warnings []string
	job.Warn = func(s string) { warnings = append(warnings, s) }
	runDedup(t, job, c)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "(index a), similarity 0.") && !strings.Contains(warnings[0], "(index a), similarity 1.") {
		t.Errorf("warnings %q", warnings)
	}
}

// Documents of the index win also where they are similar to each other, because
// an earlier run had a higher threshold, and where their buckets are overfull.
func TestIndexOfAnotherThreshold(t *testing.T) {
	docs := family(t, 200)
	var first, second []*corpus.Doc
	for i, d := range docs {
		if i%3 > 0 {
			first = append(first, d)
		} else {
			second = append(second, d)
		}
	}
	path := filepath.Join(t.TempDir(), "index")
	c := indexed(path, "a")
	c.Near.Threshold = 0.97
	job, shards := mustDocs(t, cut(first, 90)), cut(first, 90)
	runDedup(t, job, c)
	var kept []*corpus.Doc
	for id, o := range outcomes(t, job, shards) {
		if o.reason == "" {
			kept = append(kept, first[slices.IndexFunc(first, func(d *corpus.Doc) bool { return d.ID == id })])
		}
	}
	setOf := setsOf(t, dedup.Config{})
	slices.SortFunc(kept, defaultOrder(func(d *corpus.Doc) int { return len(setOf(d)) }))
	d, err := dedup.New(dedup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bucketCap := range []int{0, 2} {
		c, shards := indexed(path, ""), cut(second, 70)
		c.Near.BucketCap = bucketCap
		job := mustDocs(t, shards)
		m := runDedup(t, job, c)
		got, survivors := outcomes(t, job, shards), known(t, job, shards)
		if f := m.Count.Total(); f.In.Docs != int64(len(second)) || len(survivors) < len(second)/3 {
			t.Fatalf("%d for documents of the index; %+v", len(survivors), f)
		}
		lost := 0
		for _, doc := range second {
			var similar []*corpus.Doc // of kept
			for _, k := range kept {
				if d.Similarity(k.Text, doc.Text) >= 0.7 {
					similar = append(similar, k)
				}
			}
			o, k := got[doc.ID], survivors[doc.ID]
			i := slices.IndexFunc(similar, func(d *corpus.Doc) bool { return k.Path == d.Path && k.Repo == d.Repo })
			switch {
			case len(similar) > 0 && k.Path == "":
				lost++
			case k.Path == "":
			case i < 0 || d.Similarity(similar[i].Text, doc.Text) != o.similarity:
				t.Fatalf("%s dropped for %+v at %v", doc.Path, k, o.similarity)
			}
		}
		if lost > len(second)/100 {
			t.Errorf("bucket cap %d: %d of %d lost", bucketCap, lost, len(second))
		}
	}
}

// One of the index that is similar to a better one there is still a survivor.
func TestNoneOfTheIndexIsDropped(t *testing.T) {
	text := func(from int, own ...int) string {
		var b strings.Builder
		for l := from; l < from+100; l++ {
			unit := l
			if slices.Contains(own, l) {
				unit = 1000*own[0] + l
			}
			fmt.Fprintf(&b, "a%d b%d = c%d * d%d;\n", unit, unit, unit, unit)
		}
		return b.String()
	}
	doc := func(path, text string) *corpus.Doc {
		d := makeDoc("r", path, text)
		return d
	}
	var first []*corpus.Doc // five as good as the same, and one that is similar to them
	for i := range 5 {
		first = append(first, doc(fmt.Sprint("a", i), text(0, 7*i+1, 7*i+2, 7*i+3)))
	}
	first = append(first, doc("longer than b", text(10)))
	path := filepath.Join(t.TempDir(), "index")
	c := indexed(path, "a")
	c.Near.Threshold = 0.98
	if m := runDedup(t, mustDocs(t, cut(first, 4)), c); m.Count.Total().Kept.Docs != 6 {
		t.Fatalf("%+v", m.Count.Total())
	}
	second := [][]*corpus.Doc{{doc("c", text(25))}} // similar to that one alone
	for _, bucketCap := range []int{0, 2} {
		c := indexed(path, "")
		c.Near.BucketCap = bucketCap
		job := mustDocs(t, second)
		runDedup(t, job, c)
		if k := known(t, job, second)[second[0][0].ID]; k.Path != "longer than b" {
			t.Errorf("bucket cap %d: dropped for %+v", bucketCap, k)
		}
	}
}
