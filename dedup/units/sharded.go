package units

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// What is worked out over all units at once is written as one shard, from which the
// tasks of all shards of documents read. So that each can read its own part alone, a
// record begins with the ordinal of the unit that it is about, records are sorted by
// it, and a second file says where those of each shard begin:
//
//	<shard><ext>          the records, all of one size; a unit may have any number
//	<shard><ext>.starts   for each shard of documents, and once more at the end:
//	                      the offset of its first record, and the ordinal of its
//	                      first unit (8 bytes each, little-endian)
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

// ShardedWriter writes such a pair of files.
type ShardedWriter struct {
	records, starts *work.FileWriter
	first           []int64 // see CreateSharded
	begun           int     // of how many shards the start is written
}

// CreateSharded starts such a pair of files. first has the ordinal of the first unit
// of each shard of documents, and after them the number of all units: All.Starts, as
// far as it is about the run's own shards.
func CreateSharded(out *work.Output, ext string, first []int64) (*ShardedWriter, error) {
	records, err := out.Create(out.Shard() + ext)
	if err != nil {
		return nil, err
	}
	starts, err := out.Create(out.Shard() + ext + startsExt)
	return &ShardedWriter{records: records, starts: starts, first: first}, err
}

// Write adds the next record. Ordinals must not fall from one record to the next.
func (w *ShardedWriter) Write(ordinal int64, record []byte) error {
	if err := w.begin(ordinal); err != nil {
		return err
	}
	w.records.Rows++
	_, err := w.records.Write(record)
	return err
}

// begin writes the starts of all shards up to that of a unit.
func (w *ShardedWriter) begin(ordinal int64) error {
	for ; w.begun < len(w.first) && w.first[w.begun] <= ordinal; w.begun++ {
		if _, err := w.starts.Write(appendStart(nil, w.records.Offset(), w.first[w.begun])); err != nil {
			return err
		}
		w.starts.Rows++
	}
	return nil
}

// Close writes the starts that are missing still. It must be called when all records
// are written.
func (w *ShardedWriter) Close() error { return w.begin(w.first[len(w.first)-1]) }

// ShardedReader reads the records about one shard of documents, in their order.
type ShardedReader struct {
	File  *work.Reader
	First int64 // ordinal of the shard's first unit
	in    *bufio.Reader
	buf   []byte
}

// OpenSharded opens the records about one shard of documents, which have width bytes
// each. The caller closes the reader.
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
	in := bufio.NewReaderSize(io.NewSectionReader(f, at, end-at), 1<<16)
	return &ShardedReader{File: f, First: first, in: in, buf: make([]byte, width)}, nil
}

// Read returns the next record, valid until the next call; nil at the end.
func (r *ShardedReader) Read() ([]byte, error) { return ReadRecord(r.in, r.buf) }

// Close closes the file.
func (r *ShardedReader) Close() error { return r.File.Close() }

// ReadRecord fills a record and returns it; nil at the end. A file that ends within a
// record is [corpus.ErrCorrupt].
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
