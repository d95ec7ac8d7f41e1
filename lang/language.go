package lang

import "github.com/go-enry/go-enry/v2"

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

// ByName returns the languages that file name or extension stand for.
func ByName(path string) []string {
	langs := enry.GetLanguagesByFilename(path, nil, nil)
	if len(langs) == 0 {
		langs = enry.GetLanguagesByExtension(path, nil, nil)
	}
	return langs
}

// ByAlias returns Linguist's name for a language by any name of it, in any case.
func ByAlias(name string) (language string, ok bool) { return enry.GetLanguageByAlias(name) }
