package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Layout is the columns under which documents are written for others.
type Layout struct{ cols []layoutColumn }

type layoutColumn struct {
	name  string
	field docField
}

// docField is one field of a document, as a value for JSON.
type docField struct {
	name  string
	typ   ColumnType
	value func(*Doc) any // string, ID, int64, bool, []byte or []string
}

// docFields lists what a layout may name: the documents' columns, and licenses,
// the licence as a list.
func docFields() []docField {
	return []docField{
		{"id", IDs, func(d *Doc) any { return d.ID }},
		{"content_id", IDs, func(d *Doc) any { return d.ContentID }},
		{"blob_id", Blobs, func(d *Doc) any { return d.BlobID }},
		{"source", Names, func(d *Doc) any { return d.Source }},
		{"repo", Names, func(d *Doc) any { return d.Repo }},
		{"revision", Names, func(d *Doc) any { return d.Revision }},
		{"path", Blobs, func(d *Doc) any { return d.Path }},
		{"language", Names, func(d *Doc) any { return d.Language }},
		{"kind", Names, func(d *Doc) any { return d.Kind }},
		{"license", Names, func(d *Doc) any { return d.License }},
		{"license_type", Names, func(d *Doc) any { return d.LicenseType }},
		{"licenses", Lists, licenses},
		{"stars", Ints, func(d *Doc) any { return d.Stars }},
		{"forks", Ints, func(d *Doc) any { return d.Forks }},
		{"created_at", Ints, func(d *Doc) any { return d.CreatedAt }},
		{"bytes", Ints, func(d *Doc) any { return d.Bytes }},
		{"is_vendor", Bools, func(d *Doc) any { return d.IsVendor }},
		{"is_generated", Bools, func(d *Doc) any { return d.IsGenerated }},
		{"encoding", Names, func(d *Doc) any { return d.Encoding }},
		{"also_at", Lists, func(d *Doc) any { return d.AlsoAt }},
		{"text", Texts, func(d *Doc) any { return d.Text }},
	}
}

func licenses(d *Doc) any {
	if d.License == "" {
		return []string{}
	}
	return []string{d.License}
}

// layouts are the published ones, by name: The Stack v2's columns (as far as a
// document has them, and the text as content), dolma's documents, and
// datatrove's.
func layouts() map[string]string {
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
		"dolma":     "id,text,source," + meta("repo", "revision", "path", "language", "kind", "license", "license_type", "stars"),
		"datatrove": "text,id," + meta("source", "repo", "revision", "path", "language", "kind", "license", "license_type", "stars"),
	}
}

// ParseLayout reads a layout: the name of a published one (stack-v2, dolma,
// datatrove), or fields separated by commas, each with the name to write it
// under before it if that is another, "content=text,repo_name=repo,path". In
// JSON a dot in a name nests. The empty string is all fields under their names.
func ParseLayout(s string) (*Layout, error) {
	fields := docFields()
	if published, ok := layouts()[s]; ok {
		s = published
	}
	l := &Layout{}
	if s == "" {
		for _, f := range fields {
			if f.name != "licenses" {
				l.cols = append(l.cols, layoutColumn{f.name, f})
			}
		}
		return l, nil
	}
	for _, c := range strings.Split(s, ",") {
		name, field, ok := strings.Cut(strings.TrimSpace(c), "=")
		if !ok {
			field = name
		}
		i := slices.IndexFunc(fields, func(f docField) bool { return f.name == field })
		if i < 0 || name == "" {
			return nil, fmt.Errorf("%q is neither a layout (codemill, stack-v2, dolma, datatrove) nor NAME=FIELD with one of the fields %s", c, fieldNames(fields))
		}
		for _, have := range l.cols {
			if have.name == name || strings.HasPrefix(have.name, name+".") || strings.HasPrefix(name, have.name+".") {
				return nil, fmt.Errorf("the columns %q and %q stand in each other's way", have.name, name)
			}
		}
		if !l.adjoins(name) {
			return nil, fmt.Errorf("the column %q does not stand next to the others of its object", name)
		}
		l.cols = append(l.cols, layoutColumn{name, fields[i]})
	}
	return l, nil
}

// adjoins reports whether a column to be added comes right after those that
// nest in the same objects.
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

func fieldNames(fields []docField) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}

// String writes the layout as ParseLayout reads it.
func (l *Layout) String() string {
	var b strings.Builder
	for i, c := range l.cols {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(c.name + "=" + c.field.name)
	}
	return b.String()
}

// columns are those of a Parquet table. Ids are hexadecimal there.
func (l *Layout) columns() []Column {
	var cols []Column
	for _, c := range l.cols {
		t := c.field.typ
		if t == IDs {
			t = Blobs
		}
		cols = append(cols, Column{c.name, t})
	}
	return cols
}

func (l *Layout) putRow(t *TableWriter, d *Doc) error {
	for _, c := range l.cols {
		switch v := c.field.value(d).(type) {
		case ID:
			t.String(v.String())
		case string:
			t.String(v)
		case []byte:
			t.Bytes(v)
		case int64:
			t.Int(v)
		case bool:
			t.Bool(v)
		case []string:
			t.List(v)
		}
	}
	return t.EndRow()
}

// AppendJSON appends a document as one line of JSON, without its end. Bytes of
// a path that are not UTF-8 become U+FFFD there; in Parquet they stay.
func (l *Layout) AppendJSON(b []byte, d *Doc) ([]byte, error) {
	rest, b, err := appendObject(b, l.cols, "", d)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("column %q", rest[0].name)
	}
	return b, err
}

// appendObject writes the columns whose names begin with prefix as an object
// and returns those from the first that does not.
func appendObject(b []byte, cols []layoutColumn, prefix string, d *Doc) ([]layoutColumn, []byte, error) {
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
		if b, err = appendValue(b, head); err != nil {
			return nil, b, err
		}
		b = append(b, ':')
		if nested {
			cols, b, err = appendObject(b, cols, prefix+head+".", d)
		} else {
			b, err = appendValue(b, cols[0].field.value(d))
			cols = cols[1:]
		}
		if err != nil {
			return nil, b, err
		}
	}
	return cols, append(b, '}'), nil
}

func appendValue(b []byte, v any) ([]byte, error) {
	switch s := v.(type) {
	case []byte:
		v = string(s)
	case ID:
		v = s.String()
	case []string:
		if s == nil {
			v = []string{}
		}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return b, err
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...), nil
}
