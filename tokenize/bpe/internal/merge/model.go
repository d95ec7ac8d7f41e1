package merge

import (
	"fmt"
	"math"

	"github.com/codemill/codemill/tokenize/bpe/internal/simd"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// noToken stands for a byte that no token holds.
const noToken = math.MaxUint32

// A Model says what bytes merge to. It never changes.
type Model struct {
	text    []byte   // of the tokens, one after another
	offsets []uint32 // token i is text[offsets[i]:offsets[i+1]]
	byteID  [256]uint32
	longest [256]uint16 // the length of the longest token by its first byte
	merges  *merges
	vectors int               // the width of the kernels that run on this machine
	atoms   *atoms            // nil if the ranks allow none
	splits  splits            // nil if the ranks allow none, and with whole
	whole   map[string]uint32 // ignore_merges: pieces that are tokens are taken as they are
}

// New makes the model of a vocabulary.
func New(d *vocab.Definition) (*Model, error) {
	m := &Model{offsets: []uint32{0}, vectors: simd.Width(), longest: longestTokens(d.Tokens)}
	for _, text := range d.Texts() {
		m.text = append(m.text, text...)
		m.offsets = append(m.offsets, uint32(len(m.text)))
	}
	for b := range m.byteID {
		m.byteID[b] = noToken
	}
	for id, tok := range d.Tokens {
		if len(tok) == 1 {
			m.byteID[tok[0]] = uint32(id)
		}
	}
	if err := m.setMerges(d); err != nil {
		return nil, err
	}
	m.atoms = newAtoms(m)
	m.whole = wholeTokens(d)
	m.splits = newSplits(m)
	return m, nil
}

// Size is one more than the largest id.
func (m *Model) Size() int { return len(m.offsets) - 1 }

// Bytes is the text of a token; nil for an id that stands for nothing.
func (m *Model) Bytes(id uint32) []byte {
	if int(id) >= m.Size() || m.offsets[id] == m.offsets[id+1] {
		return nil
	}
	return m.text[m.offsets[id]:m.offsets[id+1]:m.offsets[id+1]]
}

// Has tells that a byte has a token.
func (m *Model) Has(b byte) bool { return m.byteID[b] != noToken }

// setMerges enters the pairs that merge.
//
// In tiktoken's vocabularies those are any two tokens whose concatenation is a
// token, by that one's rank. It is enough to enter one pair of each token, the
// last that the merges of its own bytes come to: where two tokens that make up
// a token stand side by side nothing has merged across the outer edges of the
// two, so that what happened between these is what happens to the token's bytes
// alone.
func (m *Model) setMerges(d *vocab.Definition) error {
	m.merges = newMerges(max(len(d.Pairs), len(d.Tokens)), d.Result)
	for _, p := range d.Pairs {
		m.merges.set(p)
	}
	m.merges.byteWeights(&m.byteID)
	if !d.Ranked {
		return nil
	}
	var g Scratch
	var ids []uint32
	for id, tok := range d.Tokens {
		if len(tok) < 2 {
			continue
		}
		if ids = m.AppendTokens(&g, ids[:0], tok); len(ids) != 2 {
			return fmt.Errorf("token %d, %q, is not what two others merge to", id, tok)
		}
		m.merges.set(vocab.Pair{Left: ids[0], Right: ids[1], Rank: uint32(id)})
		if len(tok) == 2 {
			m.merges.first[int(tok[0])<<8|int(tok[1])] = vocab.MaxRanks - uint32(id)
		}
	}
	return nil
}

// wholeTokens is nil without ignore_merges.
func wholeTokens(d *vocab.Definition) map[string]uint32 {
	if !d.Whole {
		return nil
	}
	whole := make(map[string]uint32, len(d.Tokens))
	for id, tok := range d.Tokens {
		if len(tok) > 0 {
			whole[string(tok)] = uint32(id)
		}
	}
	return whole
}

// longestTokens is the length of the longest token by its first byte.
func longestTokens(tokens [][]byte) (longest [256]uint16) {
	for _, tok := range tokens {
		if len(tok) > 0 {
			longest[tok[0]] = max(longest[tok[0]], uint16(min(len(tok), 1<<16-1)))
		}
	}
	return longest
}
