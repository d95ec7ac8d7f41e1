// Package bpetest has what the tests of bpe and its parts share: vocabularies,
// made ones among them, and random texts.
package bpetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/build"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// sharedTokenizers holds the tokenizer.json files, which are too big to be kept
// here. Tests that need them are skipped without it.
func sharedTokenizers() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../../../../../shared/data/tokenizers")
}

// HFNames are the vocabularies whose tokenizer.json may be there.
var HFNames = []string{"deepseek-coder", "deepseek-coder-v1.5", "deepseek-coder-v2", "deepseek-llm", "deepseek-v3"}

// Load is what a vocabulary's file says: of one of HFNames, or of a tiktoken encoding. The
// test is skipped where the file is not there.
func Load(t testing.TB, name string) *vocab.Definition {
	t.Helper()
	read := vocab.Tiktoken
	if slices.Contains(HFNames, name) {
		read = func(name string) (*vocab.Definition, error) {
			data, err := os.ReadFile(filepath.Join(sharedTokenizers(), name, "tokenizer.json"))
			if os.IsNotExist(err) {
				t.Skip("no tokenizer.json for", name)
			}
			if err != nil {
				return nil, err
			}
			return vocab.ReadHF(data)
		}
	}
	d, err := read(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ToyFile is a small tokenizer.json: all bytes but those that UTF-8 never
// holds, a few merges that do not come in the order of the ids, added tokens of
// every kind. So it takes the ways that large vocabularies take. edit, nil for none,
// changes the file's JSON before it is written:
//
//	bpetest.ToyFile(t, func(file map[string]any) { file["normalizer"] = map[string]any{"type": "NFC"} })
func ToyFile(t testing.TB, edit func(file map[string]any)) []byte {
	tokens := map[string]any{}
	id := 0
	for r, b := range vocab.ByteAlphabet() {
		if b != 0xc0 && b != 0xc1 && b < 0xf5 {
			tokens[string(r)] = int(b)
			id = max(id, int(b)+1)
		}
	}
	for b, next := 0, id; b < 256; b++ {
		if b == 0xc0 || b == 0xc1 { // no holes: the library counts added tokens from the number of tokens
			tokens[fmt.Sprintf("<hole%d>", b)] = b
		}
		id = next
	}
	merges := []any{}
	for _, m := range [][2]string{{"a", "b"}, {"c", "d"}, {"ab", "cd"}, {"b", "c"}, {"a", "bc"}, {"Ġ", "a"}, {"Ġ", "Ġ"}, {"ĠĠ", "ĠĠ"}, {"Ã", "©"}} {
		tokens[m[0]+m[1]] = id
		id++
		merges = append(merges, m[0]+" "+m[1])
	}
	merges = append(merges, []string{"abc", "d"}) // the new form, and a second way to an old token
	tokens["abc"], tokens["abcd"] = tokens["abcd"], tokens["abc"]
	added := []any{}
	add := func(content string, special, normalized bool) {
		added = append(added, map[string]any{"id": id, "content": content, "special": special, "normalized": normalized,
			"single_word": false, "lstrip": false, "rstrip": false})
		id++
	}
	add("<s>", true, false)
	add("<s>x", true, false)
	add("ü", false, true)
	add("<fim>", false, true)
	file := map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added, "normalizer": nil,
		"pre_tokenizer":  map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
		"post_processor": nil,
		"decoder":        map[string]any{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
		"model":          map[string]any{"type": "BPE", "vocab": tokens, "merges": merges},
	}
	if edit != nil {
		edit(file)
	}
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// BytesFile is a tokenizer.json whose tokens are the bytes, under their values,
// and a few merges: the vocabulary of .ci/interop/added.py, which compares it with the
// tokenizers library. edit is as of ToyFile, and must not be nil.
func BytesFile(t testing.TB, edit func(file map[string]any)) []byte {
	tokens := map[string]int{}
	for r, b := range vocab.ByteAlphabet() {
		tokens[string(r)] = int(b)
	}
	merges := [][2]string{{"a", "b"}, {"Ġ", "a"}, {"Ġ", "Ġ"}, {"ab", "c"}, {"Ã", "©"}, {"<", "s"}, {"<s", ">"}}
	for _, m := range merges {
		tokens[m[0]+m[1]] = len(tokens)
	}
	file := map[string]any{
		"version": "1.0", "added_tokens": []any{}, "normalizer": nil, "post_processor": nil,
		"pre_tokenizer": map[string]any{"type": "ByteLevel", "add_prefix_space": false},
		"decoder":       map[string]any{"type": "ByteLevel"},
		"model":         map[string]any{"type": "BPE", "vocab": tokens, "merges": merges},
	}
	edit(file)
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// ScannerCases are the step lists that have scanners, as files spell them, by a name for
// messages. A test that loops over them tests a new scanner too.
func ScannerCases() map[string][]vocab.Step {
	digits := vocab.Step{Type: "Digits", Individual: true}
	cjk := vocab.Split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+")
	return map[string][]vocab.Step{
		"gpt2":           {vocab.Split(vocab.GPT2Pattern)},
		"starcoder":      {digits, vocab.Split(vocab.GPT2Pattern)},
		"cl100k":         {vocab.Split(vocab.CL100KPattern)},
		"qwen2":          {vocab.Split(vocab.Qwen2Pattern)},
		"o200k":          {vocab.Split(vocab.O200KPattern)},
		"deepseek-coder": {vocab.Split("[\r\n]"), vocab.Split(`\s?\p{L}+`), vocab.Split(`\s?\p{P}+`), cjk, digits},
		"deepseek-llm": {vocab.Split("[\r\n]"), vocab.Split(`\s?` + vocab.DeepSeekLLMLetters + `+`), vocab.Split(`\s?` + vocab.DeepSeekLLMPunct + `+`),
			vocab.Split(`\s+$`), cjk, digits},
		"deepseek-v3": {vocab.Split(`\p{N}{1,3}`), vocab.Split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
			vocab.Split(strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(vocab.DeepSeekV3Pattern))},
	}
}

// NewRandom is a source of random numbers that are the same for a seed every time.
func NewRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed+1)) }

// alphabets hold characters that the patterns tell apart.
var alphabets = []string{
	"abcstmdlvreSTLZ", "'", " ", "  \t\v\f", "\r\n", "0123456789", ".,;:!?()[]{}<>=+-*/\\\"#$%&@^_`|~",
	"中文字三〇", "\u3000\u3001\u3002", "\u0085\u00a0\u1680\u2003\u2028\u202f\u205f", "ſſʰªºǅǈ", "éüßÀÖàÿ÷×",
	"\u0301\u0302\u0903\u20dd", "ΑαБбԱა", "한글ᄀ", "かなカナ・ー\u3099\u3040\u30a0", "½²③Ⅷ٣६\U0001d7d8", "“”‘’—…–",
	"€£¬©∑→", "👩\u200d👦🇩🇪", "\x00\x01\x7f\u200b\ufeff\u00ad", "ไทยहिन्दी", "𝒜𐐀𐐨\U0002ebf0\U00010d50\U00010d70\U000116d0\U00011de0",
	"\ufffd\ufffe\U0010ffff\ue000", "！？ＡａＺ１",
}

// RandomText draws from a few alphabets at a time, with runs of one character: most texts
// over all characters would have none of the patterns' cases. It is valid UTF-8.
func RandomText(r *rand.Rand) string {
	var b strings.Builder
	picked := make([][]rune, 1+r.IntN(4))
	for i := range picked {
		picked[i] = []rune(alphabets[r.IntN(len(alphabets))])
	}
	for range 1 + r.IntN(24) {
		a := picked[r.IntN(len(picked))]
		c := a[r.IntN(len(a))]
		for range 1 + r.IntN(1+r.IntN(4)) {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// GoSource is about 16 MiB of Go from GOROOT, for benchmarks: the same for one release of
// Go.
func GoSource(b *testing.B) []byte {
	var text []byte
	root := filepath.Join(build.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || len(text) > 16<<20 {
			return err
		}
		if strings.HasSuffix(path, ".go") {
			data, err := os.ReadFile(path)
			text = append(text, bytes.ToValidUTF8(data, nil)...)
			return err
		}
		return nil
	})
	if err != nil || len(text) == 0 {
		b.Skip("no GOROOT source: ", err)
	}
	return text
}
