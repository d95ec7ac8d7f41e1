package filter

import (
	"bytes"
	"path"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
)

// What happens to documents that a repository took over from elsewhere.
const (
	// Narrow puts out what lies in folders that package managers and habit
	// reserve for others' code, minified files, copies of a few well-known
	// files, and what the repository calls vendored. It is narrower than Linguist's list, which loses real source such
	// as testdata/, dist/, cache/, deps/ and .github/.
	Narrow = "narrow"
	// Linguist puts out what crawl flagged by Linguist's list.
	Linguist = "linguist"
	// Keep keeps them.
	Keep = "keep"
	// Drop puts out what crawl flagged as generated.
	Drop = "drop"
)

// vendorFolders are matched at any depth, in lower case.
var vendorFolders = choice.SetOf(strings.Fields(`
	node_modules bower_components jspm_packages
	vendor vendors third_party third-party thirdparty 3rdparty 3rd_party 3rd-party
	godeps pods carthage site-packages dist-packages .yarn .pnpm-store`), strings.ToLower)

// minifiedEndings are of names in lower case.
var minifiedEndings = []string{".min.js", "-min.js", ".min.css", "-min.css"}

// A copied file is one that repositories take over as it is: what build systems put
// into each, and libraries of one file. Its name, in lower case, may end in a version
// before its ending; begin stands in its first 2 KB. In the repository that is called
// so itself it is no copy.
type copiedFile struct{ name, begin string }

var copiedFiles = []copiedFile{
	{"gradlew", "start up script for UN*X"}, {"gradlew", "start up script for POSIX"}, {"gradlew.bat", "startup script for Windows"},
	{"mvnw", "Maven"}, {"mvnw.cmd", "Maven"},
	{"config.guess", "Attempt to guess a canonical system name"}, {"config.sub", "Configuration validation subroutine script"},
	{"ltmain.sh", "libtool"}, {"libtool.m4", "libtool"}, {"ltoptions.m4", "libtool"}, {"ltsugar.m4", "libtool"}, {"ltversion.m4", "libtool"}, {"aclocal.m4", "aclocal"},
	{"install-sh", "install a program, script, or datafile"}, {"depcomp", "compile a program generating dependencies"},
	{"missing", "Common wrapper for a few potentially missing"}, {"compile", "Wrapper for compilers which do not understand"},
	{"test-driver", "basic testsuite driver script"}, {"ylwrap", "wrapper for lex/yacc invocations"},
	{"jquery.js", "jQuery"}, {"jquery-ui.js", "jQuery UI"}, {"bootstrap.js", "Bootstrap v"}, {"bootstrap.css", "Bootstrap v"},
	{"normalize.css", "normalize.css v"}, {"font-awesome.css", "Font Awesome"},
	{"sqlite3.c", "an amalgamation of many separate C source files"}, {"sqlite3.h", "the interface that the SQLite library"},
	{"catch.hpp", "Catch v"}, {"doctest.h", "doctest.h - the lightest feature-rich"}, {"json.hpp", "JSON for Modern C++"},
	{"stb_image.h", "stb_image - v"}, {"stb_image_write.h", "stb_image_write - v"}, {"stb_truetype.h", "stb_truetype.h - v"},
	{"six.py", "Utilities for writing code that runs on Python 2 and 3"}, {"versioneer.py", "The Versioneer"}, {"ez_setup.py", "Bootstrap setuptools installation"},
}

// vendored returns by what a document is narrowly vendored, "" for not at all. What its
// repository itself says goes before everything.
func vendored(d *corpus.Doc) string {
	if _, own := d.Flag(corpus.SaidOwn); own {
		return ""
	}
	if at, said := d.Flag(corpus.SaidVendored); said {
		return corpus.SaidVendored + " in " + at
	}
	rest := strings.ToLower(d.Path)
	for {
		folder, after, ok := strings.Cut(rest, "/")
		if !ok {
			break
		}
		if vendorFolders[folder] {
			return "folder " + folder + "/"
		}
		rest = after
	}
	for _, end := range minifiedEndings {
		if strings.HasSuffix(rest, end) {
			return "name " + rest
		}
	}
	for _, f := range copiedFiles {
		if f.is(rest, d) {
			return "copy of " + f.name
		}
	}
	return ""
}

// is reports whether a document of this name, in lower case, is a copy.
func (f copiedFile) is(name string, d *corpus.Doc) bool {
	ending := path.Ext(f.name)
	stem := strings.TrimSuffix(f.name, ending)
	version, ok := strings.CutPrefix(strings.TrimSuffix(name, ending), stem)
	if !ok || !strings.HasSuffix(name, ending) || strings.Trim(version, "-.0123456789") != "" {
		return false
	}
	return bytes.Contains(d.Text[:min(len(d.Text), 2<<10)], []byte(f.begin)) && !strings.Contains(strings.ToLower(path.Base(d.Repo)), strings.TrimRight(stem, "0123456789"))
}

// Explains reports whether [Because] can say more of a reason.
func Explains(reason corpus.Reason) bool {
	return reason == vendorReason || reason == generatedReason || reason == CopyReason
}

// Because says what of a document was the reason for which a policy put it out, as
// far as the document tells; "" where it does not.
func Because(reason corpus.Reason, d *corpus.Doc) string {
	switch reason {
	case vendorReason:
		if why := vendored(d); why != "" {
			return why
		}
		return "Linguist's list"
	case generatedReason:
		if at, said := d.Flag(corpus.SaidGenerated); said {
			return corpus.SaidGenerated + " in " + at
		}
		why, _ := d.Flag(corpus.FlagGenerated)
		return why
	case CopyReason:
		if len(d.AlsoAt) > 0 {
			return "the same blob stands at " + strings.Join(d.AlsoAt[:min(len(d.AlsoAt), 5)], ", ")
		}
	}
	return ""
}
