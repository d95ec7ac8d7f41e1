package vocab

import (
	"encoding/json"
	"fmt"
)

// hfPost is a post-processor of a tokenizer.json, with the fields of all that are
// supported. It says what is put around the ids of a text:
//
//	{"type": "TemplateProcessing",
//	 "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
//	 "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
//
// puts the token 1 before the text.
type hfPost struct {
	Type           string              `json:"type"`
	Processors     []hfPost            `json:"processors"`
	Single         []hfPiece           `json:"single"`
	Pair           json.RawMessage     `json:"pair"` // for two texts at once
	SpecialTokens  map[string]hfTokens `json:"special_tokens"`
	Sep            hfNamedID           `json:"sep"`
	Cls            hfNamedID           `json:"cls"`
	AddPrefixSpace bool                `json:"add_prefix_space"` // these three change offsets only
	TrimOffsets    bool                `json:"trim_offsets"`
	UseRegex       bool                `json:"use_regex"`
}

// hfPiece is one piece of a template: one of the two is there.
type hfPiece struct {
	SpecialToken *hfPieceID `json:"SpecialToken"`
	Sequence     *hfPieceID `json:"Sequence"` // the text; "A" is the first, "B" the second of a pair
}

// hfPieceID names a special token of the template, or a text.
type hfPieceID struct {
	ID     string `json:"id"`
	TypeID uint32 `json:"type_id"` // tells texts apart in models such as BERT; changes no id
}

// hfTokens is what a template calls a special token, which may be several.
type hfTokens struct {
	ID     string   `json:"id"`
	IDs    []uint32 `json:"ids"`
	Tokens []string `json:"tokens"`
}

// hfNamedID is written as ["</s>", 2].
type hfNamedID struct {
	name string
	id   uint32
}

// UnmarshalJSON reads the pair.
func (n *hfNamedID) UnmarshalJSON(data []byte) error {
	var fields []json.RawMessage
	err := json.Unmarshal(data, &fields)
	if err == nil && len(fields) != 2 {
		err = fmt.Errorf("%d fields, not name and id", len(fields))
	}
	if err == nil {
		err = json.Unmarshal(fields[0], &n.name)
	}
	if err == nil {
		err = json.Unmarshal(fields[1], &n.id)
	}
	if err != nil {
		return fmt.Errorf("sep or cls: %w", err)
	}
	return nil
}

// postProcessor takes over what is put around a text; nil is nothing. ByteLevel as a
// post-processor changes offsets only. Of a sequence one alone may add tokens: Prefix is
// not nil once one did, even if it added none.
func (d *Definition) postProcessor(p *hfPost) error {
	if p == nil || p.Type == "ByteLevel" {
		return nil
	}
	if p.Type == "Sequence" {
		for i := range p.Processors {
			if err := d.postProcessor(&p.Processors[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if d.Prefix != nil {
		return fmt.Errorf("%s after another that adds tokens is not supported", p.Type)
	}
	switch p.Type {
	case "BertProcessing", "RobertaProcessing":
		d.Prefix, d.Suffix = []uint32{p.Cls.id}, []uint32{p.Sep.id}
		return nil
	case "TemplateProcessing":
		return d.template(p)
	}
	return fmt.Errorf("%s is not supported", p.Type)
}

// template takes over a template for one text: the special tokens before the text are the
// prefix, those behind it the suffix. The template for a pair of texts is of no use here.
func (d *Definition) template(p *hfPost) error {
	d.Prefix, d.Suffix = []uint32{}, []uint32{}
	texts := 0
	for _, piece := range p.Single {
		switch {
		case piece.Sequence != nil && piece.Sequence.ID == "A":
			texts++
		case piece.SpecialToken != nil:
			special, ok := p.SpecialTokens[piece.SpecialToken.ID]
			if !ok {
				return fmt.Errorf("TemplateProcessing: %q is not one of its special_tokens", piece.SpecialToken.ID)
			}
			if texts == 0 {
				d.Prefix = append(d.Prefix, special.IDs...)
			} else {
				d.Suffix = append(d.Suffix, special.IDs...)
			}
		default:
			return fmt.Errorf("TemplateProcessing: a piece of another form than SpecialToken or Sequence A is not supported")
		}
	}
	if texts != 1 {
		return fmt.Errorf("TemplateProcessing: single has the text %d times: not supported", texts)
	}
	return nil
}
