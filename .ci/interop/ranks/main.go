// Command ranks writes a tiktoken vocabulary that codemill has embedded in
// tiktoken's own file format, a line "base64 rank" a token, so that the check
// in Python needs no network.
//
//	go run ./.ci/interop/ranks cl100k_base > cl100k_base.tiktoken
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"

	"github.com/codemill/codemill/tokenize/bpe"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ranks:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the name of one vocabulary, have %q", args)
	}
	tok, err := bpe.LoadTiktoken(args[0])
	if err != nil {
		return err
	}
	special := map[uint32]bool{}
	for _, s := range tok.Specials() {
		special[s.ID] = true
	}
	w := bufio.NewWriter(os.Stdout)
	for id := range uint32(tok.VocabSize()) {
		if b := tok.TokenBytes(id); len(b) > 0 && !special[id] {
			fmt.Fprintln(w, base64.StdEncoding.EncodeToString(b), id)
		}
	}
	return w.Flush()
}
