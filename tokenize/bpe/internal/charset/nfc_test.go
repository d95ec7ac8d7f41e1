package charset

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestNFCEqualsNorm holds where neither the tables nor the number of marks in a
// row is in the way.
func TestNFCEqualsNorm(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	marks := []rune("eaAoO\u00e9\u1eb9\u212b\u0301\u0302\u0323\u0334\u0308\u0345\u1100\u1161\u11a8\uac00\u09c7\u09be\u0b47\u0b56\u0f71\u0f72\u3099\u304b\u0958 x")
	for range 20000 {
		var text []byte
		for range 1 + r.IntN(9) {
			text = utf8.AppendRune(text, marks[r.IntN(len(marks))])
		}
		if got, want := string(NFC(text)), norm.NFC.String(string(text)); got != want {
			t.Fatalf("%+q: got %+q, want %+q", text, got, want)
		}
	}
}

// TestNFCOfTheLibrarysAge has what the tokenizers library makes of marks that
// its tables do not know: they end a combining sequence.
func TestNFCOfTheLibrarysAge(t *testing.T) {
	for _, mark := range []string{"\u0898", "\u1715", "\U00011f41", "\U0001e08f", "\u0897"} {
		got := string(NFC([]byte("a\u0301\u0323\u0334" + mark + "\u0334\u0323")))
		if want := "\u1ea1\u0334\u0301" + mark + "\u0334\u0323"; got != want {
			t.Errorf("%+q: got %+q, want %+q", mark, got, want)
		}
	}
	many := strings.Repeat("\u0301", 40)
	if got, want := string(NFC([]byte("e"+many+"\u0323"))), "\u1eb9"+many; got != want {
		t.Errorf("many marks: got %+q, want %+q", got, want)
	}
	if got := string(NFC([]byte("\u1112\u1161\u11ab \xff o\u0308"))); got != "\ud55c \xff \u00f6" {
		t.Errorf("Hangul, an invalid byte: %+q", got)
	}
	if got := string(NFC([]byte("a\u0301\u0323\u0334\u1734\u0334\u0323"))); got != "\u1ea1\u0334\u0334\u1734\u0323\u0301" {
		t.Errorf("known marks: %+q", got)
	}
}
