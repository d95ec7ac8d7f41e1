package bpe

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

// An addedCase is a text of testdata/added.jsonl with the library's ids.
type addedCase struct {
	Text                  string
	IDs, Special, Affixed []uint32
}

// eachAddedFile reads testdata/added.jsonl: files with all kinds of added tokens
// and post-processors.
func eachAddedFile(t *testing.T, visit func(line string, tok *Tokenizer, cases []addedCase)) {
	file, err := os.Open("testdata/added.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, 1<<20)
	n := 0
	for ; s.Scan(); n++ {
		var l struct {
			AddedTokens   any `json:"added_tokens"`
			Normalizer    any `json:"normalizer"`
			PostProcessor any `json:"post_processor"`
			Cases         []addedCase
		}
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		tok, err := LoadHF(bpetest.BytesFile(t, func(f map[string]any) {
			f["added_tokens"], f["normalizer"], f["post_processor"] = l.AddedTokens, l.Normalizer, l.PostProcessor
		}))
		if err != nil {
			t.Fatal(err)
		}
		visit(s.Text(), tok, l.Cases)
	}
	if s.Err() != nil || n < 30 {
		t.Fatal(n, "files", s.Err())
	}
}

func TestAddedTokensAsTheLibraryFindsThem(t *testing.T) {
	eachAddedFile(t, func(line string, tok *Tokenizer, cases []addedCase) {
		enc := tok.NewEncoder()
		for _, c := range cases {
			for mode, pair := range map[string][2][]uint32{
				"text":    {enc.Append(nil, []byte(c.Text)), c.IDs},
				"special": {enc.AppendSpecial(nil, []byte(c.Text)), c.Special},
				"affixed": {enc.AppendAffixed(nil, []byte(c.Text)), c.Affixed},
			} {
				if !slices.Equal(pair[0], pair[1]) {
					t.Errorf("%q, %s: %v, want %v\n%.800s", c.Text, mode, pair[0], pair[1], line)
				}
			}
		}
	})
}

// TestAddedTokensInWhiteSpace has tokens of white space that take the white
// space around them, in whatever way the library panics on.
func TestAddedTokensInWhiteSpace(t *testing.T) {
	added := []any{}
	for i, content := range []string{"\t", " ", "\n ", "x"} {
		id := 263 + i
		if b := content[0]; len(content) == 1 && b == 'x' {
			id = 'x'
		}
		added = append(added, map[string]any{"id": id, "content": content, "special": true, "lstrip": i != 1, "rstrip": i != 0})
	}
	tok, err := LoadHF(bpetest.BytesFile(t, func(f map[string]any) { f["added_tokens"] = added }))
	if err != nil {
		t.Fatal(err)
	}
	enc := tok.NewEncoder()
	for _, text := range []string{"x\t \n x", " \t\n \t x \t", "\t\t\t  \n \n \t x\t", strings.Repeat(" \t", 50)} {
		if len(enc.AppendSpecial(nil, []byte(text))) == 0 {
			t.Errorf("%q: no token", text)
		}
	}
}

func TestPostProcessorsThatAreRefused(t *testing.T) {
	template := func(single ...any) map[string]any {
		return map[string]any{"type": "TemplateProcessing", "single": single, "pair": []any{},
			"special_tokens": map[string]any{"a": map[string]any{"id": "a", "ids": []int{'a'}, "tokens": []string{"a"}}}}
	}
	text := map[string]any{"Sequence": map[string]any{"id": "A", "type_id": 0}}
	other := map[string]any{"Sequence": map[string]any{"id": "B", "type_id": 0}}
	special := map[string]any{"SpecialToken": map[string]any{"id": "b", "type_id": 0}}
	bert := map[string]any{"type": "BertProcessing", "sep": []any{"a", 'a'}, "cls": []any{"b", 'b'}}
	for want, post := range map[string]any{
		"Nonsense is not supported": map[string]any{"type": "Nonsense"},
		"the text 0 times":          template(),
		"the text 2 times":          template(text, text),
		"another form":              template(text, other),
		`"b" is not one of`:         template(special, text),
		"another that adds tokens":  map[string]any{"type": "Sequence", "processors": []any{bert, bert}},
		"no token has the id":       map[string]any{"type": "RobertaProcessing", "sep": []any{"a", 9999}, "cls": []any{"b", 'b'}},
		"1 fields":                  map[string]any{"type": "BertProcessing", "sep": []any{"a"}, "cls": []any{"b", 'b'}},
		"sep or cls":                map[string]any{"type": "BertProcessing", "sep": "a"},
	} {
		_, err := LoadHF(bpetest.BytesFile(t, func(f map[string]any) { f["post_processor"] = post }))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestAppendAllocatesNothing once its scratch memory and cache are there.
func TestAppendAllocatesNothing(t *testing.T) {
	text := []byte(strings.Repeat("func main() { fmt.Println(\"größer <s> 中文\") }\n\n\t", 50))
	for _, name := range []string{"cl100k_base", "o200k_base", "deepseek-coder", "deepseek-v3"} {
		t.Run(name, func(t *testing.T) {
			tok := load(t, name)
			enc := tok.NewEncoder()
			ids := enc.AppendSpecial(nil, text)
			ids = append(ids, make([]uint32, 4096)...)
			tokens := enc.AppendTokens(nil, text)
			if n := testing.AllocsPerRun(20, func() {
				ids = enc.Append(ids[:0], text)
				ids = enc.AppendSpecial(ids[:0], text)
				tokens = enc.AppendTokens(tokens[:0], text)
				enc.Count(text)
			}); n > 0 {
				t.Errorf("%v allocations a run", n)
			}
		})
	}
}
