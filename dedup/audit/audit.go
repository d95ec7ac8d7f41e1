// Package audit says how right the verdicts are, by looking at samples of the
// dropped and of the kept documents again.
package audit

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
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

	// Kept documents were compared with Scanned ones that were kept too, by this
	// run or earlier ones of the index: by their sketches, and the nearest by
	// their sets. Missed of them are similar to a better one. RecallBySearch is
	// what that makes of the near-duplicates if all of the kept are like these.
	// The bands have no part in it.
	Kept           int64   `json:"kept,omitempty"`
	Scanned        int64   `json:"scanned,omitempty"`
	Missed         int64   `json:"missed,omitempty"`
	RecallBySearch float64 `json:"recall_by_search,omitempty"`
}

// Tally puts the audit into the stage's counts, from where it comes into ledger
// and card: see ledger.Audit.
func (a *Audit) Tally(c *ledger.Count, similar int64) {
	missed := func(recall float64) int64 {
		if recall == 0 {
			return 0
		}
		return int64(math.Round(float64(similar) * (1/recall - 1)))
	}
	// In any order: each has a value of its own.
	for value, n := range map[string]int64{
		ledger.AuditDropped: a.Dropped, ledger.AuditWrong: a.Wrong, ledger.AuditSimilar: similar,
		ledger.AuditMissedByCurve: missed(a.RecallByCurve), ledger.AuditMissedBySearch: missed(a.RecallBySearch),
	} {
		c.Tally(ledger.Audit, value, ledger.Amount{Docs: n})
	}
}

const (
	// auditPairs is how many pairs of sketches are compared at most, but for
	// those of one shard: a few seconds. Beyond, whole shards are drawn.
	auditPairs   = 1 << 28
	auditNearest = 4 // of the documents that a sampled one was compared with
)

// Sample is a document, and if it was dropped for which one.
type Sample struct {
	Draw       uint64     `json:"draw,omitempty"` // by which samples are taken, the least first
	At         corpus.Pos `json:"at"`
	Survivor   corpus.Pos `json:"survivor,omitempty"`
	Exact      bool       `json:"exact,omitempty"`
	Similarity float64    `json:"similarity,omitempty"`
}

func (s Sample) compare(t Sample) int {
	return cmp.Or(cmp.Compare(s.Draw, t.Draw), cmp.Compare(s.At, t.At))
}

// SampleSize is how many documents are sampled of those dropped, and of those
// kept.
const SampleSize = 200

// Draw is the number by which a document is Sampled or not.
func Draw(id corpus.ID) uint64 { return corpus.Hash(0, "dedup audit", id, 0) }

// Least adds to a sorted sample of the SampleSize least.
func Least(to []Sample, s Sample) []Sample {
	if len(to) == SampleSize {
		if s.compare(to[len(to)-1]) > 0 {
			return to
		}
		to = to[:len(to)-1]
	}
	i, _ := slices.BinarySearchFunc(to, s, Sample.compare)
	return slices.Insert(to, i, s)
}

// Input is what a finished stage's verdicts came to.
type Input struct {
	Near    near.Config
	Maker   *units.Maker
	Order   *units.Order
	Indexed []units.Shard // those of earlier runs that the run was compared with

	Dropped, Kept []Sample // sorted
	Shingled      []int64  // by shard: kept units that have shingles
	Similar       int64    // units that were dropped as similar to another
	// Expected is about how many similar ones there were for these: each counts
	// for one through the probability of its similarity to be found.
	Expected float64
}

// auditor looks into the stored sketches and sets, by position.
type auditor struct {
	Input
	job      work.Job
	sketches work.Dir
	entry    *units.Shelf
	sketch   *units.Shelf
	set      *units.Shelf
	probes   []*probe
	checked  map[corpus.Pos]bool // survivors of the sample: not met to be out
}

// located is where a document's sketch is: a shard of the shelves, those of the
// index after this run's, and the number there.
type located struct {
	shard  int
	number int64
	entry  units.Entry
	rank   []byte
}

// probe is a sampled document that was kept.
type probe struct {
	at      corpus.Pos
	rank    []byte
	sketch  sketch.Stored
	nearest []neighbour
}

// neighbour is a better document that was kept as well.
type neighbour struct {
	at    corpus.Pos
	agree int
}

// Run audits the finished shards of verdicts of the job's stage.
func Run(ctx context.Context, job work.Job, in Input) (*Audit, error) {
	dir := job.Sub(units.Sub).Dir()
	all, err := units.ShardsOf(dir)
	if err != nil {
		return nil, err
	}
	all = append(all, in.Indexed...)
	a := &auditor{Input: in, job: job, sketches: dir, checked: map[corpus.Pos]bool{},
		entry: units.NewShelf(all, units.EntriesExt, units.OpenFiles), sketch: units.NewShelf(all, units.SketchesExt, units.OpenFiles), set: units.NewShelf(all, units.SetsExt, units.OpenFiles)}
	defer func() {
		for _, s := range []*units.Shelf{a.entry, a.sketch, a.set} {
			s.Close()
		}
	}()
	r := &Audit{Dropped: int64(len(a.Dropped)), Kept: int64(len(a.Kept)), Precision: 1}
	for _, s := range a.Dropped {
		a.checked[s.Survivor] = true
	}
	if err := a.search(ctx, r); err != nil {
		return nil, err
	}
	for _, s := range a.Dropped {
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
	if a.Similar > 0 {
		r.RecallByCurve = float64(a.Similar) / a.Expected
	}
	return r, nil
}

// confirm looks at a verdict once more.
func (a *auditor) confirm(s Sample) (bool, error) {
	x, err := a.find(s.At)
	if err != nil {
		return false, err
	}
	y, err := a.find(s.Survivor)
	if err != nil {
		return false, err
	}
	if !a.checked[s.Survivor] || bytes.Compare(y.rank, x.rank) > 0 {
		return false, nil
	}
	if s.Exact {
		return x.entry.ContentID == y.entry.ContentID, nil
	}
	j, err := a.jaccard(x, y)
	return j == s.Similarity && j >= a.Near.Threshold, err
}

// find locates a document, or a repository by its first one.
func (a *auditor) find(at corpus.Pos) (l located, err error) {
	if units.IsIndexPos(at) {
		shard, number := units.SplitIndexPos(at)
		l.shard, l.number = len(a.Shingled)+shard, number
		err = a.readEntry(&l)
	} else {
		err = a.findRow(at, &l)
	}
	l.rank = l.entry.AppendRank(nil, a.Order, units.IsIndexPos(at))
	return l, err
}

func (a *auditor) readEntry(l *located) error {
	var b [units.EntrySize]byte
	err := a.entry.ReadAt(l.shard, b[:], l.number*units.EntrySize)
	l.entry.Parse(b[:])
	return err
}

// findRow finds the entry of a row.
func (a *auditor) findRow(at corpus.Pos, l *located) error {
	receipt, err := a.sketches.Receipt(corpus.ShardName(at.Shard()))
	if err != nil {
		return err
	}
	l.shard = at.Shard()
	n := int(receipt.Files[0].Rows)
	row := func(i int) int64 {
		l.number = int64(i)
		if err == nil {
			err = a.readEntry(l)
		}
		return int64(l.entry.Row)
	}
	i := sort.Search(n, func(i int) bool { return row(i) >= at.Row() })
	if i == n || row(i) != at.Row() {
		return cmp.Or(err, fmt.Errorf("%w: no sketch of %s", corpus.ErrCorrupt, at))
	}
	return err
}

// sketchOf returns a document's sketch.
func (a *auditor) sketchOf(l located) (sketch.Stored, error) {
	b := make([]byte, a.Maker.SketchSize())
	err := a.sketch.ReadAt(l.shard, b, l.number*int64(len(b)))
	s := sketch.Stored{Values: make([]uint16, a.Near.Permutations)}
	s.Parse(b)
	return s, err
}

func (a *auditor) setOf(l located) (set []uint64, scale uint8, err error) {
	s, err := a.sketchOf(l)
	if err != nil {
		return nil, 0, err
	}
	b := make([]byte, sketch.PackedSize(int(s.Size)))
	if err := a.set.ReadAt(l.shard, b, int64(s.Offset)); err != nil {
		return nil, 0, err
	}
	return sketch.ParsePacked(nil, b, int(s.Size)), s.Scale, nil
}

func (a *auditor) jaccard(x, y located) (float64, error) {
	one, oneScale, err := a.setOf(x)
	if err != nil {
		return 0, err
	}
	other, otherScale, err := a.setOf(y)
	if err != nil {
		return 0, err
	}
	return sketch.SampleJaccard(one, oneScale, other, otherScale), nil
}

// search compares the sampled kept documents with others.
func (a *auditor) search(ctx context.Context, r *Audit) error {
	if len(a.Kept) == 0 {
		return nil
	}
	for _, s := range a.Kept {
		l, err := a.find(s.At)
		if err != nil {
			return err
		}
		stored, err := a.sketchOf(l)
		if err != nil {
			return err
		}
		a.probes = append(a.probes, &probe{at: s.At, rank: l.rank, sketch: stored})
	}
	all, better := int64(0), slices.Clone(a.Shingled) // kept documents, and by shard those that may be better
	for _, n := range a.Shingled {
		all += n
	}
	for _, s := range a.Indexed {
		better = append(better, s.Rows)
	}
	candidates, shards := int64(0), a.drawShards(better)
	for _, n := range better {
		candidates += n
	}
	for _, s := range shards {
		r.Scanned += better[s]
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
		missed *= float64(candidates) / float64(r.Scanned)
		r.RecallBySearch = float64(a.Similar) / (float64(a.Similar) + missed)
	}
	return nil
}

// drawShards returns the shards to compare with, in rising order.
func (a *auditor) drawShards(documents []int64) []int {
	order := make([]int, len(documents))
	for i := range order {
		order[i] = i
	}
	draw := func(shard int) uint64 { return corpus.Hash(0, "dedup audit shards", corpus.ID{}, uint64(shard)) }
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(draw(x), draw(y)) })
	n := int64(0)
	for i, s := range order {
		if n += documents[s] * int64(len(a.probes)); n >= auditPairs {
			order = order[:i+1]
			break
		}
	}
	slices.Sort(order)
	return order
}

// scanAll collects the probes' nearest neighbours.
func (a *auditor) scanAll(ctx context.Context, shards []int) error {
	workers, err := a.job.Parallel(work.TableMemory)
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
	indexed := shard >= len(a.Shingled)
	var u *units.Reader
	if indexed {
		u, err = a.Maker.Open(a.Indexed[shard-len(a.Shingled)])
	} else {
		u, err = a.Maker.OpenVerdicts(a.job, shard)
	}
	if err != nil {
		return nil, nil, err
	}
	defer u.Close()
	found = make([][]neighbour, len(a.probes))
	var (
		rank   []byte
		filter = newFilter(a.Near)
	)
	for number := int64(0); ; number++ {
		ok, err := u.Next()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !ok {
			return found, out, err
		}
		at := corpus.At(shard, int64(u.Entry.Row))
		if indexed {
			at = units.IndexPos(shard-len(a.Shingled), number)
		}
		if !u.Verdict.Kept() && a.checked[at] {
			out = append(out, at)
		}
		if u.Sketch.ParseHead(u.Head); u.Sketch.Size == 0 || !u.Verdict.Kept() {
			continue
		}
		u.Sketch.Parse(u.Head)
		rank = u.Entry.AppendRank(rank[:0], a.Order, indexed)
		for k, p := range a.probes {
			agree, ok := filter.pass(&p.sketch, &u.Sketch)
			if ok && p.at != at && bytes.Compare(rank, p.rank) < 0 {
				found[k] = nearer(found[k], neighbour{at, agree})
			}
		}
	}
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
	x, err := a.find(p.at)
	if err != nil {
		return false, err
	}
	for _, n := range p.nearest {
		y, err := a.find(n.at)
		if err != nil {
			return false, err
		}
		if j, err := a.jaccard(x, y); err != nil || j >= a.Near.Threshold {
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

func newFilter(n near.Config) sketchFilter {
	first := min(32, n.Permutations)
	return sketchFilter{n.Threshold, first, near.LeastAgreement(first, n.Threshold), near.LeastAgreement(n.Permutations, n.Threshold)}
}

// pass returns in how many values two sketches agree, and whether that may do.
func (f sketchFilter) pass(a, b *sketch.Stored) (int, bool) {
	x, y := a.FullSize(), b.FullSize()
	if min(x, y) < f.ratio*max(x, y) || sketch.Agree(a.Values[:f.first], b.Values) < f.leastFirst {
		return 0, false
	}
	n := sketch.Agree(a.Values, b.Values)
	return n, n >= f.most
}
