package charset

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The names of Unicode's encodings.
const (
	UTF8    = "utf-8"
	UTF16LE = "utf-16le"
	UTF16BE = "utf-16be"
	UTF32LE = "utf-32le"
	UTF32BE = "utf-32be"
)

// DecodeWide decodes one of UTF16LE to UTF32BE. It refuses what is malformed,
// as UTF-8 is refused, whereas golang.org/x/text/encoding/unicode replaces it by
// U+FFFD: a file with half a surrogate pair would come out as a text that nobody
// wrote.
func DecodeWide(name string, b []byte) ([]byte, bool) {
	switch name {
	case UTF16LE:
		return from16(b, binary.LittleEndian)
	case UTF16BE:
		return from16(b, binary.BigEndian)
	case UTF32LE:
		return from32(b, binary.LittleEndian)
	case UTF32BE:
		return from32(b, binary.BigEndian)
	}
	return nil, false
}

func from16(b []byte, order binary.ByteOrder) ([]byte, bool) {
	if len(b)%2 != 0 {
		return nil, false
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i += 2 {
		r := rune(order.Uint16(b[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(b) {
				return nil, false
			}
			i += 2
			if r = utf16.DecodeRune(r, rune(order.Uint16(b[i:]))); r == utf8.RuneError {
				return nil, false
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, true
}

func from32(b []byte, order binary.ByteOrder) ([]byte, bool) {
	if len(b)%4 != 0 {
		return nil, false
	}
	out := make([]byte, 0, len(b)/2)
	for i := 0; i < len(b); i += 4 {
		r := order.Uint32(b[i:])
		if !utf8.ValidRune(rune(r)) { // negative from 2^31 on
			return nil, false
		}
		out = utf8.AppendRune(out, rune(r))
	}
	return out, true
}

// leastWide is how many characters tell a text without a byte order mark from
// other bytes with zeros, and one in asciiShare of them is of ASCII at least:
// its zero bytes are what gives the order away. Both limits are ours.
const (
	leastWide  = 16
	asciiShare = 8
)

// DetectWide decodes UTF-16 or UTF-32 without a byte order mark: bytes that
// have zeros, and in one of the four nothing but characters that are printed,
// white space and line ends. One that is declared goes first, and may be short and
// without ASCII.
func DetectWide(raw []byte, declared string) (text []byte, name string) {
	name = strings.ToLower(declared)
	if text, ok := DecodeWide(name, raw); ok && isPlain(text, 0) {
		return text, name
	}
	for _, name := range []string{UTF32LE, UTF32BE, UTF16LE, UTF16BE} {
		if looksWide(raw, name) {
			if text, ok := DecodeWide(name, raw); ok && isPlain(text, asciiShare) {
				return text, name
			}
		}
	}
	return nil, ""
}

// looksWide reads the first characters only: most files with zeros are no text.
func looksWide(raw []byte, name string) bool {
	width := 2
	if name == UTF32LE || name == UTF32BE {
		width = 4
	}
	if len(raw)%width != 0 || len(raw) < leastWide*width {
		return false
	}
	text, ok := DecodeWide(name, raw[:leastWide*width])
	if !ok { // a pair may be cut in two
		text, ok = DecodeWide(name, raw[:(leastWide-1)*width])
	}
	return ok && isPlain(text, asciiShare)
}

// isPlain reports whether a text has nothing but what is printed, white space and line
// ends, and one in share of its characters is of ASCII at least; 0 asks for none.
func isPlain(text []byte, share int) bool {
	all, ascii := 0, 0
	for _, r := range string(text) {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\f':
		case !unicode.IsPrint(r) && !unicode.In(r, unicode.Zs, unicode.Cf):
			return false
		}
		all++
		if r < utf8.RuneSelf {
			ascii++
		}
	}
	return share == 0 || ascii*share >= all
}
