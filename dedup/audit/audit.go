// Package audit measures how right the verdicts are: it looks again at a sample of
// the dropped documents and at a sample of the kept ones. At repository level read
// repository for document.
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

// Audit is how right the verdicts are. Which documents are sampled follows from their
// ids, so that every run over the same documents audits the same ones.
type Audit struct {
	// Precision is about the verdicts that drop a document. Dropped is how many of
	// them were checked: is the document as similar to its survivor, computed anew
	// from what is stored, as the verdict says, and does the survivor stand before it
	// in the order? Wrong is how many failed. A survivor that turned out to be
	// dropped itself, among the documents that the search below came across, makes
	// its verdict wrong too. Precision is 1 - Wrong/Dropped.
	Dropped   int64   `json:"dropped"`
	Wrong     int64   `json:"wrong"`
	Precision float64 `json:"precision"`

	// RecallByCurve is an estimate of the share of near-duplicates that were found,
	// from the similarities of those that were. The S-curve says how likely the
	// bands find a pair of a similarity; a pair found with probability 0.8 stands
	// for 1/0.8 = 1.25 pairs that there were. 0 where none was found.
	RecallByCurve float64 `json:"recall_by_curve,omitempty"`

	// RecallBySearch is an estimate of the same share that does not rest on the
	// bands. Kept is how many kept documents were searched for a better kept one
	// that they are similar to, among Scanned kept documents of this run and of the
	// index: by all sketches, and then by the sets of those nearest. Missed is how
	// many have one, so that they should have been dropped. The estimate takes all
	// kept documents to be like those sampled: with 2 of 200 missed, a run that
	// keeps 10,000 and dropped 900 as similar has missed about 100, and its recall
	// is 0.9.
	Kept           int64   `json:"kept,omitempty"`
	Scanned        int64   `json:"scanned,omitempty"`
	Missed         int64   `json:"missed,omitempty"`
	RecallBySearch float64 `json:"recall_by_search,omitempty"`
}

// Tally puts the audit into a stage's counts (ledger.Audit), from where ledger and
// dataset card have it. similar is how many documents were dropped as similar.
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
	// auditPairs is about how many pairs of sketches are compared, a few seconds of
	// work. Where there are more, shards are drawn at random until their pairs come to
	// this many; one shard at least is searched whole.
	auditPairs = 1 << 28
	// auditNearest is how many of the documents whose sketches agree most with a
	// sampled one's are compared with it by their sets.
	auditNearest = 4
)

// Sample is a sampled document with the verdict on it.
type Sample struct {
	Draw       uint64     `json:"draw,omitempty"`       // see [Draw]
	At         corpus.Pos `json:"at"`                   // the document
	Survivor   corpus.Pos `json:"survivor,omitempty"`   // of a dropped one; may be an IndexPos
	Exact      bool       `json:"exact,omitempty"`      // it was dropped as the same
	Similarity float64    `json:"similarity,omitempty"` // to the survivor, by the verdict
}

// compare orders samples by their draws; of equal ones by position.
func (s Sample) compare(t Sample) int {
	return cmp.Or(cmp.Compare(s.Draw, t.Draw), cmp.Compare(s.At, t.At))
}

// SampleSize is how many documents are sampled at most, of those dropped and of those
// kept. With 200, a share of 1 % is known to about 0.7 percentage points (one standard
// error).
const SampleSize = 200

// Draw is a hash of a document's id. The documents with the least draws are sampled.
func Draw(id corpus.ID) uint64 { return corpus.Hash(0, "dedup audit", id, 0) }

// Least adds a document to a sample: the [SampleSize] with the least draws, sorted.
// Samples of shards, merged by it in any order, are the sample of all.
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

// Input is what a finished stage's verdicts came to, and the settings that they were
// passed by.
type Input struct {
	Near    near.Config // with defaults
	Maker   *units.Maker
	Order   *units.Order
	Indexed []units.Shard // of earlier runs that the run was compared with

	Dropped, Kept []Sample // made by Least; Kept are documents that have shingles
	Shingled      []int64  // by shard of the run: how many kept units have shingles
	Similar       int64    // units that were dropped as similar to another
	// Expected is about how many similar units there were: the sum, over the Similar,
	// of 1/p, where p is the probability that the bands find a pair so similar.
	Expected float64
}

// auditor looks into the stored entries, sketches and sets, by position.
type auditor struct {
	Input
	job      work.Job
	sketches work.Dir     // the run's own
	entry    *units.Shelf // the shards of the run, then those of the index
	sketch   *units.Shelf // the same
	set      *units.Shelf // the same
	probes   []*probe     // one for each of Kept
	// checked has the survivors of the dropped sample. One becomes false when the
	// search comes across it and it is dropped itself.
	checked map[corpus.Pos]bool
}

// located is where a document's sketch is.
type located struct {
	shard  int   // number on the shelves
	number int64 // within the shard
	entry  units.Entry
	rank   []byte // by which two documents are told apart; see units.Entry.AppendRank
}

// probe is a sampled document that was kept and for which a better one is searched.
type probe struct {
	at      corpus.Pos
	rank    []byte
	sketch  sketch.Stored
	nearest []neighbour // the best first, auditNearest at most
}

// neighbour is a better document, kept as well, whose sketch agrees with a probe's.
type neighbour struct {
	at    corpus.Pos
	agree int // in how many values
}

// Run audits the finished shards of verdicts of the job's stage. It needs the sketches
// of the run and the index, and changes nothing.
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

// confirm reports whether a verdict that drops a document is right.
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

// find locates a document, or a repository by its first document.
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

// readEntry reads the entry of which shard and number are known.
func (a *auditor) readEntry(l *located) error {
	var b [units.EntrySize]byte
	err := a.entry.ReadAt(l.shard, b[:], l.number*units.EntrySize)
	l.entry.Parse(b[:])
	return err
}

// findRow finds the entry of a row of the run's documents, by bisection: entries are
// in the order of their rows.
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

// setOf returns a document's set, or a sample of it with its scale.
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

// jaccard returns the similarity of two documents, computed from their sets.
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

// search looks for better kept documents that the sampled kept ones are similar to, and
// fills in RecallBySearch and what it rests on.
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

// drawShards returns the shards to search, in rising order: those drawn by a hash of
// their number, until there are auditPairs pairs. documents is how many each has.
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

// scanAll searches some shards, several at once. It fills in the probes' nearest
// neighbours and takes from checked what is dropped.
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

// scan compares all probes with the kept documents of one shard. It returns the nearest
// better ones of each probe, and which of the checked survivors are dropped.
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

// nearer adds a neighbour to the auditNearest nearest, those that agree in most values.
func nearer(to []neighbour, n neighbour) []neighbour {
	i, _ := slices.BinarySearchFunc(to, n, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(b.agree, a.agree), cmp.Compare(a.at, b.at))
	})
	to = slices.Insert(to, i, n)
	return to[:min(len(to), auditNearest)]
}

// missed reports whether a probe is similar to one of its neighbours, by their sets.
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

// sketchFilter rules out most pairs at little cost: by the sizes of the sets, then by
// the first values of the sketches, then by all values.
type sketchFilter struct {
	ratio      float64 // least ratio of the sizes: the threshold
	first      int     // how many values are compared first
	leastFirst int     // how many of these must agree
	most       int     // how many of all must agree
}

func newFilter(n near.Config) sketchFilter {
	first := min(32, n.Permutations)
	return sketchFilter{n.Threshold, first, near.LeastAgreement(first, n.Threshold), near.LeastAgreement(n.Permutations, n.Threshold)}
}

// pass returns in how many values two sketches agree, and whether their documents may
// be similar.
func (f sketchFilter) pass(a, b *sketch.Stored) (int, bool) {
	x, y := a.FullSize(), b.FullSize()
	if min(x, y) < f.ratio*max(x, y) || sketch.Agree(a.Values[:f.first], b.Values) < f.leastFirst {
		return 0, false
	}
	n := sketch.Agree(a.Values, b.Values)
	return n, n >= f.most
}
