package merge

import (
	"slices"
	"unicode/utf8"
)

// AppendTokens appends the tokens of piece. Bytes without a token are dropped.
func (m *Model) AppendTokens(g *Scratch, dst []uint32, piece []byte) []uint32 {
	if m.whole != nil {
		if id, ok := m.whole[string(piece)]; ok {
			return append(dst, id)
		}
	}
	if len(piece) > keepLimit {
		return m.AppendLong(g, dst, piece)
	}
	return m.appendMerged(g, dst, piece)
}

// appendMerged appends what the bytes of piece merge to.
func (m *Model) appendMerged(g *Scratch, dst []uint32, piece []byte) []uint32 {
	if len(piece) == 0 {
		return dst
	}
	if len(piece) <= shortPiece && (m.atoms == nil || isASCII(piece)) {
		if dst, ok := m.vectorMerge(dst, piece); ok {
			return dst
		}
		if g.fillBytes(m, piece) {
			return g.shortMerge(m.pairs, dst, len(piece))
		}
	}
	if len(piece) > keepLimit {
		g = new(Scratch)
	}
	if m.atoms != nil {
		return m.appendWide(g, dst, piece)
	}
	return m.appendUncut(g, dst, piece)
}

// isASCII tells that no byte of piece, which has one, is from 0x80 on.
func isASCII(piece []byte) bool {
	all := piece[0] | piece[len(piece)-1] // most that are not tell here
	if all >= utf8.RuneSelf {
		return false
	}
	for _, b := range piece {
		all |= b
	}
	return all < utf8.RuneSelf
}

// Long pieces are merged in parts: in time proportional to their length, and in
// memory that does not depend on it.
//
// Byte pair encoding has this property: tokens are the encoding of their text if, and
// only if, every two neighbours are the encoding of theirs. For merges within two
// neighbours never wait for others. So where a text's encoding has an end of a token,
// the encoding of what stands in front of that end is the beginning of the whole's.
//
// A part of a piece breaks off somewhere inside a token of the whole's encoding, or at
// its end. That token begins at most the longest token's length before the break.
// Wherever it begins, the tokens that the part has in front of all these positions
// alike are tokens of the whole: they are final.

// Window is how many bytes are merged at a time, less than keepLimit.
const Window = 48 << 10

// AppendLong appends what the bytes of piece merge to, in parts. A part grows
// where nothing of it is final.
func (m *Model) AppendLong(g *Scratch, dst []uint32, piece []byte) []uint32 {
	if m.lacks(piece) {
		kept := make([]byte, 0, len(piece))
		for _, b := range piece {
			if m.byteID[b] != noToken {
				kept = append(kept, b)
			}
		}
		piece = kept
	}
	for window := Window; len(piece) > window; {
		var n int
		if dst, n = m.AppendFinal(g, dst, piece[:window]); n == 0 {
			window *= 2
			continue
		}
		piece, window = piece[n:], Window
	}
	return m.appendMerged(g, dst, piece)
}

// lacks tells that piece holds a byte without a token.
func (m *Model) lacks(piece []byte) bool {
	for _, b := range piece {
		if m.byteID[b] == noToken {
			return true
		}
	}
	return false
}

// AppendFinal appends the tokens of part that stay whatever follows part, and returns
// how many bytes they stand for. All bytes of part have tokens.
func (m *Model) AppendFinal(g *Scratch, dst []uint32, part []byte) ([]uint32, int) {
	first := len(dst)
	dst = m.appendMerged(g, dst, part)
	for back := 4 * max(128, int(slices.Max(m.longest[:]))); back < len(part)/2; back *= 4 {
		k, at := len(dst), len(part)
		for at > len(part)-back {
			k--
			at -= len(m.Bytes(dst[k]))
		}
		if m.isFinal(g, part, at, dst[k]) {
			return dst[:k], at
		}
	}
	return dst[:first], 0
}

// isFinal tells that a token begins at part[at] whatever follows part. It looks at
// every position behind at from which a token could reach beyond the part's end, and
// tells that what stands between at and there begins with the token id.
func (m *Model) isFinal(g *Scratch, part []byte, at int, id uint32) bool {
	ids := g.final
	defer func() { g.final = ids }()
	for end := len(part) - 1; end > at; end-- {
		if int(m.longest[part[end]]) <= len(part)-end {
			continue
		}
		if ids = m.appendMerged(g, ids[:0], part[at:end]); ids[0] != id {
			return false
		}
	}
	return true
}
