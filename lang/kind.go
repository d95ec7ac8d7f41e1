package lang

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-enry/go-enry/v2"
)

// The kinds of texts.
const (
	Code   = "code"   // Linguist: programming
	Markup = "markup" // Linguist: markup
	Prose  = "prose"  // Linguist: prose
	Data   = "data"   // Linguist: data
	Other  = ""       // no language, or nothing to be read by its name: see Kind
)

// Kind returns the kind of a text in a language, "" for none, that stands at a path,
// "" for none. It is Linguist's type of the language, but for what these tables say:
// languageKinds of a language, nameKinds of names within the languages of prose and
// without a language. Then rule is the line that decided, in words for people; else it
// is "". What the text itself looks like decides nothing: that is for a filter, whose
// limits a user can change.
func Kind(language, path string) (kind, rule string) {
	kind = linguistKind(language)
	if r, ok := languageKinds[language]; ok {
		kind, rule = r.kind, r.rule
	}
	if kind != Prose && language != "" {
		return kind, rule
	}
	n := newFileName(path)
	for _, r := range nameKinds {
		if (r.languages == nil || slices.Contains(r.languages, language)) && r.fits(n) {
			return r.kind, r.rule
		}
	}
	return kind, rule
}

func linguistKind(language string) string {
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

// kindRule is a line of the tables.
type kindRule struct{ kind, rule string }

// languageKinds are the languages whose kind is another than Linguist's type. Its types
// hold for all others: AsciiDoc, Org, Pod, reStructuredText, Texinfo, Textile, wiki texts
// and Vim's help are prose, RMarkdown and Sweave too; RTF, PostScript and BibTeX are
// markup; CSV, robots.txt and pip's requirements.txt are data, CMakeLists.txt is code.
var languageKinds = map[string]kindRule{
	// Pairs of messages, line for line, as Java Properties and .strings are, which
	// Linguist itself calls data. In the sources of 147 Debian packages they are
	// 71 of 100 bytes of what its types call prose.
	"Gettext Catalog": {Data, "a catalogue of messages"},
	// Linguist's markup is what is made for machines to show, by its looks: HTML, CSS,
	// templates. These are written as texts to be read, like Markdown and Texinfo.
	"Roff":         {Prose, "a typeset document"},
	"Roff Manpage": {Prose, "a manual page"},
	"TeX":          {Prose, "a typeset document"},
	"MDX":          {Prose, "Markdown with components"},
}

// nameKind is a line of the table of names: which names it is of, within which
// languages. Without languages it is of those of prose and of texts without one.
type nameKind struct {
	kindRule
	languages []string
	fits      func(fileName) bool
}

var (
	noLanguage = []string{""}
	plainText  = []string{"Text"} // what Linguist says of .txt: nothing more is known
	anyText    = []string{"Text", ""}
	typeset    = []string{"TeX", "Roff"}
)

// nameKinds is asked from its beginning; the first line that fits decides. A .txt of any
// other name is prose: lists and tables among them are known by their shape alone.
var nameKinds = []nameKind{
	// Macros are programs of a typesetter: packages, classes, styles.
	{kindRule{Markup, "macros of a typesetter"}, typeset, func(n fileName) bool { return macroEndings[n.ext] }},

	// Every repository has the same ones. They are no prose that anybody writes, and
	// no data that a program reads. What they say of other files is read anyway.
	{kindRule{Other, "a licence or notice, by its name"}, nil, fileName.isLicence},
	{kindRule{Other, "a text in a folder of licences"}, anyText, func(n fileName) bool { return !n.isDocument() && n.in(licenceFolders) }},

	// Lists of names and addresses: nothing to read, and personal.
	{kindRule{Other, "a list of people, by its name"}, nil, func(n fileName) bool { return people[strings.TrimSuffix(n.base, n.ext)] }},

	// Programs read these; Linguist knows the commonest names itself.
	{kindRule{Data, "requirements of a package"}, plainText, fileName.isRequirements},
	{kindRule{Data, "written by a build"}, plainText, func(n fileName) bool {
		return n.base == "cmakecache.txt" || strings.HasSuffix(n.folder, ".egg-info") || strings.HasSuffix(n.folder, ".dist-info")
	}},
	{kindRule{Data, "a list of Portage's"}, plainText, func(n fileName) bool { return n.ext == ".mask" }},

	// What stands among tests is what a program reads there, or should have written.
	{kindRule{Other, "a text of a test, by its folder"}, nil, func(n fileName) bool { return !n.isDocument() && n.in(testFolders) }},

	// What a project says of itself in sentences, by names that are older than endings.
	{kindRule{Prose, "a document of its project, by its name"}, noLanguage, fileName.isDocument},
}

// macroEndings are of TeX and Roff.
var macroEndings = setOf(`.sty .cls .clo .def .bbx .cbx .lbx .ins .ldf .fd .cfg .mkii .mkiv .mkvi .aux .toc .tmac .mac`)

// Words of folders' names.
var (
	licenceFolders = setOf(`license licenses licence licences`)
	testFolders    = setOf(`test tests testdata testsuite testsuites testcase testcases testdir testfiles unittest unittests fixture fixtures`)
)

// The first words of names.
var (
	people = setOf(`authors contributors credits thanks maintainers owners codeowners committers sponsors backers`)

	// licences are the names of some, behind words such as COPYRIGHT.
	licences = setOf(`apache bsd mit isc mpl gpl lgpl agpl fdl`)

	// notices are those of licence files besides what contains "license".
	notices = setOf(`copying copyright copyrights notice notices eula patents gpl lgpl agpl fdl gfdl`)

	// documents are README, what was changed (CHANGES and ChangeLog are the same thing
	// in different habits: sentences on what was done), what is to be known before and
	// while one builds, uses, changes and passes on a program. Not here are VERSION,
	// MANIFEST, FILES, INDEX, CONTENTS and the like, which are lists, and words that are
	// more often the names of data and programs (control, config, status, release, test).
	documents = setOf(`readme changes changelog changelogs news history whatsnew relnotes releasenotes announce announcement
		install installation installing building build upgrade upgrading porting packaging
		hacking contributing contribute developing development design internals style roadmap
		todo bugs problems knownbugs limitations faq notes about overview introduction tutorial manual usage help security`)
)

// fileName is what the tables ask of a path, in lower case.
type fileName struct {
	base   string
	head   string // the first word of base: its letters before anything else
	ext    string // with its dot
	folder string // that it stands in
	dir    string // all folders
	// titled is whether the word begins with a capital.
	titled bool
}

func newFileName(p string) fileName {
	base := path.Base(p)
	dir := path.Dir(p)
	word := strings.TrimLeft(base, "0123456789")
	if i := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		word = word[:i]
	}
	first, _ := utf8.DecodeRuneInString(word)
	return fileName{
		base: strings.ToLower(base), head: strings.ToLower(word), ext: strings.ToLower(path.Ext(base)),
		folder: strings.ToLower(path.Base(dir)), dir: dir, titled: unicode.IsUpper(first),
	}
}

// isLicence reports whether a file is a licence's text or a notice: LICENSE-MIT,
// COPYING.LIB, ThirdPartyNotices.txt, gpl-3.0.txt. What license calls so is so here.
func (n fileName) isLicence() bool {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, n.base)
	for _, word := range []string{"license", "licence", "licensing", "licencing", "thirdparty"} {
		if strings.Contains(letters, word) {
			return true
		}
	}
	_, rest, _ := strings.Cut(n.base, n.head)
	rest = strings.TrimLeft(rest, "-_ v0123456789")
	word, _, _ := strings.Cut(strings.TrimSuffix(rest, n.ext), "-")
	whole := rest == "" || rest[0] == '.' || licences[strings.TrimRight(word, "v0123456789.")] // not copying-files.md
	return notices[n.head] && (whole || n.head == "copying" && n.titled)
}

// isRequirements reports whether pip reads a text: requirements-dev.txt,
// dev_requirements.txt, requirements/base.txt, constraints.txt.
func (n fileName) isRequirements() bool {
	stem := strings.TrimSuffix(n.base, n.ext)
	return n.head == "requirements" || n.head == "constraints" || strings.HasSuffix(stem, "requirements") || n.folder == "requirements"
}

// isDocument reports whether a name is one of those of documents: README.Debian,
// ChangeLog-2012, 00readme. But for the commonest three it begins with a capital:
// debian/install is a list, and so are many other words in small letters.
func (n fileName) isDocument() bool {
	switch n.head {
	case "readme", "changes", "changelog":
		return true
	}
	return documents[n.head] && n.titled
}

// in reports whether a folder of the path has one of the words in its name:
// src/jvmTest, tests-data, LICENSES.
func (n fileName) in(words map[string]bool) bool {
	for folder := range strings.SplitSeq(n.dir, "/") {
		before := rune(0)
		start := 0
		for i, r := range folder {
			if !unicode.IsLetter(r) || unicode.IsUpper(r) && unicode.IsLower(before) {
				if words[strings.ToLower(strings.TrimLeftFunc(folder[start:i], notLetter))] {
					return true
				}
				start = i
			}
			before = r
		}
		if words[strings.ToLower(strings.TrimLeftFunc(folder[start:], notLetter))] {
			return true
		}
	}
	return false
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }
