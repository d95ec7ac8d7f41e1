// Package surrogate finds in JSON what is no character.
package surrogate

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Half reports whether a JSON string, as it is written, has an escape of one half of a
// surrogate pair without the other, which is no character. "\ud83d\ude00" is 😀, "\ud83d"
// alone is nothing, and decoders put U+FFFD for it. A U+FFFD in what was decoded does not
// say so, as the writer may have put it there. It looks at each byte once.
func Half(v []byte) bool {
	for {
		i := bytes.IndexByte(v, '\\')
		if i < 0 {
			return false
		}
		high := Escaped(v[i:])
		if high < 0 {
			v = v[i+2:] // past what is escaped, as that may be a backslash
			continue
		}
		v = v[i+6:]
		if !utf16.IsSurrogate(high) {
			continue
		}
		if utf16.DecodeRune(high, Escaped(v)) == utf8.RuneError {
			return true
		}
		v = v[6:]
	}
}

// Escaped returns the character whose escape \uXXXX stands at the start of a part of a
// JSON string, -1 for none.
func Escaped(v []byte) rune {
	if len(v) < 6 || v[0] != '\\' || v[1] != 'u' {
		return -1
	}
	r, err := strconv.ParseUint(string(v[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(r)
}
