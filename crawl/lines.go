package crawl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
)

// maxLine is the longest line of JSONL that is read: a text of the largest size
// with every byte escaped, and a megabyte for the other fields.
func maxLine(maxFileBytes int64) int64 { return 6*maxFileBytes + 1<<20 }

// cutLines makes units of a JSONL file: pieces of about shard_bytes, cut
// between lines, and not between two lines of one repository. A compressed
// file is one piece.
func (c *crawler) cutLines(ctx context.Context, src *source, p place) ([]*unit, error) {
	f, err := os.Open(p.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size, modified := info.Size(), info.ModTime().UnixNano()
	cuts := []int64{0}
	if !compressed(p.path) {
		for at := c.cfg.ShardBytes; at < size; at += c.cfg.ShardBytes {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if at, err = c.cutAfter(f, at, src.Columns); err != nil {
				return nil, err
			}
			if at < size {
				cuts = append(cuts, at)
			}
		}
	}
	var units []*unit
	for i, start := range cuts {
		end := size
		if i+1 < len(cuts) {
			end = cuts[i+1]
		}
		if start == end {
			continue
		}
		units = append(units, &unit{
			src: src, repo: p.repo, bytes: end - start, files: 1, span: span{p.path, start, end, size, modified},
			state: fmt.Sprintf("jsonl %d-%d of %d, %d", start, end, size, modified),
		})
	}
	return units, nil
}

// cutAfter returns the first start of a line after at, but for the first, whose
// repository is not that of the line before, or has none.
func (c *crawler) cutAfter(f io.ReaderAt, at int64, columns map[string]string) (int64, error) {
	r := newLineReader(io.NewSectionReader(f, at, 1<<62), at, maxLine(c.cfg.MaxFileBytes))
	if _, err := r.next(); err != nil && !errors.Is(err, errLineTooLong) { // the rest of a line
		return r.offset, ignoreEOF(err)
	}
	last, have := "", false
	for {
		start := r.offset
		line, err := r.next()
		if err != nil && !errors.Is(err, errLineTooLong) {
			return r.offset, ignoreEOF(err)
		}
		repo := ParseRow(line, columns).Doc.Repo
		if have && (repo == "" || repo != last) {
			return start, nil
		}
		last, have = repo, true
	}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// errLineTooLong says that a line was skipped.
var errLineTooLong = errors.New("line is too long")

// lineReader reads lines of a bounded length.
type lineReader struct {
	r      *bufio.Reader
	buf    []byte
	max    int64
	offset int64 // of the next line
	length int64 // of the last line, its end not counted
}

func newLineReader(r io.Reader, offset, limit int64) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 1<<17), offset: offset, max: limit}
}

// next returns a line without its end, borrowed until the next call. The last
// line may lack its end; after it comes io.EOF. A line that is too long is
// errLineTooLong, and reading can go on.
func (l *lineReader) next() ([]byte, error) {
	l.buf, l.length = l.buf[:0], 0
	for {
		part, err := l.r.ReadSlice('\n')
		l.offset += int64(len(part))
		l.length += int64(len(part))
		if l.length <= l.max+1 {
			l.buf = append(l.buf, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && l.length > 0:
		case err != nil:
			return nil, err
		default:
			l.length--
		}
		if l.length > l.max {
			return nil, errLineTooLong
		}
		return bytes.TrimSuffix(l.buf[:l.length], []byte{'\r'}), nil
	}
}

// lines crawls a piece of a JSONL file. A compressed file is read to its end
// once before a row of it is used: a checksum that comes last speaks for all of
// them. One that is damaged counts as one unreadable text.
func (w *writer) lines(ctx context.Context, u *unit) error {
	in, err := u.span.open()
	if err == nil {
		defer in.Close()
		err = u.span.check(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return w.leave(w.leftLine(u, u.span.start, Unreadable, withoutPath(err)), u.bytes)
	}
	r := newLineReader(in, u.span.start, maxLine(w.c.cfg.MaxFileBytes))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		offset := r.offset
		line, err := r.next()
		switch {
		case err == io.EOF && u.span.changed():
			return w.leave(w.leftLine(u, offset, Changed, "the file is not the one that was listed"), 0)
		case err == io.EOF:
			return nil
		case errors.Is(err, errLineTooLong):
			l := w.leftLine(u, offset, LineTooLong, "")
			l.Value, l.Limit = float64(r.length), float64(r.max)
			err = w.leave(l, r.length)
		case err != nil: // it has changed since it was checked
			return w.leave(w.leftLine(u, offset, Unreadable, err.Error()), r.length)
		case len(bytes.TrimSpace(line)) == 0:
			continue
		default:
			if offset == 0 {
				line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
			}
			err = w.line(u, offset, line)
		}
		if err != nil {
			return err
		}
		w.c.job.Meter.Did(1, r.offset-offset)
	}
}

// linePath is the path of a text that has none.
func linePath(u *unit, offset int64) string { return fmt.Sprintf("%s@%d", u.repo, offset) }

func (w *writer) leftLine(u *unit, offset int64, reason corpus.Reason, detail string) corpus.Left {
	return corpus.Left{Source: u.src.Name, Repo: u.src.Repo, Path: linePath(u, offset), Reason: reason, Detail: detail}
}

// line makes one row a document or leaves it.
func (w *writer) line(u *unit, offset int64, line []byte) error {
	rec := ParseRow(line, u.src.Columns)
	l := w.leftLine(u, offset, rec.Reason, rec.Detail)
	limit := w.c.cfg.MaxFileBytes
	d := &rec.Doc
	switch {
	case rec.Reason != "":
	case d.Bytes > limit:
		l.Reason, l.Value, l.Limit = TooLarge, float64(d.Bytes), float64(limit)
	default:
		if d.Path == "" {
			d.Path = rec.ID
		} else if l.Reason = u.src.sel.reason(d.Path); l.Reason == "" && !w.describeRow(d) {
			l.Reason = Undetected
		}
		if l.Reason == "" {
			w.complete(u, d, offset)
			if !wants(u.src.Kinds, d.Kind) {
				l.Reason = Kind
			}
		}
	}
	if l.Reason != "" {
		return w.leave(l, int64(len(line)))
	}
	return w.keep(d)
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

// complete fills in what a row does not say.
func (w *writer) complete(u *unit, d *corpus.Doc, offset int64) {
	d.Source = u.src.Name
	if d.Repo == "" {
		d.Repo = u.src.Repo
	}
	if d.Path == "" {
		d.Path = linePath(u, offset)
	}
	// Natural languages stand under the same name in some collections.
	d.Language, _ = lang.ByAlias(d.Language)
	if d.Kind == "" {
		if d.Kind = lang.Kind(d.Language); d.Language == "" {
			d.Kind = u.src.TextKind
		}
	}
	if d.BlobID == "" {
		d.BlobID = blobID(d.Text)
	}
	if d.License == "" {
		of := license.Default(u.src.License)
		d.License, d.LicenseType = of.Expression, of.Type
	} else {
		d.LicenseType = license.TypeOf(d.License)
	}
}
