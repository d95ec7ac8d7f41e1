package crawl

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work/vfs"
)

// mode is what a listed entry is.
type mode byte

const (
	regular    mode = iota
	symlink         // counted as Symlink
	submodule       // counted as Submodule
	notRegular      // counted as NotRegular
	unreadable      // counted as Unreadable
)

var modeReasons = [...]corpus.Reason{symlink: Symlink, submodule: Submodule, notRegular: NotRegular, unreadable: Unreadable}

// entry is one line of a repository's listing.
type entry struct {
	mode  mode
	path  string // slash-separated, relative
	size  int64
	mtime int64  // of a folder's file, nanoseconds
	blob  string // git's object id, hexadecimal; "" in folders
}

// tree is a repository that can be listed and read.
type tree interface {
	// list calls yield for every file in the order of the paths' bytes.
	list(ctx context.Context, yield func(entry) error) error
	// open prepares the reading of the entries of wanted, in their order.
	open(ctx context.Context, wanted iter.Seq[entry]) (blobs, error)
}

// blobs reads files one after another.
type blobs interface {
	// read returns the bytes of the next wanted entry, borrowed until the next
	// call. A *leftError says why this one cannot be had; other errors end it.
	read(e entry) ([]byte, error)
	close() error
}

// leftError is the failure to read one file.
type leftError struct {
	reason corpus.Reason
	detail string
}

func (e *leftError) Error() string { return string(e.reason) + ": " + e.detail }

// spillBytes is how much of a listing stays in memory.
const spillBytes = 16 << 20

// listing holds entries, encoded, and puts them into scratch space when they
// become many. It is written first, then read any number of times. Without
// create it keeps the beginning only, for the sake of the hash.
type listing struct {
	hash   hash.Hash
	create func() (vfs.File, error)
	buf    []byte
	file   vfs.File
	spilt  int64
	count  int
}

func newListing(create func() (vfs.File, error)) *listing {
	return &listing{hash: sha256.New(), create: create}
}

func (l *listing) add(e entry) error {
	start := len(l.buf)
	l.buf = appendEntry(l.buf, e)
	l.hash.Write(l.buf[start:])
	l.count++
	if len(l.buf) < spillBytes {
		return nil
	}
	if l.create == nil {
		l.buf = l.buf[:0]
		return nil
	}
	if l.file == nil {
		f, err := l.create()
		if err != nil {
			return err
		}
		l.file = f
	}
	n, err := l.file.Write(l.buf)
	l.spilt += int64(n)
	l.buf = l.buf[:0]
	return err
}

func appendEntry(b []byte, e entry) []byte {
	b = append(b, byte(e.mode))
	b = binary.AppendVarint(b, e.size)
	b = binary.AppendVarint(b, e.mtime)
	b = appendString(b, e.path)
	return appendString(b, e.blob)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// state names the state of a folder that has been listed.
func (l *listing) state() string { return "folder " + hex.EncodeToString(l.hash.Sum(nil)) }

// each iterates over the entries. Several iterations may run at once. A
// failing read of the scratch file ends the iteration and is left in *errp.
func (l *listing) each(errp *error) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		var spilt io.Reader = bytes.NewReader(nil)
		if l.file != nil {
			spilt = io.NewSectionReader(l.file, 0, l.spilt)
		}
		r := bufio.NewReaderSize(io.MultiReader(spilt, bytes.NewReader(l.buf)), 1<<16)
		for range l.count {
			e, err := readEntry(r)
			if err != nil {
				*errp = fmt.Errorf("listing in scratch space: %w", err)
				return
			}
			if !yield(e) {
				return
			}
		}
	}
}

func readEntry(r *bufio.Reader) (e entry, err error) {
	m, err := r.ReadByte()
	e.mode = mode(m)
	if err == nil {
		e.size, err = binary.ReadVarint(r)
	}
	if err == nil {
		e.mtime, err = binary.ReadVarint(r)
	}
	if err == nil {
		e.path, err = readString(r)
	}
	if err == nil {
		e.blob, err = readString(r)
	}
	return e, err
}

func readString(r *bufio.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > spillBytes {
		return "", fmt.Errorf("a string of %d bytes: %w", n, io.ErrUnexpectedEOF)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return string(b), err
}

func (l *listing) close() {
	if l.file != nil {
		l.file.Close()
	}
}
