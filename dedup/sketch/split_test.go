package sketch

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
)

// The splittings are those of Python and the published programs, token by
// token; testdata/splits.py wrote what these make of the texts.
func TestPublishedSplittings(t *testing.T) {
	b, err := os.ReadFile("testdata/splits.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Text   string
		Splits map[string]struct {
			Tokens   []string
			Shingles map[string]int
		}
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 60 {
		t.Fatalf("only %d texts", len(rows))
	}
	for _, row := range rows {
		if len(row.Splits) != len(Splits()) {
			t.Fatalf("%d splittings, want %d", len(row.Splits), len(Splits()))
		}
		for split, want := range row.Splits {
			for ns, count := range want.Shingles {
				n, _ := strconv.Atoi(ns)
				d := New(Config{n, split, 256})
				got, _ := d.Shingles(nil, []byte(row.Text))
				if len(got) != count {
					t.Errorf("%s, %d tokens a shingle: %d shingles, want %d of %q", split, n, len(got), count, row.Text)
				} else if all := hashedShingles(split, want.Tokens, n); !slices.Equal(got, all) {
					t.Errorf("%s, %d tokens a shingle: other shingles than those of the tokens %q of %q", split, n, want.Tokens, row.Text)
				}
			}
		}
	}
}

// hashedShingles hashes the shingles of some tokens one by one.
func hashedShingles(split string, tokens []string, n int) (set []uint64) {
	stack := split == SplitStackV1 || split == SplitStackV2
	if stack && len(tokens) < stackTokens {
		return nil
	}
	if split == SplitStackV2 {
		n = min(n, len(tokens))
	}
	for i := 0; i+n <= len(tokens); i++ {
		sum := uint64(0)
		for _, token := range tokens[i : i+n] {
			b := []byte(token)
			if split == SplitCode { // a byte is a character of Latin-1 there
				b = nil
				for _, r := range token {
					b = append(b, byte(r))
				}
			}
			h := uint64(emptyToken)
			if len(b) > 0 {
				h = hashToken(b)
			}
			sum = sum*k3 + h
		}
		set = append(set, fold(sum^k1, k2)>>(64-hashBits))
	}
	slices.Sort(set)
	return slices.Compact(set)
}
