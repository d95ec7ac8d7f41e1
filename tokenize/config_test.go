package tokenize

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestValidateNamesKeyAndRange(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"seq_len: 1":                       "seq_len: 1 is not in 2 to 1048576",
		"seq_len: 2000000":                 "seq_len: 2000000 is not in 2 to 1048576",
		"batch_rows: -1":                   "batch_rows: -1 is not in 1 to 100000",
		"packing: best":                    `packing: "best" is not one of best_fit, concat`,
		"fim: {rate: 1.5}":                 "fim.rate: 1.5 is not in 0 to 1",
		"fim: {rate: .nan}":                "fim.rate: NaN is not in 0 to 1",
		"fim: {spm_rate: -0.1}":            "fim.spm_rate: -0.1 is not in 0 to 1",
		"fim: {kinds: [kode]}":             `fim.kinds: "kode" is not one of`,
		"fim: {tokens: {prefix: a}}":       "fim.tokens: 1 of prefix, suffix and middle are set",
		"fim: {kinds: [code, prose]}":      "",
		"{eos: false, pad: false, bos: 1}": "",
	} {
		var c Config
		if err := yaml.Unmarshal([]byte(text), &c); err != nil && want != "" {
			t.Fatal(err)
		}
		switch err := c.Validate(); {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTokensOfVocabularies(t *testing.T) {
	no := false
	for _, v := range []struct {
		name  string
		c     Config
		added []string
		want  string // "" or the error
	}{
		{"deepseek", Config{FIM: FIM{Rate: .5}, BOS: true}, []string{dsBegin, dsEnd, dsHole, dsPrefix, dsMiddle}, ""},
		{"qwen", Config{FIM: FIM{Rate: .5}}, []string{"<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"}, ""},
		{"starcoder", Config{FIM: FIM{Rate: .5}}, []string{"<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>"}, ""},
		{"llama", Config{BOS: true}, []string{"<|begin_of_text|>", "<|end_of_text|>"}, ""},
		{"no fim", Config{FIM: FIM{Rate: .5}}, []string{dsBegin, dsEnd}, "has no tokens for filling in the middle"},
		{"no fim, rate 0", Config{}, []string{dsBegin, dsEnd}, ""},
		{"own ids", Config{FIM: FIM{Rate: .5, Tokens: FIMTokens{"9001", "9002", "9003"}}}, []string{dsEnd}, ""},
		{"own contents", Config{FIM: FIM{Rate: .5, Tokens: FIMTokens{"[P]", "[S]", "[M]"}}, EOSToken: "[E]"}, []string{"[E]", "[P]", "[S]", "[M]"}, ""},
		{"ordinary id", Config{FIM: FIM{Rate: .5, Tokens: FIMTokens{"65", "9002", "9003"}}}, []string{dsEnd}, "fim.tokens.prefix: id 65"},
		{"one id twice", Config{FIM: FIM{Rate: .5, Tokens: FIMTokens{"9001", "9002", "9001"}}}, []string{dsEnd}, "not three different tokens"},
		{"unknown content", Config{FIM: FIM{Rate: .5, Tokens: FIMTokens{"[P]", "[S]", "[M]"}}}, []string{dsEnd}, `has no special token ["[P]"]`},
		{"no eos", Config{}, []string{dsHole}, "or set eos: false"},
		{"no eos, no pad", Config{EOS: &no}, []string{dsHole}, "or set pad: false"},
		{"nothing", Config{EOS: &no, Pad: &no}, nil, ""},
		{"no bos", Config{BOS: true}, []string{dsEnd}, "bos_token"},
		{"eos by id", Config{EOSToken: "9000"}, nil, ""},
	} {
		tok := loadBytes(t, &v.c, v.added...)
		k, err := New(v.c, tok)
		if v.want != "" {
			if err == nil || !strings.Contains(err.Error(), v.want) {
				t.Errorf("%s: %v, want %q", v.name, err, v.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if f := k.FIM; v.c.FIM.Rate > 0 && (f.Begin == f.Hole || f.Hole == f.End || f.Begin == 0) {
			t.Errorf("%s: sentinels %+v", v.name, f)
		}
		want := 0
		for _, id := range []*uint32{k.BOS, k.EOS} {
			if id != nil {
				want++
			}
		}
		if got := Overhead(v.c); got != want {
			t.Errorf("%s: overhead %d, want %d", v.name, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	_, err := Load(Config{Tokenizer: "cl100k"})
	if err == nil || !strings.Contains(err.Error(), "cl100k_base") {
		t.Error(err)
	}
	var a, b Config
	if loadBytes(t, &a, dsEnd).Fingerprint() != loadBytes(t, &b, dsEnd).Fingerprint() {
		t.Error("the path changes the fingerprint")
	}
	tok, err := Load(Config{})
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(Config{FIM: FIM{Rate: 1}}, tok)
	if err != nil || *k.EOS != 100257 || k.FIM != (Sentinels{100258, 100260, 100259}) {
		t.Errorf("%v: %+v", err, k)
	}
}
