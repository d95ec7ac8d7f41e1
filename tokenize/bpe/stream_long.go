package bpe

import "unicode/utf8"

// An openPretoken is the beginning of a pretoken that is longer than what may be
// kept, a run of characters of one class. Its bytes are merged as they come;
// the scanner is shown its first and last characters, between which any number
// could stand: it has no state that counts them.
type openPretoken struct {
	context int    // so much of what is kept stands for the beginning; 0 if none is open
	bytes   []byte // of the beginning, what is not merged yet
	want    int    // merge when there are that many
}

// contextRun is how many characters of the run the scanner is shown.
const contextRun = 16

// grow takes what is kept into an open pretoken, or does nothing.
func (s *pretokenSink) grow() error {
	if s.e.t.scanner == nil {
		return nil
	}
	head, tail, end := s.e.t.run(s.kept, s.long.context)
	if end == 0 {
		return nil
	}
	for _, b := range s.kept[s.long.context:end] {
		if s.e.t.byteID[b] != noToken {
			s.long.bytes = append(s.long.bytes, b)
		}
	}
	s.long.context = head + end - tail
	s.kept = append(s.kept[:head], s.kept[tail:]...)
	return s.merge()
}

// run finds the run of one class that a text, one pretoken so far, consists of
// but for its first few characters: the pretoken certainly reaches text[:end],
// of which text[head:tail] does not matter to the scanner. end is 0 if there is
// no such run, or none that goes beyond the context.
func (t *Tokenizer) run(text []byte, context int) (head, tail, end int) {
	c := classifierOf(t.scanner)
	if c == nil || len(text) < 8*contextRun*utf8.UTFMax {
		return 0, 0, 0
	}
	for range contextRun {
		_, n := c.at(text, head)
		head += n
	}
	class, _ := c.at(text, head)
	stop := head
	var starts [2*contextRun + 2]int // of the last characters
	chars := 0
	for stop < runeStart(text, len(text)-utf8.UTFMax) {
		k, n := c.at(text, stop)
		if k != class {
			break
		}
		starts[chars%len(starts)] = stop
		chars++
		stop += n
	}
	// The last two characters stay out: white space may leave one to what follows.
	if chars < len(starts) || starts[(chars-2)%len(starts)] <= max(context, 4*head) {
		return 0, 0, 0
	}
	end, tail = starts[(chars-2)%len(starts)], starts[(chars-2-contextRun)%len(starts)]
	if tail < head || !t.reaches(text[:head], text[tail:stop], head+end-tail) {
		return 0, 0, 0
	}
	return head, tail, end
}

// reaches tells that the first pretoken of head and tail goes to limit at least,
// whatever follows.
func (t *Tokenizer) reaches(head, tail []byte, limit int) bool {
	text := append(head[:len(head):len(head)], tail...)
	if t.firstEnd(text) < limit {
		return false
	}
	for _, next := range continuations {
		if t.firstEnd(append(text[:len(text):len(text)], next...)) < limit {
			return false
		}
	}
	return true
}

// A classifier has the classes by which a scanner tells characters apart.
type classifier interface {
	at(text []byte, i int) (class uint8, size int)
}

// classifierOf is nil if the scanner is none.
func classifierOf(s scanner) classifier {
	if w, ok := s.(*windows); ok {
		c, _ := w.s.(classifier)
		return c
	}
	c, _ := s.(classifier)
	return c
}

// finish ends the open pretoken at kept[:end].
func (s *pretokenSink) finish(end int) error {
	s.long.bytes = append(s.long.bytes, s.kept[s.long.context:end]...)
	s.ids = s.e.t.appendLong(&s.e.merger, s.ids[:0], s.long.bytes)
	s.kept = rest(s.kept, end)
	s.long = openPretoken{bytes: s.long.bytes[:0]}
	return s.give()
}

// merge emits the tokens of the open pretoken that are final.
func (s *pretokenSink) merge() error {
	least := min(mergeWindow, 16*s.min) // less in tests
	for len(s.long.bytes) >= max(least, s.long.want) {
		var n int
		s.ids, n = s.e.t.appendFinal(&s.e.merger, s.ids[:0], s.long.bytes[:max(least, s.long.want)])
		if n == 0 {
			s.long.want = 2 * max(least, s.long.want)
			continue
		}
		s.long.want = 0
		s.long.bytes = rest(s.long.bytes, n)
		if err := s.give(); err != nil {
			return err
		}
	}
	return nil
}
