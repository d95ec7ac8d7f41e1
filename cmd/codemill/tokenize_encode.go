package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/codemill/codemill/tokenize/bpe"
)

// encodeCmd is `codemill tokenize encode -t NAME FILE…`. Of a file a.txt with "hi there":
//
//	text    6151 1070
//	json    {"file":"a.txt","ids":[6151,1070]}
//	u32     the bytes 07 18 00 00 2e 04 00 00, and nothing between files
//	tokens  6151	0	2	"hi"
//	        1070	2	8	" there"
//
// A line of tokens has an id, where its text begins and ends, in bytes, and that text.
type encodeCmd struct {
	tokenizerFlag
	inputs
	Format  string `short:"f" enum:"text,json,u32,tokens" default:"text" help:"text: a line of ids a file; json: an object a line; u32: 32 bits an id, little endian; tokens: a line a token with its id, place and text."`
	Special bool   `help:"Recognise special tokens that a text spells out, instead of taking them for text."`
	Affixes bool   `help:"Add what the tokenizer.json puts around a text, BOS and EOS."`
}

// Run writes the ids of each text.
func (c *encodeCmd) Run(a *app) error {
	if err := a.noRecipe(); err != nil {
		return err
	}
	tok, err := loadTokenizer(c.Tokenizer)
	if err != nil {
		return err
	}
	enc, out := tok.NewEncoder(), bufio.NewWriterSize(a.out, 1<<16)
	err = c.each(a, func(path string, r io.Reader) error {
		if c.Format == "tokens" {
			err = c.tokens(out, tok, enc, r)
		} else {
			err = c.ids(out, tok, enc, path, r)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	return err
}

// ids writes the ids of a text as they come, so that it need not fit into memory. A JSON
// object, too, is written piece by piece.
func (c *encodeCmd) ids(out *bufio.Writer, tok *bpe.Tokenizer, enc *bpe.Encoder, path string, r io.Reader) error {
	separator, between, end := "", " ", "\n" // before the first id, before each other, at the end
	if c.Format == "json" {
		file, err := json.Marshal(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, `{"file":%s,"ids":[`, printableJSON(file))
		between, end = ",", "]}\n"
	}
	var number []byte
	emit := func(ids []uint32) error {
		var err error
		for _, id := range ids {
			number = number[:0]
			if c.Format == "u32" {
				number = binary.LittleEndian.AppendUint32(number, id)
			} else {
				number = strconv.AppendUint(append(number, separator...), uint64(id), 10)
				separator = between
			}
			_, err = out.Write(number)
		}
		return err // a bufio.Writer keeps its first
	}
	prefix, suffix := tok.Affixes()
	if !c.Affixes {
		prefix, suffix = nil, nil
	}
	if err := emit(prefix); err != nil {
		return err
	}
	if err := encodeFrom(r, enc, c.Special, emit); err != nil {
		return err
	}
	if err := emit(suffix); err != nil || c.Format == "u32" {
		return err
	}
	_, err := out.WriteString(end)
	return err
}

// tokens writes a line a token. The text is in memory as a whole, for a token is told with
// its place. An affix has no bytes: it stands at 0, or at the end of the text.
func (c *encodeCmd) tokens(out *bufio.Writer, tok *bpe.Tokenizer, enc *bpe.Encoder, r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var tokens []bpe.Token
	prefix, suffix := tok.Affixes()
	if c.Affixes {
		for _, id := range prefix {
			tokens = append(tokens, bpe.Token{ID: id})
		}
	}
	if c.Special {
		tokens = enc.AppendTokensSpecial(tokens, text)
	} else {
		tokens = enc.AppendTokens(tokens, text)
	}
	if c.Affixes {
		for _, id := range suffix {
			tokens = append(tokens, bpe.Token{ID: id, Start: len(text), End: len(text)})
		}
	}
	for _, t := range tokens {
		if _, err := fmt.Fprintf(out, "%d\t%d\t%d\t%q\n", t.ID, t.Start, t.End, text[t.Start:t.End]); err != nil {
			return err
		}
	}
	return nil
}
