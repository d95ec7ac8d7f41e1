package dedup

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/work"
)

// global is the phase over all documents. They are known by their index, in
// the order of their positions, or by their rank in the survivor order.
type global struct {
	d       *Dedup
	job     work.Job
	order   *survivorOrder
	shards  []shardAt // of sketches: one for each of the documents', then those of the index
	own     int       // how many of shards are not of the index
	indexed uint32    // documents of the index; they have the first ranks
	scratch *work.Scratch
	starts  []int64 // index of the first document of each shard, and how many there are
	sorters int64   // bytes of memory for sorting
	readers int     // verifiers at once

	rankOf []uint32 // by index; nil once the bands are written
	docOf  []uint32 // index by rank
	copied bitmap   // by rank: the same as a better one
	gone   bitmap   // by rank: dropped as a near-duplicate

	entries, sketches, sets *shelf

	pairs    *extsort.Sorter // (rank, rank of a better candidate), 4 bytes each
	crowds   *extsort.Sorter // (rank, key of an overfull bucket), 4 and 8 bytes
	copies   *extsort.Sorter // (rank, rank of a copy of it), 4 bytes each
	outcomes *extsort.Sorter // see outcome
	summary  Summary
}

type bitmap []uint64

func newBitmap(n int64) bitmap        { return make(bitmap, (n+63)/64) }
func (b bitmap) set(i uint32)         { b[i/64] |= 1 << (i % 64) }
func (b bitmap) has(i uint32) bool    { return b[i/64]>>(i%64)&1 != 0 }
func be32(b []byte) uint32            { return binary.BigEndian.Uint32(b) }
func put32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }
func put64(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }
func (g *global) count() int64        { return g.starts[len(g.starts)-1] }
func (g *global) sorter(width int, share int64) *extsort.Sorter {
	return extsort.New(width, g.sorters/share, g.scratch)
}

const (
	statePerDoc    = 8 + 1 // bytes: two ranks, two bits, rounded up
	verifierMemory = 4*8*sketch.MaxShingles + 8<<20
	leastSorting   = 16 << 20
	openFiles      = 200 // of each kind
)

// newGlobal lays out the phase over own shards of sketches, with the rows that
// each of them has, and those of the index, within the job's memory.
func newGlobal(d *Dedup, job work.Job, m *work.Manifest, order *survivorOrder, known *index, scratch *work.Scratch) (*global, error) {
	g := &global{d: d, job: job, order: order, own: len(m.Shards), scratch: scratch, starts: make([]int64, 1, len(m.Shards)+1)}
	g.shards = shardsOf(job.Work.Dir(m.Stage), len(m.Shards))
	for _, s := range m.Shards {
		g.starts = append(g.starts, g.count()+s.Rows)
	}
	fresh := g.count()
	for _, s := range known.shards() {
		g.shards, g.starts = append(g.shards, s.shardAt), append(g.starts, g.count()+s.rows)
	}
	n := g.count()
	if n > math.MaxUint32 {
		return nil, fmt.Errorf("%d documents, can compare %d at most", n, uint32(math.MaxUint32))
	}
	free := job.Memory - n*statePerDoc
	if free < leastSorting+verifierMemory {
		return nil, fmt.Errorf("comparing %d documents needs a memory of %d MiB at least, --memory gives %d MiB",
			n, (n*statePerDoc+leastSorting+verifierMemory)>>20+1, job.Memory>>20)
	}
	g.readers = int(max(1, min(int64(job.Workers), free/2/verifierMemory)))
	g.sorters = free - int64(g.readers)*verifierMemory
	g.copied, g.gone = newBitmap(n), newBitmap(n)
	g.indexed = uint32(n - fresh)
	g.entries, g.sketches, g.sets = newShelf(g.shards, entriesExt, openFiles), newShelf(g.shards, sketchesExt, openFiles), newShelf(g.shards, setsExt, openFiles)
	g.pairs, g.crowds, g.copies, g.outcomes = g.sorter(8, 8), g.sorter(12, 16), g.sorter(8, 16), g.sorter(outcomeSize, 8)
	g.summary = newSummary(d.c, fresh)
	g.summary.Indexed = n - fresh
	return g, nil
}

func (g *global) close() {
	for _, s := range []*shelf{g.entries, g.sketches, g.sets} {
		s.close()
	}
	for _, s := range []*extsort.Sorter{g.pairs, g.crowds, g.copies, g.outcomes} {
		s.Close()
	}
}

// run decides on all documents. The outcomes are then there to be read.
func (g *global) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{g.rank, g.splits, g.exact, g.band, g.decide} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// batch collects records for a sorter, so that adding them costs little.
type batch struct {
	to  *extsort.Sorter
	buf []byte
}

// done passes records on if there are many, or if there are any and all must.
func (b *batch) done(all bool) error {
	if len(b.buf) == 0 || !all && len(b.buf) < 32<<10 {
		return nil
	}
	err := b.to.Add(b.buf)
	b.buf = b.buf[:0]
	return err
}

// eachShard runs do on all shards of sketches side by side.
func (g *global) eachShard(ctx context.Context, do func(ctx context.Context, shard int) error) error {
	return g.eachOf(ctx, 0, len(g.shards), do)
}

// eachOf runs do on the shards from first on, up to end.
func (g *global) eachOf(ctx context.Context, first, end int, do func(ctx context.Context, shard int) error) error {
	return fanout.Each(ctx, g.job.Workers, end-first, func(ctx context.Context, i int) error {
		shard := first + i
		if err := do(ctx, shard); err != nil {
			return fmt.Errorf("%s: %w", g.shards[shard].name, err)
		}
		return nil
	})
}

// records reads a file of a shard of sketches, records of a fixed size, and
// calls do with each and its index.
func (g *global) records(ctx context.Context, shard int, ext string, size int, do func(index uint32, b []byte) error) error {
	name := g.shards[shard].name
	r, err := g.shards[shard].open(ext)
	if err != nil {
		return err
	}
	defer r.Close()
	in, b := bufio.NewReaderSize(r, 1<<18), make([]byte, size)
	for i := g.starts[shard]; i < g.starts[shard+1]; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := io.ReadFull(in, b); err != nil {
			return fmt.Errorf("%s%s: %w: %v", name, ext, corpus.ErrCorrupt, err)
		}
		if err := do(uint32(i), b); err != nil {
			return err
		}
	}
	return nil
}

// rank sorts the documents into the survivor order.
func (g *global) rank(ctx context.Context) error {
	s := g.sorter(rankKeySize+4, 2)
	defer s.Close()
	err := g.eachShard(ctx, func(ctx context.Context, shard int) error {
		add, e := batch{to: s}, entry{}
		err := g.records(ctx, shard, entriesExt, entrySize, func(index uint32, b []byte) error {
			e.parse(b)
			add.buf = put32(e.appendRank(add.buf, g.order, shard >= g.own), index)
			return add.done(false)
		})
		if err != nil {
			return err
		}
		return add.done(true)
	})
	if err != nil {
		return err
	}
	sorted, err := s.Sort()
	if err != nil {
		return err
	}
	g.rankOf, g.docOf = make([]uint32, g.count()), make([]uint32, 0, g.count())
	for r, err := range sorted.All() {
		if err != nil {
			return err
		}
		index := be32(r[rankKeySize:])
		g.rankOf[index] = uint32(len(g.docOf))
		g.docOf = append(g.docOf, index)
	}
	return nil
}

// exact finds the documents that are the same as a better one.
func (g *global) exact(ctx context.Context) error {
	const size = len(corpus.ID{})
	s := g.sorter(size+4, 2)
	defer s.Close()
	err := g.eachShard(ctx, func(ctx context.Context, shard int) error {
		add, e := batch{to: s}, entry{}
		err := g.records(ctx, shard, entriesExt, entrySize, func(index uint32, b []byte) error {
			e.parse(b)
			add.buf = put32(append(add.buf, e.contentID[:]...), g.rankOf[index])
			return add.done(false)
		})
		if err != nil {
			return err
		}
		return add.done(true)
	})
	if err != nil {
		return err
	}
	sorted, err := s.Sort()
	if err != nil {
		return err
	}
	copies := batch{to: g.copies}
	var content corpus.ID
	best := int64(-1) // of the documents with this content
	for r, err := range sorted.All() {
		if err != nil {
			return err
		}
		if id, rank := corpus.ID(r[:size]), be32(r[size:]); best < 0 || id != content {
			content, best = id, int64(rank)
		} else {
			g.copied.set(rank)
			if rank < g.indexed {
				continue
			}
			copies.buf = put32(put32(copies.buf, uint32(best)), rank)
			if err := copies.done(false); err != nil {
				return err
			}
		}
	}
	return copies.done(true)
}

// place returns the shard of a document and which of its documents it is.
func (g *global) place(rank uint32) (shard int, at int64) {
	index := int64(g.docOf[rank])
	shard = sort.Search(len(g.starts)-1, func(s int) bool { return g.starts[s+1] > index })
	return shard, index - g.starts[shard]
}

// pos returns the position of a document, for one of the index that of indexPos.
func (g *global) pos(rank uint32) (corpus.Pos, error) {
	shard, at := g.place(rank)
	if shard >= g.own {
		return indexPos(shard-g.own, at), nil
	}
	var b [4]byte
	if err := g.entries.readAt(shard, b[:], at*entrySize); err != nil {
		return 0, err
	}
	return corpus.At(shard, int64(be32(b[:]))), nil
}

// outcome is what becomes of one document, or one copy that it stands for.
type outcome struct {
	index      uint32
	kind       byte
	survivor   corpus.Pos // of a dropped one
	similarity float64
}

// outcomeSize is the length of an outcome: its fields in their order, big-endian.
const outcomeSize = 4 + 1 + 8 + 8

const (
	standsFor = iota // the document stands for one more
	exactCopy
	nearCopy
)

func (o *outcome) append(b []byte) []byte {
	b = append(put32(b, o.index), o.kind)
	return put64(put64(b, uint64(o.survivor)), math.Float64bits(o.similarity))
}

func (o *outcome) parse(b []byte) {
	*o = outcome{
		index: be32(b), kind: b[4], survivor: corpus.Pos(binary.BigEndian.Uint64(b[5:])),
		similarity: math.Float64frombits(binary.BigEndian.Uint64(b[13:])),
	}
}

// drop writes down that a document is dropped for a survivor, which stands at a
// position, and that this stands for one more, unless it is of the index.
func (g *global) drop(out *batch, kind byte, rank, survivor uint32, at corpus.Pos, similarity float64) error {
	o := outcome{g.docOf[rank], kind, at, similarity}
	out.buf = o.append(out.buf)
	if survivor >= g.indexed {
		o = outcome{index: g.docOf[survivor], kind: standsFor}
		out.buf = o.append(out.buf)
	}
	return out.done(false)
}

// sortedSet sorts ranks and drops repeated ones.
func sortedSet(ranks []uint32) []uint32 {
	slices.Sort(ranks)
	return slices.Compact(ranks)
}
