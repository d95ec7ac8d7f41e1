package license

import (
	"strings"
	"testing"
)

func TestManifests(t *testing.T) {
	var r Recognizer
	for _, c := range []struct {
		form Form
		text string
		want string // expression, type; "->" for a pointer
		line int
	}{
		{"package.json", "{\n\"license\": \"MIT\"}", "MIT permissive", 2},
		{"package.json", `{"license":"(MIT OR Apache-2.0)"}`, "MIT OR Apache-2.0 permissive", 1},
		{"package.json", `{"license":{"type":"ISC","url":"x"}}`, "ISC permissive", 1},
		{"package.json", `{"licenses":[{"type":"MIT"},{"type":"GPLv2"}]}`, "MIT OR GPL-2.0-only permissive", 1},
		{"package.json", `{"license":"SEE LICENSE IN LICENSE.md"}`, "->", 0},
		{"package.json", `{"license":"UNLICENSED"}`, "LicenseRef-restricted restricted", 1},
		{"package.json", `{"name":"x"}`, " none", 0},
		{"package.json", `{"license":7}`, " unknown", 1},
		{"package.json", `{"license":`, " unknown", 0},
		{"package.json", `[]`, " unknown", 0},
		{"package.json", "\ufeff{\"license\":\"mit\"}", "MIT permissive", 1},
		{"composer.json", `{"license":["LGPL-2.1-only","GPL-3.0-or-later"]}`, "LGPL-2.1-only OR GPL-3.0-or-later copyleft", 1},
		{"META.json", `{"license":["perl_5"]}`, "Artistic-1.0-Perl OR GPL-1.0-or-later permissive", 1},
		{"META.json", `{"license":["mit","gpl_3"]}`, "MIT AND GPL-3.0-only copyleft", 1},
		{"META.json", `{"license":["unknown"]}`, " none", 0},
		{"Cargo.toml", "[package]\nlicense = \"MIT OR Apache-2.0\"\n", "MIT OR Apache-2.0 permissive", 2},
		{"Cargo.toml", "[package]\nlicense = \"MIT/Apache-2.0\"\n", "MIT OR Apache-2.0 permissive", 2},
		{"Cargo.toml", "[package]\nlicense-file = \"LICENSE\"\n", "->", 0},
		{"Cargo.toml", "[package]\nlicense.workspace = true\n", " none", 0},
		{"Cargo.toml", "[workspace.package]\nlicense = \"GPL-3.0\"\n", "GPL-3.0-only copyleft", 2},
		{"Cargo.toml", "[package\n", " unknown", 0},
		{"pyproject.toml", "[project]\nlicense = {text = \"BSD\"}\nclassifiers = [\"License :: OSI Approved :: BSD License\"]\n", "LicenseRef-BSD permissive", 2},
		{"pyproject.toml", "[project]\nlicense = {file = \"LICENSE\"}\nclassifiers = [\"License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)\"]\n", "GPL-3.0-or-later copyleft", 3},
		{"pyproject.toml", "[tool.poetry]\nlicense = \"Apache-2.0\"\n", "Apache-2.0 permissive", 2},
		{"pyproject.toml", "[project]\nlicense = \"MIT OR Apache-2.0\"\nclassifiers = [\"License :: OSI Approved :: MIT License\", \"License :: OSI Approved :: Apache Software License\"]\n", "MIT OR Apache-2.0 permissive", 2},
		{"pyproject.toml", "[project]\nlicense = {text = \"MIT\"}\nclassifiers = [\"License :: OSI Approved :: GNU General Public License (GPL)\"]\n", "MIT AND LicenseRef-GPL copyleft", 2},
		{"pyproject.toml", "[project]\nlicense = {text = \"GPL\"}\nclassifiers = [\"License :: OSI Approved :: GNU General Public License v2 (GPLv2)\"]\n", "GPL-2.0-only copyleft", 2},
		{"setup.cfg", "[metadata]\nname = x\nlicense = MIT\nclassifiers =\n    Programming Language :: Python\n    License :: OSI Approved :: MIT License\n[options]\nlicense = GPL\n", "MIT permissive", 3},
		{"setup.cfg", "[metadata]\nlicense = file: LICENSE\n", "->", 0},
		{"setup.py", "setup(\n  name='x',\n  license='GPLv3+',\n)\n", "GPL-3.0-or-later copyleft", 3},
		{"setup.py", "setup(license=LICENSE)", " none", 0},
		{"setup.py", "setup(classifiers=['License :: OSI Approved :: MIT License', \"License :: OSI Approved\"])", "MIT permissive", 1},
		{"setup.py", "setup(license='Our Own')", " unknown", 1},
		{"pom.xml", "<project><licenses><license><name>The Apache Software License, Version 2.0</name><url>x</url></license></licenses><build><licenses><license><name>GPL</name></license></licenses></build></project>", "Apache-2.0 permissive", 1},
		{"pom.xml", "<project><licenses><license><name>LGPL 2.1</name></license><license><name>Apache 2</name></license></licenses></project>", "LGPL-2.1-only OR Apache-2.0 permissive", 1},
		{"pom.xml", "<project>", " unknown", 0},
		{".gemspec", "Gem::Specification.new do |s|\n  s.license = 'MIT'\nend\n", "MIT permissive", 2},
		{".gemspec", "spec.licenses    = [\"MIT\", \"GPL-2.0\"]\n", "MIT AND GPL-2.0-only copyleft", 1},
		{".gemspec", "s.licenses = %w[Ruby BSD-2-Clause]\n", "Ruby AND BSD-2-Clause permissive", 1},
		{".gemspec", "# s.license = 'GPL-3.0'\n", " none", 0},
		{".cabal", "name: x\nLicense:   BSD3\nlicense-file: LICENSE\n", "BSD-3-Clause permissive", 2},
		{".cabal", "license-file: LICENSE\n", "->", 0},
		{"DESCRIPTION", "Package: x\nLicense: GPL (>= 2)\n", "GPL-2.0-or-later copyleft", 2},
		{"DESCRIPTION", "Package: x\nLicense: MIT + file LICENSE\n", "MIT permissive", 2},
		{"DESCRIPTION", "Package: x\nLicense: GPL-2 |\n  MIT\n", "GPL-2.0-only OR MIT permissive", 2},
		{"DESCRIPTION", "Package: x\nLicense: file LICENSE\n", "->", 0},
		{"DESCRIPTION", "License: of another kind\n", " none", 0},
		{"package.json", `{"license":"MIT","x":"` + strings.Repeat("x", maxManifestBytes) + `"}`, " unknown", 0},
		{"package.json", `{"license":"MIT","x":"` + strings.Repeat("x", maxManifestBytes-24) + `"}`, "MIT permissive", 1},
		{"Cargo.toml", "[package]\nlicense = \"MIT\"\n#" + strings.Repeat("x", maxTOMLBytes-27), "MIT permissive", 2},
		{"Cargo.toml", "[package]\nlicense = \"MIT\"\n#" + strings.Repeat("x", maxTOMLBytes-26), " unknown", 0},
	} {
		s := r.Read(c.form, []byte(c.text))
		got := s.Expression + " " + s.Type
		if s.Elsewhere {
			got = "->"
		}
		if got != c.want || s.Line != c.line {
			t.Errorf("%s %.100q: %q in line %d, want %q in line %d", c.form, c.text, got, s.Line, c.want, c.line)
		}
	}
}

func TestAliases(t *testing.T) {
	var r Recognizer
	for name, want := range map[string]string{
		"MIT": "MIT permissive", "The MIT License (MIT)": "MIT permissive", "MIT License": "MIT permissive", "mit-license": "MIT permissive", "BSD 3-Clause License": "BSD-3-Clause permissive", "Apache License, Version 2.0": "Apache-2.0 permissive",
		"GPLv2": "GPL-2.0-only copyleft", "GPL-3.0+": "GPL-3.0-or-later copyleft", "GNU GPL v3": "GPL-3.0-only copyleft", "LGPL (>= 2.1)": "LGPL-2.1-or-later copyleft", "CC0": "CC0-1.0 permissive", "public domain": "LicenseRef-Fedora-Public-Domain permissive",
		"MIT or GPL-2.0": "MIT OR GPL-2.0-only permissive", "MIT and GPL-2.0": "MIT AND GPL-2.0-only copyleft", "MIT, BSD": "MIT AND LicenseRef-BSD permissive", "MIT/GPL": "MIT AND LicenseRef-GPL copyleft", "MIT or so": "MIT AND LicenseRef-unknown unknown", "MIT or BSD and GPL": "MIT AND LicenseRef-BSD AND LicenseRef-GPL copyleft",
		"": " none", "UNKNOWN": " none", "Ours": " unknown", "GPL-2.0-only WITH Classpath-exception-2.0": "GPL-2.0-only WITH Classpath-exception-2.0 copyleft", "Freeware": "LicenseRef-restricted restricted",
		"Mozilla Public License": "LicenseRef-MPL copyleft", "EPL": "LicenseRef-EPL copyleft", "Apache Software Licenses": "LicenseRef-Apache permissive", "Mozilla": "LicenseRef-MPL copyleft", "Llama 2 Community License": "LicenseRef-Llama restricted", "same terms as Ruby": "Ruby permissive",
		"MIT OR LicenseRef-x": "MIT OR LicenseRef-x permissive", "MIT OR (BSD AND GPL-2.0)": "MIT OR (LicenseRef-BSD AND GPL-2.0-only) permissive", "LicenseRef-x": "LicenseRef-x unknown", "gpl-3.0": "GPL-3.0-only copyleft", "LICENSE.txt": " none",
		strings.Repeat("MIT or ", maxNameParts-1) + "MIT": "MIT permissive", strings.Repeat("MIT or ", maxNameParts) + "MIT": " unknown",
	} {
		s := r.named(name)
		if got := s.Expression + " " + s.Type; got != want {
			t.Errorf("%.80q: %q, want %q", name, got, want)
		}
	}
	// A name means one licence, and no alias is a name that texts have as well.
	seen := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(licenseNames)) {
		expression, names, ok := strings.Cut(line, ":")
		for name := range strings.SplitSeq(names, ",") {
			key := aliasKey(name)
			if other, twice := seen[key]; !ok || key == "" || twice && other != expression {
				t.Errorf("%q is %s and %s", name, other, expression)
			}
			seen[key] = expression
		}
	}
	for line := range strings.Lines(strings.TrimSpace(aliases)) {
		expression, names, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if l := FromSPDX(expression); !ok || l.Type == Unknown {
			t.Errorf("%q has no type", expression)
		}
		for name := range strings.SplitSeq(names, ", ") {
			key := aliasKey(name)
			if other, twice := seen[key]; key == "" || twice {
				t.Errorf("%q is %s and %s", name, other, expression)
			}
			seen[key] = expression
		}
	}
	if len(seen) < 300 {
		t.Errorf("only %d names", len(seen))
	}
}

// A manifest that names thousands of licences is not read.
func TestManifestOfManyNames(t *testing.T) {
	var r Recognizer
	list := strings.Repeat(`"MIT",`, maxNames)
	for form, text := range map[Form]string{
		"package.json":   `{"license": [` + list + `"MIT"]}`,
		"pyproject.toml": "[project]\nclassifiers = [" + strings.ReplaceAll(list, "MIT", "License :: MIT") + `"License :: MIT"]`,
	} {
		if s := r.Read(form, []byte(text)); s.Type != Unknown {
			t.Errorf("%s: %s", form, s.Type)
		}
	}
	if _, ok := reuseTOML([]byte("[[annotations]]\npath = \"**\"\nSPDX-License-Identifier = [" + list + `"MIT"]`)); ok {
		t.Error("REUSE.toml is read")
	}
}

func FuzzManifest(f *testing.F) {
	scan([]byte(mit+strings.Repeat("the licence of nobody ", 10)), licenceFile) // as in FuzzText
	var r Recognizer
	seeds := map[Form]string{
		"package.json": `{"license":["MIT",{"type":"GPL"}]}`, "Cargo.toml": "[package]\nlicense = \"MIT/ISC\"", "pyproject.toml": "[project]\nlicense = {text = \"BSD\"}", "setup.cfg": "[metadata]\nlicense = MIT\nclassifiers =\n  License :: x",
		"setup.py": "setup(license='MIT')", "pom.xml": "<project><licenses><license><name>MIT</name></license></licenses></project>", ".gemspec": "s.license = 'MIT'", ".cabal": "license: BSD3", "DESCRIPTION": "Package: x\nLicense: GPL (>= 2) | MIT + file LICENSE", dep5Form: "Files: *\nLicense: MIT", reuseForm: "version = 1\n[[annotations]]\npath = \"**\"\nSPDX-License-Identifier = \"MIT\"",
	}
	for form, text := range seeds {
		f.Add(string(form), []byte(text))
	}
	f.Fuzz(func(t *testing.T, form string, text []byte) {
		if _, ok := seeds[Form(form)]; !ok {
			return
		}
		s := r.Read(Form(form), text)
		if s.annotations != nil {
			for _, p := range []string{"x", "a/b.c", string(text[:min(len(text), 50)])} {
				annotated(s.annotations, p)
			}
			return
		}
		switch {
		case s.Type == "" && form != string(dep5Form) && form != string(reuseForm):
			t.Fatalf("%s %q has no type", form, text)
		case s.Type == Permissive && s.Expression == "", s.Type == None && s.Expression != "", s.Elsewhere && s.Type != None:
			t.Fatalf("%s %q: %+v", form, text, s)
		case s.Line < 0 || s.Line > 1+strings.Count(string(text), "\n"):
			t.Fatalf("%s %q: line %d", form, text, s.Line)
		}
	})
}
