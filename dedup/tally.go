package dedup

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/audit"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// tally is what the verdicts of one shard come to. It stands beside them in the file
// <shard>.tally.json, and the last step puts the tallies of all shards together.
// Groups count documents; everything else counts units, which at repository level are
// repositories. Positions of survivors may be those of units.IndexPos.
type tally struct {
	Groups    []groupTally   `json:"groups"`            // sorted by dimension and name
	Largest   *Cluster       `json:"largest,omitempty"` // the survivor with most copies; the first of several
	LargestAt corpus.Pos     `json:"largest_at"`        // where that survivor stands
	Shingled  int64          `json:"shingled"`          // kept units that have shingles
	Near      int64          `json:"near"`              // dropped as similar
	Expected  float64        `json:"expected"`          // how many similar ones these Near stand for: see audit.Input
	Dropped   []audit.Sample `json:"dropped"`           // sample of the dropped units: see audit.Least
	Kept      []audit.Sample `json:"kept"`              // sample of the Shingled
	Long      int64          `json:"long"`              // units of shape units.Long
	Sampled   int64          `json:"sampled"`           // units of shape units.Sampled

	ForIndexed int64 `json:"for_indexed"` // units dropped for one of the index
}

// groupTally counts the documents of a repository, source or language.
type groupTally struct {
	Dimension int            `json:"kind"` // number of one of dimensions
	Name      string         `json:"name"`
	Documents int64          `json:"documents"`
	Dropped   int64          `json:"dropped"`
	Examples  []audit.Sample `json:"examples,omitempty"` // the first dropped ones
}

// maxGroups is how many groups of one dimension a tally has at most: the ones with
// the most documents. A shard may have as many repositories as rows, and a tally
// is read whole. What is left out of a group is too little to pass a limit: of n
// documents a shard, at most n/maxGroups.
const maxGroups = ledger.MaxValues

// groupExamples is how many examples a group has at most, in one shard and in the
// summary.
const groupExamples = 2

// tallier makes the tally of one shard.
type tallier struct {
	near   near.Config
	t      tally
	groups map[groupKey]*groupTally
	sizes  [3]int // how many groups there are, by dimension
}

type groupKey struct {
	dimension int
	name      string
}

func newTallier(n near.Config) *tallier { return &tallier{near: n, groups: map[groupKey]*groupTally{}} }

// add counts a document that took part. e is the entry of its unit and v the verdict on
// the unit; first says that the document is the first of it.
func (y *tallier) add(row work.Row, e *units.Entry, first bool, v *corpus.Verdict) {
	doc, s := row.Doc, audit.Sample{At: row.Pos}
	if !v.Kept() {
		s.Survivor, s.Similarity = v.Survivor, v.Similarity
		s.Exact = v.Reason == ExactDuplicate || v.Reason == ExactDuplicateRepository
	}
	for dimension, name := range []string{doc.Repo, doc.Source, doc.Language} {
		if name != "" {
			y.group(dimension, name).add(s, v.Kept(), first)
		}
	}
	if first {
		y.unit(row, s, e.Shape, v)
	}
}

// unit counts a unit, by its first document.
func (y *tallier) unit(row work.Row, s audit.Sample, shape units.Shape, v *corpus.Verdict) {
	s.Draw = audit.Draw(row.Doc.ID)
	t := &y.t
	switch {
	case !v.Kept():
		t.Dropped = audit.Least(t.Dropped, s)
	case (shape == units.Shingled || shape == units.Sampled) && !y.near.Off:
		t.Shingled++
		t.Kept = audit.Least(t.Kept, s)
	}
	if !v.Kept() && !s.Exact {
		t.Near++
		t.Expected += 1 / near.SCurve(v.Similarity, y.near.Bands, y.near.Rows)
	}
	switch shape {
	case units.Long:
		t.Long++
	case units.Sampled:
		t.Sampled++
	}
	if units.IsIndexPos(v.Survivor) {
		t.ForIndexed++
	}
	if v.Copies > 1 && (t.Largest == nil || v.Copies > t.Largest.Copies) {
		t.Largest, t.LargestAt = &Cluster{units.NameOf(row.Pos, row.Doc), v.Copies}, row.Pos
	}
}

// group returns a group, begun where there is none yet. While documents come there
// are up to 2*maxGroups of a dimension.
func (y *tallier) group(dimension int, name string) *groupTally {
	name = ledger.Cut(name)
	g := y.groups[groupKey{dimension, name}]
	if g == nil {
		if y.sizes[dimension] == 2*maxGroups {
			y.leave(dimension, maxGroups)
		}
		name = strings.Clone(name)
		g = &groupTally{Dimension: dimension, Name: name}
		y.groups[groupKey{dimension, name}] = g
		y.sizes[dimension]++
	}
	return g
}

// leave drops all groups of a dimension but this many, those with the most
// documents; of equal ones those stay whose names sort first.
func (y *tallier) leave(dimension, many int) {
	var list []*groupTally
	// In any order: they are sorted below.
	for k, g := range y.groups {
		if k.dimension == dimension {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *groupTally) int {
		return cmp.Or(cmp.Compare(b.Documents, a.Documents), cmp.Compare(a.Name, b.Name))
	})
	for _, g := range list[min(many, len(list)):] {
		delete(y.groups, groupKey{dimension, g.Name})
	}
	y.sizes[dimension] = min(many, len(list))
}

// add counts a document of the group. Only the first document of a unit makes an
// example: the others have the same survivor.
func (g *groupTally) add(s audit.Sample, kept, first bool) {
	g.Documents++
	if !kept {
		if g.Dropped++; first && len(g.Examples) < groupExamples {
			g.Examples = append(g.Examples, s)
		}
	}
}

const tallyExt = ".tally.json"

// write adds the tally to the shard of verdicts.
func (y *tallier) write(out *work.Output) error {
	for dimension := range y.sizes {
		y.leave(dimension, maxGroups)
	}
	y.t.Groups = make([]groupTally, 0, len(y.groups))
	// In any order: they are sorted below.
	for _, g := range y.groups {
		y.t.Groups = append(y.t.Groups, *g)
	}
	slices.SortFunc(y.t.Groups, func(a, b groupTally) int {
		return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Name, b.Name))
	})
	f, err := out.Create(out.Shard() + tallyExt)
	if err != nil {
		return err
	}
	return json.NewEncoder(f).Encode(&y.t)
}

func readTally(dir work.Dir, shard int) (*tally, error) {
	var t tally
	name := corpus.ShardName(shard)
	return &t, dir.ReadJSON(name, name+tallyExt, &t)
}
