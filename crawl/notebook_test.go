package crawl_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/work/vfs"
)

// aNotebook has a cell of text, one of code, and an output of so many bytes.
func aNotebook(text, code string, output int, metadata string) string {
	cell := func(kind, source, more string) string {
		b, err := json.Marshal(source)
		if err != nil {
			panic(err)
		}
		return fmt.Sprintf(`{"cell_type":%q,"source":%s%s}`, kind, b, more)
	}
	return fmt.Sprintf(`{"cells":[%s,%s],"metadata":%s,"nbformat":4}`, cell("markdown", text, ""), cell("code", code, `,"outputs":["`+strings.Repeat("A", output)+`"]`), metadata)
}

// TestNotebooks holds that notebooks are judged as what they become: language, kind,
// licence, marks of generators, kinds that a source asks for, and blobs: once.
func TestNotebooks(t *testing.T) {
	files := []string{
		"a.ipynb", aNotebook("SPDX-License-Identifier: GPL-3.0-only", "a()", 9000, `{"language_info":{"name":"julia"}}`),
		"b.ipynb", aNotebook("This file was automatically generated. Do not edit.", "b()", 9000, "{}"),
		"c.ipynb", aNotebook("# c", " ", 0, "{}"),
		"copy/a.ipynb", aNotebook("SPDX-License-Identifier: GPL-3.0-only", "a()", 9000, `{"language_info":{"name":"julia"}}`),
		"d.Rmd", "---\ntitle: d\n---\n\n```{r}\nd()\n```\n",
		"e.qmd", "no code\n",
		"f.md", "# f\n",
		".gitattributes", "*.ipynb linguist-language=Ruby linguist-documentation\n",
		"w1.ipynb", "{}", "w2.ipynb", `{"cells":[]}`, "w3.ipynb", "", "w4.ipynb", aNotebook("a\x00b", "x", 0, "{}"), "w5.ipynb", `{"cells":[{"source":"\ud83d"}]}`, "w6.ipynb", "PK\x03",
		"w7.ipynb", "caf\xe9 \xff\xfe", "w8.ipynb", strings.Repeat("[", 20000),
	}
	dir := write(t, filepath.Join(t.TempDir(), "src"), files...)
	cfg := small(dir)
	cfg.Blobs = crawl.BlobsOnce
	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	got := map[string]string{}
	for _, d := range docs {
		note, _ := d.Flag(corpus.FlagNotebook)
		got[d.Path] = fmt.Sprint(d.Language, " ", d.Kind, " ", d.License, " ", d.IsGenerated, " ", len(d.AlsoAt), " ", note != "", " ", string(d.Text))
		if raw := files[slices.Index(files, d.Path)+1]; d.BlobID != origin.BlobID([]byte(raw)) || d.Bytes != int64(len(raw)) || strings.Contains(strings.Join(d.Flags, " "), "linguist-language") {
			t.Errorf("%s: %d bytes, blob %s, %q", d.Path, d.Bytes, d.BlobID, d.Flags)
		}
	}
	for path, want := range map[string]string{
		"a.ipynb": "Julia code GPL-3.0-only false 1 true # SPDX-License-Identifier: GPL-3.0-only\n\na()\n",
		"b.ipynb": "Python code  true 0 true # This file was automatically generated. Do not edit.\n\nb()\n",
		"c.ipynb": "Markdown prose  false 0 true # c\n",
		"d.Rmd":   "R code  false 0 true # ---\n# title: d\n# ---\n\nd()\n",
		"e.qmd":   "RMarkdown prose  false 0 true no code\n",
		"f.md":    "Markdown prose  false 0 false # f\n",
	} {
		if got[path] != want {
			t.Errorf("%s: %q, want %q", path, got[path], want)
		}
	}
	want := map[string]string{"copy/a.ipynb": "seen_blob", "w1.ipynb": "notebook", "w2.ipynb": "empty", "w3.ipynb": "empty", "w4.ipynb": "binary", "w5.ipynb": "encoding", "w6.ipynb": "notebook", "w7.ipynb": "encoding", "w8.ipynb": "notebook"}
	if r := reasons(left); fmt.Sprint(r) != fmt.Sprint(want) {
		t.Errorf("left out %v, want %v", r, want)
	}
	for _, l := range left {
		if l.Path == "w1.ipynb" && (l.Detail != "no cells" || crawl.IsBad(l.Reason)) {
			t.Errorf("%+v", l)
		}
	}

	cfg.Sources[0].Kinds = []string{corpus.Code}
	docs, _ = crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	if len(docs) != 3 || docs[2].Path != "d.Rmd" {
		t.Errorf("%d documents are code", len(docs))
	}

	cfg.Notebooks = crawl.NotebooksMarkdown
	docs, _ = crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	if len(docs) != 0 {
		t.Errorf("%d documents are code where they become Markdown", len(docs))
	}
	cfg.Sources[0].Kinds = nil
	docs, _ = crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	if len(docs) != 7 || docs[1].Language != "Markdown" || !strings.Contains(string(docs[1].Text), "```julia\na()\n```") {
		t.Errorf("%d documents", len(docs))
	}

	cfg.Notebooks = crawl.NotebooksKeep
	docs, left = crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	c := docs[1]
	if r := reasons(left); r["a.ipynb"] != "too_large" || r["w2.ipynb"] != "" || len(docs) != 10 || c.Path != "c.ipynb" || c.Language != "Ruby" || !strings.Contains(string(c.Text), `"cells"`) {
		t.Errorf("%v, %d documents, %+v", r, len(docs), c)
	}
}

// TestLargeNotebooks holds the limits of a notebook's file and of what it becomes, just
// within and just over them.
func TestLargeNotebooks(t *testing.T) {
	const limit = 1000
	file := func(n int) string { return aNotebook("t", "x", n-len(aNotebook("t", "x", 0, "{}")), "{}") }
	code := func(n int) string { return aNotebook("t", strings.Repeat("x", n-len("# t\n\n\n")), 3000, "{}") }
	dir := write(t, filepath.Join(t.TempDir(), "src"),
		"a.ipynb", file(16*limit), "b.ipynb", file(16*limit+1), "c.ipynb", code(limit), "d.ipynb", code(limit+1), "e.Rmd", strings.Repeat("e", limit), "f.Rmd", strings.Repeat("f", limit+1))
	gitIn(t, dir, "init", "-q")
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", "x")
	for _, kind := range []string{"git", "folder"} {
		cfg := small(dir)
		cfg.MaxFileBytes, cfg.Sources[0].Type = limit, kind
		docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
		if len(docs) != 3 || docs[0].Path != "a.ipynb" || string(docs[0].Text) != "# t\n\nx\n" || docs[1].Path != "c.ipynb" || len(docs[1].Text) != limit || docs[2].Path != "e.Rmd" {
			t.Errorf("%s: %d documents", kind, len(docs))
		}
		if len(left) != 3 || left[0].Path != "b.ipynb" || left[0].Value != 16*limit+1 || left[0].Limit != 16*limit ||
			left[1].Path != "d.ipynb" || left[1].Reason != crawl.TooLarge || left[1].Limit != limit || left[1].Value != limit+1 || left[2].Path != "f.Rmd" || left[2].Limit != limit {
			t.Errorf("%s: left out %+v", kind, left)
		}
	}
}

// TestNotebooksOfRows holds which rows are notebooks, by path and language, and that one
// that somebody converted stays.
func TestNotebooksOfRows(t *testing.T) {
	raw := aNotebook("t", "x", 200, `{"kernelspec":{"language":"R"}}`)
	rmd := "```{r}\nx\n```\n"
	for name, c := range map[string]struct {
		row  map[string]any
		want string
	}{
		"The Stack":             {map[string]any{"content": raw, "path": "a.ipynb", "language": "Jupyter Notebook"}, "R code true # t\n\nx\n"},
		"by its path":           {map[string]any{"content": raw, "path": "a.ipynb"}, "R code true # t\n\nx\n"},
		"by its language":       {map[string]any{"content": raw, "path": "a.json", "lang": "IPython Notebook", "kind": "data"}, "R code true # t\n\nx\n"},
		"without a path":        {map[string]any{"content": raw, "language": "Jupyter Notebook"}, "R code true # t\n\nx\n"},
		"StarCoder's":           {map[string]any{"content": "# t\nx\n", "path": "a.ipynb", "language": "Jupyter Notebook"}, "Jupyter Notebook markup false # t\nx\n"},
		"StarCoder's by path":   {map[string]any{"content": "# t\nx\n", "path": "a.ipynb"}, "Jupyter Notebook markup false # t\nx\n"},
		"its language is told":  {map[string]any{"content": "{x}\n", "path": "a.ipynb", "language": "Python"}, "Python code false {x}\n"},
		"no notebook":           {map[string]any{"content": "{}", "path": "a.ipynb"}, "notebook no cells"},
		"too large":             {map[string]any{"content": aNotebook("t", "x", 2000, "{}"), "path": "a.ipynb"}, "too_large "},
		"its text is too large": {map[string]any{"content": aNotebook("t", strings.Repeat("x", 100), 0, "{}"), "path": "a.ipynb"}, "too_large what the notebook becomes"},
		"Rmd by its path":       {map[string]any{"content": rmd, "path": "a.Rmd"}, "R code true x\n"},
		"Rmd by its language":   {map[string]any{"content": rmd, "path": "a.md", "language": "RMarkdown"}, "R code true x\n"},
		"qmd":                   {map[string]any{"content": rmd, "path": "a.qmd", "language": "RMarkdown"}, "R code true x\n"},
		"Rmd converted":         {map[string]any{"content": rmd, "path": "a.Rmd", "language": "R"}, "R code false " + rmd},
		"excluded":              {map[string]any{"content": "{}", "path": "no.ipynb"}, "excluded "},
	} {
		line, err := json.Marshal(c.row)
		if err != nil {
			t.Fatal(err)
		}
		docs, left := rowsOf(t, crawl.Source{Exclude: []string{"no.*"}}, "x.jsonl", string(line))
		got := ""
		for _, d := range docs {
			_, flagged := d.Flag(corpus.FlagNotebook)
			got += fmt.Sprint(d.Language, " ", d.Kind, " ", flagged, " ", string(d.Text))
			if text := c.row["content"].(string); d.BlobID != origin.BlobID([]byte(text)) || d.Bytes != int64(len(text)) {
				t.Errorf("%s: %d bytes, blob %s", name, d.Bytes, d.BlobID)
			}
		}
		for _, l := range left {
			got += fmt.Sprint(l.Reason, " ", l.Detail)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
