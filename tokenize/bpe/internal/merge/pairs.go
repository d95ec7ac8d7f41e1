package merge

import (
	"iter"
	"math"
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// noToken stands for a byte that no token holds.
const noToken = math.MaxUint32

// noRank is the rank of a pair that does not merge.
const noRank = math.MaxUint32

// A pairTable answers which two neighbouring tokens merge, and when: the pair of the
// lowest rank first, of equal ones the leftmost. Inside, a pair has the weight
// maxRanks less its rank, so that 0 can stand for pairs that do not merge.
type pairTable struct {
	// cells hold the pairs, each as (left+1)<<44 | right<<24 | weight, or 0 for none.
	// Eight cells are a line of the processor's cache. The key of a pair hashes to a
	// line and to a cell in it. The pair is in that cell, or in the next free one
	// behind it, where behind the line's last cell comes its first. Where the line is
	// full it is in the next line that is not.
	cells []uint64
	shift uint
	// byteWeights are the weights of pairs of bytes, at left<<8 | right: half of all
	// look-ups.
	byteWeights []uint32
	// result is the token that the pairs of a rank merge into; nil where the
	// rank is the token.
	result []uint32
}

// lineCells is how many cells are in a line.
const lineCells = 8

// newPairTable makes an empty table with room for n pairs.
func newPairTable(n int, result []uint32) *pairTable {
	log := max(1, bits.Len(uint(n*2/lineCells)))
	return &pairTable{result: result, byteWeights: make([]uint32, 1<<16), cells: make([]uint64, lineCells<<log), shift: uint(64 - log)}
}

// setByteWeights fills them in from the pairs of the bytes' tokens.
func (t *pairTable) setByteWeights(byteID *[256]uint32) {
	for l, left := range byteID {
		for r, right := range byteID {
			if left != noToken && right != noToken {
				t.byteWeights[l<<8|r] = t.weight(left, right)
			}
		}
	}
}

// set enters a pair; of two entries for one, the last counts.
func (t *pairTable) set(p vocab.Pair) {
	t.cells[t.cell(p.Left, p.Right)] = pairKey(p.Left, p.Right)<<24 | uint64(vocab.MaxRanks-p.Rank)
}

func pairKey(left, right uint32) uint64 { return uint64(left+1)<<20 | uint64(right) }

// all yields the pairs.
func (t *pairTable) all() iter.Seq[vocab.Pair] {
	return func(yield func(vocab.Pair) bool) {
		for _, e := range t.cells {
			if e != 0 && !yield(vocab.Pair{Left: uint32(e>>44) - 1, Right: uint32(e>>24) & (1<<20 - 1), Rank: vocab.MaxRanks - uint32(e)&vocab.MaxRanks}) {
				return
			}
		}
	}
}

// cell is where a pair is, or would be entered.
func (t *pairTable) cell(left, right uint32) uint64 {
	key := pairKey(left, right)
	h := key * 0x9e3779b97f4a7c15
	line, at := h>>t.shift*lineCells, h>>20
	if i := line | at%lineCells; t.cells[i]>>24 == key || t.cells[i] == 0 {
		return i
	}
	return t.probe(key, line, at+1)
}

// probe is cell from a cell on that is not the pair's own.
func (t *pairTable) probe(key, line, at uint64) uint64 {
	for {
		for range lineCells {
			i := line | at%lineCells
			if e := t.cells[i]; e>>24 == key || e == 0 {
				return i
			}
			at++
		}
		line = (line + lineCells) & uint64(len(t.cells)-1)
	}
}

// weight is the weight of a pair, 0 if it does not merge.
func (t *pairTable) weight(left, right uint32) uint32 {
	return uint32(t.cells[t.cell(left, right)]) & vocab.MaxRanks
}

// rank is the rank of a pair, or noRank.
func (t *pairTable) rank(left, right uint32) uint32 { return rankOf(t.weight(left, right)) }

func rankOf(weight uint32) uint32 {
	if weight == 0 {
		return noRank
	}
	return vocab.MaxRanks - weight
}

func (t *pairTable) merged(rank uint32) uint32 {
	if t.result == nil {
		return rank
	}
	return t.result[rank]
}
