package charset

import (
	"bytes"
	"regexp"
)

// A declaration is a form in which texts name their encoding.
type declaration struct {
	where place
	word  string         // that the form always has, in any case: most texts have it not, and expressions are slow
	form  *regexp.Regexp // its first group is the name
}

// place is the part of a text that a declaration is looked for in.
type place int

const (
	start      place = iota // the first line
	twoLines                // the first two lines
	firstLines              // the first five lines
	endLines                // the last five lines
	head                    // the first headBytes
	foot                    // the last footBytes
)

const (
	headBytes = 8 << 10 // a licence may stand before a catalogue's header
	footBytes = 3 << 10 // Emacs' own, in characters
)

// declarations in the order in which they are asked. PEP 263's form also fits
// Emacs' first line.
var declarations = []declaration{
	{start, "<?xml", regexp.MustCompile(`^\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']`)},
	{start, "@charset", regexp.MustCompile(`^@charset "([\w.:-]+)";`)},
	{twoLines, "coding", regexp.MustCompile(`(?m)^[^\n]*?coding[:=][ \t]*([-\w.]+)`)},
	{firstLines, "enc", vim},
	{endLines, "enc", vim},
	{head, "content-type:", regexp.MustCompile(`(?im)^"?Content-Type:\s*text/[\w.+-]+\s*;\s*charset="?([\w.:-]+)`)},
	{head, "<meta", regexp.MustCompile(`(?i)<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)`)},
	{head, "=encoding", regexp.MustCompile(`(?m)^=encoding[ \t]+([\w.:-]+)`)},
	{head, "]{inputenc}", regexp.MustCompile(`(?m)^[^%\n]*\\usepackage\[([\w-]+)\]\{inputenc\}`)},
	{head, "@documentencoding", regexp.MustCompile(`(?m)^@documentencoding[ \t]+([\w.:-]+)`)},
	{head, "scripte", regexp.MustCompile(`(?m)^\s*scripte(?:ncoding)?[ \t]+([-\w]+)`)},
	{foot, "local variables:", regexp.MustCompile(`(?im)^.*Local Variables:(?s:.*?)\bcoding:[ \t]*([-\w.]+)`)},
}

var vim = regexp.MustCompile(`(?m)\b(?:vim?|ex)[<=>\d]*:[^\n]*?\b(?:fenc|fileencoding)=([-\w]+)`)

// Declared returns the name of the encoding that a text gives for itself, as it
// stands there, and where; "" for none. It looks at the forms that Python (PEP
// 263), XML, HTML, CSS, gettext and mail, Emacs, Vim, Pod, LaTeX and Texinfo have,
// whatever the text is.
func Declared(raw []byte) (name string, at int) {
	for _, d := range declarations {
		part, from := d.where.of(raw)
		if !contains(part, d.word) {
			continue
		}
		if m := d.form.FindSubmatchIndex(part); m != nil {
			return string(part[m[2]:m[3]]), from + m[2]
		}
	}
	return "", 0
}

// contains reports whether a word, in lower case, stands in a text in any case.
func contains(text []byte, word string) bool {
	last := len(text) - len(word)
	next := func(at int, c byte) int {
		if i := bytes.IndexByte(text[at:last+1], c); i >= 0 {
			return at + i
		}
		return last + 1
	}
	lower, upper := -1, last+1 // where the first byte stands next
	if c := word[0]; c >= 'a' && c <= 'z' {
		upper = -1
	}
	for at := 0; at <= last; at++ {
		if lower < at {
			lower = next(at, word[0])
		}
		if upper < at {
			upper = next(at, word[0]&^0x20)
		}
		if at = min(lower, upper); at <= last && bytes.EqualFold(text[at:at+len(word)], []byte(word)) {
			return true
		}
	}
	return false
}

// of returns the part of a text and where it begins.
func (p place) of(raw []byte) ([]byte, int) {
	const modelines = 5
	first := raw[:min(len(raw), headBytes)]
	last := raw[max(0, len(raw)-footBytes):]
	switch p {
	case start:
		first = lines(first, 1)
	case twoLines:
		first = lines(first, 2)
	case firstLines:
		first = lines(first, modelines)
	case endLines:
		last = lastLines(last, modelines)
		return last, len(raw) - len(last)
	case foot:
		return last, len(raw) - len(last)
	}
	return first, 0
}

func lines(b []byte, n int) []byte {
	end := 0
	for range n {
		i := bytes.IndexByte(b[end:], '\n')
		if i < 0 {
			return b
		}
		end += i + 1
	}
	return b[:end]
}

func lastLines(b []byte, n int) []byte {
	from := len(bytes.TrimRight(b, "\r\n"))
	for range n {
		from = bytes.LastIndexByte(b[:from], '\n')
		if from < 0 {
			return b
		}
	}
	return b[from+1:]
}
