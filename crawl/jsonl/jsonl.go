// Package jsonl reads JSONL files as rows, plain or compressed. A row is a line with a
// JSON object; crawl says which of its fields is the text:
//
//	{"repo_name": "x/y", "path": "a.py", "content": "import os\n"}
//
// What is bad comes as a row with a reason, so that it is counted, and the reading goes on:
// a line that is no object is left out alone, a compressed file that is damaged as a whole.
// Of [File.Rows] the only error is that it was told to stop.
//
// A file must not change between its listing (Spans) and its reading (Rows), which may be
// in another process. It is compared by size and time of change.
//
//	jsonl.go       files, their pieces and the rows of a piece
//	lines.go       lines of a bounded length
//	fields.go      a line's fields
//	compressed.go  gzip, zstd, xz and bzip2
package jsonl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"

	"github.com/codemill/codemill/crawl/origin"
)

// Opener finds JSONL files. It is the type of source that crawl's table names.
type Opener struct{}

// endings are those by which a file is taken for JSONL where a source does not say its
// type. Where it says jsonl, a file may have any name.
var endings = []string{".jsonl", ".jsonl.gz", ".jsonl.zst", ".jsonl.xz", ".jsonl.bz2"}

// Is reports whether a file is named as JSONL is. How it is compressed its bytes say.
func (Opener) Is(path string, info fs.FileInfo) bool {
	for _, end := range endings {
		if !info.IsDir() && strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// Memory returns about how many bytes it takes to read the file at a path: for a line with
// its fields, and for a decoder. A file that cannot be opened counts as plain; Open says
// then what is wrong with it.
func (Opener) Memory(path string, o origin.Options) int64 {
	n := 2 * maxLine(o.MaxFileBytes)
	if f, err := listed(path, o); err == nil && f.compression != nil {
		n += f.compression.memory
	}
	return n
}

// Open looks at a file: it reads its first bytes. Nothing has to be closed.
func (Opener) Open(_ context.Context, path string, o origin.Options) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if info.IsDir() {
		return File{}, errors.New("a folder, but type is jsonl; set a glob for the files in it")
	}
	return listed(path, o)
}

// listed is a file as it is now: what it is compared with when it is read.
func listed(path string, o origin.Options) (File, error) {
	in, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return File{}, err
	}
	return File{path, info.Size(), info.ModTime().UnixNano(), compressionOf(in), o}, nil
}

// File is a JSONL file. It is a value, and keeps no file open.
type File struct {
	path           string
	size, modified int64        // as it was listed: bytes, and nanoseconds since 1970
	compression    *compression // nil for none
	options        origin.Options
}

// Spans cuts the file into pieces of about PieceBytes, between lines, and not
// between two lines of one repository. A compressed file is one piece. Together they are
// the whole file; an empty file has none.
//
// A span's State says which bytes of which state of the file it is. It goes into the
// fingerprint of a shard, so that a file which has changed is read anew.
func (f File) Spans(ctx context.Context) ([]origin.Span, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cuts := []int64{0}
	if f.compression == nil {
		for at := f.options.PieceBytes; at < f.size; at += f.options.PieceBytes {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if at, err = f.cutAfter(heeding{ctx, io.NewSectionReader(in, at, 1<<62)}, at); err != nil {
				return nil, err
			}
			if at < f.size {
				cuts = append(cuts, at)
			}
		}
	}
	var spans []origin.Span
	for i, start := range cuts {
		end := f.size
		if i+1 < len(cuts) {
			end = cuts[i+1]
		}
		if start < end {
			spans = append(spans, origin.Span{Start: start, End: end, State: fmt.Sprintf("jsonl %d-%d of %d, %d", start, end, f.size, f.modified)})
		}
	}
	return spans, nil
}

// cutAfter returns where the file, which in reads from at on, may be cut behind at: at the start of a line
// that names no repository, or another one than the line before it. It reads on from at,
// which may be in the middle of a line. Two whole lines have to be compared, so the cut is
// before the second whole line behind at, or a later one:
//
//	{"repo": "a", … at … }   the rest of it is passed over
//	{"repo": "a"}
//	{"repo": "a"}            the same as before: no cut
//	{"repo": "b"}            the cut is before this one
//
// A line that is too long, or no object, names no repository. Where a repository goes on to
// the end of the file, that is the end of the file, and no cut.
func (f File) cutAfter(in io.Reader, at int64) (int64, error) {
	r := newLineReader(in, at, maxLine(f.options.MaxFileBytes))
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
		repo := ""
		if fields, left := Decode(line); left == nil {
			repo = f.options.Repo(fields)
		}
		if have && (repo == "" || repo != last) {
			return start, nil
		}
		last, have = repo, true
	}
}

// ignoreEOF takes the end of the file for no error.
func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// Rows reads the rows of a piece. A compressed file is first read to its end without
// using a row, as its checksum comes last. A damaged one, and a file that cannot be opened,
// is a single row that cannot be had, with the bytes of the whole piece.
//
// Start and End of a row are offsets in the file; of a compressed file, in what it holds.
func (f File) Rows(ctx context.Context, s origin.Span) iter.Seq2[origin.Row, error] {
	return func(yield func(origin.Row, error) bool) {
		in, err := f.open(s.Start, s.End)
		if err == nil {
			defer in.Close()
			err = f.check(ctx)
		}
		switch {
		case ctx.Err() != nil:
			yield(origin.Row{}, ctx.Err())
		case err != nil:
			left := &origin.Left{Reason: origin.Unreadable, Detail: origin.WithoutPath(err)}
			yield(origin.Row{Start: s.Start, End: s.End, Size: s.End - s.Start, Left: left}, nil)
		default:
			f.rows(ctx, newLineReader(heeding{ctx, in}, s.Start, maxLine(f.options.MaxFileBytes)), yield)
		}
	}
}

// rows reads lines until the end of the piece. A line that is too long, or no row, comes
// as a row that cannot be had; blank lines do not come. After the last line it looks
// whether the file is still the one that was listed: if not, one row more says so, as some
// of the others may be of neither state.
func (f File) rows(ctx context.Context, r *lineReader, yield func(origin.Row, error) bool) {
	for {
		row := origin.Row{Start: r.offset}
		line, err := r.next()
		row.End, row.Size = r.offset, r.length
		switch {
		case ctx.Err() != nil:
			yield(origin.Row{}, ctx.Err())
			return
		case err == io.EOF && !f.changed():
			return
		case err == io.EOF:
			row.Size, row.Left = 0, &origin.Left{Reason: origin.Changed, Detail: "the file is not the one that was listed"}
		case errors.Is(err, errLineTooLong):
			row.Left = &origin.Left{Reason: origin.LineTooLong, Value: float64(r.length), Limit: float64(r.max)}
		case err != nil: // it has changed since it was checked
			row.Left = &origin.Left{Reason: origin.Unreadable, Detail: err.Error()}
		case row.Start == 0 && len(line) == 0 && r.padding > 0:
			row.Size, row.Left = r.padding, &origin.Left{Reason: origin.Malformed, Detail: "zero bytes instead of rows"}
		case len(bytes.TrimSpace(line)) == 0:
			continue
		default:
			row.Size = int64(len(line))
			row.Fields, row.Left = Decode(line)
		}
		more := err == nil || errors.Is(err, errLineTooLong)
		if !yield(row, nil) || !more {
			return
		}
	}
}
