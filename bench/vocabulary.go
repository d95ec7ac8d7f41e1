package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/codemill/codemill/tokenize/bpe"
)

// A vocabulary comes in files that every side can read one of.
type vocabulary struct {
	name     string // in the ratios' keys
	encoding string // its full name
	ranks    string // path of the ranks in tiktoken's format, OpenAI's alone
	json     string // path of a tokenizer.json
}

// openAI are the encodings that codemill has built in, by their short names,
// with the pattern that a tokenizer.json needs.
var openAI = map[string]struct{ encoding, pattern string }{
	"cl100k": {"cl100k_base", `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`},
	"o200k": {"o200k_base", `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
		`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
		`|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`},
}

// findVocabulary returns one of OpenAI's, whose files it writes into dir if
// they are not there, or else the tokenizer.json in a folder of its name.
func findVocabulary(name, dir, tokenizers string) (vocabulary, error) {
	known, ok := openAI[name]
	if !ok {
		v := vocabulary{name: name, encoding: name, json: filepath.Join(tokenizers, name, "tokenizer.json")}
		if _, err := os.Stat(v.json); err != nil {
			return v, fmt.Errorf("vocabulary %s: %w (--tokenizers names the folder)", name, err)
		}
		var err error
		v.json, err = filepath.Abs(v.json)
		return v, err
	}
	v := vocabulary{name: name, encoding: known.encoding,
		ranks: filepath.Join(dir, known.encoding+".tiktoken"), json: filepath.Join(dir, known.encoding+".json")}
	tokens, err := builtIn(known.encoding)
	if err != nil {
		return v, err
	}
	file, err := tokenizerJSON(tokens, known.pattern)
	if err != nil {
		return v, err
	}
	if err := os.WriteFile(v.ranks, ranksFile(tokens), 0o666); err != nil {
		return v, err
	}
	return v, os.WriteFile(v.json, file, 0o666)
}

// builtIn returns the bytes of every token that is not special, by its id.
func builtIn(encoding string) ([]string, error) {
	tok, err := bpe.LoadTiktoken(encoding)
	if err != nil {
		return nil, err
	}
	tokens := make([]string, tok.VocabSize())
	for id := range tokens {
		tokens[id] = string(tok.TokenBytes(uint32(id)))
	}
	for _, s := range tok.Specials() {
		tokens[s.ID] = ""
	}
	return tokens, nil
}

func ranksFile(tokens []string) []byte {
	var b bytes.Buffer
	for id, t := range tokens {
		if t != "" {
			fmt.Fprintln(&b, base64.StdEncoding.EncodeToString([]byte(t)), id)
		}
	}
	return b.Bytes()
}

// tokenizerJSON writes a vocabulary of ranks as Hugging Face's file. Its merges
// are all splits of every token into two others, in the order of ranks, as the
// transformers library converts such vocabularies.
func tokenizerJSON(tokens []string, pattern string) ([]byte, error) {
	ids, vocab, alphabet := map[string]int{}, map[string]int{}, byteAlphabet()
	spell := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			b.WriteRune(alphabet[s[i]])
		}
		return b.String()
	}
	for id, t := range tokens {
		if t != "" {
			ids[t], vocab[spell(t)] = id, id
		}
	}
	merges := [][2]string{}
	for _, t := range tokens {
		for _, cut := range cuts(t, ids) {
			merges = append(merges, [2]string{spell(t[:cut]), spell(t[cut:])})
		}
	}
	return json.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": []any{}, "normalizer": nil,
		"pre_tokenizer": map[string]any{"type": "Sequence", "pretokenizers": []any{
			map[string]any{"type": "Split", "pattern": map[string]any{"Regex": pattern}, "behavior": "Isolated", "invert": false},
			map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false},
		}},
		"post_processor": nil,
		"decoder":        map[string]any{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
		"model": map[string]any{"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": merges},
	})
}

// cuts returns where a token splits into two tokens, by the parts' ids.
func cuts(token string, ids map[string]int) (at []int) {
	for i := 1; i < len(token); i++ {
		_, left := ids[token[:i]]
		_, right := ids[token[i:]]
		if left && right {
			at = append(at, i)
		}
	}
	slices.SortFunc(at, func(i, j int) int {
		return cmp.Or(cmp.Compare(ids[token[:i]], ids[token[:j]]), cmp.Compare(ids[token[i:]], ids[token[j:]]))
	})
	return at
}

// byteAlphabet is GPT-2's characters for bytes.
func byteAlphabet() (table [256]rune) {
	next := rune(256)
	for b := range table {
		if '!' <= b && b <= '~' || 0xa1 <= b && b <= 0xac || 0xae <= b {
			table[b] = rune(b)
		} else {
			table[b] = next
			next++
		}
	}
	return table
}
