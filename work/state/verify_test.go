package state

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize"
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

// What is said of the tokens of one id once all its documents are read: there may be as
// many uses in an epoch as there are documents that are in, and not one more.
func TestJudge(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		doc     sampledDoc
		uses    int64
		fault   error
		decoded int64
		wrong   string
	}{
		{sampledDoc{met: true, in: 1}, 1, nil, 1, ""},
		{sampledDoc{met: true, in: 1}, 2, nil, 0, "2 uses of it in one epoch, of 1 documents"},
		{sampledDoc{met: true, in: 2}, 2, nil, 2, ""},
		{sampledDoc{met: true, in: 2}, 1, nil, 1, ""},
		{sampledDoc{met: true, in: 2}, 3, nil, 0, "3 uses of it in one epoch, of 2 documents"},
		{sampledDoc{met: true, in: 2}, 0, broken, 0, "broken"},
		{sampledDoc{met: true, in: 2, differ: true}, 0, broken, 0, ""},
		{sampledDoc{met: true}, 1, nil, 0, "r p is in, but a verdict put it out"},
		{sampledDoc{}, 1, nil, 0, "r p: there is no such document"},
	} {
		c.doc.tokens = []*sampled{{Segment: tokenize.Segment{Repo: "r", Path: "p"}, uses: c.uses, fault: c.fault}}
		var v Verification
		v.judge(&c.doc)
		if v.Decoded != c.decoded || len(v.Wrong) > 1 || (c.wrong == "") != (len(v.Wrong) == 0) || c.wrong != "" && !strings.HasSuffix(v.Wrong[0].Error(), c.wrong) {
			t.Errorf("%+v: %d decoded, wrong %v", c, v.Decoded, v.Wrong)
		}
	}
}
