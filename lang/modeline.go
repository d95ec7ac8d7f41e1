package lang

import (
	"bytes"
	"strings"

	"github.com/go-enry/go-enry/v2"
)

// modeline returns what an Emacs or Vim modeline in the first or last five
// lines names. It rules out texts without one by hand and leaves the rest to
// go-enry, whose expressions run at 10 to 20 MB/s.
func modeline(text []byte) string {
	ends := headAndFoot(text)
	if !mayHaveEmacs(ends) && !mayHaveVim(ends) {
		return ""
	}
	langs := enry.GetLanguagesByModeline("", text, nil)
	if len(langs) == 0 {
		return ""
	}
	return langs[0]
}

// headAndFoot returns the first and the last five lines, or all of a text of
// fewer than ten. As in go-enry the two are joined without a line end.
func headAndFoot(text []byte) []byte {
	const scope = 5
	if bytes.Count(text, []byte{'\n'}) < 2*scope {
		return text
	}
	head, foot := 0, len(text)
	for range scope {
		head += bytes.IndexByte(text[head:], '\n') + 1
		foot = bytes.LastIndexByte(text[:foot], '\n')
	}
	return append(append(make([]byte, 0, head+len(text)-foot), text[:head-1]...), text[foot+1:]...)
}

func mayHaveEmacs(ends []byte) bool { return bytes.Count(ends, []byte("-*-")) >= 2 }

// mayHaveVim looks for "vi", "vim", "vim" with a version, or "ex", then a
// colon, then on the same line "filetype", "ft" or "syntax" before an equals
// sign: what go-enry's two expressions need at least. Both allow white space,
// line ends included, before the sign.
func mayHaveVim(ends []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(ends[i:], ':')
		if n < 0 {
			return false
		}
		i += n
		if !vimBefore(ends[:i]) {
			continue
		}
		rest := bytes.TrimLeft(ends[i+1:], reSpace)
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		if namesLanguage(line) {
			return true
		}
		i = len(ends) - len(after) - 1 // what follows a later colon of this line follows this one, too
		if len(after) == 0 {
			return false
		}
	}
}

// reSpace is \s of regular expressions.
const reSpace = "\t\n\f\r "

func vimBefore(b []byte) bool {
	b = bytes.TrimRight(b, reSpace)
	if bytes.HasSuffix(b, []byte("ex")) || bytes.HasSuffix(b, []byte("vi")) || bytes.HasSuffix(b, []byte("vim")) {
		return true
	}
	digits := bytes.TrimRight(b, "0123456789")
	return len(digits) < len(b) && (bytes.HasSuffix(bytes.TrimRight(digits, "<=>"), []byte("vim")))
}

func namesLanguage(line []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(line[i:], '=')
		if n < 0 {
			return false
		}
		i += n
		before := bytes.TrimRight(line[:i], reSpace)
		for _, word := range []string{"filetype", "ft", "yntax"} { // (?i)s also fits U+017F
			if k := len(before) - len(word); k >= 0 && strings.EqualFold(string(before[k:]), word) {
				return true
			}
		}
	}
}
