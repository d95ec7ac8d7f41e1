package vocab

import (
	"encoding/json"
	"fmt"
	"strings"
)

// hfFile is a tokenizer.json, as Hugging Face's tokenizers library writes it. The fields of
// these structs are all that such a file may have: an unknown one is an error, since it may
// change ids ([decodeStrict]). Fields that nothing here reads are there to be accepted.
//
//	{"version": "1.0", "added_tokens": [{"id": 5, "content": "<|end|>", "special": true, …}],
//	 "normalizer": {"type": "NFC"},
//	 "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", …}, {"type": "ByteLevel", …}]},
//	 "decoder": {"type": "ByteLevel", …},
//	 "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}}
type hfFile struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	AddedTokens   []hfAdded       `json:"added_tokens"`
	Normalizer    *hfPart         `json:"normalizer"`
	PreTokenizer  *hfPart         `json:"pre_tokenizer"`
	PostProcessor *hfPost         `json:"post_processor"`
	Decoder       *hfPart         `json:"decoder"`
	Model         hfModel         `json:"model"`
}

// hfAdded is an added token: see [Added].
type hfAdded struct {
	ID         uint32 `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// hfPart is a normalizer, pre-tokenizer or decoder, with the fields of all that
// are supported.
type hfPart struct {
	Type             string   `json:"type"`
	Normalizers      []hfPart `json:"normalizers"`
	PreTokenizers    []hfPart `json:"pretokenizers"`
	Pattern          *hfRegex `json:"pattern"`
	Behavior         string   `json:"behavior"`
	Invert           bool     `json:"invert"`
	IndividualDigits bool     `json:"individual_digits"`
	AddPrefixSpace   bool     `json:"add_prefix_space"`
	TrimOffsets      bool     `json:"trim_offsets"` // changes no id
	UseRegex         *bool    `json:"use_regex"`
}

// hfRegex is a pattern: a regular expression or the text itself. One of them is there.
type hfRegex struct {
	Regex  *string `json:"Regex"`
	String *string `json:"String"`
}

// hfModel is the vocabulary and its merges. Tokens are spelled in the characters of
// [ByteAlphabet].
type hfModel struct {
	Type                    string            `json:"type"`
	Dropout                 float64           `json:"dropout"`
	UnkToken                string            `json:"unk_token"`
	ContinuingSubwordPrefix string            `json:"continuing_subword_prefix"`
	EndOfWordSuffix         string            `json:"end_of_word_suffix"`
	FuseUnk                 bool              `json:"fuse_unk"` // acts on unknown characters only
	ByteFallback            bool              `json:"byte_fallback"`
	IgnoreMerges            bool              `json:"ignore_merges"`
	Vocab                   map[string]uint32 `json:"vocab"`  // ids by token
	Merges                  []hfMerge         `json:"merges"` // the first is made first
}

// hfMerge is "left right" in old files, ["left","right"] in new ones. A token of the byte
// alphabet has no space in it.
type hfMerge [2]string

// UnmarshalJSON reads either form.
func (m *hfMerge) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return json.Unmarshal(data, (*[2]string)(m))
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	left, right, ok := strings.Cut(s, " ")
	if !ok || strings.Contains(right, " ") {
		return fmt.Errorf("merge %q is not two tokens", s)
	}
	*m = hfMerge{left, right}
	return nil
}

// ReadHF reads a tokenizer.json of the byte-level BPE family. What is not supported it
// refuses by name, so that no text ever gets other ids than the library gives it. The
// Definition has no Name and has not been checked ([Definition.Check]).
func ReadHF(data []byte) (*Definition, error) {
	var f hfFile
	if err := decodeStrict(data, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	d := &Definition{Whole: f.Model.IgnoreMerges}
	if err := d.normalizer(f.Normalizer); err != nil {
		return nil, err
	}
	if f.PreTokenizer == nil {
		return nil, fmt.Errorf("pre_tokenizer: none; byte-level BPE has a ByteLevel one")
	}
	byteLevel := false
	if err := d.preTokenizer(f.PreTokenizer, &byteLevel); err != nil {
		return nil, err
	}
	if !byteLevel {
		return nil, fmt.Errorf("pre_tokenizer: no ByteLevel at its end: not byte-level BPE")
	}
	if err := d.model(&f.Model); err != nil {
		return nil, err
	}
	if err := d.postProcessor(f.PostProcessor); err != nil {
		return nil, fmt.Errorf("post_processor %w", err)
	}
	return d, d.addedTokens(f.AddedTokens, f.Model.Vocab)
}

// check refuses the settings of file and model that would change ids, or what they decode
// to.
func (f *hfFile) check() error {
	m := &f.Model
	set := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
	switch {
	case set(f.Truncation):
		return fmt.Errorf("truncation is not supported")
	case set(f.Padding):
		return fmt.Errorf("padding is not supported")
	case m.Type != "BPE" && m.Type != "":
		return fmt.Errorf("model %s is not supported", m.Type)
	case m.Dropout != 0:
		return fmt.Errorf("model: dropout is not supported")
	case m.ContinuingSubwordPrefix != "":
		return fmt.Errorf("model: continuing_subword_prefix is not supported")
	case m.EndOfWordSuffix != "":
		return fmt.Errorf("model: end_of_word_suffix is not supported")
	case m.ByteFallback:
		return fmt.Errorf("model: byte_fallback is not supported")
	case f.Decoder == nil || f.Decoder.Type != "ByteLevel":
		return fmt.Errorf("decoder: only ByteLevel is supported")
	}
	return nil
}

// normalizer takes over a normalizer, nil for none: NFC, once or several times.
func (d *Definition) normalizer(p *hfPart) error {
	switch {
	case p == nil:
	case p.Type == "NFC":
		d.NFC = true
	case p.Type == "Sequence":
		for i := range p.Normalizers {
			if err := d.normalizer(&p.Normalizers[i]); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("normalizer %s is not supported", p.Type)
	}
	return nil
}

// preTokenizer takes over a pre-tokenizer as steps, those of a sequence one after the
// other. byteLevel says whether a ByteLevel has been met; it has to be the last, as what
// comes after it would see the byte alphabet's characters instead of the text. It adds a
// step itself, GPT-2's pattern, unless use_regex is false.
func (d *Definition) preTokenizer(p *hfPart, byteLevel *bool) error {
	if *byteLevel {
		return fmt.Errorf("pre_tokenizer %s after ByteLevel is not supported", p.Type)
	}
	switch p.Type {
	case "Sequence":
		for i := range p.PreTokenizers {
			if err := d.preTokenizer(&p.PreTokenizers[i], byteLevel); err != nil {
				return err
			}
		}
	case "Split":
		s := Step{Type: p.Type, Behavior: p.Behavior, Invert: p.Invert}
		switch {
		case p.Pattern != nil && p.Pattern.Regex != nil:
			s.Pattern = *p.Pattern.Regex
		case p.Pattern != nil && p.Pattern.String != nil && *p.Pattern.String != "":
			s.Pattern, s.Literal = *p.Pattern.String, true
		default:
			return fmt.Errorf("pre_tokenizer Split without a pattern is not supported")
		}
		d.Steps = append(d.Steps, s)
	case "Digits":
		d.Steps = append(d.Steps, Step{Type: p.Type, Individual: p.IndividualDigits})
	case "Punctuation":
		behavior := p.Behavior
		if behavior == "" {
			behavior = "Isolated"
		}
		d.Steps = append(d.Steps, Step{Type: p.Type, Behavior: behavior})
	case "ByteLevel":
		if p.AddPrefixSpace {
			return fmt.Errorf("pre_tokenizer ByteLevel: add_prefix_space is not supported")
		}
		if p.UseRegex == nil || *p.UseRegex {
			d.Steps = append(d.Steps, Split(GPT2Pattern))
		}
		*byteLevel = true
	default:
		return fmt.Errorf("pre_tokenizer %s is not supported", p.Type)
	}
	return nil
}

// ByteAlphabet maps characters to the bytes for which they stand in a vocabulary. GPT-2
// introduced it, so that tokens of any bytes can be written as text without spaces:
// printable Latin-1 characters stand for themselves, and the characters from U+0100 on for
// the other bytes in their order. The token " a" is written "Ġa", as the space, byte 32,
// is the 33rd of those others.
func ByteAlphabet() map[rune]byte {
	bytes := make(map[rune]byte, 256)
	next := rune(256)
	for b := range 256 {
		r := rune(b)
		if b < '!' || b > '~' && b < 0xa1 || b == 0xad {
			r = next
			next++
		}
		bytes[r] = byte(b)
	}
	return bytes
}

// model takes over the vocabulary and the merges. A token with a character outside of the
// byte alphabet is a literal: no merge makes it, and it decodes to its own spelling.
func (d *Definition) model(m *hfModel) error {
	alphabet := ByteAlphabet()
	size := 0
	// The largest is the same in any order.
	for _, id := range m.Vocab {
		size = max(size, int(id)+1)
	}
	if size > maxTokens {
		return fmt.Errorf("model: vocab: id %d is larger than supported", size-1)
	}
	d.Tokens, d.literals = make([][]byte, size), map[int]string{}
	missing, twice := 256, size // bytes that are no token; the smallest id that two tokens have, or size
	// In any order: each has its own id, or the smallest that two have is told.
	for content, id := range m.Vocab {
		if d.Tokens[id] != nil || d.literals[int(id)] != "" {
			twice = min(twice, int(id))
			continue
		}
		token := make([]byte, 0, len(content))
		for _, r := range content {
			b, ok := alphabet[r]
			if !ok {
				token = nil
				break
			}
			token = append(token, b)
		}
		switch {
		case len(token) == 0:
			d.literals[int(id)] = content
		case len(token) == 1:
			missing--
		}
		if len(token) > 0 {
			d.Tokens[id] = token
		}
	}
	if twice < size {
		return fmt.Errorf("model: vocab: two tokens have the id %d", twice)
	}
	if m.UnkToken != "" && missing > 0 {
		return fmt.Errorf("model: unk_token %q with %d bytes missing from the vocabulary is not supported", m.UnkToken, missing)
	}
	return d.merges(m)
}

// merges ranks the pairs by their position in the list; of two entries for one pair the
// last counts. What a pair becomes is the token that both spell together, which has to be
// in the vocabulary.
func (d *Definition) merges(m *hfModel) error {
	d.Pairs = make([]Pair, len(m.Merges))
	d.Result = make([]uint32, len(m.Merges))
	ordered := true
	for rank, merge := range m.Merges {
		left, ok1 := m.Vocab[merge[0]]
		right, ok2 := m.Vocab[merge[1]]
		id, ok3 := m.Vocab[merge[0]+merge[1]]
		if !ok1 || !ok2 || !ok3 {
			return fmt.Errorf("model: merges: %q + %q: not in the vocabulary", merge[0], merge[1])
		}
		d.Pairs[rank] = Pair{left, right, uint32(rank)}
		d.Result[rank] = id
		ordered = ordered && (rank == 0 || d.Result[rank-1] < id)
	}
	if ordered {
		// Each merge has a token of its own, in the same order: the id serves as
		// the rank.
		for i := range d.Pairs {
			d.Pairs[i].Rank = d.Result[i]
		}
		d.Result = nil
	}
	return nil
}

// addedTokens takes over the added tokens. The ids that the file says are not what the
// library uses: it gives a token that is in the vocabulary its id there, and the others
// the ids from the vocabulary's size on, in order. Where the file says otherwise, reading
// it either way would be a guess, so it is refused.
func (d *Definition) addedTokens(list []hfAdded, vocab map[string]uint32) error {
	next := uint32(len(vocab))
	for _, a := range list {
		if a.Content == "" {
			return fmt.Errorf("added token %d is empty", a.ID)
		}
		id, inVocab := vocab[a.Content]
		if !inVocab {
			id = next
			next++
			if int(id) < len(d.Tokens) && (d.Tokens[id] != nil || d.literals[int(id)] != "") {
				return fmt.Errorf("added token %q: the library gives it the id %d, which another token has: not supported", a.Content, id)
			}
		}
		if id != a.ID {
			return fmt.Errorf("added token %q has the id %d where the library gives it %d: not supported", a.Content, a.ID, id)
		}
		d.Added = append(d.Added, Added{Content: a.Content, ID: a.ID, Special: a.Special, Normalized: a.Normalized,
			SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip})
	}
	return nil
}
