package charset

import (
	"bytes"
	"regexp"
)

// A declaration is a form in which texts name their encoding.
type declaration struct {
	where place
	form  *regexp.Regexp // its first group that fits is the name
}

// place is the part of a text that a declaration is looked for in.
type place int

const (
	start    place = iota // the first line
	twoLines              // the first two lines
	ends                  // the first and the last five lines
	head                  // the first headBytes
	foot                  // the last footBytes
)

const (
	headBytes = 8 << 10 // a licence may stand before a catalogue's header
	footBytes = 3 << 10 // Emacs' own, in characters
)

// declarations in the order in which they are asked. PEP 263's form also fits
// Emacs' first line.
var declarations = []declaration{
	{start, regexp.MustCompile(`^\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']`)},
	{start, regexp.MustCompile(`^@charset "([\w.:-]+)";`)},
	{twoLines, regexp.MustCompile(`(?m)^[^\n]*?coding[:=][ \t]*([-\w.]+)`)},
	{ends, regexp.MustCompile(`(?m)\b(?:vim?|ex)[<=>\d]*:[^\n]*?\b(?:fenc|fileencoding)=([-\w]+)`)},
	{head, regexp.MustCompile(`(?im)^"?Content-Type:\s*text/[\w.+-]+\s*;\s*charset="?([\w.:-]+)`)},
	{head, regexp.MustCompile(`(?i)<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)`)},
	{head, regexp.MustCompile(`(?m)^=encoding[ \t]+([\w.:-]+)`)},
	{head, regexp.MustCompile(`(?m)^[^%\n]*\\usepackage\[([\w-]+)\]\{inputenc\}`)},
	{head, regexp.MustCompile(`(?m)^@documentencoding[ \t]+([\w.:-]+)`)},
	{head, regexp.MustCompile(`(?m)^\s*scripte(?:ncoding)?[ \t]+([-\w]+)`)},
	{foot, regexp.MustCompile(`(?im)^.*Local Variables:(?s:.*?)\bcoding:[ \t]*([-\w.]+)`)},
}

// Declared returns the name of the encoding that a text gives for itself, as it
// stands there, and where; "" for none. It looks at the forms that Python (PEP
// 263), XML, HTML, CSS, gettext and mail, Emacs, Vim, Pod, LaTeX and Texinfo have,
// whatever the text is.
func Declared(raw []byte) (name string, at int) {
	if !mayDeclare(raw) {
		return "", 0
	}
	for _, d := range declarations {
		part, from := d.where.of(raw)
		if m := d.form.FindSubmatchIndex(part); m != nil {
			return string(part[m[2]:m[3]]), from + m[2]
		}
	}
	return "", 0
}

// keywords are such that each form of declarations has one of them.
var keywords = [...]string{"coding", "charset", "fenc", "inputenc", "scripte"}

// mayDeclare reports whether one of keywords stands where declarations are looked for.
// Most texts have none, and expressions are slow.
func mayDeclare(raw []byte) bool {
	parts := [][]byte{raw}
	if len(raw) > headBytes+footBytes {
		parts = [][]byte{raw[:headBytes], raw[len(raw)-footBytes:]}
	}
	for _, part := range parts {
		low := bytes.ToLower(part)
		for _, w := range keywords {
			if bytes.Contains(low, []byte(w)) {
				return true
			}
		}
	}
	return false
}

// of returns the part of a text and where it begins. The last lines are asked
// for only where the first have nothing, for a declaration's place is one.
func (p place) of(raw []byte) ([]byte, int) {
	first := raw[:min(len(raw), headBytes)]
	last := raw[max(0, len(raw)-footBytes):]
	switch p {
	case start:
		return lines(first, 1), 0
	case twoLines:
		return lines(first, 2), 0
	case ends:
		const scope = 5
		if l := lines(first, scope); vimMode.Match(l) || len(l) == len(raw) {
			return l, 0
		}
		l := lastLines(last, scope)
		return l, len(raw) - len(l)
	case head:
		return first, 0
	default:
		return last, len(raw) - len(last)
	}
}

var vimMode = regexp.MustCompile(`\b(?:vim?|ex)[<=>\d]*:[^\n]*?\b(?:fenc|fileencoding)=`)

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
