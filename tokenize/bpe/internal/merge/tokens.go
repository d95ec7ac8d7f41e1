package merge

import (
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// tokens are the tokens of a vocabulary, with the pairs of them that merge.
type tokens struct {
	text    []byte   // of the tokens, one after another
	offsets []uint32 // token i is text[offsets[i]:offsets[i+1]]
	byteID  [256]uint32
	longest [256]uint16 // the length of the longest token by its first byte
	pairs   *pairTable
}

// newTokens lays the tokens out. Their pairs are still to be entered.
func newTokens(d *vocab.Definition) tokens {
	t := tokens{offsets: []uint32{0}, longest: longestTokens(d.Tokens)}
	for _, text := range d.Texts() {
		t.text = append(t.text, text...)
		t.offsets = append(t.offsets, uint32(len(t.text)))
	}
	for b := range t.byteID {
		t.byteID[b] = noToken
	}
	for id, tok := range d.Tokens {
		if len(tok) == 1 {
			t.byteID[tok[0]] = uint32(id)
		}
	}
	return t
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

// Size is one more than the largest id.
func (t *tokens) Size() int { return len(t.offsets) - 1 }

// Bytes are the text of a token; nil for an id that stands for nothing.
func (t *tokens) Bytes(id uint32) []byte {
	if int(id) >= t.Size() || t.offsets[id] == t.offsets[id+1] {
		return nil
	}
	return t.text[t.offsets[id]:t.offsets[id+1]:t.offsets[id+1]]
}

// Has tells that a byte has a token.
func (t *tokens) Has(b byte) bool { return t.byteID[b] != noToken }
