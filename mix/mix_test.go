package mix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// quarter is a vocabulary in which every four bytes are a token.
type quarter struct{ counted *atomic.Int64 }

func (quarter) Fingerprint() string   { return "quarter" }
func (q quarter) NewCounter() Counter { return q }
func (q quarter) Count(text []byte) int {
	if q.counted != nil {
		q.counted.Add(1)
	}
	return len(text) / 4
}

// crawl writes documents, dealt to shards in their order; with verdicts, every
// fifth is put out by a stage named v.
func crawl(t testing.TB, w *work.Folder, docs []*corpus.Doc, shards int) {
	t.Helper()
	dealt := make([][]*corpus.Doc, shards)
	for i := range dealt {
		dealt[i] = docs[len(docs)*i/shards : len(docs)*(i+1)/shards]
	}
	if err := doctrine.Documents(t.Context(), w, dealt); err != nil {
		t.Fatal(err)
	}
	err := doctrine.Verdicts(t.Context(), w, "v", nil, func(row work.Row) corpus.Verdict {
		v := corpus.Verdict{Survivor: corpus.NoPos}
		if isOut(row.Doc) {
			v.Reason = "unlucky"
		}
		return v
	})
	if err != nil {
		t.Fatal(err)
	}
}

func isOut(d *corpus.Doc) bool { return d.ID[0]%5 == 0 }

// corpora makes n documents of the sources and kinds that presets know.
func corpora(seed uint64, n int) []*corpus.Doc {
	r := rand.New(rand.NewPCG(seed, 1))
	docs := make([]*corpus.Doc, n)
	for i := range docs {
		d := &corpus.Doc{Source: "github", Repo: "r", Path: fmt.Sprint("f", i), Language: []string{"Go", "Go", "Go", "C"}[r.IntN(4)], Kind: corpus.Code,
			LicenseType: corpus.LicenseTypes()[r.IntN(4)], Stars: -1, Forks: -1, Text: []byte(strings.Repeat("text", r.IntN(40)))}
		switch r.IntN(10) {
		case 0, 1:
			d.Kind, d.Language = corpus.Prose, "Markdown"
		case 2:
			d.Kind, d.Language, d.Source = corpus.Prose, "", []string{"stackexchange", "nl-code", "nl-math", "bilingual"}[r.IntN(4)]
		case 3:
			d.Kind, d.Language = corpus.Other, ""
		}
		d.SetIDs()
		docs[i] = d
	}
	return docs
}

func testJob(w *work.Folder) work.Job {
	return work.Job{Work: w, Stage: work.PlanStage, After: []string{"v"}, Seed: 7, Workers: 2, Memory: 1 << 30, Meter: &ledger.Meter{}}
}

// use is one planned use, without positions.
type use struct {
	id                          corpus.ID
	epoch, part, tokens, output int64
	order                       uint64
}

// uses reads the plan back, joined with the documents.
func uses(t testing.TB, w *work.Folder, docs []*corpus.Doc, shards int) []use {
	t.Helper()
	var all []use
	for i := range shards {
		mine := docs[len(docs)*i/shards : len(docs)*(i+1)/shards]
		last := [2]int64{-1, -1}
		for p, err := range w.Plan(i) {
			if err != nil {
				t.Fatal(err)
			}
			if at := [2]int64{p.Row, p.Epoch}; slices.Compare(at[:], last[:]) <= 0 {
				t.Fatalf("shard %d: %v follows %v", i, at, last)
			} else {
				last = at
			}
			all = append(all, use{mine[p.Row].ID, p.Epoch, p.Part, p.Tokens, p.OutputShard, p.Order})
		}
	}
	slices.SortFunc(all, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.order, b.order), slices.Compare(a.id[:], b.id[:]), cmp.Compare(a.epoch, b.epoch))
	})
	return all
}

// plan runs the stage over docs in a fresh folder.
func plan(t testing.TB, docs []*corpus.Doc, shards int, c Config) ([]use, *corpus.Blend, *work.Manifest) {
	t.Helper()
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, shards)
	return replan(t, w, docs, shards, c)
}

// replan runs the stage in a folder that has the documents.
func replan(t testing.TB, w *work.Folder, docs []*corpus.Doc, shards int, c Config) ([]use, *corpus.Blend, *work.Manifest) {
	t.Helper()
	m, err := Run(t.Context(), testJob(w), c, quarter{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Blend()
	if err != nil {
		t.Fatal(err)
	}
	return uses(t, w, docs, shards), b, m
}

func half() *float64 { x := 0.5; return &x }

func configs() map[string]Config {
	return map[string]Config{
		"default":     {},
		"code-text":   {Preset: CodeText, Temperature: half()},
		"small":       {Preset: "v1.5", Budget: 777, Temperature: half()},
		"v1":          {Preset: "v1", Budget: 9000},
		"v2":          {Preset: "v2", MaxEpochs: 1.5, ShardTokens: 500},
		"too much":    {Budget: 1 << 40, MaxEpochs: 1},
		"often":       {Budget: 2_000_000, MaxEpochs: 1000}, // quotas may be missed by some documents
		"weights":     {Weights: map[string]float64{"Go": 0.25, "": 0}, Budget: 3000},
		"temperature": {Temperature: half(), MaxEpochs: 2.5},
		"own": {Budget: 2000, Parts: []Part{
			{"rest of nothing", 0, []Selection{{Kind: []string{"data"}}}},
			{"free", 0.25, []Selection{{LicenseType: []string{"permissive"}, Kind: []string{"code", "other"}}}},
			{"c", 0.25, []Selection{{Language: []string{"C"}}}},
			{"rest", 0.5, nil}}},
	}
}

func TestPlanEqualsTheOracle(t *testing.T) {
	docs, w := corpora(19, 400), doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, 3)
	for name, c := range configs() {
		if name == "own" {
			c.Parts[3].Where = []Selection{{}} // matches everything, as none does
		}
		want := oracle(docs, c, 7, 1)
		got, b, m := replan(t, w, docs, 3, c)
		have, epochs := map[corpus.ID]int64{}, map[corpus.ID]int64{}
		tokens := int64(0)
		for _, u := range got {
			have[u.id]++
			epochs[u.id] = max(epochs[u.id], u.epoch+1)
			tokens += u.tokens + 1
		}
		if !maps.Equal(have, epochs) {
			t.Errorf("%s: epochs are not numbered from 0 without a gap", name)
		}
		kept := int64(0)
		for _, d := range docs {
			if have[d.ID] != want[d.ID] {
				t.Errorf("%s: %s is used %d times, want %d", name, d.Path, have[d.ID], want[d.ID])
			}
			if want[d.ID] > 0 {
				kept++
			}
		}
		sum := int64(0)
		for _, p := range b.Parts {
			sum += p.Planned.Tokens
		}
		if tokens != b.Tokens || sum != tokens || len(got) == 0 {
			t.Errorf("%s: %d tokens planned, the blend says %d, its parts %d", name, tokens, b.Tokens, sum)
		}
		if f := m.Count.Total(); f.Kept.Docs != kept {
			t.Errorf("%s: the ledger keeps %d of %d", name, f.Kept.Docs, kept)
		}
	}
}

// A blend is within half a percentage point of what is asked where the supply
// allows it.
func TestBlendIsReached(t *testing.T) {
	docs, w := corpora(3, 5000), doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, 2)
	for name, c := range map[string]Config{"v1.5": {}, "budget": {Preset: "v1.5", Budget: 12_000}, "code-text": {Preset: CodeText}} {
		_, b, _ := replan(t, w, docs, 2, c)
		for _, p := range b.Parts {
			reached := float64(p.Planned.Tokens) / float64(b.Tokens)
			if math.Abs(reached-p.Asked) > 0.005 || p.Shortage != "" || p.Epochs > 4.0001 {
				t.Errorf("%s: %s: reached %.4f of %.4f, %.2f epochs, shortage %q", name, p.Name, reached, p.Asked, p.Epochs, p.Shortage)
			}
		}
		if c.Budget > 0 && math.Abs(float64(b.Tokens-c.Budget)) > 5*40 || b.OutputShards != 1 {
			t.Errorf("%s: %d tokens in %d shards", name, b.Tokens, b.OutputShards)
		}
	}
	// All that fits uses up one part: there is nothing larger.
	_, b, _ := replan(t, w, docs, 2, Config{Preset: "v1.5"})
	if !slices.ContainsFunc(b.Parts, func(p corpus.Part) bool { return p.Epochs > 3.99 }) {
		t.Errorf("%+v", b.Parts)
	}
}

// Where long documents stand in the way of a small blend, shorter ones fill it.
func TestSmallBlends(t *testing.T) {
	docs := corpora(17, 6000)
	for i, d := range docs {
		if i%10 == 0 {
			d.Text = []byte(strings.Repeat("abcd", 300+i))
			d.SetIDs()
		}
	}
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, 2)
	for budget := int64(2000); budget < 16_000; budget += 1777 {
		_, b, _ := replan(t, w, docs, 2, Config{Preset: "v1.5", Budget: budget, Shortfall: Refuse})
		for _, p := range b.Parts {
			if reached := float64(p.Planned.Tokens) / float64(b.Tokens); math.Abs(reached-p.Asked) > 0.005 || p.Shortage != "" {
				t.Errorf("%d tokens: %s: reached %.4f of %.4f, shortage %q", budget, p.Name, reached, p.Asked, p.Shortage)
			}
		}
		if math.Abs(float64(b.Tokens-budget)) > 0.005*float64(budget) {
			t.Errorf("%d tokens instead of %d", b.Tokens, budget)
		}
	}
	// Without short documents it is not met, which is said or refused.
	docs = slices.DeleteFunc(docs, func(d *corpus.Doc) bool { return d.Source == "nl-math" && len(d.Text) < 1000 })
	w = doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, 2)
	_, b, _ := replan(t, w, docs, 2, Config{Preset: "v1.5", Budget: 2000})
	short := func(p corpus.Part) bool { return strings.Contains(p.Shortage, "too long for so small a blend") }
	if !slices.ContainsFunc(b.Parts, short) {
		t.Errorf("%+v", b.Parts)
	}
	_, err := Run(t.Context(), testJob(w), Config{Preset: "v1.5", Budget: 2000, Shortfall: Refuse}, quarter{}, 1)
	if err == nil || !strings.Contains(err.Error(), "cannot be met: language about mathematics: reached 0.00 % instead of 7.00 %") {
		t.Error(err)
	}
}

func TestShortfall(t *testing.T) {
	docs := slices.DeleteFunc(corpora(3, 1000), func(d *corpus.Doc) bool { return d.Source == "nl-math" })
	var warnings []string
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, 2)
	job := testJob(w)
	job.Warn = func(s string) { warnings = append(warnings, s) }
	for range 2 { // the second run finds the plan made, and warns as well
		warnings = nil
		if _, err := Run(t.Context(), job, Config{Preset: "v1.5"}, quarter{}, 1); err != nil {
			t.Fatal(err)
		}
		if len(warnings) != 1 || warnings[0] != "language about mathematics: it has no documents" {
			t.Errorf("%q", warnings)
		}
	}
	b, err := w.Blend()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.Parts {
		want := p.Asked / 0.93
		if p.Name == "language about mathematics" {
			want = 0
		}
		if math.Abs(p.Target-want) > 0.001 || math.Abs(float64(p.Planned.Tokens)/float64(b.Tokens)-want) > 0.005 {
			t.Errorf("%+v, want %.4f", p, want)
		}
	}
	_, err = Run(t.Context(), job, Config{Preset: "v1.5", Shortfall: Refuse}, quarter{}, 1)
	if err == nil || !strings.Contains(err.Error(), "language about mathematics: asked 1369 (7 %), available 0") || !strings.Contains(err.Error(), "; code: asked ") {
		t.Error(err)
	}
	_, err = Run(t.Context(), job, Config{Preset: CodeText, Shortfall: Refuse, Budget: 1 << 30}, quarter{}, 1)
	if err == nil || !strings.Contains(err.Error(), "the blend cannot be met") || !strings.Contains(err.Error(), "text: asked 322122547 (30 %), available ") {
		t.Error(err)
	}
	warnings = nil
	if _, err := Run(t.Context(), job, Config{Preset: CodeText, Budget: 1 << 30, Weights: map[string]float64{"Gopher": 2}}, quarter{}, 1); err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 3 || !strings.Contains(warnings[0], "weights.Gopher") || !strings.Contains(warnings[1], "text: asked for 322122547 tokens, it can supply") || !strings.Contains(warnings[2], "all parts together") {
		t.Errorf("%q", warnings)
	}
}

func TestPlansThatMakeNoSense(t *testing.T) {
	docs, w := corpora(3, 500), doctrine.Open(t, faultfs.Sound(), t.TempDir())
	for _, d := range docs {
		d.Text = []byte(strings.Repeat("abcd", 1000))
		d.SetIDs()
	}
	crawl(t, w, docs, 1)
	for want, c := range map[string]Config{
		"budget: 3 tokens are fewer than the shortest document has": {Budget: 3},
		"the blend cannot be met: code: reached 0.00 % instead of ": {Budget: 3, Shortfall: Refuse},
		"output shards of ": {ShardTokens: 1},
	} {
		if _, err := Run(t.Context(), testJob(w), c, quarter{}, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What a part cannot supply stays said where it is not reached either.
func TestFirstShortageIsTold(t *testing.T) {
	docs := []*corpus.Doc{{Source: "s", Kind: corpus.Prose, Text: []byte(strings.Repeat("abcd", 1000))}}
	for i := range 40 {
		docs = append(docs, &corpus.Doc{Source: "s", Kind: corpus.Code, Path: fmt.Sprint(i), Text: []byte(strings.Repeat("abcd", 100))})
	}
	for _, d := range docs {
		d.SetIDs()
		d.ID[0] = 1 // none is out
	}
	_, b, _ := plan(t, docs, 1, Config{Budget: 9000, MaxEpochs: 1.3, Parts: []Part{{"code", 0.5, []Selection{{Kind: []string{"code"}}}}, {"text", 0.5, nil}}})
	text := b.Parts[1]
	if reached := float64(text.Planned.Tokens) / float64(b.Tokens); text.Target-reached < tolerance || text.Shortage != "asked for 4500 tokens, it can supply 1301 (1001, at most 1.3 times)" {
		t.Errorf("%+v of %d", text, b.Tokens)
	}
}

func TestNoDocuments(t *testing.T) {
	for name, docs := range map[string][]*corpus.Doc{"none": nil, "of no part": {{Source: "s", Kind: corpus.Other, Text: []byte("some text")}}, "empty": {{Source: "s", Kind: corpus.Code}}} {
		w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
		for _, d := range docs {
			d.SetIDs()
		}
		crawl(t, w, docs, 1)
		_, err := Run(t.Context(), testJob(w), Config{}, quarter{}, 1)
		if err == nil || !strings.Contains(err.Error(), "no documents to make the blend of") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReasons(t *testing.T) {
	docs := corpora(5, 500)
	_, _, m := plan(t, docs, 2, Config{Budget: 1000})
	reasons := m.Count.Total().Reasons
	for _, r := range []corpus.Reason{NoPart, NotDrawn, NoTokens} {
		if reasons[string(r)].Docs == 0 {
			t.Errorf("nothing is %s: %v", r, reasons)
		}
	}
}

// The shuffle is a permutation of the uses that does not depend on sharding,
// and outputs are equal ranges of it.
func TestShuffle(t *testing.T) {
	docs := corpora(9, 2000)
	c := Config{ShardTokens: 2000}
	one, b, _ := plan(t, docs, 1, c)
	seven, _, _ := plan(t, docs, 7, c)
	if !slices.Equal(one, seven) {
		t.Fatal("another sharding gives another plan")
	}
	sizes := make([]int64, b.OutputShards)
	for i, u := range one {
		if i > 0 && (u.order <= one[i-1].order || u.output < one[i-1].output) {
			t.Fatalf("use %d is not behind the one before it", i)
		}
		sizes[u.output] += u.tokens + 1
	}
	if b.OutputShards != (b.Tokens+1000)/2000 || slices.Min(sizes) < 1000 || slices.Max(sizes) > 3000 {
		t.Errorf("%d outputs for %d tokens: %v", b.OutputShards, b.Tokens, sizes)
	}
	// Neighbours in the shuffle are not neighbours among the documents.
	place := map[corpus.ID]int{}
	for i, d := range docs {
		place[d.ID] = i
	}
	near := 0
	for i := 1; i < len(one); i++ {
		if d := place[one[i].id] - place[one[i-1].id]; d >= -20 && d <= 20 {
			near++
		}
	}
	if near > len(one)/20 {
		t.Errorf("%d of %d neighbours", near, len(one))
	}
}

// However little may be sorted in memory, the same documents are drawn.
func TestLotteryByHistogram(t *testing.T) {
	docs := corpora(11, 6000)
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, docs, 3)
	job := testJob(w)
	for name, c := range configs() {
		if _, err := Run(t.Context(), job, c, quarter{}, 1); err != nil {
			t.Fatal(err)
		}
		p := &planner{job: job, config: c.filled(), overhead: 1, shards: 3, workers: 2}
		p.match = newMatcher(p.config.Parts)
		if err := p.supply(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.setQuotas(); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, candidates := range []int64{1 << 30, 1000, 20, 0} {
			if err := p.draw(t.Context(), candidates); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, g := range p.groups {
				got = append(got, fmt.Sprint(g.planned()))
			}
			for shard := range 3 {
				for c, err := range counts(t.Context(), job, shard) {
					if err != nil {
						t.Fatal(err)
					}
					if g := p.group(&c); g != nil {
						got = append(got, fmt.Sprint(c.pos, g.uses(g.priority(job.Seed, &c), p.amount(&c).Tokens)))
					}
				}
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s: with %d candidates other documents are drawn", name, candidates)
			}
		}
	}
}

func TestOnlyTheVocabularyCountsAgain(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	docs := corpora(13, 100)
	crawl(t, w, docs, 2)
	q := quarter{new(atomic.Int64)}
	var last string
	for i, c := range []Config{{}, {Preset: "v1.5"}, {Budget: 500}, {Preset: "70/30"}} {
		m, err := Run(t.Context(), testJob(w), c, q, 1)
		if err != nil {
			t.Fatal(err)
		}
		if (m.Fingerprint == last) != (i == 1) {
			t.Errorf("config %d: fingerprint is as before: %v", i, m.Fingerprint == last)
		}
		last = m.Fingerprint
	}
	in := int64(0)
	for _, d := range docs {
		if !isOut(d) {
			in++
		}
	}
	if q.counted.Load() != in {
		t.Errorf("%d texts counted, want %d", q.counted.Load(), in)
	}
}

// fixed is a vocabulary of which every text has as many tokens.
type fixed int

func (fixed) Fingerprint() string   { return "fixed" }
func (f fixed) NewCounter() Counter { return f }
func (f fixed) Count([]byte) int    { return int(f) }

func TestCountsThatMakeNoSense(t *testing.T) {
	for n, good := range map[fixed]bool{-1: false, 0: true, 1 << 52: true, 1<<52 + 1: false} {
		w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
		crawl(t, w, corpora(1, 5), 1)
		if _, err := runCounts(t.Context(), testJob(w), n); (err == nil) != good {
			t.Errorf("%d tokens: %v", n, err)
		}
	}
}

// An error ends the counts and comes last.
func TestCountsEnd(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, corpora(1, 50), 1)
	if _, err := runCounts(t.Context(), testJob(w), quarter{}); err != nil {
		t.Fatal(err)
	}
	for range counts(t.Context(), testJob(w), 0) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	for _, err := range counts(ctx, testJob(w), 0) {
		if seen++; (err != nil) != (seen == 4) {
			t.Fatal(seen, err)
		}
		if seen == 3 {
			cancel()
		}
	}
	if seen != 4 {
		t.Error(seen)
	}
}

// Settings are looked at before anything is counted, and a budget of memory that
// is too small is an error: of the stage, and of the histograms of its groups.
func TestNothingIsBegunInVain(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	crawl(t, w, corpora(1, 50), 1)
	job := testJob(w)
	if _, err := Run(t.Context(), job, Config{Budget: -1}, quarter{}, 1); err == nil {
		t.Error("a budget below 0 was taken")
	}
	if _, err := countsJob(job).Dir().Manifest(); !errors.Is(err, work.ErrIncomplete) {
		t.Error("was counted:", err)
	}
	if _, err := runCounts(t.Context(), job, quarter{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Describe(job, Config{Budget: -1}, quarter{}, 1); err == nil {
		t.Error("a budget below 0 was taken")
	}
	job.Memory = work.TableMemory - 1
	if _, err := Describe(job, Config{}, quarter{}, 1); err == nil {
		t.Error("too little memory was taken")
	}
	const groups = 2 // code and text
	for more, good := range map[int64]bool{groups*1024*24 - 1: false, groups * 1024 * 24: true} {
		job.Memory = work.TableMemory + more
		p := &planner{job: job, config: Config{Preset: CodeText}.filled(), overhead: 1, shards: 1, workers: 1}
		p.match = newMatcher(p.config.Parts)
		if err := p.plan(t.Context(), "v"); (err == nil) != good || len(p.groups) != groups {
			t.Errorf("%d bytes more: %v", more, err)
		}
	}
}

func TestBadSettings(t *testing.T) {
	nan := math.NaN()
	for want, c := range map[string]Config{
		`preset: give either a preset or parts`:                     {Preset: "v1", Parts: []Part{{"a", 1, nil}}},
		`preset: "v3" is not one of 70/30, code-text, v1, v1.5, v2`: {Preset: "v3"},
		`parts: the shares add to 0.9, want 1`:                      {Parts: []Part{{"a", 0.5, nil}, {"b", 0.4, nil}}},
		`parts[1].name: "a" is taken already`:                       {Parts: []Part{{"a", 0.5, nil}, {"a", 0.5, nil}}},
		`parts[0].name: a part needs a name`:                        {Parts: []Part{{"", 1, nil}}},
		`parts[0].share: 70 is not in 0 to 1`:                       {Parts: []Part{{"a", 70, nil}}},
		`parts[0].share: NaN is not`:                                {Parts: []Part{{"a", nan, nil}}},
		`parts[0].where: kind: "text" is not one of`:                {Parts: []Part{{"a", 1, []Selection{{Kind: []string{"text"}}}}}},
		`parts[0].where: license_type: "free" is not one of`:        {Parts: []Part{{"a", 1, []Selection{{LicenseType: []string{"free"}}}}}},
		`budget: -1 is not in 0 to`:                                 {Budget: -1},
		`max_epochs: -1 is not in 0.001 to 1000`:                    {MaxEpochs: -1},
		`shortfall: "x" is not one of redistribute, refuse`:         {Shortfall: "x"},
		`temperature: NaN is not in 0 to 1`:                         {Temperature: &nan},
		`weights.Go: -1 is not in 0 to`:                             {Weights: map[string]float64{"Go": -1}},
		`shard_tokens: -1 is not in`:                                {ShardTokens: -1},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, name := range PresetNames() {
		if err := (Config{Parts: presets()[name]}).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every range holds its ends and nothing beyond them.
func TestLimitsOfSettings(t *testing.T) {
	shares := func(a, b float64) Config { return Config{Parts: []Part{{"a", a, nil}, {"b", b, nil}}} }
	temperature := func(v float64) Config { return Config{Temperature: &v} }
	weight := func(w float64) Config { return Config{Weights: map[string]float64{"Go": w}} }
	for _, c := range []struct {
		config Config
		good   bool
	}{
		{Config{Budget: 1 << 52}, true},
		{Config{Budget: 1<<52 + 1}, false},
		{Config{ShardTokens: 1 << 52}, true},
		{Config{ShardTokens: 1<<52 + 1}, false},
		{Config{MaxEpochs: 0.001}, true},
		{Config{MaxEpochs: 0.00099}, false},
		{Config{MaxEpochs: 1000}, true},
		{Config{MaxEpochs: 1000.1}, false},
		{Config{Shortfall: "redistribute"}, true},
		{Config{Shortfall: "refuse"}, true},
		{Config{Preset: "v1"}, true},
		{temperature(0), true},
		{temperature(-0.001), false},
		{temperature(1), true},
		{temperature(1.001), false},
		{weight(0), true},
		{weight(-0.001), false},
		{weight(1e6), true},
		{weight(1.001e6), false},
		{weight(math.NaN()), false},
		{shares(0, 1), true},
		{shares(-0.001, 1.001), false},
		{shares(0.5, 0.5+0.9e-6), true},
		{shares(0.5, 0.5-0.9e-6), true},
		{shares(0.5, 0.5+1.1e-6), false},
		{shares(0.5, 0.5-1.1e-6), false},
	} {
		if err := c.config.Validate(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
	for range 20 { // of two wrong weights the first is named, each time
		if err := (Config{Weights: map[string]float64{"Go": -1, "C": -1, "D": -1}}).Validate(); !strings.Contains(err.Error(), "weights.C:") {
			t.Fatal(err)
		}
	}
}

// What plans and memory follow from: a plan made by others is another.
func TestConstants(t *testing.T) {
	if Version != 2 || countsVersion != 1 || counterMemory != 32<<20 || cellBits != 10 || cells != 1024 || maxBits != 60 || ticketMemory != 64 || tolerance != 0.005 || finest != 2000 {
		t.Error("a constant was changed")
	}
	var types []table.Type
	for _, c := range countColumns {
		types = append(types, c.Type)
	}
	if want := []table.Type{table.IDs, table.Names, table.Names, table.Names, table.Names, table.Ints, table.Ints}; !slices.Equal(types, want) {
		t.Errorf("the columns of counts are %v, want %v", types, want)
	}
}

// TestPresetsTakeProse holds what the presets take for text and for code.
func TestPresetsTakeProse(t *testing.T) {
	for _, c := range []struct{ preset, kind, language, want string }{
		{"70/30", corpus.Prose, "Markdown", "text"}, {"70/30", corpus.Prose, "TeX", "text"}, {"70/30", corpus.Prose, "", "text"},
		{"70/30", corpus.Data, "Gettext Catalog", "code"}, {"70/30", corpus.Markup, "TeX", "code"}, {"70/30", corpus.Other, "Text", ""},
		{"v1", corpus.Prose, "Markdown", "markdown and stackexchange"}, {"v1", corpus.Other, "Markdown", ""}, // LICENSE.md
		{"v1", corpus.Prose, "TeX", "code"}, {"v1", corpus.Prose, "RMarkdown", "code"}, {"v1", corpus.Prose, "Roff", ""}, {"v1", corpus.Other, "TeX", ""},
		{"v1.5", corpus.Prose, "TeX", "code"}, {"v1.5", corpus.Prose, "RMarkdown", "code"}, {"v1.5", corpus.Prose, "Text", ""}, {"v1.5", corpus.Other, "Markdown", ""},
		{"v2", corpus.Prose, "TeX", "code"}, {"v2", corpus.Prose, "Roff", "code"}, {"v2", corpus.Prose, "Pod", "code"}, {"v2", corpus.Prose, "RMarkdown", ""},
		{"v2", corpus.Prose, "Markdown", "code"}, {"v2", corpus.Other, "Markdown", ""}, {"v2", corpus.Data, "Gettext Catalog", "code"},
	} {
		parts := presets()[c.preset]
		got := ""
		if i := newMatcher(parts).part(&counted{kind: c.kind, language: c.language, source: "s"}); i >= 0 {
			got = parts[i].Name
		}
		if got != c.want {
			t.Errorf("%s: %s in %q is of %q, want %q", c.preset, c.kind, c.language, got, c.want)
		}
	}
}

// What is not given is as the documentation says.
func TestDefaults(t *testing.T) {
	c := Config{}.filled()
	if c.MaxEpochs != 4 || c.ShardTokens != 16<<20 || *c.Temperature != 1 || c.Shortfall != "redistribute" || len(c.Parts) != len(presets()["v1.5"]) {
		t.Errorf("%+v", c)
	}
}

// stage is mix over so many shards of documents.
func stage(t *testing.T, shards int) doctrine.Stage {
	root := t.TempDir()
	crawl(t, doctrine.Open(t, faultfs.Sound(), root), corpora(17, 40), shards)
	return doctrine.Stage{
		Input: doctrine.Tree(t, root),
		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			job := testJob(w)
			job.Workers, job.Memory = workers, memory
			_, err := Run(ctx, job, Config{}, quarter{}, 1)
			return err
		},
	}
}

func TestTasksAlone(t *testing.T) {
	stage(t, 3).TasksAlone(t, func(ctx context.Context, w *work.Folder) (work.Job, work.Stage, error) {
		job := testJob(w)
		if _, err := runCounts(ctx, job, quarter{}); err != nil {
			return job, work.Stage{}, err
		}
		s, err := Describe(job, Config{}, quarter{}, 1)
		return job, s, err
	})
}

func TestOutputDependsOnInputAndSettingsAlone(t *testing.T) {
	stage(t, 2).Determinism(t, work.TableMemory+counterMemory)
}

func TestCrashAtEveryFileOperation(t *testing.T) { stage(t, 1).Crash(t, 30) }

func TestInterruptedRunsContinue(t *testing.T) { stage(t, 2).Interrupt(t, 8) }

func TestLooksThatFail(t *testing.T) { stage(t, 2).Glitch(t, 50) }

func TestDamagedCountsAreNamed(t *testing.T) {
	after := stage(t, 2).Output(t)
	root := doctrine.Plant(t, after)
	path := filepath.Join(root, "plan", "counts", "00001.parquet")
	b := []byte(after["/plan/counts/00001.parquet"])
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Run(t.Context(), testJob(doctrine.Open(t, faultfs.Sound(), root)), Config{Budget: 100}, quarter{}, 1)
	if !errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), "plan/counts/00001.parquet") {
		t.Error(err)
	}
}

// BenchmarkPlan makes the plan of documents whose tokens are counted.
func BenchmarkPlan(b *testing.B) {
	docs := corpora(1, 100_000)
	w := doctrine.Open(b, vfs.OS{}, b.TempDir())
	crawl(b, w, docs, 4)
	job := testJob(w)
	job.Workers = 1
	if _, err := Run(b.Context(), job, Config{}, quarter{}, 1); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n++
		job.Seed++
		if _, err := Run(b.Context(), job, Config{}, quarter{}, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*len(docs))/b.Elapsed().Seconds(), "docs/s")
}
