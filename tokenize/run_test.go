package tokenize

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

// segment is one segment of a sequence as a reader finds it.
type segment struct {
	doc, repo, path, license, fim string
	start, epoch                  int
	ids                           []uint32
}

// readShard reads an Arrow file back: the segments of every row.
func readShard(t testing.TB, path string) [][]segment {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := ipc.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var rows [][]segment
	for r.Next() {
		rec := r.Record()
		ints := func(col, row int) (v []int32) {
			l := rec.Column(col).(*array.List)
			from, to := l.ValueOffsets(row)
			return l.ListValues().(*array.Int32).Int32Values()[from:to]
		}
		strs := func(col, row int) (v []string) {
			l := rec.Column(col).(*array.List)
			from, to := l.ValueOffsets(row)
			for i := from; i < to; i++ {
				v = append(v, strings.Clone(l.ListValues().(*array.String).Value(int(i))))
			}
			return v
		}
		for row := range int(rec.NumRows()) {
			ids, at := ints(inputIDs, row), 0
			var segs []segment
			for i, n := range ints(seqLengths, row) {
				s := segment{
					doc: strs(docIDs, row)[i], repo: strs(repos, row)[i], path: strs(paths, row)[i], license: strs(licenses, row)[i],
					fim: strs(fims, row)[i], start: int(ints(starts, row)[i]), epoch: int(ints(epochs, row)[i]),
				}
				for _, id := range ids[at : at+int(n)] {
					s.ids = append(s.ids, uint32(id))
				}
				at += int(n)
				segs = append(segs, s)
			}
			if at != len(ids) {
				t.Fatalf("%s: row %d: seq_lengths add up to %d, there are %d tokens", path, row, at, len(ids))
			}
			rows = append(rows, segs)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// form is the inverse of Form.String.
func form(t testing.TB, name string) Form {
	for f := Plain; f <= Padding; f++ {
		if f.String() == name {
			return f
		}
	}
	t.Fatalf("no form %q", name)
	return 0
}

func TestReadingBackGivesTheDocuments(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]Config{
		"plain":    {SeqLen: 64},
		"fim":      {SeqLen: 100, FIM: FIM{Rate: .5, SPMRate: .5, Kinds: []string{corpus.Code, corpus.Prose}}},
		"all fim":  {SeqLen: 2, FIM: FIM{Rate: 1}, BOS: true, BatchRows: 3},
		"concat":   {SeqLen: 50, Packing: Concat, FIM: FIM{Rate: .5}},
		"no pad":   {SeqLen: 77, Pad: &no, EOS: &yes},
		"bare":     {SeqLen: 1 << 20, EOS: &no},
		"own fim":  {SeqLen: 40, FIM: FIM{Rate: 1, Tokens: FIMTokens{"5000", "5001", dsMiddle}}},
		"batch of": {SeqLen: 33, BatchRows: 1},
	} {
		t.Run(name, func(t *testing.T) {
			tok := deepSeek(t, &c)
			f := fixture{shards: 3, rows: 40, outputs: 2, long: 700, tokenizer: tok.Fingerprint()}
			w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
			f.write(t, w)
			m, err := Run(t.Context(), f.job(w, work.TokensStage), c, tok)
			if err != nil {
				t.Fatal(err)
			}
			checkOutput(t, f, w, c, tok, m)
		})
	}
}

// checkOutput holds the stage's output against the documents and the plan.
func checkOutput(t *testing.T, f fixture, w *work.Folder, c Config, tok *bpe.Tokenizer, m *work.Manifest) {
	t.Helper()
	k, err := New(c, tok)
	if err != nil {
		t.Fatal(err)
	}
	type use struct {
		doc   string
		epoch int
	}
	ids, forms, shardOf, tokens, padding := map[use][]uint32{}, map[use]string{}, map[use]int{}, int64(0), int64(0)
	for b := range int(f.outputs) {
		rows := readShard(t, filepath.Join(w.Dir(work.TokensStage).Path(), DataShard(int64(b), f.outputs)+".arrow"))
		if int64(len(rows)) != m.Shards[b].Rows {
			t.Errorf("%d rows, the receipt says %d", len(rows), m.Shards[b].Rows)
		}
		pieces := map[use]map[int][]uint32{}
		for _, segs := range rows {
			n := 0
			for _, s := range segs {
				n += len(s.ids)
				if s.fim == "pad" {
					padding += int64(len(s.ids))
					for _, id := range s.ids {
						if id != *k.Pad || s.doc+s.repo+s.path+s.license != "" {
							t.Fatalf("padding %+v", s)
						}
					}
					continue
				}
				u := use{s.doc, s.epoch}
				if pieces[u] == nil {
					pieces[u] = map[int][]uint32{}
				}
				pieces[u][s.start] = s.ids
				forms[u], shardOf[u] = s.fim, b
				tokens += int64(len(s.ids))
			}
			if n > k.SeqLen || k.Pad != nil && n != k.SeqLen {
				t.Fatalf("a sequence of %d tokens, seq_len is %d", n, k.SeqLen)
			}
		}
		for u, p := range pieces {
			for len(p[len(ids[u])]) > 0 {
				ids[u] = append(ids[u], p[len(ids[u])]...)
			}
		}
	}
	uses, fims, empty := 0, map[string]int{}, 0
	for s := range f.shards {
		for _, p := range f.uses(s) {
			d := f.doc(s, int(p.Row))
			u := use{d.ID.String(), int(p.Epoch)}
			if len(d.Text) == 0 && k.BOS == nil && k.EOS == nil {
				empty++
				continue
			}
			uses++
			fims[forms[u]]++
			if shardOf[u] != int(p.OutputShard) {
				t.Errorf("%+v is in shard %d, planned for %d", u, shardOf[u], p.OutputShard)
			}
			text, err := k.Decode(nil, ids[u], form(t, forms[u]))
			if err != nil || string(text) != string(d.Text) {
				t.Fatalf("%s %s: %v: %q became %q", d.Repo, d.Path, err, d.Text, text)
			}
		}
	}
	if len(ids) != uses || uses == 0 {
		t.Errorf("%d uses of documents were written, %d planned", len(ids), uses)
	}
	total := m.Count.Total()
	if total.Kept.Docs != int64(uses) || total.Kept.Tokens != tokens || total.Reasons[string(NoTokens)].Docs != int64(empty) {
		t.Errorf("the ledger says %+v; %d uses and %d tokens were written, %d were empty", total, uses, tokens, empty)
	}
	for dim, want := range map[string]int64{"part": tokens, "source": tokens, "language": tokens, "license": tokens, "fim": tokens, "padding": padding, "sequences": tokens + padding} {
		var sum int64
		for _, a := range m.Count.Tallies[dim] {
			sum += a.Tokens
		}
		if sum != want {
			t.Errorf("tally %s has %d tokens, want %d", dim, sum, want)
		}
	}
	for name, n := range fims {
		if got := m.Count.Tallies["fim"][name].Docs; got != int64(n) {
			t.Errorf("%d uses are %s, the tally says %d", n, name, got)
		}
	}
	if m.Count.Tallies["checked"][""].Docs < int64(f.shards) {
		t.Error("nothing was decoded and compared")
	}
	if c.FIM.Rate == 1 && fims["psm"] == 0 || c.FIM.SPMRate > 0 && (fims["spm"] == 0 || fims["psm"] == 0 || fims["none"] == 0) {
		t.Errorf("forms %v", fims)
	}
}

func TestLayout(t *testing.T) {
	var c Config
	tok := deepSeek(t, &c)
	c.FIM.Rate = .5
	f := fixture{shards: 1, rows: 12, outputs: 2, tokenizer: tok.Fingerprint()}
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	f.write(t, w)
	if _, err := Run(t.Context(), f.job(w, work.TokensStage), c, tok); err != nil {
		t.Fatal(err)
	}
	files := doctrine.Tree(t, filepath.Join(root, "tokens"))
	var names []string
	for n := range files {
		if !strings.HasSuffix(n, ".receipt.json") {
			names = append(names, n)
		}
	}
	if len(names) != 2+4+1 { // the spill is gone
		t.Errorf("files: %q", names)
	}
	var state struct {
		Files []struct{ Filename string } `json:"_data_files"`
	}
	if err := json.Unmarshal([]byte(files["/state.json"]), &state); err != nil || len(state.Files) != 2 || state.Files[1].Filename != "data-00001-of-00002.arrow" {
		t.Errorf("%v: state.json: %s", err, files["/state.json"])
	}
	for _, key := range []string{"_data_files", "_fingerprint", "_format_columns", "_format_kwargs", "_format_type", "_output_all_columns", "_split"} {
		if !strings.Contains(files["/state.json"], key) {
			t.Errorf("state.json has no %s", key)
		}
	}
	var info struct {
		Features map[string]struct {
			Feature struct {
				Dtype string `json:"dtype"`
			} `json:"feature"`
			Type string `json:"_type"`
		} `json:"features"`
	}
	if err := json.Unmarshal([]byte(files["/dataset_info.json"]), &info); err != nil || len(info.Features) != 9 ||
		info.Features["paths"].Feature.Dtype != "string" || info.Features["input_ids"].Feature.Dtype != "int32" || info.Features["paths"].Type != "Sequence" {
		t.Errorf("%v: dataset_info.json: %s", err, files["/dataset_info.json"])
	}
	var ledger struct {
		Stages []struct {
			Stage string
			Total ledger.Flow
		}
	}
	if err := json.Unmarshal([]byte(files["/ledger.json"]), &ledger); err != nil || len(ledger.Stages) != 3 || ledger.Stages[2].Total.Kept.Tokens == 0 {
		t.Errorf("%v: ledger.json: %s", err, files["/ledger.json"])
	}
	for _, want := range []string{"| code | 70.00 % | 60.00 % |", "too little", "| fim.rate | `0.5` |", "## Licences", "(none)", tok.Name()} {
		if !strings.Contains(files["/README.md"], want) {
			t.Errorf("README.md lacks %q:\n%s", want, files["/README.md"])
		}
	}
	for name, text := range files {
		if strings.Contains(text, root) || strings.Contains(text, c.Tokenizer) {
			t.Errorf("%s holds a path of this machine", name)
		}
	}
}

func TestSecondRunWritesNothing(t *testing.T) {
	var c Config
	tok := deepSeek(t, &c)
	f := fixture{shards: 2, rows: 20, outputs: 2, tokenizer: tok.Fingerprint()}
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	f.write(t, w)
	if _, err := Run(t.Context(), f.job(w, work.TokensStage), c, tok); err != nil {
		t.Fatal(err)
	}
	w.Close()
	w = doctrine.Open(t, faultfs.At(0), root) // dies at the first write
	for _, dry := range []bool{false, true} {
		j := f.job(w, work.TokensStage)
		j.DryRun = dry
		if _, err := Run(t.Context(), j, c, tok); err != nil {
			t.Fatal(err)
		}
	}
	c.SeqLen = 99
	j := f.job(w, work.TokensStage)
	j.DryRun = true
	_, err := Run(t.Context(), j, c, tok)
	var p *work.Pending
	if !errors.As(err, &p) || len(p.Stale) != 6 {
		t.Error(err)
	}
}

// stage is tokenize over the documents and plan of a fixture, in a folder that
// holds the output of other settings already.
func stage(t *testing.T, f fixture, c Config) doctrine.Stage {
	tok := deepSeek(t, &c)
	f.tokenizer = tok.Fingerprint()
	run := func(c Config) func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
		return func(ctx context.Context, w *work.Folder, workers int, memory int64) error {
			j := f.job(w, work.TokensStage)
			j.Workers, j.Memory = workers, memory
			_, err := Run(ctx, j, c, tok)
			return err
		}
	}
	root := t.TempDir()
	w := doctrine.Open(t, faultfs.Sound(), root)
	f.write(t, w)
	w.Close()
	other := doctrine.Stage{Input: doctrine.Tree(t, root), Run: run(Config{Tokenizer: c.Tokenizer, SeqLen: 50})}
	return doctrine.Stage{Input: other.Output(t), Run: run(c)}
}

func TestOutputDoesNotDependOnHowItIsRun(t *testing.T) {
	s := stage(t, fixture{shards: 4, rows: 30, outputs: 3, long: 500}, Config{SeqLen: 64, FIM: FIM{Rate: .5, SPMRate: .3}})
	s.Determinism(t, 256<<20, 8<<30)
}

func TestTasksAlone(t *testing.T) {
	f, c := fixture{shards: 3, rows: 20, outputs: 3}, Config{SeqLen: 64, FIM: FIM{Rate: .5}}
	tok := deepSeek(t, &c)
	stage(t, f, c).TasksAlone(t, func(_ context.Context, w *work.Folder) (work.Job, work.Stage, error) {
		j := f.job(w, work.TokensStage)
		s, err := Describe(j, c, tok)
		return j, s, err
	})
}

func TestInterruptedRunsContinue(t *testing.T) {
	stage(t, fixture{shards: 2, rows: 8, outputs: 2}, Config{SeqLen: 64, FIM: FIM{Rate: .5}}).Interrupt(t, 8)
}

func TestLooksThatFail(t *testing.T) {
	stage(t, fixture{shards: 2, rows: 8, outputs: 2}, Config{SeqLen: 64, FIM: FIM{Rate: .5}}).Glitch(t, 50)
}

func TestCrashAtEveryFileOperation(t *testing.T) {
	stage(t, fixture{shards: 2, rows: 8, outputs: 2}, Config{SeqLen: 64, FIM: FIM{Rate: .5}}).Crash(t, 60)
}

func TestRefusals(t *testing.T) {
	var c Config
	tok := deepSeek(t, &c)
	f := fixture{shards: 1, rows: 12, outputs: 1, tokenizer: tok.Fingerprint()}
	for name, try := range map[string]struct {
		fixture func(f *fixture)
		job     func(w *work.Folder, j *work.Job)
		want    string
	}{
		"another vocabulary": {fixture: func(f *fixture) { f.tokenizer = "other" }, want: "counted tokens with another vocabulary"},
		"little memory":      {job: func(_ *work.Folder, j *work.Job) { j.Memory = 1 << 20 }, want: "--memory gives 1 MiB"},
		"documents changed": {job: func(w *work.Folder, _ *work.Job) {
			g := f
			g.salt = "x"
			plan := doctrine.Tree(t, w.Dir(work.PlanStage).Path())
			g.write(t, w)
			w.Dir(work.PlanStage).Remove()
			doctrine.PlantIn(t, w.Dir(work.PlanStage).Path(), plan)
		}, want: "was made from other documents"},
		"no plan":    {job: func(w *work.Folder, _ *work.Job) { w.Dir(work.PlanStage).Remove() }, want: "plan is not complete"},
		"empty plan": {fixture: func(f *fixture) { f.outputs = 0 }, want: "0 output shards"},
	} {
		t.Run(name, func(t *testing.T) {
			f := f
			if try.fixture != nil {
				try.fixture(&f)
			}
			w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
			f.write(t, w)
			j := f.job(w, work.TokensStage)
			if try.job != nil {
				try.job(w, &j)
			}
			if _, err := Run(t.Context(), j, c, tok); err == nil || !strings.Contains(err.Error(), try.want) {
				t.Errorf("got %v, want %q", err, try.want)
			}
		})
	}
}
