package sketch

import (
	"unicode"
	"unicode/utf8"
)

// stackTokens is how many tokens a text needs to have shingles where it is
// split as The Stack was: the min_ngram_size and min_length of its programs.
const stackTokens = 5

// stackV1 splits by [^A-Za-z_0-9], as Python's re.split does.
func (s *shingler) stackV1(text []byte) {
	start := 0
	for i := 0; i < len(text) && !s.full; {
		c := text[i]
		if asciiWord[c] {
			i++
			continue
		}
		s.token(text[start:i])
		size := 1
		if c >= utf8.RuneSelf { // one separator a character
			_, size = utf8.DecodeRune(text[i:])
		}
		i += size
		start = i
	}
	s.token(text[start:])
	if s.made < stackTokens {
		s.used, s.have = 0, 0
	}
	s.flush()
}

// stackV2 lower-cases and splits by \W, as Python's str.lower and re.split do.
func (s *shingler) stackV2(text []byte) {
	token := s.lowered[:0]
	put := func(r rune) {
		if r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) {
			token = utf8.AppendRune(token, r)
			return
		}
		s.token(token)
		token = token[:0]
	}
	for i := 0; i < len(text) && !s.full; {
		c := text[i]
		if c < utf8.RuneSelf {
			if i++; asciiWord[c] {
				if 'A' <= c && c <= 'Z' {
					c |= 0x20
				}
				token = append(token, c)
			} else {
				s.token(token)
				token = token[:0]
			}
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == '\u0130': // the one character that becomes two
			put('i')
			put('\u0307')
		case r == '\u03a3' && endsWord(text[:i], text[i+size:]):
			put('\u03c2')
		default:
			put(unicode.ToLower(r))
		}
		i += size
	}
	s.token(token)
	s.lowered = token[:0]
	switch {
	case s.made < stackTokens:
		s.used, s.have = 0, 0
	case s.made < s.n:
		s.n = s.made
	}
	s.flush()
}

// token adds a token, which may be empty.
func (s *shingler) token(b []byte) {
	s.made++
	if len(b) == 0 {
		s.add(emptyToken)
	} else {
		s.add(hashToken(b))
	}
}

// asciiWord says which bytes are in [A-Za-z_0-9].
var asciiWord = func() (is [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789" {
		is[c] = true
	}
	return is
}()

// endsWord says whether a capital sigma between the two has the form of the
// end of a word: Unicode's Final_Sigma (section 3.13), which is all of the
// context that lower-casing looks at.
func endsWord(before, after []byte) bool {
	for len(before) > 0 {
		r, size := utf8.DecodeLastRune(before)
		before = before[:len(before)-size]
		if caseIgnorable(r) {
			continue
		}
		if !cased(r) {
			return false
		}
		for len(after) > 0 {
			r, size := utf8.DecodeRune(after)
			after = after[size:]
			if !caseIgnorable(r) {
				return !cased(r)
			}
		}
		return true
	}
	return false
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '\u00b7', '\u0387', '\u055f', '\u05f4', '\u2018', '\u2019', '\u2024', '\u2027',
		'\ufe13', '\ufe52', '\ufe55', '\uff07', '\uff0e', '\uff1a': // Word_Break MidLetter, MidNumLet, Single_Quote
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// chars takes every character as a token.
func (s *shingler) chars(text []byte) {
	for i := 0; i < len(text) && !s.full; {
		_, size := utf8.DecodeRune(text[i:])
		s.add(hashToken(text[i : i+size]))
		i += size
	}
}
