package bpe

import (
	"github.com/codemill/codemill/tokenize/bpe/internal/cache"
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/pretoken"
)

// EncoderBytes is the most memory that an encoder's caches take, 23 MiB.
const EncoderBytes = cache.MaxBytes

// An Encoder encodes text for one goroutine at a time: it owns caches, which grow
// up to [EncoderBytes], speed it up and never change a result, and scratch memory
// that grows with the longest pretoken up to 2 MiB.
type Encoder struct {
	t      *Tokenizer
	tokens *cache.Cache // of pretokens
	ahead  pretoken.Scratch
	ends   [pretoken.Room]int
	count  []uint32
}

// NewEncoder makes an encoder with an empty cache.
func (t *Tokenizer) NewEncoder() *Encoder {
	return &Encoder{t: t, tokens: cache.New(t.model)}
}

// Append appends the ids of text to dst. Special tokens spelled out in the text
// stay text; added tokens that are not special are recognised. No token is put
// in front or behind.
//
// Text is to be valid UTF-8. Other bytes count as U+FFFD when text is cut into
// pretokens, and keep their value. Every byte of valid UTF-8 has a token, or the
// vocabulary is not loaded; one that UTF-8 never holds may have none (DeepSeek's: C0,
// C1 and F5 to FF) and is dropped then.
func (e *Encoder) Append(dst []uint32, text []byte) []uint32 {
	return e.encode(dst, text, &e.t.ordinary)
}

// AppendSpecial is Append with special tokens recognised.
func (e *Encoder) AppendSpecial(dst []uint32, text []byte) []uint32 {
	return e.encode(dst, text, &e.t.special)
}

// AppendAffixed is AppendSpecial between the [Tokenizer.Affixes]: what encode of
// the tokenizers library gives if nothing else is asked for.
func (e *Encoder) AppendAffixed(dst []uint32, text []byte) []uint32 {
	dst = e.encode(append(dst, e.t.prefix...), text, &e.t.special)
	return append(dst, e.t.suffix...)
}

// keptIDs is how many ids of room Count keeps for the next text.
const keptIDs = 1 << 16

// Count is how many ids Append would append.
func (e *Encoder) Count(text []byte) int {
	e.count = e.Append(e.count[:0], text)
	n := len(e.count)
	if cap(e.count) > keptIDs {
		e.count = nil
	}
	return n
}

// encode cuts text at the added tokens that are looked for in the text as it
// is, then what is left at those looked for in normalized text.
func (e *Encoder) encode(dst []uint32, text []byte, added *matchers) []uint32 {
	if added[0] == nil {
		return e.normalized(dst, text, added[1])
	}
	for c := newCutter(added[0], text); ; {
		plain, _, id, ok := c.next()
		dst = e.normalized(dst, text[plain.from:plain.to], added[1])
		if !ok {
			return dst
		}
		dst = append(dst, id)
	}
}

func (e *Encoder) normalized(dst []uint32, text []byte, added *matcher) []uint32 {
	if e.t.nfc {
		text = charset.NFC(text)
	}
	if added == nil {
		return e.plain(dst, text)
	}
	for c := newCutter(added, text); ; {
		plain, _, id, ok := c.next()
		dst = e.plain(dst, text[plain.from:plain.to])
		if !ok {
			return dst
		}
		dst = append(dst, id)
	}
}

// plain encodes text without added tokens.
func (e *Encoder) plain(dst []uint32, text []byte) []uint32 {
	if !e.t.pre.HasScanner() {
		for _, s := range e.t.pre.Spans(text) {
			dst = e.tokens.Append(dst, text, s.From, []int{s.To})
		}
		e.tokens.Grow()
		return dst
	}
	e.ahead.Begin()
	for pos := 0; pos < len(text); {
		n := e.t.pre.Scan(text, pos, e.ends[:], &e.ahead)
		dst = e.tokens.Append(dst, text, pos, e.ends[:n])
		pos = e.ends[n-1]
		e.tokens.Grow()
	}
	return dst
}
