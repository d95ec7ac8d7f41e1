package dedup

import (
	"math"
	"testing"

	"github.com/codemill/codemill/dedup/blocks"
)

// What verdicts and records follow from.
func TestConstants(t *testing.T) {
	if Version != 11 || groupKeySize != 16 || groupRecordSize != 32 || worstShown != 3 || groupExamples != 2 {
		t.Error("a constant was changed")
	}
	d, err := New(Config{})
	if err != nil || d.windowMask != math.MaxUint64 {
		t.Error(err)
	}
}

// A limit is passed beyond it, not at it.
func TestBreaches(t *testing.T) {
	l := Limits{MaxShare: MaxShare{Repo: 0.5, Language: 1}, LargestCluster: 10}
	for _, c := range []struct {
		limits  Limits
		worst   []Group
		largest *Cluster
		want    int
	}{
		{l, nil, nil, 0},
		{l, []Group{{Dimension: "repo", Share: 0.5}}, nil, 0},
		{l, []Group{{Dimension: "repo", Share: 0.51}}, nil, 1},
		{l, []Group{{Dimension: "source", Share: 1}}, nil, 0}, // has no limit
		{l, []Group{{Dimension: "language", Share: 1}}, nil, 0},
		{l, []Group{{Dimension: "repo", Share: 0.9}, {Dimension: "repo", Share: 0.6}}, &Cluster{Copies: 11}, 3},
		{l, nil, &Cluster{Copies: 10}, 0},
		{l, nil, &Cluster{Copies: 11}, 1},
		{Limits{}, []Group{{Dimension: "repo", Share: 1}}, &Cluster{Copies: 1 << 40}, 0},
	} {
		if got := c.limits.breaches(c.worst, c.largest); len(got) != c.want {
			t.Errorf("%+v, %+v: %v, want %d", c.worst, c.largest, got, c.want)
		}
	}
}

// Every range holds its ends and nothing beyond them.
func TestLimitsOfSettings(t *testing.T) {
	for _, c := range []struct {
		config Config
		good   bool
	}{
		{Config{Limits: Limits{MaxShare: MaxShare{Source: 1}}}, true},
		{Config{Limits: Limits{MaxShare: MaxShare{Source: 1.001}}}, false},
		{Config{Limits: Limits{MaxShare: MaxShare{Language: -0.001}}}, false},
		{Config{Limits: Limits{LargestCluster: 2}}, true},
		{Config{Limits: Limits{LargestCluster: 1}}, false},
		{Config{Limits: Limits{LargestCluster: -1}}, false},
		{Config{Limits: Limits{OnBreach: "warn"}}, true},
		{Config{Limits: Limits{OnBreach: "stop"}}, true},
		{Config{Level: "file"}, true},
		{Config{Level: "repository"}, true},
		{Config{Level: LevelBlocks, Blocks: blocks.Config{Lines: 2}}, true},
		{Config{Level: LevelBlocks, Blocks: blocks.Config{Lines: 1000}}, true},
		{Config{Level: LevelBlocks, Blocks: blocks.Config{Lines: 1001}}, false},
		{Config{Level: "files"}, false},
		{Config{Priority: []string{"a*"}}, true},
		{Config{Priority: []string{""}}, false},
		{Config{Priority: []string{"["}}, false},
	} {
		if err := c.config.Validate(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
}
