package bpe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

func toy(t testing.TB) *Tokenizer {
	tok, err := LoadHF(bpetest.ToyFile(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// spell encodes text and joins the tokens' bytes with |.
func spell(tok *Tokenizer, text string) string {
	var parts []string
	for _, id := range tok.NewEncoder().Append(nil, []byte(text)) {
		parts = append(parts, string(tok.TokenBytes(id)))
	}
	return strings.Join(parts, "|")
}

func TestMergesFollowTheListNotTheIDs(t *testing.T) {
	tok := toy(t)
	if d, err := vocab.ReadHF(bpetest.ToyFile(t, nil)); err != nil || d.Result == nil {
		t.Fatal("the toy's ranks equal its ids", err)
	}
	for text, want := range map[string]string{
		"abcd": "abcd", "abc": "ab|c", "bcd": "b|cd", "abbc": "ab|bc", "é": "é", "xüy": "x|ü|y",
		"<s>": "<|s|>", "<fim>a": "<fim>|a", "<s>xü": "<|s|>|x|ü",
	} {
		if got := spell(tok, text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestIgnoreMergesTakesWholePretokens(t *testing.T) {
	tok, err := LoadHF(bpetest.ToyFile(t, func(f map[string]any) { f["model"].(map[string]any)["ignore_merges"] = true }))
	if err != nil {
		t.Fatal(err)
	}
	if got := spell(tok, "abc"); got != "abc" {
		t.Errorf("abc: %s", got)
	}
	// Text that spells a token outside of the byte-level alphabet is no token.
	if got := spell(tok, "hole192"); got != "h|o|l|e|1|9|2" {
		t.Errorf("hole192: %s", got)
	}
}

func TestAppendSpecial(t *testing.T) {
	tok := toy(t)
	s, _ := tok.SpecialID("<s>x")
	u, _ := tok.SpecialID("ü")
	got := tok.NewEncoder().AppendSpecial(nil, []byte("<s>xüa"))
	if want := []uint32{s, u, 'a'}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWithSpecialMakesTextOfTokens(t *testing.T) {
	tok := toy(t)
	plain, err := tok.WithSpecial("<fim>")
	if err != nil {
		t.Fatal(err)
	}
	if got := spell(plain, "<fim>"); got != "<|f|i|m|>" {
		t.Errorf("<fim> as text: %s", got)
	}
	if got := spell(tok, "<fim>"); got != "<fim>" {
		t.Errorf("the original changed: %s", got)
	}
	if plain.Fingerprint() == tok.Fingerprint() {
		t.Error("other ids, same fingerprint")
	}
	if same, err := tok.WithSpecial("<s>"); err != nil || same.Fingerprint() != tok.Fingerprint() {
		t.Error("same ids, other fingerprint", err)
	}
	if _, err := tok.WithSpecial("<nope>"); err == nil {
		t.Error("an unknown token was accepted")
	}
}

func TestNFC(t *testing.T) {
	tok, err := LoadHF(bpetest.ToyFile(t, func(f map[string]any) { f["normalizer"] = map[string]any{"type": "NFC"} }))
	if err != nil {
		t.Fatal(err)
	}
	if got := spell(tok, "e\u0301 u\u0308"); got != "é| |ü" {
		t.Errorf("decomposed: %s", got)
	}
}

func TestPretokenizerWithoutScanner(t *testing.T) {
	tok, err := LoadHF(bpetest.ToyFile(t, func(f map[string]any) {
		f["pre_tokenizer"] = map[string]any{"type": "Sequence", "pretokenizers": []any{
			map[string]any{"type": "Split", "pattern": map[string]any{"String": "b"}, "behavior": "MergedWithPrevious", "invert": false},
			map[string]any{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if tok.pre.HasScanner() {
		t.Fatal("the general engine is not used")
	}
	for text, want := range map[string]string{"abcd": "ab|cd", "bcd": "b|cd", "": "", "    abb": "    |ab|b"} {
		if got := spell(tok, text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestUnsupportedIsRefusedByName(t *testing.T) {
	set := func(path string, value any) func(map[string]any) {
		return func(f map[string]any) {
			keys := strings.Split(path, ".")
			for _, k := range keys[:len(keys)-1] {
				f = f[k].(map[string]any)
			}
			f[keys[len(keys)-1]] = value
		}
	}
	regex := func(pattern string) any {
		return map[string]any{"type": "Sequence", "pretokenizers": []any{
			map[string]any{"type": "Split", "pattern": map[string]any{"Regex": pattern}, "behavior": "Isolated", "invert": false},
			map[string]any{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}}}
	}
	cases := []struct {
		name  string
		edit  func(map[string]any)
		wants string
	}{
		{"model", set("model.type", "Unigram"), "model Unigram"},
		{"dropout", set("model.dropout", 0.1), "dropout"},
		{"prefix", set("model.continuing_subword_prefix", "##"), "continuing_subword_prefix"},
		{"fallback", set("model.byte_fallback", true), "byte_fallback"},
		{"unk", set("model.unk_token", "<s>"), "unk_token"},
		{"field", set("model.max_input_chars_per_word", 100), "max_input_chars_per_word"},
		{"truncation", set("truncation", map[string]any{"max_length": 5}), "truncation"},
		{"padding", set("padding", map[string]any{"pad_id": 0}), "padding"},
		{"normalizer", set("normalizer", map[string]any{"type": "NFKC"}), "normalizer NFKC"},
		{"decoder", set("decoder", map[string]any{"type": "WordPiece"}), "decoder"},
		{"no pre-tokenizer", set("pre_tokenizer", nil), "ByteLevel"},
		{"pre-tokenizer", set("pre_tokenizer", map[string]any{"type": "Metaspace"}), "Metaspace"},
		{"prefix space", set("pre_tokenizer.add_prefix_space", true), "add_prefix_space"},
		{"merge", set("model.merges", []string{"a zz"}), `"zz"`},
		{"merge form", set("model.merges", []string{"a"}), "not two tokens"},
		{"added twice", func(f map[string]any) {
			list := f["added_tokens"].([]any)
			again := map[string]any{"id": list[0].(map[string]any)["id"], "content": "<s>", "normalized": true}
			f["added_tokens"] = append(list, again)
		}, `"<s>"`},
		{"one in normalized text", func(f map[string]any) {
			f["normalizer"] = map[string]any{"type": "NFC"}
			f["added_tokens"].([]any)[3].(map[string]any)["content"] = "u\u0308"
		}, "one in normalized text"},
		{"added id", func(f map[string]any) { f["added_tokens"].([]any)[0].(map[string]any)["id"] = 9999 }, "9999"},
		{"look-behind", set("pre_tokenizer", regex(`(?<=a)b`)), "(?…"},
		{"word", set("pre_tokenizer", regex(`\w+`)), `\w`},
		{"script", set("pre_tokenizer", regex(`\p{Han}+`)), "Han"},
		{"intersection", set("pre_tokenizer", regex(`[a&&b]`)), "&&"},
		{"nested class", set("pre_tokenizer", regex(`[a[bc]]`)), "[ in a class"},
		{"exponential", set("pre_tokenizer", regex(`(?:a+|b)*c`)), "a repetition without limit"},
		{"exponential count", set("pre_tokenizer", regex(`(?:a{2,})+c`)), "a repetition without limit"},
		{"empty match", set("pre_tokenizer", regex(`a*`)), "empty string"},
		{"anchor", set("pre_tokenizer", regex(`^a`)), "^"},
		{"parenthesis", set("pre_tokenizer", regex(`a)`)), "unmatched )"},
	}
	for _, c := range cases {
		_, err := LoadHF(bpetest.ToyFile(t, c.edit))
		if err == nil || !strings.Contains(err.Error(), c.wants) {
			t.Errorf("%s: error %v, want one naming %s", c.name, err, c.wants)
		}
	}
	twice := strings.TrimSuffix(string(bpetest.ToyFile(t, nil)), "}") + `,"model":{"type":"BPE","vocab":{"a":1},"merges":[]}}`
	if _, err := LoadHF([]byte(twice)); err == nil || !strings.Contains(err.Error(), `"model" is there twice`) {
		t.Errorf("two models: error %v", err)
	}
	if _, err := LoadHF([]byte("{")); err == nil {
		t.Error("broken JSON was accepted")
	}
	if _, err := LoadTiktoken("gpt9"); err == nil || !strings.Contains(err.Error(), "gpt9") {
		t.Errorf("unknown encoding: error %v", err)
	}
}

// TestBytesWithoutTokens has vocabularies that lack the token of one byte: those are
// refused that valid UTF-8 may hold.
func TestBytesWithoutTokens(t *testing.T) {
	symbols := map[byte]string{}
	for r, b := range vocab.ByteAlphabet() {
		symbols[b] = string(r)
	}
	var valid [256]bool
	for r := range rune(utf8.MaxRune + 1) {
		for _, b := range []byte(string(r)) {
			valid[b] = true
		}
	}
	for b := range 256 {
		_, err := LoadHF(bpetest.BytesFile(t, func(f map[string]any) {
			model := f["model"].(map[string]any)
			tokens := model["vocab"].(map[string]int)
			delete(tokens, symbols[byte(b)])
			tokens["中"] = b // a token outside of the alphabet keeps the ids without a hole
			model["merges"] = [][2]string{}
		}))
		switch named := err != nil && strings.Contains(err.Error(), fmt.Sprintf("byte 0x%02X,", b)); {
		case valid[b] != named, !valid[b] && err != nil:
			t.Errorf("without 0x%02X: error %v", b, err)
		}
	}
}

// TestFingerprintCoversWhatIDsDependOn changes one thing at a time.
func TestFingerprintCoversWhatIDsDependOn(t *testing.T) {
	edits := map[string]func(map[string]any){
		"nothing": nil,
		"merges":  func(f map[string]any) { m := f["model"].(map[string]any)["merges"].([]any); m[0], m[1] = m[1], m[0] },
		"vocab": func(f map[string]any) {
			v := f["model"].(map[string]any)["vocab"].(map[string]any)
			v["x"], v["y"] = v["y"], v["x"]
		},
		"added":   func(f map[string]any) { f["added_tokens"].([]any)[3].(map[string]any)["content"] = "<fum>" },
		"special": func(f map[string]any) { f["added_tokens"].([]any)[3].(map[string]any)["special"] = true },
		"regex":   func(f map[string]any) { f["pre_tokenizer"].(map[string]any)["use_regex"] = false },
		"nfc":     func(f map[string]any) { f["normalizer"] = map[string]any{"type": "NFC"} },
		"lstrip":  func(f map[string]any) { f["added_tokens"].([]any)[0].(map[string]any)["lstrip"] = true },
		"post": func(f map[string]any) {
			f["post_processor"] = map[string]any{"type": "BertProcessing", "sep": []any{"x", 'x'}, "cls": []any{"y", 'y'}}
		},
		"whole": func(f map[string]any) { f["model"].(map[string]any)["ignore_merges"] = true },
	}
	seen := map[string]string{}
	for name, edit := range edits {
		tok, err := LoadHF(bpetest.ToyFile(t, edit))
		if err != nil {
			t.Fatal(name, err)
		}
		if other, ok := seen[tok.Fingerprint()]; ok {
			t.Errorf("%s and %s have the same fingerprint", name, other)
		}
		seen[tok.Fingerprint()] = name
	}
	if a, b := toy(t).Fingerprint(), toy(t).Fingerprint(); a != b {
		t.Error("the fingerprint is not stable")
	}
}

// FuzzLoadHF holds that no file and no text is answered with a panic, and that
// what loads encodes the same way in all its forms.
func FuzzLoadHF(f *testing.F) {
	text := []byte("ab abcd <s>x\u00fc  <fim> e\u0301\xff\u4e2d'll 12\n\n x")
	f.Add(bpetest.ToyFile(f, nil), text)
	f.Add(bpetest.BytesFile(f, func(f map[string]any) {
		f["normalizer"] = map[string]any{"type": "NFC"}
		f["post_processor"] = map[string]any{"type": "BertProcessing", "sep": []any{"a", 97}, "cls": []any{"b", 98}}
		f["added_tokens"] = []any{map[string]any{"id": 263, "content": "<s>", "lstrip": true, "rstrip": true, "single_word": true}}
	}), text)
	f.Fuzz(func(t *testing.T, file, text []byte) {
		tok, err := LoadHF(file)
		if err != nil {
			return
		}
		enc := tok.NewEncoder()
		ids := enc.AppendSpecial(nil, text)
		tokens := enc.AppendTokensSpecial(nil, text)
		if len(ids) != len(tokens) {
			t.Fatalf("%q: %d ids, %d tokens", text, len(ids), len(tokens))
		}
		tok.AppendDecoded(nil, ids)
		checkStream(t, enc, rand.New(rand.NewPCG(1, uint64(len(text)))), text, true)
	})
}
