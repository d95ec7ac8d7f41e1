package pretoken

import (
	"fmt"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// general is the engine for any pre-tokenizer: it applies the steps one after
// another, each to the segments that the last one left, which are a text of their own
// to it. A regular expression runs in regexp2, which backtracks: the documentation of
// tokenize/bpe says what that may cost. The whole text is in memory, as characters of
// 4 bytes with 8 bytes of offset each. It is safe for concurrent use.
type general struct{ steps []generalStep }

// generalStep is a step, which looks either for what re matches or for characters of set.
type generalStep struct {
	vocab.Step                 // with the Behavior that its type has
	re         *regexp2.Regexp // of a Split; else nil
	set        charset.Set     // Digits, Punctuation
}

// newGeneral compiles the steps. It is an error if one is not supported, or the patterns
// are past the limits.
func newGeneral(t *charset.Tables, steps []vocab.Step) (*general, error) {
	if err := checkLimits(steps); err != nil {
		return nil, err
	}
	g := new(general)
	room := maxTranslated
	for _, s := range steps {
		gs := generalStep{Step: s}
		var err error
		switch {
		case s.Type == "Digits":
			gs.set, gs.Behavior = t.Digits, "Contiguous"
			if s.Individual {
				gs.Behavior = "Isolated"
			}
		case s.Type == "Punctuation":
			gs.set = t.Punct
		case s.Type == "Split" && !s.Literal:
			gs.re, err = compileRegexp(t, s.Pattern, &room)
		case s.Type == "Split":
			gs.re, err = regexp2.Compile(regexp2.Escape(s.Pattern), regexp2.None)
		default:
			err = fmt.Errorf("pre-tokenizer %s is not supported", s.Type)
		}
		if err != nil {
			return nil, err
		}
		switch gs.Behavior {
		case "Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous":
		default:
			return nil, fmt.Errorf("behavior %q of pre-tokenizer %s is not supported", s.Behavior, s.Type)
		}
		g.steps = append(g.steps, gs)
	}
	return g, nil
}

// A Span is text[from:to], in characters inside the engine and in bytes outside.
type Span struct{ From, To int }

// spans cuts text into its pretokens, in order. Removed text is in none.
func (g *general) spans(text []byte) []Span {
	runes := make([]rune, 0, len(text))
	offsets := make([]int, 0, len(text)+1)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		runes, offsets = append(runes, r), append(offsets, i)
		i += n
	}
	offsets = append(offsets, len(text))
	segments := []Span{{0, len(runes)}}
	for _, s := range g.steps {
		var next []Span
		for _, seg := range segments {
			for _, m := range s.cut(s.matches(runes[seg.From:seg.To]), seg.To-seg.From) {
				next = append(next, Span{seg.From + m.From, seg.From + m.To})
			}
		}
		segments = next
	}
	for i, s := range segments {
		segments[i] = Span{offsets[s.From], offsets[s.To]}
	}
	return segments
}

// matches finds what the step looks for in a segment, leftmost first. Matches do not
// overlap.
func (s *generalStep) matches(segment []rune) []Span {
	var out []Span
	if s.re == nil {
		for i, r := range segment {
			if s.set.Has(r) {
				out = append(out, Span{i, i + 1})
			}
		}
		return out
	}
	// regexp2 fails on a time limit only, and there is none.
	m, err := s.re.FindRunesMatch(segment)
	for ; m != nil && err == nil; m, err = s.re.FindNextMatch(m) {
		out = append(out, Span{m.Index, m.Index + m.Length})
	}
	return out
}

// cut splits a segment of n characters at the matches as the behavior says. Of "a--b-c" and
// the pattern "-" they make
//
//	Isolated            a - - b - c
//	Removed             a b c
//	Contiguous          a -- b - c
//	MergedWithPrevious  a- - b- c
//	MergedWithNext      a - -b -c
func (s *generalStep) cut(matches []Span, n int) []Span {
	// The segment's pieces, matches and what is between them. With Invert they change
	// their roles.
	type piece struct {
		Span
		match bool
	}
	var pieces []piece
	end := 0
	add := func(from, to int, match bool) {
		if to > from {
			pieces = append(pieces, piece{Span{from, to}, match != s.Invert})
		}
	}
	for _, m := range matches {
		add(end, m.From, false)
		add(m.From, m.To, true)
		end = m.To
	}
	add(end, n, false)

	var out []Span
	for i, p := range pieces {
		last := i > 0 && pieces[i-1].match
		join := false
		switch s.Behavior {
		case "Removed":
			if p.match {
				continue
			}
		case "Contiguous":
			join = i > 0 && last == p.match
		case "MergedWithPrevious":
			join = i > 0 && p.match && !last
		case "MergedWithNext":
			// A delimiter goes with what follows; of several, the last does.
			join = i > 0 && last && !p.match
		}
		if join {
			out[len(out)-1].To = p.To
		} else {
			out = append(out, p.Span)
		}
	}
	return out
}
