package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"
)

// FuzzConvert holds that whatever stands in a notebook gives a text within its limit, of
// valid UTF-8 and the same each time, or an error, and that what is given is not changed.
func FuzzConvert(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*[bd]")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for i, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint16(i), uint16(2000))
	}
	f.Fuzz(func(t *testing.T, notebook []byte, how, limit uint16) {
		if !utf8.Valid(notebook) {
			return
		}
		format := []Format{Jupyter, RMarkdown, Quarto}[how%3]
		options := Options{Markdown: how/3%2 == 1, MaxBytes: int64(limit)}
		before := bytes.Clone(notebook)
		d, err := Convert(format, notebook, options)
		if !bytes.Equal(before, notebook) {
			t.Fatal("the notebook was changed")
		}
		again, errAgain := Convert(format, notebook, options)
		if err != nil {
			if d != nil || errAgain == nil || err.Error() != errAgain.Error() {
				t.Fatal(d, err, errAgain)
			}
			return
		}
		if !utf8.Valid(d.Text) || len(d.Text) == 0 || int64(len(d.Text)) > options.MaxBytes || d.Language == "" || !bytes.Equal(d.Text, again.Text) || d.Note != again.Note {
			t.Fatalf("%q, %q, %q", d.Text, d.Language, d.Note)
		}
	})
}

// FuzzScan holds that of what encoding/json takes for a notebook the cells have the same
// texts, read with it.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		jupyterOf(codeCell("a\"\\\n")+","+textCell("\u00e9\U0001f600"), python),
		`{"cells":[{"cell_type":"code","level":2,"source":["a","\ud83d\ude00"],"x":[{},[],"\\",1e9,-1,true,null]}]}`,
		`{"cells":[{"source":"a","b":[[{"c":"]}"}]]}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, notebook []byte) {
		want, ok := textsOf(notebook)
		if !ok || !utf8.Valid(notebook) {
			return
		}
		j := jupyter{scanner: scanner{b: notebook}, max: 1 << 20}
		if err := j.read(); errors.Is(err, ErrHalfPair) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range j.cells {
			got = append(got, c.text)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// textsOf reads the texts of a notebook's cells with encoding/json. It is false where
// there is something that it does not know about.
func textsOf(notebook []byte) (texts []string, ok bool) {
	var all map[string]any
	if json.Unmarshal(notebook, &all) != nil || all["worksheets"] != nil {
		return nil, false
	}
	list, ok := all["cells"].([]any)
	if !ok {
		return nil, false
	}
	for _, e := range list {
		c, ok := e.(map[string]any)
		if !ok || c["input"] != nil || c["cell_type"] == "heading" {
			return nil, false
		}
		text := ""
		switch source := c["source"].(type) {
		case nil:
		case string:
			text = source
		case []any:
			for _, part := range source {
				s, ok := part.(string)
				if !ok {
					return nil, false
				}
				text += s
			}
		default:
			return nil, false
		}
		without, _ := withoutImages([]byte(text))
		if c, ok := newCell(true, "", string(without)); ok {
			texts = append(texts, c.text)
		}
	}
	return texts, true
}
