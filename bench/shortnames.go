package main

import (
	"regexp"
	"strings"
	"sync"

	"github.com/codemill/codemill/corpus"
)

// restricted is the type of licences that are known and not free.
const restricted = "restricted"

// namesOfType are the short names of licences in debian/copyright, in lower
// case, without version where all versions are of one type. Public domain is
// permissive; weak copyleft (LGPL, MPL, OFL) is copyleft; Artistic is permissive,
// as the Blue Oak Council has it. Any other name is of unknown type: packages
// make up their own.
var namesOfType = map[string]string{
	corpus.Permissive: `
		0bsd afl all-permissive apache apache-license apache2 apsl-permissive artistic artistic-perl
		bsd bsd-1-clause bsd-2-clause bsd-2-clause-freebsd bsd-2-clause-netbsd bsd-2-clauses bsd-2clause bsd-3-clause
		bsd-3-clauses bsd-3-clause-google bsd-3clause bsd-4-clause bsd-4-clause-uc bsd-4clause bsd-c2 bsd-c3 bsd-like
		bsd-style bsd2 bsd3 bsd-2 bsd-3 bsl boost boost-software beerware
		cc-by cc0 cecill-b clarified-artistic curl dwtfywtpl edl eclipse-distribution expat expat-like fsfap fsful fsfullr
		fsfullrwd fsf-all-permissive ftl freetype gnu-all-permissive hpnd hylafax icu ijg imagemagick info-zip isc isc-like jpeg
		libpng libtiff mit mit-0 mit-cmu mit-like mit-style mit-x11 mit/x11 ms-pl ncsa ntp openldap oldap openssl
		pd permissive php postgresql psf psfl python python-2.0 public-domain publicdomain ruby ssleay tcl tcl/tk tcltk unicode
		unicode-dfs unicode-data unlicense unlicence uiuc upl w3c wtfpl x11 x11-like x-11 x.org xiph xorg xfree86 zlib zlib/libpng
		zlib-like zope zpl blueoak
		autoconf-archive-permissive bsd-3-clause-generic bsd-cruisecontrol bsd-indiana expat-advertising fsf-unlimited-permission
		fsfullr-no-warranty g10-permissive isc-denviso mit_olif other-bsd tcl-bsdish`,
	corpus.Copyleft: `
		agpl apsl cc-by-sa cddl cecill cecill-c cpl epl eupl fdl gfdl gfdl-niv gnu-fdl gnu-free-documentation gnu-gpl gnu-lgpl
		gpl gpl-niv gplv1 gplv2 gplv3 gplv2+ gplv3+ gpl2 gpl3 lpgl
		lgpl-2.1+3+kdeev lgpl-2+3+kdeev gpl-2+3+kdeev lgpl-2+3 gpl-3_or_lgpl-2.1-qtexception gpl-3+_autoconfexception ibm-public lal lgpl lgplv2 lgplv3 lgpl2 lgpl3 lppl mpl ms-rl
		npl ofl open-font osl qpl sil-ofl sil sil-open-font sleepycat wxwindows odbl`,
	restricted: `
		cc-by-nc cc-by-nc-nd cc-by-nc-sa cc-by-nd commercial freeware no-derivatives non-commercial non-free nonfree noncommercial
		proprietary busl bsl-1.1 sspl elastic`,
}

// typeOfName looks names up in namesOfType.
var typeOfName = sync.OnceValue(func() map[string]string {
	types := map[string]string{}
	for kind, names := range namesOfType {
		for name := range strings.FieldsSeq(names) {
			types[name] = kind
		}
	}
	return types
})

// shortNameTails are what of a short name does not change its type: an exception,
// version, "+".
var shortNameTails = []*regexp.Regexp{
	regexp.MustCompile(`~.*$`), // bsd-3-clause~google
	regexp.MustCompile(`[-_ +]+with(out)?[-_ ].*$`),
	regexp.MustCompile(`[-_. ]?v?[0-9]+(\.[0-9x]+)*(\+|[-_ ]or[-_ ](later|newer)|[-_ ]only)?([-_](us|uk|de|fr|igo|unported))?$`),
}

// typeOfShortName returns the type of one short name.
func typeOfShortName(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "the "), " license"), " licence")
	types := typeOfName()
	for i := 0; ; i++ {
		if t, ok := types[strings.TrimSuffix(name, "+")]; ok {
			return t
		}
		if i == len(shortNameTails) {
			return corpus.UnknownLicense
		}
		name = shortNameTails[i].ReplaceAllString(name, "")
	}
}

// conjunctions, those that bind least first; a comma belongs to one of these.
var conjunctions = []*regexp.Regexp{
	regexp.MustCompile(`, *(?:or|and/or) `), regexp.MustCompile(`, *and `),
	regexp.MustCompile(` (?:or|and/or) |(?: \||\| | /|/ ) *`), regexp.MustCompile(` and | & |, *`),
}

// typeOfShortNames returns the type of a stanza's License: of "or" the best,
// of "and" the worst; "and" binds more, and a comma before either lets it bind
// less (section 7.2). In "A, B or C" the commas stand for "or".
func typeOfShortNames(license string) string {
	license = strings.ToLower(license)
	if strings.Contains(license, " or ") && !strings.Contains(license, " and ") {
		license = bareComma.ReplaceAllString(license, " or $1")
	}
	return typeOfJoined(license, 0)
}

var bareComma = regexp.MustCompile(`, *(?:or )?(\S)`)

func typeOfJoined(license string, level int) string {
	if level == len(conjunctions) {
		return typeOfShortName(license)
	}
	join := bestType
	if level%2 == 1 {
		join = worstType
	}
	joined := ""
	for i, part := range conjunctions[level].Split(license, -1) {
		if i > 0 && strings.HasSuffix(part, "exception") {
			continue // "GPL-2 with OpenSSL and Foo exception"
		}
		t := typeOfJoined(part, level+1)
		if joined == "" {
			joined = t
		} else {
			joined = join(joined, t)
		}
	}
	return joined
}

// bestType is the type of a choice between two licences.
func bestType(a, b string) string {
	return firstOf([]string{corpus.Permissive, corpus.Copyleft, restricted}, a, b)
}

// worstType is the type of two licences that hold together.
func worstType(a, b string) string {
	return firstOf([]string{restricted, corpus.Copyleft, corpus.UnknownLicense}, a, b)
}

// firstOf returns the first of the types that a or b is, or else a.
func firstOf(types []string, a, b string) string {
	for _, t := range types {
		if a == t || b == t {
			return t
		}
	}
	return a
}
