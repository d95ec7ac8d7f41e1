package license

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/codemill/codemill/license/spdx"
)

// aliases are the names that manifests have for licences beside [licenseNames],
// which count there as well: a line is an SPDX expression and, after "=", names for
// it, separated by commas, as [aliasKey] compares them. In prose they would be too
// short, or other words. Names that leave open which licence of a family is meant
// stand for a LicenseRef that is called like the family.
//
// The names are those of PyPI's classifiers, CPAN::Meta::Spec, R's licence
// database, Cabal, Maven's usual ones and what authors write by hand.
const aliases = `
0BSD = free public
AFL-3.0 = academic free 3, afl
AGPL-3.0-only = affero general public 3, agpl 3 only
AGPL-3.0-or-later = agpl 3+, gnu affero general public 3 or later agpl 3+, gnu agpl 3+
Apache-1.1 = apache 1 1, apache software 1 1
Apache-2.0 = asf 2, asf 2 0, apache 2 0 only, al 2 0, apache software foundation 2, http www apache org licenses license 2 0 txt, https www apache org licenses license 2 0 txt, http www apache org licenses license 2 0, https www apache org licenses license 2 0, http www apache org licenses license 2 0 html, https www apache org licenses license 2 0 html, apl 2
LicenseRef-Apache = asl, asf
Artistic-1.0-Perl OR GPL-1.0-or-later = perl terms
Artistic-1.0 = artistic 1, artistic 1 0
Artistic-2.0 = perl 6
BSD-2-Clause = new simplified bsd, bsd 2 clause simplified
BSD-3-Clause = new bsd 3 clause, bsd 3 clause new or revised
LicenseRef-BSD = bsd derived
BSL-1.0 = boost software 1, boost software 1 0, boost 1 0
CC0-1.0 = cc0 1 0 universal, cc0 1 0, cc0 1, cc0 1 0 universal cc0 1 0 public domain dedication
CC-BY-4.0 = cc by 4 0
CC-BY-SA-4.0 = cc by sa 4 0, cc by sa 4, creative commons attribution share alike 4 0 international
CDDL-1.0 = cddl 1 0, common development and distribution 1 0, common development and distribution 1 0 cddl 1 0
CECILL-2.1 = cecill 2 1, cecill free software agreement cecill, cea cnrs inria logiciel libre 2 1 cecill 2 1
CECILL-B = cecill b, cecill b free software agreement cecill b
CECILL-C = cecill c, cecill c free software agreement cecill c
CPL-1.0 = cpl, cpl 1 0, common public 1 0
EPL-1.0 = epl 1 0, epl 1, eclipse public 1 0 epl 1 0, eclipse public epl 1 0
EPL-2.0 = epl 2 0, epl 2, eclipse public 2 0 epl 2 0, eclipse public epl 2 0
EUPL-1.1 = eupl 1 1, european union public 1 1 eupl 1 1
EUPL-1.2 = eupl 1 2, european union public 1 2 eupl 1 2
GFDL-1.3-only = gfdl 1 3
LicenseRef-GFDL = fdl, gnu free documentation fdl
GPL-1.0-only = gpl 1
GPL-2.0-only = gnu gpl 2 0, gnu general public 2 gpl 2, general public 2
GPL-2.0-or-later = gpl 2+, gpl 2 0+, gnu gpl 2+, gnu gpl 2 or later, gpl 2 or newer, gnu general public 2 or later gpl 2+, gnu general public 2+, gpl >= 2, gpl >= 2 0, gpl 2 or above
GPL-3.0-only = gnu general public 3 gpl 3, gpl 3 only, general public 3
GPL-3.0-or-later = gpl 3+, gpl 3 0+, gnu gpl 3+, gpl 3 or newer, gnu general public 3 or later gpl 3+, gnu general public 3+, gpl >= 3, gpl >= 3 0
LicenseRef-GPL = gnu general public gpl
HPND = historical permission notice and disclaimer, historical permission notice and disclaimer hpnd
ISC = isc iscl, iscl
LGPL-2.0-only = lgpl 2 0, gnu lgpl 2, gnu lesser general public 2, gnu library general public 2, gnu library or lesser general public 2
LGPL-2.0-or-later = lgpl 2+, gnu lgpl 2+, gnu library general public 2 or later, gnu lesser general public 2 or later, gnu lesser general public 2 or later lgpl 2+, lgpl 2 or later, lgpl >= 2, lgpl >= 2 0, gnu library or lesser general public 2 or later
LGPL-2.1-only = lesser general public 2 1
LGPL-2.1-or-later = lgpl 2 1+, gnu lgpl 2 1+, lgpl >= 2 1
LGPL-3.0-only = lgpl 3 0, gnu lesser general public 3 lgpl 3, lesser general public 3
LGPL-3.0-or-later = lgpl 3+, gnu lgpl 3+, gnu lesser general public 3 or later lgpl 3+, lgpl >= 3, gnu lgpl 3 or later
LicenseRef-LGPL = gnu library or lesser general public lgpl, gnu library or lesser general public
MIT = x11 mit, mit no attribution x11, http www opensource org licenses mit php, http opensource org licenses mit, https opensource org licenses mit, https opensource org licenses mit license php, http opensource org licenses mit license php, https mit license org, http mit license org, mit http opensource org licenses mit, mit like
MIT-0 = mit no attribution, mit 0
MPL-1.0 = mpl 1, mpl 1 0, mozilla public 1 0, mozilla public 1 0 mpl
MPL-1.1 = mpl 1 1, mozilla public 1 1 mpl 1 1
MPL-2.0 = mozilla public 2, mozilla public 2 0 mpl 2 0, mozilla 2 0
LicenseRef-MPL = mozilla
MulanPSL-2.0 = mulan permissive software 2, mulan permissive software 2 mulanpsl 2 0
NCSA = university of illinois ncsa open source
OFL-1.1 = sil open font 1 1, sil open font 1 1 ofl 1 1, sil ofl 1 1
OSL-3.0 = osl 3, osl 3 0, open 3 0, open software 3 0, open software 3 0 osl 3 0
PostgreSQL = postgres
PSF-2.0 = python software foundation 2, psf 2
Python-2.0 = python 2
Unlicense = unlicence, public domain unlicense
UPL-1.0 = universal permissive upl, upl
W3C = w3c, w3c software
WTFPL = do what the f you want to public
X11 = x11
Zlib = zlib libpng zlib, zlib libpng zlib libpng
ZPL-2.1 = zpl 2 1, zope public 2 1
ZPL-2.1 = zpl, zope public
LicenseRef-Fedora-Public-Domain = pd, in public domain, public domain dedication
LicenseRef-restricted = proprietary, commercial, other proprietary, closed source, closed, private, confidential, restricted, all rights reserved, allrightsreserved, other close, unlicensed, none all rights reserved, acm, freeware, shareware, free for non commercial use, free for non commercial use only, noncommercial, non commercial, free for educational use, free for home use, free to use but restricted
`

// aliasTable holds the names of [licenseNames] and [aliases] by their keys.
var aliasTable = sync.OnceValue(func() map[string]Said {
	table := map[string]Said{}
	for _, list := range []struct{ lines, separator string }{{licenseNames, ":"}, {aliases, "="}} {
		for line := range strings.Lines(strings.TrimSpace(list.lines)) {
			expression, names, _ := strings.Cut(line, list.separator)
			expression = strings.TrimSpace(expression)
			s := Said{Finding: Finding{License: FromSPDX(expression), Detected: idsIn(expression)}}
			for name := range strings.SplitSeq(names, ",") {
				table[aliasKey(name)] = s
			}
		}
	}
	return table
})

// aliasKey brings the name of a licence into the form in which names are
// compared: its words in lower case, numbers apart from letters, without those
// that say nothing or the same once more.
func aliasKey(name string) string {
	digits := func(r rune) bool { return unicode.IsDigit(r) || r == '+' }
	var words []string
	word := []rune{}
	end := func() {
		w := string(word)
		word = word[:0]
		switch w {
		case "", "the", "license", "licence", "licenses", "licences", "licensed", "under", "version", "v", "osi", "approved", "released":
			return
		}
		if len(words) == 0 || words[len(words)-1] != w || digits([]rune(w)[0]) { // The MIT License (MIT)
			words = append(words, w)
		}
	}
	for _, r := range strings.ToLower(name) {
		switch {
		case !unicode.IsLetter(r) && !digits(r) && r != '>':
			end()
			continue
		case len(word) > 0 && digits(r) != digits(word[len(word)-1]):
			if digits(r) && len(word) > 1 && word[len(word)-1] == 'v' { // gplv3
				word = word[:len(word)-1]
			}
			end()
		}
		word = append(word, r)
	}
	end()
	return strings.Join(words, " ")
}

// maxNameParts bounds how many licences one value of a manifest names.
const maxNameParts = 20

// named returns what a manifest's value says: a name, an SPDX expression, a list
// of names, or a text. It says nothing where it is empty, and points elsewhere
// where it names a file.
func (r *Recognizer) named(name string) Said {
	s := strings.TrimSpace(name)
	lower := strings.ToLower(s)
	switch {
	case s == "" || lower == "unknown" || lower == "none":
		return Said{Finding: Finding{License: License{Type: None}}}
	case strings.Contains(s, "\n") || len(s) > 200:
		return Said{Finding: r.File([]byte(s))}
	case strings.HasPrefix(lower, "see ") || strings.HasPrefix(lower, "file ") || pointsTo.MatchString(s):
		return Said{Finding: Finding{License: License{Type: None}, Elsewhere: true}}
	}
	s = strings.TrimSpace(strings.TrimPrefix(s, "License ::"))
	s = strings.TrimSpace(strings.TrimPrefix(s, "OSI Approved ::"))
	if known, ok := aliasTable()[aliasKey(s)]; ok {
		return known
	}
	if e, ok := canonical(s); ok {
		return Said{Finding: Finding{License: FromSPDX(e), Detected: idsIn(e)}}
	}
	return several(s)
}

// pointsTo fits the name of a licence file.
var pointsTo = regexp.MustCompile(`(?i)^\.?/?(licen[sc]e|copying)[^ ]*\.(txt|md|rst)$`)

// canonical puts the usual names into an SPDX expression, whose operators are in
// capitals. It reports false for what is none, or one word that is not known.
func canonical(s string) (string, bool) {
	for _, operator := range []string{" or ", " and ", " with "} {
		if strings.Contains(s, operator) {
			return "", false
		}
	}
	one := func(id, exception string) string {
		if known, ok := aliasTable()[aliasKey(id)]; ok && spdx.IsID(known.Expression) {
			id = known.Expression
		}
		if exception != "" {
			id += " WITH " + exception
		}
		return id
	}
	or := func(a, b string) string { return join(a, " OR ", b) }
	and := func(a, b string) string { return join(a, " AND ", b) }
	e, ok := spdx.Eval(s, one, or, and)
	return e, ok && (TypeOf(e) != Unknown || strings.Contains(e, " ") || strings.HasPrefix(e, "LicenseRef-"))
}

// several reads a list of names. Where one of them is not known, or it is not
// clear how they are joined, all of them hold.
func several(s string) Said {
	unknown := Said{Finding: Finding{License: FromSPDX("")}}
	or := strings.NewReplacer(" or ", "|", " OR ", "|", " Or ", "|").Replace(s)
	operator := " OR "
	parts := strings.Split(or, "|")
	if and := strings.NewReplacer(" and ", "|", " AND ", "|", ",", "|", ";", "|", "&", "|", "/", "|").Replace(or); and != or {
		operator = " AND "
		parts = strings.Split(and, "|")
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.Trim(p, "() ") == "" })
	if len(parts) < 2 || len(parts) > maxNameParts {
		return unknown
	}
	var said Said
	var all []License
	for _, p := range parts {
		known, ok := aliasTable()[aliasKey(p)]
		if e, valid := canonical(strings.Trim(p, "() ")); !ok && valid {
			known = Said{Finding: Finding{License: FromSPDX(e), Detected: idsIn(e)}}
		} else if !ok {
			known = unknown
			operator = " AND "
		}
		all = append(all, known.License)
		said.Detected = union(said.Detected, known.Detected)
	}
	said.License = joinAll(all, operator)
	return said
}

// idsIn returns the ids of an expression, sorted.
func idsIn(expression string) []string {
	var ids []string
	keep := func(a, _ bool) bool { return a }
	spdx.Eval(expression, func(id, _ string) bool { ids = append(ids, id); return true }, keep, keep)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// union is what stands in one of two sorted lists.
func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
