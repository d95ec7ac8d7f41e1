package jsonl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"

	"github.com/codemill/codemill/crawl/origin"
)

// maxLine is the longest line that is read: a text of the largest size with
// every byte escaped, and a megabyte for the other fields.
func maxLine(maxFileBytes int64) int64 { return 6*maxFileBytes + 1<<20 }

// errLineTooLong says that a line was skipped.
var errLineTooLong = errors.New("line is too long")

// lineReader reads lines of a bounded length. Zero bytes at the end of the file belong to
// none: writers that crash, and those that reserve space, leave them there. Zero bytes
// before other bytes are part of their line.
type lineReader struct {
	r       *bufio.Reader
	buf     []byte // the last line, as far as it is not too long
	max     int64  // bytes of the longest line that is read
	offset  int64  // of the next line, in the file or in what it holds
	length  int64  // of the last line, also of one that was skipped; its end not counted
	padding int64  // zero bytes at the end of the file, once that was reached
}

// heeding reads until it is told to stop: it asks before each piece, as a line may be as long
// as the file.
type heeding struct {
	ctx context.Context
	r   io.Reader
}

func (h heeding) Read(p []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.r.Read(p)
}

// newLineReader reads what r gives, whose first byte has this offset. It need not be the
// start of a line.
func newLineReader(r io.Reader, offset, limit int64) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 1<<17), offset: offset, max: limit}
}

// next returns a line without its end ("\n" or "\r\n") and without a byte order mark at its
// start, borrowed until the next call. The last line may lack its end; after it comes
// io.EOF. A line that is too long is errLineTooLong, and reading can go on. Any other error
// is that of reading, and comes without the line that it cut short.
//
// A long line comes in several parts, as the buffer is filled. Zero bytes at the end of a
// part are held back until other bytes or the line's end show that they are of the line: a
// sparse file may have terabytes of them, which are counted and not stored.
func (l *lineReader) next() ([]byte, error) {
	l.buf, l.length = l.buf[:0], 0
	zeros := int64(0) // how many are held back
	for {
		part, err := l.r.ReadSlice('\n')
		l.offset += int64(len(part))
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		text := part
		if !ended {
			text = bytes.TrimRight(part, "\x00")
		}
		if len(text) > 0 || ended {
			l.length += zeros + int64(len(text))
			if l.length <= l.max {
				l.buf = append(append(l.buf, make([]byte, zeros)...), text...)
			}
			zeros = 0
		}
		zeros += int64(len(part) - len(text))
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && l.length+zeros > 0:
			l.padding = zeros
		case err != nil:
			return nil, err
		}
		if l.length > l.max {
			return nil, errLineTooLong
		}
		line := bytes.TrimSuffix(l.buf, []byte{'\r'})
		return bytes.TrimPrefix(line, []byte("\ufeff")), nil
	}
}

// Lines reads the lines of a file, plain or compressed, also the blank ones: of any text,
// such as a list of repositories. A line is borrowed until the loop body ends. An error, as
// where a line has more than limit bytes, is the last thing to come.
func Lines(ctx context.Context, path string, limit int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := listed(path, origin.Options{})
		if err == nil {
			err = f.check(ctx)
		}
		var in io.ReadCloser
		if err == nil {
			in, err = f.open(0, f.size)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		for r := newLineReader(heeding{ctx, in}, 0, limit); ; {
			line, err := r.next()
			if err == io.EOF || !yield(line, err) || err != nil {
				return
			}
		}
	}
}
