package tokenize

import "slices"

// Piece is tokens of one document that go into one sequence together.
type Piece struct {
	Doc        int // number of the document in the list that was packed
	Start, Len int // tokens Start to Start+Len-1 of it
}

// PackBestFit distributes documents of these lengths, in tokens, over sequences of at
// most seqLen tokens, every token once. It is Best-fit Packing (arXiv 2404.10830,
// section 3):
//
//   - a document longer than seqLen is cut into pieces of seqLen tokens, each a
//     sequence of its own, and a shorter remainder;
//   - all other documents, and the remainders, are taken from the longest to the
//     shortest, and each goes whole into the sequence with the least room that is
//     enough for it, of several the one begun first, or begins a new sequence.
//
// So no document is cut that fits into a sequence. With a seqLen of 10, documents of
// 4, 13, 6 and 3 tokens make the sequences [10], [3 3] and [4 6]: the second document is
// cut into 10 and 3 tokens.
//
// The order of the documents is that of the shuffle, and the result keeps to it: pieces
// stand in it within a sequence, and sequences in the order of the piece that began
// them. Otherwise all long documents would come first. Documents of no tokens are in no
// sequence. The cost is O(n log n).
func PackBestFit(lengths []int, seqLen int) [][]Piece {
	type bin struct {
		opener Piece
		pieces []Piece
	}
	var bins []bin
	var rests []Piece
	for doc, n := range lengths {
		start := 0
		for ; n-start >= seqLen; start += seqLen {
			p := Piece{doc, start, seqLen}
			bins = append(bins, bin{p, []Piece{p}})
		}
		if start < n {
			rests = append(rests, Piece{doc, start, n - start})
		}
	}
	slices.SortStableFunc(rests, func(a, b Piece) int { return b.Len - a.Len })
	room := newRoom(seqLen)
	for _, p := range rests {
		i, left, ok := room.take(p.Len)
		if !ok {
			i, left = len(bins), seqLen
			bins = append(bins, bin{opener: p})
		}
		bins[i].pieces = append(bins[i].pieces, p)
		if left > p.Len {
			room.put(i, left-p.Len)
		}
	}
	slices.SortFunc(bins, func(a, b bin) int {
		if a.opener.Doc != b.opener.Doc {
			return a.opener.Doc - b.opener.Doc
		}
		return a.opener.Start - b.opener.Start
	})
	seqs := make([][]Piece, len(bins))
	for i, b := range bins {
		slices.SortFunc(b.pieces, func(a, b Piece) int { return a.Doc - b.Doc })
		seqs[i] = b.pieces
	}
	return seqs
}

// PackConcat joins documents end to end in their order and cuts after every seqLen
// tokens. Only the last sequence may be shorter.
func PackConcat(lengths []int, seqLen int) [][]Piece {
	var seqs [][]Piece
	var open []Piece
	left := seqLen
	for doc, n := range lengths {
		for start := 0; start < n; {
			p := Piece{doc, start, min(n-start, left)}
			open, start, left = append(open, p), start+p.Len, left-p.Len
			if left == 0 {
				seqs, open, left = append(seqs, open), nil, seqLen
			}
		}
	}
	if len(open) > 0 {
		seqs = append(seqs, open)
	}
	return seqs
}
