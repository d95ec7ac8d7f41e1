package dedup

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/audit"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

// conclusion is the last step. It puts the tallies of all shards together, compares
// them with the limits, audits a sample and completes the summary.
type conclusion struct {
	*runner
	shards  int // of documents
	summary *Summary

	worst     [3][]standing // by dimension, at most worstShown each, the worst first
	largest   *Cluster      // over all shards, as below; see tally for what each is
	largestAt corpus.Pos
	near      int64
	expected  float64
	shingled  []int64 // by shard
	dropped   []audit.Sample
	kept      []audit.Sample
	languages map[string]bool // those of Config.Languages that documents have
}

// standing is what a group comes to over all shards, under the hash of its name: names
// are looked up again only for the groups that are shown.
type standing struct {
	key                [groupKeySize]byte // of groupRecord
	documents, dropped int64
	at                 [groupExamples][2]uint32 // shard and number of the first tallies that have examples
	n                  int                      // how many of at are set
}

// share is what was dropped of the group.
func (s standing) share() float64 { return float64(s.dropped) / float64(s.documents) }

const (
	groupKeySize = 1 + 15 // the dimension, and 15 bytes of the name's SHA-256
	worstShown   = 3      // groups of each dimension
)

// groupRecord is a group of one shard's tally. Sorted, those of one group stand
// together, in the order of shards.
type groupRecord struct {
	key                [groupKeySize]byte // dimension and hash of the name
	shard, number      uint32             // the tally's shard, and the group's number in it
	documents, dropped uint32
}

// groupRecordSize is the length of a groupRecord: its fields in their order,
// big-endian.
const groupRecordSize = groupKeySize + 4 + 4 + 4 + 4

func (g *groupRecord) append(b []byte) []byte {
	b = append(b, g.key[:]...)
	for _, n := range []uint32{g.shard, g.number, g.documents, g.dropped} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func (g *groupRecord) parse(b []byte) {
	n := func(i int) uint32 { return binary.BigEndian.Uint32(b[groupKeySize+4*i:]) }
	*g = groupRecord{[groupKeySize]byte(b), n(0), n(1), n(2), n(3)}
}

// conclude writes the summary of a stage whose shards of verdicts are all there. Limits
// that are passed, languages without documents and a failed audit are warnings; with
// limits.on_breach: stop a breach is a [BreachError].
func (r *runner) conclude(ctx context.Context, shards int, out *work.Output) error {
	d, job := r.d, r.job
	var found near.Found
	if err := job.Sub(near.Sub).Dir().ReadJSON(units.AllShard, units.AllShard+".json", &found); err != nil {
		return err
	}
	s := newSummary(d.c, found)
	c := &conclusion{runner: r, shards: shards, summary: &s, shingled: make([]int64, shards), languages: map[string]bool{}}
	err := units.InScratch(job, "limits", func(scratch *work.Scratch) error { return c.groups(ctx, scratch) })
	if err != nil {
		return err
	}
	groups, breaches, err := c.limits(ctx)
	if err != nil {
		return err
	}
	s.Worst, s.LargestCluster, s.Breaches = groups, c.largest, breaches
	if len(breaches) > 0 && d.c.Limits.OnBreach == Stop {
		return &BreachError{breaches}
	}
	for _, b := range breaches {
		job.Warnf("%s", b)
	}
	for _, l := range d.c.Languages {
		if choice.Value(l) != "" && !c.languages[l] {
			job.Warnf("languages: no document is in %q", l)
		}
	}
	if n := s.SplitRepositories; n > 0 {
		job.Warnf("%d repositories do not stand together in the documents: each piece of them was compared by itself", n)
	}
	s.Audit, err = audit.Run(ctx, job, audit.Input{
		Near: d.c.Near, Maker: d.Maker, Order: r.order, Indexed: r.index.Shards(),
		Dropped: c.dropped, Kept: c.kept, Shingled: c.shingled, Similar: c.near, Expected: c.expected,
	})
	if err != nil {
		return err
	}
	s.Audit.Tally(&out.Count, c.near)
	if a := s.Audit; a.Wrong > 0 {
		job.Warnf("the audit cannot confirm %d of %d dropped documents", a.Wrong, a.Dropped)
	}
	return out.WriteJSON(SummaryShard+".json", s)
}

// groups reads the tallies and finds the groups that lost the largest shares. It sorts
// on disk, as there may be more repositories than fit into memory.
func (c *conclusion) groups(ctx context.Context, scratch *work.Scratch) error {
	sorter := extsort.New(groupRecordSize, c.job.Memory/4, scratch)
	defer sorter.Close()
	for shard := range c.shards {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := readTally(c.job.Dir(), shard)
		if err != nil {
			return err
		}
		add := units.Batch{To: sorter}
		for i, g := range t.Groups {
			if dimensions[g.Dimension] == "language" && slices.Contains(c.d.c.Languages, g.Name) {
				c.languages[g.Name] = true
			}
			r := groupRecord{shard: uint32(shard), number: uint32(i), documents: uint32(g.Documents), dropped: uint32(g.Dropped)}
			hash := sha256.Sum256([]byte(g.Name))
			r.key[0] = byte(g.Dimension)
			copy(r.key[1:], hash[:])
			add.Buf = r.append(add.Buf)
			if err := add.Done(false); err != nil {
				return err
			}
		}
		if err := add.Done(true); err != nil {
			return err
		}
		c.merge(shard, t)
	}
	return c.rankGroups(sorter)
}

// merge adds what a tally has besides groups.
func (c *conclusion) merge(shard int, t *tally) {
	if t.Largest != nil && (c.largest == nil || t.Largest.Copies > c.largest.Copies) {
		c.largest, c.largestAt = t.Largest, t.LargestAt
	}
	c.shingled[shard] = t.Shingled
	c.near, c.expected = c.near+t.Near, c.expected+t.Expected
	s := c.summary
	s.Long, s.Sampled, s.ForIndexed = s.Long+t.Long, s.Sampled+t.Sampled, s.ForIndexed+t.ForIndexed
	for _, s := range t.Dropped {
		c.dropped = audit.Least(c.dropped, s)
	}
	for _, s := range t.Kept {
		c.kept = audit.Least(c.kept, s)
	}
}

// rankGroups sums up the sorted records of each group and keeps the worst groups of
// each dimension: by share, then by what was dropped, then by the hash of the name.
func (c *conclusion) rankGroups(sorter *extsort.Sorter) error {
	sorted, err := sorter.Sort()
	if err != nil {
		return err
	}
	var (
		one groupRecord
		g   standing
	)
	end := func() {
		if g.dropped == 0 || g.documents < c.d.c.Limits.MinDocuments {
			return
		}
		worst := &c.worst[g.key[0]]
		i, _ := slices.BinarySearchFunc(*worst, g, func(a, b standing) int {
			return cmp.Or(cmp.Compare(b.share(), a.share()), cmp.Compare(b.dropped, a.dropped), bytes.Compare(a.key[:], b.key[:]))
		})
		*worst = slices.Insert(*worst, i, g)
		*worst = (*worst)[:min(len(*worst), worstShown)]
	}
	for r, err := range sorted.All() {
		if err != nil {
			return err
		}
		if one.parse(r); one.key != g.key {
			end()
			g = standing{key: one.key}
		}
		g.documents += int64(one.documents)
		if one.dropped > 0 {
			g.dropped += int64(one.dropped)
			if g.n < len(g.at) {
				g.at[g.n] = [2]uint32{one.shard, one.number}
				g.n++
			}
		}
	}
	end()
	return nil
}

// limits returns the worst groups with their names, and what passes a limit, with
// examples.
func (c *conclusion) limits(ctx context.Context) (worst []Group, breaches []Breach, err error) {
	var examples [][]audit.Sample // of each of worst
	for dimension, list := range c.worst {
		for _, s := range list {
			g := Group{Dimension: dimensions[dimension], Documents: s.documents, Dropped: s.dropped, Share: s.share()}
			var of []audit.Sample
			for _, at := range s.at[:s.n] {
				t, err := readTally(c.job.Dir(), int(at[0]))
				if err != nil {
					return nil, nil, err
				}
				g.Name = t.Groups[at[1]].Name
				of = append(of, t.Groups[at[1]].Examples...)
			}
			worst, examples = append(worst, g), append(examples, of[:min(len(of), groupExamples)])
		}
	}
	breaches = c.d.c.Limits.breaches(worst, c.largest)
	var shown []audit.Sample
	of := make([]int, len(breaches)) // how many of shown are its examples
	for i, b := range breaches {
		var list []audit.Sample
		if b.Group != nil {
			list = examples[slices.IndexFunc(worst, func(g Group) bool { return g == *b.Group })]
		} else if list, err = c.members(ctx); err != nil {
			return nil, nil, err
		}
		shown, of[i] = append(shown, list...), len(list)
	}
	named, err := c.examples(ctx, shown)
	if err != nil {
		return nil, nil, err
	}
	for i, n := range of {
		breaches[i].Examples, named = named[:n:n], named[n:]
	}
	return worst, breaches, nil
}

// members returns the first documents that were dropped for the largest cluster's
// survivor, groupExamples at most.
func (c *conclusion) members(ctx context.Context) ([]audit.Sample, error) {
	var list []audit.Sample
	for shard := range c.shards {
		more, err := c.membersOf(ctx, shard, groupExamples-len(list))
		if err != nil {
			return nil, err
		}
		if list = append(list, more...); len(list) == groupExamples {
			break
		}
	}
	return list, nil
}

// membersOf returns the first of them in one shard, at most so many.
func (c *conclusion) membersOf(ctx context.Context, shard, most int) (list []audit.Sample, err error) {
	u, err := c.d.OpenVerdicts(c.job, shard)
	if err != nil {
		return nil, err
	}
	defer u.Close()
	for len(list) < most {
		ok, err := u.Next()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !ok {
			return list, err
		}
		if v := &u.Verdict; !v.Kept() && v.Survivor == c.largestAt {
			list = append(list, audit.Sample{At: corpus.At(shard, int64(u.Entry.Row)), Survivor: v.Survivor, Similarity: v.Similarity})
		}
	}
	return list, nil
}

// examples looks up the names of the documents of some samples, in the order of these.
func (c *conclusion) examples(ctx context.Context, samples []audit.Sample) ([]Example, error) {
	wanted := map[int]map[corpus.Pos]bool{} // by shard
	for _, s := range samples {
		for _, at := range []corpus.Pos{s.At, s.Survivor} {
			if units.IsIndexPos(at) {
				continue
			}
			if wanted[at.Shard()] == nil {
				wanted[at.Shard()] = map[corpus.Pos]bool{}
			}
			wanted[at.Shard()][at] = true
		}
	}
	named := map[corpus.Pos]units.Named{}
	names := c.index.OpenNames(c.job)
	defer names.Close()
	for _, s := range samples {
		if units.IsIndexPos(s.Survivor) {
			k, err := names.Of(s.Survivor)
			if err != nil {
				return nil, err
			}
			named[s.Survivor] = units.Named{Position: "index " + k.Run, Repo: k.Repo, Path: k.Path}
		}
	}
	// In any order: each row has its own name.
	for shard, rows := range wanted {
		for row, err := range c.job.Rows(ctx, shard, false) {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", corpus.ShardName(shard), err)
			}
			if rows[row.Pos] {
				named[row.Pos] = units.NameOf(row.Pos, row.Doc)
			}
		}
	}
	var list []Example
	for _, s := range samples {
		list = append(list, Example{named[s.At], named[s.Survivor], s.Similarity})
	}
	return list, nil
}
