package state

import (
	"slices"
	"testing"
)

// Parts of several uses, as where rows repeat a document, are put together in whatever
// order they were met. What does not join is an error.
func TestJoin(t *testing.T) {
	for _, c := range []struct {
		parts [][2]int // start and count
		uses  []int    // tokens of each
		err   string
	}{
		{[][2]int{{0, 5}}, []int{5}, ""},
		{[][2]int{{4, 1}, {0, 4}}, []int{5}, ""},
		{[][2]int{{0, 4}, {4, 1}, {0, 4}, {4, 1}}, []int{5, 5}, ""},
		{[][2]int{{4, 1}, {0, 4}, {0, 2}, {2, 2}, {4, 1}}, []int{5, 5}, ""},
		{[][2]int{{4, 1}}, nil, "its segments do not join: token 4 follows 0"},
		{[][2]int{{0, 3}, {4, 1}}, nil, "its segments do not join: token 4 follows 3"},
		{[][2]int{{0, 4}, {4, 1}, {4, 1}}, nil, "its segments do not join: token 4 follows 5"},
	} {
		var s sampled
		for _, p := range c.parts {
			s.parts = append(s.parts, newPart(p[0], make([]int32, p[1])))
		}
		uses, err := s.join()
		var lengths []int
		for _, parts := range uses {
			at := 0
			for _, p := range parts {
				if p.start != at {
					t.Errorf("%v: part at %d follows %d", c.parts, p.start, at)
				}
				at += p.count
			}
			lengths = append(lengths, at)
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != c.err || !slices.Equal(lengths, c.uses) {
			t.Errorf("%v: uses of %v %q, want %v %q", c.parts, lengths, message, c.uses, c.err)
		}
	}
}
