package bpe

import (
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// A Token is an id and the stretch of the text, text[Start:End], that it stands
// for.
type Token struct {
	ID         uint32
	Start, End int
}

// AppendTokens is Append with the position of each token, in bytes. Tokens come in
// the order of the text and do not overlap; what lies between two of them is
// text that became no token (bytes without one, text that a pre-tokenizer
// removes). A token may begin and end inside of a character. An added token's
// position includes the white space that it takes (LStrip, RStrip). Taken to whole
// characters these are the offsets of the tokenizers library, without
// trim_offsets.
//
// Where the vocabulary normalizes and that changes the text, a token that comes
// of a changed combining sequence has the position of the whole sequence: such
// tokens share a position, and a token that comes of several sequences spans them
// all.
func (e *Encoder) AppendTokens(dst []Token, text []byte) []Token {
	return e.locate(dst, text, &e.t.ordinary)
}

// AppendTokensSpecial is AppendTokens with special tokens recognised.
func (e *Encoder) AppendTokensSpecial(dst []Token, text []byte) []Token {
	return e.locate(dst, text, &e.t.special)
}

// locate takes the steps of [Encoder.encode].
func (e *Encoder) locate(dst []Token, text []byte, added *matchers) []Token {
	if added[0] == nil {
		return e.locateNormalized(dst, text, 0, added[1])
	}
	for c := newCutter(added[0], text); ; {
		plain, token, id, ok := c.next()
		dst = e.locateNormalized(dst, text[plain.from:plain.to], plain.from, added[1])
		if !ok {
			return dst
		}
		dst = append(dst, Token{id, token.from, token.to})
	}
}

// locateNormalized locates the tokens of a text that stands at base.
func (e *Encoder) locateNormalized(dst []Token, text []byte, base int, added *matcher) []Token {
	alignment := alignment{base: base}
	if e.t.nfc {
		text = alignment.normalize(text)
	}
	first := len(dst)
	if added == nil {
		dst = e.locatePlain(dst, text, 0)
	} else {
		for c := newCutter(added, text); ; {
			plain, token, id, ok := c.next()
			dst = e.locatePlain(dst, text[plain.from:plain.to], plain.from)
			if !ok {
				break
			}
			dst = append(dst, Token{id, token.from, token.to})
		}
	}
	alignment.apply(dst[first:])
	return dst
}

// locatePlain locates the tokens of a text without added tokens.
func (e *Encoder) locatePlain(dst []Token, text []byte, base int) []Token {
	if e.t.pre.HasScanner() {
		e.count = e.plain(e.count[:0], text)
		return e.t.align(dst, e.count, text, base)
	}
	for _, s := range e.t.pre.Spans(text) {
		e.count = e.tokens.Append(e.count[:0], text, s.From, []int{s.To})
		dst = e.t.align(dst, e.count, text[s.From:s.To], base+s.From)
	}
	return dst
}

// align finds the bytes of tokens in the text that became them: all of it but
// bytes without a token.
func (t *Tokenizer) align(dst []Token, ids []uint32, text []byte, base int) []Token {
	at := 0
	for _, id := range ids {
		start := -1
		for _, b := range t.TokenBytes(id) {
			for text[at] != b {
				at++
			}
			if start < 0 {
				start = at
			}
			at++
		}
		dst = append(dst, Token{id, base + start, base + at})
	}
	return dst
}

// An alignment maps positions in a normalized text to those in the text it comes from,
// which itself stands at base.
type alignment struct {
	base    int
	changes []shift
}

// A shift is a stretch, from to to, of the text that normalization made
// normalFrom to normalTo.
type shift struct{ from, to, normalFrom, normalTo int }

// normalize is nfc, and remembers what it changes.
func (a *alignment) normalize(text []byte) []byte {
	return charset.NFCChanges(text, func(c charset.Change, at int) {
		a.changes = append(a.changes, shift{c.From, c.To, at, at + len(c.Normal)})
	})
}

// apply maps the positions of tokens, which are in order.
func (a *alignment) apply(tokens []Token) {
	starts, ends := mapping{list: a.changes}, mapping{list: a.changes}
	for i := range tokens {
		t := &tokens[i]
		t.Start = a.base + starts.start(t.Start)
		t.End = a.base + ends.end(t.End)
	}
}

// A mapping goes through the changes once.
type mapping struct {
	list  []shift
	delta int // what the changes passed have made the text shorter
}

func (m *mapping) pass(passed func(shift) bool) {
	for len(m.list) > 0 && passed(m.list[0]) {
		m.delta = m.list[0].to - m.list[0].normalTo
		m.list = m.list[1:]
	}
}

func (m *mapping) start(at int) int {
	m.pass(func(s shift) bool { return s.normalTo <= at })
	if len(m.list) > 0 && m.list[0].normalFrom <= at {
		return m.list[0].from
	}
	return at + m.delta
}

func (m *mapping) end(at int) int {
	m.pass(func(s shift) bool { return s.normalTo < at })
	if len(m.list) > 0 && m.list[0].normalFrom < at {
		return m.list[0].to
	}
	return at + m.delta
}
