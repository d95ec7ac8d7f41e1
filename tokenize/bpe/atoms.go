package bpe

import (
	"unicode"
	"unicode/utf8"
)

// atoms are the characters beyond ASCII that may be taken for one token before
// anything merges: the bytes of such a character merge to its token whatever
// stands around it, but for some bytes beside it that it names, and nothing that
// merges before could have been waiting for that.
//
// The first is so if its first token, at each step of what its bytes merge to
// alone, merges sooner than it could with any token that ends in the byte before
// it, and its last one sooner than with any that begins with the byte after it.
// The second is so in a vocabulary in which every pair ranks behind the pairs
// that its two tokens came from, as in all that were learned: merges then happen
// in the order of their ranks, and when that of a pair comes, its two tokens are
// long there.
type atoms struct {
	index  [(unicode.MaxRune + 1) >> 8]uint16
	blocks [][256]uint32 // the token and 1, in atomBits, and its besides; or 0. The first block is empty.
	beside []beside      // the first is for all that may stand anywhere
}

const atomBits = 20

// A beside holds the bytes before and after which a character is no atom.
type beside struct{ before, after byteSet }

type byteSet [4]uint64

func (s *byteSet) add(b byte)      { s[b>>6] |= 1 << (b & 63) }
func (s *byteSet) has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }

// token is the token of the character r, of n bytes at piece[i], if it is an atom
// there.
func (a *atoms) token(r rune, piece []byte, i, n int) (id uint32, ok bool) {
	v := a.blocks[a.index[r>>8]][r&255]
	if v>>atomBits != 0 {
		b := &a.beside[v>>atomBits]
		if i > 0 && b.before.has(piece[i-1]) || i+n < len(piece) && b.after.has(piece[i+n]) {
			return 0, false
		}
	}
	return v&(1<<atomBits-1) - 1, v != 0
}

// newAtoms is nil if the ranks are not in order.
func newAtoms(t *Tokenizer) *atoms {
	o := newOutlook(t)
	if o == nil {
		return nil
	}
	a := &atoms{blocks: make([][256]uint32, 1), beside: make([]beside, 1)}
	numbers := map[beside]int{{}: 0}
	for id := range uint32(t.VocabSize()) {
		text := t.TokenBytes(id)
		r, n := utf8.DecodeRune(text)
		if n < 2 || n != len(text) || r == utf8.RuneError {
			continue
		}
		b, ok := o.beside(t, text, id)
		number, seen := numbers[b]
		if !seen {
			number = len(a.beside)
		}
		if !ok || number >= 1<<(32-atomBits) {
			continue
		}
		if !seen {
			numbers[b] = number
			a.beside = append(a.beside, b)
		}
		block := &a.index[r>>8]
		if *block == 0 {
			*block = uint16(len(a.blocks))
			a.blocks = append(a.blocks, [256]uint32{})
		}
		a.blocks[*block][r&255] = id + 1 | uint32(number)<<atomBits
	}
	return a
}

// An outlook says what the tokens of parts of characters can merge with: the
// lowest rank of a pair of a token that ends in a byte and of this one (before),
// or of this one and a token that begins with a byte (after); noRank if there is
// none.
type outlook struct{ before, after map[uint32]*[256]uint32 }

// newOutlook is nil if a pair ranks before one that its tokens come from.
func newOutlook(t *Tokenizer) *outlook {
	m := t.merges
	o := &outlook{map[uint32]*[256]uint32{}, map[uint32]*[256]uint32{}}
	made := make([]uint32, t.VocabSize()) // the last rank of a pair that merges to the token, and 1
	for p := range m.all() {
		id := m.merged(p.rank)
		made[id] = max(made[id], p.rank+1)
		left, right := t.TokenBytes(p.left), t.TokenBytes(p.right)
		if len(left) == 0 || len(right) == 0 {
			return nil
		}
		if right[0] >= utf8.RuneSelf {
			lower(o.before, p.right, left[len(left)-1], p.rank)
		}
		if left[0] >= utf8.RuneSelf {
			lower(o.after, p.left, right[0], p.rank)
		}
	}
	for p := range m.all() {
		if p.rank < max(made[p.left], made[p.right]) {
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

// beside is where the bytes of text do not merge to the token id; not ok if
// nowhere they do.
func (o *outlook) beside(t *Tokenizer, text []byte, id uint32) (where beside, ok bool) {
	ids := make([]uint32, 0, utf8.UTFMax)
	for _, b := range text {
		if t.byteID[b] == noToken {
			return where, false
		}
		ids = append(ids, t.byteID[b])
	}
	for len(ids) > 1 {
		rank, at := uint32(noRank), 0
		for i := range len(ids) - 1 {
			if r := t.merges.rank(ids[i], ids[i+1]); r < rank {
				rank, at = r, i
			}
		}
		if rank == noRank {
			return where, false
		}
		if at == 0 {
			where.before.below(o.before[ids[0]], rank)
		}
		if at == len(ids)-2 {
			where.after.below(o.after[ids[at+1]], rank)
		}
		ids[at] = t.merges.merged(rank)
		ids = append(ids[:at+1], ids[at+2:]...)
	}
	return where, ids[0] == id
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

// appendUnits appends the tokens that a piece's merging begins with: those of its
// atoms and of its other bytes, without bytes that no token has.
func (t *Tokenizer) appendUnits(dst []uint32, piece []byte) []uint32 {
	for i := 0; i < len(piece); {
		n := 1
		if piece[i] >= utf8.RuneSelf && t.atoms != nil {
			var r rune
			r, n = decodeRune(piece[i:])
			if id, ok := t.atoms.token(r, piece, i, n); ok {
				dst = append(dst, id)
				i += n
				continue
			}
		}
		for _, b := range piece[i : i+n] {
			if id := t.byteID[b]; id != noToken {
				dst = append(dst, id)
			}
		}
		i += n
	}
	return dst
}

// isASCII tells that no byte of piece is from 0x80 on.
func isASCII(piece []byte) bool {
	var all byte
	for _, b := range piece {
		all |= b
	}
	return all < utf8.RuneSelf
}
