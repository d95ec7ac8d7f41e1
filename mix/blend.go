package mix

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
)

// setQuotas divides the budget among the parts by their shares, and what each part gets
// among its groups by their weights. No group gets more than MaxEpochs times its
// supply.
func (p *planner) setQuotas() error {
	parts := p.config.Parts
	caps, shares := make([]int64, len(parts)), make([]float64, len(parts))
	p.blend.Parts = make([]corpus.Part, len(parts))
	for i, part := range parts {
		shares[i] = part.Share
		p.blend.Parts[i] = corpus.Part{Name: part.Name, Asked: part.Share}
	}
	groupCaps, weights := make([]int64, len(p.groups)), make([]float64, len(p.groups))
	for i, g := range p.groups {
		weights[i] = p.weight(&g)
		if weights[i] > 0 {
			groupCaps[i] = int64(p.config.MaxEpochs * float64(g.supply.Tokens))
		}
		caps[g.part] += groupCaps[i]
		p.blend.Parts[g.part].Supply = p.blend.Parts[g.part].Supply.Add(g.supply)
	}
	total := p.config.Budget
	if total == 0 {
		total = fitting(shares, caps)
	}
	quotas := allocate(total, shares, caps)
	if err := p.shortages(total, caps, quotas); err != nil {
		return err
	}
	p.warnOfWeights()
	p.slack = sum(quotas) / finest / int64(len(p.groups))
	for i := 0; i < len(p.groups); {
		part, n := p.groups[i].part, i
		for n < len(p.groups) && p.groups[n].part == part {
			n++
		}
		for j, q := range allocate(quotas[part], weights[i:n], groupCaps[i:n]) {
			p.groups[i+j].quota = q
		}
		i = n
	}
	return nil
}

// weight is what the quotas of a part's groups are in proportion to.
func (p *planner) weight(g *group) float64 {
	n := math.Pow(float64(g.supply.Tokens), *p.config.Temperature)
	for _, name := range []string{g.language, choice.Name(g.language)} {
		if w, ok := p.config.Weights[name]; ok {
			return w * n
		}
	}
	return n
}

// warnOfWeights warns of languages that have a weight and no documents: they may be
// misspelt.
func (p *planner) warnOfWeights() {
	for _, language := range slices.Sorted(maps.Keys(p.config.Weights)) {
		if !slices.ContainsFunc(p.groups, func(g group) bool { return g.language == choice.Value(language) }) {
			p.job.Warnf("weights.%s: no part has documents of this language", language)
		}
	}
}

// shortages notes on every part that cannot supply its share of the total what is
// missing; with shortfall: refuse that is an error. caps is the most tokens that each
// part can supply, quotas what it was given. An error is, too, a blend of nothing.
func (p *planner) shortages(total int64, caps, quotas []int64) error {
	var lines []string
	reached := sum(quotas)
	for i := range p.blend.Parts {
		part := &p.blend.Parts[i]
		if reached > 0 {
			part.Target = float64(quotas[i]) / float64(reached)
		}
		asked := int64(math.Round(part.Asked * float64(total)))
		lines = append(lines, fmt.Sprintf("%s: asked %d (%.4g %%), available %d", part.Name, asked, 100*part.Asked, caps[i]))
		switch {
		case part.Asked == 0:
		case caps[i] == 0:
			part.Shortage = "it has no documents"
		case asked > caps[i]+1:
			part.Shortage = fmt.Sprintf("asked for %d tokens, it can supply %d (%d, at most %v times)", asked, caps[i], part.Supply.Tokens, p.config.MaxEpochs)
		}
	}
	short := slices.ContainsFunc(p.blend.Parts, func(p corpus.Part) bool { return p.Shortage != "" })
	all := "tokens of " + fmt.Sprint(total) + ": " + strings.Join(lines, "; ")
	switch {
	case reached == 0:
		return fmt.Errorf("mix: no documents to make the blend of (%s)", all)
	case short && p.config.Shortfall == Refuse:
		return fmt.Errorf("mix: the blend cannot be met: %s; crawl more, raise max_epochs, or set shortfall: redistribute", all)
	case reached < total:
		largest := &p.blend.Parts[slices.Index(quotas, slices.Max(quotas))]
		largest.Shortage = strings.TrimPrefix(largest.Shortage+fmt.Sprintf("; all parts together can supply %d of the %d tokens", reached, total), "; ")
	}
	return nil
}

// finish adds up the blend that was drawn, and notes on a part by how much it misses its
// target. With shortfall: refuse a part that misses it by more than tolerance is an
// error. vocabulary is the fingerprint of the one that counted.
func (p *planner) finish(vocabulary string) error {
	b := &p.blend
	b.Vocabulary = vocabulary
	for i := range p.groups {
		g := &p.groups[i]
		b.Parts[g.part].Planned = b.Parts[g.part].Planned.Add(g.planned())
		b.Tokens += g.planned().Tokens
	}
	worst, most := -1, tolerance
	for i := range b.Parts {
		part := &b.Parts[i]
		if part.Supply.Tokens > 0 {
			part.Epochs = float64(part.Planned.Tokens) / float64(part.Supply.Tokens)
		}
		reached := float64(part.Planned.Tokens) / float64(max(b.Tokens, 1))
		off := math.Abs(reached - part.Target)
		if off > tolerance && part.Shortage == "" {
			why := "its documents are too long for so small a blend"
			if reached > part.Target {
				why = "others fall short"
			}
			part.Shortage = fmt.Sprintf("reached %.2f %% instead of %.2f %%: %s", 100*reached, 100*part.Target, why)
		}
		if off > most {
			worst, most = i, off
		}
	}
	if worst >= 0 && p.config.Shortfall == Refuse {
		return fmt.Errorf("mix: the blend cannot be met: %s: %s; crawl more, raise the budget, or set shortfall: redistribute", b.Parts[worst].Name, b.Parts[worst].Shortage)
	}
	b.OutputShards = max(1, (b.Tokens+p.config.ShardTokens/2)/p.config.ShardTokens)
	switch {
	case b.Tokens == 0:
		return fmt.Errorf("mix: budget: %d tokens are fewer than the shortest document has", p.config.Budget)
	case b.OutputShards > corpus.MaxOutputShards:
		return fmt.Errorf("mix: shard_tokens: %d makes %d output shards of %d tokens, want %d at most", p.config.ShardTokens, b.OutputShards, b.Tokens, corpus.MaxOutputShards)
	}
	return nil
}

const (
	// tolerance is how far the share that a part reaches may be from its target:
	// half a percentage point.
	tolerance = 0.005
	// finest says how near the quotas are met: all groups together may miss them by
	// one part in so many of the blend, a tenth of tolerance. While more is missing,
	// the drawing goes on with shorter documents.
	finest = 2000
)

func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}
