package filter

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
)

func ptr(f float64) *float64 { return &f }

// judge is the verdict alone.
func judge(f *Filter, d *corpus.Doc) corpus.Verdict {
	v, _ := f.Judge(d)
	return v
}

func mustNew(t testing.TB, c Config) *Filter {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// doc is a Go file of 200 good characters unless changed.
func doc(change func(*corpus.Doc)) *corpus.Doc {
	d := &corpus.Doc{Source: "s", Repo: "github.com/Owner/Name", Path: "a/b.go", Language: "Go", Kind: corpus.Code,
		LicenseType: corpus.Permissive, License: "MIT", LicenseFrom: corpus.FromFile, Text: []byte(strings.Repeat("package name here;\n", 10))}
	if change != nil {
		change(d)
	}
	return d
}

func TestDeepSeekCoder(t *testing.T) {
	f, starcoder := mustNew(t, Config{}), mustNew(t, Config{Exemptions: StarCoder})
	in := func(language, kind, path, text string) *corpus.Doc {
		return doc(func(d *corpus.Doc) { d.Language, d.Kind, d.Path, d.Text = language, kind, path, []byte(text) })
	}
	short := strings.Repeat("word\n", 1000) // keeps the mean low
	for _, c := range []struct {
		doc              *corpus.Doc
		reason, exempted corpus.Reason
		value, limit     float64
	}{
		{doc(nil), "", "", 0, 0},
		{in("Go", corpus.Code, "a.go", strings.Repeat("x", 1000)+"\n"+short), "", "", 0, 0},
		{in("Go", corpus.Code, "a.go", strings.Repeat("x", 1001)+"\n"+short), "max_line_length", "max_line_length", 1001, 1000},
		{in("", corpus.Other, "a.q", strings.Repeat("é", 1001)+"\n"+short), "max_line_length", "max_line_length", 1001, 1000},
		{in("Go", corpus.Code, "a.go", strings.Repeat("x", 100)+"\n"), "", "", 0, 0},
		{in("Go", corpus.Code, "a.go", strings.Repeat("x", 101)+"\n"), "mean_line_length", "mean_line_length", 101, 100},
		{in("SQL", corpus.Data, "a.SQL", strings.Repeat("x", 101)+"\n"), "mean_line_length", "", 101, 100},
		{in("R", corpus.Code, "a.r", strings.Repeat("x", 1001)), "max_line_length", "", 1001, 1000},
		{in("Go", corpus.Code, "a.r", strings.Repeat("x", 1001)), "max_line_length", "max_line_length", 1001, 1000},
		{in("Go", corpus.Code, "a.go", "a123"), "", "", 0, 0},
		{in("Go", corpus.Code, "a.go", "a1234"), "alphabetic_fraction", "alphabetic_fraction", 0.2, 0.25},
		{in("Go", corpus.Code, "a.go", ""), "alphabetic_fraction", "alphabetic_fraction", 0, 0.25},
		{in("Stata", corpus.Code, "a.do", "1234"), "alphabetic_fraction", "", 0, 0.25},
		{in("Markdown", corpus.Prose, "a.md", strings.Repeat("x", 5000)), "", "", 0, 0},
		{in("Markdown", corpus.Prose, "a.md", strings.Repeat("x", 100_001)), "prose_max_line_length", "prose_max_line_length", 100_001, 100_000},
		{in("XML", corpus.Data, "a.xml", "<?xml version=\"1.0\"?>\n<abcdefgh/>"), "xml_declaration", "xml_declaration", 1, 0},
		{in("XSLT", corpus.Code, "a.xsl", "<?xml version=\"1.0\"?>\n<abcdefgh/>"), "", "", 0, 0},
		{in("HTML", corpus.Markup, "a.html", "<p>\n"+strings.Repeat("x", 98)), "html_visible_chars", "html_visible_chars", 99, 100},
		{in("HTML", corpus.Markup, "a.html", "<p>"+strings.Repeat("x", 97)+"\nyz"), "", "", 0, 0},
		{in("HTML", corpus.Markup, "a.html", strings.Repeat("<div>\n", 1000)+strings.Repeat("x", 100)), "html_visible_fraction", "html_visible_fraction", 1100. / 6100, 0.2},
		{in("JSON", corpus.Data, "a.json", "{}"+strings.Repeat("x", 47)), "data_chars", "data_chars", 49, 50},
		{in("JSON", corpus.Data, "a.json", "{}"+strings.Repeat("x", 48)), "", "", 0, 0},
		{in("YAML", corpus.Data, "a.yml", strings.Repeat("xxxx\n", 1000)), "", "", 0, 0},
		{in("YAML", corpus.Data, "a.yml", strings.Repeat("xxxx\n", 1000)+"x"), "data_chars", "data_chars", 5001, 5000},
		{in("TOML", corpus.Data, "a.toml", "x"), "", "", 0, 0},
		{in("Gettext Catalog", corpus.Data, "a.po", strings.Repeat("xxxx\n", 1000)), "", "", 0, 0},
		{in("Gettext Catalog", corpus.Data, "a.po", strings.Repeat("xxxx\n", 1000)+"x"), "data_chars", "data_chars", 5001, 5000},
		{in("Text", corpus.Prose, "a.txt", "one\ntwo\nsix\nabc defghi\n"), "", "", 0, 0},
		{in("Text", corpus.Prose, "a.txt", "one\ntwo\nsix\nabcd efgh\n"), "prose_rows", "prose_rows", 9. / 17, 0.5},
		{in("", corpus.Prose, "README", "one\ntwo\nsix\n"), "prose_rows", "prose_rows", 1, 0.5},
		{in("CSV", corpus.Data, "a.csv", "one\ntwo\nsix\n"), "", "", 0, 0},
		{in("Text", corpus.Prose, "a.txt", "abcdefg123"), "", "", 0, 0},
		{in("Text", corpus.Prose, "a.txt", "abcdef1234"), "prose_digits", "prose_digits", 0.4, 0.3},
		{in("Go", corpus.Code, "a.go", "abcdef1234"), "", "", 0, 0},
	} {
		v := judge(f, c.doc)
		if v.Reason != c.reason || v.Value != c.value || v.Limit != c.limit || v.Survivor != corpus.NoPos {
			t.Errorf("%s %.20q: %+v, want %q %v %v", c.doc.Path, c.doc.Text, v, c.reason, c.value, c.limit)
		}
		if v := judge(starcoder, c.doc); v.Reason != c.exempted {
			t.Errorf("%s %.20q: exempted %+v, want %q", c.doc.Path, c.doc.Text, v, c.exempted)
		}
	}
}

func TestPolicies(t *testing.T) {
	list := filepath.Join(t.TempDir(), "optout")
	if err := os.WriteFile(list, []byte("# comment\n\nhttps://github.com/owner/name.git\nacme/*\r\ncodeberg.org/Group/*\nfield/sub/*\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config Config
		change func(*corpus.Doc)
		want   corpus.Reason
	}{
		{Config{OptOut: list}, nil, "opt_out"},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "owner/name" }, "opt_out"},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "gitlab.com/owner/name" }, ""},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "https://git.example.org/ACME/x.git" }, "opt_out"},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "" }, ""},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "codeberg.org/group/x" }, "opt_out"},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "group/x" }, "opt_out"}, // named without its host
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "gitlab.com/group/x" }, ""},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "groups/x" }, ""},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "group" }, ""},
		{Config{OptOut: list}, func(d *corpus.Doc) { d.Repo = "sub/x" }, ""}, // field has no dot: not a host
		{Config{Languages: Languages{Include: []string{"Python"}}}, nil, "language"},
		{Config{Languages: Languages{Exclude: []string{"Go"}}}, nil, "language"},
		{Config{Languages: Languages{Include: []string{"Go"}}}, nil, ""},
		{Config{Languages: Languages{Exclude: []string{"Python"}}}, nil, ""},
		{Config{Languages: Languages{Include: []string{"Go", "C"}, Exclude: []string{"C"}}}, nil, ""},
		{Config{Languages: Languages{Include: []string{"Go"}, Exclude: []string{"Go"}}}, nil, "language"},
		{Config{}, func(d *corpus.Doc) { d.LicenseType, d.License = corpus.Copyleft, "GPL-3.0" }, ""},
		{Config{License: License{Keep: []string{"permissive"}}}, func(d *corpus.Doc) { d.LicenseType = corpus.NoLicense; d.License = "" }, "license_type"},
		{Config{License: License{Keep: []string{"permissive"}, Allow: []string{"mpl-2.0"}}}, func(d *corpus.Doc) { d.LicenseType, d.License = corpus.Copyleft, "MPL-2.0" }, ""},
		// What is kept by its type needs no leave by its name.
		{Config{License: License{Keep: []string{"permissive"}, Allow: []string{"MPL-2.0"}}}, nil, ""},
		{Config{License: License{Keep: []string{"permissive"}, Allow: []string{"MPL-2.0"}}}, func(d *corpus.Doc) { d.LicenseType, d.License = corpus.UnknownLicense, "" }, "license_type"},
		{Config{License: License{Allow: []string{"MIT"}}}, nil, ""},
		{Config{License: License{Allow: []string{"ISC"}}}, nil, "license_type"},
		{Config{License: License{Keep: []string{"permissive"}}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromManifest }, ""},
		{Config{License: License{Keep: []string{"permissive"}}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromReadme }, "license_from"},
		{Config{License: License{Keep: []string{"permissive"}}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromSource }, "license_from"},
		{Config{License: License{Keep: []string{"permissive"}}}, func(d *corpus.Doc) { d.LicenseFrom = "" }, "license_from"},
		{Config{License: License{Keep: []string{"permissive"}, From: "source"}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromSource }, ""},
		{Config{License: License{Keep: []string{"permissive"}, From: "head"}}, nil, "license_from"},
		{Config{License: License{Keep: []string{"permissive"}, From: "head"}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromHead }, ""},
		{Config{License: License{Keep: []string{"permissive", "unknown"}}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromReadme }, ""},
		{Config{License: License{Allow: []string{"MIT"}}}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromReadme }, "license_from"},
		{Config{License: License{Keep: []string{"copyleft"}}}, func(d *corpus.Doc) {
			d.LicenseType, d.License, d.LicenseFrom = corpus.Copyleft, "GPL-3.0", corpus.FromReadme
		}, ""},
		{Config{}, func(d *corpus.Doc) { d.LicenseFrom = corpus.FromReadme }, ""},
		{Config{License: License{Keep: []string{"permissive", "copyleft"}}}, func(d *corpus.Doc) { d.LicenseType, d.License = corpus.Restricted, "CC-BY-NC-4.0" }, "license_type"},
		{Config{License: License{Keep: []string{"restricted"}}}, func(d *corpus.Doc) { d.LicenseType, d.License = corpus.Restricted, "CC-BY-NC-4.0" }, ""},
		{Config{License: License{Deny: []string{"MIT"}}}, nil, "license"},
		{Config{License: License{Deny: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "MIT OR GPL-2.0-only" }, ""},
		{Config{License: License{Deny: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only OR MIT" }, ""},
		{Config{License: License{Deny: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only AND MIT" }, "license"},
		{Config{License: License{Deny: []string{"GPL-2.0 WITH Classpath-exception-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only WITH Classpath-exception-2.0" }, "license"},
		{Config{License: License{Deny: []string{"GPL-2.0 WITH Classpath-exception-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only" }, ""},
		{Config{License: License{Allow: []string{"GPL-2.0 WITH Classpath-exception-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only WITH Classpath-exception-2.0" }, ""},
		{Config{License: License{Allow: []string{"GPL-2.0 WITH Classpath-exception-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only" }, "license_type"},
		{Config{License: License{Allow: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0-only WITH Classpath-exception-2.0" }, ""},
		{Config{License: License{Allow: []string{"MIT"}}}, func(d *corpus.Doc) { d.License = "" }, "license_type"},
		{Config{License: License{Deny: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "MIT AND (BSD-3-Clause OR ISC) AND GPL-2.0-or-later" }, "license"},
		{Config{License: License{Deny: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "GPL-2.0 WITH Classpath-exception-2.0" }, "license"},
		{Config{License: License{Deny: []string{"GPL-2.0"}}}, func(d *corpus.Doc) { d.License = "MIT OR ((GPL-2.0" }, "license"},
		{Config{}, func(d *corpus.Doc) { d.Path = "x/Node_Modules/y.go" }, "vendor"},
		{Config{}, func(d *corpus.Doc) { d.Path = "src/vendor/golang.org/x/net/html/doc.go" }, "vendor"},
		{Config{}, func(d *corpus.Doc) { d.Path = "web/app.min.js" }, "vendor"},
		{Config{}, func(d *corpus.Doc) { d.Path = "gradlew" }, ""},
		{Config{}, func(d *corpus.Doc) {
			d.Path = "own/vendor/a.go"
			d.Flags = []string{"-linguist-vendored: .gitattributes:1"}
		}, ""},
		{Config{}, func(d *corpus.Doc) { d.Path = "a.go"; d.Flags = []string{"linguist-vendored: .gitattributes:1"} }, "vendor"},
		{Config{Vendor: Keep}, func(d *corpus.Doc) { d.Path = "a.go"; d.Flags = []string{"linguist-vendored: .gitattributes:1"} }, ""},
		{Config{}, func(d *corpus.Doc) { d.Path = "cache/testdata/dist/deps/.github/a.go"; d.IsVendor = true }, ""},
		{Config{}, func(d *corpus.Doc) { d.Path = "vendoring/vendor.go" }, ""},
		{Config{Vendor: Linguist}, func(d *corpus.Doc) { d.IsVendor = true }, "vendor"},
		{Config{Vendor: Keep}, func(d *corpus.Doc) { d.IsVendor = true; d.Path = "vendor/a.go" }, ""},
		{Config{}, func(d *corpus.Doc) { d.IsGenerated = true }, "generated"},
		{Config{Generated: Keep}, func(d *corpus.Doc) { d.IsGenerated = true }, ""},
		{Config{Size: Size{Min: 191}}, nil, "min_bytes"},
		{Config{Size: Size{Min: 190, Max: 190}}, nil, ""},
		{Config{Size: Size{Max: 189}}, nil, "max_bytes"},
		{Config{Rules: []Rule{{Name: "many_words", Metric: "words", Max: ptr(29)}}}, nil, "many_words"},
		{Config{Rules: []Rule{{Name: "many_words", Metric: "words", Max: ptr(30)}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Extensions: []string{".PY"}}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Extensions: []string{".GO"}}}}, nil, "w"},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), ExceptExtensions: []string{".go"}}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Kinds: []string{"other"}}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Kinds: []string{"other"}}}}, func(d *corpus.Doc) { d.Kind = corpus.Other }, "w"},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Languages: []string{"Go"}}}}, nil, "w"},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Languages: []string{"C"}}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Except: []string{"Go"}}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Except: []string{"C"}}}}, nil, "w"},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), ExceptExtensions: []string{".py"}}}}, nil, "w"},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Max: ptr(1), Extensions: []string{".go"}, ExceptExtensions: []string{".go"}}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Min: ptr(31)}}}, nil, "w"},
		{Config{Rules: []Rule{{Name: "w", Metric: "words", Min: ptr(30), Max: ptr(30)}}}, nil, ""},
		{Config{Rules: []Rule{{Name: "w", Metric: "digit_fraction", Min: ptr(0), Max: ptr(1)}, {Name: "v", Metric: "words", Max: ptr(1e12)}}}, nil, ""},
		{Config{Preset: None}, func(d *corpus.Doc) { d.Text = nil }, ""},
		// A preset's names are free without it, and what it exempts is its own.
		{Config{Preset: None, Exemptions: StarCoder, Rules: []Rule{{Name: "max_line_length", Metric: "lines", Max: ptr(9)}}}, func(d *corpus.Doc) { d.Language, d.Path = "R", "a.r" }, "max_line_length"},
		{Config{Limits: Limits{"of_another_preset": nil}}, nil, ""}, // a key without a value says nothing
		{Config{Limits: Limits{"min_alphabetic": ptr(-1)}}, func(d *corpus.Doc) { d.Text = nil }, ""},
	} {
		d := doc(c.change)
		f := mustNew(t, c.config)
		if got := judge(f, d).Reason; got != c.want {
			t.Errorf("%+v: %s %s %s: %q, want %q", c.config, d.Repo, d.Path, d.License, got, c.want)
		}
	}
}

func TestBadSettings(t *testing.T) {
	for want, c := range map[string]Config{
		`preset: unknown value "deepseek"; the nearest is "deepseek-coder"`:                      {Preset: "deepseek"},
		`exemptions: unknown value "x"`:                                                          {Exemptions: "x"},
		`vendor: unknown value "kep"; the nearest is "keep"`:                                     {Vendor: "kep"},
		`limits.min_alphabetic: 1.5 is not in 0 to 1, or -1 for off`:                             {Limits: Limits{"min_alphabetic": ptr(1.5)}},
		`limits.max_line_length: NaN is not in 0 to 1000000000000`:                               {Limits: Limits{"max_line_length": ptr(math.NaN())}},
		`limits.max_line_length: the preset none has no limits`:                                  {Preset: None, Limits: Limits{"max_line_length": ptr(1)}},
		`limits: unknown limit "max_line"; the nearest is "max_line_length"`:                     {Limits: Limits{"max_line": ptr(1)}},
		`limits.min_data_chars: 6000 is above limits.max_data_chars, 5000`:                       {Limits: Limits{"min_data_chars": ptr(6000)}},
		`license.keep: "free" is not one of permissive, copyleft, restricted, unknown, none`:     {License: License{Keep: []string{"free"}}},
		`license.from: "licence" is not one of head, reuse, file, manifest, readme, source`:      {License: License{From: "licence"}},
		`license: "MIT OR ISC" is not one SPDX identifier`:                                       {License: License{Deny: []string{"MIT OR ISC"}}},
		`license: "" is not one SPDX identifier`:                                                 {License: License{Deny: []string{""}}},
		`languages.include: unknown language "Pyton"; the nearest is "Python"`:                   {Languages: Languages{Include: []string{"Pyton"}}},
		`size.min: -1 is below 0`:                                                                {Size: Size{Min: -1}},
		`size.max: -1 is not 0 or at least size.min, 0`:                                          {Size: Size{Max: -1}},
		`languages.exclude: unknown language "zzzzqqqq"; the nearest is `:                        {Languages: Languages{Exclude: []string{"zzzzqqqq"}}},
		`metric: unknown metric "zzzzqqqq"; there are alphabetic_fraction, `:                     {Rules: []Rule{{Name: "a", Metric: "zzzzqqqq"}}},
		`rules[0] a: max: 1.1e+12 is not in 0 to 1000000000000`:                                  {Rules: []Rule{{Name: "a", Metric: "words", Max: ptr(1.1e12)}}},
		`rules[0] a: languages: unknown language "C+"`:                                           {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3), Languages: []string{"C+"}}}},
		`rules[0] a: extensions: "py" does not begin with a dot`:                                 {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3), ExceptExtensions: []string{"py"}}}},
		`size.max: 5 is not 0 or at least size.min, 6`:                                           {Size: Size{Min: 6, Max: 5}},
		`rules[0] a: metric: unknown metric "max_line_lenght"; the nearest is "max_line_length"`: {Rules: []Rule{{Name: "a", Metric: "max_line_lenght"}}},
		`rules[0] a: min, max: at least one`:                                                     {Rules: []Rule{{Name: "a", Metric: "words"}}},
		`rules[0] a: max: -1 is not in 0 to`:                                                     {Rules: []Rule{{Name: "a", Metric: "words", Max: ptr(-1)}}},
		`rules[0] a: max: 2 is not in 0 to 1`:                                                    {Rules: []Rule{{Name: "a", Metric: "digit_fraction", Max: ptr(2)}}},
		`rules[0] a: min: 3 is above max, 2`:                                                     {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3), Max: ptr(2)}}},
		`rules[0] A b: name: "A b" is not a name`:                                                {Rules: []Rule{{Name: "A b", Metric: "words", Min: ptr(3)}}},
		`rules[0] before: name: "before" is not a name`:                                          {Rules: []Rule{{Name: "before", Metric: "words", Min: ptr(3)}}},
		`rules[0].name: "vendor" is taken`:                                                       {Rules: []Rule{{Name: "vendor", Metric: "words", Min: ptr(3)}}},
		`rules[1].name: "a" is taken`:                                                            {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3)}, {Name: "a", Metric: "words", Min: ptr(3)}}},
		`rules[0] a: kinds: "prosa" is not one of`:                                               {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3), Kinds: []string{"prosa"}}}},
		`rules[0] a: extensions: "go" does not begin with a dot`:                                 {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3), Extensions: []string{"go"}}}},
		`rules[0] a: except: unknown language "C+"`:                                              {Rules: []Rule{{Name: "a", Metric: "words", Min: ptr(3), Except: []string{"C+"}}}},
		`opt_out: open /nowhere/list`:                                                            {OptOut: "/nowhere/list"},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Presets are valid as they stand, also with every limit on, and have no key or
// name twice. All languages that they and the exemptions name are Linguist's.
func TestBuiltInTables(t *testing.T) {
	rules := map[string]bool{}
	for name, p := range presets() {
		on, keys := Limits{}, 0
		for key := range p.limits() {
			on[key] = ptr(1)
			keys++
		}
		if len(on) != keys || len(p.rules(on)) != len(p) {
			t.Errorf("%s: %d keys for %d limits, %d of %d rules", name, len(on), keys, len(p.rules(on)), len(p))
		}
		if err := (Config{Preset: name, Limits: on}).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		names := map[string]bool{}
		for _, r := range p.rules(on) {
			if err := r.validate(); err != nil || names[r.Name] {
				t.Errorf("%s: %s: %v", name, r.Name, err)
			}
			names[r.Name], rules[r.Name] = true, true
		}
	}
	for name, table := range exemptions() {
		for rule, list := range table {
			if !rules[rule] {
				t.Errorf("%s: no preset has a rule %s", name, rule)
			}
			for p := range pairs(list) {
				if err := validLanguages(name, []string{p.language}); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestFailsClosed(t *testing.T) {
	for want, value := range map[string]func(*subject) float64{
		"panic: odd\n":               func(*subject) float64 { panic("odd") },
		"its metric is not a number": func(*subject) float64 { return math.NaN() },
	} {
		f := &Filter{checks: []check{{name: "odd", value: value}}}
		v, err := f.Judge(doc(nil))
		if v.Reason != "odd_failed" || v.Value != 0 || v.Survivor != corpus.NoPos || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v, %v, want %s", v, err, want)
		}
	}
}

func randomDoc(r *rand.Rand) *corpus.Doc {
	pieces := []string{"word ", "x", "\n", "123", "  ", "é", "日", "<p>", "</p>", "<?xml version=", strings.Repeat("y", 200), strings.Repeat("-", 300)}
	return doc(func(d *corpus.Doc) {
		var b strings.Builder
		for range r.IntN(60) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		d.Text = []byte(b.String())
		d.Kind = corpus.Kinds()[r.IntN(5)]
		d.Language = []string{"Go", "HTML", "JSON", "YAML", "Markdown", "XSLT", ""}[r.IntN(7)]
		d.Path = []string{"a.go", "b.md", "c.json", "vendor/d.js"}[r.IntN(4)]
	})
}

// TestPaperToTheLetter: prose can be given DeepSeek-Coder's limits for code.
func TestPaperToTheLetter(t *testing.T) {
	longest, mean := 1000.0, 100.0
	f := mustNew(t, Config{Limits: Limits{"prose_max_line_length": &longest, "prose_mean_line_length": &mean}})
	for text, want := range map[string]corpus.Reason{
		strings.Repeat("x", 100):                              "",
		strings.Repeat("x", 101):                              "prose_mean_line_length",
		strings.Repeat("x", 1001) + strings.Repeat("x\n", 99): "prose_max_line_length",
	} {
		d := doc(func(d *corpus.Doc) {
			d.Kind, d.Language, d.Path, d.Text = corpus.Prose, "Markdown", "a.md", []byte(text)
		})
		if v := judge(f, d); v.Reason != want {
			t.Errorf("%d characters: %+v, want %q", len(text), v, want)
		}
	}
	own := Rule{Name: "prose_mean_line_length", Metric: "lines", Max: &mean}
	if err := (Config{Rules: []Rule{own}}).Validate(); err == nil {
		t.Error("a rule of the preset's name")
	}
}

// Judging is a function; and loosening any limit puts nothing more out.
func TestLooseningALimitDropsNothingMore(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	docs := make([]*corpus.Doc, 300)
	for i := range docs {
		docs[i] = randomDoc(r)
	}
	out := func(f *Filter, d *corpus.Doc) bool { v := judge(f, d); return !v.Kept() }
	drops := 0 // of all limits together
	for key, preset := range presets()[DeepSeekCoder].limits() {
		upper := !strings.HasPrefix(key, "min_")
		lo, hi := preset*r.Float64(), preset*(1+r.Float64())
		if preset == off {
			lo, hi = 20, 40
		}
		if strings.HasSuffix(key, "fraction") || key == "min_alphabetic" {
			hi = min(hi, 1)
		}
		if upper {
			lo, hi = hi, lo
		}
		with := func(limit float64) *Filter { return mustNew(t, Config{Limits: Limits{key: &limit}}) }
		a, b, none := with(hi), with(lo), with(off)
		for _, d := range docs {
			if out(b, d) && !out(a, d) || out(none, d) && !out(b, d) {
				t.Errorf("%s: %g drops what %g keeps: %q", key, lo, hi, d.Text)
			}
			if out(a, d) {
				drops++
			}
			if judge(a, d).Reason != judge(a, d.Clone()).Reason {
				t.Errorf("%s: two judgements differ", key)
			}
		}
	}
	if drops < 100 {
		t.Fatalf("only %d drops", drops)
	}
}

func FuzzLicense(f *testing.F) {
	for _, s := range []string{"MIT", "(MIT OR GPL-2.0) AND ISC", "((((", "a with b with c", ") AND", strings.Repeat("(", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		if !satisfies(expr, func(string) bool { return true }) {
			t.Fatalf("%q is not satisfied though all is good", expr)
		}
	})
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte("package x"), "a/b.go", "Go")
	f.Add([]byte("<p>\x00\xff"), "/\xff//.", "HTML")
	fi := mustNew(f, Config{Exemptions: StarCoder})
	f.Fuzz(func(t *testing.T, text []byte, path, language string) {
		d := &corpus.Doc{Text: text, Path: path, Language: language}
		if v := judge(fi, d); strings.HasSuffix(string(v.Reason), "_failed") {
			t.Fatalf("%+v", v)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	f := mustNew(b, Config{})
	text := goSource(b, 4<<20)
	var docs []*corpus.Doc
	for len(text) > 0 {
		n := min(len(text), 10_000)
		docs = append(docs, doc(func(d *corpus.Doc) { d.Text = text[:n] }))
		text = text[n:]
	}
	b.SetBytes(int64(len(docs)) * 10_000)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range docs {
			judge(f, d)
		}
	}
}
