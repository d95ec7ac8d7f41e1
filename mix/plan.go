package mix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// docs is what a pass over the counts reads of one shard: the counts of the documents
// that no verdict put out.
type docs = iter.Seq2[counted, error]

// planner decides, from the counts of all shards, how often each document is used.
type planner struct {
	job      work.Job
	config   Config // filled
	overhead int64  // tokens of every use besides the text's
	shards   int    // of documents
	workers  int    // shards read at once
	match    matcher
	groups   []group     // sorted by key
	index    map[key]int // number in groups
	slack    int64       // tokens by which a group may miss its quota; see finest
	blend    corpus.Blend
}

// amount is what one use of a document comes to, its overhead included.
func (p *planner) amount(c *counted) ledger.Amount {
	return ledger.Amount{Docs: 1, Bytes: c.bytes, Tokens: c.tokens + p.overhead}
}

// key names the group that a document would belong to; its part is -1 where no part
// takes it.
func (p *planner) key(c *counted) key {
	k := key{part: p.match.part(c)}
	if p.config.byLanguage() {
		k.language = c.language
	}
	return k
}

// group returns the group of a document, nil if it has none: no part takes it, or its
// text has no tokens.
func (p *planner) group(c *counted) *group {
	if c.tokens <= 0 {
		return nil
	}
	if i, ok := p.index[p.key(c)]; ok {
		return &p.groups[i]
	}
	return nil
}

// scan makes one pass over the counts. It calls shard for each shard, several at once.
func (p *planner) scan(ctx context.Context, shard func(docs) error) error {
	return fanout.Each(ctx, p.workers, p.shards, func(ctx context.Context, i int) error {
		return shard(func(yield func(counted, error) bool) {
			for c, err := range counts(ctx, p.job, i) {
				if (err != nil || c.tokens >= 0) && !yield(c, err) {
					return
				}
			}
		})
	})
}

// stage describes the plan's shards, the blend and their need, the quotas. All depend
// on all counts, by the fingerprint of plan/counts.
func (p *planner) stage(inputs [][]string, counts, vocabulary string, before *ledger.Count) work.Stage {
	settings := struct {
		Config   Config
		Overhead int64
		Seed     uint64
	}{p.config, p.overhead, p.job.Seed}
	s := work.Stage{
		Version: Version, Settings: settings, Workers: p.workers, Expect: before, Beside: []string{countsSub},
		Needs: []work.Need{{Sub: quotasSub, Stage: func(context.Context) (work.Stage, error) {
			return work.Stage{Version: Version, Settings: settings, Tasks: []work.Task{{
				Shard: quotasSub, Inputs: []string{counts, vocabulary},
				Make: func(ctx context.Context, out *work.Output) error {
					if err := p.plan(ctx, vocabulary); err != nil {
						return err
					}
					return out.WriteJSON(quotasFile, p.quotas())
				},
			}}}, nil
		}}},
	}
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: counts, From: work.Fingerprint(in),
			Make: func(ctx context.Context, out *work.Output) error { return p.writeShard(ctx, i, out) },
		})
	}
	s.Tasks = append(s.Tasks, work.Task{
		Shard: corpus.BlendShard, Inputs: counts,
		Make: func(_ context.Context, out *work.Output) error {
			q, err := p.read()
			if err != nil {
				return err
			}
			return out.WriteBlend(&q.Blend)
		},
	})
	return s
}

// quotasSub is the need that holds what was worked out over all documents: one shard
// with one JSON file, a [quotas].
const (
	quotasSub  = "quotas"
	quotasFile = quotasSub + ".json"
)

// quotas is what was worked out over all documents. With a document's counts, it says
// how often that document is used.
type quotas struct {
	Groups []groupQuota `json:"groups"` // sorted by key
	Blend  corpus.Blend `json:"blend"`
	Parts  []Part       `json:"parts"` // of the settings, for [Unused]; earlier builds wrote none
}

// groupQuota is as much of a [group] as [group.uses] needs, in JSON.
type groupQuota struct {
	Part      int            `json:"part"`
	Language  string         `json:"language,omitempty"`
	Epochs    int64          `json:"epochs"`
	Stretches []stretchQuota `json:"bands,omitempty"`
}

// stretchQuota is a [stretch] in JSON.
type stretchQuota struct {
	From, To priorityQuota
	Most     int64
}

// priorityQuota is a [priority] in JSON.
type priorityQuota struct {
	Hash uint64
	Pos  corpus.Pos
}

// quotas returns what has been worked out.
func (p *planner) quotas() quotas {
	q := quotas{Blend: p.blend, Parts: p.config.Parts}
	for _, g := range p.groups {
		s := groupQuota{Part: g.part, Language: g.language, Epochs: g.epochs}
		for _, b := range g.stretches {
			s.Stretches = append(s.Stretches, stretchQuota{priorityQuota{b.from.hash, b.from.pos}, priorityQuota{b.to.hash, b.to.pos}, b.most})
		}
		q.Groups = append(q.Groups, s)
	}
	return q
}

// groups is the reverse of planner.quotas.
func (q quotas) groups() []group {
	var groups []group
	for _, s := range q.Groups {
		g := group{key: key{s.Part, s.Language}, epochs: s.Epochs}
		for _, b := range s.Stretches {
			g.stretches = append(g.stretches, stretch{priority{b.From.Hash, b.From.Pos}, priority{b.To.Hash, b.To.Pos}, b.Most})
		}
		groups = append(groups, g)
	}
	return groups
}

// read returns the quotas that stand in plan/quotas.
func (p *planner) read() (q quotas, err error) {
	return q, p.job.Sub(quotasSub).Dir().ReadJSON(quotasSub, quotasFile, &q)
}

// plan works out the groups, their quotas, the documents drawn and the blend, from the
// counts: one pass over them for the supply, and some more to draw.
func (p *planner) plan(ctx context.Context, vocabulary string) error {
	if err := p.supply(ctx); err != nil {
		return err
	}
	if err := p.setQuotas(); err != nil {
		return err
	}
	hist := int64(len(p.groups)*cells) * 24
	workers, err := p.job.Parallel(work.TableMemory + hist)
	if err != nil {
		return err
	}
	p.workers = workers
	if err := p.draw(ctx, p.job.Memory/4/ticketMemory); err != nil {
		return err
	}
	return p.finish(vocabulary)
}

// supply makes the groups, with their supply, in one pass over the counts.
func (p *planner) supply(ctx context.Context) error {
	var mu sync.Mutex
	all := map[key]ledger.Amount{}
	err := p.scan(ctx, func(docs docs) error {
		mine := map[key]ledger.Amount{}
		for c, err := range docs {
			if err != nil {
				return err
			}
			k := p.key(&c)
			if k.part < 0 || c.tokens == 0 {
				continue
			}
			a, ok := mine[k]
			if !ok {
				k.language = strings.Clone(k.language)
			}
			mine[k] = a.Add(p.amount(&c))
		}
		mu.Lock()
		defer mu.Unlock()
		for k, a := range mine {
			all[k] = all[k].Add(a)
		}
		return nil
	})
	p.groups = nil
	// In any order; they are sorted below.
	for k, a := range all {
		p.groups = append(p.groups, group{key: k, supply: a})
	}
	slices.SortFunc(p.groups, func(a, b group) int { return a.compare(b.key) })
	*p = *p.with(p.groups)
	return err
}

// with returns a planner of these groups.
func (p *planner) with(groups []group) *planner {
	c := *p
	c.groups, c.index = groups, map[key]int{}
	for i, g := range groups {
		c.index[g.key] = i
	}
	return &c
}

// writeShard writes the plan of one shard of documents.
func (p *planner) writeShard(ctx context.Context, shard int, out *work.Output) error {
	q, err := p.read()
	if err != nil {
		return err
	}
	shards := uint64(q.Blend.OutputShards)
	p = p.with(q.groups())
	w, err := out.CreatePlan()
	if err != nil {
		return err
	}
	for c, err := range counts(ctx, p.job, shard) {
		if err != nil {
			return err
		}
		if c.tokens < 0 {
			continue
		}
		uses := p.uses(&c, &out.Count)
		for epoch := range uses {
			order := corpus.Hash(p.job.Seed, "order", c.id, uint64(epoch))
			output, _ := bits.Mul64(order, shards)
			err := w.Write(&corpus.Planned{Row: c.pos.Row(), Epoch: epoch, Part: int64(p.group(&c).part), Tokens: c.tokens, Order: order, OutputShard: int64(output)})
			if err != nil {
				return err
			}
		}
	}
	return w.Close()
}

// Unused says why the plan that stands in a work folder does not use a document:
// [NoPart], [NoTokens] or [NotDrawn]. It is "" where that is not known, because
// somebody removed plan/counts or plan/quotas, or an earlier build made them.
func Unused(ctx context.Context, w *work.Folder, at corpus.Pos) (corpus.Reason, error) {
	p := planner{job: work.Job{Work: w, Stage: work.PlanStage}}
	q, err := p.read()
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(q.Parts) == 0 {
		return "", nil
	} else if err != nil {
		return "", err
	}
	p.match = newMatcher(q.Parts)
	for c, err := range counts(ctx, p.job, at.Shard()) {
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil || c.pos == at {
			return p.unused(&c), err
		}
	}
	return "", fmt.Errorf("%s/%s: no count of document %v", work.PlanStage, countsSub, at)
}

// unused is the reason of a document that is in, but in the plan not once.
func (p *planner) unused(c *counted) corpus.Reason {
	switch {
	case p.match.part(c) < 0:
		return NoPart
	case c.tokens <= 0:
		return NoTokens
	default:
		return NotDrawn
	}
}

// uses returns how often a document is used, and counts it: as kept, once, however
// often it is used, or as dropped for a reason.
func (p *planner) uses(c *counted, count *ledger.Count) int64 {
	a, g := p.amount(c), p.group(c)
	uses := int64(0)
	if g != nil {
		uses = g.uses(g.priority(p.job.Seed, c), a.Tokens)
	}
	if uses > 0 {
		count.Keep(c.source, a)
		count.Tally("part", p.config.Parts[g.part].Name, a)
		count.Tally("language", choice.Name(c.language), a)
		count.Tally("license_type", c.licenseType, a)
		return uses
	}
	count.Drop(c.source, string(p.unused(c)), a)
	return 0
}
