package merge

import (
	"fmt"

	"github.com/codemill/codemill/tokenize/bpe/internal/simd"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// New makes the model of a vocabulary.
func New(d *vocab.Definition) (*Model, error) {
	m := &Model{tokens: newTokens(d), vectors: simd.Width()}
	if err := m.setMerges(d); err != nil {
		return nil, err
	}
	m.atoms = newAtoms(&m.tokens)
	m.whole = wholeTokens(d)
	if m.atoms != nil && m.whole == nil {
		m.origins = newOrigins(&m.tokens)
	}
	return m, nil
}

// setMerges enters the pairs that merge.
//
// In tiktoken's vocabularies those are any two tokens whose concatenation is a
// token, by that one's rank. It is enough to enter one pair of each token, the
// last that the merges of its own bytes come to: where two tokens that make up
// a token stand side by side nothing has merged across the outer edges of the
// two, so that what happened between these is what happens to the token's bytes
// alone.
func (m *Model) setMerges(d *vocab.Definition) error {
	m.pairs = newPairTable(max(len(d.Pairs), len(d.Tokens)), d.Result)
	for _, p := range d.Pairs {
		m.pairs.set(p)
	}
	m.pairs.setByteWeights(&m.byteID)
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
		m.pairs.set(vocab.Pair{Left: ids[0], Right: ids[1], Rank: uint32(id)})
		if len(tok) == 2 {
			m.pairs.byteWeights[int(tok[0])<<8|int(tok[1])] = vocab.MaxRanks - uint32(id)
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
