package work_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

func doc(shard, row int) *corpus.Doc {
	d := &corpus.Doc{
		Source: "s", Repo: fmt.Sprint("repo", shard), Path: fmt.Sprintf("dir/f%d.go", row), Language: "Go", Kind: corpus.Code,
		LicenseType: corpus.NoLicense, Stars: -1, Forks: -1, Encoding: "utf-8",
		Text: fmt.Appendf(nil, "package p%d // %d\n", row, shard), AlsoAt: []string{"other:path"}[:row%2],
	}
	d.Bytes = int64(len(d.Text))
	d.SetIDs()
	return d
}

// crawl writes shards of documents; salt stands for the input's contents.
func crawl(ctx context.Context, w *work.Folder, shards, rows int, salt string) (*work.Manifest, error) {
	j := work.Job{Work: w, Stage: work.DocsStage, Workers: 2, Memory: 1 << 30}
	s := work.Stage{Version: 1}
	for i := range shards {
		s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: fmt.Sprint(i, salt), Make: func(_ context.Context, out *work.Output) error {
			docs, err := out.CreateDocs()
			if err != nil {
				return err
			}
			for r := range rows {
				d := doc(i, r)
				if err := docs.Write(d); err != nil {
					return err
				}
				out.Count.Keep(d.Source, ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))})
			}
			left, err := out.CreateLeftOut()
			if err != nil {
				return err
			}
			if err := left.Write(&corpus.LeftOut{Source: "s", Repo: "r", Path: "a\nb\xff", Reason: "empty"}); err != nil {
				return err
			}
			out.Count.Drop("s", "empty", ledger.Amount{Docs: 1})
			if err := left.Close(); err != nil {
				return err
			}
			return docs.Close()
		}})
	}
	return j.Run(ctx, s)
}

// judge drops every third document and replaces the first byte of the others.
func judge(ctx context.Context, w *work.Folder, name string, after ...string) (*work.Manifest, error) {
	j := work.Job{Work: w, Stage: work.VerdictsStage(name), After: after, Workers: 2, Memory: 1 << 30}
	inputs, err := j.Inputs()
	if err != nil {
		return nil, err
	}
	before, err := j.Intake()
	if err != nil {
		return nil, err
	}
	s := work.Stage{Version: 1, Expect: &before}
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: in, From: work.Fingerprint(in), Make: func(ctx context.Context, out *work.Output) error {
			vw, err := out.CreateVerdicts()
			if err != nil {
				return err
			}
			for row, err := range j.Rows(ctx, i, true) {
				if err != nil {
					return err
				}
				a := ledger.Amount{Docs: 1, Bytes: row.Crawled}
				v := corpus.Verdict{Survivor: corpus.NoPos}
				switch {
				case row.Out:
					v.Reason = corpus.Earlier
				case row.Pos.Row()%3 == 0:
					v.Reason, v.Value = "third", 3
					out.Count.Drop(row.Doc.Source, "third", a)
				default:
					v.Edits = []corpus.Edit{{Start: 0, End: 1, Text: strings.ToUpper(name)[:1]}}
					out.Count.Keep(row.Doc.Source, a)
				}
				if err := vw.Write(&v); err != nil {
					return err
				}
			}
			return vw.Close()
		}})
	}
	return j.Run(ctx, s)
}

func TestRowsJoinDocumentsWithVerdicts(t *testing.T) {
	ctx, w := t.Context(), doctrine.Open(t, faultfs.Sound(), t.TempDir())
	if _, err := crawl(ctx, w, 2, 10, ""); err != nil {
		t.Fatal(err)
	}
	for _, pass := range [][]string{{"a"}, {"b", "a"}} {
		if _, err := judge(ctx, w, pass[0], pass[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	j := work.Job{Work: w, After: []string{"a", "b"}}
	n := 0
	for row, err := range j.Rows(ctx, 1, true) {
		if err != nil {
			t.Fatal(err)
		}
		r := int(row.Pos.Row())
		want := doc(1, r)
		if row.Out != (r%3 == 0) || row.Pos.Shard() != 1 {
			t.Errorf("row %d: out %v", r, row.Out)
		}
		if !row.Out {
			want.Text[0] = 'B'
		}
		if got := *row.Doc; string(got.Text) != string(want.Text) || got.ID != want.ID || got.Path != want.Path ||
			fmt.Sprint(got.AlsoAt) != fmt.Sprint(want.AlsoAt) || got.Stars != -1 || got.Repo != "repo1" {
			t.Errorf("row %d: got %+v, want %+v", r, got, want)
		}
		n++
	}
	if n != 10 {
		t.Fatalf("%d rows", n)
	}
	for row, err := range j.Rows(ctx, 1, false) {
		if err != nil || row.Edited || row.Doc.Text != nil { // no text is edited where none is read
			t.Errorf("%q, %v", row.Doc.Text, err)
		}
	}
	// What one pass edited stays so where a later one leaves it.
	err := doctrine.Verdicts(ctx, w, "c", j.After, func(work.Row) corpus.Verdict { return corpus.Verdict{Survivor: corpus.NoPos} })
	if err != nil {
		t.Fatal(err)
	}
	j.After = append(j.After, "c")
	for row, err := range j.Rows(ctx, 1, true) {
		if err != nil || row.Edited == row.Out {
			t.Errorf("row %d: edited %v, %v", row.Pos.Row(), row.Edited, err)
		}
	}
	for l, err := range w.LeftOut(0) {
		if err != nil || l.Path != "a\nb\xff" {
			t.Fatal(l, err)
		}
	}
}

func TestSecondRunWritesNothing(t *testing.T) {
	root := t.TempDir()
	ctx, w := t.Context(), doctrine.Open(t, faultfs.Sound(), root)
	if _, err := crawl(ctx, w, 3, 5, ""); err != nil {
		t.Fatal(err)
	}
	w.Close()
	want := doctrine.Tree(t, root)
	again := doctrine.Open(t, faultfs.At(0), root) // dies at the first write
	if _, err := crawl(ctx, again, 3, 5, ""); err != nil {
		t.Fatal(err)
	}
	doctrine.Same(t, "second run", doctrine.Tree(t, root), want)
}

func TestOnlyChangedShardsAreMadeAgain(t *testing.T) {
	root := t.TempDir()
	ctx, w := t.Context(), doctrine.Open(t, faultfs.Sound(), root)
	made := 0
	run := func(inputs ...string) {
		t.Helper()
		made = 0
		j := work.Job{Work: w, Stage: "x", Workers: 1}
		s := work.Stage{}
		for i, in := range inputs {
			s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: in, Make: func(_ context.Context, out *work.Output) error {
				made++
				return out.WriteJSON(out.Shard()+".json", in)
			}})
		}
		if _, err := j.Run(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		inputs string
		made   int
	}{{"a b c", 3}, {"a b c", 0}, {"a x c", 1}, {"a x", 0}, {"a x d e", 2}, {"", 0}} {
		run(strings.Fields(c.inputs)...)
		if made != c.made {
			t.Errorf("inputs %q: %d shards made, want %d", c.inputs, made, c.made)
		}
		if n := len(doctrine.Tree(t, filepath.Join(root, "x"))); n != 2*len(strings.Fields(c.inputs))+1 {
			t.Errorf("inputs %q: %d files", c.inputs, n)
		}
	}
}

// both is the package itself as a stage: documents and a pass over them, where
// another run's output stands already, which has a shard more.
func both(t *testing.T) doctrine.Stage {
	run := func(rows int) func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
		return func(ctx context.Context, w *work.Folder, _ int, _ int64) error {
			if _, err := crawl(ctx, w, rows-2, rows, fmt.Sprint(rows)); err != nil {
				return err
			}
			_, err := judge(ctx, w, "a")
			return err
		}
	}
	old := doctrine.Stage{Run: run(5)}
	return doctrine.Stage{Input: old.Output(t), Run: run(4), Ways: 8}
}

func TestCrashAtEveryFileOperation(t *testing.T) { both(t).Crash(t, 20) }

func TestInterruptedRunsContinue(t *testing.T) { both(t).Interrupt(t, 5) }

func TestLooksThatFail(t *testing.T) { both(t).Glitch(t, 50) }

func TestDamageIsFoundBeforeDecoding(t *testing.T) {
	for name, damage := range map[string]func(b []byte) []byte{
		"flipped":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"truncated": func(b []byte) []byte { return b[:len(b)-7] },
		"emptied":   func([]byte) []byte { return nil },
		"footer":    func(b []byte) []byte { b[len(b)-6] = 0xff; return b },
	} {
		root := t.TempDir()
		w := doctrine.Open(t, faultfs.Sound(), root)
		if _, err := crawl(t.Context(), w, 1, 50, ""); err != nil {
			t.Fatal(err)
		}
		w.Close()
		path := filepath.Join(root, "docs", "00000.parquet")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, damage(b), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = judge(t.Context(), doctrine.Open(t, faultfs.Sound(), root), "a")
		if !errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), "docs/00000.parquet") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedReceiptStopsTheRun(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	if _, err := crawl(t.Context(), w, 1, 5, ""); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", `{"format": 9}`, `[]`} {
		if err := os.WriteFile(filepath.Join(root, "docs", "00000.receipt.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := crawl(t.Context(), w, 1, 5, ""); !errors.Is(err, corpus.ErrCorrupt) || !strings.Contains(err.Error(), "receipt") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLedgerThatDoesNotBalanceStopsTheStage(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	if _, err := crawl(t.Context(), w, 1, 5, ""); err != nil {
		t.Fatal(err)
	}
	before, err := work.Job{Work: w}.Intake()
	if err != nil {
		t.Fatal(err)
	}
	j := work.Job{Work: w, Stage: work.VerdictsStage("v"), Workers: 1}
	_, err = j.Run(t.Context(), work.Stage{Expect: &before, Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		out.Count.Keep("s", ledger.Amount{Docs: 4, Bytes: 1}) // one of five is lost
		return out.WriteJSON("00000.json", 1)
	}}}})
	if err == nil || !strings.Contains(err.Error(), `source "s" does not balance`) {
		t.Fatal(err)
	}
}

func TestStagesOutOfOrderAreRefused(t *testing.T) {
	ctx, w := t.Context(), doctrine.Open(t, faultfs.Sound(), t.TempDir())
	if _, err := judge(ctx, w, "a"); err == nil || !errors.Is(err, work.ErrIncomplete) || !strings.Contains(err.Error(), "docs is not complete") {
		t.Fatal(err)
	}
	for _, rows := range []int{5, 6} {
		if _, err := crawl(ctx, w, 1, rows, fmt.Sprint(rows)); err != nil {
			t.Fatal(err)
		}
		if rows == 5 {
			if _, err := judge(ctx, w, "a"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := judge(ctx, w, "b", "a"); err == nil || !strings.Contains(err.Error(), "was made from other documents") {
		t.Fatal(err)
	}
}

func TestWorkFolderOfSomethingElse(t *testing.T) {
	root := t.TempDir()
	doctrine.Open(t, faultfs.Sound(), root).Close()
	if _, err := work.Open(faultfs.Sound(), root, "other"); err == nil || !strings.Contains(err.Error(), `recipe "test", not of "other"`) {
		t.Error(err)
	}
	w := doctrine.Open(t, faultfs.Sound(), root)
	if _, err := work.Open(faultfs.Sound(), root, "test"); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Error(err)
	}
	w.Close()
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := work.Open(faultfs.Sound(), foreign, "test"); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Error(err)
	}
	if _, err := work.Read(vfs.OS{}, foreign); err == nil {
		t.Error("a foreign folder was opened")
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	before := doctrine.Tree(t, root)
	j := work.Job{Work: w, Stage: "x", DryRun: true}
	_, err := j.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000"}, {Shard: "00001"}}})
	var p *work.Pending
	if !errors.As(err, &p) || len(p.Stale) != 2 || len(p.Fresh) != 0 {
		t.Fatal(err)
	}
	doctrine.Same(t, "dry run", doctrine.Tree(t, root), before)
}

// Of the shards that would be made and that stand, those with rows are counted:
// what was made from something, summaries not among them.
func TestDryRunCountsShardsWithRows(t *testing.T) {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	run := func(dry bool, inputs string) error {
		write := func(_ context.Context, out *work.Output) error { return out.WriteJSON(out.Shard()+".json", 1) }
		s := work.Stage{Tasks: []work.Task{
			{Shard: "00000", From: "f", Inputs: "same", Make: write}, {Shard: "00001", From: "f", Inputs: inputs, Make: write},
			{Shard: "summary", Inputs: "same", Make: write}, {Shard: "other", Inputs: inputs, Make: write},
		}}
		_, err := work.Job{Work: w, Stage: "x", Workers: 1, DryRun: dry}.Run(t.Context(), s)
		return err
	}
	if err := run(false, "a"); err != nil {
		t.Fatal(err)
	}
	var p *work.Pending
	if err := run(true, "b"); !errors.As(err, &p) || p.Standing != 1 || p.Anew != 1 {
		t.Errorf("%+v", p)
	}
}

func FuzzEdits(f *testing.F) {
	f.Add("hello world", int64(0), int64(5), "bye")
	f.Add("x", int64(-1), int64(9), "")
	f.Fuzz(func(t *testing.T, text string, start, end int64, with string) {
		got, ok := corpus.Apply([]byte(text), []corpus.Edit{{Start: start, End: end, Text: with}})
		valid := 0 <= start && start <= end && end <= int64(len(text))
		if ok != valid {
			t.Fatalf("Apply says %v", ok)
		}
		if want := text; !valid && string(got) != want {
			t.Fatal("a refused edit changed the text")
		} else if valid && string(got) != text[:start]+with+text[end:] {
			t.Fatalf("got %q", got)
		}
	})
}

// Summaries hold no rows; in a manifest of an earlier build nothing says so but
// their number of rows.
func TestShardsThatHoldRows(t *testing.T) {
	shards := func(from string) []work.ShardInfo {
		return []work.ShardInfo{{Shard: "data-0", Rows: 3, From: from}, {Shard: "data-1", From: from}, {Shard: "state"}}
	}
	for _, c := range []struct {
		m    work.Manifest
		want int
	}{
		{work.Manifest{Stage: work.TokensStage, Shards: shards("plan")}, 2},
		{work.Manifest{Stage: work.TokensStage, Shards: shards("")}, 1},
		{work.Manifest{Stage: work.DocsStage, Shards: shards("")}, 3},
		{work.Manifest{Stage: work.TokensStage}, 0},
	} {
		if got := c.m.Rows(); len(got) != c.want {
			t.Errorf("%+v holds rows in %+v", c.m, got)
		}
	}
}
