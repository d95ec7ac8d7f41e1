package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// editRates are the shares of words that near-copies have changed. With
// 5-grams a copy with the share e changed has a similarity of about
// (1-e)^5 / (2 - (1-e)^5): 0.95 at half a percent, 0.69 at four.
var editRates = []float64{0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1}

// withCopies adds near-copies until they are about the given share of all,
// and puts everything in an order that is random but always the same. Which
// texts are copied, how often, and what is edited follows from the seed and
// the texts alone.
func withCopies(texts []text, of float64, seed uint64) []text {
	out := slices.Clone(texts)
	for _, t := range texts {
		r := stream{seed: seed ^ hash(t.data)}
		// One to three copies of one in so many texts.
		if r.float() >= of/(1-of)/2 {
			continue
		}
		for n := range 1 + r.below(3) {
			rate := editRates[r.below(len(editRates))]
			out = append(out, text{
				path:     fmt.Sprintf("%s#%d", t.path, n),
				language: t.language,
				data:     edited(t.data, rate, &r),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b text) int { return cmp.Compare(place(a, seed), place(b, seed)) })
	return out
}

// originalPath is the path of the text that a copy was made of.
func originalPath(path string) string {
	original, _, _ := strings.Cut(path, "#")
	return original
}

func place(t text, seed uint64) uint64 {
	return hash(binary.LittleEndian.AppendUint64([]byte(t.path), seed))
}

// edited changes about so many of the words: one is replaced, taken out, or
// gets another before it.
func edited(data []byte, rate float64, r *stream) []byte {
	if rate == 0 {
		return slices.Clone(data)
	}
	var b bytes.Buffer
	for len(data) > 0 {
		n := bytes.IndexFunc(data, func(c rune) bool { return !isWord(c) })
		if n < 0 {
			n = len(data)
		}
		word := data[:n]
		switch {
		case n == 0 || r.float() >= rate:
			b.Write(word)
		case r.below(3) == 0: // taken out
		case r.below(2) == 0:
			fmt.Fprintf(&b, "edit%x", r.below(1<<20))
		default:
			fmt.Fprintf(&b, "edit%x %s", r.below(1<<20), word)
		}
		data = data[n:]
		n = bytes.IndexFunc(data, isWord)
		if n < 0 {
			n = len(data)
		}
		b.Write(data[:n])
		data = data[n:]
	}
	return b.Bytes()
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// stream is random numbers that follow from a seed alone (SplitMix64).
type stream struct{ seed uint64 }

func (s *stream) next() uint64 {
	s.seed += 0x9e3779b97f4a7c15
	z := s.seed
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (s *stream) below(n int) int { return int(s.next() % uint64(n)) }

func (s *stream) float() float64 { return float64(s.next()>>11) / (1 << 53) }
