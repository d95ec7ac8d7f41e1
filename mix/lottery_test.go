package mix

import (
	"math"
	"slices"
	"testing"

	"github.com/codemill/codemill/ledger"
)

// TestDecide holds where a lottery ends, and where its stretches do: documents are
// drawn in the order of their hashes, which are 1, 2 and so on.
func TestDecide(t *testing.T) {
	const most = math.MaxInt64
	at := func(hash uint64) priority { return priority{hash: hash} }
	for _, c := range []struct {
		want, slack int64
		tokens      []int64
		drawn       int64
		stretches   []stretch
	}{
		{10, 2, []int64{4, 6, 3}, 10, []stretch{{at(0), at(2).next(), most}}},
		{10, 2, []int64{4, 7, 3}, 11, []stretch{{at(0), at(2).next(), most}}},                           // a little more
		{10, 2, []int64{4, 8, 3}, 12, []stretch{{at(0), at(2).next(), most}}},                           // as much as may be
		{10, 2, []int64{4, 9, 6}, 10, []stretch{{at(0), at(2), most}, {at(2).next(), at(3).next(), 6}}}, // too much
		{10, 2, []int64{8, 5, 2}, 8, []stretch{{at(0), at(2), most}}},                                   // enough
		{10, 2, []int64{7, 6, 2, 1}, 9, []stretch{{at(0), at(2), most}, {at(2).next(), at(3).next(), 3}}},
		{10, 2, []int64{4, 20, 3, 1, 1}, 8, []stretch{{at(0), at(2), most}, {at(2).next(), at(4).next(), 6}}},
		{10, 2, []int64{4, 20, 3, 5, 2}, 9, []stretch{{at(0), at(2), most}, {at(2).next(), at(4), 6}, {at(4).next(), at(5).next(), 3}}},
		{3, 5, []int64{6, 1}, 0, []stretch{{at(0), at(1), most}}}, // one is as far from it as none
		{3, 5, []int64{5, 1}, 5, []stretch{{at(0), at(1).next(), most}}},
		{10, 2, []int64{4}, 4, []stretch{{at(0), lastPriority, most}}},
	} {
		l := newLottery(&group{}, c.want, c.slack)
		var list []ticket
		for i, n := range c.tokens {
			list = append(list, ticket{at(uint64(i + 1)), ledger.Amount{Docs: 1, Tokens: n}})
		}
		l.decide(list)
		if !l.done || l.g.drawn.Tokens != c.drawn || !slices.Equal(l.g.stretches, c.stretches) {
			t.Errorf("%d of %v: %d drawn, stretches %v, want %d, %v", c.want, c.tokens, l.g.drawn.Tokens, l.g.stretches, c.drawn, c.stretches)
		}
	}
}

func TestStretch(t *testing.T) {
	b := stretch{priority{5, 2}, priority{7, 1}, 10}
	for _, c := range []struct {
		at     priority
		tokens int64
		want   bool
	}{
		{priority{5, 2}, 10, true}, {priority{5, 2}, 11, false}, {priority{5, 1}, 10, false}, {priority{4, 9}, 10, false},
		{priority{7, 0}, 1, true}, {priority{7, 1}, 1, false}, {priority{8, 0}, 1, false},
	} {
		if b.holds(c.at, c.tokens) != c.want {
			t.Errorf("%+v, %d tokens: want %v", c.at, c.tokens, c.want)
		}
	}
}
