package license

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/go-enry/go-enry/v2"
)

// Form is how a file of a tree says something of licences, which its name
// tells. The zero Form is that of all other files.
type Form string

// The forms that are not those of a package manager's manifest, which are called
// as the manifests are.
const (
	licenceForm   Form = "licence"    // the text of a licence, or a notice that names one
	copyrightForm Form = "copyright"  // the same, or only names of authors
	textForm      Form = "LICENSES"   // a text that other files name, in REUSE's folder
	sideForm      Form = "side file"  // FILE.license beside FILE
	reuseForm     Form = "REUSE.toml" // by REUSE, of the files below its folder
	dep5Form      Form = "dep5"       // the same before REUSE 3.2
	readmeForm    Form = "readme"
)

// maxNameBytes bounds how long the names are that are looked at.
const maxNameBytes = 100

// FormOf tells by its path how a file says something of licences.
func FormOf(p string) Form {
	name := path.Base(p)
	if len(name) > maxNameBytes {
		return ""
	}
	dir := path.Dir(p)
	if f := manifestForm(name); f != "" {
		return f
	}
	lower := strings.ToLower(name)
	stem := withoutTextEnding(lower)
	switch {
	case name == "REUSE.toml":
		return reuseForm
	case name == "dep5" && path.Base(dir) == ".reuse":
		return dep5Form
	case path.Base(dir) == reuseDir:
		if strings.HasSuffix(lower, ".txt") {
			return textForm
		}
		return ""
	case stem == "readme":
		return readmeForm
	}
	if of, ok := strings.CutSuffix(lower, ".license"); ok && strings.Contains(of, ".") && !namesLicence(of) {
		return sideForm
	}
	if l, ok := parseLabel(p); ok && l.stem == "copyright" {
		return copyrightForm
	} else if ok {
		return licenceForm
	}
	return ""
}

// reuseDir is the folder in which, by the REUSE specification, the texts of all
// licences stand that files of the project name. It speaks for the folder that
// holds it where nothing else does.
const reuseDir = "LICENSES"

// label is what the name of a licence file says of what it speaks for.
type label struct {
	stem    string // license, licence, copying …
	licence bool   // LICENSE-MIT: named by the licence itself
	scope   string // in the form of scopeKey: what the file speaks for; "" for its folder
	own     bool   // NAME.LICENSE: speaks for NAME alone
	page    bool   // a page of the documentation
}

// stems are the words for a licence file, none before one that it begins with.
var stems = []string{"unlicense", "unlicence", "licensing", "licencing", "licenses", "licences", "license", "licence", "copying", "copyright", "eula"}

// parseLabel reads the name of a licence file; false for other names.
func parseLabel(p string) (l label, ok bool) {
	name := withoutTextEnding(strings.ToLower(path.Base(p)))
	l.page = isDocs(p) && name != strings.ToLower(path.Base(p)) && !strings.HasSuffix(strings.ToLower(p), ".txt")
	for _, stem := range stems {
		if rest, found := strings.CutPrefix(name, stem); found {
			l.stem = stem
			return l, l.suffix(rest)
		}
	}
	for _, stem := range []string{"license", "licence"} {
		if rest, found := strings.CutSuffix(name, stem); found && strings.ContainsRune(".-_ ", rune(rest[len(rest)-1])) {
			l.stem = stem
			l.own = rest[len(rest)-1] == '.'
			return l, l.name(rest)
		}
	}
	// GPL.txt, gpl-3.0, COPYING's text under the licence's own name
	if word := strings.TrimRight(scopeKey(name), "v0123456789"); slices.Contains([]string{"gpl", "lgpl", "agpl"}, word) && !codeEnding(name) {
		l.stem = "copying"
		l.licence = true
		return l, true
	}
	return l, false
}

// suffix reads what stands behind the stem. It reports false for what is no text:
// license.go, license.png.
func (l *label) suffix(rest string) bool {
	tail := strings.TrimLeft(rest, "v0123456789") // COPYING3
	switch {
	case tail == "":
		return true
	case !strings.ContainsRune(".-_ ", rune(tail[0])): // licensed
		return false
	case codeEnding(rest):
		return false
	}
	return l.name(tail)
}

// name reads the part of the name that is not the stem.
func (l *label) name(s string) bool {
	if strings.Trim(s, ".-_ v0123456789") == "" {
		return true // LICENSE-2.0
	}
	if l.licence = namesLicence(s); l.licence {
		return true
	}
	l.scope = scopeKey(s)
	// The notice that a project puts into its files is none that stands for them.
	return !slices.Contains([]string{"header", "headers", "template", "tmpl", "tpl", "boilerplate"}, l.scope)
}

// codeEnding reports whether a name ends like that of a program, of data or of
// what is no text. What ends in the name of a licence does not.
func codeEnding(name string) bool {
	ext := path.Ext(name)
	if strings.Trim(ext, ".0123456789") == "" || namesLicence(ext) {
		return false
	}
	if slices.Contains(strings.Fields(".key .dat .lic .cfg .conf .log .sig .asc .png .jpg .jpeg .gif .ico .svg .zip .gz"), ext) {
		return true
	}
	lang, _ := enry.GetLanguageByExtension("x" + ext)
	switch enry.GetLanguageType(lang) {
	case enry.Programming, enry.Data, enry.Markup:
		return lang != ""
	}
	return false
}

// textEndings are those of texts for people.
var textEndings = strings.Fields(".txt .text .md .markdown .mkd .rst .adoc .asciidoc .org .textile .html .htm .xhtml .rtf .in .tex .texi .pod")

func withoutTextEnding(name string) string {
	for range 2 { // LICENSE.txt.in
		if ext := path.Ext(name); ext != "" && slices.Contains(textEndings, ext) {
			name = strings.TrimSuffix(name, ext)
		}
	}
	return name
}

// isDocs reports whether a path lies in the documentation.
func isDocs(p string) bool {
	for e := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
		switch e {
		case "doc", "docs", "documentation", "site", "website", "wiki", "manual", "pages":
			return true
		}
	}
	return false
}

// licenceNames are what licences are called in the names of their files. Words
// that are also names of programs, such as python or openssl, are not here.
var licenceNames = strings.Fields("mit expat apache asl bsd gpl lgpl agpl gfdl fdl mpl isc zlib boost bsl unlicense unlicence cc cc0 ccby " +
	"wtfpl x11 psf epl cddl artistic ofl ncsa afl eupl lesser lib upl mulan mulanpsl blueoak mspl zpl cecill ecl osl odbl pddl 0bsd")

// licenceParts may stand behind the name of a licence in the name of its file.
var licenceParts = strings.Fields("only or later clause by sa nc nd v lesser license licence")

// namesLicence reports whether what stands beside the stem of a file's name is
// the name of a licence and nothing else.
func namesLicence(s string) bool {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		bare := strings.TrimRight(w, "0123456789")
		if bare != "v" {
			bare = strings.TrimSuffix(bare, "v") // GPLv3
		}
		known := bare == "" || slices.Contains(licenceParts, bare)
		if i == 0 {
			known = slices.Contains(licenceNames, w) || slices.Contains(licenceNames, bare)
		}
		if !known {
			return false
		}
	}
	return len(words) > 0
}

// scopeKey is the form in which a scope is compared with the names of files and
// folders: letters and digits in lower case.
func scopeKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// mediaKind is of files that are no texts.
const mediaKind = "media"

// The scopes that are kinds of files rather than names.
var scopeKinds = map[string]string{
	"code": "code", "source": "code", "sources": "code", "sourcecode": "code", "src": "code", "software": "code",
	"doc": "prose", "docs": "prose", "documentation": "prose", "text": "prose", "texts": "prose", "content": "prose", "contents": "prose", "prose": "prose", "book": "prose", "manual": "prose",
	"data": "data", "dataset": "data", "datasets": "data",
	"font": mediaKind, "fonts": mediaKind, mediaKind: mediaKind, "image": mediaKind, "images": mediaKind, "icons": mediaKind, "assets": mediaKind, "art": mediaKind, "artwork": mediaKind, "sounds": mediaKind, "music": mediaKind, "logo": mediaKind, "model": mediaKind, "models": mediaKind, "weights": mediaKind,
}
