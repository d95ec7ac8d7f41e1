package dedup

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"sort"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/fanout"
)

// Audit is how right the verdicts are, from samples of documents that their
// ids draw, the same in every run.
type Audit struct {
	// Dropped documents were looked at again. Wrong are those whose survivor is
	// not kept, as far as it was met with, or that are not as similar to it, by
	// the stored contents, as the verdict says.
	Dropped   int64   `json:"dropped"`
	Wrong     int64   `json:"wrong"`
	Precision float64 `json:"precision"` // 1 - Wrong/Dropped

	// RecallByCurve is the share of the near-duplicates that the bands find: each
	// one found stands for as many as the S-curve lets through one of.
	RecallByCurve float64 `json:"recall_by_curve,omitempty"`

	// Kept documents were compared with Scanned ones that were kept too, by
	// their sketches and the nearest by their sets. Missed of them are similar
	// to a better one. RecallBySearch is what that makes of the near-duplicates
	// if all of the kept are like these. The bands have no part in it.
	Kept           int64   `json:"kept,omitempty"`
	Scanned        int64   `json:"scanned,omitempty"`
	Missed         int64   `json:"missed,omitempty"`
	RecallBySearch float64 `json:"recall_by_search,omitempty"`
}

const (
	// auditPairs is how many pairs of sketches are compared at most, but for
	// those of one shard: a few seconds. Beyond, whole shards are drawn.
	auditPairs   = 1 << 28
	auditNearest = 4 // of the documents that a sampled one was compared with
)

// auditor looks into the stored sketches and sets, by position.
type auditor struct {
	*conclusion
	sketches corpus.Dir
	entry    *shelf
	sketch   *shelf
	set      *shelf
	probes   []*probe
	checked  map[corpus.Pos]bool // survivors of the sample: not met to be out
}

// probe is a sampled document that was kept.
type probe struct {
	at      corpus.Pos
	rank    []byte
	size    uint32
	sketch  []uint16
	nearest []neighbour
}

// neighbour is a better document that was kept as well.
type neighbour struct {
	at    corpus.Pos
	agree int
}

func (c *conclusion) audit(ctx context.Context) (*Audit, error) {
	dir := c.job.Work.Dir(c.job.Stage + "/sketches")
	a := &auditor{conclusion: c, sketches: dir, checked: map[corpus.Pos]bool{},
		entry: newShelf(dir, entriesExt, openFiles), sketch: newShelf(dir, sketchesExt, openFiles), set: newShelf(dir, setsExt, openFiles)}
	defer func() {
		for _, s := range []*shelf{a.entry, a.sketch, a.set} {
			s.close()
		}
	}()
	r := &Audit{Dropped: int64(len(c.dropped)), Kept: int64(len(c.kept)), Precision: 1}
	for _, s := range c.dropped {
		a.checked[s.Survivor] = true
	}
	if err := a.search(ctx, r); err != nil {
		return nil, err
	}
	for _, s := range c.dropped {
		right, err := a.confirm(s)
		if err != nil {
			return nil, err
		}
		if !right {
			r.Wrong++
		}
	}
	if r.Dropped > 0 {
		r.Precision = 1 - float64(r.Wrong)/float64(r.Dropped)
	}
	if c.near > 0 {
		r.RecallByCurve = float64(c.near) / c.expected
	}
	return r, nil
}

// confirm looks at a verdict once more.
func (a *auditor) confirm(s sample) (bool, error) {
	x, xe, err := a.find(s.At)
	if err != nil {
		return false, err
	}
	y, ye, err := a.find(s.Survivor)
	if err != nil {
		return false, err
	}
	order := a.d.c.Order
	if !a.checked[s.Survivor] || bytes.Compare(ye.appendRank(nil, order), xe.appendRank(nil, order)) > 0 {
		return false, nil
	}
	if s.Exact {
		return xe.contentID == ye.contentID, nil
	}
	j, err := a.jaccard(s.At.Shard(), x, s.Survivor.Shard(), y)
	return j == s.Similarity && j >= a.d.c.Near.Threshold, err
}

// find returns the number of a document in its shard of sketches.
func (a *auditor) find(at corpus.Pos) (number int64, e entry, err error) {
	name := corpus.ShardName(at.Shard())
	receipt, err := a.sketches.Receipt(name)
	if err != nil {
		return 0, e, err
	}
	read := func(i int) int64 {
		var b [entrySize]byte
		if err == nil {
			err = a.entry.readAt(at.Shard(), b[:], int64(i)*entrySize)
			e.parse(b[:])
		}
		return int64(e.row)
	}
	n := int(receipt.Files[0].Rows)
	i := sort.Search(n, func(i int) bool { return read(i) >= at.Row() })
	if i == n || read(i) != at.Row() {
		return 0, e, cmp.Or(err, fmt.Errorf("%w: no sketch of %s", corpus.ErrCorrupt, at))
	}
	return int64(i), e, err
}

// head returns the start of a document's sketch and the sketch itself.
func (a *auditor) head(shard int, number int64) (size uint32, offset int64, values []byte, err error) {
	b := make([]byte, a.d.sketchSize())
	err = a.sketch.readAt(shard, b, number*int64(len(b)))
	return binary.LittleEndian.Uint32(b), int64(binary.LittleEndian.Uint64(b[4:])), b[sketchHead:], err
}

func (a *auditor) jaccard(xShard int, x int64, yShard int, y int64) (float64, error) {
	var sets [2][]uint64
	for i, of := range [2]struct {
		shard  int
		number int64
	}{{xShard, x}, {yShard, y}} {
		size, offset, _, err := a.head(of.shard, of.number)
		if err != nil {
			return 0, err
		}
		b := make([]byte, 8*int(size))
		if err := a.set.readAt(of.shard, b, offset); err != nil {
			return 0, err
		}
		for ; len(b) > 0; b = b[8:] {
			sets[i] = append(sets[i], binary.LittleEndian.Uint64(b))
		}
	}
	return Jaccard(sets[0], sets[1]), nil
}

// search compares the sampled kept documents with others.
func (a *auditor) search(ctx context.Context, r *Audit) error {
	if len(a.kept) == 0 {
		return nil
	}
	for _, s := range a.kept {
		number, e, err := a.find(s.At)
		if err != nil {
			return err
		}
		p := &probe{at: s.At, rank: e.appendRank(nil, a.d.c.Order), sketch: make([]uint16, a.d.c.Near.Permutations)}
		size, _, values, err := a.head(s.At.Shard(), number)
		if err != nil {
			return err
		}
		p.size = size
		parseSketch(p.sketch, values)
		a.probes = append(a.probes, p)
	}
	all, shards := int64(0), a.drawShards()
	for _, n := range a.shingled {
		all += n
	}
	for _, s := range shards {
		r.Scanned += a.shingled[s]
	}
	if err := a.scanAll(ctx, shards); err != nil {
		return err
	}
	for _, p := range a.probes {
		missed, err := a.missed(p)
		if err != nil {
			return err
		}
		if missed {
			r.Missed++
		}
	}
	missed := float64(r.Missed) / float64(r.Kept) * float64(all)
	if r.RecallBySearch = 1; missed > 0 {
		missed *= float64(all) / float64(r.Scanned)
		r.RecallBySearch = float64(a.near) / (float64(a.near) + missed)
	}
	return nil
}

// drawShards returns the shards to compare with, in rising order.
func (a *auditor) drawShards() []int {
	order := make([]int, a.shards)
	for i := range order {
		order[i] = i
	}
	draw := func(shard int) uint64 { return corpus.Hash(0, "dedup audit shards", corpus.ID{}, uint64(shard)) }
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(draw(x), draw(y)) })
	n := int64(0)
	for i, s := range order {
		if n += a.shingled[s] * int64(len(a.probes)); n >= auditPairs {
			order = order[:i+1]
			break
		}
	}
	slices.Sort(order)
	return order
}

// scanAll collects the probes' nearest neighbours.
func (a *auditor) scanAll(ctx context.Context, shards []int) error {
	workers, err := a.job.Parallel(corpus.TableMemory)
	if err != nil {
		return err
	}
	found, out := make([][][]neighbour, len(shards)), make([][]corpus.Pos, len(shards))
	err = fanout.Each(ctx, workers, len(shards), func(ctx context.Context, i int) (err error) {
		found[i], out[i], err = a.scan(ctx, shards[i])
		return err
	})
	if err != nil {
		return err
	}
	for i := range shards {
		for k, list := range found[i] {
			for _, n := range list {
				a.probes[k].nearest = nearer(a.probes[k].nearest, n)
			}
		}
		for _, at := range out[i] {
			a.checked[at] = false
		}
	}
	return nil
}

// scan compares the probes with the kept documents of one shard. It also
// returns the survivors of the sample that are not kept.
func (a *auditor) scan(ctx context.Context, shard int) (found [][]neighbour, out []corpus.Pos, err error) {
	found = make([][]neighbour, len(a.probes))
	name := corpus.ShardName(shard)
	var files [2]*bufio.Reader
	for i, ext := range []string{entriesExt, sketchesExt} {
		r, err := a.sketches.Open(name, name+ext)
		if err != nil {
			return nil, nil, err
		}
		defer r.Close()
		files[i] = bufio.NewReaderSize(r, 1<<18)
	}
	var (
		row    int64
		e      entry
		rank   []byte
		record = make([]byte, entrySize)
		head   = make([]byte, a.d.sketchSize())
		sketch = make([]uint16, a.d.c.Near.Permutations)
		near   = newFilter(a.d.c.Near)
	)
	for v, err := range a.job.Work.Verdicts(path.Base(a.job.Stage), shard) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, nil, err
		}
		at := corpus.At(shard, row)
		row++
		if !v.Kept() && a.checked[at] {
			out = append(out, at)
		}
		if v.Reason == corpus.Before {
			continue
		}
		for i, b := range [][]byte{record, head} {
			if _, err := io.ReadFull(files[i], b); err != nil {
				return nil, nil, fmt.Errorf("%s: %w: %v", name, corpus.ErrCorrupt, err)
			}
		}
		size := binary.LittleEndian.Uint32(head)
		if size == 0 || !v.Kept() {
			continue
		}
		parseSketch(sketch, head[sketchHead:])
		rank = rank[:0]
		for k, p := range a.probes {
			agree, ok := near.pass(p, size, sketch)
			if !ok || p.at == at {
				continue
			}
			if len(rank) == 0 {
				e.parse(record)
				rank = e.appendRank(rank, a.d.c.Order)
			}
			if bytes.Compare(rank, p.rank) < 0 {
				found[k] = nearer(found[k], neighbour{at, agree})
			}
		}
	}
	return found, out, nil
}

// nearer adds to the auditNearest nearest.
func nearer(to []neighbour, n neighbour) []neighbour {
	i, _ := slices.BinarySearchFunc(to, n, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(b.agree, a.agree), cmp.Compare(a.at, b.at))
	})
	to = slices.Insert(to, i, n)
	return to[:min(len(to), auditNearest)]
}

// missed says whether a probe is similar to one of its neighbours.
func (a *auditor) missed(p *probe) (bool, error) {
	x, _, err := a.find(p.at)
	if err != nil {
		return false, err
	}
	for _, n := range p.nearest {
		y, _, err := a.find(n.at)
		if err != nil {
			return false, err
		}
		if j, err := a.jaccard(p.at.Shard(), x, n.at.Shard(), y); err != nil || j >= a.d.c.Near.Threshold {
			return err == nil, err
		}
	}
	return false, nil
}

// sketchFilter rules out most pairs by their sizes and the first values of
// their sketches.
type sketchFilter struct {
	ratio            float64
	first            int // values looked at first
	leastFirst, most int // that must agree of them, and of all
}

func newFilter(n Near) sketchFilter {
	first := min(32, n.Permutations)
	return sketchFilter{n.Threshold, first, leastAgreement(first, n.Threshold), leastAgreement(n.Permutations, n.Threshold)}
}

// leastAgreement is in how many of k values the sketches of documents at the
// threshold agree, less prefilter standard errors.
func leastAgreement(k int, threshold float64) int {
	n := float64(k)
	return int(math.Ceil(n * (threshold - prefilter*math.Sqrt(threshold*(1-threshold)/n))))
}

func (f sketchFilter) pass(p *probe, size uint32, sketch []uint16) (int, bool) {
	if float64(min(size, p.size)) < f.ratio*float64(max(size, p.size)) || agree(p.sketch[:f.first], sketch) < f.leastFirst {
		return 0, false
	}
	n := agree(p.sketch, sketch)
	return n, n >= f.most
}
