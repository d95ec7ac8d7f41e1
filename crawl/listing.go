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

// spillBytes is how many bytes of a listing stay in memory.
const spillBytes = 16 << 20

// listing is the list of a tree's entries. They are kept encoded, in memory, and in a
// scratch file when they become many. First all are added, then they are read, any
// number of times.
type listing struct {
	hash   hash.Hash                // of all entries
	create func() (vfs.File, error) // makes the scratch file; see newListing
	buf    []byte                   // entries that are not in the file
	file   vfs.File                 // nil while none is needed
	spilt  int64                    // bytes in file
	count  int                      // entries added
	gone   bool                     // entries are in neither
}

// newListing returns an empty listing. create makes a scratch file. Where it is nil, a
// long listing cannot be read: it serves for state and count alone.
func newListing(create func() (vfs.File, error)) *listing {
	return &listing{hash: sha256.New(), create: create}
}

// add adds an entry.
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
		l.gone = true
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

// keptBytes is how many bytes of the listings of all trees together are kept from when
// they were listed first.
const keptBytes = 16 << 20

// keep reports whether a listing is whole in memory, and there is room for it.
func (c *crawler) keep(l *listing) bool {
	if l.gone || c.kept.Add(int64(len(l.buf))) > keptBytes {
		return false
	}
	l.buf = append(make([]byte, 0, len(l.buf)), l.buf...)
	return true
}

// state identifies the state of a folder, all of whose entries have been added: it
// changes when a path, size or modification time does.
func (l *listing) state() string { return "folder " + hex.EncodeToString(l.hash.Sum(nil)) }

// each iterates over the entries in the order in which they were added. Several
// iterations may run at once. When the scratch file cannot be read the iteration ends
// and *errp is the error.
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
