package bpe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

// loaded are the tokenizers of load by their names, for most of a small test's
// time would go into them. No test changes one.
var loaded sync.Map

func load(t testing.TB, name string) *Tokenizer {
	t.Helper()
	if tok, ok := loaded.Load(name); ok {
		return tok.(*Tokenizer)
	}
	tok := loadAnew(t, name)
	loaded.Store(name, tok)
	return tok
}

func loadAnew(t testing.TB, name string) *Tokenizer {
	t.Helper()
	tok, err := newTokenizer(bpetest.Load(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestVectors compares with ids of the reference libraries; testdata/README.md
// says where they come from.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, file := range files {
		name := filepath.Base(file[:len(file)-len(".jsonl")])
		t.Run(name, func(t *testing.T) {
			tok := load(t, name)
			enc := tok.NewEncoder()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); n++ {
				var v struct {
					Name, Text string
					IDs        []uint32 // special tokens are text
					Special    []uint32 // special tokens are recognised
				}
				if err := json.Unmarshal(s.Bytes(), &v); err != nil {
					t.Fatal(err)
				}
				for _, pass := range []string{"cold", "warm"} {
					got := enc.Append(nil, []byte(v.Text))
					if !slices.Equal(got, v.IDs) {
						t.Errorf("%s %s %q:\n got %v\nwant %v", v.Name, pass, v.Text, got, v.IDs)
					}
				}
				if got := enc.AppendSpecial(nil, []byte(v.Text)); !slices.Equal(got, v.Special) {
					t.Errorf("%s special %q:\n got %v\nwant %v", v.Name, v.Text, got, v.Special)
				}
				for _, ids := range [][]uint32{v.IDs, v.Special} {
					if got := tok.AppendDecoded(nil, ids); string(got) != v.Text {
						t.Errorf("%s: decoded %q, want %q", v.Name, got, v.Text)
					}
				}
			}
			if n < 30 {
				t.Fatal("only", n, "vectors")
			}
		})
	}
}
