package dedup_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
)

// Every verdict is true, whatever candidates were found: a dropped document
// has at least the threshold's similarity to its survivor, which is kept.
func checkSound(t *testing.T, c dedup.Config, docs []*corpus.Doc, got map[corpus.ID]outcome) {
	t.Helper()
	d, err := dedup.New(c)
	if err != nil {
		t.Fatal(err)
	}
	setOf := setsOf(t, c)
	order := defaultOrder(func(d *corpus.Doc) int { return len(setOf(d)) })
	byID := map[corpus.ID]*corpus.Doc{}
	for _, doc := range docs {
		byID[doc.ID] = doc
	}
	copies := map[corpus.ID]int64{}
	for id, o := range got {
		switch o.reason {
		case "":
			copies[id]++
			if o.copies < 1 || o.survivor != (corpus.ID{}) {
				t.Fatalf("kept %s: %+v", byID[id].Path, o)
			}
			continue
		case dedup.ExactDuplicate:
			if byID[id].ContentID != byID[o.survivor].ContentID {
				t.Fatalf("%s is no copy of %s", byID[id].Path, byID[o.survivor].Path)
			}
		case dedup.NearDuplicate:
			if o.similarity < 0.7 {
				t.Fatalf("%s dropped at similarity %v", byID[id].Path, o.similarity)
			}
		}
		copies[o.survivor]++
		if got[o.survivor].reason != "" || order(byID[o.survivor], byID[id]) > 0 {
			t.Fatalf("%s dropped for %s, which is out or worse", byID[id].Path, byID[o.survivor].Path)
		}
		if s := d.Similarity(byID[id].Text, byID[o.survivor].Text); s != o.similarity {
			t.Fatalf("%s: similarity %v, verdict says %v", byID[id].Path, s, o.similarity)
		}
	}
	for id, n := range copies {
		if got[id].copies != n {
			t.Fatalf("%s stands for %d, verdict says %d", byID[id].Path, n, got[id].copies)
		}
	}
}

func TestEqualsOracle(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	docs := family(t, n)
	c := dedup.Config{}
	want := newOracle(t, c, docs)
	shards := cut(docs, 333)
	job := mustDocs(t, shards)
	m := runDedup(t, job, c)
	got := outcomes(t, job, shards)
	checkSound(t, c, docs, got)

	dropped, missed, other := 0, 0, 0
	for id, w := range want.want {
		g := got[id]
		if w.reason != "" {
			dropped++
		}
		switch {
		case w.reason != "" && g.reason == "":
			missed++
		case w.reason != g.reason || w.survivor != g.survivor || w.similarity != g.similarity:
			other++ // a missed pair further up can change the survivor
		}
	}
	s, err := dedup.ReadSummary(job.Dir())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d documents, %d similar pairs, %d dropped by the oracle, missed %d, other survivor %d; %+v", len(docs), len(want.pairs), dropped, missed, other, s)
	if dropped < len(docs)/4 {
		t.Fatalf("only %d to be dropped: the test shows nothing", dropped)
	}
	// Most pairs are above the threshold, so the S-curve's .995 there is the least.
	if recall := 1 - float64(missed)/float64(dropped); recall < 0.995 {
		t.Errorf("recall %.4f", recall)
	}
	// One missed pair can change several survivors: of its document's own family too.
	if share := float64(missed+other) / float64(dropped); share > 0.02 {
		t.Errorf("%d verdicts name another survivor than the oracle, %d were missed, of %d", other, missed, dropped)
	}
	if f := m.Count.Total(); f.In.Docs != int64(len(docs)) || f.Reasons[string(dedup.ExactDuplicate)].Docs != s.Exact || f.Reasons[string(dedup.NearDuplicate)].Docs != s.Near {
		t.Errorf("ledger %+v, summary %+v", f, s)
	}
}

// The same documents are dropped for the same ones in whatever order and
// shards they come.
func TestPermutationAndSharding(t *testing.T) {
	docs := family(t, 200)
	var want map[corpus.ID]outcome
	for i, size := range []int{1000, 37, 101} {
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		rng.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		shards := cut(docs, size)
		job := mustDocs(t, shards)
		runDedup(t, job, dedup.Config{})
		got := outcomes(t, job, shards)
		if want == nil {
			want = got
		}
		if !maps.Equal(want, got) {
			t.Fatalf("shards of %d give another outcome", size)
		}
	}
}

// What is kept has, by the oracle, nothing more to drop but what was missed.
func TestIdempotent(t *testing.T) {
	docs := family(t, 200)
	shards := cut(docs, 100)
	job := mustDocs(t, shards)
	runDedup(t, job, dedup.Config{})
	var kept []*corpus.Doc
	first := outcomes(t, job, shards)
	for _, d := range docs {
		if first[d.ID].reason == "" {
			kept = append(kept, d)
		}
	}
	shards = cut(kept, 100)
	job = mustDocs(t, shards)
	m := runDedup(t, job, dedup.Config{})
	if f := m.Count.Total(); f.Kept != f.In {
		t.Errorf("the second time: %+v", f)
	}
	again := 0
	for _, o := range newOracle(t, dedup.Config{}, kept).want {
		if o.reason != "" {
			again++
		}
	}
	if again > len(docs)/500 {
		t.Errorf("the oracle drops %d of the %d kept", again, len(kept))
	}
}

func TestSmallInputs(t *testing.T) {
	doc := func(i int, text string) *corpus.Doc { return makeDoc("r", fmt.Sprint(i), text) }
	all := func(n int, text string) (docs []*corpus.Doc) {
		for i := range n {
			docs = append(docs, doc(i, text))
		}
		return docs
	}
	long := strings.Repeat("a b c d e f g ", 20)
	for _, test := range []struct {
		name   string
		shards [][]*corpus.Doc
		kept   int64
	}{
		{"no shards", nil, 0},
		{"empty shard", [][]*corpus.Doc{nil, nil}, 0},
		{"one", [][]*corpus.Doc{{doc(0, long)}}, 1},
		{"short ones differ", [][]*corpus.Doc{{doc(0, "a"), doc(1, "b"), doc(2, "a b"), doc(3, "")}}, 4},
		{"short ones the same", [][]*corpus.Doc{all(3, "a"), all(4, "")}, 2},
		{"all identical", [][]*corpus.Doc{all(700, long), nil, all(10, "x")}, 2},
		{"white space only", [][]*corpus.Doc{{doc(0, " "), doc(1, "\n")}}, 2},
		{"spacing", [][]*corpus.Doc{{doc(0, long), doc(1, strings.ReplaceAll(long, " ", "\n\t"))}}, 1},
		{"same id twice", [][]*corpus.Doc{{doc(0, long)}, {doc(0, long)}}, 1},
		{"control bytes", [][]*corpus.Doc{{doc(0, "\x00\x00\x00"), doc(1, strings.Repeat("\x00", 99)), doc(2, "\u00e9\u00e8 \u4e16\u754c")}}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := mustDocs(t, test.shards)
			if m := runDedup(t, job, dedup.Config{}); m.Count.Total().Kept.Docs != test.kept {
				t.Errorf("kept %d, want %d", m.Count.Total().Kept.Docs, test.kept)
			}
			m := runDedup(t, job, dedup.Config{Near: near.Config{Off: true}})
			if f := m.Count.Total(); f.Reasons[string(dedup.NearDuplicate)].Docs != 0 {
				t.Errorf("near-duplicates with near off: %+v", f)
			}
		})
	}
}

// template returns a generated file: mostly the same for every i, with n lines
// of its own.
func template(i, n int) string {
	var b strings.Builder
	for l := range 40 {
		fmt.Fprintf(&b, "func Field%d(m *Message) int64 { return m.fields[%d].Value() }\n", l, l)
	}
	for l := range n {
		fmt.Fprintf(&b, "const C%d_%d = %d * %d + %d\n", i, l, i*7919+l, l*l, i)
	}
	return b.String()
}

// A family of thousands of generated files takes no quadratic time: neither
// copies, nor files that share much and are still distinct, of which none may
// be lost.
func TestTemplateFamily(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 1000
	}
	for _, test := range []struct {
		name  string
		lines int
		kept  int64
	}{{"copies", 2, 1}, {"distinct", 32, int64(n)}} {
		t.Run(test.name, func(t *testing.T) {
			var docs []*corpus.Doc
			for i := range n {
				docs = append(docs, makeDoc("gen", fmt.Sprintf("%d.go", i), template(i, test.lines)))
			}
			job := mustDocs(t, cut(docs, 2000))
			start := time.Now()
			m := runDedup(t, job, dedup.Config{})
			s, err := dedup.ReadSummary(job.Dir())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v: %+v", time.Since(start), s)
			if kept := m.Count.Total().Kept.Docs; kept != test.kept {
				t.Errorf("kept %d, want %d", kept, test.kept)
			}
			if s.HotBuckets == 0 || s.Verified+s.Estimated > int64(n)*256*4 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestSecondRunDoesNothing(t *testing.T) {
	shards := cut(family(t, 30), 20)
	job := mustDocs(t, shards)
	runDedup(t, job, dedup.Config{})
	want := snapshot(t, job.Dir().Path())
	job.DryRun = true
	if _, err := dedup.Run(context.Background(), job, dedup.Config{}); err != nil {
		t.Errorf("second run: %v", err)
	}
	sameFiles(t, want, snapshot(t, job.Dir().Path()))
	if _, err := dedup.Run(context.Background(), job, dedup.Config{Near: near.Config{Threshold: 0.8}}); err == nil {
		t.Error("another threshold, and nothing to do")
	}
	job.DryRun = false
	runDedup(t, job, dedup.Config{Near: near.Config{Threshold: 0.8}})
	for name, b := range snapshot(t, job.Dir().Path()) {
		if strings.HasPrefix(name, "sketches/") && want[name] != b {
			t.Errorf("%s was made again for another threshold", name)
		}
	}
}

// stamped returns a short generated file: two parts in three are the same for
// every i, so that no two are similar and yet all meet in many a bucket.
func stamped(i int) string {
	var b strings.Builder
	for l := range 20 {
		fmt.Fprintf(&b, "func Field%d(m *Message) int64 { return m.fields[%d] }\n", l, l)
	}
	for l := range 10 {
		fmt.Fprintf(&b, "const C%d_%d = %d * %d + %d - %d\n", i, l, i*7919+l, l*l+1, i, l)
	}
	return b.String()
}

// Generated files by the ten thousand take about five times the work of a
// fifth of them, not twenty-five times; none of them is lost, and those that are similar
// to one other among them are found, wherever they stand.
func TestManyTemplates(t *testing.T) {
	if testing.Short() {
		t.Skip("compares 36,000 documents")
	}
	estimated := map[int]int64{}
	for _, n := range []int{6_000, 30_000} {
		var docs []*corpus.Doc
		twins := n / 100
		for i := range n - twins {
			docs = append(docs, makeDoc("gen", fmt.Sprintf("%d.go", i), stamped(i)))
		}
		for i := range twins {
			docs = append(docs, makeDoc("gen", fmt.Sprintf("x%d.go", i), stamped(99*i)+"var more int\n"))
		}
		job := mustDocs(t, cut(docs, n/4))
		start := time.Now()
		m := runDedup(t, job, dedup.Config{Near: near.Config{BucketCap: 64}})
		s, err := dedup.ReadSummary(job.Dir())
		if err != nil {
			t.Fatal(err)
		}
		dropped := m.Count.Total().Reasons[string(dedup.NearDuplicate)].Docs
		estimated[n] = s.Estimated
		t.Logf("%d: %v, %d dropped, %d estimated, %d verified, %d overfull buckets, the largest of %d", n, time.Since(start), dropped, s.Estimated, s.Verified, s.HotBuckets, s.LargestBucket)
		if dropped < int64(twins)*995/1000 || dropped > int64(twins) {
			t.Errorf("%d dropped, want %d", dropped, twins)
		}
		if s.HotBuckets == 0 || s.LargestBucket < int64(n)/20 {
			t.Errorf("no overfull buckets: the test shows nothing: %d, the largest of %d", s.HotBuckets, s.LargestBucket)
		}
	}
	if few, many := estimated[6_000], estimated[30_000]; many > 7*few {
		t.Errorf("%d estimates for a fifth, %d for all", few, many)
	}
}
