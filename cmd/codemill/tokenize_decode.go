package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/codemill/codemill/tokenize/bpe"
)

// decodeCmd is `codemill tokenize decode -t NAME FILE…`: the reverse of encode, of whose
// formats it reads all but "tokens".
type decodeCmd struct {
	tokenizerFlag
	inputs
	Format string `short:"f" enum:"text,json,u32" default:"text" help:"text: numbers between white space, commas and brackets; json: lists of ids, or encode's objects; u32: 32 bits an id, little endian."`
}

// Run writes the text of the ids, one input after another. Ids are written as they are
// read: where one is no token, the text of all before it has been written. The error says
// how many ids have been read of that input.
func (c *decodeCmd) Run(a *app) error {
	if err := a.noRecipe(); err != nil {
		return err
	}
	tok, err := loadTokenizer(c.Tokenizer)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.out, 1<<16)
	read := map[string]func(*bufio.Reader, func(uint64) error) error{"text": numbers, "json": jsonIDs, "u32": words}[c.Format]
	err = c.each(a, func(path string, r io.Reader) error {
		n := 0
		err := read(bufio.NewReader(r), func(id uint64) error {
			n++
			return decodeOne(out, tok, id)
		})
		if err != nil {
			return fmt.Errorf("%s: at id %d: %w", path, n, err)
		}
		return nil
	})
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	return err
}

// decodeOne writes the text of one id.
func decodeOne(out io.Writer, tok *bpe.Tokenizer, id uint64) error {
	var text []byte
	if id <= math.MaxUint32 {
		text = tok.TokenBytes(uint32(id))
	}
	if text == nil {
		return fmt.Errorf("%d is no token of %s", id, tok.Name())
	}
	_, err := out.Write(text)
	return err
}

// numbers reads ids in text: decimal digits, between white space, commas and brackets, as
// encode writes them and Python prints a list. It calls do with each. More than 12 digits
// are of no id, and cannot overflow.
func numbers(r *bufio.Reader, do func(uint64) error) error {
	id, digits := uint64(0), 0
	for {
		b, err := r.ReadByte()
		switch {
		case err == nil && b >= '0' && b <= '9' && digits < 12:
			id, digits = 10*id+uint64(b-'0'), digits+1
			continue
		case err != nil && err != io.EOF:
			return err
		case err == nil && b != ' ' && b != '\t' && b != '\n' && b != '\r' && b != ',' && b != '[' && b != ']':
			return fmt.Errorf("%q is not of an id", b)
		}
		if digits > 0 {
			if err := do(id); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		id, digits = 0, 0
	}
}

// jsonIDs reads lists, or objects with the list ids, one after another: [1, 2] or
// {"file": "a", "ids": [1, 2]}. One of them at a time is in memory.
func jsonIDs(r *bufio.Reader, do func(uint64) error) error {
	for d := json.NewDecoder(r); ; {
		var value json.RawMessage
		if err := d.Decode(&value); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var list struct{ IDs []uint64 }
		var err error
		if value[0] == '{' {
			err = json.Unmarshal(value, &list)
		} else {
			err = json.Unmarshal(value, &list.IDs)
		}
		if err != nil {
			return err
		}
		for _, id := range list.IDs {
			if err := do(id); err != nil {
				return err
			}
		}
	}
}

// words reads ids of 32 bits, little-endian.
func words(r *bufio.Reader, do func(uint64) error) error {
	for {
		var b [4]byte
		if _, err := io.ReadFull(r, b[:]); err == io.EOF {
			return nil
		} else if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the file ends within an id: not 32 bits each")
		} else if err != nil {
			return err
		}
		if err := do(uint64(binary.LittleEndian.Uint32(b[:]))); err != nil {
			return err
		}
	}
}
