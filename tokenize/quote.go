package tokenize

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote makes UTF-8 of a path, which may be any bytes. A path that is UTF-8 stays as it
// is, unless it begins with a double quote. All others are written as git writes them:
// between double quotes, with a backslash before each double quote and backslash, and
// a backslash and three octal digits for each byte that is no part of a UTF-8
// character. The byte 0xff and "a" become "\377a" with the quotes. Different paths stay
// different.
func Quote(path string) string {
	if utf8.ValidString(path) && !strings.HasPrefix(path, `"`) {
		return path
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(path); {
		r, size := utf8.DecodeRuneInString(path[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\%03o`, path[i])
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteString(path[i : i+size])
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}
