package lang

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

// Detector finds languages and flags with go-enry's answers in a fraction of its
// time, but for what [Detector.Generated] and perlTest say. It makes its automata as texts ask for them. A Detector serves one
// goroutine.
type Detector struct {
	rules    map[string]*heuristics // by extension
	vendored *automaton             // over paths, as the next two
	docs     *automaton
	tests    *automaton
}

// NewDetector returns a detector that has learnt nothing yet.
func NewDetector() *Detector {
	return &Detector{rules: heuristicsTable(), vendored: newAutomaton(data.FastVendorMatcher.String()), docs: anyOf(data.DocumentationMatchers), tests: anyOf(data.TestMatchers)}
}

// Detect returns Linguist's name for the language of a text, or "". It is
// [enry.GetLanguage] step by step, except that Perl's tests are Perl, and that a tie of the classifier, which
// go-enry breaks by the order of a Go map, goes to the first name. The text
// holds no NUL byte.
func (d *Detector) Detect(path string, text []byte) string {
	if lang := modeline(text); lang != "" {
		return lang
	}
	var langs []string
	for _, step := range [...]func(string, []byte, []string) []string{
		enry.GetLanguagesByFilename, shebang, enry.GetLanguagesByExtension, xmlHeader, manpage, perlTest, d.byContent, byClassifier,
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

// byContent asks the rules for the extension.
func (d *Detector) byContent(path string, text []byte, _ []string) []string {
	rules := d.rules[strings.ToLower(filepath.Ext(path))]
	if rules == nil {
		return nil
	}
	return rules.match(text)
}

var (
	testModule = regexp.MustCompile(`(?m)^\s*use\s+(?:Test::(?:More|Simple|Most|Deep|Exception|Fatal|Warn)|Test2::[\w:]+)\b`)
	raku       = regexp.MustCompile(`(?m)^\s*use\s+(?:v6|Test\s*;)`)
)

// perlTest knows Perl's tests by the modules that they use, all of CPAN, where
// Linguist's rules for .t ask for "use strict" or the like and its classifier
// guesses Raku. Raku's own module is Test.
func perlTest(path string, text []byte, _ []string) []string {
	if strings.EqualFold(filepath.Ext(path), ".t") && bytes.Contains(text, []byte("Test")) && testModule.Match(text) && !raku.Match(text) {
		return []string{"Perl"}
	}
	return nil
}
