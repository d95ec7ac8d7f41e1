package bpe

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// LoadTiktoken makes the tokenizer of an OpenAI encoding: r50k_base, p50k_base,
// p50k_edit, cl100k_base or o200k_base. The vocabulary is embedded in
// tiktoken-go-loader; no network is used and nothing global is changed.
func LoadTiktoken(name string) (*Tokenizer, error) {
	e, err := tiktokenEncoding(name, loader.NewOfflineLoader())
	if err != nil {
		return nil, fmt.Errorf("tiktoken encoding %s: %w", name, err)
	}
	d := &definition{
		name:      name,
		allSplits: true,
		steps:     []step{split(e.PatStr)},
	}
	if d.tokens, err = tokensByRank(e.MergeableRanks); err != nil {
		return nil, fmt.Errorf("tiktoken encoding %s: %w", name, err)
	}
	d.pairs = allSplits(d.tokens)
	for content, id := range e.SpecialTokens {
		d.added = append(d.added, AddedToken{Content: content, ID: uint32(id), Special: true})
	}
	slices.SortFunc(d.added, func(a, b AddedToken) int { return cmp.Compare(a.ID, b.ID) })
	t, err := newTokenizer(d)
	if err != nil {
		return nil, fmt.Errorf("tiktoken encoding %s: %w", name, err)
	}
	return t, nil
}

// tiktokenEncoding is tiktoken-go's definition of an encoding, which it hands
// out only through a package-wide loader and cache.
func tiktokenEncoding(name string, ranks tiktoken.BpeLoader) (*tiktoken.Encoding, error) {
	e := &tiktoken.Encoding{Name: name}
	file := name
	switch name {
	case tiktoken.MODEL_R50K_BASE, tiktoken.MODEL_P50K_BASE:
		e.PatStr = gpt2Pattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 50256}
	case tiktoken.MODEL_P50K_EDIT:
		file = tiktoken.MODEL_P50K_BASE
		e.PatStr = gpt2Pattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 50256, tiktoken.FIM_PREFIX: 50281,
			tiktoken.FIM_MIDDLE: 50282, tiktoken.FIM_SUFFIX: 50283}
	case tiktoken.MODEL_CL100K_BASE:
		e.PatStr = cl100kPattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 100257, tiktoken.FIM_PREFIX: 100258,
			tiktoken.FIM_MIDDLE: 100259, tiktoken.FIM_SUFFIX: 100260, tiktoken.ENDOFPROMPT: 100276}
	case tiktoken.MODEL_O200K_BASE:
		e.PatStr = o200kPattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 199999, tiktoken.ENDOFPROMPT: 200018}
	default:
		return nil, fmt.Errorf("not known; there are r50k_base, p50k_base, p50k_edit, cl100k_base and o200k_base")
	}
	var err error
	e.MergeableRanks, err = ranks.LoadTiktokenBpe(file + ".tiktoken")
	return e, err
}

// tokensByRank inverts a rank table, which may have holes where special tokens
// are.
func tokensByRank(ranks map[string]int) ([][]byte, error) {
	size := 0
	for token, rank := range ranks {
		if rank < 0 || rank >= maxTokens || token == "" || len(token) > maxTokenBytes {
			return nil, fmt.Errorf("token %q of rank %d is out of range", token, rank)
		}
		size = max(size, rank+1)
	}
	tokens := make([][]byte, size)
	bytes := 0
	for token := range ranks {
		bytes += len(token)
	}
	text := make([]byte, 0, bytes)
	for token, rank := range ranks {
		text = append(text, token...)
		tokens[rank] = text[len(text)-len(token):]
	}
	return tokens, nil
}

// allSplits lists the pairs that tiktoken merges: any two tokens whose
// concatenation is a token, by that one's rank.
func allSplits(tokens [][]byte) []pair {
	table := newTokenTable(tokens)
	pairs := make([]pair, 0, 3*len(tokens))
	var lefts [maxTokenBytes]uint32 // of the first i bytes, or noToken
	for rank, token := range tokens {
		var h uint64
		for i := range max(0, len(token)-1) {
			h = h*tableBase + uint64(token[i]) + 1
			lefts[i+1] = table.find(h, token[:i+1])
		}
		h = 0
		power := uint64(1)
		for i := len(token) - 1; i > 0; i-- {
			h += power * (uint64(token[i]) + 1)
			power *= tableBase
			if lefts[i] == noToken {
				continue
			}
			if right := table.find(h, token[i:]); right != noToken {
				pairs = append(pairs, pair{lefts[i], right, uint32(rank)})
			}
		}
	}
	return pairs
}

// maxTokenBytes is more than the longest token of any encoding has.
const maxTokenBytes = 256

// A tokenTable finds tokens by a polynomial hash, so that the hashes of all
// prefixes and all suffixes of a token come at one multiplication each.
type tokenTable struct {
	tokens [][]byte
	slots  []uint64 // upper half of the hash, and the id; or emptySlot
}

const (
	tableBase = 0x9e3779b97f4a7c15
	emptySlot = math.MaxUint64
)

func newTokenTable(tokens [][]byte) *tokenTable {
	t := &tokenTable{tokens, make([]uint64, 1<<bits.Len(uint(2*len(tokens))))}
	for i := range t.slots {
		t.slots[i] = emptySlot
	}
	for id, token := range tokens {
		if len(token) == 0 {
			continue
		}
		var h uint64
		for _, b := range token {
			h = h*tableBase + uint64(b) + 1
		}
		i := t.slot(h)
		for t.slots[i] != emptySlot {
			i = (i + 1) & (len(t.slots) - 1)
		}
		t.slots[i] = h&^math.MaxUint32 | uint64(id)
	}
	return t
}

func (t *tokenTable) slot(h uint64) int { return int(h^h>>29) & (len(t.slots) - 1) }

// find is the id of token, whose hash is h, or noToken.
func (t *tokenTable) find(h uint64, token []byte) uint32 {
	for i := t.slot(h); t.slots[i] != emptySlot; i = (i + 1) & (len(t.slots) - 1) {
		s := t.slots[i]
		if (s^h)>>32 == 0 && string(t.tokens[uint32(s)]) == string(token) {
			return uint32(s)
		}
	}
	return noToken
}
