package crawl

import (
	"context"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
)

// rowContents are the rows of a piece of a file.
type rowContents struct {
	file
	span origin.Span
}

// crawl makes each row a document or leaves it.
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

// places tells none: every row is kept, whatever else says the same.
func (rowContents) places(context.Context, *placesWriter, *unit) error { return nil }

// rowPath is the path of a text that has none.
func rowPath(u *unit, row origin.Row) string { return fmt.Sprintf("%s@%d", u.repo, row.Start) }

// row makes one row a document or leaves it.
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

// complete fills in what a row does not say, or says why it is left out.
func (w *writer) complete(u *unit, row origin.Row, d *corpus.Doc, id string) *origin.Left {
	if limit := w.c.cfg.MaxFileBytes; d.Bytes > limit {
		return &origin.Left{Reason: TooLarge, Value: float64(d.Bytes), Limit: float64(limit)}
	}
	if d.Path == "" {
		d.Path = id
	} else if reason := u.src.sel.reason(d.Path); reason != "" {
		return &origin.Left{Reason: reason}
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
		if d.Kind = lang.Kind(d.Language); d.Language == "" {
			d.Kind = u.src.TextKind
		}
	}
	if d.BlobID == "" {
		d.BlobID = origin.BlobID(d.Text)
	}
	from := d.LicenseFrom
	if from == "" {
		from = license.FromManifest
	}
	head := w.c.licences.Head(d.Text, d.Language)
	licensed(d, license.OfRow(license.Default(d.License), from, license.Default(u.src.License), head))
	if !wants(u.src.Kinds, d.Kind) {
		return &origin.Left{Reason: Kind}
	}
	return nil
}

// describeRow finds the language by the path, unless the row names it, and the
// flags unless it sets them.
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
	d.IsGenerated = d.IsGenerated || given.IsGenerated
	return true
}
