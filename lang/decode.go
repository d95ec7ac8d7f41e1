package lang

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/codemill/codemill/lang/charset"
)

// Defect says why bytes are no text.
type Defect string

// The defects that Decode finds.
const (
	Empty       Defect = "empty"       // no bytes, or nothing but a byte order mark
	Binary      Defect = "binary"      // holds a NUL byte (or character, for UTF-16 and UTF-32)
	LFSPointer  Defect = "lfs_pointer" // stands for a file that Git LFS keeps elsewhere
	BadEncoding Defect = "encoding"    // in no encoding with certainty
)

// UTF8 is the name of the encoding that texts have; [charset] has the others.
const UTF8 = charset.UTF8

// The values of Encodings.Stray.
const (
	StrayReplace = "replace" // by U+FFFD, the default
	StrayRemove  = "remove"
	StrayRefuse  = "refuse" // the file is left out: BadEncoding
)

// The values of Encodings.LineEnds.
const (
	LineEndsKeep = "keep" // the default
	LineEndsLF   = "lf"
)

// Encodings says how bytes become text. The zero Encodings is that of a crawl
// without settings.
type Encodings struct {
	// OnlyUTF8 refuses everything else.
	OnlyUTF8 bool
	// Stray is what becomes of a few malformed bytes in an otherwise clean file.
	Stray string
	// LineEnds is whether CR LF, and CR in a text without LF, become LF.
	LineEnds string
	// Declared is the name of the encoding that the file's repository declares for it,
	// "" for none. What the bytes declare goes before it.
	Declared string
}

// Decoded is what Decode makes of bytes.
type Decoded struct {
	Text     []byte // valid UTF-8 without byte order mark and NUL
	Encoding string // of the bytes; also named with some defects
	Stray    int    // malformed places that were replaced or removed
	ByRepo   bool   // Encoding is by Encodings.Declared
	Defect   Defect // why there is no text
}

var boms = []struct {
	bom      string
	encoding string
}{
	{"\xff\xfe\x00\x00", charset.UTF32LE}, // before UTF-16LE, whose mark is the first half of it
	{"\x00\x00\xfe\xff", charset.UTF32BE},
	{"\xff\xfe", charset.UTF16LE},
	{"\xfe\xff", charset.UTF16BE},
	{"\xef\xbb\xbf", charset.UTF8},
}

// Decode turns a file's bytes into text. UTF-8 is returned as it is, sharing
// raw's memory.
//
// A byte order mark decides, then [charset.Of] or, for bytes with zeros,
// [charset.DetectWide]: what is declared, unless the bytes say otherwise, then what
// they must be. A text that would have to be guessed is none.
func Decode(raw []byte, e Encodings) Decoded {
	d := e.decode(raw)
	switch {
	case d.Defect != "":
	case len(d.Text) == 0:
		d.Defect = Empty
	case d.Encoding != UTF8 && bytes.IndexByte(d.Text, 0) >= 0:
		d.Defect = Binary
	case d.Encoding != UTF8 && e.OnlyUTF8, d.Stray > 0 && (e.OnlyUTF8 || e.Stray == StrayRefuse):
		d.Defect = BadEncoding
	}
	if d.Defect != "" {
		return Decoded{Encoding: d.Encoding, Defect: d.Defect}
	}
	if e.LineEnds == LineEndsLF {
		d.Text = toLF(d.Text)
	}
	return d
}

func (e Encodings) decode(raw []byte) Decoded {
	for _, b := range boms {
		if rest, ok := bytes.CutPrefix(raw, []byte(b.bom)); ok && b.encoding != UTF8 {
			text, ok := charset.DecodeWide(b.encoding, rest)
			if !ok {
				return Decoded{Encoding: b.encoding, Defect: BadEncoding}
			}
			return Decoded{Text: text, Encoding: b.encoding}
		}
	}
	text, marked := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(text, 0) >= 0 {
		if wide, name := charset.DetectWide(text, e.Declared); name != "" {
			return Decoded{Text: wide, Encoding: name, ByRepo: strings.EqualFold(name, e.Declared)}
		}
		return Decoded{Encoding: UTF8, Defect: Binary}
	}
	if isLFSPointer(text) {
		return Decoded{Encoding: UTF8, Defect: LFSPointer}
	}
	n := readUTF8(text)
	if n.malformed > 0 && n.malformed <= mostStray(text) && n.malformed*charsPerStray <= n.chars {
		return e.withoutStrays(text, n.malformed)
	}
	var legacy *charset.Text
	if !marked {
		legacy = charset.Of(text, mostStray(text), e.Declared)
	}
	if legacy != nil {
		converted := legacy.UTF8
		if e.Stray == StrayRemove && legacy.Malformed > 0 {
			converted = bytes.ReplaceAll(converted, []byte("\ufffd"), nil)
		}
		return Decoded{Text: converted, Encoding: legacy.Name(), Stray: legacy.Malformed, ByRepo: legacy.ByRepo}
	}
	if n.malformed > mostStray(text) {
		return Decoded{Defect: BadEncoding}
	}
	return e.withoutStrays(text, n.malformed)
}

// The limits of what is a few stray bytes: one in bytesPerStray of the file, and
// mostStrays in all. Where the file has UTF-8 beside them, charsPerStray of its
// characters for each make it UTF-8 whatever else it could be. All are ours.
const (
	bytesPerStray = 4096
	mostStrays    = 16
	charsPerStray = 10
)

func mostStray(text []byte) int { return min(mostStrays, len(text)/bytesPerStray) }

// utf8Places are the places of a text that are not ASCII.
type utf8Places struct{ chars, malformed int }

func readUTF8(text []byte) (n utf8Places) {
	if utf8.Valid(text) {
		return n
	}
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			n.malformed++
		} else {
			n.chars++
		}
		i += size
	}
	return n
}

// withoutStrays returns UTF-8 with malformed bytes replaced or removed.
func (e Encodings) withoutStrays(text []byte, malformed int) Decoded {
	if malformed == 0 {
		return Decoded{Text: text, Encoding: UTF8}
	}
	out := make([]byte, 0, len(text)+2*malformed)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r != utf8.RuneError || size > 1:
			out = append(out, text[:size]...)
		case e.Stray != StrayRemove:
			out = utf8.AppendRune(out, utf8.RuneError)
		}
		text = text[size:]
	}
	return Decoded{Text: out, Encoding: UTF8, Stray: malformed}
}

// toLF makes line feeds of CR LF, and of CR in a text that has nothing else.
func toLF(text []byte) []byte {
	switch {
	case bytes.IndexByte(text, '\r') < 0:
		return text
	case bytes.IndexByte(text, '\n') < 0:
		return bytes.ReplaceAll(text, []byte{'\r'}, []byte{'\n'})
	}
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte{'\n'})
}

// lfsPointerMax is the size below which a pointer file is, by the Git LFS
// specification.
const lfsPointerMax = 1024

func isLFSPointer(b []byte) bool {
	return len(b) < lfsPointerMax && bytes.HasPrefix(b, []byte("version https://git-lfs.github.com/spec/")) &&
		bytes.Contains(b, []byte("\noid sha256:"))
}
