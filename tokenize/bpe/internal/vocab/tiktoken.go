package vocab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// encoding is one of OpenAI's. tiktoken-go has the same, but hands it out only through a
// loader and a cache that the whole process shares.
type encoding struct {
	name    string
	file    string         // of the ranks, as tiktoken-go-loader names it; encodings may share one
	pattern string         // that cuts texts into pretokens
	special map[string]int // ids by content
}

// encodings is the table of the encodings that there are.
func encodings() []encoding {
	return []encoding{
		{tiktoken.MODEL_R50K_BASE, "r50k_base.tiktoken", GPT2Pattern, map[string]int{tiktoken.ENDOFTEXT: 50256}},
		{tiktoken.MODEL_P50K_BASE, "p50k_base.tiktoken", GPT2Pattern, map[string]int{tiktoken.ENDOFTEXT: 50256}},
		{tiktoken.MODEL_P50K_EDIT, "p50k_base.tiktoken", GPT2Pattern, map[string]int{tiktoken.ENDOFTEXT: 50256,
			tiktoken.FIM_PREFIX: 50281, tiktoken.FIM_MIDDLE: 50282, tiktoken.FIM_SUFFIX: 50283}},
		{tiktoken.MODEL_CL100K_BASE, "cl100k_base.tiktoken", CL100KPattern, map[string]int{tiktoken.ENDOFTEXT: 100257,
			tiktoken.FIM_PREFIX: 100258, tiktoken.FIM_MIDDLE: 100259, tiktoken.FIM_SUFFIX: 100260, tiktoken.ENDOFPROMPT: 100276}},
		{tiktoken.MODEL_O200K_BASE, "o200k_base.tiktoken", O200KPattern, map[string]int{tiktoken.ENDOFTEXT: 199999,
			tiktoken.ENDOFPROMPT: 200018}},
	}
}

// TiktokenNames lists the encodings that [Tiktoken] knows.
func TiktokenNames() []string {
	var names []string
	for _, e := range encodings() {
		names = append(names, e.name)
	}
	return names
}

// Tiktoken is the vocabulary of an OpenAI encoding, one of [TiktokenNames], as
// tiktoken-go-loader embeds it. No network is used and nothing global is changed. Each
// call reads the file anew.
func Tiktoken(name string) (*Definition, error) {
	all := encodings()
	i := slices.IndexFunc(all, func(e encoding) bool { return e.name == name })
	if i < 0 {
		return nil, fmt.Errorf("not known; there are %s", strings.Join(TiktokenNames(), ", "))
	}
	e := all[i]
	ranks, err := loader.NewOfflineLoader().LoadTiktokenBpe(e.file)
	if err != nil {
		return nil, err
	}
	d := &Definition{Name: name, Ranked: true, Steps: []Step{Split(e.pattern)}}
	if d.Tokens, err = tokensByRank(ranks); err != nil {
		return nil, err
	}
	// In any order: they are sorted below.
	for content, id := range e.special {
		d.Added = append(d.Added, Added{Content: content, ID: uint32(id), Special: true})
	}
	slices.SortFunc(d.Added, func(a, b Added) int { return cmp.Compare(a.ID, b.ID) })
	return d, nil
}

// tokensByRank inverts a rank table: the token of rank 5 is the element 5 of the result,
// whose slices share one array. Ranks that are missing, where special tokens are, give
// nil.
func tokensByRank(ranks map[string]int) ([][]byte, error) {
	size := 0
	// In any order: the files are embedded, and of one that were not sound any token would do.
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
	// In any order: only memory is laid out by it.
	for token, rank := range ranks {
		text = append(text, token...)
		tokens[rank] = text[len(text)-len(token):]
	}
	return tokens, nil
}

// maxTokenBytes is more than the longest token of any encoding has.
const maxTokenBytes = 256
