package crawl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// span is a piece of a JSONL file that begins and ends with whole lines.
type span struct {
	path           string
	start, end     int64 // bytes; of a compressed file, all
	size, modified int64 // of the file as it was listed
}

var jsonlEndings = []string{".jsonl", ".jsonl.gz", ".jsonl.zst"}

func isJSONL(path string) bool {
	for _, end := range jsonlEndings {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// compressed reports whether a file is read through a decoder.
func compressed(path string) bool {
	ext := filepath.Ext(path)
	return ext == ".gz" || ext == ".zst"
}

const (
	// maxWindow bounds what a compressed file may make the decoder hold.
	maxWindow = 128 << 20
	// maxExpansion is how many times its size a compressed file may hold, over
	// and above freeExpansion. Rows of text come to 3 to 20 times; what comes
	// to more than this is made to fill disks.
	maxExpansion  = 1000
	freeExpansion = 1 << 30
)

var errExpansion = errors.New("decompresses to more than a thousand times its size")

// open returns the span's bytes, decompressed.
func (s span) open() (io.ReadCloser, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	r := &spanReader{file: f, close: func() {}}
	switch filepath.Ext(s.path) {
	case ".gz":
		r.Reader, err = gzip.NewReader(f)
	case ".zst":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)); err == nil {
			r.Reader, r.close = z, z.Close
		}
	default:
		r.Reader = io.NewSectionReader(f, s.start, s.end-s.start)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

type spanReader struct {
	io.Reader
	file  *os.File
	close func() // the decoder
}

func (r *spanReader) Close() error {
	r.close()
	return r.file.Close()
}

// check reads a compressed file to its end, and with it every checksum that it
// has: gzip always, zstd where its writer wrote one.
func (s span) check(ctx context.Context) error {
	if !compressed(s.path) {
		return nil
	}
	in, err := s.open()
	if err != nil {
		return err
	}
	defer in.Close()
	limit := max(freeExpansion, maxExpansion*s.size)
	for read := int64(0); ; {
		n, err := io.CopyN(io.Discard, in, 1<<20)
		read += n
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case read > limit:
			return fmt.Errorf("%w: over %d bytes", errExpansion, limit)
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// changed reports whether the file is another than the one that was listed.
func (s span) changed() bool {
	info, err := os.Stat(s.path)
	return err != nil || info.Size() != s.size || info.ModTime().UnixNano() != s.modified
}
