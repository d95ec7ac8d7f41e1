package bpe_test

import (
	"fmt"
	"log"

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
