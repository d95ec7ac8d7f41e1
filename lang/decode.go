package lang

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Defect says why bytes are no text.
type Defect string

// The defects that Decode finds.
const (
	Empty       Defect = "empty"       // no bytes, or nothing but a byte order mark
	Binary      Defect = "binary"      // holds a NUL byte (or character, for UTF-16 and UTF-32)
	LFSPointer  Defect = "lfs_pointer" // stands for a file that Git LFS keeps elsewhere
	BadEncoding Defect = "encoding"    // neither UTF-8 nor convertible with confidence
)

// The names of encodings.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	UTF32LE     = "utf-32le"
	UTF32BE     = "utf-32be"
	Windows1252 = "windows-1252" // ISO 8859-1 is within it
)

var boms = []struct {
	bom      string
	encoding string
}{
	{"\xff\xfe\x00\x00", UTF32LE}, // before UTF-16LE, whose mark is the first half of it
	{"\x00\x00\xfe\xff", UTF32BE},
	{"\xff\xfe", UTF16LE},
	{"\xfe\xff", UTF16BE},
	{"\xef\xbb\xbf", UTF8},
}

// Decode turns a file's bytes into text: valid UTF-8 without byte order mark
// and NUL. UTF-8 is returned as it is, sharing raw's memory. Without convert,
// anything but UTF-8 is left out. The encoding is named also when there is a
// defect.
func Decode(raw []byte, convert bool) (text []byte, encoding string, defect Defect) {
	encoding = UTF8
	text = raw
	for _, b := range boms {
		if bytes.HasPrefix(raw, []byte(b.bom)) {
			encoding = b.encoding
			text = raw[len(b.bom):]
			break
		}
	}
	ok := true
	switch encoding {
	case UTF8:
		switch {
		case bytes.IndexByte(text, 0) >= 0:
			return nil, encoding, Binary
		case isLFSPointer(text):
			return nil, encoding, LFSPointer
		case utf8.Valid(text):
		case convert && plausible1252(text):
			text = from1252(text)
			encoding = Windows1252
		default:
			return nil, "", BadEncoding
		}
	case UTF16LE:
		text, ok = from16(text, binary.LittleEndian, convert)
	case UTF16BE:
		text, ok = from16(text, binary.BigEndian, convert)
	case UTF32LE:
		text, ok = from32(text, binary.LittleEndian, convert)
	case UTF32BE:
		text, ok = from32(text, binary.BigEndian, convert)
	}
	switch {
	case !ok:
		return nil, encoding, BadEncoding
	case len(text) == 0:
		return nil, encoding, Empty
	case encoding != UTF8 && bytes.IndexByte(text, 0) >= 0:
		return nil, encoding, Binary
	}
	return text, encoding, ""
}

// from16 converts UTF-16. It refuses what is malformed, as Decode does of UTF-8,
// whereas golang.org/x/text/encoding/unicode replaces it by U+FFFD: a file with
// half a surrogate pair would come out as a text that nobody wrote.
func from16(b []byte, order binary.ByteOrder, convert bool) ([]byte, bool) {
	if len(b)%2 != 0 || !convert {
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

// from32 converts UTF-32, and refuses what is no character for the same reason.
func from32(b []byte, order binary.ByteOrder, convert bool) ([]byte, bool) {
	if len(b)%4 != 0 || !convert {
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

func from1252(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		if c < utf8.RuneSelf {
			out = append(out, c)
		} else {
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(c))
		}
	}
	return out
}

// plausible1252 reports whether bytes that are not UTF-8 look like a Western
// European text: no control characters, no byte that Windows-1252 leaves
// undefined, not more than a fifth of all bytes beyond ASCII, and not more
// than a quarter of those in runs of three or more. Western letters with
// accents stand alone, whereas GBK, Shift-JIS, EUC, KOI8 and drawings in boxes
// come in runs. The two limits are ours.
func plausible1252(b []byte) bool {
	high, inRuns, run := 0, 0, 0
	for _, c := range b {
		if c >= utf8.RuneSelf {
			switch c {
			case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
				return false
			}
			high++
			if run++; run == 3 {
				inRuns += 3
			} else if run > 3 {
				inRuns++
			}
			continue
		}
		run = 0
		if c == 0x7f || c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a {
			return false
		}
	}
	return high*5 <= len(b) && inRuns*4 <= high
}

// lfsPointerMax is the size below which a pointer file is, by the Git LFS
// specification.
const lfsPointerMax = 1024

func isLFSPointer(b []byte) bool {
	return len(b) < lfsPointerMax && bytes.HasPrefix(b, []byte("version https://git-lfs.github.com/spec/")) &&
		bytes.Contains(b, []byte("\noid sha256:"))
}
