package pretoken

import (
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// CutPoint is where a text that is not at its end yet may be cut in two that are
// encoded apart, with the ids of the whole; 0 if that is nowhere certain. A pretoken
// ends there, whatever follows the text, and the pretokens in front of it are the same
// if the text ends there.
//
// Between a letter and a space, as in "one| two", all scanners end a pretoken.
// Elsewhere it is an end that the scanner finds, finds again if the text ends there,
// and that has enough text behind it: scanners look ahead to the end of a run of
// letters and marks, or of white space, and some characters more.
func (p *Pretokenizer) CutPoint(text []byte) int {
	if p.scanner == nil {
		return 0
	}
	for i := len(text) - 1; i > max(0, len(text)-4096); i-- { // in most texts one of the last few is such a space
		if c := text[i-1] | 0x20; text[i] == ' ' && c >= 'a' && c <= 'z' {
			return i
		}
	}
	r := p.endsUpTo(text, p.Settled(text))
	if n := p.confirmed(text, r, r.n-1); n > 0 {
		return n
	}
	r = p.endsUpTo(text, len(text))
	return p.confirmed(text, r, p.agreed(text, r))
}

// endsUpTo is the last ends of pretokens up to limit, the beginning of the text counting as
// one. It cuts the whole text.
func (p *Pretokenizer) endsUpTo(text []byte, limit int) *ring {
	r := new(ring)
	r.add(0)
	var ends [Room]int
	var s Scratch
	for pos := 0; pos < limit; {
		n := p.scanner.scan(text, pos, ends[:], &s)
		for _, end := range ends[:n] {
			if end > limit {
				return r
			}
			r.add(end)
		}
		pos = ends[n-1]
	}
	return r
}

// agreed is for a text that ends in a long run of one kind and so is not settled. It is
// the last of the ends that are found with every kind of continuation behind the text,
// less four to be safe. It is r's oldest if the pretokens are too long to try.
func (p *Pretokenizer) agreed(text []byte, r *ring) int {
	first := max(0, r.n-len(r.ends))
	from := r.at(first)
	if len(text)-from > 1<<14 {
		return first
	}
	var ends [len(r.ends)]int
	var s Scratch
	agreed := r.n - 1
	for _, next := range continuations {
		tried := append(text[from:len(text):len(text)], next...)
		s.Begin()
		n := p.scanner.scan(tried, 0, ends[:], &s)
		for k := range agreed - first {
			if k >= n || from+ends[k] != r.at(first+k+1) {
				agreed = first + k
				break
			}
		}
	}
	return max(first, agreed-4)
}

// continuations begin with every kind of character that a pattern tells apart,
// and with what the look-aheads look for.
var continuations = [...]string{"a", "A", "1", "\u00bd", " ", " a", " 1", " .", "  ", " \n", "\n", "\na", "\t", ".", "/", "'", "'s", "'ll", "''", "$",
	"\u00e9", "\u01c5", "\u02b0", "\u5b57", "\u5b57a", "\u3042", "\uac00", "\u0301", "\u0301a", "\u3000", "\u3000a", "\u3000\u3000", "\u3001",
	" \u3001", "\u3000\u3001", "\u00a0", "\uff21", "\U0001d49c", "\U0001f600", "\x00", "\ue000"}

// FirstEnd is the end of the first pretoken of text, as if text ended the text.
func (p *Pretokenizer) FirstEnd(text []byte) int {
	var ends [1]int
	var s Scratch
	p.scanner.scan(text, 0, ends[:], &s)
	return ends[0]
}

// Settled is a position in text that is far enough from the text's end for ends of
// pretokens in front of it to be certain: two whole runs of characters of one kind
// follow, and the longest look-ahead into a third.
func (p *Pretokenizer) Settled(text []byte) int {
	i := charset.RuneStart(text, len(text)-8)
	for range 2 {
		kind := p.kindBefore(text, i)
		for i > 0 && p.kindBefore(text, i) == kind {
			_, n := utf8.DecodeLastRune(text[:i])
			i -= n
		}
	}
	return i
}

// kindBefore is the class, by [Pretokenizer.kinds], of the character before text[i].
func (p *Pretokenizer) kindBefore(text []byte, i int) uint8 {
	if i == 0 {
		return 0
	}
	_, n := utf8.DecodeLastRune(text[:i])
	kind, _ := p.kinds.At(text, i-n)
	return kind
}

// confirmed is the last of the ends, from the one numbered last on down, that
// stays if the text ends there, or 0.
func (p *Pretokenizer) confirmed(text []byte, r *ring, last int) int {
	var s Scratch
	for k := last; k > max(0, r.n-len(r.ends)); k-- {
		first := max(0, k-8, r.n-len(r.ends))
		cut := text[:r.at(k)]
		s.Begin()
		var ends [1]int
		same := true
		for j, pos := first+1, r.at(first); j <= k && same; j++ {
			p.scanner.scan(cut, pos, ends[:], &s)
			pos = ends[0]
			same = pos == r.at(j)
		}
		if same {
			return len(cut)
		}
	}
	return 0
}

// A ring holds the last 32 of n ends. They are numbered from 0: at(n-1) is the last, and
// at(k) is there for k from n-32 on.
type ring struct {
	ends [32]int
	n    int // how many were added
}

func (r *ring) add(end int) {
	r.ends[r.n%len(r.ends)] = end
	r.n++
}

func (r *ring) at(k int) int { return r.ends[k%len(r.ends)] }

// contextRun is how many of a run's first and last characters the scanner is shown.
const contextRun = 16

// Run finds the run of one class that a text, one pretoken so far, consists of
// but for its first few characters: the pretoken certainly reaches text[:end],
// of which text[head:tail] does not matter to the scanner. end is 0 if there is
// no such run, or none that goes beyond the context, in bytes.
//
// It is for streams in which one pretoken has megabytes, such as a line of one letter:
//
//	head |      does not matter      | tail       end
//	aaaa  aaaaaaaaaaaaaaaaaaaaaaaaaaa  aaaaaaaaaa  aa
//
// The scanner is shown head and tail joined, with all that may follow (reaches). So the
// bytes between can be encoded and forgotten before the pretoken's end is known.
func (p *Pretokenizer) Run(text []byte, context int) (head, tail, end int) {
	c := p.scanner.s
	if len(text) < 8*contextRun*utf8.UTFMax {
		return 0, 0, 0
	}
	for range contextRun {
		_, n := c.At(text, head)
		head += n
	}
	class, _ := c.At(text, head)
	stop := head
	var starts [2*contextRun + 2]int // of the last characters
	chars := 0
	for stop < charset.RuneStart(text, len(text)-utf8.UTFMax) {
		k, n := c.At(text, stop)
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
	if tail < head || !p.reaches(text[:head], text[tail:stop], head+end-tail) {
		return 0, 0, 0
	}
	return head, tail, end
}

// reaches tells that the first pretoken of head and tail goes to limit at least,
// whatever follows.
func (p *Pretokenizer) reaches(head, tail []byte, limit int) bool {
	text := append(head[:len(head):len(head)], tail...)
	if p.FirstEnd(text) < limit {
		return false
	}
	for _, next := range continuations {
		if p.FirstEnd(append(text[:len(text):len(text)], next...)) < limit {
			return false
		}
	}
	return true
}
