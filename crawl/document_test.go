package crawl

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/crawl/jsonl"
)

func FuzzRow(f *testing.F) {
	for _, s := range []string{`{"text":"x","repo":"r","license":["MIT"]}`, `{"text":"\ud83d\ude00","stars":1e3}`, `{`, `{"metadata":{"path":"a"}}`, `{"created_at":"2020-01-01"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		fields, left := jsonl.Decode(line)
		if left != nil {
			return
		}
		rec := readRow(fields, nil)
		if rec.left != nil {
			return
		}
		if !utf8.Valid(rec.doc.Text) || len(rec.doc.Text) == 0 || bytes.IndexByte(rec.doc.Text, 0) >= 0 {
			t.Fatalf("%q became the text %q", line, rec.doc.Text)
		}
		if !json.Valid(line) {
			t.Fatalf("%q is not JSON", line)
		}
		if rec.doc.Repo != rowRepo(fields, nil) {
			t.Fatalf("%q is cut by another repository than %q", line, rec.doc.Repo)
		}
	})
}
