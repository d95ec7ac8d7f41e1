package jsonl

import (
	"encoding/json"
	"testing"

	"github.com/codemill/codemill/crawl/origin"
)

// TestHalfPairs holds that a string with half of a surrogate pair comes as such.
func TestHalfPairs(t *testing.T) {
	for text, half := range map[string]bool{`\ud800`: true, `\ufffd\ud83d`: true, `\ud83d\ude00`: false, "\ufffd": false, `\"\\ü`: false} {
		quoted := `"` + text + `"`
		v := Value(json.RawMessage(quoted))
		if _, replaced := v.(origin.Replaced); replaced != half {
			t.Errorf("%s: %T", text, v)
		}
		var want string
		if err := json.Unmarshal([]byte(quoted), &want); err != nil {
			t.Fatal(text, err)
		}
		if !half && v != want {
			t.Errorf("%s: %q, want %q", text, v, want)
		}
	}
}

// TestPaths holds how fields are found, also when they are looked for again.
func TestPaths(t *testing.T) {
	row, left := Decode([]byte(`{"a":{"b":{"c":1},"d":2,"x.y":3},"a.d":4,"n":null,"l":[{"c":5}],"s":"{\"c\":6}"}`))
	if left != nil {
		t.Fatal(left)
	}
	for range 2 {
		for name, want := range map[string]any{
			"a.b.c": origin.Number("1"), "a.d": origin.Number("4"), "a.b": origin.Object{}, "a.x.y": nil, "n.c": nil, "l.c": nil, "s.c": nil, "a.b.c.d": nil, "a.": nil, "": nil, "z.c": nil,
		} {
			if got := row.Field(name); got != want {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	}
}

// FuzzDecode holds that every line is a row or is left out, and none makes the decoder
// panic.
func FuzzDecode(f *testing.F) {
	for _, line := range []string{`{"a":"\ud83d\ude00","b":{"c":[1,"\ud800"]}}`, `{"a":"\\`, `{"a":"\u"}`, "{\"a\":\"\ufffd\"}", `null`, ``, "\x00"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, left := Decode(line)
		if (row == nil) == (left == nil) {
			t.Fatalf("%q: %v, %v", line, row, left)
		}
		if left == nil {
			for _, name := range []string{"a", "b.c", "b.", ".", ""} {
				row.Field(name)
			}
		}
	})
}

// FuzzUnquoted: a string is read as the decoder reads it, or left to that.
func FuzzUnquoted(f *testing.F) {
	read := 0
	for _, s := range []string{`""`, `"plain é"`, `"a\n\t\"\\\/\b\f\r"`, `"\u00e9\u0000\ufffd\uFFFF"`, `"\ud83d\ude00"`, `"\ud83d"`, "\"\xff\"", `"\\"`, `"\\u0041"`, `"`, `"\`, `"\"`, `"\u00"`, `"\x"`} {
		f.Add([]byte(s))
		if _, ok := unquoted([]byte(s)); ok {
			read++
		}
	}
	if read != 6 {
		f.Errorf("%d of the strings are read", read)
	}
	f.Fuzz(func(t *testing.T, v []byte) {
		if !json.Valid(v) || v[0] != '"' {
			return
		}
		got, ok := unquoted(v)
		var want string
		if err := json.Unmarshal(v, &want); ok && (err != nil || got != want) {
			t.Fatalf("%s: %q, the decoder has %q, %v", v, got, want, err)
		}
	})
}
