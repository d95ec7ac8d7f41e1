package jsonl

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

const (
	// maxWindow bounds what a compressed file may make the decoder hold.
	maxWindow = 128 << 20
	// maxBlock is about what the decoder of bzip2 holds: four bytes for each of a block,
	// which has 900,000 at most.
	maxBlock = 4 << 20
	// maxExpansion is how many times its size a compressed file may hold, over
	// and above freeExpansion. Rows of text come to 3 to 20 times; what comes
	// to more than this is made to fill disks.
	maxExpansion  = 1000
	freeExpansion = 1 << 30
)

// maxExpanded is how many bytes a compressed file of this size may hold: 1 GiB up to a
// size of 1 MiB, then a thousand times the size.
func maxExpanded(size int64) int64 { return max(freeExpansion, maxExpansion*size) }

// errExpansion says that a file holds more than maxExpanded.
var errExpansion = errors.New("decompresses to more than a thousand times its size")

// compression is a way in which files are compressed.
type compression struct {
	magic  string // the first bytes of such a file; no JSON begins so
	memory int64  // bytes that a decoder holds at most, beyond some kilobytes
	// decode returns what a compressed stream holds, and a function to be called when
	// that is no longer read.
	decode func(io.Reader) (io.Reader, func(), error)
}

// compressions is the table of them. To add one, write its line and decoder, and its
// ending into endings.
var compressions = []*compression{
	{"\x1f\x8b", 0, decodeGzip},
	{"\x28\xb5\x2f\xfd", maxWindow, decodeZstd},
	{"\xfd7zXZ\x00", maxWindow, decodeXZ},
	{"BZh", maxBlock, decodeBzip2},
}

// maxMagic is how many bytes tell how a file is compressed.
const maxMagic = 6

// compressionOf tells by its first bytes how a file is compressed, nil if it is not. What
// cannot be read counts as plain: who reads it finds out why. A name says nothing, as
// files are renamed and as servers and tools decompress in passing.
func compressionOf(file io.ReaderAt) *compression {
	head := make([]byte, maxMagic)
	n, _ := file.ReadAt(head, 0)
	head = head[:n]
	if n >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18" { // RFC 8878, section 3.1.2: zstd may begin with a skippable frame
		head = []byte("\x28\xb5\x2f\xfd")
	}
	for _, c := range compressions {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c
		}
	}
	return nil
}

// decodeGzip reads a gzip file of any number of members.
func decodeGzip(in io.Reader) (io.Reader, func(), error) {
	m := &members{in: bufio.NewReader(in)}
	return m, func() {}, m.begin()
}

// decodeZstd decodes in the goroutine that reads: the pieces of a crawl are read side by
// side already.
func decodeZstd(in io.Reader) (io.Reader, func(), error) {
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}

// decodeXZ fails to read where the file asks for a dictionary of more than maxWindow.
func decodeXZ(in io.Reader) (io.Reader, func(), error) {
	x, err := xz.NewReader(in, maxWindow)
	return x, func() {}, err
}

func decodeBzip2(in io.Reader) (io.Reader, func(), error) {
	return bzip2.NewReader(in), func() {}, nil
}

// members reads the members of a gzip file one after the other, as if it was one: files
// that were joined with cat have several. As with gzip(1), zero bytes may follow the last
// one: what is stored in blocks is padded with them. The gzip package by itself takes them
// for a damaged member.
type members struct {
	gzip.Reader
	in *bufio.Reader // the file, at the end of what the Reader has taken
}

// begin begins with the next member.
func (m *members) begin() error {
	err := m.Reset(m.in)
	m.Multistream(false)
	return err
}

// Read reads the present member, and at its end goes on with the next.
func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.Reader.Read(p)
		if n > 0 && err == io.EOF {
			err = nil // it comes again
		}
		if n > 0 || err != io.EOF {
			return n, err
		}
		if next, err := m.in.Peek(1); err != nil {
			return 0, err
		} else if next[0] == 0 {
			return 0, m.padding()
		}
		if err := m.begin(); err != nil {
			return 0, err
		}
	}
}

// padding reads to the end of the file: io.EOF if there is nothing but zero bytes.
func (m *members) padding() error {
	for {
		b, err := m.in.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			return gzip.ErrHeader
		}
	}
}

// open returns the bytes of the file from start to end-1, decompressed. The caller closes
// the reader.
func (f File) open(start, end int64) (io.ReadCloser, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	r := &pieceReader{Reader: io.NewSectionReader(in, start, end-start), file: in, close: func() {}}
	if f.compression != nil {
		if r.Reader, r.close, err = f.compression.decode(r.Reader); err != nil {
			in.Close()
			return nil, err
		}
	}
	return r, nil
}

// pieceReader closes decoder and file together.
type pieceReader struct {
	io.Reader
	file  *os.File
	close func() // the decoder
}

func (r *pieceReader) Close() error {
	r.close()
	return r.file.Close()
}

// check reads a compressed file to its end, and with it every checksum that it has: gzip
// and bzip2 always, zstd and xz where their writer wrote one.
func (f File) check(ctx context.Context) error {
	if f.compression == nil {
		return nil
	}
	return f.decompress(ctx, maxExpanded(f.size))
}

// decompress reads the file to its end and drops what it holds. It is an error if that is
// more than limit bytes; it looks after each megabyte, so that little more is decoded.
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

// changed reports whether the file is another than the one that was listed: it has another
// size or time of change, or cannot be found.
func (f File) changed() bool {
	info, err := os.Stat(f.path)
	return err != nil || info.Size() != f.size || info.ModTime().UnixNano() != f.modified
}
