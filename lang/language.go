package lang

import "github.com/go-enry/go-enry/v2"

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
