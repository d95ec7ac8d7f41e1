package mix

import (
	"maps"
	"slices"

	"github.com/codemill/codemill/corpus"
)

const (
	// DefaultPreset is the blend of DeepSeek-Coder-v1.5.
	DefaultPreset = "v1.5"
	// CodeText is 70 % code and 30 % prose. Its other name is 70/30.
	CodeText = "code-text"
)

// PresetNames lists the presets, sorted.
func PresetNames() []string { return slices.Sorted(maps.Keys(presets())) }

// presets returns the blends by name. What no column tells apart is matched by
// the name of its source, so these names mean something here: stackexchange,
// nl-code (language about code), nl-math (language about mathematics),
// bilingual, chinese, nl (any other language). Selections by source come
// first, so that a source's code does not count as code.
func presets() map[string][]Part {
	source := func(names ...string) Selection { return Selection{Source: names} }
	kinds := func(names ...string) Selection { return Selection{Kind: names} }
	code := kinds(corpus.Code, corpus.Markup, corpus.Data)
	// Languages of prose that DeepSeek-Coder counts as code: those of table 1 of its
	// paper and, for V2, of its list of supported languages, there under Linguist's
	// names of then (Groff, POD).
	typeset := Selection{Kind: []string{corpus.Prose}, Language: []string{"TeX", "RMarkdown"}}
	typesetV2 := Selection{Kind: []string{corpus.Prose}, Language: []string{"TeX", "Roff", "Pod"}}
	markdown := Selection{Kind: []string{corpus.Prose}, Language: []string{"Markdown"}}
	plain := []Part{
		{"text", 0.30, []Selection{kinds(corpus.Prose)}},
		{"code", 0.70, []Selection{code}},
	}
	return map[string][]Part{
		CodeText: plain,
		"70/30":  plain,
		// DeepSeek-Coder (arXiv 2401.14196), section 2.
		"v1": {
			{"chinese", 0.03, []Selection{source("chinese")}},
			{"markdown and stackexchange", 0.10, []Selection{source("stackexchange"), markdown}},
			{"code", 0.87, []Selection{code, typeset}},
		},
		// DeepSeek-Coder-v1.5, section 5 of the same paper.
		"v1.5": {
			{"language about code", 0.07, []Selection{source("nl-code")}},
			{"language about mathematics", 0.07, []Selection{source("nl-math")}},
			{"bilingual", 0.06, []Selection{source("bilingual", "chinese")}},
			{"markdown and stackexchange", 0.10, []Selection{source("stackexchange"), markdown}},
			{"code", 0.70, []Selection{code, typeset}},
		},
		// DeepSeek-Coder-V2 (arXiv 2406.11931), section 2. Its code has
		// Markdown, issues and web pages about code in it.
		"v2": {
			{"mathematics", 0.10, []Selection{source("nl-math")}},
			{"language", 0.30, []Selection{source("nl", "bilingual", "chinese")}},
			{"code", 0.60, []Selection{source("stackexchange", "nl-code"), markdown, code, typesetV2}},
		},
	}
}
