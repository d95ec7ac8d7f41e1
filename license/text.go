package license

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"

	"github.com/codemill/codemill/license/spdx"
)

const (
	// declaredBytes and declaredLines are how far into a text Declared looks.
	declaredBytes = 2000
	declaredLines = 20
)

// Declared returns the expression of an SPDX-License-Identifier line at the
// start of a text, or "". It stands for the file alone.
func Declared(text []byte) string {
	const mark = "SPDX-License-Identifier:"
	text = text[:min(len(text), declaredBytes)]
	i := bytes.Index(text, []byte(mark))
	if i < 0 || bytes.Count(text[:i], []byte{'\n'}) >= declaredLines {
		return ""
	}
	line, _, _ := bytes.Cut(text[i+len(mark):], []byte{'\n'})
	s := strings.TrimSpace(string(line))
	for _, end := range []string{"*/", "-->", "--}", "-}", "*)", "#}", "%>", "\"\"\"", "|#"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, end))
	}
	s = strings.Join(strings.Fields(s), " ")
	if !spdx.Valid(s) {
		return ""
	}
	return s
}

// Recognizer names licence texts by google/licenseclassifier, whose corpus it
// loads when the first text comes (0.8 s, 80 MB). It remembers what it has
// seen, copyright lines left aside. It is safe for concurrent use.
type Recognizer struct {
	mu         sync.Mutex
	classifier *classifier.Classifier
	known      map[[32]byte]string // from the hash of a text's words to its expression
}

const (
	// maxTextBytes of a licence file are looked at: classification takes
	// 2 s a megabyte.
	maxTextBytes = 128 << 10
	// minConfidence is under what a match does not count. The classifier's own
	// threshold of 0.8 takes a text with a whole clause changed for the original.
	minConfidence = 0.9
)

// words is what of a text the classifier goes by: its letters and
// digits in lower case, without the lines that begin with a copyright notice.
func words(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for line := range bytes.Lines(bytes.ToLower(text)) {
		line = bytes.TrimLeft(line, " \t#*/;%-")
		if bytes.HasPrefix(line, []byte("copyright ")) || bytes.HasPrefix(line, []byte("(c) ")) {
			continue
		}
		space := true
		for _, c := range line {
			if c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
				out = append(out, c)
				space = false
			} else if !space {
				out = append(out, ' ')
				space = true
			}
		}
		if !space {
			out = append(out, ' ')
		}
	}
	return out
}

// Recognize returns the SPDX expression of a licence text: all the licences in
// it joined by AND, or "".
func (r *Recognizer) Recognize(text []byte) (string, error) {
	if s := Declared(text); s != "" {
		return s, nil
	}
	text = text[:min(len(text), maxTextBytes)]
	key := sha256.Sum256(words(text))
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.known[key]; ok {
		return s, nil
	}
	if r.classifier == nil {
		c, err := assets.DefaultClassifier()
		if err != nil {
			return "", err
		}
		r.classifier = c
		r.known = map[[32]byte]string{}
	}
	s := r.match(text)
	r.known[key] = s
	return s, nil
}

// spdxNames maps the classifier's names of its own for licences that SPDX has.
var spdxNames = map[string]string{
	"Apache-with-LLVM-Exception":         "Apache-2.0 WITH LLVM-exception",
	"Apache-with-Runtime-Exception":      "Apache-2.0 WITH Swift-exception",
	"BSD-0-Clause":                       "0BSD",
	"BSD-3-Clause-OpenMPI":               "BSD-3-Clause-Open-MPI",
	"Business-Source-License-1.1":        "BUSL-1.1",
	"GNU-All-permissive-Copying-License": "FSFAP",
	"Python-2.0-complete":                "Python-2.0",
	"SQLite":                             "blessing",
	"UFL-1.0":                            "Ubuntu-font-1.0",
}

// match asks the classifier. A text on which the classifier panics is one that
// it does not know: licence files are input, and the classifier is not ours.
func (r *Recognizer) match(text []byte) (expression string) {
	defer func() {
		if recover() != nil {
			expression = ""
		}
	}()
	var names []string
	for _, m := range r.classifier.Match(text).Matches {
		if m.MatchType == "License" && m.Confidence >= minConfidence && spdx.Valid(m.Name) {
			names = append(names, cmp.Or(spdxNames[m.Name], m.Name))
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " AND ")
}
