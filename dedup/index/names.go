package index

import (
	"encoding/binary"
	"fmt"
	"iter"
	"path"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/work"
)

// Known names a survivor that is in the index: a document of an earlier run for which
// one of this run was dropped. A verdict cannot point to it, as it is in no shard of
// the run; this table stands beside the verdicts instead. Names are written out, so that
// the verdicts can be explained when the index is not at hand.
type Known struct {
	Row    int64  // of the dropped document, in the shard
	Run    string // that added the survivor to the index
	Source string
	Repo   string
	Path   string // "" where the survivor is a repository
}

// knownExt ends the name of the table of a shard's [Known] survivors, which is
// there where the pass has an index.
const knownExt = ".known.parquet"

var knownColumns = table.Schema[Known]{
	{Name: "row", Type: table.Ints, At: func(k *Known) any { return &k.Row }},
	{Name: "run", Type: table.Names, At: func(k *Known) any { return &k.Run }},
	{Name: "source", Type: table.Names, At: func(k *Known) any { return &k.Source }},
	{Name: "repo", Type: table.Names, At: func(k *Known) any { return &k.Repo }},
	{Name: "path", Type: table.Blobs, At: func(k *Known) any { return &k.Path }},
}

// KnownSurvivors iterates over the documents of a shard that were dropped for one of
// the index, in their order. dir is the folder of the verdicts. There are none where
// the pass had no index.
func KnownSurvivors(dir work.Dir, shard int) iter.Seq2[Known, error] {
	return func(yield func(Known, error) bool) {
		name := corpus.ShardName(shard)
		receipt, err := dir.Receipt(name)
		if err != nil {
			yield(Known{}, err)
			return
		}
		if _, ok := receipt.File(name + knownExt); ok {
			work.ReadTable(dir, name, knownExt, knownColumns)(yield)
		}
	}
}

// KnownWriter writes a shard's table of known survivors.
type KnownWriter struct {
	names *Names
	t     *work.TableFile[Known]
}

// CreateKnown starts the table of a shard. Without an index it returns nil, which
// writes nothing.
func CreateKnown(names *Names, out *work.Output) (*KnownWriter, error) {
	if names == nil {
		return nil, nil
	}
	t, err := work.CreateTable(out, knownExt, knownColumns)
	return &KnownWriter{names, t}, err
}

// Add writes down the survivor of a row, whose position is an index's (units.IndexPos).
// Rows must rise.
func (w *KnownWriter) Add(row int64, survivor corpus.Pos) error {
	k, err := w.names.Of(survivor)
	if err != nil {
		return err
	}
	k.Row = row
	return w.t.Write(&k)
}

// Close ends the table, before the task returns.
func (w *KnownWriter) Close() error {
	if w == nil {
		return nil
	}
	return w.t.Close()
}

// Names looks up what the units of an index are called. A nil one is that of no index. It
// opens files as they are needed, and keeps some of them open.
type Names struct {
	list          []units.Shard // see [Index.Shards]
	names, places *units.Shelf  // their files, by number in list
}

// OpenNames opens the names for one of the job's tasks. The caller closes them.
func (x *Index) OpenNames(job work.Job) *Names {
	if x == nil {
		return nil
	}
	return &Names{x.list, units.NewShelf(x.list, namesExt, units.OpenFilesOfTask(job)), units.NewShelf(x.list, placesExt, units.OpenFilesOfTask(job))}
}

// Close closes the files.
func (n *Names) Close() {
	if n != nil {
		n.names.Close()
		n.places.Close()
	}
}

// Of looks up a unit of the index by its position (units.IndexPos). Row of what it returns
// is 0: it is for the caller to set.
func (n *Names) Of(at corpus.Pos) (k Known, err error) {
	shard, number := units.SplitIndexPos(at)
	var p [nameAtSize]byte
	if err := n.places.ReadAt(shard, p[:], number*nameAtSize); err != nil {
		return k, err
	}
	of := parseNameAt(p[:])
	b := make([]byte, of.size)
	if err := n.names.ReadAt(shard, b, int64(of.offset)); err != nil {
		return k, err
	}
	s := n.list[shard]
	k.Run = path.Base(s.Dir.Name())
	if !parseNames(b, &k.Source, &k.Repo, &k.Path) {
		return k, fmt.Errorf("%s/%s%s: %w", s.Dir.Name(), s.Name, namesExt, corpus.ErrCorrupt)
	}
	return k, nil
}

// nameAt is where in the file of names those of a unit stand.
type nameAt struct {
	offset uint64 // bytes from the start of the file
	size   uint32 // bytes of all three names with their lengths
}

// nameAtSize is the length of a nameAt: its fields in their order, little-endian.
const nameAtSize = 8 + 4

func (n nameAt) append(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(b, n.offset), n.size)
}

func parseNameAt(b []byte) nameAt {
	return nameAt{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:])}
}

// appendNames appends names, each with its length before it: "a", "bc" are 1 a 2 b c.
func appendNames(b []byte, names ...string) []byte {
	for _, s := range names {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

// parseNames reads what appendNames wrote; it reports false for anything else.
func parseNames(b []byte, names ...*string) bool {
	for _, to := range names {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return false
		}
		*to = string(b[used : used+int(n)])
		b = b[used+int(n):]
	}
	return len(b) == 0
}
