// Package charset tells in which encoding bytes are written, by what they
// declare or by what they would say, and decodes them. It never guesses: what
// could be two texts is none.
//
// # Files
//
//	charset.go   encodings by their names, and decoding
//	declared.go  what a text declares of itself
//	detect.go    which encoding is meant where nothing is declared
//	wide.go      UTF-16 and UTF-32
package charset

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// An Encoding other than those of Unicode. Its name is the one that IANA has,
// in lower case, but for DOS's code pages (cp437).
type Encoding struct {
	name    string
	enc     encoding.Encoding
	aliases string // further names, as plain makes them
}

// Name returns the encoding's name.
func (e *Encoding) Name() string { return e.name }

// encodings are all that can be declared. Where a wider one has taken a name
// over in practice, as the WHATWG's standard says, it has the name here.
var encodings = []Encoding{
	{"windows-1252", charmap.Windows1252, "cp1252 ansinew 1252"},
	{"iso-8859-1", charmap.ISO8859_1, "latin1 l1 iso88591 isolatin1 cp819 iso885911987 88591"},
	{"iso-8859-15", charmap.ISO8859_15, "latin9 latin0 l9 isolatin9"},
	{"windows-1250", charmap.Windows1250, "cp1250 1250"},
	{"iso-8859-2", charmap.ISO8859_2, "latin2 l2 isolatin2 iso885921987"},
	{"iso-8859-16", charmap.ISO8859_16, "latin10"},
	{"windows-1251", charmap.Windows1251, "cp1251 1251 win1251"},
	{"koi8-r", charmap.KOI8R, "koi8 cskoi8r cyrillickoi8"},
	{"koi8-u", charmap.KOI8U, "koi8ru"},
	{"iso-8859-5", charmap.ISO8859_5, "cyrillic cyrilliciso8bit"},
	{"cp866", charmap.CodePage866, "ibm866 866"},
	{"windows-1253", charmap.Windows1253, "cp1253"},
	{"iso-8859-7", charmap.ISO8859_7, "greek greek8 greekiso8bit"},
	{"windows-1254", charmap.Windows1254, "cp1254"},
	{"iso-8859-9", charmap.ISO8859_9, "latin5 l5 isolatin5"},
	{"windows-1255", charmap.Windows1255, "cp1255"},
	{"iso-8859-8", charmap.ISO8859_8, "hebrew iso88598i hebrewiso8bit"},
	{"windows-1256", charmap.Windows1256, "cp1256"},
	{"iso-8859-6", charmap.ISO8859_6, "arabic"},
	{"windows-1257", charmap.Windows1257, "cp1257"},
	{"iso-8859-13", charmap.ISO8859_13, "latin7"},
	{"iso-8859-4", charmap.ISO8859_4, "latin4 l4"},
	{"iso-8859-10", charmap.ISO8859_10, "latin6 l6"},
	{"iso-8859-3", charmap.ISO8859_3, "latin3 l3"},
	{"iso-8859-14", charmap.ISO8859_14, "latin8"},
	{"windows-1258", charmap.Windows1258, "cp1258"},
	{"windows-874", charmap.Windows874, "cp874 tis620 iso885911 tis6202533 thaitis620"},
	{"macintosh", charmap.Macintosh, "macroman mac applemac"},
	{"cp437", charmap.CodePage437, "ibm437"},
	{"cp850", charmap.CodePage850, "ibm850"},
	{"cp852", charmap.CodePage852, "ibm852"},
	{"gb18030", simplifiedchinese.GB18030, "gbk gb2312 euccn cp936 936 ms936 chineseiso8bit cngb cngb2312 xgbk eucchina"},
	{"big5", traditionalchinese.Big5, "big5hkscs cp950 950 chinesebig5 cnbig5 big5eten"},
	{"shift_jis", japanese.ShiftJIS, "sjis cp932 932 mskanji windows31j japaneseshiftjis japanesesjis sjisdos shiftjis2004 cswindows31j"},
	{"euc-jp", japanese.EUCJP, "ujis japaneseiso8bit eucjpms eucjis2004 eucjisx0213 eucjapan"},
	{"euc-kr", korean.EUCKR, "cp949 949 uhc ksc5601 koreaniso8bit windows949 ksc56011987 euckorea"},
	{iso2022jp, japanese.ISO2022JP, "iso20227bit junet iso2022jp1 iso2022jp2 iso20227bitss2"},
	{"hz-gb-2312", simplifiedchinese.HZGB2312, "hz"},
}

const iso2022jp = "iso-2022-jp"

// wider are the encodings that are meant by the names of others where bytes are
// in use that those leave to control characters.
var wider = map[string]string{
	"iso-8859-1": "windows-1252", "iso-8859-9": "windows-1254", "iso-8859-8": "windows-1255",
}

// plain is a name as it is compared: letters and digits, in lower case, without
// "x-" in front and the line ends that Emacs adds.
func plain(name string) string {
	name = strings.ToLower(name)
	name = strings.TrimPrefix(name, "x-")
	for _, end := range []string{"-unix", "-dos", "-mac"} {
		name = strings.TrimSuffix(name, end)
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}

// Named returns the encoding that a name stands for; nil for none, and for
// those of Unicode.
func Named(name string) *Encoding {
	return byName()[plain(name)]
}

var byName = sync.OnceValue(func() map[string]*Encoding {
	names := map[string]*Encoding{}
	for i := range encodings {
		e := &encodings[i]
		for _, name := range append(strings.Fields(e.aliases), plain(e.name)) {
			names[name] = e
		}
	}
	return names
})

// rune of a byte beyond ASCII in an encoding of one byte a character, or
// utf8.RuneError.
func (e *Encoding) char(b byte) rune {
	r := e.enc.(*charmap.Charmap).DecodeByte(b)
	if !isChar(r) {
		return utf8.RuneError
	}
	return r
}

func (e *Encoding) oneByte() bool {
	_, ok := e.enc.(*charmap.Charmap)
	return ok
}

// isChar reports whether a character beyond ASCII is one that texts have: C1
// controls and private ones stand for bytes that an encoding leaves undefined.
func isChar(r rune) bool {
	return r >= 0xa0 && r != utf8.RuneError && (r < 0xe000 || r > 0xf8ff) && r < 0xe0000
}

// Decode returns the text of bytes, with U+FFFD for each place that is
// malformed, and the number of those.
func (e *Encoding) Decode(raw []byte) (text []byte, malformed int) {
	if e.oneByte() {
		var chars [128]rune
		for i := range chars {
			chars[i] = e.char(byte(0x80 + i))
		}
		text = make([]byte, 0, len(raw)+len(raw)/4)
		for _, b := range raw {
			if b < utf8.RuneSelf {
				text = append(text, b)
				continue
			}
			r := chars[b-0x80]
			if r == utf8.RuneError {
				malformed++
			}
			text = utf8.AppendRune(text, r)
		}
		return text, malformed
	}
	text, err := e.enc.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, len(raw) + 1
	}
	return onlyChars(text)
}

// onlyChars puts U+FFFD in the place of what is no character, and counts.
func onlyChars(text []byte) ([]byte, int) {
	bad := 0
	text = bytes.Map(func(r rune) rune {
		if r >= utf8.RuneSelf && !isChar(r) {
			bad++
			return utf8.RuneError
		}
		return r
	}, text)
	return text, bad
}

// Encode returns a text in the encoding, and false where that lacks one of its
// characters.
func (e *Encoding) Encode(text []byte) ([]byte, bool) {
	raw, err := e.enc.NewEncoder().Bytes(text)
	return raw, err == nil
}
