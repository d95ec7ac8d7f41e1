package license

import (
	"strings"
	"testing"
)

func TestFormOf(t *testing.T) {
	long := "license-" + strings.Repeat("x", 100-len("license-"))
	for name, want := range map[string]Form{
		"LICENSE": licenceForm, "a/License.txt": licenceForm, "LICENCE.md": licenceForm, "COPYING.LESSER": licenceForm, "UNLICENSE": licenceForm, "copying3": licenceForm, "COPYINGv2": licenceForm,
		"LICENSE-MIT": licenceForm, "LICENSE-MIT.txt": licenceForm, "LICENSE.MIT.md": licenceForm, "LICENSE.Apache": licenceForm, "LICENSE-2.0": licenceForm, "License_1_0.txt": licenceForm, "LICENSE.TXT.in": licenceForm,
		"MIT-LICENSE.txt": licenceForm, "polib.LICENSE": licenceForm, "third_party_license": licenceForm, "LICENSE.OpenSSL": licenceForm, "LICENSE-docs": licenceForm, "gpl-3.0.txt": licenceForm, "LGPL": licenceForm, "mit.license": licenceForm,
		"COPYRIGHT": copyrightForm, "copyright.txt": copyrightForm,
		"LICENSES/MIT.txt": textForm, "a/LICENSES/LicenseRef-x.txt": textForm, "LICENSES/MIT.html": "", "licenses/mit.txt": "",
		"a.py.license": sideForm, "img/logo.svg.license": sideForm, "REUSE.toml": reuseForm, "a/REUSE.toml": reuseForm, "reuse.toml": "", ".reuse/dep5": dep5Form, "dep5": "",
		"license.go": "", "license.json": "", "licensed.txt": "", "LICENSE-check.py": "", "license.css": "", "license.png": "", "license.key": "", "x.txt": "", "license-header.txt": "", "gpl.py": "", "license3d.txt": "",
		"package.json": "package.json", "a/Cargo.toml": "Cargo.toml", "x.gemspec": ".gemspec", ".gemspec": ".gemspec", "x.cabal": ".cabal", "DESCRIPTION": "DESCRIPTION", "description": "", "package.json5": "", "": "", ".": "", "/": "",
		"README": readmeForm, "readme.md": readmeForm, "README.rst": readmeForm, "README.py": "", "README.dev.md": "",
		long: licenceForm, long + "x": "",
	} {
		if got := FormOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for p, want := range map[string]label{
		"LICENSE": {stem: "license"}, "licence.rst": {stem: "licence"}, "COPYING3.LIB": {stem: "copying", licence: true}, "LICENSE-2.0.txt": {stem: "license"},
		"LICENSE-MIT": {stem: "license", licence: true}, "LICENSE.BSD-3-Clause.txt": {stem: "license", licence: true}, "GPLv3-LICENSE": {stem: "license", licence: true},
		"LICENSE.OpenSSL": {stem: "license", scope: "openssl"}, "LICENSE-BUILDTOOLS": {stem: "license", scope: "buildtools"}, "LICENSE_docs.md": {stem: "license", scope: "docs"}, "LICENSE-MIT-docs": {stem: "license", scope: "mitdocs"},
		"a/polib.LICENSE": {stem: "license", scope: "polib", own: true}, "third-party-license.txt": {stem: "license", scope: "thirdparty"},
		"docs/license.rst": {stem: "license", page: true}, "docs/LICENSE": {stem: "license"}, "docs/LICENSE.txt": {stem: "license"}, "site/a/license.md": {stem: "license", page: true},
	} {
		if got, ok := parseLabel(p); !ok || got != want {
			t.Errorf("%s: %+v, %v, want %+v", p, got, ok, want)
		}
	}
}

func TestNeeded(t *testing.T) {
	paths := []string{"COPYRIGHT", "LICENSES/MIT.txt", "README", "a/LICENSE", "a/LICENSES/MIT.txt", "a/README", "a/b/README", "a/package.json", "b/LICENSE-docs", "b/README", "docs/license.md", "docs/README.md"}
	want := []bool{true, true, true, true, false, false, false, true, true, true, true, true}
	for i, need := range Needed(paths) {
		if need != want[i] {
			t.Errorf("%s: %v", paths[i], need)
		}
	}
}
