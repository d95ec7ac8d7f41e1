package dedup_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

func blocksLevel(lines int, cut bool) dedup.Config {
	return dedup.Config{Level: dedup.LevelBlocks, Blocks: blocks.Config{Lines: lines, Cut: cut}}
}

// blockDocs are real files, some with a licence header, some with functions of
// others pasted in, some nothing but a part of another.
func blockDocs(t testing.TB, n int) []*corpus.Doc {
	rng := rand.New(rand.NewPCG(4, 4))
	var header strings.Builder
	for i := range 14 {
		fmt.Fprintf(&header, "// Line %d of a licence that many files begin with.\n", i)
	}
	texts := goFiles(t, n, 8<<10)
	for i := range texts {
		other := strings.SplitAfter(texts[rng.IntN(len(texts))], "\n")
		from := rng.IntN(len(other))
		part := strings.Join(other[from:min(len(other), from+rng.IntN(40))], "")
		switch i % 5 {
		case 0:
			texts[i] = header.String() + texts[i]
		case 1:
			texts[i] = strings.ReplaceAll(header.String(), "\n", "\r\n") + "\n" + texts[i] + part
		case 2:
			texts[i] = strings.ReplaceAll(part, "\n", "  \n\n") + texts[i]
		case 3:
			if i%2 == 0 {
				texts[i] = part
			}
		}
	}
	texts = append(texts, "", "\n\n", header.String(), header.String()+header.String(), strings.TrimSuffix(header.String(), "\n"))
	var docs []*corpus.Doc
	for i, text := range texts {
		docs = append(docs, makeDoc(fmt.Sprint("repo", i/10), fmt.Sprint(i), text))
	}
	return docs
}

// plainLines are the lines of a text as a block sees them, and where they are.
func plainLines(text string) (plain []string, spans [][2]int) {
	at := 0
	for _, l := range strings.SplitAfter(text, "\n") {
		if p := strings.TrimRight(l, " \t\r\n\f\v"); p != "" {
			plain, spans = append(plain, p), append(spans, [2]int{at, at + len(l)})
		}
		at += len(l)
	}
	return plain, spans
}

// cutTexts is what is left of all texts, by the definition alone.
func cutTexts(docs []*corpus.Doc, size int) map[corpus.ID]string {
	ranked := slices.SortedFunc(slices.Values(docs), defaultOrder(func(*corpus.Doc) int { return 0 }))
	holder, left := map[string]int{}, map[corpus.ID]string{}
	for rank, d := range ranked {
		plain, spans := plainLines(string(d.Text))
		repeated := make([]bool, len(plain))
		for i := 0; i+size <= len(plain); i++ {
			window := strings.Join(plain[i:i+size], "\n")
			if h, ok := holder[window]; !ok {
				holder[window] = rank
			} else if h != rank {
				for k := range size {
					repeated[i+k] = true
				}
			}
		}
		text, at := "", 0
		for i := 0; i < len(plain); i++ {
			if !repeated[i] {
				continue
			}
			text += string(d.Text[at:spans[i][0]])
			for i+1 < len(plain) && repeated[i+1] {
				i++
			}
			at = spans[i][1]
		}
		text += string(d.Text[at:])
		if len(plain) > 0 && !slices.Contains(repeated, false) {
			text = ""
		}
		left[d.ID] = text
	}
	return left
}

// afterCut reads the documents as the stage after sees them.
func afterCut(t testing.TB, job work.Job, shards [][]*corpus.Doc) (texts map[corpus.ID]string, cut int64) {
	t.Helper()
	texts = map[corpus.ID]string{}
	next := job
	next.After = []string{"dedup"}
	for i := range shards {
		for row, err := range next.Rows(context.Background(), i, true) {
			if err != nil {
				t.Fatal(err)
			}
			if row.Out {
				row.Doc.Text = nil
			}
			texts[row.Doc.ID] = string(row.Doc.Text)
			cut += row.Crawled - int64(len(row.Doc.Text))
		}
	}
	return texts, cut
}

func TestBlocksEqualOracle(t *testing.T) {
	docs := blockDocs(t, 400)
	for _, size := range []int{2, 5, 10} {
		want := cutTexts(docs, size)
		shards := cut(docs, 111)
		job := mustDocs(t, shards)
		m := runDedup(t, job, blocksLevel(size, true))
		got, bytes := afterCut(t, job, shards)
		if !maps.Equal(want, got) {
			for id, text := range want {
				if got[id] != text {
					t.Fatalf("blocks of %d: %v is left with\n%q, want\n%q", size, id, got[id], text)
				}
			}
		}
		s, err := dedup.ReadSummary(job.Dir())
		if err != nil {
			t.Fatal(err)
		}
		b := s.Blocks
		t.Logf("blocks of %d: %+v", size, *b)
		if b.RepeatedBytes > bytes || b.RepeatedBytes < bytes-int64(2*len(docs)) || b.RepeatedLines < 500 || b.Documents < 50 || b.Unconfirmed != 0 ||
			b.Emptied == 0 || m.Count.Total().Reasons[string(blocks.RepeatedBlocks)].Docs != b.Emptied {
			t.Errorf("%d bytes cut: %+v, %+v", bytes, b, m.Count.Total())
		}
		if w := b.Worst[0]; w.Documents < 100 || w.Lines < 14 || !strings.Contains(w.First, "of a licence that many") || w.Place.Path == "" {
			t.Errorf("worst block %+v", w)
		}

		// To measure is to find the same and to change nothing.
		job = mustDocs(t, shards)
		m = runDedup(t, job, blocksLevel(size, false))
		if f := m.Count.Total(); f.Kept != f.In {
			t.Errorf("%+v", f)
		}
		if _, bytes := afterCut(t, job, shards); bytes != 0 {
			t.Errorf("%d bytes cut", bytes)
		}
		measured, err := dedup.ReadSummary(job.Dir())
		if measured.Blocks.Cut = true; err != nil || work.Fingerprint(measured) != work.Fingerprint(s) {
			t.Errorf("measured %+v, cut %+v, %v", measured.Blocks, s.Blocks, err)
		}
	}
}

// The same is cut in whatever order and shards the documents come.
func TestBlocksPermuted(t *testing.T) {
	docs := blockDocs(t, 150)
	want := cutTexts(docs, 10)
	for i, size := range []int{1000, 13} {
		rng := rand.New(rand.NewPCG(uint64(i), 9))
		rng.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		shards := cut(docs, size)
		job := mustDocs(t, shards)
		runDedup(t, job, blocksLevel(0, true)) // 10 is the default
		if got, _ := afterCut(t, job, shards); !maps.Equal(want, got) {
			t.Errorf("shards of %d: other texts are left", size)
		}
	}
}

// Whatever memory and workers there are, also where all is spilled, the same
// bytes come out.
func TestBlocksSpill(t *testing.T) {
	if testing.Short() {
		t.Skip("works through 30 MB")
	}
	rng := rand.New(rand.NewPCG(6, 6))
	var docs []*corpus.Doc
	for i := range 1000 {
		var b strings.Builder
		for range 1200 { // of few different lines, so that windows of two meet often
			fmt.Fprintf(&b, "x = f(%d)\n", rng.IntN(3000))
		}
		docs = append(docs, makeDoc("r", fmt.Sprint(i), b.String()))
	}
	shards := cut(docs, 300)
	var files [3]atomic.Int64
	var want map[string]string
	for i, run := range []struct {
		workers int
		memory  int64
	}{{2, 4 << 30}, {1, 65 << 20}, {8, 300 << 20}} {
		job := reopen(t, mustDocs(t, shards), watchFS{faultfs.Sound(), func(path string) {
			if strings.Contains(path, ".scratch") {
				files[i].Add(1)
			}
		}})
		job.Workers, job.Memory = run.workers, run.memory
		runDedup(t, job, blocksLevel(2, true))
		got := snapshot(t, job.Dir().Path())
		if want == nil {
			want = got
		}
		sameFiles(t, want, got)
	}
	if files[0].Load() != 0 || files[1].Load() == 0 {
		t.Errorf("%d and %d scratch files: nothing was spilled", files[0].Load(), files[1].Load())
	}
}

func TestBlocksDoctrine(t *testing.T) {
	docs := blockDocs(t, 12)
	job := mustDocs(t, cut(docs, 9))
	runDedup(t, job, blocksLevel(4, false)) // other settings, the harder case
	s := doctrine.Stage{
		Input: doctrine.Tree(t, job.Work.Root()),
		Run: func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			_, err := dedup.Run(ctx, work.Job{Work: w, Stage: job.Stage, Workers: workers, Memory: memory, Seed: 1}, blocksLevel(3, true))
			return err
		},
	}
	t.Run("determinism", func(t *testing.T) { s.Determinism(t, 160<<20) })
	t.Run("crash", func(t *testing.T) { s.Crash(t, 40) })
	t.Run("interrupt", func(t *testing.T) { s.Interrupt(t, 8) })
	t.Run("glitch", func(t *testing.T) { s.Glitch(t, 50) })
}

func TestBlocksValidate(t *testing.T) {
	for _, c := range []struct {
		change func(*dedup.Config)
		want   string
	}{
		{func(c *dedup.Config) {}, "<nil>"},
		{func(c *dedup.Config) { c.Blocks.Lines = 1 }, "blocks.lines: 1 is not in 2 to 1000"},
		{func(c *dedup.Config) { c.Level = "" }, `blocks: are looked for at level "blocks" only`},
		{func(c *dedup.Config) { c.Level = "block" }, `level: "block" is not one of file, repository, blocks`},
		{func(c *dedup.Config) { c.Near.Threshold = 0.8 }, `near: has no part at level "blocks"`},
		{func(c *dedup.Config) { c.Index.Path = "x" }, `index: has no part at level "blocks"`},
		{func(c *dedup.Config) { c.Limits.LargestCluster = 9 }, `limits: has no part at level "blocks"`},
		{func(c *dedup.Config) { c.Priority = []string{"[a"} }, `priority: "[a" is not a name or pattern`},
	} {
		config := blocksLevel(10, true)
		c.change(&config)
		if got := fmt.Sprint(config.Validate()); got != c.want {
			t.Errorf("%+v: %s, want %s", config, got, c.want)
		}
	}
}

// Texts of few different lines, in which windows overlap in every way.
func TestBlocksOfFewLines(t *testing.T) {
	for seed := range uint64(25) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var docs []*corpus.Doc
		for i := range 2 + rng.IntN(30) {
			var b strings.Builder
			for range rng.IntN(40) {
				b.WriteString([]string{"a", "b", "a ", "\tb", "c\r", "", " ", "d"}[rng.IntN(8)])
				if rng.IntN(30) > 0 {
					b.WriteString("\n")
				}
			}
			docs = append(docs, makeDoc(fmt.Sprint(i/3), fmt.Sprint(i), b.String()))
		}
		size := 2 + int(seed%4)
		shards := cut(docs, 1+rng.IntN(12))
		job := mustDocs(t, shards)
		runDedup(t, job, blocksLevel(size, true))
		want := cutTexts(docs, size)
		got, _ := afterCut(t, job, shards)
		for id, text := range want {
			if got[id] != text {
				t.Fatalf("seed %d, blocks of %d: left with %q, want %q", seed, size, got[id], text)
			}
		}
	}
}
