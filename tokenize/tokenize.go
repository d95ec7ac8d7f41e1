// Package tokenize is the last stage: it turns the documents that the plan
// chose into sequences of tokens, as many tokens long as the model reads, and
// writes them as Arrow shards that Hugging Face datasets opens as they are.
//
// # Flow
//
// The plan says of every use of a document where it comes in the global shuffle and
// into which output shard it goes. There are two steps:
//
//  1. Documents are read once, in the order in which they stand, and encoded. Their
//     tokens are spilled, grouped by output shard (folder tokens/spill, format in
//     spill.go).
//  2. Each output shard is gathered from all spills, put into the order of the
//     shuffle, packed into sequences and written.
//
// Both steps make shards with receipts, so that a killed run goes on where it was.
// The spill is removed when all output shards stand.
//
// # Core
//
// [Codec] makes the tokens of a document, and the text of the tokens again: BOS, the
// text, EOS, or between them the text rearranged for filling in the middle ([Cut],
// [Form]). A special token that is spelt out in a text is encoded as text.
// [PackBestFit] and [PackConcat] distribute documents over sequences. All of these are
// functions of their arguments.
//
// # Output
//
// tokens/ holds data-00000-of-00002.arrow and so on (columns in arrow.go),
// state.json and dataset_info.json for datasets.load_from_disk, README.md, the
// dataset card, and ledger.json, what every stage took in, kept and dropped.
//
// # Promises
//
// Every use in the plan is in the output, or counted under a [corpus.Reason]. One use
// in [checkEvery], and the first of every shard, is decoded again and compared with
// the document; a difference stops the run.
//
// # Files
//
//	config.go     the settings, and the vocabulary that they name
//	tokenize.go   Codec: a document's tokens and back
//	fim.go        the arrangements of fill-in-the-middle, where texts are cut
//	pack.go       packing by best fit or by concatenation
//	room.go       which sequence has room for a document
//	sequence.go   Sequence and Segment, how they are made, written and read
//	arrow.go      sequences as Arrow, the output's columns
//	quote.go      names that are not UTF-8
//	spill.go      the format of spills
//	spill_run.go  the need that makes them
//	run.go        the stage: output shards gathered from spills
//	layout.go     the files beside the shards
package tokenize

import (
	"fmt"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/tokenize/bpe"
)

// Version is the algorithm's: raised when the same input gives other bytes.
//
//	1: the first
const Version = 1

// NoTokens is the reason of a use whose text is empty and that gets neither
// BOS nor EOS: there is nothing to write.
const NoTokens corpus.Reason = "no_tokens"

// Codec turns documents into tokens and back. It is safe for concurrent use.
type Codec struct {
	tok *bpe.Tokenizer
	settings
}

// settings is what a Codec does, with all defaults and names of tokens resolved. The
// fingerprints of shards are made of it.
type settings struct {
	Vocabulary   string    `json:"Tokenizer"` // its fingerprint; receipts have it under its old name
	BOS, EOS     *uint32   // nil: none
	Pad          *uint32   // nil: sequences are not filled up
	Rate         float64   // of FIM
	SPMRate      float64   // of FIM
	Kinds        []string  // of FIM
	FIM          Sentinels // zero where Rate is 0
	SeqLen       int
	Packing      string
	BatchRows    int
	OutputFormat int // of the Arrow files
}

// spillSettings are the settings that the tokens of a document depend on. With other
// packing, for example, the spills are not made again.
func (s settings) spillSettings() settings {
	s.Pad, s.SeqLen, s.Packing, s.BatchRows, s.OutputFormat = nil, 0, "", 0, 0
	return s
}

// The special tokens taken where the settings name none: the first of each
// list that the vocabulary has.
var (
	bosTokens = [...]string{"<｜begin▁of▁sentence｜>", "<|begin_of_text|>", "<s>", "<|endoftext|>"}
	eosTokens = [...]string{"<｜end▁of▁sentence｜>", "<|endoftext|>", "<|end_of_text|>", "</s>"}
	padTokens = [...]string{"<｜▁pad▁｜>"} // otherwise EOS, as DeepSeek-Coder does
	fimTokens = [...]FIMTokens{
		{"<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"},       // DeepSeek-Coder, Coder-V2, V3
		{"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"}, // OpenAI, Qwen2.5-Coder
		{"<fim_prefix>", "<fim_suffix>", "<fim_middle>"},       // StarCoder
		{"<fim-prefix>", "<fim-suffix>", "<fim-middle>"},       // SantaCoder
	}
)

// New resolves the settings against a vocabulary, which is the one that [Load] read for
// them. It is an error if the vocabulary lacks a token that the settings need: BOS, EOS,
// padding, the sentinels of FIM.
func New(c Config, tok *bpe.Tokenizer) (*Codec, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	k := &Codec{tok: tok, settings: settings{
		Vocabulary: tok.Fingerprint(), SeqLen: c.SeqLen, Packing: c.Packing, BatchRows: c.BatchRows, OutputFormat: OutputFormat,
	}}
	var err error
	if c.BOS {
		if k.BOS, err = k.special("bos_token", c.BOSToken, bosTokens[:]); err != nil {
			return nil, err
		}
	}
	eos, eosErr := k.special("eos_token", c.EOSToken, eosTokens[:])
	if *c.EOS {
		if k.EOS = eos; eosErr != nil {
			return nil, fmt.Errorf("%w; or set eos: false", eosErr)
		}
	}
	if *c.Pad {
		if k.Pad, err = k.special("pad_token", c.PadToken, padTokens[:]); err != nil {
			if k.Pad = eos; c.PadToken != "" || eosErr != nil {
				return nil, fmt.Errorf("%w; or set pad: false", err)
			}
		}
	}
	if c.FIM.Rate > 0 {
		k.Rate, k.SPMRate = c.FIM.Rate, c.FIM.SPMRate
		for _, kind := range c.FIM.Kinds {
			k.Kinds = append(k.Kinds, choice.Value(kind))
		}
		slices.Sort(k.Kinds)
		k.Kinds = slices.Compact(k.Kinds)
		if k.FIM, err = k.sentinels(c.FIM.Tokens); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// special resolves the token of one setting: it is given by its content or by an id;
// where it is "", the first of defaults that the vocabulary has is taken.
func (k *Codec) special(key, token string, defaults []string) (*uint32, error) {
	names := defaults
	if token != "" {
		names = []string{token}
	}
	for _, n := range names {
		if id, ok := k.tok.SpecialID(n); ok {
			return &id, k.checkID(key, id)
		}
	}
	if id, ok := number(token); ok {
		return &id, k.checkID(key, id)
	}
	return nil, fmt.Errorf("%s: %s has no special token %q; name one by its content or, outside of the vocabulary, by its id", key, k.tok.Name(), names)
}

// checkID refuses the id of an ordinary token: texts have it, so it cannot mark
// anything. An id beyond the vocabulary is allowed: models reserve some.
func (k *Codec) checkID(key string, id uint32) error {
	if int(id) >= k.tok.VocabSize() {
		return nil
	}
	for _, a := range k.tok.Specials() {
		if a.ID == id && a.Special {
			return nil
		}
	}
	return fmt.Errorf("%s: id %d of %s is an ordinary token, which texts contain", key, id, k.tok.Name())
}

// sentinels resolves the three sentinels of FIM. Where none are set, the first triple
// of fimTokens is taken that the vocabulary has whole.
func (k *Codec) sentinels(t FIMTokens) (Sentinels, error) {
	known := fimTokens[:]
	if t.Prefix != "" {
		known = []FIMTokens{t}
	}
	var first error
	for _, t := range known {
		var ids [3]uint32
		var err error
		for i, s := range []struct{ key, token string }{
			{"fim.tokens.prefix", t.Prefix}, {"fim.tokens.suffix", t.Suffix}, {"fim.tokens.middle", t.Middle},
		} {
			var id *uint32
			if id, err = k.special(s.key, s.token, nil); err != nil {
				break
			}
			ids[i] = *id
		}
		if err == nil && (ids[0] == ids[1] || ids[1] == ids[2] || ids[0] == ids[2]) {
			err = fmt.Errorf("fim.tokens: %v are not three different tokens", ids)
		}
		if err == nil {
			return Sentinels{ids[0], ids[1], ids[2]}, nil
		}
		if first == nil {
			first = err
		}
	}
	if t.Prefix != "" {
		return Sentinels{}, first
	}
	return Sentinels{}, fmt.Errorf("fim.rate: %s has no tokens for filling in the middle; set fim.tokens to three special tokens or to ids that the model reserves for them, or fim.rate to 0", k.tok.Name())
}

// Encode appends the tokens of one use of a document to dst. epoch is the number of the
// use, from 0. Form and cuts depend on seed, document id and epoch alone.
func (k *Codec) Encode(enc *bpe.Encoder, dst []uint32, d *corpus.Doc, seed uint64, epoch int64) ([]uint32, Form) {
	if k.BOS != nil {
		dst = append(dst, *k.BOS)
	}
	form := Plain
	if k.Rate > 0 && len(d.Text) > 0 && slices.Contains(k.Kinds, d.Kind) {
		form = FIM{Rate: k.Rate, SPMRate: k.SPMRate}.form(seed, d.ID, epoch)
	}
	if form == Plain {
		dst = enc.Append(dst, d.Text)
	} else {
		p, m, s := Cut(d.Text, corpus.Hash(seed, "fim.cut.a", d.ID, uint64(epoch)), corpus.Hash(seed, "fim.cut.b", d.ID, uint64(epoch)))
		dst = append(dst, k.FIM.Begin)
		if form == PSM {
			dst = enc.Append(dst, p)
			dst = enc.Append(append(dst, k.FIM.Hole), s)
			dst = enc.Append(append(dst, k.FIM.End), m)
		} else {
			dst = enc.Append(append(dst, k.FIM.Hole), s)
			dst = enc.Append(append(dst, k.FIM.End), p)
			dst = enc.Append(dst, m)
		}
	}
	if k.EOS != nil {
		dst = append(dst, *k.EOS)
	}
	return dst, form
}

// Decode is the reverse of [Codec.Encode]: it appends the text to dst. ids are those of
// one whole use, f is its form.
func (k *Codec) Decode(dst []byte, ids []uint32, f Form) ([]byte, error) {
	if k.BOS != nil {
		if len(ids) == 0 || ids[0] != *k.BOS {
			return dst, fmt.Errorf("the document does not begin with token %d", *k.BOS)
		}
		ids = ids[1:]
	}
	if k.EOS != nil {
		if len(ids) == 0 || ids[len(ids)-1] != *k.EOS {
			return dst, fmt.Errorf("the document does not end with token %d", *k.EOS)
		}
		ids = ids[:len(ids)-1]
	}
	parts, err := k.FIM.Parts(ids, f)
	if err != nil {
		return dst, err
	}
	for _, p := range parts {
		dst = k.tok.AppendDecoded(dst, p)
	}
	return dst, nil
}

// Pack distributes documents of these lengths, in tokens, over sequences.
func (k *Codec) Pack(lengths []int) [][]Piece {
	if k.Packing == Concat {
		return PackConcat(lengths, k.SeqLen)
	}
	return PackBestFit(lengths, k.SeqLen)
}
