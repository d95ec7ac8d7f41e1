package near

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/fanout"
)

// decider walks through the documents from the best to the worst and drops
// those that are similar to a kept one.
//
// It takes them in blocks. First all documents of a block are compared, side
// by side, with the candidates that stand before the block and were kept; then
// those that are left, side by side too, with the first of those in the block
// that are left; then, one after another, with the others in the block.
// As candidates are tried from the best to the worst, the first that a document
// is similar to is the best, and what comes out is what a walk one by one gives.
type decider struct {
	p              *phase
	ordinalOf      []uint32 // of units, by rank
	found          *Found
	gone           bitmap // by rank: dropped as similar to another
	entries        *units.Shelf
	pairs, members *peeker // by rank
	copies         *peeker
	buckets        map[uint64]*hotBucket
	memory         int64 // of the hot buckets, those to come too
	verifiers      chan *verifier
	out            units.Batch

	block []contender
	first uint32 // rank of the block's first document
}

// contender is a document with candidates.
type contender struct {
	rank       uint32
	candidates []uint32     // rising
	hot        []*hotBucket // that it is in

	foreseen   foreseen
	dropped    bool
	survivor   uint32
	similarity float64
}

// foreseen is what a document's similarity to one of its block is, if known.
type foreseen struct {
	rank       uint32
	similarity float64
	similar    bool
	known      bool
}

// hotBucket is an overfull bucket. Of those that were kept it holds a priority
// sample, rising: the ones with the least priorities, which are hashes.
type hotBucket struct {
	key  uint64
	kept []uint32
	most uint64 // the greatest priority of kept, once there are as many as may be
}

// priority orders the units of a bucket by chance, though always the same.
func (h *hotBucket) priority(rank uint32) uint64 { return sketch.Mix(h.key, uint64(rank)) }

// keep adds a unit that was kept, and returns how many more are held. Of more
// than limit those of the least priorities stay, so that each has the same
// chance, the first as the last: a unit that is similar to one of many is found
// by this bucket as likely wherever that one stands.
func (h *hotBucket) keep(rank uint32, limit int) (added int) {
	p := h.priority(rank)
	if len(h.kept) < limit {
		h.kept, h.most = append(h.kept, rank), max(h.most, p)
		return 1
	}
	if p >= h.most {
		return 0
	}
	kept, out := h.kept[:0], h.most
	h.most = p
	for _, r := range h.kept {
		if q := h.priority(r); q != out {
			kept, h.most = append(kept, r), max(h.most, q)
		}
	}
	h.kept = append(kept, rank)
	return 0
}

const (
	blockDocs       = 1024
	blockCandidates = 1 << 18
	hotBucketMemory = 120 // bytes of an empty one, with its entry in the map
)

// walk takes the units from the best to the worst and writes down what becomes
// of them.
func (p *phase) walk(ctx context.Context, ordinalOf []uint32, pairs, hot, copies, outcomes *extsort.Sorter, found *Found) (err error) {
	d := &decider{
		p: p, ordinalOf: ordinalOf, found: found, gone: newBitmap(p.Count()), entries: units.NewShelf(p.Shards, units.EntriesExt, units.OpenFiles),
		buckets: map[uint64]*hotBucket{}, out: units.Batch{To: outcomes}, verifiers: make(chan *verifier, p.readers),
		memory: found.HotBuckets * hotBucketMemory, // of all that will come, so that too little is known at once
	}
	defer d.entries.Close()
	sketches, sets := units.NewShelf(p.Shards, units.SketchesExt, units.OpenFiles), units.NewShelf(p.Shards, units.SetsExt, units.OpenFiles)
	defer sketches.Close()
	defer sets.Close()
	if d.pairs, err = peek(pairs); err != nil {
		return err
	}
	if d.members, err = peek(hot); err != nil {
		return err
	}
	if d.copies, err = peek(copies); err != nil {
		return err
	}
	for range p.readers {
		d.verifiers <- newVerifier(p, ordinalOf, sketches, sets)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := d.nextBlock(); err != nil {
			return err
		}
		if len(d.block) == 0 {
			break
		}
		if err := d.sideBySide(ctx, d.beforeBlock); err != nil {
			return err
		}
		if err := d.sideBySide(ctx, d.foresee); err != nil {
			return err
		}
		if err := d.withinBlock(); err != nil {
			return err
		}
	}
	if err := d.copiesBefore(uint64(len(ordinalOf))); err != nil {
		return err
	}
	close(d.verifiers)
	for v := range d.verifiers {
		found.Estimated += v.estimated
		found.Verified += v.verified
	}
	return d.out.Done(true)
}

// peeker reads sorted records that begin with a rank.
type peeker struct {
	c   *extsort.Cursor
	rec []byte // nil at the end
}

func peek(s *extsort.Sorter) (*peeker, error) {
	c, err := s.Sort()
	if err != nil {
		return nil, err
	}
	p := &peeker{c: c}
	return p, p.next()
}

func (p *peeker) next() (err error) {
	if p.rec, err = p.c.Next(); err == io.EOF {
		p.rec, err = nil, nil
	}
	return err
}

// rank returns the rank that the present record begins with, or a higher one
// than any at the end.
func (p *peeker) rank() uint64 {
	if p.rec == nil {
		return 1 << 32
	}
	return uint64(be32(p.rec))
}

// nextBlock reads the next documents with candidates; none at the end.
func (d *decider) nextBlock() error {
	d.block = d.block[:0]
	for n := 0; len(d.block) < blockDocs && n < blockCandidates; {
		rank := min(d.pairs.rank(), d.members.rank())
		if rank == 1<<32 {
			break
		}
		c := contender{rank: uint32(rank)}
		for ; d.pairs.rank() == rank; n++ {
			better := parsePair(d.pairs.rec).other
			if k := len(c.candidates); k == 0 || c.candidates[k-1] != better {
				c.candidates = append(c.candidates, better)
			}
			if err := d.pairs.next(); err != nil {
				return err
			}
		}
		d.found.Candidates += int64(len(c.candidates))
		for ; d.members.rank() == rank; n++ {
			key := parseHotMember(d.members.rec).key
			if d.buckets[key] == nil {
				d.buckets[key] = &hotBucket{key: key}
			}
			c.hot = append(c.hot, d.buckets[key])
			if err := d.members.next(); err != nil {
				return err
			}
		}
		d.block = append(d.block, c)
	}
	if len(d.block) > 0 {
		d.first = d.block[0].rank
	}
	if limit := d.p.sorting.Memory / 2; d.memory > limit { // what the bands took is free by now
		return fmt.Errorf("the overfull buckets need more than %d MiB: give more --memory, or a lower near.bucket_cap", limit>>20)
	}
	return nil
}

// candidates returns those a document is to be compared with: kept, and before
// the block or in it.
func (d *decider) candidates(c *contender, inBlock bool, to []uint32) []uint32 {
	to = to[:0]
	for _, r := range c.candidates {
		if r >= d.first == inBlock && !d.gone.has(r) {
			to = append(to, r)
		}
	}
	for _, h := range c.hot {
		n := len(to)
		for i := len(h.kept) - 1; i >= 0; i-- {
			r := h.kept[i]
			if inBlock && r < d.first {
				break
			}
			if r >= d.first == inBlock {
				to = append(to, r)
			}
		}
		if n < len(to) {
			to = sortedSet(to)
		}
	}
	return to
}

// sideBySide calls do for every document of the block.
func (d *decider) sideBySide(ctx context.Context, do func(v *verifier, c *contender) error) error {
	const chunk = 16
	return fanout.Each(ctx, d.p.readers, (len(d.block)+chunk-1)/chunk, func(ctx context.Context, i int) error {
		v := <-d.verifiers
		defer func() { d.verifiers <- v }()
		for j := i * chunk; j < min((i+1)*chunk, len(d.block)); j++ {
			if err := do(v, &d.block[j]); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

func (d *decider) beforeBlock(v *verifier, c *contender) error { return d.compare(v, c, false) }

// foresee compares a document that is left with the first of its candidates in
// the block that is left, which is the one that most often decides.
func (d *decider) foresee(v *verifier, c *contender) error {
	if c.dropped || c.rank < d.p.indexed {
		return nil
	}
	for _, r := range c.candidates {
		if r < d.first || d.gone.has(r) || d.outBefore(r) {
			continue
		}
		v.candidates = append(v.candidates[:0], r)
		_, similarity, similar, err := v.first(c.rank, v.candidates)
		c.foreseen = foreseen{r, similarity, similar, true}
		return err
	}
	return nil
}

// outBefore says whether a document of the block is similar to one before it.
func (d *decider) outBefore(rank uint32) bool {
	i := sort.Search(len(d.block), func(i int) bool { return d.block[i].rank >= rank })
	return i < len(d.block) && d.block[i].rank == rank && d.block[i].dropped
}

// compare looks for the first document that this one is similar to.
func (d *decider) compare(v *verifier, c *contender, inBlock bool) (err error) {
	if c.rank < d.p.indexed {
		return nil // none of the index is dropped
	}
	v.candidates = d.candidates(c, inBlock, v.candidates)
	better := v.candidates
	if f := c.foreseen; f.known && len(better) > 0 && better[0] == f.rank {
		if f.similar {
			c.survivor, c.similarity, c.dropped = f.rank, f.similarity, true
			return nil
		}
		better = better[1:]
	}
	c.survivor, c.similarity, c.dropped, err = v.first(c.rank, better)
	return err
}

func (d *decider) withinBlock() error {
	v := <-d.verifiers
	defer func() { d.verifiers <- v }()
	for i := range d.block {
		c := &d.block[i]
		if !c.dropped {
			if err := d.compare(v, c, true); err != nil {
				return err
			}
		}
		if err := d.copiesBefore(uint64(c.rank)); err != nil {
			return err
		}
		if err := d.settle(c); err != nil {
			return err
		}
	}
	return nil
}

// settle writes down what was decided on a document and its copies.
func (d *decider) settle(c *contender) error {
	if !c.dropped {
		for _, h := range c.hot {
			d.memory += 4 * int64(h.keep(c.rank, d.p.in.Near.BucketCap))
		}
		return nil // its copies come with the next copiesBefore
	}
	d.gone.set(c.rank)
	at, err := d.pos(c.survivor)
	if err != nil {
		return err
	}
	d.found.Near++
	if err := d.drop(nearCopy, c.rank, c.survivor, at, c.similarity); err != nil {
		return err
	}
	for d.copies.rank() == uint64(c.rank) {
		d.found.Near++
		if err := d.drop(nearCopy, parsePair(d.copies.rec).other, c.survivor, at, c.similarity); err != nil {
			return err
		}
		if err := d.copies.next(); err != nil {
			return err
		}
	}
	return nil
}

// copiesBefore drops the copies of all documents of a lower rank, which were
// kept: those of the others have been dealt with.
func (d *decider) copiesBefore(rank uint64) error {
	var (
		at   corpus.Pos
		last = uint64(1 << 32)
	)
	for d.copies.rank() < rank {
		best := d.copies.rank()
		if best != last {
			var err error
			if at, err = d.pos(uint32(best)); err != nil {
				return err
			}
			last = best
		}
		d.found.Exact++
		if err := d.drop(ExactCopy, parsePair(d.copies.rec).other, uint32(best), at, 1); err != nil {
			return err
		}
		if err := d.copies.next(); err != nil {
			return err
		}
	}
	return nil
}

// pos returns the position of a unit, for one of the index that of IndexPos.
func (d *decider) pos(rank uint32) (corpus.Pos, error) {
	shard, at := d.p.Find(d.ordinalOf[rank])
	if shard >= d.p.Own {
		return units.IndexPos(shard-d.p.Own, at), nil
	}
	var b [4]byte
	if err := d.entries.ReadAt(shard, b[:], at*units.EntrySize); err != nil {
		return 0, err
	}
	return corpus.At(shard, int64(be32(b[:]))), nil
}

// drop writes down that a unit is dropped for a survivor, which stands at a
// position, and that this stands for one more, unless it is of the index.
func (d *decider) drop(decision byte, rank, survivor uint32, at corpus.Pos, similarity float64) error {
	o := change{d.ordinalOf[rank], decision, at, similarity}
	d.out.Buf = o.append(d.out.Buf)
	if survivor >= d.p.indexed {
		o = change{ordinal: d.ordinalOf[survivor], decision: StandsFor}
		d.out.Buf = o.append(d.out.Buf)
	}
	return d.out.Done(false)
}

// sortedSet sorts ranks and drops repeated ones.
func sortedSet(ranks []uint32) []uint32 {
	slices.Sort(ranks)
	return slices.Compact(ranks)
}
