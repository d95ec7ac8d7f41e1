package corpus

import (
	"context"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"
)

// The columns of the documents, in their order. Their names follow The Stack
// v2 where it has one.
var docColumns = []Column{
	{"id", IDs}, {"content_id", IDs}, {"blob_id", Blobs},
	{"source", Names}, {"repo", Names}, {"revision", Names}, {"path", Blobs},
	{"language", Names}, {"kind", Names}, {"license", Names}, {"license_type", Names},
	{"stars", Ints}, {"forks", Ints}, {"created_at", Ints}, {"bytes", Ints},
	{"is_vendor", Bools}, {"is_generated", Bools}, {"encoding", Names},
	{"also_at", Lists}, {"text", Texts},
}

// textColumn is the last, so that readers of all others leave it out.
var textColumn = len(docColumns) - 1

// DocWriter writes the documents of one shard.
type DocWriter struct{ rowWriter }

// CreateDocs starts the file of documents of a shard.
func (o *Output) CreateDocs() (*DocWriter, error) {
	w, err := o.createRows(tableEnding, docColumns)
	return &DocWriter{w}, err
}

// Write adds a document, whose ids have been set.
func (w *DocWriter) Write(d *Doc) error {
	if !utf8.Valid(d.Text) {
		return fmt.Errorf("%s: %s: text is not valid UTF-8", d.Repo, d.Path)
	}
	w.t.putDoc(d)
	return w.t.EndRow()
}

func (t *TableWriter) putDoc(d *Doc) {
	t.ID(d.ID)
	t.ID(d.ContentID)
	t.String(d.BlobID)
	t.String(d.Source)
	t.String(d.Repo)
	t.String(d.Revision)
	t.String(d.Path)
	t.String(d.Language)
	t.String(d.Kind)
	t.String(d.License)
	t.String(d.LicenseType)
	t.Int(d.Stars)
	t.Int(d.Forks)
	t.Int(d.CreatedAt)
	t.Int(d.Bytes)
	t.Bool(d.IsVendor)
	t.Bool(d.IsGenerated)
	t.String(d.Encoding)
	t.List(d.AlsoAt)
	t.Bytes(d.Text)
}

func (b *Batch) doc(row int, text bool) Doc {
	d := Doc{
		ID: b.ID(0, row), ContentID: b.ID(1, row), BlobID: b.String(2, row),
		Source: b.String(3, row), Repo: b.String(4, row), Revision: b.String(5, row), Path: b.String(6, row),
		Language: b.String(7, row), Kind: b.String(8, row), License: b.String(9, row), LicenseType: b.String(10, row),
		Stars: b.Int(11, row), Forks: b.Int(12, row), CreatedAt: b.Int(13, row), Bytes: b.Int(14, row),
		IsVendor: b.Bool(15, row), IsGenerated: b.Bool(16, row), Encoding: b.String(17, row), AlsoAt: b.List(18, row),
	}
	if text {
		d.Text = b.Bytes(textColumn, row)
	}
	return d
}

// Row is a document with what the stages so far have made of it.
type Row struct {
	Pos Pos
	Doc *Doc // borrowed; its text has the edits of the stages before applied
	Out bool // an earlier stage has put it out
	// Crawled is the text's bytes before any edits, by which the ledger counts;
	// 0 where the rows are read without text.
	Crawled int64
	Edited  bool // the stages before have changed the text
}

// Rows iterates over the documents of a shard in their order, joined with the
// verdicts of the stages in After; those that are out come too. Without text
// the documents' Text is nil, which saves most of the reading.
func (j Job) Rows(ctx context.Context, shard int, text bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		verdicts, err := j.openVerdicts(shard)
		if err != nil {
			yield(Row{}, err)
			return
		}
		cols, at := docColumns, int64(0)
		if !text {
			cols = cols[:textColumn]
		}
		TableRows(j.Work.Dir(DocsDir), shard, tableEnding, cols, func(b *Batch, i int) (Row, error) {
			if err := ctx.Err(); err != nil {
				return Row{}, err
			}
			d := b.doc(i, text)
			r := Row{Pos: At(shard, at), Doc: &d, Crawled: int64(len(d.Text))}
			at++
			return r, verdicts.apply(&r, text)
		})(yield)
	}
}

// Table opens a table of a shard, its bytes checked. The closer is for the
// caller to close.
func (d Dir) Table(shard, file string, cols []Column) (*TableReader, io.Closer, error) {
	r, err := d.Open(shard, file)
	if err != nil {
		return nil, nil, err
	}
	t, err := NewTableReader(r, cols)
	if err == nil && t.Rows() != r.Info.Rows {
		err = fmt.Errorf("%w: %d rows, the receipt says %d", ErrCorrupt, t.Rows(), r.Info.Rows)
	}
	if err != nil {
		r.Close()
		return nil, nil, fmt.Errorf("%s/%s: %w", d.name, file, err)
	}
	return t, r, nil
}
