package crawl

import (
	"strings"

	"github.com/codemill/codemill/corpus"
)

// LicenseType returns the type of an SPDX expression: of OR the best, of AND
// the worst, of WITH that of the licence before it. An empty expression is
// [corpus.UnknownLicense]: whether there is no licence at all is not for the
// expression to say.
func LicenseType(expression string) string {
	p := spdxParser{tokens: spdxTokens(expression)}
	t, ok := p.or()
	if !ok || len(p.tokens) > 0 {
		return corpus.UnknownLicense
	}
	return t
}

// validExpression reports whether s has the form of an SPDX expression.
func validExpression(s string) bool {
	p := spdxParser{tokens: spdxTokens(s)}
	_, ok := p.or()
	return ok && len(p.tokens) == 0
}

func spdxTokens(s string) []string {
	return strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s))
}

// spdxParser evaluates while it parses. AND binds tighter than OR.
type spdxParser struct {
	tokens []string
	depth  int
}

// maxSPDXDepth bounds the nesting of brackets.
const maxSPDXDepth = 50

func (p *spdxParser) take(word string) bool {
	if len(p.tokens) > 0 && strings.EqualFold(p.tokens[0], word) {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *spdxParser) or() (string, bool) {
	t, ok := p.and()
	for ok && p.take("OR") {
		var u string
		if u, ok = p.and(); ok {
			t = best(t, u)
		}
	}
	return t, ok
}

func (p *spdxParser) and() (string, bool) {
	t, ok := p.one()
	for ok && p.take("AND") {
		var u string
		if u, ok = p.one(); ok {
			t = worst(t, u)
		}
	}
	return t, ok
}

func (p *spdxParser) one() (string, bool) {
	if p.depth++; p.depth > maxSPDXDepth {
		return "", false
	}
	defer func() { p.depth-- }()
	if p.take("(") {
		t, ok := p.or()
		return t, ok && p.take(")")
	}
	if len(p.tokens) == 0 || !isSPDXWord(p.tokens[0]) {
		return "", false
	}
	t := idType(p.tokens[0])
	p.tokens = p.tokens[1:]
	if p.take("WITH") {
		if len(p.tokens) == 0 || !isSPDXWord(p.tokens[0]) {
			return "", false
		}
		p.tokens = p.tokens[1:]
	}
	return t, true
}

func isSPDXWord(s string) bool {
	switch strings.ToUpper(s) {
	case "OR", "AND", "WITH", "":
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-.+:_", c) >= 0) {
			return false
		}
	}
	return true
}

func best(a, b string) string {
	switch {
	case a == corpus.Permissive || b == corpus.Permissive:
		return corpus.Permissive
	case a == corpus.Copyleft || b == corpus.Copyleft:
		return corpus.Copyleft
	}
	return corpus.UnknownLicense
}

func worst(a, b string) string {
	switch {
	case a == corpus.Copyleft || b == corpus.Copyleft:
		return corpus.Copyleft
	case a == corpus.UnknownLicense || b == corpus.UnknownLicense:
		return corpus.UnknownLicense
	}
	return corpus.Permissive
}

// idType looks up one SPDX id. "-only", "-or-later" and "+" do not matter.
func idType(id string) string {
	id = strings.ToLower(strings.TrimSuffix(id, "+"))
	id = strings.TrimSuffix(strings.TrimSuffix(id, "-only"), "-or-later")
	for p := range strings.FieldsSeq(permissiveIDs) {
		if id == p {
			return corpus.Permissive
		}
	}
	for _, family := range copyleftFamilies {
		if id == family || strings.HasPrefix(id, family+"-") {
			return corpus.Copyleft
		}
	}
	return corpus.UnknownLicense
}

// permissiveIDs follows the Blue Oak Council's list of permissive licences
// (its ratings model to lead), with public domain dedications, as The Stack v2
// counts them. In lower case.
const permissiveIDs = `0bsd aal abstyles adobe-2006 adobe-glyph afl-1.1 afl-1.2 afl-2.0 afl-2.1 afl-3.0
 afmparse amdplpa aml ampas antlr-pd antlr-pd-fallback apache-1.0 apache-1.1 apache-2.0 apafml app-s2p
 artistic-2.0 bahyph barr beerware bitstream-vera blessing blueoak-1.0.0 boehm-gc borceux
 bsd-1-clause bsd-2-clause bsd-2-clause-freebsd bsd-2-clause-netbsd bsd-2-clause-patent bsd-2-clause-views
 bsd-3-clause bsd-3-clause-attribution bsd-3-clause-clear bsd-3-clause-lbnl bsd-3-clause-modification
 bsd-3-clause-open-mpi bsd-4-clause bsd-4-clause-shortened bsd-4-clause-uc bsd-4.3reno bsd-4.3tahoe bsd-source-code bsl-1.0
 bzip2-1.0.5 bzip2-1.0.6 cc-by-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-pddc cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0
 clartistic cnri-jython cnri-python cnri-python-gpl-compatible crossword crystalstacker cube curl
 diffmark doc dotseqn dsdp dvipdfm ecl-1.0 ecl-2.0 efl-1.0 efl-2.0 egenix entessa eudatagrid fair freetype ftl
 fsfap fsful fsfullr giftware glide glulxe gnuplot haskellreport hpnd hpnd-sell-variant htmltidy ibm-pibs icu
 licenseref-c-ares ijg imagemagick info-zip intel intel-acpi isc jasper-2.0 jpnic json latex2e leptonica libpng libpng-2.0 libtiff
 linux-openib lpl-1.02 lpl-1.0 makeindex mit mit-0 mit-advertising mit-cmu mit-enna mit-feh mit-modern-variant mit-open-group mitnfa
 mpich2 ms-pl mtll mulanpsl-1.0 mulanpsl-2.0 multics mup naumen ncsa net-snmp netcdf newsletr nist-pd nist-pd-fallback
 nlpl nrl ntp ntp-0 oar odc-by-1.0 ogc-1.0 oldap-2.8 oldap-2.7 olfl-1.3 oml openssl php-3.0 php-3.01 plexus postgresql
 psf-2.0 psfrag psutils python-2.0 python-2.0.1 qhull rdisc rsa-md ruby saxpath scea sendmail sgi-b-2.0 smlnj snia spencer-86
 spencer-94 spencer-99 ssh-openssh ssh-short stlport-4.6 sunpro swl tcl tcp-wrappers tmate torque-1.1 tosl tu-berlin-1.0
 tu-berlin-2.0 unicode-3.0 unicode-dfs-2015 unicode-dfs-2016 unicode-tou unlicense upl-1.0 vim vsl-1.0 w3c w3c-19980720
 w3c-20150513 w3m widget-workshop wtfpl x11 xfree86-1.1 xinetd xnet xpp xskat zed zend-2.0 zlib
 zlib-acknowledgement zpl-1.1 zpl-2.0 zpl-2.1`

// copyleftFamilies are the first parts of ids that ScanCode's licence database
// puts into its categories Copyleft and Copyleft Limited.
var copyleftFamilies = []string{
	"agpl", "gpl", "lgpl", "gfdl", "mpl", "epl", "cpl", "ipl", "cddl", "eupl", "osl", "nosl", "cecill", "apsl", "cpal", "rpl", "rpsl", "sspl",
	"ms-rl", "qpl", "sleepycat", "spl", "npl", "nokia", "motosoto", "simpl", "sugarcrm", "ofl", "odbl", "vostrom", "watcom", "ypl", "zimbra",
	"artistic", "bittorrent", "catosl", "cua-opl", "cern-ohl-s", "cern-ohl-w", "cc-by-sa", "copyleft-next", "erlpl", "frameworx", "gl2ps",
	"interbase", "lal", "liliq-r", "liliq-rplus", "lppl", "nasa", "nethack", "ngpl", "oclc", "oset-pl", "parity", "tapr-ohl", "tpl", "ubuntu-font", "ucl", "wxwindows",
}
