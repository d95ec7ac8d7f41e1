package license

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license/internal/match"
)

// A Finding is what a text says of its licence.
type Finding struct {
	// License has the type [None] where the text says nothing of licences, and
	// [Unknown] where it says something that is not understood.
	License
	Line     int      // the line, from 1, on which the first match begins; 0 if there is none
	Detected []string // every SPDX id that was found, sorted
	// Elsewhere is true of a text that only points to another file, such as
	// "see LICENSE in the root", and names no licence itself. Its type is None.
	Elsewhere bool
}

// small reports whether a finding takes so little that many are remembered.
func (f Finding) small() bool {
	n := len(f.Expression)
	for _, id := range f.Detected {
		n += len(id)
	}
	return n <= maxSmall
}

// A Recognizer reads what texts say of licences, and remembers it. The zero value
// is one, and safe for concurrent use.
type Recognizer struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]Finding
}

const (
	// maxTextBytes of a licence file are looked at. What is longer is never
	// permissive: nobody has read the rest.
	maxTextBytes = 1 << 20
	// minMore is the length of the shortest text of codemill's own patterns.
	minMore = 60
	// maxKnown findings are remembered, 200 bytes each, before all are forgotten.
	maxKnown = 1 << 15
	// maxSmall bounds the bytes of ids of a finding that is remembered.
	maxSmall = 1000
)

// File returns what the text of a licence file says.
func (r *Recognizer) File(text []byte) Finding {
	return r.remember(text, licenceFile, func() Finding {
		shown := text[:min(len(text), maxTextBytes)]
		spans := append(tagSpans(shown), scan(shown, licenceFile)...)
		f := judge(shown, inOrder(spans), licenceFile)
		if len(shown) < len(text) && f.Type == Permissive {
			f.License = FromSPDX(join(f.Expression, " AND ", unknownRef))
		}
		return f
	})
}

// Head returns what the head of a file says, whose language is Linguist's name or
// "": every SPDX-License-Identifier in its first lines or its leading comment,
// joined by AND, of which one that cannot be read makes it [Unknown]; else the
// licence notices of the leading comment, or of the one below a line of code.
func (r *Recognizer) Head(text []byte, language string) Finding {
	header := text[:lang.Header(text, language)]
	if f := tags(text, len(header)); f.Type != None {
		return f
	}
	f := r.notice(header)
	if f.Type != None || f.Elsewhere {
		return f
	}
	// One line of code may stand before it, such as timestamp='2022-01-09'.
	rest := bytes.TrimLeft(text[len(header):], " \t\r\n\f")
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[i+1:]
		if below := r.notice(rest[:lang.Header(rest, language)]); below.Type != None {
			below.Line += bytes.Count(text[:len(text)-len(rest)], []byte{'\n'})
			return below
		}
	}
	return f
}

// notice returns what a comment at the head of a file says.
func (r *Recognizer) notice(comment []byte) Finding {
	if !mayTell(comment) {
		return Finding{License: License{Type: None}}
	}
	return r.remember(comment, fileHead, func() Finding {
		comment := withoutMarks(comment)
		return judge(comment, scan(comment, fileHead), fileHead)
	})
}

// remember returns what find says of a text, which depends on nothing else.
func (r *Recognizer) remember(text []byte, from source, find func() Finding) Finding {
	h := sha256.New()
	h.Write([]byte{byte(from)})
	h.Write(text)
	key := [sha256.Size]byte(h.Sum(nil))
	r.mu.Lock()
	f, ok := r.known[key]
	r.mu.Unlock()
	if ok {
		return f
	}
	if f = found(find); !f.small() {
		return f
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxKnown {
		r.known = map[[sha256.Size]byte]Finding{}
	}
	r.known[key] = f
	return f
}

// found returns what find does. A text over which it panics, which is not known to
// happen, but the scanners are not ours, is one that is not understood.
func found(find func() Finding) (f Finding) {
	defer func() {
		if recover() != nil {
			f = Unread().Finding
		}
	}()
	return find()
}

// headWords are in every head that says something of licences, in lower case, by the
// first of their letters.
var headWords = [256][]string{'l': {"licen"}, 'c': {"copyright"}, 's': {"spdx"}, 'p': {"permission", "public domain", "public license"}, 'r': {"redistribut"}, 'g': {"gpl"}}

// mayTell reports whether one of headWords stands in a head, in any case.
func mayTell(head []byte) bool {
	for i, c := range head {
		for _, w := range headWords[c|0x20] {
			if len(head)-i >= len(w) && head[i+1]|0x20 == w[1] && bytes.EqualFold(head[i:i+len(w)], []byte(w)) {
				return true
			}
		}
	}
	return false
}

// lineMarks are marks of comments that would be words, in lower case.
var lineMarks = []string{"dnl", "rem", "@rem", "@c", "@comment", "c"}

// withoutMarks returns a header of the same length and lines in which the marks
// that are words are spaces.
func withoutMarks(header []byte) []byte {
	out := bytes.Clone(header)
	at := 0
	for line := range bytes.Lines(header) {
		rest := bytes.TrimLeft(line, " \t")
		first, _, _ := bytes.Cut(bytes.TrimRight(rest, "\r\n"), []byte(" "))
		for _, m := range lineMarks {
			if strings.EqualFold(string(first), m) {
				copy(out[at+len(line)-len(rest):], "        "[:len(m)])
			}
		}
		at += len(line)
	}
	return out
}

// spdxOf maps licensecheck's names of its own to expressions, and what is no
// licence but harmless to "".
var spdxOf = map[string]string{
	"Aladdin-9":                "Aladdin",
	"Anti996":                  "LicenseRef-Anti996",
	"BSD-1-Clause-Clear":       "LicenseRef-BSD-1-Clause-Clear",
	"BSD-3-Clause-NoTrademark": "LicenseRef-BSD-3-Clause-NoTrademark",
	"CommonsClause":            "LicenseRef-Commons-Clause",
	"GooglePatentClause":       "",
	"GooglePatentsFile":        "",
	"GPL-2.0-or-3.0":           "GPL-2.0-only OR GPL-3.0-only",
	"LGPL-2.0-or-3.0":          "LGPL-2.0-only OR LGPL-3.0-only",
	"MIT-NoAd":                 "LicenseRef-MIT-NoAd",
	"Prosperity-3.0.0":         "LicenseRef-Prosperity-3.0.0",
	"harmless":                 "",
	// Their texts only disclaim warranty, as those of many other licences do.
	"LicenseRef-scancode-json-js-pd":         "",
	"LicenseRef-scancode-json-pd":            "",
	"LicenseRef-scancode-nortel-dasa":        "",
	"LicenseRef-scancode-philippe-de-muyter": "",
	"LicenseRef-scancode-robert-hubley":      "",
	"LicenseRef-scancode-rsa-1990":           "",
}

// scan returns the matches in a text, in order: licensecheck's, and codemill's
// own in what those leave. The second scanner is apart from the first, whose tolerance
// of misspelt words ends where another pattern has the word.
func scan(text []byte, from source) []span {
	var spans []span
	at := 0
	rest := func(end int) {
		if end-at < minMore || from == fileHead && !mayTell(text[at:end]) {
			return
		}
		for _, m := range match.Own().Scan(text[at:end]) {
			m.Start = begin(text[at:end], m, match.Own())
			spans = append(spans, newSpan(text[at:end], m, at))
		}
	}
	for _, m := range match.Builtin().Scan(text) {
		m.Start = begin(text, m, match.Builtin())
		rest(m.Start)
		spans = append(spans, newSpan(text, m, 0))
		at = m.End
	}
	rest(len(text))
	return spans
}

// copyrightSign fits what a match begins with that was extended.
var copyrightSign = regexp.MustCompile(`(?i)^[^\pL\pN]*(copyright|\(c\)|©|&copy;)([^\pL\pN]*(copyright|\(c\)|©|&copy;))*`)

// begin returns where a match begins. A scanner extends it to the word copyright,
// over up to 50 words that no pattern covers; where some of them matter, the match
// begins with its pattern.
func begin(text []byte, m match.Match, scanner *match.Scanner) int {
	start := m.Start
	for {
		n := len(copyrightSign.Find(text[start:m.End]))
		if n == 0 {
			break
		}
		found := scanner.Scan(text[start+n : m.End])
		i := slices.IndexFunc(found, func(f match.Match) bool { return f.ID == m.ID && start+n+f.End == m.End })
		if i < 0 {
			break
		}
		start += n + found[i].Start
	}
	for _, p := range paragraphs(text[m.Start:start], nil, false) {
		for i := range p.words {
			if of, _ := phrases().match(p.words[i:]); of != nil && of.meaning != harmless && of.meaning != short {
				return start
			}
		}
	}
	return m.Start
}

// newSpan returns a match in a text that begins at a byte of the whole. Scanners
// let pass a word that is not the pattern's: "modified copies" for "sell copies".
func newSpan(text []byte, m match.Match, at int) span {
	expression, ok := spdxOf[m.ID]
	if !ok {
		expression = m.ID
	}
	if low := bytes.ToLower(text[m.Start:m.End]); m.ID == "MIT" && bytes.Contains(low, []byte("sublicense")) && !bytes.Contains(low, []byte("sell")) {
		expression = join(expression, " AND ", unknownRef)
	}
	return span{at + m.Start, at + m.End, expression}
}

// inOrder sorts matches and drops what stands within others.
func inOrder(spans []span) []span {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	end := 0
	return slices.DeleteFunc(spans, func(s span) bool {
		within := s.end <= end
		end = max(end, s.end)
		return within
	})
}
