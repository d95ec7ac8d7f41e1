package bpe

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// checkTokens holds what AppendTokens promises for a text.
func checkTokens(t *testing.T, tok *Tokenizer, enc *Encoder, text []byte, special bool) {
	t.Helper()
	ids, tokens := enc.Append(nil, text), enc.AppendTokens(nil, text)
	if special {
		ids, tokens = enc.AppendSpecial(nil, text), enc.AppendTokensSpecial(nil, text)
	}
	if len(ids) != len(tokens) {
		t.Fatalf("%q: %d tokens, %d ids", text, len(tokens), len(ids))
	}
	added := map[uint32]bool{}
	for _, a := range tok.Specials() {
		added[a.ID] = true
	}
	end, last := 0, Token{}
	for i, k := range tokens {
		shared := tok.nfc && k.Start >= last.Start && k.Start < end && k.End >= end
		switch {
		case k.ID != ids[i]:
			t.Fatalf("%q: token %d is %v, the id is %d", text, i, k, ids[i])
		case k.Start < end && !shared || k.Start >= k.End || k.End > len(text):
			t.Fatalf("%q: token %d at %d:%d, behind %d", text, i, k.Start, k.End, end)
		case !tok.nfc && !added[k.ID] && !bytes.Equal(text[k.Start:k.End], tok.TokenBytes(k.ID)):
			t.Fatalf("%q: token %d at %d:%d is %q", text, i, k.Start, k.End, tok.TokenBytes(k.ID))
		case added[k.ID] && !bytes.Contains(charset.NFC(text[k.Start:k.End]), charset.NFC(tok.TokenBytes(k.ID))):
			t.Fatalf("%q: added token %d at %d:%d is %q", text, i, k.Start, k.End, tok.TokenBytes(k.ID))
		}
		end, last = k.End, k
	}
}

// TestTokensAreWhereTheirTextIs covers every kind of added token, NFC and bytes
// without a token.
func TestTokensAreWhereTheirTextIs(t *testing.T) {
	eachAddedFile(t, func(_ string, tok *Tokenizer, cases []addedCase) {
		overlap := slices.ContainsFunc(tok.added, func(a AddedToken) bool { return strings.TrimSpace(a.Content) != a.Content })
		odd := slices.ContainsFunc(tok.added, func(a AddedToken) bool { return string(tok.TokenBytes(a.ID)) != a.Content })
		if overlap || odd {
			return // tokens within the white space of others, or with two texts
		}
		enc := tok.NewEncoder()
		for _, c := range cases {
			checkTokens(t, tok, enc, []byte(c.Text), false)
			checkTokens(t, tok, enc, []byte(c.Text), true)
		}
	})
	tok := toy(t)
	checkTokens(t, tok, tok.NewEncoder(), []byte("a\xffb \xc0 a<s>\xf5\xf5ü\xff"), true)
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"r50k_base", "o200k_base", "deepseek-coder", "deepseek-v3"} {
		t.Run(name, func(t *testing.T) {
			tok := load(t, name)
			enc := tok.NewEncoder()
			for range 300 {
				text := []byte(bpetest.RandomText(r))
				checkTokens(t, tok, enc, text, r.IntN(2) == 0)
			}
		})
	}
}

func TestTokensOfRemovedText(t *testing.T) {
	tok, err := LoadHF(bpetest.ToyFile(t, func(f map[string]any) {
		f["pre_tokenizer"] = map[string]any{"type": "Sequence", "pretokenizers": []any{
			map[string]any{"type": "Split", "pattern": map[string]any{"String": "b"}, "behavior": "Removed", "invert": false},
			map[string]any{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := tok.NewEncoder().AppendTokens(nil, []byte("abbcdb"))
	cd := got[len(got)-1].ID
	if want := []Token{{'a', 0, 1}, {cd, 3, 5}}; !slices.Equal(got, want) || string(tok.TokenBytes(cd)) != "cd" {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTokensOfNormalizedText has the place of whole sequences where NFC changes
// them.
func TestTokensOfNormalizedText(t *testing.T) {
	tok, err := LoadHF(bpetest.ToyFile(t, func(f map[string]any) { f["normalizer"] = map[string]any{"type": "NFC"} }))
	if err != nil {
		t.Fatal(err)
	}
	text := "xe\u0301y\u212bz"
	var places [][2]int
	for _, k := range tok.NewEncoder().AppendTokens(nil, []byte(text)) {
		places = append(places, [2]int{k.Start, k.End})
	}
	// x, é as one token, y, Å as two bytes, z.
	if want := [][2]int{{0, 1}, {1, 4}, {4, 5}, {5, 8}, {5, 8}, {8, 9}}; !slices.Equal(places, want) {
		t.Errorf("got %v, want %v", places, want)
	}
}
