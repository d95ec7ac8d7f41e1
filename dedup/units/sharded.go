package units

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// Records about documents of all shards stand in one file, each beginning with
// its document's ordinal and sorted by it, so that those about one shard can be
// read alone:
//
//	<shard><ext>          the records
//	<shard><ext>.starts   for each shard of documents, and once more behind the
//	                      last, where its records begin and the ordinal of its
//	                      first document (8 bytes each, little-endian)
const (
	// AllShard names the one shard of a need that is made from all documents.
	AllShard  = "all"
	startsExt = ".starts"
	startSize = 8 + 8
)

func appendStart(b []byte, at, first int64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, uint64(at)), uint64(first))
}

func parseStart(b []byte) (at, first int64) {
	return int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
}

// ShardedWriter writes such a file.
type ShardedWriter struct {
	records, starts *work.FileWriter
	first           []int64 // ordinal of the first document of each shard, and how many documents there are
	begun           int     // how many of first are written down
}

// CreateSharded starts such a file of a shard. First is the ordinal of the first
// document of each shard of documents, and how many there are.
func CreateSharded(out *work.Output, ext string, first []int64) (*ShardedWriter, error) {
	records, err := out.Create(out.Shard() + ext)
	if err != nil {
		return nil, err
	}
	starts, err := out.Create(out.Shard() + ext + startsExt)
	return &ShardedWriter{records: records, starts: starts, first: first}, err
}

// Write adds the next record, which is about the document of this ordinal.
func (w *ShardedWriter) Write(ordinal int64, record []byte) error {
	if err := w.begin(ordinal); err != nil {
		return err
	}
	w.records.Rows++
	_, err := w.records.Write(record)
	return err
}

// begin writes down where the shards begin, up to that of a document.
func (w *ShardedWriter) begin(ordinal int64) error {
	for ; w.begun < len(w.first) && w.first[w.begun] <= ordinal; w.begun++ {
		if _, err := w.starts.Write(appendStart(nil, w.records.Offset(), w.first[w.begun])); err != nil {
			return err
		}
		w.starts.Rows++
	}
	return nil
}

// Close ends the file when all records are written.
func (w *ShardedWriter) Close() error { return w.begin(w.first[len(w.first)-1]) }

// ShardedReader reads the records about one shard of documents.
type ShardedReader struct {
	File  *work.Reader
	in    *bufio.Reader
	buf   []byte
	First int64 // ordinal of the shard's first document
}

// OpenSharded opens the records, of this many bytes, about one shard of
// documents.
func OpenSharded(from Shard, ext string, width, shard int) (*ShardedReader, error) {
	starts, err := from.Open(ext + startsExt)
	if err != nil {
		return nil, err
	}
	defer starts.Close()
	var b [2 * startSize]byte
	if _, err := starts.ReadAt(b[:], startSize*int64(shard)); err != nil {
		return nil, fmt.Errorf("%s/%s%s: %w: %w", from.Dir.Name(), from.Name, ext+startsExt, corpus.ErrCorrupt, err)
	}
	at, first := parseStart(b[:])
	end, _ := parseStart(b[startSize:])
	f, err := from.Open(ext)
	if err != nil {
		return nil, err
	}
	return &ShardedReader{f, bufio.NewReaderSize(io.NewSectionReader(f, at, end-at), 1<<16), make([]byte, width), first}, nil
}

// Read returns the next record, valid until the next call, or nil at the end.
func (r *ShardedReader) Read() ([]byte, error) { return ReadRecord(r.in, r.buf) }

// Close closes the file.
func (r *ShardedReader) Close() error { return r.File.Close() }

// ReadRecord fills a record, or returns nil at the end.
func ReadRecord(from *bufio.Reader, record []byte) ([]byte, error) {
	_, err := io.ReadFull(from, record)
	if err == io.EOF {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", corpus.ErrCorrupt, err)
	}
	return record, nil
}
