package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestSimilarPairs: against the definition, pair by pair.
func TestSimilarPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sets := make([][]uint64, 60)
	for i := range sets {
		for range r.IntN(12) {
			sets[i] = append(sets[i], r.Uint64N(14))
		}
	}
	sets = asSets(sets)
	for _, threshold := range []float64{0.2, 0.3, 0.5} {
		var want []pair
		for b := range sets {
			for a := range b {
				common := 0
				for _, e := range sets[a] {
					if slices.Contains(sets[b], e) {
						common++
					}
				}
				if j := float64(common) / float64(len(sets[a])+len(sets[b])-common); common > 0 && j >= threshold {
					want = append(want, pair{a, b, j})
				}
			}
		}
		if got := similarPairs(sets, threshold); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("threshold %v: %d pairs, want %d", threshold, len(got), len(want))
		}
	}
}

func TestJudge(t *testing.T) {
	// 0 and 1 are similar, and 1 and 2, but not 0 and 2; 4 has the text of 3.
	pairs := []pair{{0, 1, 0.72}, {1, 2, 0.9}}
	same := []int{0, 1, 2, 3, 3}
	for name, c := range map[string]struct {
		removed []bool
		want    accuracy
	}{
		"nothing":          {[]bool{false, false, false, false, false}, accuracy{2, 0, 1, 0, 0, 0}},
		"the middle":       {[]bool{false, true, false, false, true}, accuracy{2, 2, 1, 1, 2, 2}},
		"by a chain":       {[]bool{false, true, true, false, false}, accuracy{2, 2, 1, 1, 2, 1}},
		"all of a cluster": {[]bool{true, true, true, true, true}, accuracy{2, 2, 1, 1, 5, 0}},
	} {
		if got := judge(pairs, c.removed, same, 0.7); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	flags := judgeFlags(pairs, []bool{true, true, false, true, true}, same, 0.7)
	if want := (accuracy{2, 1, 1, 1, 4, 4}); flags != want {
		t.Errorf("flags: %+v, want %+v", flags, want)
	}
	if a := (accuracy{}); a.recall() != 1 || a.precision() != 1 {
		t.Error("nothing to find and nothing removed is no fault")
	}
}

func TestCopies(t *testing.T) {
	var texts []text
	for i := range 200 {
		texts = append(texts, text{path: fmt.Sprint(i), data: []byte(strings.Repeat(fmt.Sprintf("word%d = other + %d;\n", i, i), 50))})
	}
	all := withCopies(texts, 0.3, 7)
	if extra := len(all) - len(texts); extra < 40 || extra > 140 {
		t.Errorf("%d copies of %d texts, want about 3 in 10 of all", extra, len(texts))
	}
	again := withCopies(texts, 0.3, 7)
	if !slices.EqualFunc(all, again, func(a, b text) bool { return a.path == b.path && bytes.Equal(a.data, b.data) }) {
		t.Error("another time, other copies")
	}
	base := texts[0].data
	changed := func(rate float64) int {
		have, n := strings.Fields(string(edited(base, rate, &stream{seed: 3}))), 0
		for _, w := range have {
			if strings.HasPrefix(w, "edit") {
				n++
			}
		}
		return n
	}
	if a, b := changed(0.02), changed(0.2); a >= b || b == 0 {
		t.Errorf("%d and %d words edited at 2 and 20 %%", a, b)
	}
	if !bytes.Equal(edited(base, 0, &stream{}), base) {
		t.Error("an exact copy is not exact")
	}
}
