package export_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/export"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// materialize writes what a pass kept of a small corpus to a new folder.
func materialize(w, out *work.Folder, format, columns string) error {
	l, err := export.ParseLayout(columns)
	if err != nil {
		return err
	}
	from := work.Job{Work: w, After: []string{"a"}, Workers: 2, Memory: 1 << 30}
	to := from
	to.Work, to.Stage = out, "text"
	_, err = export.Materialize(context.Background(), from, to, format, l)
	return err
}

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

// judged is three shards of ten documents, of which every third is out and the
// others have their first byte replaced.
func judged(t *testing.T) *work.Folder {
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	shards := make([][]*corpus.Doc, 3)
	for i := range shards {
		for r := range 10 {
			shards[i] = append(shards[i], doc(i, r))
		}
	}
	if err := doctrine.Documents(t.Context(), w, shards); err != nil {
		t.Fatal(err)
	}
	err := doctrine.Verdicts(t.Context(), w, "a", nil, func(row work.Row) corpus.Verdict {
		v := corpus.Verdict{Survivor: corpus.NoPos, Edits: corpus.Edits{{Start: 0, End: 1, Text: "A"}}}
		if row.Pos.Row()%3 == 0 {
			v.Reason, v.Edits = "third", nil
		}
		return v
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestMaterializeWritesWhatSurvives(t *testing.T) {
	w, root := judged(t), t.TempDir()
	if err := materialize(w, doctrine.Open(t, faultfs.Sound(), root), export.FormatJSONL, "dolma"); err != nil {
		t.Fatal(err)
	}
	job := work.Job{Work: w, After: []string{"a"}}
	for shard := range 3 {
		b, err := os.ReadFile(filepath.Join(root, "text", corpus.ShardName(shard)+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		for row, err := range job.Rows(context.Background(), shard, true) {
			if err != nil {
				t.Fatal(err)
			}
			if row.Out {
				continue
			}
			var got struct {
				ID, Text, Source string
				Metadata         struct{ Repo, Path string }
			}
			if len(lines) == 0 {
				t.Fatal("rows are missing")
			}
			if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
				t.Fatal(err)
			}
			d := row.Doc
			if got.ID != d.ID.String() || got.Text != string(d.Text) || got.Source != d.Source || got.Metadata.Repo != d.Repo || got.Metadata.Path != d.Path {
				t.Fatalf("%+v instead of %+v", got, d)
			}
			lines = lines[1:]
		}
		if len(lines) != 0 {
			t.Fatalf("%d rows too many", len(lines))
		}
	}
}

func TestMaterializedParquetReadsBack(t *testing.T) {
	w, root := judged(t), t.TempDir()
	if err := materialize(w, doctrine.Open(t, faultfs.Sound(), root), export.FormatParquet, "content=text,repo_name=repo,also_at"); err != nil {
		t.Fatal(err)
	}
	out, err := work.Read(vfs.OS{}, root)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		content, repo string
		alsoAt        []string
	}
	schema := table.Schema[row]{
		{Name: "content", Type: table.Texts, At: func(r *row) any { return &r.content }},
		{Name: "repo_name", Type: table.Names, At: func(r *row) any { return &r.repo }},
		{Name: "also_at", Type: table.Lists, At: func(r *row) any { return &r.alsoAt }},
	}
	rows := 0
	for r, err := range work.ReadTable(out.Dir("text"), "00001", ".parquet", schema) {
		if err != nil {
			t.Fatal(err)
		}
		if r.repo != "repo1" || !strings.Contains(r.content, "ackage p") {
			t.Errorf("row %d: %q of %q", rows, r.content, r.repo)
		}
		rows++
	}
	if rows == 0 || rows == 10 {
		t.Errorf("%d rows", rows)
	}
}

func TestMaterializeCrash(t *testing.T) {
	w := judged(t)
	stage := doctrine.Stage{Run: func(_ context.Context, out *work.Folder, _ int, _ int64) error {
		return materialize(w, out, export.FormatJSONL, "")
	}}
	stage.Crash(t, 20)
	stage.Glitch(t, 15)
}

func TestLayouts(t *testing.T) {
	for _, s := range []string{"", "codemill", "stack-v2", "dolma", "datatrove", "a.b.c=id,a.b.d=repo,a.e=path,f=text"} {
		l, err := export.ParseLayout(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := export.ParseLayout(l.String())
		if err != nil || again.String() != l.String() {
			t.Errorf("%q reads back as %v, %v", l, again, err)
		}
		line, err := l.AppendJSON(nil, doc(1, 1))
		if err != nil || !json.Valid(line) || strings.Contains(string(line), "\n") {
			t.Errorf("%q: %s, %v", s, line, err)
		}
	}
	for _, s := range []string{"nonsense", "x=nothing", "=text", "a=id,a=text", "a=id,a.b=text", "a.b=id,c=text,a.d=repo", "text,"} {
		if l, err := export.ParseLayout(s); err == nil {
			t.Errorf("%q: %v", s, l)
		}
	}
}
