package near

import (
	"context"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/units"
)

// splits counts the repositories that are in several pieces.
func (g *global) splits(ctx context.Context) error {
	if !g.in.Repos {
		return nil
	}
	s := g.sorting.Sorter(len(corpus.ID{}), 2)
	defer s.Close()
	sorted, err := g.SortEntries(ctx, g.in.Workers, g.Own, s, func(b []byte, _ uint32, _ int, e *units.Entry) []byte { return append(b, e.ID[:]...) })
	if err != nil {
		return err
	}
	var last corpus.ID
	pieces := 0
	for r, err := range sorted.All() {
		if err != nil {
			return err
		}
		if id := corpus.ID(r); id != last {
			last, pieces = id, 0
		}
		if pieces++; pieces == 2 {
			g.found.SplitRepositories++
		}
	}
	return nil
}
