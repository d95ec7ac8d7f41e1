package bpe

import (
	"fmt"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

// chinese is prose-like text: runs of common characters between punctuation, no
// run twice.
func chinese() []byte {
	var text []byte
	common := []rune("的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里")
	for i, x := 0, uint32(1); len(text) < 4<<20; i++ {
		x = x*1664525 + 1013904223
		text = append(text, string(common[x>>16%uint32(len(common))])...)
		if i%11 == 10 {
			text = append(text, "，"...)
		}
	}
	return text
}

// BenchmarkAppend encodes with a cache that has seen the text (warm) and with a
// new encoder each time (cold). It reports MB/s of one core.
func BenchmarkAppend(b *testing.B) {
	texts := map[string][]byte{"go": bpetest.GoSource(b), "chinese": chinese()}
	for _, vocab := range []string{"cl100k_base", "o200k_base", "deepseek-coder", "deepseek-coder-v2", "deepseek-v3"} {
		var tok *Tokenizer
		for _, text := range []string{"go", "chinese"} {
			for _, cache := range []string{"cold", "warm"} {
				b.Run(fmt.Sprintf("vocab=%s/text=%s/cache=%s", vocab, text, cache), func(b *testing.B) {
					if tok == nil {
						tok = load(b, vocab)
					}
					enc := tok.NewEncoder()
					ids := enc.Append(nil, texts[text])
					b.SetBytes(int64(len(texts[text])))
					b.ReportAllocs()
					for b.Loop() {
						if cache == "cold" {
							enc = tok.NewEncoder()
						}
						ids = enc.Append(ids[:0], texts[text])
					}
				})
			}
		}
	}
}

// BenchmarkLoad is the time to the first token.
func BenchmarkLoad(b *testing.B) {
	for _, vocab := range []string{"cl100k_base", "o200k_base", "deepseek-coder-v2"} {
		b.Run("vocab="+vocab, func(b *testing.B) {
			for b.Loop() {
				loadAnew(b, vocab)
			}
		})
	}
}
