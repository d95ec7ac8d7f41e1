package match

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word of a text.
type word struct {
	number     int32 // noWord for one that stands in no pattern
	start, end int   // in bytes
}

const noWord = int32(-1)

// asciiWord has the lower case of every byte of ASCII that stands in words, 0 for
// the others.
var asciiWord = func() (t [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			t[c] = c
		case c >= 'A' && c <= 'Z':
			t[c] = c | 0x20
		}
	}
	return t
}()

// taken are words that are taken for others.
var taken = map[string]string{
	"are": "is", "them": "it", "they": "it", "these": "the", "this": "the", "those": "the", "copies": "copy", "https": "http",
}

// split cuts a text into words of letters and digits in lower case. Tags, entities and
// the targets of links are none.
func (s *Scanner) split(text []byte) []word {
	words := make([]word, 0, len(text)/6+8)
	var buf [64]byte
	folded := buf[:0]
	var open unclosed
	for at := 0; at < len(text); {
		start := at
		folded = folded[:0]
		switch c := text[at]; {
		case asciiWord[c] != 0:
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(text[at:])
			at += size
			if r == '©' {
				words = s.append(words, s.copyright, start, at)
				continue
			}
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				continue
			}
			folded = appendFolded(folded, r)
		case c == '<':
			at += max(1, tagLength(text[at:]))
			continue
		case c == '&':
			at += max(1, entityLength(text[at:]))
			if string(text[start:at]) == "&copy;" {
				words = s.append(words, s.copyright, start, at)
			}
			continue
		case c == '{' || c == ']':
			at += max(1, open.length(text, at))
			continue
		default:
			at++
			continue
		}
		for at < len(text) {
			if c := asciiWord[text[at]]; c != 0 {
				folded = append(folded, c)
				at++
				continue
			}
			if text[at] < utf8.RuneSelf {
				break
			}
			r, size := utf8.DecodeRune(text[at:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
				break
			}
			folded = appendFolded(folded, r)
			at += size
		}
		if bytes.HasPrefix(text[at:], []byte("(s)")) { // notice(s) is notices
			folded = append(folded, 's')
			at += len("(s)")
		}
		if string(folded) == "c" && start > 0 && text[start-1] == '(' && at < len(text) && text[at] == ')' {
			words = s.append(words, s.copyright, start-1, at+1)
			continue
		}
		number, ok := s.numbers[string(folded)]
		if !ok {
			number = noWord
		}
		words = s.append(words, number, start, at)
	}
	return words
}

// append adds a word, but of two words "copyright" one.
func (s *Scanner) append(words []word, number int32, start, end int) []word {
	if number == s.copyright && len(words) > 0 && words[len(words)-1].number == number {
		return words
	}
	return append(words, word{number, start, end})
}

// fold returns a word as it is compared.
func fold(w []byte) string {
	var b strings.Builder
	for _, r := range string(w) {
		b.Write(appendFolded(nil, r))
	}
	return b.String()
}

// appendFolded adds a character of a word in lower case, and vowels without the accents
// of French. Parentheses are none of the word: (c), notice(s).
func appendFolded(b []byte, r rune) []byte {
	for { // to the first of those that differ in case alone
		other := unicode.SimpleFold(r)
		if other >= r {
			break
		}
		r = other
	}
	switch r {
	case 'Á', 'À':
		r = 'a'
	case 'É', 'È':
		r = 'e'
	case 'Í', 'Ì':
		r = 'i'
	case 'Ó', 'Ò':
		r = 'o'
	case 'Ú', 'Ù':
		r = 'u'
	case '(', ')':
		return b
	}
	if r >= 'A' && r <= 'Z' {
		r |= 0x20
	}
	return utf8.AppendRune(b, r)
}

// tagLength returns the length of the HTML tag that a text begins with, or 0. It has at
// most three lines, and is no address.
func tagLength(t []byte) int {
	if len(t) < 3 {
		return 0
	}
	at := 1
	if t[at] == '/' {
		at++
	}
	if c := t[at] | 0x20; c < 'a' || c > 'z' {
		return 0
	}
	space := false
	lines := 0
	for ; at < len(t); at++ {
		switch t[at] {
		case '@':
			if !space {
				return 0
			}
		case ':':
			if !space && at+1 < len(t) && t[at+1] == '/' {
				return 0
			}
		case '\r', '\n':
			if lines++; lines > 2 {
				return 0
			}
		case '<':
			return 0
		case '>':
			return at + 1
		case ' ':
			space = true
		}
	}
	return 0
}

// entityLength returns the length of the HTML entity that a text begins with, or 0.
func entityLength(t []byte) int {
	if len(t) < 3 {
		return 0
	}
	is := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
	first := 1
	if t[1] == '#' {
		first = 2
		is = func(c byte) bool { return c >= '0' && c <= '9' }
		if t[2] == 'x' {
			first = 3
			is = func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
		}
	}
	at := first
	for at < len(t) && is(t[at]) {
		at++
	}
	if at > first && at < len(t) && t[at] == ';' {
		return at + 1
	}
	return 0
}

// linkPrefixes are what the targets of Markdown's links begin with.
var linkPrefixes = [][]byte{[]byte("http://"), []byte("https://"), []byte("mailto:"), []byte("file:"), []byte("#")}

// unclosed remembers up to where no anchor and no link of Markdown is closed, so that a
// text full of opening ones is not searched to its end for each.
type unclosed struct{ anchor, link int }

// length returns the length of an anchor {#head}, or of ](target of a link) that begins
// at a byte of a text, or 0.
func (u *unclosed) length(text []byte, at int) int {
	t := text[at:]
	if len(t) >= 4 && t[0] == '{' && t[1] == '#' && at >= u.anchor {
		n := bytes.IndexAny(t, "} \r\n")
		if n >= 0 && t[n] == '}' {
			return n + 1
		}
		u.anchor = end(text, at, n)
	}
	if t[0] != ']' || len(t) < 2 || t[1] != '(' || at < u.link {
		return 0
	}
	for _, prefix := range linkPrefixes {
		if !bytes.HasPrefix(t[2:], prefix) {
			continue
		}
		n := bytes.IndexAny(t, ") \t\r\n")
		if n >= 0 && t[n] == ')' {
			return n + 1
		}
		u.link = end(text, at, n)
		break
	}
	return 0
}

// end is n bytes behind a place, or the end of a text for less than none.
func end(text []byte, at, n int) int {
	if n < 0 {
		return len(text)
	}
	return at + n
}
