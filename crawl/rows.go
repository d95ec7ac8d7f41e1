package crawl

import (
	"context"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
)

// rowContents is a unit's contents where it is a piece of a file of rows.
type rowContents struct {
	file
	span origin.Span
}

// crawl makes each row a document, or leaves it out.
func (r rowContents) crawl(ctx context.Context, w *writer, u *unit) error {
	for row, err := range r.Rows(ctx, r.span) {
		if err == nil {
			err = w.row(u, row)
		}
		if err != nil {
			return err
		}
		w.c.job.Meter.Did(1, row.End-row.Start)
	}
	return nil
}

// places adds none: rows are all kept, also where several have the same text.
func (rowContents) places(context.Context, *placesWriter, *unit) error { return nil }

// rowPath is the path of a row that has none: file@offset.
func rowPath(u *unit, row origin.Row) string { return fmt.Sprintf("%s@%d", u.repo, row.Start) }

// row makes one row a document, or leaves it out.
func (w *writer) row(u *unit, row origin.Row) error {
	left := row.Left
	var rec record
	if left == nil {
		rec = readRow(row.Fields, u.src.Columns)
		left = rec.left
	}
	d := &rec.doc
	if left == nil {
		left = w.complete(u, row, d, rec.id)
	}
	if left != nil {
		l := corpus.LeftOut{Source: u.src.Name, Repo: u.src.Repo, Path: rowPath(u, row), Reason: left.Reason, Detail: left.Detail, Value: left.Value, Limit: left.Limit}
		return w.leave(l, row.Size)
	}
	return w.keep(d)
}

// complete fills in what a row does not say by itself: names, language, kind, licence and
// ids. It returns why the row is left out, nil if it is not. id is the one that the row
// gives itself.
func (w *writer) complete(u *unit, row origin.Row, d *corpus.Doc, id string) *origin.Left {
	file := d.Path // "" where the row has none
	format := w.c.cfg.rowNotebook(d)
	if limit := w.c.cfg.limitOf(format); d.Bytes > limit {
		return &origin.Left{Reason: TooLarge, Value: float64(d.Bytes), Limit: float64(limit)}
	}
	if d.Path != "" {
		if reason := u.src.sel.reason(d.Path); reason != "" {
			return &origin.Left{Reason: reason}
		}
	}
	if d.BlobID == "" {
		d.BlobID = origin.BlobID(d.Text)
	}
	if left := w.c.cfg.convert(d, format); left != nil {
		return left
	}
	if d.Path == "" {
		d.Path = id
	} else if !w.describeRow(d) {
		return &origin.Left{Reason: Undetected}
	}
	d.Source = u.src.Name
	if d.Repo == "" {
		d.Repo = u.src.Repo
	}
	if d.Path == "" {
		d.Path = rowPath(u, row)
	}
	if escapes(d.Path) || escapes(d.Repo) {
		return &origin.Left{Reason: Path}
	}
	// Natural languages stand under the same name in some collections.
	d.Language, _ = lang.ByAlias(d.Language)
	if d.Kind == "" {
		setKind(d, file)
		if d.Language == "" && kindRule(d) == "" {
			d.Kind = u.src.TextKind
		}
	}
	from := d.LicenseFrom
	if from == "" {
		from = license.FromManifest
	}
	head := w.c.licences.Head(d.Text, d.Language)
	licensed(d, license.OfRow(license.Default(d.License), from, license.Default(u.src.License), head))
	if !wants(u.src.Kinds, d.Kind) {
		return &origin.Left{Reason: Kind, Detail: kindDetail(d.Kind, kindRule(d))}
	}
	return nil
}

// describeRow finds out the language by path and text, unless the row names one that
// Linguist knows, and adds the flags vendored and generated to those that the row sets.
// The kind stays the row's, or is set by [writer.complete]. It reports false like describe.
func (w *writer) describeRow(d *corpus.Doc) bool {
	given := *d
	if !w.describe(d) {
		return false
	}
	if language, ok := lang.ByAlias(given.Language); ok {
		d.Language = language
	}
	d.Kind = given.Kind
	d.IsVendor = d.IsVendor || given.IsVendor
	if given.IsGenerated && !d.IsGenerated {
		d.IsGenerated = true
		d.Flags = append(d.Flags, corpus.Flag(corpus.FlagGenerated, "the row says so"))
	}
	return true
}
