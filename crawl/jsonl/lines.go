package jsonl

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the longest line that is read: a text of the largest size with
// every byte escaped, and a megabyte for the other fields.
func maxLine(maxFileBytes int64) int64 { return 6*maxFileBytes + 1<<20 }

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
