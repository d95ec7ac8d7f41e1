package pretoken

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// TestGeneralEngine compares with the pieces that the tokenizers library cuts,
// for every behavior and the syntax that the translation rewrites.
func TestGeneralEngine(t *testing.T) {
	file, err := os.Open("testdata/pretokenizers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tables, err := charset.LoadTables()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for s := bufio.NewScanner(file); s.Scan(); {
		var c struct {
			Steps []vocab.Step
			Cuts  [][]string // a text and its pieces
		}
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		g, err := newGeneral(tables, c.Steps)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range c.Cuts {
			n++
			var got []string
			for _, s := range g.spans([]byte(cut[0])) {
				got = append(got, cut[0][s.From:s.To])
			}
			if !slices.Equal(got, cut[1:]) {
				t.Errorf("%+v %q:\n got %q\nwant %q", c.Steps, cut[0], got, cut[1:])
			}
		}
	}
	if n < 100 {
		t.Fatal("only", n, "cases")
	}
}
