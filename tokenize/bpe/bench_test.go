package bpe

import (
	"bytes"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goSource is about 16 MB of Go from GOROOT.
func goSource(b *testing.B) []byte {
	var text []byte
	root := filepath.Join(build.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || len(text) > 16<<20 {
			return err
		}
		if strings.HasSuffix(path, ".go") {
			data, err := os.ReadFile(path)
			text = append(text, bytes.ToValidUTF8(data, nil)...)
			return err
		}
		return nil
	})
	if err != nil || len(text) == 0 {
		b.Skip("no GOROOT source: ", err)
	}
	return text
}

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
	texts := map[string][]byte{"go": goSource(b), "chinese": chinese()}
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

// BenchmarkScan is the pre-tokenizer alone.
func BenchmarkScan(b *testing.B) {
	text := goSource(b)
	for _, p := range scanPairs(b) {
		b.Run("scanner="+p.name+"/text=go", func(b *testing.B) {
			ends := make([]int, batch)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for pos, s := 0, new(scanned); pos < len(text); {
					n := p.scanner.scan(text, pos, ends, s)
					pos = ends[n-1]
				}
			}
		})
	}
}

// BenchmarkLoad is the time to the first token.
func BenchmarkLoad(b *testing.B) {
	for _, vocab := range []string{"cl100k_base", "o200k_base", "deepseek-coder-v2"} {
		b.Run("vocab="+vocab, func(b *testing.B) {
			for b.Loop() {
				load(b, vocab)
			}
		})
	}
}
