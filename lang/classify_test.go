package lang

import (
	"bytes"
	"slices"
	"testing"
)

// TestClassifierReadsSoMuch: go-enry reads the first 100,000 bytes.
func TestClassifierReadsSoMuch(t *testing.T) {
	text := append(bytes.Repeat([]byte(" "), 100_000-2), "abcd"...)
	var got []string
	classifierTokens(text, func(token []byte) { got = append(got, string(token)) })
	if !slices.Equal(got, []string{"ab"}) {
		t.Errorf("%q", got)
	}
}
