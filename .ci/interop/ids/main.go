// Command ids encodes texts for the comparison with the reference libraries:
//
//	go run ./.ci/interop/ids TOKENIZER
//
// TOKENIZER is the name of a tiktoken encoding or a tokenizer.json. Standard
// input is a sequence of batches: a mode byte, the number of texts, their
// lengths, the texts. The answer to a batch is the number of ids of each text,
// then the ids. All numbers are 32 bits, little endian. Mode 't' takes special
// tokens for text, 's' recognises them, 'f' adds those of the post-processor,
// too.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/codemill/codemill/tokenize/bpe"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ids:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one tokenizer, have %q", args)
	}
	tok, err := load(args[0])
	if err != nil {
		return err
	}
	enc := tok.NewEncoder()
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		mode, err := in.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = batch(enc, mode, in, out)
		}
		if err != nil {
			return err
		}
	}
}

func load(name string) (*bpe.Tokenizer, error) {
	data, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return bpe.LoadTiktoken(name)
	}
	if err != nil {
		return nil, err
	}
	return bpe.LoadHF(data)
}

func batch(enc *bpe.Encoder, mode byte, in io.Reader, out *bufio.Writer) error {
	number := func() (n uint32, err error) {
		err = binary.Read(in, binary.LittleEndian, &n)
		return n, err
	}
	n, err := number()
	if err != nil {
		return err
	}
	lengths := make([]uint32, n)
	if err := binary.Read(in, binary.LittleEndian, lengths); err != nil {
		return err
	}
	var text []byte
	var ids, counts []uint32
	for _, length := range lengths {
		text = append(text[:0], make([]byte, length)...)
		if _, err := io.ReadFull(in, text); err != nil {
			return err
		}
		before := len(ids)
		switch mode {
		case 't':
			ids = enc.Append(ids, text)
		case 's':
			ids = enc.AppendSpecial(ids, text)
		case 'f':
			ids = enc.AppendAffixed(ids, text)
		default:
			return fmt.Errorf("no mode %q", mode)
		}
		counts = append(counts, uint32(len(ids)-before))
	}
	for _, numbers := range [][]uint32{counts, ids} {
		if err := binary.Write(out, binary.LittleEndian, numbers); err != nil {
			return err
		}
	}
	return out.Flush()
}
