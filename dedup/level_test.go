package dedup_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/work"
)

// repositories returns n repositories of a few real files, some of them copies
// of others at several distances, and for each one document of its whole text.
func repositories(t testing.TB, n int) (docs, whole []*corpus.Doc) {
	rng := rand.New(rand.NewPCG(5, 5))
	texts := goFiles(t, 4*n, 6<<10)
	made := [][]string{}
	for i := range n {
		var files []string
		if i%3 == 0 || len(made) == 0 {
			for range 1 + rng.IntN(6) {
				files = append(files, texts[0])
				texts = texts[1:]
			}
			files = append(files, "tiny")
		} else {
			files = slices.Clone(made[rng.IntN(len(made))])
			for k := range files {
				files[k] = mutate(rng, files[k], []float64{0, 0.005, 0.02, 0.04}[rng.IntN(4)])
			}
			if rng.IntN(3) == 0 {
				files = append(files, texts[0])
				texts = texts[1:]
			}
		}
		made = append(made, files)
	}
	for i, files := range made {
		repo := fmt.Sprint("repo", i)
		for k, text := range files {
			d := makeDoc(repo, fmt.Sprintf("%02d", k), text)
			d.Stars, d.LicenseType, d.Language = int64(i*7919%n), corpus.Permissive, "Go"
			docs = append(docs, d)
			if k == 1 { // takes no part, and does not end its repository
				d := makeDoc(repo, "01.md", texts[0])
				d.Language = "Markdown"
				docs = append(docs, d)
			}
		}
		w := makeDoc(repo, repo, strings.Join(files, "\n"))
		for k := range files {
			files[k] = string(sketch.WithoutNotice([]byte(files[k]), "Go"))
		}
		w.Text = []byte(strings.Join(files, "\n")) // the same as another by all of it, similar by this
		w.Stars, w.LicenseType = int64(i*7919%n), corpus.Permissive
		whole = append(whole, w)
	}
	return docs, whole
}

func repositoryLevel() dedup.Config {
	return dedup.Config{Level: dedup.LevelRepository, ExceptLanguages: []string{"Markdown"}}
}

// byRepo cuts documents into shards that hold whole repositories.
func byRepo(docs []*corpus.Doc, size int) (shards [][]*corpus.Doc) {
	for i, d := range docs {
		if i == 0 || d.Repo != docs[i-1].Repo && len(shards[len(shards)-1]) >= size {
			shards = append(shards, nil)
		}
		shards[len(shards)-1] = append(shards[len(shards)-1], d)
	}
	return shards
}

// At repository level what becomes of a repository is what becomes of its
// concatenated text, by the oracle that compares all with all.
func TestRepositoriesEqualOracle(t *testing.T) {
	docs, whole := repositories(t, 150)
	oracle := newOracle(t, dedup.Config{Near: near.Config{WithLicenseHeader: true}}, whole) // its files have none
	want := map[string]outcome{}
	repoOf := map[corpus.ID]string{}
	for _, d := range whole {
		repoOf[d.ID] = d.Repo
	}
	dropped := 0
	for id, o := range oracle.want {
		want[repoOf[id]] = o
		if o.reason != "" {
			dropped++
		}
	}
	if dropped < 20 {
		t.Fatalf("only %d to be dropped: the test shows nothing", dropped)
	}
	for _, size := range []int{1, 90} {
		shards := byRepo(docs, size)
		job := mustDocs(t, shards)
		m := runDedup(t, job, repositoryLevel())
		first := map[corpus.ID]*corpus.Doc{}
		for i, d := range docs {
			if i == 0 || docs[i-1].Repo != d.Repo {
				first[d.ID] = d
			}
		}
		for id, o := range outcomes(t, job, shards) {
			d := docs[slices.IndexFunc(docs, func(d *corpus.Doc) bool { return d.ID == id })]
			w := want[d.Repo]
			switch {
			case d.Language == "Markdown":
				w = outcome{}
			case w.reason == dedup.ExactDuplicate:
				w.reason = dedup.ExactDuplicateRepository
			case w.reason == dedup.NearDuplicate:
				w.reason = dedup.NearDuplicateRepository
			}
			survivor := ""
			if s := first[o.survivor]; s != nil {
				survivor = s.Repo
			}
			if o.reason != w.reason || survivor != repoOf[w.survivor] || o.similarity != w.similarity || o.copies != w.copies {
				t.Errorf("%s of %s: %+v for %q, want %+v for %q", d.Path, d.Repo, o, survivor, w, repoOf[w.survivor])
			}
		}
		s, err := dedup.ReadSummary(job.Dir())
		if err != nil {
			t.Fatal(err)
		}
		if total := m.Count.Total(); s.Documents != 150 || s.Exact+s.Near != int64(dropped) || s.Audit.Wrong != 0 || s.Audit.Dropped != int64(dropped) ||
			total.In.Docs != int64(len(docs)) || total.Reasons[string(dedup.NearDuplicateRepository)].Docs <= s.Near {
			t.Errorf("summary %+v, audit %+v, ledger %+v", s, s.Audit, total)
		}
		for _, b := range s.Worst {
			if b.Dropped > b.Documents {
				t.Errorf("group %+v", b)
			}
		}
	}
}

// A repository that is not compared by its whole set is compared by a sample,
// and counted.
func TestHugeRepositories(t *testing.T) {
	if testing.Short() {
		t.Skip("works through 100 MB")
	}
	var shards [][]*corpus.Doc
	for r := range 4 {
		var docs []*corpus.Doc
		for f := range 26 {
			var b strings.Builder
			for l := range 15_000 {
				unit := f*15_000 + l
				own := 0
				if r == 3 || unit%29 == r { // the fourth shares nothing
					own = r
				}
				fmt.Fprintf(&b, "v%d_%d=%d+w%d;k%d\n", unit, own, unit*7, unit*3, unit)
			}
			docs = append(docs, makeDoc(fmt.Sprint("huge", r), fmt.Sprint(f), b.String()))
		}
		shards = append(shards, docs)
	}
	job := mustDocs(t, shards)
	m := runDedup(t, job, dedup.Config{Level: dedup.LevelRepository})
	s, err := dedup.ReadSummary(job.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if total := m.Count.Total(); s.Sampled != 4 || s.Near != 2 || total.Kept.Docs != 2*26 || s.Audit.Wrong != 0 {
		t.Errorf("%+v, %+v, audit %+v", s, total, s.Audit)
	}
	d, err := dedup.New(dedup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var sets [3][]uint64
	for i := range sets {
		for _, doc := range shards[i] {
			_, text := d.Texts(doc)
			set, _ := d.Shingles(nil, text)
			sets[i] = append(sets[i], set...)
		}
		slices.Sort(sets[i])
		sets[i] = slices.Compact(sets[i])
	}
	if len(sets[0]) <= sketch.MaxShingles {
		t.Fatalf("only %d shingles", len(sets[0]))
	}
	repoOf := map[corpus.ID]int{}
	for i, docs := range shards {
		for _, doc := range docs {
			repoOf[doc.ID] = i
		}
	}
	for id, o := range outcomes(t, job, shards) {
		if o.reason == "" {
			continue
		}
		want := sketch.Jaccard(sets[repoOf[id]], sets[repoOf[o.survivor]])
		if math.Abs(o.similarity-want) > 0.002 {
			t.Fatalf("similarity %v, of the whole sets %v", o.similarity, want)
		}
	}
}

// Sources of a higher priority keep their documents, whatever else speaks for
// the others; the first pattern that fits decides.
func TestPriority(t *testing.T) {
	var docs []*corpus.Doc
	for i, source := range []string{"web", "github-go", "github-c", "book"} {
		for k := range 20 {
			d := makeDoc(source, fmt.Sprint(k), template(k, 60))
			d.Source, d.Stars, d.LicenseType = source, int64(100*i), corpus.Permissive
			d.SetIDs()
			docs = append(docs, d)
		}
	}
	shards := cut(docs, 33)
	for _, test := range []struct {
		priority []string
		want     string
	}{{nil, "book"}, {[]string{"github-c"}, "github-c"}, {[]string{"github-*", "web"}, "github-c"}, {[]string{"web", "*"}, "web"}, {[]string{"nothing", "github-go"}, "github-go"}} {
		job := mustDocs(t, shards)
		var warnings []string
		job.Warn = func(s string) { warnings = append(warnings, s) }
		runDedup(t, job, dedup.Config{Priority: test.priority})
		kept := map[string]int{}
		got := outcomes(t, job, shards)
		for _, d := range docs {
			if o := got[d.ID]; o.reason == "" {
				kept[d.Source]++
				if o.copies != 4 {
					t.Errorf("%v: %d copies", test.priority, o.copies)
				}
			}
		}
		if kept[test.want] != 20 || len(kept) != 1 {
			t.Errorf("%v: kept %v", test.priority, kept)
		}
		if idle := slices.Contains(test.priority, "nothing"); idle != (len(warnings) > 0) {
			t.Errorf("%v: warnings %q", test.priority, warnings)
		}
	}
}

// Copies of any kind are the same whatever order and shards documents come in,
// at repository level as long as repositories stay together.
func TestRepositoriesPermuted(t *testing.T) {
	docs, _ := repositories(t, 60)
	var want map[corpus.ID]outcome
	for i, size := range []int{1000, 7, 50} {
		rng := rand.New(rand.NewPCG(uint64(i), 3))
		order := map[string]uint64{}
		for _, d := range docs {
			if _, ok := order[d.Repo]; !ok {
				order[d.Repo] = rng.Uint64()
			}
		}
		slices.SortStableFunc(docs, func(a, b *corpus.Doc) int { return cmp.Compare(order[a.Repo], order[b.Repo]) })
		shards := byRepo(docs, size)
		job := mustDocs(t, shards)
		runDedup(t, job, repositoryLevel())
		got := outcomes(t, job, shards)
		if want == nil {
			want = got
		}
		for id, w := range want {
			if got[id] != w {
				t.Fatalf("shards of %d: %+v, want %+v", size, got[id], w)
			}
		}
	}
}

// Pieces of one repository are said to be some.
func TestSplitRepositories(t *testing.T) {
	docs, _ := repositories(t, 6)
	docs = append(docs[1:], docs[0])
	job := mustDocs(t, byRepo(docs, 3))
	var warnings []string
	job.Warn = func(s string) { warnings = append(warnings, s) }
	runDedup(t, job, repositoryLevel())
	s, err := dedup.ReadSummary(job.Dir())
	if err != nil || s.SplitRepositories != 1 || s.Documents != 7 || len(warnings) != 1 || !strings.Contains(warnings[0], "1 repositories do not stand together") {
		t.Errorf("%+v, warnings %q, %v", s, warnings, err)
	}
}

// The files and their order are those of file level, whose crash loop is TestCrash.
func TestRepositoriesDoctrine(t *testing.T) {
	docs, _ := repositories(t, 5)
	job := mustDocs(t, byRepo(docs, 12))
	runDedup(t, job, dedup.Config{}) // another level, the harder case
	s := doctrine.Stage{
		Input: doctrine.Tree(t, job.Work.Root()),
		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			_, err := dedup.Run(ctx, work.Job{Work: w, Stage: job.Stage, Workers: workers, Memory: memory, Seed: 1}, repositoryLevel())
			return err
		},
	}
	t.Run("determinism", func(t *testing.T) { s.Determinism(t, 250<<20) })
	t.Run("interrupt", func(t *testing.T) { s.Interrupt(t, 8) })
}

// Languages keep the documents of others out of it, and say so if there are none.
func TestLanguages(t *testing.T) {
	var docs []*corpus.Doc
	for i := range 30 {
		d := makeDoc("r", fmt.Sprint(i), template(i/10, 60))
		d.Language = []string{"Go", "C", ""}[i%3]
		docs = append(docs, d)
	}
	for _, test := range []struct {
		c        dedup.Config
		kept     int64
		compared int64
		warnings int
	}{
		{dedup.Config{}, 3, 30, 0},
		{dedup.Config{Languages: []string{"Go"}}, 3 + 20, 10, 0},
		{dedup.Config{Languages: []string{"Go", "c"}}, 3 + 20, 10, 1},
		{dedup.Config{Languages: []string{""}}, 3 + 20, 10, 0},
		{dedup.Config{ExceptLanguages: []string{"C"}}, 3 + 10, 20, 0},
	} {
		job, warnings := mustDocs(t, cut(docs, 7)), 0
		job.Warn = func(string) { warnings++ }
		m := runDedup(t, job, test.c)
		s, err := dedup.ReadSummary(job.Dir())
		if f := m.Count.Total(); err != nil || f.Kept.Docs != test.kept || f.In.Docs != 30 || s.Documents != test.compared || warnings != test.warnings {
			t.Errorf("%v: %+v, %+v, %d warnings, %v", test.c.Languages, f, s, warnings, err)
		}
	}
}

// A repository's licence is the worst of its documents', wherever that one stands.
func TestLicenceOfARepository(t *testing.T) {
	const open, closed, unknown = corpus.Permissive, corpus.Copyleft, corpus.UnknownLicense
	for _, test := range []struct {
		a, b [3]string // licence types of the documents of two equal repositories
		kept string
	}{
		{[3]string{open, open, open}, [3]string{unknown, unknown, unknown}, "a"},
		{[3]string{open, open, closed}, [3]string{unknown, unknown, unknown}, "b"},
		{[3]string{closed, open, open}, [3]string{unknown, unknown, unknown}, "b"},
		{[3]string{open, unknown, open}, [3]string{open, open, open}, "b"},
		{[3]string{open, closed, unknown}, [3]string{unknown, closed, closed}, "a"}, // the same: more stars decide
	} {
		var docs []*corpus.Doc
		for repo, types := range map[string][3]string{"a": test.a, "b": test.b} {
			for i, licence := range types {
				d := makeDoc(repo, fmt.Sprint(i), template(i, 60))
				d.LicenseType, d.Forks, d.CreatedAt, d.Stars = licence, 0, 0, 0
				if repo == "a" {
					d.Stars = 9
				}
				docs = append(docs, d)
			}
		}
		shards := [][]*corpus.Doc{docs}
		job := mustDocs(t, shards)
		runDedup(t, job, dedup.Config{Level: dedup.LevelRepository})
		got := outcomes(t, job, shards)
		for _, d := range docs {
			if kept := got[d.ID].reason == ""; kept != (d.Repo == test.kept) {
				t.Errorf("%v and %v: %s of %s is kept: %v", test.a, test.b, d.Path, d.Repo, kept)
			}
		}
	}
}

// Documents of no repository stand for themselves, and one name in two sources
// is two repositories.
func TestWhatIsNoRepository(t *testing.T) {
	var docs []*corpus.Doc
	for i := range 12 {
		d := makeDoc("", fmt.Sprint(i), template(i/2, 60))
		docs = append(docs, d)
	}
	for i, source := range []string{"a", "b"} {
		for k := range 3 {
			d := makeDoc("one/name", fmt.Sprint(k), template(100+10*i+k, 60))
			d.Source = source
			d.SetIDs()
			docs = append(docs, d)
		}
	}
	shards := [][]*corpus.Doc{docs}
	job := mustDocs(t, shards)
	runDedup(t, job, dedup.Config{Level: dedup.LevelRepository})
	s, err := dedup.ReadSummary(job.Dir())
	if err != nil || s.Documents != 12+2 || s.Exact != 6 || s.Near != 0 || s.SplitRepositories != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
