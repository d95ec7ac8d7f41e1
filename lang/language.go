// Package lang tells the language and kind of a text by its path and its bytes,
// turns bytes into UTF-8, and sets Linguist's flags.
package lang

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

// Detector finds languages with go-enry's answers in a fraction of its time. A
// Detector serves one goroutine.
type Detector struct {
	rules map[string]heuristics // by extension
}

// NewDetector returns a detector that has learnt nothing yet.
func NewDetector() *Detector { return &Detector{rules: map[string]heuristics{}} }

// Detect returns Linguist's name for the language of a text, or "". It is
// [enry.GetLanguage] step by step, except that a tie of the classifier, which
// go-enry breaks by the order of a Go map, goes to the first name. The text
// holds no NUL byte.
func (d *Detector) Detect(path string, text []byte) string {
	if lang := modeline(text); lang != "" {
		return lang
	}
	var langs []string
	for _, step := range [...]func(string, []byte, []string) []string{
		enry.GetLanguagesByFilename, shebang, enry.GetLanguagesByExtension, xmlHeader, manpage, d.byContent, byClassifier,
	} {
		found := step(path, text, langs)
		if len(found) == 1 {
			return found[0]
		}
		if len(found) > 1 {
			langs = found
		}
	}
	for _, l := range langs {
		if l != "" {
			return l
		}
	}
	return ""
}

func shebang(path string, text []byte, langs []string) []string {
	if !bytes.HasPrefix(text, []byte("#!")) {
		return data.LanguagesByInterpreter[""]
	}
	return enry.GetLanguagesByShebang(path, text, langs)
}

// xmlHeader looks into the first two lines, when nothing is known yet.
func xmlHeader(_ string, text []byte, langs []string) []string {
	if len(langs) > 0 {
		return langs
	}
	end := 0
	for range 2 {
		i := bytes.IndexByte(text[end:], '\n')
		if i < 0 {
			end = len(text)
			break
		}
		end += i + 1
	}
	if bytes.Contains(text[:end], []byte("xml version=")) {
		return []string{"XML"}
	}
	return nil
}

// manpage runs go-enry's expression on the name, which must have a dot.
func manpage(path string, text []byte, langs []string) []string {
	if strings.IndexByte(path, '.') < 0 {
		return nil
	}
	return enry.GetLanguagesByManpage(path, text, langs)
}

func (d *Detector) byContent(path string, text []byte, _ []string) []string {
	if path == "" {
		return nil
	}
	ext := strings.ToLower(filepath.Ext(path))
	h, ok := data.ContentHeuristics[ext]
	if !ok {
		return nil
	}
	rules, ok := d.rules[ext]
	if !ok {
		rules = compileHeuristics(*h)
		d.rules[ext] = rules
	}
	return rules.match(text)
}

// ByName returns the languages that file name or extension stand for.
func ByName(path string) []string {
	langs := enry.GetLanguagesByFilename(path, nil, nil)
	if len(langs) == 0 {
		langs = enry.GetLanguagesByExtension(path, nil, nil)
	}
	return langs
}

// The kinds of languages, after Linguist's types.
const (
	Code   = "code"   // Linguist: programming
	Markup = "markup" // Linguist: markup
	Prose  = "prose"  // Linguist: prose
	Data   = "data"   // Linguist: data
	Other  = ""       // no language
)

// Kind returns the kind of a language.
func Kind(language string) string {
	switch enry.GetLanguageType(language) {
	case enry.Programming:
		return Code
	case enry.Markup:
		return Markup
	case enry.Prose:
		return Prose
	case enry.Data:
		return Data
	}
	return Other
}
