// Package match finds licence texts and notices in texts, by patterns that are
// compiled when codemill is made. What a pattern is, how it is compiled and
// what it matches is google/licensecheck's: license/internal/compile takes the
// tables out of one of its scanners, and this package goes through them as that
// scanner would. To make a scanner of the 2,000 patterns there are takes two
// seconds; to read its tables, a few milliseconds.
//
// # Files
//
//	match.go   the automaton over words
//	split.go   texts as words
//	tables.go  the format of the tables
//	*.zst      the tables
//
// match.go and split.go follow files of google/licensecheck v0.3.1 (scan.go and
// those of internal/match), which are
//
//	Copyright (c) 2019 The Go Authors. All rights reserved.
//
// under the licence in LICENSE-licensecheck.
package match

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
)

// A Match is what a pattern matches in a text.
type Match struct {
	ID         string // the pattern's
	Start, End int    // in bytes
}

// A Scanner finds matches. It is safe for concurrent use.
type Scanner struct {
	words           []string
	numbers         map[string]int32 // of words
	ids             []string         // of patterns
	urls            map[string]string
	begins          []bool           // by word: a pattern begins with it
	starts          map[uint64]int32 // pairs of words with which patterns begin, and the states behind them
	states          []byte           // see tables.go
	copyright, http int32
}

// maxCopyrightWords is how far before a match it is extended to the word copyright.
const maxCopyrightWords = 50

// Scan returns the longest matches from the left, none in another, in order. A match
// goes to the beginning and the end of a line where nothing but punctuation stands
// between, and begins with the word copyright if that stands at most 50 words before
// it. The addresses of licences match, too.
func (s *Scanner) Scan(text []byte) []Match {
	words := s.split(text)
	var found []Match
	lastEnd := 0
	add := func(id, start, end int) { // in words
		if lastEnd < start && start < len(words) {
			for i := max(start-maxCopyrightWords, lastEnd); i < start; i++ {
				if words[i].number == s.copyright {
					start = i
					break
				}
			}
		}
		found = s.addresses(found, text, words, lastEnd, start)
		if id < 0 {
			return
		}
		m := Match{ID: s.ids[id], Start: words[start].start, End: words[end-1].end}
		if start == 0 {
			m.Start = 0
		} else {
			before := words[start-1].end
			if i := bytes.LastIndexByte(text[before:m.Start], '\n'); i >= 0 {
				m.Start = before + i + 1
			}
		}
		if end == len(words) {
			m.End = len(text)
		} else if i := bytes.IndexByte(text[m.End:words[end].start], '\n'); i >= 0 {
			m.End += i + 1
		}
		found = append(found, m)
		lastEnd = end
	}
	run := runner{Scanner: s, text: text}
	before := noWord
	for i := 0; i < len(words); i++ {
		pair := [2]int32{before, words[i].number}
		before = pair[1]
		if pair[0] < 0 || pair[1] < 0 || !s.begins[pair[0]] {
			continue
		}
		behind, ok := s.starts[key(pair)]
		if !ok {
			continue
		}
		words := words[i-1:]
		known := 2
		if words[0].number != pair[0] {
			behind, known = 0, 0
		}
		if id, n := run.match(words, known, behind); id >= 0 && n > 0 {
			add(id, i-1, i-1+n)
			i += n - 2 // and before stays, as in licensecheck
		}
	}
	add(-1, len(words), 0)
	return found
}

func key(pair [2]int32) uint64 { return uint64(pair[0])<<32 | uint64(pair[1]) }

var address = regexp.MustCompile(`^(?i)https?://[-a-z0-9_.]+\.(org|com)(/[-a-z0-9_.#?=]+)+/?`)

// addresses adds the addresses of licences among some words, which end before the last.
func (s *Scanner) addresses(found []Match, text []byte, words []word, from, to int) []Match {
	if len(s.urls) == 0 {
		return found
	}
	for i := from; i < to; i++ {
		start := words[i].start
		if words[i].number != s.http {
			continue
		}
		at := address.FindIndex(text[start:])
		if at == nil || to < len(words) && start+at[1] > words[to].start {
			continue
		}
		end := start + at[1]
		id, ok := s.licenceAt(string(text[start:end]))
		if !ok {
			continue
		}
		found = append(found, Match{ID: id, Start: start, End: end})
		for i < to && words[i].end <= end {
			i++
		}
		i--
	}
	return found
}

// licenceAt returns the licence that stands at an address, or at the one above it.
func (s *Scanner) licenceAt(url string) (id string, ok bool) {
	for _, scheme := range []string{"http://", "https://"} {
		url = strings.TrimPrefix(url, scheme)
	}
	for _, end := range []string{"/", "/legalcode"} {
		url = strings.TrimSuffix(url, end)
	}
	url = strings.ToLower(url)
	if id, ok = s.urls[url]; ok {
		return id, true
	}
	if i := strings.LastIndexByte(url, '/'); i >= 0 {
		id, ok = s.urls[url[:i]]
	}
	return id, ok
}

// An edge leads from a state over a word to the next.
type edge struct{ word, next int32 }

// anyWord is the word of an edge over which every word leads. It comes first in a
// state, and the others go before it.
const anyWord = -2

// A runner runs the automaton over one text.
type runner struct {
	*Scanner
	text        []byte
	here, there []edge // of the last states read
}

// state reads a state: the pattern that has matched once it is reached, or -1, and
// where it leads to.
func (r *runner) state(at int32, edges []edge) (match int, _ []edge) {
	rest := r.states[at:]
	next := func() int32 {
		n := int32(0)
		for shift := 0; ; shift += 7 {
			b := rest[0]
			rest = rest[1:]
			n |= int32(b&0x7f) << shift
			if b < 0x80 {
				return n
			}
		}
	}
	match = -1
	head := next()
	if head&1 != 0 {
		match = int(next())
	}
	edges = edges[:0]
	for range head >> 1 {
		n := next()
		e := edge{word: n>>1 + anyWord, next: follows}
		if n&1 == 0 {
			e.next = int32(binary.LittleEndian.Uint32(rest))
			rest = rest[4:]
		}
		edges = append(edges, e)
	}
	for i := range edges {
		if edges[i].next == follows {
			edges[i].next = int32(len(r.states) - len(rest))
		}
	}
	return match, edges
}

// match returns the pattern with the longest match at the beginning of some words, of
// which so many led to a state, and how many of them it has; -1 for none. Where no edge is of a word, it is taken for the
// first of the words it may be: joined with the next, two in one, or misspelt.
func (r *runner) match(words []word, known int, at int32) (match, end int) {
	match = -1
	var m int
words:
	for i := known; i < len(words); i++ {
		if m, r.here = r.state(at, r.here); m >= 0 {
			match, end = m, i
		}
		edges := r.here
		otherwise := int32(-1)
		if len(edges) > 0 && edges[0].word == anyWord {
			otherwise = edges[0].next
			edges = edges[1:]
		}
		for _, e := range edges {
			if e.word == words[i].number {
				at = e.next
				continue words
			}
		}
		have := fold(r.text[words[i].start:words[i].end])
		have2 := ""
		if i+1 < len(words) {
			have2 = fold(r.text[words[i+1].start:words[i+1].end])
		}
		for _, e := range edges {
			want := r.words[e.word]
			if len(want) == len(have)+len(have2) && want[:len(have)] == have && want[len(have):] == have2 {
				at = e.next
				i++
				continue words
			}
			if rest, ok := strings.CutPrefix(have, want); ok && rest != "" {
				next := int32(-1)
				m, r.there = r.state(e.next, r.there)
				for _, e2 := range r.there {
					if e2.word == anyWord || r.words[e2.word] == rest {
						next = e2.next
					}
				}
				if next >= 0 {
					if m >= 0 {
						match, end = m, i
					}
					at = next
					continue words
				}
			}
			if misspelt(want, have) {
				at = e.next
				continue words
			}
		}
		if otherwise < 0 {
			return match, end
		}
		at = otherwise
	}
	if m, r.here = r.state(at, r.here); m >= 0 {
		match, end = m, len(words)
	}
	return match, end
}

// misspelt reports whether a word may stand for another: one byte more, fewer or
// another, in words of four bytes; and © for c, which as a mark of a list is not (c).
func misspelt(want, have string) bool {
	if len(want)-1 <= len(have) && len(have) <= len(want)+1 && (len(have) >= 4 || len(want) >= 4) {
		begin, end := 0, 0 // in common
		for begin < len(have) && begin < len(want) && want[begin] == have[begin] {
			begin++
		}
		for end < len(have) && end < len(want) && want[len(want)-1-end] == have[len(have)-1-end] {
			end++
		}
		if begin+end >= len(want)-1 && begin+end >= len(have)-1 {
			return true
		}
	}
	return (want == "c" || want == "copyright") && (have == "c" || have == "copyright" || have == "©")
}
