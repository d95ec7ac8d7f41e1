package jsonl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

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

// maxExpanded is how many bytes a compressed file of this size may hold.
func maxExpanded(size int64) int64 { return max(freeExpansion, maxExpansion*size) }

var errExpansion = errors.New("decompresses to more than a thousand times its size")

// open returns the bytes of a piece, decompressed.
func (f File) open(start, end int64) (io.ReadCloser, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	r := &pieceReader{file: in, close: func() {}}
	switch filepath.Ext(f.path) {
	case ".gz":
		r.Reader, err = gzip.NewReader(in)
	case ".zst":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)); err == nil {
			r.Reader, r.close = z, z.Close
		}
	default:
		r.Reader = io.NewSectionReader(in, start, end-start)
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return r, nil
}

type pieceReader struct {
	io.Reader
	file  *os.File
	close func() // the decoder
}

func (r *pieceReader) Close() error {
	r.close()
	return r.file.Close()
}

// check reads a compressed file to its end, and with it every checksum that it
// has: gzip always, zstd where its writer wrote one.
func (f File) check(ctx context.Context) error {
	if !compressed(f.path) {
		return nil
	}
	return f.decompress(ctx, maxExpanded(f.size))
}

// decompress reads the file to its end, which comes after limit bytes at most.
func (f File) decompress(ctx context.Context, limit int64) error {
	in, err := f.open(0, f.size)
	if err != nil {
		return err
	}
	defer in.Close()
	for read := int64(0); ; {
		n, err := io.CopyN(io.Discard, in, 1<<20)
		read += n
		switch {
		case read > limit:
			return fmt.Errorf("%w: over %d bytes", errExpansion, limit)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// changed reports whether the file is another than the one that was listed.
func (f File) changed() bool {
	info, err := os.Stat(f.path)
	return err != nil || info.Size() != f.size || info.ModTime().UnixNano() != f.modified
}
