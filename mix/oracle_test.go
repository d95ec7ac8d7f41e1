package mix

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// oracle is the stage written for reading: how often each document is used.
func oracle(docs []*corpus.Doc, c Config, seed uint64, overhead int64) map[corpus.ID]int64 {
	o := &tally{Config: c.filled(), seed: seed, overhead: overhead, members: map[oracleGroup][]*corpus.Doc{}, uses: map[corpus.ID]int64{}}
	for _, d := range docs {
		if !isOut(d) && len(d.Text) >= 4 {
			o.join(d)
		}
	}
	var shares []float64
	var caps []int64
	groups := make([][]oracleGroup, len(o.Parts))
	weights, groupCaps := make([][]float64, len(o.Parts)), make([][]int64, len(o.Parts))
	for i, p := range o.Parts {
		groups[i] = o.groups(p.Name)
		for _, g := range groups[i] {
			weight, limit := o.weigh(g)
			weights[i], groupCaps[i] = append(weights[i], weight), append(groupCaps[i], limit)
		}
		shares, caps = append(shares, p.Share), append(caps, sum(groupCaps[i]))
	}
	total := o.Budget
	if total == 0 {
		total = fitting(shares, caps)
	}
	quotas := allocate(total, shares, caps)
	slack := sum(quotas) / 2000 / int64(max(1, len(o.members)))
	for i, quota := range quotas {
		for j, want := range allocate(quota, weights[i], groupCaps[i]) {
			o.draw(o.members[groups[i][j]], want, slack)
		}
	}
	return o.uses
}

type oracleGroup struct{ part, language string }

type tally struct {
	Config
	seed     uint64
	overhead int64
	members  map[oracleGroup][]*corpus.Doc
	uses     map[corpus.ID]int64
}

func (o *tally) size(d *corpus.Doc) int64 { return int64(len(d.Text)/4) + o.overhead }

func (o *tally) tokens(list []*corpus.Doc) (n int64) {
	for _, d := range list {
		n += o.size(d)
	}
	return n
}

// join puts a document into its group.
func (o *tally) join(d *corpus.Doc) {
	in := func(list []string, v string) bool {
		return list == nil || slices.Contains(list, v) || v == "" && slices.Contains(list, "other")
	}
	for _, p := range o.Parts {
		for _, s := range p.Where {
			if in(s.Kind, d.Kind) && in(s.Language, d.Language) && in(s.Source, d.Source) && in(s.LicenseType, d.LicenseType) {
				g := oracleGroup{p.Name, ""}
				if len(o.Weights) > 0 || *o.Temperature != 1 {
					g.language = d.Language
				}
				o.members[g] = append(o.members[g], d)
				return
			}
		}
	}
}

func (o *tally) groups(part string) (list []oracleGroup) {
	for g := range o.members {
		if g.part == part {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b oracleGroup) int { return strings.Compare(a.language, b.language) })
	return list
}

func (o *tally) weigh(g oracleGroup) (weight float64, limit int64) {
	n, w := o.tokens(o.members[g]), 1.0
	if x, ok := o.Weights[g.language]; ok {
		w = x
	}
	if w > 0 {
		limit = int64(o.MaxEpochs * float64(n))
	}
	return w * math.Pow(float64(n), *o.Temperature), limit
}

// draw uses the documents of a group until what is wanted is reached.
func (o *tally) draw(list []*corpus.Doc, want, slack int64) {
	n := o.tokens(list)
	epoch := want / n
	for _, d := range list {
		o.uses[d.ID] += epoch
	}
	want -= epoch * n
	hash := func(d *corpus.Doc) uint64 { return corpus.Hash(o.seed, "draw", d.ID, uint64(epoch)) }
	slices.SortFunc(list, func(a, b *corpus.Doc) int { return cmp.Compare(hash(a), hash(b)) })
	var long []*corpus.Doc // too long at their turn
	for _, d := range list {
		over, first := o.size(d)-want, len(long) == 0
		switch {
		case want == 0, !first && want <= slack:
			return
		case over <= 0:
			o.uses[d.ID]++
			want -= o.size(d)
		case first && over < want && over <= slack:
			o.uses[d.ID]++
			return
		case first && want <= slack:
			return
		default:
			long = append(long, d)
		}
	}
	if want > slack && len(long) > 0 {
		d := slices.MinFunc(long, func(a, b *corpus.Doc) int { return cmp.Compare(o.size(a), o.size(b)) })
		if o.size(d)-want < want {
			o.uses[d.ID]++
		}
	}
}
