package tokenize

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// SpillFormat is the version of spill files.
//
//	1: the first
//
// A spill file holds the planned uses of the documents of one shard, each as a record
// with its tokens. Records are sorted in runs of about [spillBytes], as they come. With
// S output shards the file is, all numbers little-endian:
//
//	runs    the records of each run, by output shard, order, position and epoch
//	index   for each run S+1 × uint64: where in the file the records of each output
//	        shard begin, and where those of the last one end
//	footer  uint32 number of runs, uint32 S, uint32 SpillFormat, "spil"
//
// So what an output shard has in a run is one piece of the file. A record is
//
//	uint32 length of what follows, uint64 order, uint64 position, uint64 epoch,
//	uint32 part, uint8 form, uint8 whether its tokens were decoded and compared,
//	uint64 bytes of text, 16 bytes document id,
//	source, repo, path, licence, language: each uvarint length and bytes,
//	uint32 for every token
const SpillFormat = 1

const (
	spillMagic  = "spil"
	footerBytes = 16
	// spillBytes is about how much is sorted at once, in memory. The longer a run,
	// the fewer and longer pieces an output shard has to read.
	spillBytes = 32 << 20
)

// shuffleKey is where a use of a document comes in the global shuffle: by Order, a hash.
// Two uses may have the same hash; position and epoch tell them apart, so that the order
// is the same whatever the records' order in the spills.
type shuffleKey struct {
	Order uint64
	Pos   corpus.Pos
	Epoch int64
}

func (p shuffleKey) compare(o shuffleKey) int {
	return cmp.Or(cmp.Compare(p.Order, o.Order), cmp.Compare(p.Pos, o.Pos), cmp.Compare(p.Epoch, o.Epoch))
}

// record is one use of a document with its tokens, and all that the output says of it.
type record struct {
	shuffleKey
	Part    int // number of its part in the blend
	Form    Form
	Checked bool  // its tokens were decoded and compared
	Bytes   int64 // of the document's text as crawled
	ID      corpus.ID

	Source, Repo, Path, License, Language string

	ids []byte // the tokens, 4 bytes each, little-endian; a slice of what the record was read from
}

// Tokens returns how many tokens the record has.
func (r *record) Tokens() int { return len(r.ids) / 4 }

// appendRecord appends a record with these tokens as it is stored. r.ids is not used.
func appendRecord(b []byte, r *record, ids []uint32) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, r.Order)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Pos))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Epoch))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.Part))
	checked := byte(0)
	if r.Checked {
		checked = 1
	}
	b = append(b, byte(r.Form), checked)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Bytes))
	b = append(b, r.ID[:]...)
	for _, s := range []string{r.Source, r.Repo, r.Path, r.License, r.Language} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

// fixedBytes is the length of a record's fields before its strings.
const fixedBytes = 8 + 8 + 8 + 4 + 1 + 1 + 8 + 16

// parseRecord reads the record at the start of b and returns what follows it.
func parseRecord(b []byte) (r record, rest []byte, err error) {
	bad := fmt.Errorf("%w: spilled record", corpus.ErrCorrupt)
	if len(b) < 4 {
		return r, nil, bad
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if b = b[4:]; n > uint64(len(b)) || n < fixedBytes {
		return r, nil, bad
	}
	b, rest = b[:n], b[n:]
	r.Order = binary.LittleEndian.Uint64(b)
	r.Pos = corpus.Pos(binary.LittleEndian.Uint64(b[8:]))
	r.Epoch = int64(binary.LittleEndian.Uint64(b[16:]))
	r.Part = int(binary.LittleEndian.Uint32(b[24:]))
	r.Form, r.Checked = Form(b[28]), b[29] == 1
	r.Bytes = int64(binary.LittleEndian.Uint64(b[30:]))
	r.ID = corpus.ID(b[38:])
	b = b[fixedBytes:]
	for _, s := range []*string{&r.Source, &r.Repo, &r.Path, &r.License, &r.Language} {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return r, nil, bad
		}
		*s, b = string(b[k:k+int(n)]), b[k+int(n):]
	}
	if len(b)%4 != 0 || r.Form >= Padding {
		return r, nil, bad
	}
	r.ids = b
	return r, rest, nil
}

// spiller writes a spill file: add for each use, in any order, then close.
type spiller struct {
	w       *work.FileWriter
	shards  int       // output shards
	limit   int       // bytes of a run
	arena   []byte    // the run's records, in the order in which they came
	records []spilled // where in the arena they are
	index   []byte    // of the runs that are written, as it is stored
	runs    int       // how many these are
}

// spilled is where in the arena a record stands, and by what it is sorted.
type spilled struct {
	shard      int64
	key        shuffleKey
	start, end int
}

// newSpiller begins a spill file for so many output shards.
func newSpiller(w *work.FileWriter, shards int) *spiller {
	return &spiller{w: w, shards: shards, limit: spillBytes}
}

// add adds a use with its tokens, which are copied. It may write a run.
func (s *spiller) add(shard int64, r *record, ids []uint32) error {
	start := len(s.arena)
	s.arena = appendRecord(s.arena, r, ids)
	if len(s.arena)-start > math.MaxUint32 {
		return fmt.Errorf("%s: %s: %d tokens are too many for one document", r.Repo, r.Path, len(ids))
	}
	s.records = append(s.records, spilled{shard, r.shuffleKey, start, len(s.arena)})
	if len(s.arena) >= s.limit {
		return s.flush()
	}
	return nil
}

// flush writes what is in the arena as a run, by output shard and in the order of the
// shuffle, and notes in the index where each output shard begins.
func (s *spiller) flush() error {
	if len(s.records) == 0 {
		return nil
	}
	slices.SortFunc(s.records, func(a, b spilled) int {
		return cmp.Or(cmp.Compare(a.shard, b.shard), a.key.compare(b.key))
	})
	next := 0
	for b := range s.shards {
		s.index = binary.LittleEndian.AppendUint64(s.index, uint64(s.w.Offset()))
		for ; next < len(s.records) && s.records[next].shard == int64(b); next++ {
			if _, err := s.w.Write(s.arena[s.records[next].start:s.records[next].end]); err != nil {
				return err
			}
		}
	}
	s.index = binary.LittleEndian.AppendUint64(s.index, uint64(s.w.Offset()))
	s.runs++
	s.arena, s.records = s.arena[:0], s.records[:0]
	return nil
}

// close writes the last run, the index and the footer. The file itself is its Output's.
func (s *spiller) close() error {
	if err := s.flush(); err != nil {
		return err
	}
	if _, err := s.w.Write(s.index); err != nil {
		return err
	}
	foot := binary.LittleEndian.AppendUint32(nil, uint32(s.runs))
	foot = binary.LittleEndian.AppendUint32(foot, uint32(s.shards))
	foot = binary.LittleEndian.AppendUint32(foot, SpillFormat)
	_, err := s.w.Write(append(foot, spillMagic...))
	return err
}

// extent is a piece of a file: an offset and a number of bytes.
type extent struct{ at, size int64 }

// shardExtents returns where in a spill file of this size the records of an output
// shard are: one extent for each run that has any. shards is how many output shards
// the file must have been written for.
func shardExtents(r io.ReaderAt, size int64, shards, shard int) ([]extent, error) {
	bad := fmt.Errorf("%w: spill file of %d output shards", corpus.ErrCorrupt, shards)
	foot := make([]byte, footerBytes)
	if size < footerBytes {
		return nil, bad
	}
	if _, err := r.ReadAt(foot, size-footerBytes); err != nil {
		return nil, err
	}
	runs := int64(binary.LittleEndian.Uint32(foot))
	perRun := 8 * (int64(shards) + 1)
	index := size - footerBytes - runs*perRun
	if int(binary.LittleEndian.Uint32(foot[4:])) != shards || binary.LittleEndian.Uint32(foot[8:]) != SpillFormat ||
		string(foot[12:]) != spillMagic || index < 0 {
		return nil, bad
	}
	var extents []extent
	for run := range runs {
		var ends [16]byte
		if _, err := r.ReadAt(ends[:], index+run*perRun+8*int64(shard)); err != nil {
			return nil, err
		}
		from, to := int64(binary.LittleEndian.Uint64(ends[:])), int64(binary.LittleEndian.Uint64(ends[8:]))
		if from < 0 || from > to || to > index {
			return nil, bad
		}
		if from < to {
			extents = append(extents, extent{from, to - from})
		}
	}
	return extents, nil
}
