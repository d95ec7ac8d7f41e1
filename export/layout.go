// Package export writes the surviving documents for others: as Parquet or JSONL,
// under columns of their choice.
//
// layout.go says which column has which name, and renders a document as JSON;
// materialize.go is the stage that writes the files.
package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
)

// Layout is the columns under which documents are written for others, in their order.
// [ParseLayout] makes one; it is safe for concurrent use.
type Layout struct{ cols []layoutColumn }

type layoutColumn struct {
	name  string // what it is written under; in JSON a dot in it nests
	field table.Field[corpus.Doc]
}

// exported lists what a layout may name: the columns of [corpus.Docs] with two changes.
// Ids are 32 hexadecimal digits instead of 16 bytes, since JSON has no bytes. Behind
// license_type stands licenses, the licence as a list, as The Stack v2 has it: "MIT"
// is ["MIT"], and no licence is [].
func exported() table.Schema[corpus.Doc] {
	var list table.Schema[corpus.Doc]
	for _, f := range corpus.Docs {
		if f.Type == table.IDs {
			id := f.At
			f = table.Field[corpus.Doc]{Name: f.Name, Type: table.Blobs, At: func(d *corpus.Doc) any {
				s := corpus.ID(*id(d).(*[16]byte)).String()
				return &s
			}}
		}
		list = append(list, f)
		if f.Name == "license_type" {
			list = append(list, table.Field[corpus.Doc]{Name: "licenses", Type: table.Lists, At: licenses})
		}
	}
	return list
}

// licenses is [table.Field.At] of the column licenses.
func licenses(d *corpus.Doc) any {
	list := []string{}
	if d.License != "" {
		list = append(list, d.License)
	}
	return &list
}

// layouts are the published ones, by name, as [ParseLayout] reads them: The Stack v2's
// columns (as far as a document has them, and the text as content), dolma's documents,
// and datatrove's. "codemill", the default, is all fields.
func layouts() map[string]string {
	// meta puts fields into the object metadata: "metadata.repo=repo,metadata.path=path".
	meta := func(fields ...string) string {
		for i, f := range fields {
			fields[i] = "metadata." + f + "=" + f
		}
		return strings.Join(fields, ",")
	}
	return map[string]string{
		"codemill": "",
		"stack-v2": "blob_id,path,content_id,detected_licenses=licenses,license_type,repo_name=repo,revision_id=revision," +
			"star_events_count=stars,fork_events_count=forks,gha_created_at=created_at,src_encoding=encoding,language,is_vendor,is_generated," +
			"length_bytes=bytes,content=text",
		"dolma":     "id,text,source," + meta("repo", "revision", "path", "language", "kind", "license", "license_type", "license_from", "stars"),
		"datatrove": "text,id," + meta("source", "repo", "revision", "path", "language", "kind", "license", "license_type", "license_from", "stars"),
	}
}

// LayoutNames lists the published layouts.
func LayoutNames() []string { return slices.Sorted(maps.Keys(layouts())) }

// ParseLayout reads a layout: the name of a published one ([LayoutNames]), or fields
// separated by commas. A field that is to have another name in the
// output has it in front, with "=". The empty string is all fields under their names,
// but for licenses.
//
// In JSON a dot in a name nests; in Parquet it is part of the column's name:
//
//	content=text,path                      {"content": …, "path": …}
//	text,metadata.r=repo,metadata.p=path   {"text": …, "metadata": {"r": …, "p": …}}
//
// Columns of one object must stand next to each other, for JSON is written in one go.
// The error says which part of s cannot be used.
func ParseLayout(s string) (*Layout, error) {
	fields := exported()
	if published, ok := layouts()[s]; ok {
		s = published
	}
	l := &Layout{}
	if s == "" {
		for _, f := range fields {
			if f.Name != "licenses" {
				l.cols = append(l.cols, layoutColumn{f.Name, f})
			}
		}
		return l, nil
	}
	for _, c := range strings.Split(s, ",") {
		name, field, ok := strings.Cut(strings.TrimSpace(c), "=")
		if !ok {
			field = name
		}
		f, ok := fields.Field(field)
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is neither a layout (%s) nor NAME=FIELD with one of the fields %s", c, strings.Join(LayoutNames(), ", "), fieldNames(fields))
		}
		for _, have := range l.cols { // "a" and "a.b" cannot be in one object: a would be a value and an object
			if have.name == name || strings.HasPrefix(have.name, name+".") || strings.HasPrefix(name, have.name+".") {
				return nil, fmt.Errorf("the columns %q and %q stand in each other's way", have.name, name)
			}
		}
		if !l.adjoins(name) {
			return nil, fmt.Errorf("the column %q does not stand next to the others of its object", name)
		}
		l.cols = append(l.cols, layoutColumn{name, f})
	}
	return l, nil
}

// adjoins reports whether a column to be added comes right after those that
// nest in the same objects. After "m.a" and "text" it is false for "m.b": the object m
// has been closed. It is asked for each object that the name is in: for "m.x.c" of m and
// of m.x.
func (l *Layout) adjoins(name string) bool {
	for i := range name {
		if name[i] != '.' {
			continue
		}
		in := func(c layoutColumn) bool { return strings.HasPrefix(c.name, name[:i+1]) }
		if slices.ContainsFunc(l.cols, in) && !in(l.cols[len(l.cols)-1]) {
			return false
		}
	}
	return true
}

// fieldNames lists the names of fields, for a message.
func fieldNames(fields table.Schema[corpus.Doc]) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// String writes the layout as ParseLayout reads it, with all names in full. It goes into
// the fingerprints of shards: equal strings give equal files.
func (l *Layout) String() string {
	var b strings.Builder
	for i, c := range l.cols {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(c.name + "=" + c.field.Name)
	}
	return b.String()
}

// schema is the columns of a Parquet table.
func (l *Layout) schema() table.Schema[corpus.Doc] {
	var s table.Schema[corpus.Doc]
	for _, c := range l.cols {
		s = append(s, table.Field[corpus.Doc]{Name: c.name, Type: c.field.Type, At: c.field.At})
	}
	return s
}

// AppendJSON appends a document as one line of JSON, without its newline. The keys stand
// in the order of the layout. Bytes of a path that are not UTF-8 become U+FFFD there; in
// Parquet they stay. b is returned also with an error, and then ends in a part of the
// line.
func (l *Layout) AppendJSON(b []byte, d *corpus.Doc) ([]byte, error) {
	rest, b, err := appendObject(b, l.cols, "", d)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("column %q", rest[0].name)
	}
	return b, err
}

// appendObject writes the columns whose names begin with prefix as an object, which ends
// at the first column whose name does not. It returns that column and those behind it.
// With the prefix "m." the columns m.a, m.x.b and text become {"a": …, "x": {"b": …}},
// and text is returned.
func appendObject(b []byte, cols []layoutColumn, prefix string, d *corpus.Doc) ([]layoutColumn, []byte, error) {
	b = append(b, '{')
	for first := true; len(cols) > 0; first = false {
		name, ok := strings.CutPrefix(cols[0].name, prefix)
		if !ok {
			break
		}
		if !first {
			b = append(b, ',')
		}
		head, _, nested := strings.Cut(name, ".")
		var err error
		if b, err = appendValue(b, &head); err != nil {
			return nil, b, err
		}
		b = append(b, ':')
		if nested {
			cols, b, err = appendObject(b, cols, prefix+head+".", d)
		} else {
			b, err = appendValue(b, cols[0].field.At(d))
			cols = cols[1:]
		}
		if err != nil {
			return nil, b, err
		}
	}
	return cols, append(b, '}'), nil
}

// appendValue appends what p points to, a value of [table.Field.At], as JSON.
func appendValue(b []byte, p any) ([]byte, error) {
	switch v := p.(type) {
	case *[]byte: // encoding/json would write base64
		s := string(*v)
		p = &s
	case *[]string: // encoding/json would write null for nil
		if *v == nil {
			p = &[]string{}
		}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return b, err
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...), nil
}
