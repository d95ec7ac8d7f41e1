package tokenize

import "strings"

// unquote undoes [Quote]. What Quote does not write comes back as it is.
func unquote(s string) string {
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
