package vocab

import (
	"strings"
	"testing"
)

// TestKeysTwice has keys twice at every depth, and keys that only look like it.
func TestKeysTwice(t *testing.T) {
	type part struct {
		A, B  int
		Vocab map[string]int
		List  []part
	}
	for text, want := range map[string]string{
		`{"a":1,"b":2,"list":[{"a":1},{"a":2}]}`: "",
		`{"vocab":{"a":1,"A":2,"vocab":3}}`:      "",
		`{"a":1,"b":2,"a":1}`:                    `"a" is there twice`,
		`{"a":1,"A":1}`:                          `"A" is there twice`,
		`{"a":1,"\u0061":1}`:                     `"a" is there twice`,
		`{"list":[{"a":1},{"b":1,"b":2}]}`:       `"b" is there twice`,
		`{"vocab":{"a":1,"b":2,"a":1}}`:          `"a" is there twice`,
		`{"vocab":{"a":1,"\u0061":1}}`:           `"a" is there twice`,
		`{"vocab":{"a":1},"vocab":{"b":1}}`:      `"vocab" is there twice`,
		`{"list":[{"vocab":{"x":1,"x":1}}]}`:     `"x" is there twice`,
		`{"a":1} {}`:                             "behind the end",
		`{"a":1}x`:                               "behind the end",
		"{\"a\":1}\n":                            "",
		`{"c":1}`:                                `"c"`,
	} {
		var p part
		err := decodeStrict([]byte(text), &p)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
