package tokenize

import (
	"fmt"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/codemill/codemill/corpus"
)

// goDocs returns documents from the Go tree that runs the test.
func goDocs(b *testing.B) ([]*corpus.Doc, int64) {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", "net", "http", "*.go"))
	if err != nil || len(files) == 0 {
		b.Skip("no Go tree here: ", err)
	}
	var docs []*corpus.Doc
	var size int64
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		d := &corpus.Doc{Repo: "go", Path: filepath.Base(f), Kind: corpus.Code, License: "BSD-3-Clause", Text: text}
		d.SetIDs()
		docs, size = append(docs, d), size+int64(len(text))
	}
	return docs, size
}

func BenchmarkEncode(b *testing.B) {
	docs, size := goDocs(b)
	tok, err := Load(Config{})
	if err != nil {
		b.Fatal(err)
	}
	for _, rate := range []float64{0, 1} {
		k, err := New(Config{FIM: FIM{Rate: rate}}, tok)
		if err != nil {
			b.Fatal(err)
		}
		enc := tok.NewEncoder()
		b.Run(fmt.Sprintf("vocab=cl100k_base/fim=%v", rate), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			var ids []uint32
			for b.Loop() {
				for _, d := range docs {
					ids, _ = k.Encode(enc, ids[:0], d, 1, 0)
				}
			}
		})
	}
}

// What follows the encoding, on documents that are encoded already: bytes are
// those of the text that they stand for.
func BenchmarkRecords(b *testing.B) {
	docs, size := goDocs(b)
	tok, err := Load(Config{})
	if err != nil {
		b.Fatal(err)
	}
	k, err := New(Config{}, tok)
	if err != nil {
		b.Fatal(err)
	}
	var recs []record
	var ids [][]uint32
	var raw []byte
	enc := tok.NewEncoder()
	for i, d := range docs {
		tokens, _ := k.Encode(enc, nil, d, 1, 0)
		ids = append(ids, tokens)
		recs = append(recs, record{shuffleKey: shuffleKey{Order: corpus.Hash(1, "order", d.ID, 0), Pos: corpus.At(0, int64(i))}, ID: d.ID, Repo: d.Repo, Path: d.Path, License: d.License})
		raw = appendRecord(raw, &recs[i], tokens)
	}
	parse := func() []record {
		recs := recs[:0]
		for rest := raw; len(rest) > 0; {
			var r record
			if r, rest, err = parseRecord(rest); err != nil {
				b.Fatal(err)
			}
			recs = append(recs, r)
		}
		return recs
	}
	recs = parse()
	b.Run("step=append", func(b *testing.B) {
		b.SetBytes(size)
		var buf []byte
		for b.Loop() {
			buf = buf[:0]
			for i := range recs {
				buf = appendRecord(buf, &recs[i], ids[i])
			}
		}
	})
	b.Run("step=parse", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			recs = parse()
		}
	})
	b.Run("step=write", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			lengths := make([]int, len(recs))
			for i := range recs {
				lengths[i] = recs[i].Tokens()
			}
			w := newArrowWriter(io.Discard, 1000)
			var s Sequence
			for _, pieces := range k.Pack(lengths) {
				s.fill(recs, pieces, 1, 0)
				if err := w.Write(&s); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
