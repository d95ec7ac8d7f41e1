package crawl

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/work/vfs"
)

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

func (l *listing) add(e origin.Entry) error {
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

func appendEntry(b []byte, e origin.Entry) []byte {
	b = append(b, byte(e.Mode))
	b = binary.AppendVarint(b, e.Size)
	b = binary.AppendVarint(b, e.Modified)
	b = appendString(b, e.Path)
	return appendString(b, e.Blob)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// state names the state of a folder that has been listed.
func (l *listing) state() string { return "folder " + hex.EncodeToString(l.hash.Sum(nil)) }

// each iterates over the entries. Several iterations may run at once. A
// failing read of the scratch file ends the iteration and is left in *errp.
func (l *listing) each(errp *error) iter.Seq[origin.Entry] {
	return func(yield func(origin.Entry) bool) {
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

func readEntry(r *bufio.Reader) (e origin.Entry, err error) {
	m, err := r.ReadByte()
	e.Mode = origin.Mode(m)
	if err == nil {
		e.Size, err = binary.ReadVarint(r)
	}
	if err == nil {
		e.Modified, err = binary.ReadVarint(r)
	}
	if err == nil {
		e.Path, err = readString(r)
	}
	if err == nil {
		e.Blob, err = readString(r)
	}
	return e, err
}

func readString(r *bufio.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return "", err
	}
	if n > spillBytes {
		return "", fmt.Errorf("a string of %d bytes: %w", n, corpus.ErrCorrupt)
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
