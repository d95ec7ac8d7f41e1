package vocab

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// Tiktoken is the vocabulary of an OpenAI encoding, as tiktoken-go-loader embeds it.
// No network is used and nothing global is changed.
func Tiktoken(name string) (*Definition, error) {
	e, err := tiktokenEncoding(name, loader.NewOfflineLoader())
	if err != nil {
		return nil, err
	}
	d := &Definition{Name: name, Ranked: true, Steps: []Step{Split(e.PatStr)}}
	if d.Tokens, err = tokensByRank(e.MergeableRanks); err != nil {
		return nil, err
	}
	for content, id := range e.SpecialTokens {
		d.Added = append(d.Added, Added{Content: content, ID: uint32(id), Special: true})
	}
	slices.SortFunc(d.Added, func(a, b Added) int { return cmp.Compare(a.ID, b.ID) })
	return d, nil
}

// tiktokenEncoding is tiktoken-go's definition of an encoding, which it hands
// out only through a package-wide loader and cache.
func tiktokenEncoding(name string, ranks tiktoken.BpeLoader) (*tiktoken.Encoding, error) {
	e := &tiktoken.Encoding{Name: name}
	file := name
	switch name {
	case tiktoken.MODEL_R50K_BASE, tiktoken.MODEL_P50K_BASE:
		e.PatStr = GPT2Pattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 50256}
	case tiktoken.MODEL_P50K_EDIT:
		file = tiktoken.MODEL_P50K_BASE
		e.PatStr = GPT2Pattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 50256, tiktoken.FIM_PREFIX: 50281,
			tiktoken.FIM_MIDDLE: 50282, tiktoken.FIM_SUFFIX: 50283}
	case tiktoken.MODEL_CL100K_BASE:
		e.PatStr = CL100KPattern
		e.SpecialTokens = map[string]int{tiktoken.ENDOFTEXT: 100257, tiktoken.FIM_PREFIX: 100258,
			tiktoken.FIM_MIDDLE: 100259, tiktoken.FIM_SUFFIX: 100260, tiktoken.ENDOFPROMPT: 100276}
	case tiktoken.MODEL_O200K_BASE:
		e.PatStr = O200KPattern
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

// maxTokenBytes is more than the longest token of any encoding has.
const maxTokenBytes = 256
