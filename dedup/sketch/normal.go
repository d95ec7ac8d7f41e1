package sketch

import "bytes"

// Exact is what of a text does not count when it is compared, for being the
// same and for being similar. The documents themselves stay as they are.
//
// All of it is off by default: with Near on, texts that differ in white space
// alone are similar by 1 where they are cut by Near.Split "code", and documents
// that no stage has edited need not be hashed again.
type Exact struct {
	// LineEnds takes CRLF and CR for LF.
	LineEnds bool `yaml:"line_ends"`
	// TrailingSpace leaves out blanks and tabs at the ends of lines, and lines
	// without anything else at the end of the text.
	TrailingSpace bool `yaml:"trailing_space"`
	// LicenseHeader leaves out the notices of copyright and licence in the comment
	// that a text begins with: see [WithoutNotice]. Other comments stay.
	// Near-duplicates are looked for without them as it is.
	LicenseHeader bool `yaml:"license_header"`
}

// Normalize returns what counts of a text: text itself where that is all. language is
// Linguist's name or "".
func (x Exact) Normalize(text []byte, language string) []byte {
	if x.LineEnds && bytes.IndexByte(text, '\r') >= 0 {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	if x.TrailingSpace {
		text = trimLines(text)
	}
	if x.LicenseHeader {
		text = WithoutNotice(text, language)
	}
	return text
}

// trimLines takes blanks and tabs off the ends of lines, and empty lines off
// the end of the text with the last line's end.
func trimLines(text []byte) []byte {
	text = bytes.TrimRight(text, " \t\r\n")
	if !bytes.Contains(text, []byte(" \n")) && !bytes.Contains(text, []byte("\t\n")) &&
		!bytes.Contains(text, []byte(" \r")) && !bytes.Contains(text, []byte("\t\r")) {
		return text
	}
	out := make([]byte, 0, len(text))
	for line := range bytes.Lines(text) {
		rest := bytes.TrimRight(line, "\r\n")
		out = append(out, bytes.TrimRight(rest, " \t")...)
		out = append(out, line[len(rest):]...)
	}
	return out
}
