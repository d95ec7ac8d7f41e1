package tokenize

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote makes UTF-8 of a path, which may be any bytes. One that is UTF-8 stays
// as it is, unless it begins with a double quote. All others are written as
// git writes them: between double quotes, with a backslash before each double
// quote and backslash, and a backslash and three octal digits for each byte
// that is no part of a UTF-8 character. Different paths stay different.
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

// Unquote undoes [Quote]. What Quote does not write comes back as it is.
func Unquote(s string) string {
	inner, ok := strings.CutPrefix(s, `"`)
	if !ok || !strings.HasSuffix(inner, `"`) {
		return s
	}
	inner = inner[:len(inner)-1]
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		var c byte
		switch {
		case inner[i] != '\\' || i+1 == len(inner):
			b.WriteByte(inner[i])
		case octal(inner[i+1:], &c):
			b.WriteByte(c)
			i += 3
		default:
			i++
			b.WriteByte(inner[i])
		}
	}
	return b.String()
}

// octal reads a byte of three octal digits.
func octal(s string, c *byte) bool {
	if len(s) < 3 {
		return false
	}
	n := 0
	for _, d := range []byte(s[:3]) {
		if d < '0' || d > '7' {
			return false
		}
		n = n*8 + int(d-'0')
	}
	*c = byte(n)
	return n < 256
}
