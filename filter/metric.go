package filter

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/nearest"
)

// subject is a document under judgement. What is costly is measured when the
// first rule asks for it.
type subject struct {
	doc      *corpus.Doc
	measured bool
	metrics  Metrics
	visible  int64 // -1 until counted
}

func newSubject(d *corpus.Doc) *subject { return &subject{doc: d, visible: -1} }

func (s *subject) measure() *Metrics {
	if !s.measured {
		s.metrics, s.measured = Measure(s.doc.Text), true
	}
	return &s.metrics
}

func (s *subject) visibleChars() int64 {
	if s.visible < 0 {
		s.visible = visibleChars(s.doc.Text)
	}
	return s.visible
}

// metric is a value that rules can be declared over.
type metric struct {
	fraction bool // 0 to 1; others are counts or lengths from 0
	value    func(*subject) float64
}

// metrics returns all metrics by their names in a recipe.
func metrics() map[string]metric {
	count := func(f func(*Metrics) int64) metric {
		return metric{value: func(s *subject) float64 { return float64(f(s.measure())) }}
	}
	fraction := func(f func(*Metrics) int64) metric {
		return metric{true, func(s *subject) float64 { m := s.measure(); return ratio(f(m), m.Chars) }}
	}
	return map[string]metric{
		"bytes":                 count(func(m *Metrics) int64 { return m.Bytes }),
		"chars":                 count(func(m *Metrics) int64 { return m.Chars }),
		"lines":                 count(func(m *Metrics) int64 { return m.Lines }),
		"words":                 count(func(m *Metrics) int64 { return m.Words }),
		"max_line_length":       count(func(m *Metrics) int64 { return m.MaxLine }),
		"mean_line_length":      {value: func(s *subject) float64 { return s.measure().MeanLine() }},
		"mean_word_length":      {value: func(s *subject) float64 { m := s.measure(); return ratio(m.Chars-m.Whitespace, m.Words) }},
		"alphabetic_fraction":   fraction(func(m *Metrics) int64 { return m.Alphabetic }),
		"alphanumeric_fraction": fraction(func(m *Metrics) int64 { return m.Alphanumeric }),
		"digit_fraction":        fraction(func(m *Metrics) int64 { return m.Digits }),
		"whitespace_fraction":   fraction(func(m *Metrics) int64 { return m.Whitespace }),
		"replacement_fraction":  fraction(func(m *Metrics) int64 { return m.Replacement }),
		"row_fraction":          {true, func(s *subject) float64 { return rowFraction(s.doc.Text) }},
		"xml_declaration":       {true, func(s *subject) float64 { return truth(hasXMLDeclaration(s.doc.Text)) }},
		"html_visible_chars":    {value: func(s *subject) float64 { return float64(s.visibleChars()) }},
		"html_visible_fraction": {true, func(s *subject) float64 { return ratio(s.visibleChars(), s.measure().Chars) }},
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// hasXMLDeclaration is StarCoder's '<?xml version=' in content[:100].
func hasXMLDeclaration(text []byte) bool {
	end := 0
	for range 100 {
		_, n := utf8.DecodeRune(text[end:])
		end += n
	}
	return bytes.Contains(text[:end], []byte("<?xml version="))
}

// lookup finds a metric, or names the nearest.
func lookup(name string) (metric, error) {
	all := metrics()
	m, ok := all[name]
	if !ok {
		return m, unknown("metric", name, slices.Sorted(maps.Keys(all)))
	}
	return m, nil
}

// unknown is the error for a name that is none of those known.
func unknown(what, name string, known []string) error {
	best, near := nearest.Name(name, known)
	if !near && len(known) <= 40 { // not the languages
		return fmt.Errorf("unknown %s %q; there are %s", what, name, strings.Join(known, ", "))
	}
	return fmt.Errorf("unknown %s %q; the nearest is %q", what, name, best)
}
