package crawl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
)

// rowColumns are the columns of a document that a JSONL row can give, and the
// fields they are looked for in when the source's columns do not say. They are
// those of The Stack, dolma and datatrove.
var rowColumns = map[string][]string{
	"text":         {"text", "content"},
	"repo":         {"repo", "repo_name", "max_stars_repo_name", "metadata.repo_name"},
	"path":         {"path", "max_stars_repo_path", "metadata.path"},
	"id":           {"id", "metadata.id"},
	"revision":     {"revision", "revision_id", "commit_id"},
	"blob_id":      {"blob_id"},
	"language":     {"language", "metadata.language"},
	"kind":         {"kind"},
	"license":      {"license", "detected_licenses", "max_stars_repo_licenses", "metadata.license"},
	"stars":        {"stars", "star_events_count", "max_stars_count"},
	"forks":        {"forks", "fork_events_count"},
	"created_at":   {"created_at", "gha_created_at"},
	"is_vendor":    {"is_vendor"},
	"is_generated": {"is_generated"},
}

func validateColumns(columns map[string]string) error {
	for _, c := range slices.Sorted(maps.Keys(columns)) {
		if _, ok := rowColumns[c]; !ok {
			return fmt.Errorf("columns: %q is not one of %s", c, strings.Join(slices.Sorted(maps.Keys(rowColumns)), ", "))
		}
		if columns[c] == "" {
			return fmt.Errorf("columns.%s: names no field", c)
		}
	}
	return nil
}

// row gives access to the fields of a JSON object.
type row struct {
	fields  map[string]json.RawMessage
	columns map[string]string
	err     error // a field whose value does not fit its column
}

// parseRow reads a line.
func parseRow(line []byte, columns map[string]string) (*row, error) {
	r := &row{columns: columns}
	if err := json.Unmarshal(line, &r.fields); err != nil {
		return nil, mistyped(err)
	}
	if r.fields == nil {
		return nil, errors.New("null instead of an object")
	}
	return r, nil
}

// mistyped says in JSON's words what the library says in Go's.
func mistyped(err error) error {
	var e *json.UnmarshalTypeError
	if !errors.As(err, &e) {
		return err
	}
	want := "an object"
	switch e.Type.Kind() {
	case reflect.String:
		want = "a string"
	case reflect.Int64:
		want = "a whole number"
	case reflect.Bool:
		want = "true or false"
	case reflect.Slice:
		want = "an array"
	}
	return fmt.Errorf("%s instead of %s", e.Value, want)
}

func (r *row) get(column string) (json.RawMessage, bool) {
	names := rowColumns[column]
	if name, ok := r.columns[column]; ok {
		names = []string{name}
	}
	for _, name := range names {
		if v, ok := r.field(name); ok && !bytes.Equal(v, []byte("null")) {
			return v, true
		}
	}
	return nil, false
}

// field finds a field by its name, or else by its dotted path.
func (r *row) field(name string) (json.RawMessage, bool) {
	if v, ok := r.fields[name]; ok {
		return v, true
	}
	at := r.fields
	for {
		head, rest, ok := strings.Cut(name, ".")
		if !ok {
			v, ok := at[name]
			return v, ok
		}
		v, ok := at[head]
		if !ok || len(v) == 0 || v[0] != '{' {
			return nil, false
		}
		at = nil
		if json.Unmarshal(v, &at) != nil {
			return nil, false
		}
		name = rest
	}
}

func (r *row) read(column string, to any) bool {
	v, ok := r.get(column)
	if !ok {
		return false
	}
	if err := json.Unmarshal(v, to); err != nil {
		if r.err == nil {
			r.err = fmt.Errorf("%s: %w", column, mistyped(err))
		}
		return false
	}
	return true
}

func (r *row) string(column string) (s string) {
	v, ok := r.get(column)
	if ok && len(v) > 0 && (v[0] == '-' || v[0] >= '0' && v[0] <= '9') {
		return string(v) // ids are often numbers
	}
	r.read(column, &s)
	return s
}

func (r *row) license() string {
	v, ok := r.get("license")
	if !ok {
		return ""
	}
	if v[0] != '[' {
		return r.string("license")
	}
	var list []string
	r.read("license", &list)
	slices.Sort(list)
	for i, s := range list {
		if len(list) > 1 && strings.Contains(s, " OR ") {
			list[i] = "(" + s + ")"
		}
	}
	return strings.Join(slices.Compact(list), " AND ")
}

// Record is what a line of a JSONL file says: a document but for its source,
// ids and whatever it gets by default, or the reason there is none.
type Record struct {
	Doc    corpus.Doc
	ID     string        // the row's own, "" where it has none
	Reason corpus.Reason // Malformed, NoText, Encoding, Binary or ""
	Detail string
}

// ParseRow reads a line. Columns map a document's column to a field; those not
// among them are looked for under their usual names.
func ParseRow(line []byte, columns map[string]string) Record {
	if !utf8.Valid(line) {
		return Record{Reason: Encoding, Detail: "the line is not valid UTF-8"}
	}
	r, err := parseRow(line, columns)
	if err != nil {
		return Record{Reason: Malformed, Detail: err.Error()}
	}
	rec := Record{ID: r.string("id"), Doc: corpus.Doc{
		Repo: r.string("repo"), Path: r.string("path"), Revision: r.string("revision"), BlobID: r.string("blob_id"),
		Language: r.string("language"), Kind: r.string("kind"), License: r.license(),
		Stars: -1, Forks: -1, Encoding: lang.UTF8,
	}}
	d := &rec.Doc
	r.read("stars", &d.Stars)
	r.read("forks", &d.Forks)
	r.read("is_vendor", &d.IsVendor)
	r.read("is_generated", &d.IsGenerated)
	if v, ok := r.get("created_at"); ok {
		if d.CreatedAt, err = unixTime(v); err != nil && r.err == nil {
			r.err = fmt.Errorf("created_at: %w", err)
		}
	}
	var text string
	r.read("text", &text)
	d.Text, d.Bytes = []byte(text), int64(len(text))
	switch {
	case r.err != nil:
		rec.Reason, rec.Detail = Malformed, r.err.Error()
	case !slices.Contains(corpus.Kinds(), d.Kind):
		rec.Reason, rec.Detail = Malformed, fmt.Sprintf("kind: %q", d.Kind)
	case text == "":
		rec.Reason = NoText
	case strings.IndexByte(text, 0) >= 0:
		rec.Reason = Binary
	case strings.ContainsRune(text, utf8.RuneError) && !writtenOut(line):
		rec.Reason, rec.Detail = Encoding, "half of a surrogate pair"
	}
	return rec
}

// writtenOut reports whether a line itself has the replacement character, so
// that one in the text need not be the decoder's.
func writtenOut(line []byte) bool {
	return bytes.ContainsRune(line, utf8.RuneError) || bytes.Contains(line, []byte(`\ufffd`)) || bytes.Contains(line, []byte(`\uFFFD`))
}

// unixTime reads RFC 3339, the same without a zone, a date, or Unix seconds.
func unixTime(v json.RawMessage) (int64, error) {
	var n float64
	if json.Unmarshal(v, &n) == nil {
		if n != n || n < -1<<40 || n > 1<<40 {
			return 0, fmt.Errorf("%s is no time in seconds", v)
		}
		return int64(n), nil
	}
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return 0, mistyped(err)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05 MST", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is no time", s)
}
