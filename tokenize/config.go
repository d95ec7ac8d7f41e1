package tokenize

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/tokenize/bpe"
)

// The values of Config.Packing.
const (
	BestFit = "best_fit" // [PackBestFit]
	Concat  = "concat"   // [PackConcat]
)

// Config are the settings of the stage. The zero Config is valid.
type Config struct {
	// Tokenizer is r50k_base, p50k_base, p50k_edit, cl100k_base or o200k_base, or
	// the path of a Hugging Face tokenizer.json. Of a file the contents count, not
	// the path: the same vocabulary elsewhere makes nothing again. Default:
	// cl100k_base.
	Tokenizer string `yaml:"tokenizer"`
	// SeqLen is how many tokens a sequence holds, 2 to 1048576. Default: 4096,
	// as DeepSeek-Coder (arXiv 2401.14196).
	SeqLen int `yaml:"seq_len"`
	// Packing is best_fit, which cuts only documents longer than a sequence, or
	// concat, which cuts wherever a sequence ends. Default: best_fit.
	Packing string `yaml:"packing"`
	// BOS puts a token before every document. Default: false.
	BOS bool `yaml:"bos"`
	// EOS puts a token after every document. Default: true.
	EOS *bool `yaml:"eos"`
	// Pad fills sequences up to SeqLen. Default: true.
	Pad *bool `yaml:"pad"`
	// BOSToken, EOSToken and PadToken are special tokens, each by its content
	// ("<s>") or by its id in digits ("1"). Default: the vocabulary's own, by the
	// lists in tokenize.go; for padding, EOS where the vocabulary has none.
	BOSToken string `yaml:"bos_token"`
	EOSToken string `yaml:"eos_token"`
	PadToken string `yaml:"pad_token"`
	// FIM says which documents are rearranged for filling in the middle.
	FIM FIM `yaml:"fim"`
	// BatchRows is the most sequences in one Arrow record batch, 1 to 100000. A batch
	// also ends at 16 MiB. Default: 1000, as Hugging Face datasets has it.
	BatchRows int `yaml:"batch_rows"`
}

// FIM is filling in the middle: a document is cut into prefix, middle and suffix, and
// these are rearranged, so that the model learns to write the middle last. It is done
// to whole documents, before packing.
type FIM struct {
	// Rate is the share of documents rearranged, 0 to 1; DeepSeek-Coder has
	// 0.5 (arXiv 2401.14196, section 3.1.2). Default: 0.
	Rate float64 `yaml:"rate"`
	// SPMRate is the share of the rearranged that become suffix-prefix-middle
	// instead of prefix-suffix-middle, 0 to 1; StarCoder has 0.5. Default: 0.
	SPMRate float64 `yaml:"spm_rate"`
	// Kinds are the kinds of documents that are rearranged: code, markup, prose,
	// data or other. Default: [code].
	Kinds []string `yaml:"kinds"`
	// Tokens are the sentinels. By default they are the vocabulary's own.
	Tokens FIMTokens `yaml:"tokens"`
}

// FIMTokens are the sentinels of FIM: the special tokens before the prefix, before the
// suffix (DeepSeek calls it hole) and before the middle (DeepSeek: end). Each is given
// by its content or by its id in digits. All three are set or none.
type FIMTokens struct {
	Prefix string `yaml:"prefix"`
	Suffix string `yaml:"suffix"`
	Middle string `yaml:"middle"`
}

const (
	maxSeqLen    = 1 << 20
	maxBatchRows = 100_000
)

// withDefaults returns c with all defaults filled in that do not depend on the
// vocabulary.
func (c Config) withDefaults() Config {
	yes := true
	if c.Tokenizer == "" {
		c.Tokenizer = "cl100k_base"
	}
	if c.SeqLen == 0 {
		c.SeqLen = 4096
	}
	if c.Packing == "" {
		c.Packing = BestFit
	}
	if c.EOS == nil {
		c.EOS = &yes
	}
	if c.Pad == nil {
		c.Pad = &yes
	}
	if len(c.FIM.Kinds) == 0 {
		c.FIM.Kinds = []string{corpus.Code}
	}
	if c.BatchRows == 0 {
		c.BatchRows = 1000
	}
	return c
}

// Validate names the first setting that makes no sense and what is wanted.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, n := range []struct {
		key          string
		is, from, to int
	}{
		{"seq_len", c.SeqLen, 2, maxSeqLen},
		{"batch_rows", c.BatchRows, 1, maxBatchRows},
	} {
		if n.is < n.from || n.is > n.to {
			return fmt.Errorf("%s: %d is not in %d to %d", n.key, n.is, n.from, n.to)
		}
	}
	if c.Packing != BestFit && c.Packing != Concat {
		return fmt.Errorf("packing: %q is not one of %s, %s", c.Packing, BestFit, Concat)
	}
	return c.FIM.validate()
}

// Paths returns the file Tokenizer by its key, unless it is the name of a
// vocabulary.
func (c *Config) Paths() map[string]*string {
	if strings.ContainsAny(c.Tokenizer, `/\\$`) || strings.HasSuffix(c.Tokenizer, ".json") {
		return map[string]*string{"tokenizer": &c.Tokenizer}
	}
	return nil
}

func (f FIM) validate() error {
	for _, n := range []struct {
		key string
		is  float64
	}{{"rate", f.Rate}, {"spm_rate", f.SPMRate}} {
		if math.IsNaN(n.is) || n.is < 0 || n.is > 1 {
			return fmt.Errorf("fim.%s: %v is not in 0 to 1", n.key, n.is)
		}
	}
	for _, k := range f.Kinds {
		if err := choice.ValidKind(k); err != nil {
			return fmt.Errorf("fim.kinds: %w", err)
		}
	}
	set := 0
	for _, t := range []string{f.Tokens.Prefix, f.Tokens.Suffix, f.Tokens.Middle} {
		if t != "" {
			set++
		}
	}
	if set != 0 && set != 3 {
		return fmt.Errorf("fim.tokens: %d of prefix, suffix and middle are set; set all three or none", set)
	}
	return nil
}

// Load reads the vocabulary that c names, and makes its control tokens special: a text
// that spells one out is then encoded as text, not as that token. Control tokens are
// those that c names and all added tokens between angle brackets. A tokenizer.json does
// not call all of them special: DeepSeek-Coder's FIM sentinels are not.
func Load(c Config) (*bpe.Tokenizer, error) {
	tok, err := load(c.withDefaults().Tokenizer)
	if err != nil {
		return nil, err
	}
	named := []string{c.BOSToken, c.EOSToken, c.PadToken, c.FIM.Tokens.Prefix, c.FIM.Tokens.Suffix, c.FIM.Tokens.Middle}
	var control []string
	for _, a := range tok.Specials() {
		if strings.HasPrefix(a.Content, "<") && strings.HasSuffix(a.Content, ">") ||
			slices.Contains(named, a.Content) || slices.Contains(named, strconv.FormatUint(uint64(a.ID), 10)) {
			control = append(control, a.Content)
		}
	}
	return tok.WithSpecial(control...)
}

func load(name string) (*bpe.Tokenizer, error) {
	names := bpe.TiktokenNames()
	if slices.Contains(names, name) {
		return bpe.LoadTiktoken(name)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w (neither a tokenizer.json that can be read nor one of %s)", err, strings.Join(names, ", "))
	}
	tok, err := bpe.LoadHF(b)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", name, err)
	}
	return tok, nil
}

// Overhead returns how many tokens every use of a document has besides those of its
// text: BOS and EOS, so 0 to 2. What FIM adds (three sentinels, and a few tokens where a
// cut divides one) is not in it, as only some uses have it.
func Overhead(c Config) int {
	c = c.withDefaults()
	n := 0
	if c.BOS {
		n++
	}
	if *c.EOS {
		n++
	}
	return n
}

// number returns the id that a token setting names by its digits.
func number(token string) (uint32, bool) {
	n, err := strconv.ParseUint(token, 10, 31)
	return uint32(n), err == nil
}
