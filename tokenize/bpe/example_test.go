package bpe_test

import (
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/codemill/codemill/tokenize/bpe"
)

func Example() {
	tok, err := bpe.LoadTiktoken("cl100k_base")
	if err != nil {
		log.Fatal(err)
	}
	enc := tok.NewEncoder() // one per goroutine
	ids := enc.Append(nil, []byte("func main() {}<|endoftext|>"))
	fmt.Println(ids)
	fmt.Println(enc.AppendSpecial(nil, []byte("func main() {}<|endoftext|>")))
	fmt.Printf("%s\n", tok.AppendDecoded(nil, ids))
	// Output:
	// [2900 1925 368 4792 27 91 8862 728 428 91 29]
	// [2900 1925 368 4792 100257]
	// func main() {}<|endoftext|>
}

// Tokens with their places in the text.
func ExampleEncoder_AppendTokens() {
	tok, err := bpe.LoadTiktoken("o200k_base")
	if err != nil {
		log.Fatal(err)
	}
	text := []byte("naïve 🙂 tokens")
	for _, t := range tok.NewEncoder().AppendTokens(nil, text) {
		fmt.Printf("%d %q\n", t.ID, text[t.Start:t.End])
	}
	// Output:
	// 1503 "na"
	// 9954 "ï"
	// 737 "ve"
	// 26192 " 🙂"
	// 20290 " tokens"
}

// A text of any length, from a reader.
func ExampleEncoder_NewStream() {
	tok, err := bpe.LoadTiktoken("cl100k_base")
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	stream := tok.NewEncoder().NewStream(false, func(ids []uint32) error {
		n += len(ids)
		return nil
	})
	if _, err := io.Copy(stream, strings.NewReader(strings.Repeat("to be or not to be\n", 100_000))); err != nil {
		log.Fatal(err)
	}
	if err := stream.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(n)
	// Output:
	// 700000
}

// How many tokens a text has, with the BOS and EOS that a file asks for.
func ExampleEncoder_Count() {
	tok, err := bpe.LoadTiktoken("r50k_base")
	if err != nil {
		log.Fatal(err)
	}
	prefix, suffix := tok.Affixes()
	fmt.Println(tok.NewEncoder().Count([]byte("if err != nil {")) + len(prefix) + len(suffix))
	// Output:
	// 5
}
