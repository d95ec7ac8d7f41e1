package lang

import (
	"strings"
	"testing"

	"github.com/go-enry/go-enry/v2/data"
)

// TestKindIsLinguistsType: but for the table of languages, and without a path.
func TestKindIsLinguistsType(t *testing.T) {
	types := map[string]int{}
	for _, l := range data.LanguageInfoByID {
		kind, rule := Kind(l.Name, "")
		types[kind]++
		r, ok := languageKinds[l.Name]
		if ok && (kind != r.kind || rule != r.rule || kind == linguistKind(l.Name)) {
			t.Errorf("%s: %s (%s), Linguist's type is %s", l.Name, kind, rule, linguistKind(l.Name))
		}
		if !ok && (kind != linguistKind(l.Name) || rule != "") {
			t.Errorf("%s: %s (%s), Linguist's type is %s", l.Name, kind, rule, linguistKind(l.Name))
		}
	}
	if len(types) != 4 || types[Prose] < 20 {
		t.Errorf("languages by kind: %v", types)
	}
	for l := range languageKinds {
		if _, ok := ByAlias(l); !ok {
			t.Errorf("%s is no language", l)
		}
	}
	if kind, rule := Kind("", ""); kind != Other || rule != "" {
		t.Errorf("nothing known: %s (%s)", kind, rule)
	}
}

func TestKind(t *testing.T) {
	languages := map[string]bool{}
	for _, l := range data.LanguageInfoByID {
		languages[l.Name] = true
	}
	for _, c := range []struct {
		kind, language string // "" and - for none
		paths          string
	}{
		{Prose, "-", `README README.Debian a/ReadMe readme 00readme README-alpha README_VMS CHANGES Changes changes ChangeLog changelog debian/changelog CHANGELOG.old ChangeLog-2012
			NEWS News.3 HISTORY INSTALL TODO BUGS FAQ HACKING CONTRIBUTING NOTES UPGRADING PORTING TUTORIAL.ko WHATSNEW tests/README`},
		// Small letters, other words, and words that begin like these.
		{Other, "-", `install debian/install news todo history INSTALLER NEWSGROUPS VERSION MANIFEST FILES CONTENTS control a x.y .README2 .. LICENSES debian/copyright`},
		{Other, "-", `LICENSE COPYING COPYING3 COPYING.LIB AUTHORS THANKS CREDITS NOTICE tests/data tests/expect.1`},

		{Prose, "Text", `a.txt doc/a.txt README.txt NEWS INSTALL NEWS.27 CITATION src/latest/a.txt contest/a.txt testament.txt attests/a.txt a/protest-songs/b.txt`},
		{Other, "Text", `LICENSE LICENSE.txt LICENSE-MIT.txt LICENCE.TXT a/License.txt unlicense.txt MIT-LICENSE.txt 3rdpartylicenses.txt ThirdPartyNotices.txt third_party.txt
			COPYING COPYING.LESSER COPYING_LGPL.txt copying.txt copying2.txt COPYRIGHT.txt NOTICE.txt NOTICE.serializer.txt EULA.txt PATENTS gpl.txt GPL-3.0.txt lgpl_v2.1.txt fdl.txt EULA-MIT.txt copyright-gpl-3.0.txt`},
		{Other, "Text", `LICENSES/a.txt a/licenses/b/c.txt assets/License/MIT/a.txt third_party-licences/a.txt`},
		{Prose, "Text", `LICENSES/README.txt licensed-to/a.txt`},
		{Other, "Text", `AUTHORS.txt contributors.txt THANKS.txt`},
		{Other, "Text", `testdata/a.txt a/tests/b.txt src/jvmTest/resources/a.txt test/a.txt t/test-data/a.txt a_test/b.txt unitTests/a.txt spec/fixtures/a.txt 2test/a.txt Test/a.txt`},
		{Prose, "Text", `tests/README.txt tests/ChangeLog.1`},
		{Data, "Text", `requirements.txt requirements-dev.txt dev_requirements.txt test-requirements.txt requirements/base.txt constraints.txt CMakeCache.txt
			x.egg-info/SOURCES.txt a/b.dist-info/top_level.txt profiles/package.mask`},
		{Prose, "Text", `requirement.txt my.egg-info.txt egg-info/a.txt mask.txt`},

		{Prose, "Markdown", `README.md a.md docs/a.md requirements.md copying-files.md noticeboard.md notice-board.md authors-guide.md gpl-faq.md licen.md`},
		{Other, "Markdown", `LICENSE.md docs/license.md CONTRIBUTORS.md MAINTAINERS.md tests/a.md third-party.md`},
		{Prose, "Markdown", `licenses/a.md tests/README.md tests/TODO.md`},
		{Other, "Markdown", `tests/todo.md`},
		{Prose, "reStructuredText", `a.rst`},
		{Other, "Texinfo", `doc/gpl.texi doc/fdl-1.3.texi tests/a.texi`},

		{Prose, "TeX", `a.tex a.ltx doc/a.TEX`},
		{Markup, "TeX", `a.sty a.CLS tests/a.sty x.aux x.toc x.bbx`},
		{Other, "TeX", `tests/a.tex`},
		{Prose, "Roff Manpage", `a.1 man/de/a.8`},
		{Prose, "Roff", `a.man a.ms`},
		{Markup, "Roff", `a.tmac`},
		{Prose, "MDX", `a.mdx`},
		{Data, "Gettext Catalog", `a.po LICENSE README tests/a.po`},

		// All that is not prose keeps its kind whatever its name is.
		{Code, "Go", `README LICENSE tests/a.txt license.go requirements.txt`},
		{Markup, "HTML", `README.html LICENSE.html`},
		{Data, "JSON", `AUTHORS.json`},
		{Code, "CMake", `CMakeLists.txt`},
		{Data, "Pip Requirements", `requirements.txt`},
		{Data, "robots.txt", `robots.txt`},
		{Data, "CSV", `README.csv`},
	} {
		language := strings.TrimPrefix(c.language, "-")
		if language != "" && !languages[language] {
			t.Errorf("%q is no language", language)
		}
		for path := range strings.FieldsSeq(c.paths) {
			if got, rule := Kind(language, path); got != c.kind {
				t.Errorf("%s in %q: %q (%s), want %q", path, language, got, rule, c.kind)
			}
		}
	}
}

// TestKindRules: each line of the table of names decides something, and what is hostile
// ends.
func TestKindRules(t *testing.T) {
	want := map[string]string{
		"a.sty in TeX": "macros of a typesetter", "LICENSE in Text": "a licence or notice, by its name", "licenses/a in Text": "a text in a folder of licences",
		"AUTHORS in ": "a list of people, by its name", "requirements.txt in Text": "requirements of a package", "CMakeCache.txt in Text": "written by a build",
		"use.mask in Text": "a list of Portage's", "tests/a in Text": "a text of a test, by its folder", "README in ": "a document of its project, by its name",
	}
	for name, rule := range want {
		path, language, _ := strings.Cut(name, " in ")
		if _, got := Kind(language, path); got != rule {
			t.Errorf("%s: %q, want %q", name, got, rule)
		}
	}
	for _, r := range nameKinds {
		if !strings.Contains(strings.Join(values(want), "|"), r.rule) {
			t.Errorf("no case for %q", r.rule)
		}
	}
	for _, path := range []string{"", ".", "/", "\xff", "0123", "a/\xff\xfe/b", strings.Repeat("a/", 1<<16), strings.Repeat("tesT", 1<<16) + "/x", strings.Repeat("copying", 1<<16), "_", "copying", "Copying\xff"} {
		Kind("Text", path)
		Kind("", path)
	}
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}
