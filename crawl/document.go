package crawl

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
)

// rowColumn is a column of a document that a row can give.
type rowColumn struct {
	name   string   // in corpus.Docs, which says what type the values have
	fields []string // where it is looked for when the source's columns do not say
}

// The columns of corpus.Docs whose values a row gives in a way of their own.
const (
	idColumn      = "id" // names the row; a document's is computed
	licenseColumn = "license"
	createdColumn = "created_at"
	textColumn    = "text"
	repoColumn    = "repo"
)

// rowColumns are the columns that a row can give, with the fields under which they are
// looked for, in this order. Where several values of a row have the wrong type, the reason
// names the first in this list. After a column's own name come those of these collections,
// as their cards give them:
//
//   - The Stack v1 (bigcode/the-stack): content, lang, max_stars_… Its max_forks_count is
//     of another repository than the path, so that nothing is read from it.
//   - The Stack v2 (bigcode/the-stack-v2): content, once it was fetched, repo_name,
//     revision_id, detected_licenses, star_events_count, gha_created_at …
//   - The Stack v3 (HuggingFaceCode/stack-v3-train): content, repo_path, commit_id,
//     github_metadata; its files must be a row each, as those of the others are.
//   - codeparrot: code (github-code) or content (codeparrot-clean), repo_name.
//   - dolma and datatrove: id and text, all else below metadata. Words that stand for
//     other things there too (stars, kind) are not looked for.
var rowColumns = []rowColumn{
	{idColumn, []string{"id", "metadata.id"}},
	{repoColumn, []string{"repo", "repo_name", "max_stars_repo_name", "repo_path", "metadata.repo_name", "metadata.max_stars_repo_name"}},
	{"path", []string{"path", "max_stars_repo_path", "metadata.path", "metadata.max_stars_repo_path"}},
	{"revision", []string{"revision", "revision_id", "commit_id", "max_stars_repo_head_hexsha", "metadata.revision_id", "metadata.max_stars_repo_head_hexsha"}},
	{"blob_id", []string{"blob_id"}},
	{"language", []string{"language", "lang", "metadata.language", "metadata.lang"}},
	{"kind", []string{"kind"}},
	{licenseColumn, []string{"license", "detected_licenses", "max_stars_repo_licenses", "metadata.license", "metadata.detected_licenses", "metadata.max_stars_repo_licenses"}},
	{"license_from", []string{"license_from", "metadata.license_from"}},
	{"stars", []string{"stars", "star_events_count", "max_stars_count", "github_metadata.stars", "metadata.star_events_count", "metadata.max_stars_count"}},
	{"forks", []string{"forks", "fork_events_count", "github_metadata.forks", "metadata.fork_events_count"}},
	{"is_vendor", []string{"is_vendor"}},
	{"is_generated", []string{"is_generated"}},
	{createdColumn, []string{"created_at", "gha_created_at", "github_metadata.repo_created_at"}},
	{textColumn, []string{"text", "content", "code"}},
}

func validateColumns(columns map[string]string) error {
	var names []string
	for _, c := range rowColumns {
		names = append(names, c.name)
	}
	slices.Sort(names)
	for _, c := range slices.Sorted(maps.Keys(columns)) {
		if !slices.Contains(names, c) {
			return fmt.Errorf("columns: %q is not one of %s", c, strings.Join(names, ", "))
		}
		if columns[c] == "" {
			return fmt.Errorf("columns.%s: names no field", c)
		}
	}
	return nil
}

// lookedFor returns the fields under which the column is looked for, in order.
func (c rowColumn) lookedFor(columns map[string]string) []string {
	if field, ok := columns[c.name]; ok {
		return []string{field}
	}
	return c.fields
}

// get returns the value of the column in a row, nil for none. columns are the source's:
// where they name a field for the column, it is looked for there and nowhere else.
func (c rowColumn) get(row origin.Fields, columns map[string]string) any {
	for _, f := range c.lookedFor(columns) {
		if v := row.Field(f); v != nil {
			return v
		}
	}
	return nil
}

// columnNamed returns one of rowColumns.
func columnNamed(name string) rowColumn {
	return rowColumns[slices.IndexFunc(rowColumns, func(c rowColumn) bool { return c.name == name })]
}

// rowRepo returns the repository that a row names, "" for none.
func rowRepo(row origin.Fields, columns map[string]string) string {
	repo, _ := aString(columnNamed(repoColumn).get(row, columns))
	return repo
}

// What a detail says of a row's fields: the names of so many of them, each cut to so many
// bytes.
const (
	maxNamed     = 32
	maxNameBytes = 64
)

// withoutText says where the text of a row was looked for, and what the row has instead.
func withoutText(row origin.Fields, columns map[string]string) string {
	names := row.Names()
	more := ""
	if len(names) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(names)-maxNamed)
		names = names[:maxNamed]
	}
	has := quoted(names) + more
	if len(names) == 0 {
		has = "no fields"
	}
	return fmt.Sprintf("no value in %s; the row has %s", quoted(columnNamed(textColumn).lookedFor(columns)), has)
}

// quoted lists names.
func quoted(names []string) string {
	var all []string
	for _, n := range names {
		if len(n) > maxNameBytes {
			n = n[:maxNameBytes] + "…"
		}
		all = append(all, strconv.Quote(n))
	}
	return strings.Join(all, ", ")
}

// record is what a row says by itself, before [writer.complete]: columns of a document,
// or why there is none.
type record struct {
	doc  corpus.Doc
	id   string       // that the row gives itself, "" for none; its path if it has no other
	left *origin.Left // Malformed, NoText, Empty, Encoding, Binary or nil
}

// readRow reads the columns of a document from a row's fields. columns are the source's.
func readRow(row origin.Fields, columns map[string]string) record {
	r := record{doc: corpus.Doc{Stars: -1, Forks: -1, Encoding: lang.UTF8}}
	var failed error
	replaced := false
	for _, c := range rowColumns {
		v := c.get(row, columns)
		if v == nil {
			continue
		}
		if err := r.set(c.name, v); err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", c.name, err)
		}
		if _, ok := v.(origin.Replaced); ok && c.name == textColumn {
			replaced = true
		}
	}
	d := &r.doc
	d.Bytes = int64(len(d.Text))
	switch {
	case failed != nil:
		r.left = &origin.Left{Reason: Malformed, Detail: failed.Error()}
	case !slices.Contains(corpus.Kinds(), d.Kind):
		r.left = &origin.Left{Reason: Malformed, Detail: fmt.Sprintf("kind: %q", d.Kind)}
	case d.LicenseFrom != "" && !slices.Contains(corpus.LicenseLevels(), d.LicenseFrom):
		r.left = &origin.Left{Reason: Malformed, Detail: fmt.Sprintf("license_from: %q", d.LicenseFrom)}
	case d.Text == nil:
		r.left = &origin.Left{Reason: NoText, Detail: withoutText(row, columns)}
	case len(d.Text) == 0:
		r.left = &origin.Left{Reason: Empty}
	case slices.Contains(d.Text, 0):
		r.left = &origin.Left{Reason: Binary}
	case replaced:
		// It is not mended: U+FFFD is no letter of the text, and texts that differ would
		// become the same.
		r.left = &origin.Left{Reason: Encoding, Detail: "half of a surrogate pair"}
	}
	return r
}

// set puts a value into a column of the document; an error says that its type does not
// fit.
func (r *record) set(column string, v any) (err error) {
	switch column {
	case idColumn:
		r.id, err = aString(v)
		return err
	case licenseColumn:
		r.doc.License, err = licenses(v)
		return err
	case createdColumn:
		r.doc.CreatedAt, err = unixTime(v)
		return err
	}
	field, ok := corpus.Docs.Field(column)
	if !ok {
		panic("crawl: documents have no column " + column)
	}
	switch at := field.At(&r.doc).(type) {
	case *string:
		*at, err = aString(v)
	case *[]byte:
		var s string
		if _, number := v.(origin.Number); number {
			return mistyped(v, "a string")
		}
		s, err = aString(v)
		*at = []byte(s)
	case *int64:
		*at, err = wholeNumber(v)
	case *bool:
		if *at, ok = v.(bool); !ok {
			return mistyped(v, "true or false")
		}
	default:
		panic(fmt.Sprintf("crawl: no row gives a %T", at))
	}
	return err
}

// aString reads a string; also a number, as written: ids often are.
func aString(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case origin.Replaced:
		return string(v), nil
	case origin.Number:
		return string(v), nil
	}
	return "", mistyped(v, "a string")
}

// wholeNumber reads a whole number, however it is written: 3, 3.0, 1e3. What has been
// through a table with missing values often comes as a float. The value is exact.
func wholeNumber(v any) (int64, error) {
	number, ok := v.(origin.Number)
	if !ok {
		return 0, mistyped(v, "a whole number")
	}
	failed := fmt.Errorf("number %s instead of a whole number", number)
	unsigned, negative := strings.CutPrefix(string(number), "-")
	mantissa, power := unsigned, 0
	if i := strings.IndexAny(unsigned, "eE"); i >= 0 {
		mantissa = unsigned[:i]
		n, err := strconv.ParseInt(unsigned[i+1:], 10, 32)
		if err != nil {
			return 0, failed
		}
		power = int(n)
	}
	before, after, _ := strings.Cut(mantissa, ".")
	all := before + after
	digits := strings.TrimLeft(all, "0")
	point := len(before) + power - (len(all) - len(digits)) // how many of digits stand before the decimal point
	const most = len("9223372036854775807")
	switch {
	case digits == "":
		return 0, nil
	case len(strings.TrimRight(digits, "0")) > point || point > most:
		return 0, failed
	}
	digits = (digits + strings.Repeat("0", most))[:point]
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, failed
	}
	return n, nil
}

// mistyped says what a value is and what it should be.
func mistyped(v any, want string) error {
	is := "object"
	switch v.(type) {
	case string, origin.Replaced:
		is = "string"
	case origin.Number:
		is = "number"
	case bool:
		is = "bool"
	case []any:
		is = "array"
	}
	return fmt.Errorf("%s instead of %s", is, want)
}

// licenses reads a licence, or a list of them, which becomes one expression: sorted,
// joined with AND, [MIT, "A OR B"] as "(A OR B) AND MIT".
func licenses(v any) (string, error) {
	list, ok := v.([]any)
	if !ok {
		return aString(v)
	}
	var names []string
	for _, e := range list {
		switch e := e.(type) {
		case nil:
			names = append(names, "")
		case string:
			names = append(names, e)
		case origin.Replaced:
			names = append(names, string(e))
		default:
			return "", mistyped(e, "a string")
		}
	}
	slices.Sort(names)
	for i, s := range names {
		if len(names) > 1 && strings.Contains(strings.ToUpper(s), " OR ") {
			names[i] = "(" + s + ")"
		}
	}
	return strings.Join(slices.Compact(names), " AND "), nil
}

// unixTime reads a time as Unix seconds. It may be a number of them, or text: RFC 3339,
// the same without a zone (taken as UTC), or a date.
func unixTime(v any) (int64, error) {
	if number, ok := v.(origin.Number); ok {
		n, err := strconv.ParseFloat(string(number), 64)
		if err != nil {
			return 0, mistyped(v, "a string")
		}
		if n < -1<<40 || n > 1<<40 {
			return 0, fmt.Errorf("%s is no time in seconds", number)
		}
		return int64(n), nil
	}
	s, err := aString(v)
	if err != nil {
		return 0, err
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05 MST", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is no time", s)
}
