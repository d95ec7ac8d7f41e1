package license

import (
	"path"
	"strings"

	"github.com/go-enry/go-enry/v2"
)

// maxNameBytes bounds how long the names are that are looked at.
const maxNameBytes = 100

// IsFile reports whether a file holds the text of a licence, by its name.
func IsFile(p string) bool {
	is, _ := role(p)
	return is
}

// role tells licence files by their names. Two files of one folder that are
// alternatives, such as LICENSE-MIT and LICENSE-APACHE, leave the choice
// between them, which is what projects that name them so mean.
func role(p string) (is, alternative bool) {
	name := strings.ToLower(path.Base(p))
	if len(name) > maxNameBytes {
		return false, false
	}
	if path.Base(path.Dir(p)) == reuseDir && strings.HasSuffix(name, ".txt") {
		return true, false
	}
	rest, ok := cutStem(name)
	if !ok {
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".md"), ".txt")
		for _, end := range []string{"-license", "-licence", ".license", ".licence", "_license", "_licence"} {
			if strings.HasSuffix(stem, end) {
				return true, true // MIT-LICENSE.txt
			}
		}
		return false, false
	}
	if rest == "" {
		return true, false
	}
	if !strings.ContainsRune(".-_", rune(rest[0])) {
		return false, false
	}
	switch rest {
	case ".txt", ".md", ".markdown", ".rst", ".adoc", ".html", ".htm", ".rtf", ".in", ".lesser", ".lib":
		return true, false
	}
	if lang, _ := enry.GetLanguageByExtension(name); lang != "" {
		switch enry.GetLanguageType(lang) {
		case enry.Programming, enry.Data:
			return false, false // license.go, license.json
		}
	}
	return true, true
}

// cutStem cuts the word for a licence file off the start of a name.
func cutStem(name string) (rest string, ok bool) {
	for _, stem := range []string{"unlicense", "unlicence", "licenses", "licences", "license", "licence", "copying", "copyright"} {
		if rest, ok = strings.CutPrefix(name, stem); ok {
			return rest, true
		}
	}
	return "", false
}

// reuseDir is the folder in which, by the REUSE specification, the texts of all
// licences stand that files of the project name. It speaks for the folder that
// holds it.
const reuseDir = "LICENSES"

// folderOf returns the folder that a licence file speaks for.
func folderOf(p string) string {
	dir := path.Dir(p)
	if path.Base(dir) == reuseDir {
		return path.Dir(dir)
	}
	return dir
}
