package bpe

import (
	"hash/maphash"
	"slices"
	"unicode/utf8"
)

// An encoder has up to 2^shortBits buckets of 64 bytes for short pretokens, 16 MiB,
// and 2^longBits of 128 bytes for long ones, 4 MiB. It begins with 1<<firstBits each.
const (
	firstBits = 9
	shortBits = 18
	longBits  = 15
	restSize  = 1 << 13 // entries, 2.75 MiB, and 4 bytes more each
)

// Pretokens of more than wideMax bytes that begin with one from wideFirst on, with a
// character from U+3000 on, are not remembered: Chinese and Japanese most of them,
// seldom seen twice and nearly as soon encoded as looked up.
const (
	wideMax   = 9
	wideFirst = 0xe3
)

// batch is how many pretokens are cut before their tokens are looked up.
const batch = 256

// EncoderBytes is the most memory that an encoder's caches take, 23 MiB.
const EncoderBytes = 64<<shortBits + 128<<longBits + 352*restSize + 8<<borderBits

// An Encoder encodes text for one goroutine at a time: it owns caches, which grow
// up to [EncoderBytes], speed it up and never change a result, and scratch memory
// that grows with the longest pretoken up to 2 MiB.
type Encoder struct {
	t       *Tokenizer
	short   table[shortBucket, shortEntry]
	long    table[longBucket, longEntry]
	rest    *restTable
	borders []border
	seed    maphash.Seed
	ends    [batch + windowEnds]int
	masks   [shortMax + 1][2]uint64 // by length, what of 16 bytes is kept
	probes  [batch + windowEnds]probe
	scanned
	merger
	count []uint32
}

// NewEncoder makes an encoder with an empty cache.
func (t *Tokenizer) NewEncoder() *Encoder {
	e := &Encoder{t: t, short: newTable[shortBucket](shortBits), long: newTable[longBucket](longBits),
		rest: new(restTable), borders: make([]border, 1<<borderBits), seed: maphash.MakeSeed()}
	for n := range shortMax + 1 {
		e.masks[n] = [2]uint64{1<<min(64, 8*n) - 1, 1<<(8*max(0, n-8)) - 1}
	}
	return e
}

// Append appends the ids of text to dst. Special tokens spelled out in the text
// stay text; added tokens that are not special are recognised. No token is put
// in front or behind.
//
// Text is to be valid UTF-8. Other bytes count as U+FFFD when text is cut into
// pretokens, and keep their value; a byte for which the vocabulary has no token
// is dropped (DeepSeek's have none for C0, C1 and F5 to FF, which UTF-8 never
// holds).
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

// Count is how many ids Append would append.
func (e *Encoder) Count(text []byte) int {
	e.count = e.Append(e.count[:0], text)
	n := len(e.count)
	if cap(e.count) > keepLimit {
		e.count = nil
	}
	return n
}

// plain encodes text without added tokens.
func (e *Encoder) plain(dst []uint32, text []byte) []uint32 {
	if e.t.scanner == nil {
		return e.generalPlain(dst, text)
	}
	e.begin()
	for pos := 0; pos < len(text); {
		n := e.t.scanner.scan(text, pos, e.ends[:], &e.scanned)
		dst = e.emit(dst, text, pos, e.ends[:n])
		pos = e.ends[n-1]
		e.grow()
	}
	return dst
}

func (e *Encoder) grow() {
	e.short.grow()
	e.long.grow()
}

// generalPlain is plain for pre-tokenizers without a scanner.
func (e *Encoder) generalPlain(dst []uint32, text []byte) []uint32 {
	for _, s := range e.t.general.spans(text) {
		dst = e.emit(dst, text, s.from, []int{s.to})
	}
	e.grow()
	return dst
}

// emitScalar appends the tokens of the pretokens from text[pos] on.
func (e *Encoder) emitScalar(dst []uint32, text []byte, pos int, ends []int) []uint32 {
	dst = slices.Grow(dst, 3*len(ends))
	room := dst[:cap(dst)]
	n := len(dst)
	for i, end := range ends {
		var lo, hi uint64
		if end-pos <= shortMax {
			lo, hi = e.key16(text, pos, end)
			if c := e.short.at(hash128(lo, hi)).find(lo, hi); c != nil && c.n <= 3 {
				ids := room[n : n+3]
				ids[0], ids[1], ids[2] = c.ids[0], c.ids[1], c.ids[2]
				n += int(c.n)
				pos = end
				continue
			}
		}
		dst = e.miss(room[:n], text, pos, end, lo, hi)
		dst = slices.Grow(dst, 3*(len(ends)-i))
		room, n = dst[:cap(dst)], len(dst)
		pos = end
	}
	return room[:n]
}

// miss appends the tokens of a pretoken that the short cache does not hold with
// three tokens at most, and enters them into the cache they fit. lo and hi are
// the key of a short one.
func (e *Encoder) miss(dst []uint32, text []byte, from, to int, lo, hi uint64) []uint32 {
	n := len(dst)
	switch k := to - from; {
	case k > wideMax && text[from] >= wideFirst:
		return e.t.appendTokens(&e.merger, dst, text[from:to])
	case k <= shortMax:
		b := e.short.at(hash128(lo, hi))
		if c := b.find(lo, hi); c != nil {
			return c.append(dst)
		}
		dst = e.merge(dst, text, from, to, shortTokens)
		b.enter(lo, hi, dst[n:])
		e.short.entered++
	case k <= longMax:
		key := e.key32(text, from, to)
		b := e.long.at(key.hash())
		if c := b.find(&key); c != nil {
			return append(dst, c.ids[:c.n]...)
		}
		dst = e.merge(dst, text, from, to, longTokens)
		b.enter(&key, dst[n:])
		e.long.entered++
	default:
		dst = e.merge(dst, text, from, to, 0)
	}
	return dst
}

// merge appends the tokens of the pretoken text[from:to]. Those of more tokens
// than the cache for its length holds are remembered in the rest.
func (e *Encoder) merge(dst []uint32, text []byte, from, to, holds int) []uint32 {
	piece := text[from:to]
	if len(piece) > restMax {
		return e.t.appendTokens(&e.merger, dst, piece)
	}
	var hash uint64
	many := len(piece) > 2*holds // fewer bytes hardly ever have many tokens
	if many {
		hash = maphash.Bytes(e.seed, piece)
		if ids, ok := e.rest.find(hash, piece); ok {
			return append(dst, ids...)
		}
	}
	n, composed := len(dst), false
	if len(piece) >= composeMin && piece[len(piece)-1] < utf8.RuneSelf && e.t.splits != nil {
		dst, composed = e.compose(dst, text, from, to)
	}
	if !composed {
		dst = e.t.appendTokens(&e.merger, dst, piece)
	}
	if many && len(dst)-n > holds {
		e.rest.enter(hash, piece, dst[n:])
	}
	return dst
}
