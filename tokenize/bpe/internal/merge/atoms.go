package merge

import (
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// atoms are the characters beyond ASCII that are one token or two from the start,
// rather than three bytes to be merged. In most vocabularies the bytes of é always
// merge to the token é, and those of 中 to 中. Two things must hold for that:
//
//   - The bytes of the character merge to these tokens whatever stands beside it, but
//     for some bytes that the atom names. That is so if, at each step of what the bytes
//     merge to alone, the first token could not merge sooner with a token that ends in
//     the byte before the character, nor the last one with a token that begins with the
//     byte behind it.
//   - Nothing else merges earlier for it. That is so if every pair ranks behind the
//     pairs that its two tokens come from, as in all vocabularies that were learned.
//     Merges then happen in the order of their ranks, and when the rank of a pair comes
//     its two tokens have long been there.
type atoms struct {
	of     [1 << 16]atom           // by character; those beyond U+FFFF are none
	beside [1 << besideBits]beside // the first forbids all bytes, the second none
	bridges
}

// An atom is, from the lowest bit on: the first of a character's one or two tokens and
// the last, in 20 bits each, whether it has two, whether there is a bridge between
// them, and the number of its beside. 0 is none.
type atom uint64

const (
	atomBits   = 20
	atomTwo    = 40
	atomBridge = 41
	atomBeside = 42
	besideBits = 10
)

func (a atom) first() uint32  { return uint32(a) & (1<<atomBits - 1) }
func (a atom) last() uint32   { return uint32(a>>atomBits) & (1<<atomBits - 1) }
func (a atom) two() int       { return int(a >> atomTwo & 1) }
func (a atom) bridge() uint64 { return uint64(a >> atomBridge & 1) }
func (a atom) beside() uint   { return uint(a>>atomBeside) % (1 << besideBits) }

// A beside has the bytes before and after which a character is no atom.
type beside struct{ before, after byteSet }

type byteSet [4]uint64

func (s *byteSet) add(b byte)        { s[b>>6] |= 1 << (b & 63) }
func (s *byteSet) bit(b byte) uint64 { return s[b>>6] >> (b & 63) & 1 }

// at is the atom of the character r between two bytes; not ok if it is none there.
// Where the text begins or ends the byte is 0.
func (a *atoms) at(r uint16, before, after byte) (v atom, ok bool) {
	v = a.of[r]
	b := &a.beside[v.beside()]
	return v, b.before.bit(before)|b.after.bit(after) == 0
}

// newAtoms is nil if the ranks are not in order.
func newAtoms(t *tokens) *atoms {
	o := newOutlook(t)
	if o == nil {
		return nil
	}
	a := new(atoms)
	for b := range 256 {
		a.beside[0].before.add(byte(b))
	}
	numbers := map[beside]int{{}: 1}
	try := func(r rune, text []byte) {
		v, b, ok := o.atom(t, text)
		if !ok {
			return
		}
		number, seen := numbers[b]
		if !seen {
			if number = len(numbers) + 1; number == len(a.beside) {
				return
			}
			numbers[b], a.beside[number] = number, b
		}
		a.of[r] = v | atom(number)<<atomBeside
	}
	for id := range uint32(t.Size()) {
		text := t.Bytes(id)
		if r, n := utf8.DecodeRune(text); n == len(text) && n > 1 && n < 4 && r != utf8.RuneError {
			try(r, text)
		}
	}
	var text []byte
	for _, s := range manyBytes {
		for r := s.Lo; r <= s.Hi; r++ {
			text = utf8.AppendRune(text[:0], r)
			try(r, text)
		}
	}
	a.findBridges(t)
	return a
}

// manyBytes are characters of which vocabularies have some for tokens and the
// others in parts: kana, Chinese characters and Korean syllables.
var manyBytes = charset.Set{{Lo: 0x3000, Hi: 0x30ff}, {Lo: 0x4e00, Hi: 0x9fff}, {Lo: 0xac00, Hi: 0xd7a3}}

// An outlook says what the tokens of parts of characters can merge with: the
// lowest rank of a pair of a token that ends in a byte and of this one (before),
// or of this one and a token that begins with a byte (after); noRank if there is
// none.
type outlook struct{ before, after map[uint32]*[256]uint32 }

// newOutlook is nil if a pair ranks before one that its tokens come from.
func newOutlook(t *tokens) *outlook {
	pairs := t.pairs
	o := &outlook{map[uint32]*[256]uint32{}, map[uint32]*[256]uint32{}}
	made := make([]uint32, t.Size()) // the last rank of a pair that merges to the token, and 1
	for p := range pairs.all() {
		id := pairs.merged(p.Rank)
		made[id] = max(made[id], p.Rank+1)
		left, right := t.Bytes(p.Left), t.Bytes(p.Right)
		if len(left) == 0 || len(right) == 0 {
			return nil
		}
		if right[0] >= utf8.RuneSelf {
			lower(o.before, p.Right, left[len(left)-1], p.Rank)
		}
		if left[0] >= utf8.RuneSelf {
			lower(o.after, p.Left, right[0], p.Rank)
		}
	}
	for p := range pairs.all() {
		if p.Rank < max(made[p.Left], made[p.Right]) {
			return nil
		}
	}
	return o
}

func lower(ranks map[uint32]*[256]uint32, id uint32, b byte, rank uint32) {
	r := ranks[id]
	if r == nil {
		r = new([256]uint32)
		for i := range r {
			r[i] = noRank
		}
		ranks[id] = r
	}
	r[b] = min(r[b], rank)
}

// atom is what the bytes of text, a character, merge to, and where they do not;
// not ok if that is not one token, or two with a merge among them.
func (o *outlook) atom(t *tokens, text []byte) (v atom, where beside, ok bool) {
	var room [utf8.UTFMax]uint32
	ids := room[:len(text)]
	for i, b := range text {
		if ids[i] = t.byteID[b]; ids[i] == noToken {
			return 0, where, false
		}
	}
	for len(ids) > 1 {
		rank, at := uint32(noRank), 0
		for i := range len(ids) - 1 {
			if r := t.pairs.rank(ids[i], ids[i+1]); r < rank {
				rank, at = r, i
			}
		}
		if rank == noRank {
			break
		}
		where.before.below(o.before[ids[0]], rank)
		where.after.below(o.after[ids[len(ids)-1]], rank)
		ids[at] = t.pairs.merged(rank)
		ids = append(ids[:at+1], ids[at+2:]...)
	}
	if len(ids) > 2 || len(ids) == len(text) {
		return 0, where, false
	}
	v = atom(ids[0]) | atom(ids[len(ids)-1])<<atomBits | atom(len(ids)-1)<<atomTwo
	return v, where, true
}

// below adds the bytes with a rank up to limit.
func (s *byteSet) below(ranks *[256]uint32, limit uint32) {
	if ranks == nil {
		return
	}
	for b, r := range ranks {
		if r <= limit {
			s.add(byte(b))
		}
	}
}

// findBridges enters the bridges: at every position within a token, between all units
// that may end and begin there.
func (a *atoms) findBridges(t *tokens) {
	units := map[string]uint32{}
	for _, id := range t.byteID {
		units[string(t.Bytes(id))] = id
	}
	for _, v := range a.of {
		if v != 0 {
			units[string(t.Bytes(v.first()))], units[string(t.Bytes(v.last()))] = v.first(), v.last()
		}
	}
	pairs := map[[2]uint32]struct{}{}
	for id := range uint32(t.Size()) {
		text := t.Bytes(id)
		for i := 1; i < len(text); i++ {
			if text[i-1] < utf8.RuneSelf || text[i] < utf8.RuneSelf {
				continue
			}
			for from := max(0, i-utf8.UTFMax); from < i; from++ {
				left, ok := units[string(text[from:i])]
				for to := i + 1; ok && to <= min(len(text), i+utf8.UTFMax); to++ {
					if right, ok := units[string(text[i:to])]; ok {
						pairs[[2]uint32{left, right}] = struct{}{}
					}
				}
			}
		}
	}
	a.bridges = newBridges(pairs)
	for r, v := range &a.of {
		if v.two() != 0 {
			a.of[r] |= atom(a.has(v.first(), v.last())) << atomBridge
		}
	}
}
