package filter

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// Metrics is what one pass over a text counts. Characters are Unicode code
// points. The definitions are those of the Python code that StarCoder's
// filtering.py runs on a file's content, which DeepSeek-Coder says it follows
// (section 2.1): lines are str.splitlines(), which ends a line at \n, \r,
// \r\n, \v, \f, U+001C to U+001E, U+0085, U+2028 and U+2029, counts no line
// after the last end, and leaves the ends out of a line's length; alphabetic is
// str.isalpha, alphanumeric str.isalnum, whitespace str.isspace, words
// str.split().
type Metrics struct {
	Bytes        int64
	Chars        int64
	Lines        int64
	LineChars    int64 // of all lines together, without their ends
	MaxLine      int64 // characters of the longest line
	Alphabetic   int64 // characters of category L
	Alphanumeric int64 // categories L and N
	Digits       int64 // category Nd
	Whitespace   int64
	Words        int64 // runs of anything but whitespace
	Replacement  int64 // U+FFFD, what a conversion could not read
}

// MeanLine is the mean length of a line in characters, 0 without lines.
func (m *Metrics) MeanLine() float64 { return ratio(m.LineChars, m.Lines) }

// ratio is a/b, and 0 where b is: an empty text has none of anything, so rules
// that ask for a least share put it out.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// The classes of a character.
const (
	letter = 1 << iota
	number
	digit
	space
	lineEnd
)

func classOf(r rune) (c uint8) {
	if unicode.IsLetter(r) {
		c |= letter
	}
	if unicode.IsNumber(r) {
		c |= number
	}
	if unicode.IsDigit(r) {
		c |= digit
	}
	if unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f {
		c |= space
	}
	switch r {
	case '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		c |= lineEnd
	}
	return c
}

// The counts of ASCII characters are added up in 16-bit lanes of one word.
// What is special, line ends and the bytes of longer characters, has a bit
// above the lanes and is not added.
const (
	letterLane = 0
	digitLane  = 16
	spaceLane  = 32
	special    = 1 << 48
	laneMax    = 1<<16 - 1
)

var lanes = func() (t [256]uint64) {
	for b := range t {
		c := classOf(rune(b))
		switch {
		case b >= utf8.RuneSelf || c&lineEnd != 0:
			t[b] = special
		case c&letter != 0:
			t[b] = 1 << letterLane
		case c&digit != 0:
			t[b] = 1 << digitLane
		case c&space != 0:
			t[b] = 1 << spaceLane
		}
	}
	return t
}()

// basicPlane returns the classes of the characters below U+10000.
var basicPlane = sync.OnceValue(func() *[1 << 16]uint8 {
	var t [1 << 16]uint8
	for r := range t {
		t[r] = classOf(rune(r))
	}
	return &t
})

// Measure counts all of [Metrics] in one pass.
func Measure(text []byte) Metrics {
	s := scan{text: text, afterSpace: 1}
	for s.at < len(text) {
		s.lanes(min(len(text), s.at+laneMax))
	}
	if s.start < len(text) {
		s.endLine(len(text), len(text))
	}
	s.Bytes = int64(len(text))
	s.Chars = s.Bytes - s.allExtra
	return s.Metrics
}

// scan is the state of Measure.
type scan struct {
	Metrics
	text       []byte
	at         int
	start      int    // of the line
	extra      int64  // bytes of the line beyond one for each character
	allExtra   int64  // the same of the text so far
	afterSpace uint64 // 1 at the start and after whitespace
	plane      *[1 << 16]uint8
}

// lanes goes on at least to end, which is at most laneMax away.
func (s *scan) lanes(end int) {
	var sum, words uint64
	for s.at < end {
		after, n := s.afterSpace, 0
		run := s.text[s.at:end]
		for _, b := range run {
			t := lanes[b]
			if t >= special {
				break
			}
			n++
			sum += t
			isSpace := t >> spaceLane
			words += after &^ isSpace
			after = isSpace
		}
		s.at, s.afterSpace = s.at+n, after
		if n < len(run) {
			s.special()
		}
	}
	letters, digits := int64(sum>>letterLane&laneMax), int64(sum>>digitLane&laneMax)
	s.Alphabetic += letters
	s.Digits += digits
	s.Alphanumeric += letters + digits
	s.Whitespace += int64(sum >> spaceLane & laneMax)
	s.Words += int64(words)
}

// special takes the line end or the longer character at s.at.
func (s *scan) special() {
	b, at := s.text[s.at], s.at
	if b < utf8.RuneSelf {
		s.at++
		s.Whitespace++
		if b == '\r' && s.at < len(s.text) && s.text[s.at] == '\n' {
			s.at++
			s.Whitespace++
		}
		s.afterSpace = 1
		s.endLine(at, s.at)
		return
	}
	r, n := utf8.DecodeRune(s.text[s.at:])
	s.at += n
	c := s.class(r)
	s.Alphabetic += int64(c & letter)
	s.Digits += int64(c & digit / digit)
	if c&(letter|number) != 0 {
		s.Alphanumeric++
	}
	if r == utf8.RuneError {
		s.Replacement++
	}
	isSpace := uint64(c & space / space)
	s.Whitespace += int64(isSpace)
	s.Words += int64(s.afterSpace &^ isSpace)
	s.afterSpace = isSpace
	s.allExtra += int64(n - 1)
	if c&lineEnd != 0 {
		s.endLine(at, s.at)
	} else {
		s.extra += int64(n - 1)
	}
}

func (s *scan) class(r rune) uint8 {
	if r >= 1<<16 {
		return classOf(r)
	}
	if s.plane == nil {
		s.plane = basicPlane()
	}
	return s.plane[r]
}

// endLine ends the line at end; the next one starts at next.
func (s *scan) endLine(end, next int) {
	n := int64(end-s.start) - s.extra
	s.Lines++
	s.LineChars += n
	s.MaxLine = max(s.MaxLine, n)
	s.start, s.extra = next, 0
}
