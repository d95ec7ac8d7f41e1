package filter

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// visibleChars counts the characters of an HTML page's text as StarCoder's
// filter_html does with BeautifulSoup: get_text() after script and style are
// taken out. Whitespace between tags counts, character references count as
// what they stand for, comments, declarations and the contents of template
// elements do not count. Markup that is not well formed may be read a little
// differently from Python's html.parser.
func visibleChars(text []byte) int64 {
	z := html.NewTokenizer(bytes.NewReader(text))
	z.AllowCDATA(true)
	var (
		n      int64
		hidden bool // in script or style, which hold text alone
		depth  int  // of template elements
	)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return n // the end: reading from memory has no other error
		case html.TextToken:
			if !hidden && depth == 0 {
				n += int64(utf8.RuneCount(z.Text()))
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			hidden = string(name) == "script" || string(name) == "style"
			if !hidden {
				z.NextIsNotRawText()
			}
			if string(name) == "template" {
				depth++
			}
		case html.SelfClosingTagToken:
			z.NextIsNotRawText()
		case html.EndTagToken:
			name, _ := z.TagName()
			hidden = false
			if string(name) == "template" && depth > 0 {
				depth--
			}
		}
	}
}
