package bpe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/merge"
	"github.com/codemill/codemill/tokenize/bpe/internal/pretoken"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// A Tokenizer is a vocabulary with its merges, pre-tokenizer and added tokens.
// It never changes, and any number of goroutines may use it.
type Tokenizer struct {
	name        string
	fingerprint string

	model *merge.Model // what bytes merge to
	pre   *pretoken.Pretokenizer
	nfc   bool // text is normalized first

	added          []AddedToken // sorted by ID
	addedID        map[string]uint32
	ordinary       matchers // for Append
	special        matchers // for AppendSpecial
	prefix, suffix []uint32 // what the post-processor adds
}

// TiktokenNames lists the encodings that [LoadTiktoken] makes.
func TiktokenNames() []string { return vocab.TiktokenNames() }

// LoadTiktoken makes the tokenizer of an OpenAI encoding, one of
// [TiktokenNames]. The vocabulary is embedded in tiktoken-go-loader; no network
// is used and nothing global is changed.
func LoadTiktoken(name string) (*Tokenizer, error) {
	d, err := vocab.Tiktoken(name)
	if err != nil {
		return nil, fmt.Errorf("tiktoken encoding %s: %w", name, err)
	}
	t, err := newTokenizer(d)
	if err != nil {
		return nil, fmt.Errorf("tiktoken encoding %s: %w", name, err)
	}
	return t, nil
}

// LoadHF makes a tokenizer of a Hugging Face tokenizer.json of the byte-level
// BPE family. What it does not support it refuses by name. It also refuses what the
// library takes but what is not exact: a key twice, of which one would count, and a
// vocabulary without a token for a byte that text may hold, which would be lost. What
// the post-processor adds around a text are the [Tokenizer.Affixes].
func LoadHF(tokenizerJSON []byte) (*Tokenizer, error) {
	d, err := vocab.ReadHF(tokenizerJSON)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	t, err := newTokenizer(d)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return t, nil
}

func newTokenizer(d *vocab.Definition) (*Tokenizer, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	t := &Tokenizer{name: d.Name, fingerprint: d.Fingerprint(), nfc: d.NFC,
		addedID: map[string]uint32{}, prefix: d.Prefix, suffix: d.Suffix}
	if t.name == "" {
		t.name = "hf-" + t.fingerprint[:12]
	}
	for _, a := range d.Added {
		t.added = append(t.added, AddedToken(a))
		t.addedID[a.Content] = a.ID
	}
	slices.SortFunc(t.added, func(a, b AddedToken) int { return int(a.ID) - int(b.ID) })
	var err error
	if t.model, err = merge.New(d); err != nil {
		return nil, err
	}
	tables, err := charset.LoadTables()
	if err != nil {
		return nil, err
	}
	if t.pre, err = pretoken.New(tables, d.Steps); err != nil {
		return nil, err
	}
	if t.ordinary, err = newMatchers(tables, t.added, t.nfc, true); err != nil {
		return nil, err
	}
	t.special, err = newMatchers(tables, t.added, t.nfc, false)
	return t, err
}

// Name is the name of a tiktoken encoding, or "hf-" and the beginning of the
// fingerprint.
func (t *Tokenizer) Name() string { return t.name }

// Fingerprint is a hash, in hexadecimal, of all that ids depend on: vocabulary,
// merges, pre-tokenizer, added tokens and the version of the algorithm. The
// name does not enter it.
func (t *Tokenizer) Fingerprint() string { return t.fingerprint }

// VocabSize is one more than the largest id, added tokens included.
func (t *Tokenizer) VocabSize() int { return t.model.Size() }

// TokenBytes is the text of a token: its bytes, or the content of an added
// token; nil for an id that stands for nothing. The caller must not change it.
func (t *Tokenizer) TokenBytes(id uint32) []byte { return t.model.Bytes(id) }

// SpecialID is the id of an added token, special or not (DeepSeek-Coder's FIM
// sentinels are not), by its content.
func (t *Tokenizer) SpecialID(content string) (uint32, bool) {
	id, ok := t.addedID[content]
	return id, ok
}

// Specials lists the added tokens, special or not, sorted by id. The caller must
// not change it.
func (t *Tokenizer) Specials() []AddedToken { return t.added }

// Affixes are the ids that the post-processor of a tokenizer.json puts in front
// of a text and behind it, BOS and EOS; both are empty for tiktoken's encodings.
// The caller must not change them.
func (t *Tokenizer) Affixes() (prefix, suffix []uint32) { return t.prefix, t.suffix }

// AppendDecoded appends the text of ids to dst. It is the inverse of encoding
// for all valid UTF-8 (normalized first where the vocabulary does; less the
// white space that LStrip and RStrip tokens took): added tokens become their
// content, also where Hugging Face's decoder would take the content for
// byte-level symbols, as for DeepSeek-Coder's "ü". Ids that stand for nothing
// add nothing.
func (t *Tokenizer) AppendDecoded(dst []byte, ids []uint32) []byte {
	for _, id := range ids {
		dst = append(dst, t.TokenBytes(id)...)
	}
	return dst
}

// WithSpecial is the tokenizer with the named added tokens made special, so
// that Append takes them for text: by Hugging Face's rule the FIM sentinels of
// DeepSeek-Coder, which its file does not call special, would become control
// tokens wherever source code spells them out.
func (t *Tokenizer) WithSpecial(contents ...string) (*Tokenizer, error) {
	c := *t
	c.added = slices.Clone(t.added)
	for _, content := range contents {
		i := slices.IndexFunc(c.added, func(a AddedToken) bool { return a.Content == content })
		if i < 0 {
			return nil, fmt.Errorf("tokenizer %s has no added token %q", t.name, content)
		}
		c.added[i].Special = true
	}
	tables, err := charset.LoadTables()
	if err != nil {
		return nil, err
	}
	if c.ordinary, err = newMatchers(tables, c.added, c.nfc, true); err != nil {
		return nil, err
	}
	var changed strings.Builder
	for i, a := range c.added {
		if a.Special != t.added[i].Special {
			fmt.Fprintf(&changed, "special %d\n", a.ID)
		}
	}
	if changed.Len() > 0 {
		sum := sha256.Sum256([]byte(t.fingerprint + "\n" + changed.String()))
		c.fingerprint = hex.EncodeToString(sum[:16])
	}
	return &c, nil
}
