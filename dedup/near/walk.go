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

// decider walks through the units from the best to the worst and drops those that
// are similar to a kept one.
//
// Whether a unit is compared with a candidate depends on what became of that one, so
// that the walk is one by one. Most of the work can still be done side by side. Units
// are taken in blocks of consecutive ranks:
//
//  1. side by side, all units of the block are compared with their candidates before
//     the block, whose outcome is known (beforeBlock);
//  2. side by side, each unit that is not dropped yet is compared with the first of
//     its candidates within the block that is not dropped yet (foresee). It is not
//     known yet whether that one will be kept, so the result is only noted;
//  3. one by one, in their order, the units that are not dropped yet are compared
//     with their candidates within the block that are kept (withinBlock). Where
//     step 2 has the comparison already, it is not made again.
//
// Candidates are tried from the best to the worst, and those before the block are
// better than all within it. So the first that a unit is similar to is the best one,
// and the outcome is that of a walk one by one.
type decider struct {
	p         *phase
	ordinalOf []uint32 // of units, by rank
	found     *Found   // counted on the way
	gone      bitmap   // ranks of the units dropped as similar to another
	entries   *units.Shelf
	pairs     *peeker               // of pair: the unit, and a better candidate
	members   *peeker               // of hotMember
	copies    *peeker               // of pair: a unit, and an exact copy of it
	buckets   map[uint64]*hotBucket // by key
	memory    int64                 // bytes of the hot buckets, with those still to come
	verifiers chan *verifier        // those that nobody uses now
	out       units.Batch           // of change

	block []contender
	first uint32 // rank of the block's first unit
}

// contender is a unit of the block: one that has candidates or is in a hot bucket.
type contender struct {
	rank       uint32
	candidates []uint32     // their ranks, rising: the best first
	hot        []*hotBucket // that it is in

	foreseen   foreseen
	dropped    bool
	survivor   uint32  // where it is dropped: the rank of the unit that it is similar to
	similarity float64 // to the survivor
}

// foreseen is the result of a comparison made ahead of its turn, with one candidate.
type foreseen struct {
	rank       uint32 // of the candidate
	similarity float64
	similar    bool
	known      bool // there was such a comparison
}

// hotBucket is a bucket of more than Config.BucketCap units. It holds a sample of its
// units that are kept so far: those with the least priorities, BucketCap at most.
type hotBucket struct {
	key  uint64   // of the band that its units share
	kept []uint32 // ranks, rising
	most uint64   // the greatest priority among kept
}

// priority is a hash of bucket and unit, by which the sample is drawn.
func (h *hotBucket) priority(rank uint32) uint64 { return sketch.Mix(h.key, uint64(rank)) }

// keep adds a unit that is kept, which must be worse than those added before. It
// returns how many more are held now, 0 or 1. Of more than limit units those with
// the least priorities stay. Every unit has the same chance to stay, the first as the
// last; holding the first ones instead would never find what is similar to a later
// one.
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
	blockDocs       = 1024    // units of a block, at most
	blockCandidates = 1 << 18 // their candidates and hot buckets, at which a block ends
	hotBucketMemory = 120     // bytes of an empty one, with its entry in the map
)

// walk takes the units from the best to the worst and writes the changes to
// outcomes. It counts into found, where the hot buckets are counted already.
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

// peeker reads sorted records that begin with a rank, one ahead.
type peeker struct {
	c   *extsort.Cursor
	rec []byte // the next record, valid until next is called; nil at the end
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

// rank returns the rank that the next record begins with; 1<<32, which is higher
// than any, at the end.
func (p *peeker) rank() uint64 {
	if p.rec == nil {
		return 1 << 32
	}
	return uint64(be32(p.rec))
}

// nextBlock reads the next units that have candidates or are in a hot bucket. The
// block is empty at the end.
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

// candidates returns the units that one is to be compared with, by rank, the best
// first: those not dropped so far that stand within the block, or before it. They go
// into the memory of to.
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

// sideBySide calls do for every unit of the block, several at once. do may change its
// own contender only.
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

// beforeBlock is step 1: see decider.
func (d *decider) beforeBlock(v *verifier, c *contender) error { return d.compare(v, c, false) }

// foresee is step 2: see decider. The first candidate is the one that decides most
// often.
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

// outBefore reports whether a unit of the block was dropped in step 1.
func (d *decider) outBefore(rank uint32) bool {
	i := sort.Search(len(d.block), func(i int) bool { return d.block[i].rank >= rank })
	return i < len(d.block) && d.block[i].rank == rank && d.block[i].dropped
}

// compare looks for the first unit, within the block or before it, that this one is
// similar to, and notes it.
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

// withinBlock is step 3: see decider.
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

// settle writes down what was decided on a unit. If it is dropped its exact copies
// are dropped too, as similar to the same survivor. If it is kept they are dropped
// for it, by the next copiesBefore.
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

// copiesBefore drops the exact copies of all units of a lower rank whose copies are
// still there: these units are kept, as settle has taken the copies of the others.
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

// pos returns the position of a unit: where its first document stands, or an IndexPos
// for a unit of the index.
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

// drop writes two changes: that a unit is dropped for a survivor, which stands at the
// position at, and that the survivor stands for one more. The latter is left out for
// a survivor of the index. The units go by their ranks.
func (d *decider) drop(decision byte, rank, survivor uint32, at corpus.Pos, similarity float64) error {
	o := change{d.ordinalOf[rank], decision, at, similarity}
	d.out.Buf = o.append(d.out.Buf)
	if survivor >= d.p.indexed {
		o = change{ordinal: d.ordinalOf[survivor], decision: StandsFor}
		d.out.Buf = o.append(d.out.Buf)
	}
	return d.out.Done(false)
}

// sortedSet sorts ranks and takes out repeated ones, in place.
func sortedSet(ranks []uint32) []uint32 {
	slices.Sort(ranks)
	return slices.Compact(ranks)
}
