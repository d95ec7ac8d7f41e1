package license

import (
	"bytes"
	"regexp"
)

const (
	// maxReadmeBytes of a README are looked at.
	maxReadmeBytes = 128 << 10
	// sectionLines of a licence section are read.
	sectionLines = 80
)

// Readme returns what the licence sections of a README say, or, if it has none,
// the lines in which it says that something is licensed.
func Readme(text []byte) Finding {
	text = text[:min(len(text), maxReadmeBytes)]
	shown, any := licenceSections(text)
	if !any {
		shown, any = licenceLines(text)
	}
	if !any {
		return Finding{License: License{Type: None}}
	}
	return judge(shown, scan(shown, readme), readme)
}

var (
	licenceHeading = regexp.MustCompile(`(?i)^(#{1,6}|=+|\*\*|__|<h[1-6][^>]*>)?\W*(\d+\.?\s*)?(the\s+|copyright\s*(and|&|/)\s*|author(s|ship)?\s*(and|&|/)\s*|code\s+|software\s+)?(licen[cs](e|es|ing)|copying)(\s*(and|&|/)\s*\w+|\s+(information|info|details|notice|agreement|terms))?\W*(</h[1-6]>|\*\*|__)?:?\s*$`)
	anyHeading     = regexp.MustCompile(`(?i)^(#{1,6}\s|={1,5}\s+\S|<h[1-6])`)
	underline      = regexp.MustCompile(`^\s*(={3,}|-{3,}|~{3,}|\^{3,}|\*{3,})\s*$`)
	licenceLine    = regexp.MustCompile(`(?i)(licen[cs]ed|released|distributed|published|available|provided|covered|redistributed?)\s+(under|by|as)|under\s+(the\s+)?(terms|conditions|[\w.+ -]{0,40}licen[cs]e)|^\W*licen[cs]e\W{0,4}:|licen[cs]e-[\w.]+-\w+\.svg|same\s+terms\s+as|public\s+domain`)
)

// licenceSections blanks all of a README but its licence sections, so that lines
// keep their numbers.
func licenceSections(text []byte) (shown []byte, any bool) {
	lines := bytes.SplitAfter(text, []byte{'\n'})
	left := 0 // lines of the section
	fenced := false
	for i, line := range lines {
		trimmed := bytes.TrimSpace(line)
		if bytes.HasPrefix(trimmed, []byte("```")) {
			fenced = !fenced
		}
		underlined := i+1 < len(lines) && len(trimmed) > 0 && underline.Match(lines[i+1])
		marked := underlined || len(trimmed) > 0 && bytes.IndexByte([]byte("#=*_<"), trimmed[0]) >= 0
		switch {
		case fenced:
		case licenceHeading.Match(trimmed) && (marked || bytes.HasSuffix(trimmed, []byte(":")) || bytes.Equal(trimmed, bytes.ToUpper(trimmed))):
			left = sectionLines
			any = true
			shown = append(shown, blanked(line)...)
			continue
		case underlined || anyHeading.Match(trimmed):
			left = 0
		}
		if left == 0 {
			line = blanked(line)
		} else {
			left--
		}
		shown = append(shown, line...)
	}
	return shown, any
}

// licenceLines blanks all of a README but the lines, with the one that follows
// each, that say of something that it is licensed.
func licenceLines(text []byte) (shown []byte, any bool) {
	left := 0
	for line := range bytes.Lines(text) {
		if low := bytes.ToLower(line); (bytes.Contains(low, []byte("licen")) || bytes.Contains(low, []byte("under")) || mayTell(line)) && licenceLine.Match(line) {
			left = 2
			any = true
		}
		if left == 0 || len(bytes.TrimSpace(line)) == 0 {
			left = 0
			line = blanked(line)
		} else {
			left--
		}
		shown = append(shown, line...)
	}
	return shown, any
}

// blanked is a line of the same length that says nothing.
func blanked(line []byte) []byte {
	out := bytes.Repeat([]byte{' '}, len(line))
	if bytes.HasSuffix(line, []byte{'\n'}) {
		out[len(out)-1] = '\n'
	}
	return out
}
