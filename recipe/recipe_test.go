package recipe_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/lexer"

	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/recipe"
)

const small = `
name: test
crawl:
  sources:
    - {name: code, path: src, kinds: [code]}
    - {name: text, path: docs}
passes:
  - {filter: {limits: {max_line_length: 500}}}
  - {name: near, dedup: {}}
tokenize:
  fim: {rate: 0.25}
`

func parse(t *testing.T, yaml string, overrides ...recipe.Override) (*recipe.Recipe, error) {
	t.Helper()
	return recipe.Parse("/recipes/test.yaml", []byte(yaml), overrides...)
}

func TestDefaultsAndPaths(t *testing.T) {
	r, err := parse(t, small)
	if err != nil {
		t.Fatal(err)
	}
	if r.Work != "/recipes/work" || r.Memory != 1<<30 || recipe.MinMemory != 256<<20 || r.Workers < 1 {
		t.Errorf("work %q, memory %v, workers %d", r.Work, r.Memory, r.Workers)
	}
	if got := r.Crawl.Sources[1].Path; got != "/recipes/docs" {
		t.Errorf("relative path became %q", got)
	}
	if got := strings.Join(r.PassNames(), " "); got != "filter near" {
		t.Errorf("passes %q", got)
	}
	r, err = parse(t, "name: bare\ncrawl: {sources: [{name: a, path: b}]}")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.PassNames(), " "); got != "filter dedup" {
		t.Errorf("default passes %q", got)
	}
}

func TestVariables(t *testing.T) {
	t.Setenv("CODEMILL_TEST_DIR", "/data")
	r, err := parse(t, `{name: v, crawl: {sources: [{name: a, path: "${CODEMILL_TEST_DIR}/x"}, {name: b, path: "${GOROOT}/src"}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := parse(t, "{name: v, crawl: {sources: [{name: a, path: s3://bucket/x}]}}"); err != nil || r.Crawl.Sources[0].Path != "s3://bucket/x" {
		t.Error(r, err)
	}
	if got := r.Crawl.Sources[0].Path; got != "/data/x" {
		t.Errorf("path %q", got)
	}
	if st, err := os.Stat(r.Crawl.Sources[1].Path); err != nil || !st.IsDir() {
		t.Errorf("GOROOT became %q", r.Crawl.Sources[1].Path)
	}
}

func TestOverrides(t *testing.T) {
	r, err := parse(t, small,
		recipe.Override{Key: "filter.limits.max_line_length", Value: "900"},
		recipe.Override{Key: "tokenize.fim.rate", Value: "0.5"},
		recipe.Override{Key: "crawl.sources.code.path", Value: "/a: b"},
		recipe.Override{Key: "crawl.sources.1.kinds", Value: "prose, markup"},
		recipe.Override{Key: "crawl.sources.0.kinds", Value: " [data, code]"},
		recipe.Override{Key: "seed", Value: "7"},
		recipe.Override{Key: "memory", Value: "512MiB"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if got := *r.Pass("filter").Settings.(*filter.Config).Limits["max_line_length"]; got != 900 {
		t.Errorf("max_line_length %v", got)
	}
	if r.Tokenize.FIM.Rate != 0.5 || r.Seed != 7 || r.Memory != 512<<20 {
		t.Errorf("rate %v, seed %d, memory %v", r.Tokenize.FIM.Rate, r.Seed, r.Memory)
	}
	with, err := parse(t, small, recipe.Override{Key: "filter.limits", Value: "{min_data_chars: , max_data_chars: 9000}"})
	if err != nil {
		t.Fatal(err)
	}
	if l := with.Pass("filter").Settings.(*filter.Config).Limits; len(l) != 2 || l["min_data_chars"] != nil || *l["max_data_chars"] != 9000 {
		t.Errorf("limits %v", l)
	}
	if s := r.Crawl.Sources; s[0].Path != "/a: b" || strings.Join(s[0].Kinds, "+") != "data+code" || strings.Join(s[1].Kinds, "+") != "prose+markup" {
		t.Errorf("sources %+v", s)
	}
}

// Names may have dots, and of two that a key fits the longer is meant.
func TestOverridesOfNamesWithDots(t *testing.T) {
	const yaml = "name: x\ncrawl: {sources: [{name: a, path: p}, {name: a.b, path: p}]}\npasses: [{name: v1, filter: {}}, {name: v1.5, filter: {}}]"
	r, err := parse(t, yaml,
		recipe.Override{Key: "v1.5.size.max", Value: "5"},
		recipe.Override{Key: "v1.size.max", Value: "1"},
		recipe.Override{Key: "crawl.sources.a.b.path", Value: "/long"},
		recipe.Override{Key: "crawl.sources.a.path", Value: "/short"},
		recipe.Override{Key: "mix.weights.ASP.NET", Value: "2"},
	)
	if err != nil {
		t.Fatal(err)
	}
	size := func(pass string) any { return r.Pass(pass).Settings.(*filter.Config).Size.Max }
	if fmt.Sprint(size("v1"), size("v1.5")) != "1 5" || r.Crawl.Sources[0].Path != "/short" || r.Crawl.Sources[1].Path != "/long" || r.Mix.Weights["ASP.NET"] != 2 {
		t.Errorf("sizes %v and %v, sources %+v, weights %v", size("v1"), size("v1.5"), r.Crawl.Sources, r.Mix.Weights)
	}
}

// TestKinds holds for every kind of passes that its defaults are settings, and
// that a pass is named after it and can be renamed and set up by flags.
func TestKinds(t *testing.T) {
	for _, k := range recipe.PassKinds() {
		yaml := "name: x\ncrawl: {sources: [{name: a, path: b}]}\npasses: [{" + k.Name + ": {}}]"
		r, err := parse(t, yaml)
		if err != nil {
			t.Fatal(err)
		}
		p := r.Pass(k.Name)
		if p == nil || p.Kind.Name != k.Name || p.Settings == nil || k.Help == "" {
			t.Fatalf("%s: %+v", k.Name, r.Passes)
		}
		if err := p.Ready(); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for key, path := range p.Settings.Paths() {
			r, err := parse(t, yaml, recipe.Override{Key: "passes.0.name", Value: "y"}, recipe.Override{Key: "y." + key, Value: "file"})
			if *path != "" || err != nil || *r.Pass("y").Settings.Paths()[key] != "/recipes/file" {
				t.Errorf("%s.%s: %v", k.Name, key, err)
			}
		}
	}
}

func TestErrorsSayWhatWasMeant(t *testing.T) {
	for _, c := range []struct {
		yaml, key, value string
		want             []string
	}{
		{yaml: "name: x\ncrawl:\n  max_file_byte: 3", want: []string{"/recipes/test.yaml:3:3", `unknown key "max_file_byte" in crawl`, `did you mean "max_file_bytes"?`, "3 |"}},
		{yaml: "name: x\npasses:\n- filter: {limits: {max_lin_length: 3}}", want: []string{":3:", `in passes[0].filter.limits`, `"max_line_length"`}},
		{yaml: "name: x\npasses:\n- filter: {limits: {max_line_length: long}}", want: []string{":3:38: wanted here: a number"}},
		{yaml: "name: x\npasses:\n- filter: {limits: {zzzzzzzzzzzzzz: 1}}", want: []string{":3:", "known are xml_declaration, max_line_length, mean_line_length"}},
		{yaml: "name: x", key: "filter.limits.max_lin_length", value: "1", want: []string{`--filter.limits.max_lin_length: unknown key "max_lin_length" in filter.limits; did you mean "max_line_length"?`}},
		{yaml: "name: x\nzzzzzzzz: 1", want: []string{`unknown key "zzzzzzzz"`, "known are name, work, seed"}},
		{yaml: "name: x\nseed: many", want: []string{":2:7: wanted here: a whole number that is not negative", "seed: many"}},
		{yaml: "name: x\nworkers: 1.5", want: []string{":2:", "wanted here: a whole number"}},
		{yaml: "name: x\ncrawl: 3", want: []string{":2:", "crawl"}},
		{yaml: "name: x\ncrawl: {sources: {name: a}}", want: []string{":2:", "sequence is expected"}},
		{yaml: "name: x\nname: y", want: []string{":2:", "name"}},
		{yaml: "name: [", want: []string{"/recipes/test.yaml"}},
		{yaml: "name: x\n---\nname: y", want: []string{"more than one YAML document"}},
		{yaml: "name: x\n---\n---\nname: y", want: []string{"more than one YAML document"}},
		{yaml: "name: x\n...\nname: y", want: []string{"more than one YAML document"}},
		{yaml: "name: x\n...\n...\nname: y", want: []string{"more than one YAML document"}},
		{yaml: "---\n# empty\n---\nname: y", want: []string{"more than one YAML document"}},
		{yaml: "---\n---\nname: y", want: []string{"more than one YAML document"}},
		{yaml: "", want: []string{`name: "" is not a name`}},
		{yaml: "# nothing\n", want: []string{`name: "" is not a name`}},
		{yaml: "---\n", want: []string{`name: "" is not a name`}},
		{yaml: "...\n", want: []string{`name: "" is not a name`}},
		{yaml: "---\n...\n", want: []string{`name: "" is not a name`}},
		{yaml: "\ufeff\n", want: []string{`name: "" is not a name`}},
		{yaml: "name: x\ncrawl: {<<: {max_file_byte: 3}}", want: []string{":2:14:", `did you mean "max_file_bytes"?`}},
		{yaml: "name: x\ncrawl: &a {max_file_byte: 3}", want: []string{":2:12:", `did you mean "max_file_bytes"?`}},
		{yaml: `{name: x, crawl: {sources: [{name: a, path: "${GOARCH}"}]}}`, want: []string{"the variable ${GOARCH} is not set in the environment"}},
		{yaml: small, key: "crawl.sources.2.path", value: "x", want: []string{`crawl.sources has 2 elements, none of them "2"`}},
		{yaml: small, key: "crawl.sources.-1.path", value: "x", want: []string{`crawl.sources has 2 elements, none of them "-1"`}},
		{yaml: "name: a/b", want: []string{`name: "a/b" is not a name`}},
		{yaml: "name: x\nmemory: 1MiB", want: []string{"memory: 1MiB is not at least 256MiB"}},
		{yaml: "name: x\nmemory: lots", want: []string{`"lots" is not a size`}},
		{yaml: "name: \"x\xff\"", want: []string{"test.yaml: not UTF-8"}},
		{yaml: "\xff\xfen\x00a\x00", want: []string{"not UTF-8"}},
		{yaml: "# " + strings.Repeat("x", 2<<20), want: []string{"larger than 256KiB"}},
		{yaml: "name: x\n" + strings.Repeat(": ", 19000), want: []string{"line 2: nested"}},
		{yaml: "name: x\n" + strings.Repeat(": ", 100_000), want: []string{"more than 20000 names, values and signs"}},
		{yaml: "name: x\nmix: " + strings.Repeat("[", 10000), want: []string{"line 2: nested more than 100 deep"}},
		{yaml: "name: x\nmix: " + strings.Repeat("{a: ", 5000), want: []string{"line 2: nested"}},
		{yaml: "name: x\npasses:\n" + strings.Repeat("- ", 10000), want: []string{"line 3: nested"}},
		{yaml: "name: x\nworkers: 1e300", want: []string{":2:10: wanted here: a whole number of 64 bits"}},
		{yaml: "name: x", key: "seed", value: "-1", want: []string{`--seed: "-1": wanted here: a whole number that is not negative`}},
		{yaml: "name: x", key: "memory", value: "-1", want: []string{`--memory: "-1" is not a size`}},
		{yaml: "name: x", key: "mix.budget", value: "", want: []string{"--mix.budget: a value is missing"}},
		{yaml: "name: x", want: []string{"crawl.sources: there are none"}},
		{yaml: "name: x\nworkers: -1", want: []string{"workers: -1 is not in 0 to 4096"}},
		{yaml: "name: x\ntokenize: {fim: {rate: 1.5}}", want: []string{"tokenize.fim.rate: 1.5 is not in 0 to 1"}},
		{yaml: "name: x\npasses: [{filter: {limits: {min_alphabetic: 2}}}]", want: []string{"filter.limits.min_alphabetic: 2 is not in 0 to 1"}},
		{yaml: "name: x\npasses: [{name: a}]", want: []string{"passes[0]: want either filter or dedup"}},
		{yaml: "name: x\npasses: [{filter: {}, dedup: {}}]", want: []string{"passes[0]: want either filter or dedup"}},
		{yaml: "name: x\npasses: [{filter: }]", want: []string{"passes[0]: want either"}},
		{yaml: "name: x\npasses: [{fliter: {}}]", want: []string{":2:11:", `unknown key "fliter" in passes[0]; did you mean "filter"?`}},
		{yaml: "name: x\npasses: [3]", want: []string{":2:"}},
		{yaml: "name: x\npasses: [{name: y, filter: {}}]", key: "passes.y.dedup.near.off", value: "true", want: []string{"--passes.y.dedup.near.off: passes[0]: want either"}},
		{yaml: "name: x\npasses: [{name: y, filter: {}}]", key: "passes.y.filter.siz", value: "3", want: []string{`unknown key "siz" in passes.y.filter; did you mean "size"?`}},
		{yaml: "name: x\npasses: [{name: dedup, filter: {}}]", want: []string{`"dedup" is taken`}},
		{yaml: "name: x\npasses: [{filter: {}}, {filter: {}}]", want: []string{`passes[1].name: "filter" is taken`}},
		{yaml: "name: x\npasses: [{name: crawl, filter: {}}]", want: []string{`"crawl" is taken`}},
		{yaml: "name: x\npasses: [{name: crawl.x, filter: {}}]", want: []string{`"crawl.x" is taken`}},
		{yaml: "name: x\npasses: [{name: ../x, filter: {}}]", want: []string{"passes[0].name"}},
		{yaml: `{name: x, crawl: {sources: [{name: a, path: "${NO_SUCH_THING}/x"}]}}`, want: []string{"crawl.sources[0] (a).path", "${NO_SUCH_THING}"}},
		{yaml: `{name: x, crawl: {sources: [{name: a, path: "${HOME"}]}}`, want: []string{"${ without }"}},
		{yaml: "name: x", key: "tokenize.fim.rat", value: "1", want: []string{"--tokenize.fim.rat", `did you mean "rate"?`}},
		{yaml: "name: x", key: "filtre.limits", value: "1", want: []string{`did you mean "filter"?`}},
		{yaml: "name: x", key: "tokenize.fim.rate.x", value: "1", want: []string{"is a single value"}},
		{yaml: "name: x", key: "crawl.sources.none.path", value: "1", want: []string{"crawl.sources has 0 elements"}},
		{yaml: "name: x", key: "tokenize.fim.rate", value: "half", want: []string{"--tokenize.fim.rate", `"half": wanted here: a number`}},
	} {
		var overrides []recipe.Override
		if c.key != "" {
			overrides = append(overrides, recipe.Override{Key: c.key, Value: c.value})
		}
		_, err := parse(t, c.yaml, overrides...)
		if err == nil {
			t.Errorf("%q: no error", c.yaml)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q %s: %q is not in: %v", c.yaml, c.key, want, err)
			}
		}
	}
}

// TestLists holds that what is refused for being nested too deep is not only long.
func TestLists(t *testing.T) {
	many := "\ufeffname: x\npasses:\n" + strings.Repeat("- {name: a, filter: {rules: []}}\n", 300)
	if _, err := parse(t, many); err == nil || !strings.Contains(err.Error(), `"a" is taken`) {
		t.Error(err)
	}
	pairs := "name: x\ncrawl: {sources: [{name: a, path: b}]}\nmix: {weights: {" + strings.Repeat("Go: 1, ", 101) + "}}"
	if _, err := parse(t, pairs); err == nil || strings.Contains(err.Error(), "nested") {
		t.Error(err)
	}
	if r, err := parse(t, "name: x\nwork: w\ncrawl: {sources: [{name: a, path: b}]}\n", recipe.Override{Key: "work", Value: ""}, recipe.Override{Key: "tokenize.fim.kinds", Value: ""}); err != nil || len(r.Tokenize.FIM.Kinds) != 0 {
		t.Error(err)
	}
}

// TestLimits holds what a recipe may have: just as much is read, one more is
// refused.
func TestLimits(t *testing.T) {
	const head = "name: x\ncrawl: {sources: [{name: a, path: b}]}\n"
	kinds := func(n int) string { return "tokenize: {fim: {kinds: [code" + strings.Repeat(",code", n) + "]}}\n" }
	for _, c := range []struct {
		most int
		make func(int) string // the recipe that has as much
		has  func(string) int // measures it
		want string           // that one more is refused
	}{
		{256 << 10, func(n int) string { return head + "#" + strings.Repeat("x", n-len(head)-1) }, func(s string) int { return len(s) }, "larger than 256KiB"},
		{20_000, func(n int) string {
			fixed := len(lexer.Tokenize(head + kinds(0)))
			return head + strings.Repeat("# a comment\n", (n-fixed)%2) + kinds((n-fixed)/2)
		}, func(s string) int { return len(lexer.Tokenize(s)) }, "more than 20000"},
		{5_000, func(n int) string { return head + strings.Repeat("# a\n", n-2) }, func(s string) int { return strings.Count(s, "\n") }, "more than 5000 lines"},
		{1_000, func(n int) string { return head + "#" + strings.Repeat("\t", n) }, func(s string) int { return strings.Count(s, "\t") }, "more than 1000 tabs"},
		{100, func(n int) string { return head + "mix: " + strings.Repeat("[", n) }, func(s string) int { return strings.Count(s, "[") - 1 }, "line 3: nested more than 100"},
		{100, func(n int) string { return head + strings.Repeat("- ", n) }, func(s string) int { return strings.Count(s, "- ") }, "line 3: nested more than 100"},
		{100, func(n int) string { return head + strings.Repeat(": ", n) }, func(s string) int { return strings.Count(s, ": ") - 5 }, "line 3: nested more than 100"},
	} {
		for n := c.most; n <= c.most+1; n++ {
			yaml := c.make(n)
			if got := c.has(yaml); got != n {
				t.Fatalf("%s: %d made, want %d", c.want, got, n)
			}
			_, err := parse(t, yaml)
			if refused := err != nil && strings.Contains(err.Error(), c.want); refused != (n > c.most) {
				t.Errorf("%d: %.200v, want %s %v", n, err, c.want, n > c.most)
			}
			if n == c.most && c.most > 100 && err != nil {
				t.Errorf("%d: %.200v", n, err)
			}
		}
	}
}

// Every range holds its ends and nothing beyond them.
func TestRanges(t *testing.T) {
	const head = "crawl: {sources: [{name: a, path: b}]}\n"
	long := strings.Repeat("x", 63)
	for _, c := range []struct {
		yaml string
		want string // what it is refused for
	}{
		{"name: x\nmemory: 256MiB\n", ""},
		{"name: x\nmemory: 268435455\n", "is not at least 256MiB"},
		{"name: x\nworkers: 4096\n", ""},
		{"name: x\nworkers: 2.0\n", ""}, // is whole
		{"name: x\n---\n", ""},
		{"# c\n---\nname: x\n...\n", "more than one"}, // crawl stands before it
		{"name: x\nworkers: 4097\n", "workers: 4097 is not in 0 to 4096"},
		{"name: x\nworkers: -1\n", "workers: -1 is not in 0 to 4096"},
		{"name: 0" + long + "\n", ""},
		{"name: 0x" + long + "\n", "is not a name of 1 to 64"},
		{"name: .x\n", "is not a name of 1 to 64"},
		{"name: \"\"\n", "is not a name of 1 to 64"},
		{"name: x\npasses: [{name: filter, filter: {}}]\n", ""}, // a pass may be called what it is
		{"name: x\npasses: [{name: dedup, filter: {}}]\n", `"dedup" is taken`},
		{"name: x\npasses: [{name: mix, filter: {}}]\n", `"mix" is taken`},
		{"name: x\npasses: [{name: a, filter: {}}, {name: a, dedup: {}}]\n", `"a" is taken`},
		{"name: x\npasses: [{name: 0" + long + ", filter: {}}]\n", ""},
		{"name: x\npasses: [{name: 0x" + long + ", filter: {}}]\n", "passes[0].name"},
	} {
		_, err := parse(t, head+c.yaml)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.yaml, err, c.want)
		}
	}
}

// A recipe is read from a file up to its limit, and what is longer is refused
// and not cut short.
func TestLoadReadsNoMoreThanARecipe(t *testing.T) {
	const text = "name: x\ncrawl: {sources: [{name: a, path: b}]}\n#"
	path := filepath.Join(t.TempDir(), "recipe.yaml")
	for _, c := range []struct {
		size int
		good bool
	}{{256 << 10, true}, {256<<10 + 1, false}, {1 << 20, false}} {
		if err := os.WriteFile(path, []byte(text+strings.Repeat("x", c.size-len(text))), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := recipe.Load(path); (err == nil) != c.good || err != nil && !strings.Contains(err.Error(), "larger than 256KiB") {
			t.Errorf("%d bytes: %v", c.size, err)
		}
	}
}

func TestLocatedError(t *testing.T) {
	_, err := parse(t, "name: x\n\nsead: 3\n")
	var at *recipe.LocatedError
	if !errors.As(err, &at) || at.Line != 3 || at.Column != 1 || !strings.Contains(at.Excerpt, "sead: 3") {
		t.Errorf("%v", err)
	}
}

func TestPublishedRecipesLoad(t *testing.T) {
	files, err := filepath.Glob("../recipes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no recipes", err)
	}
	t.Setenv("CORPORA", "/corpora")
	for _, f := range append(files, "../cmd/codemill/init/recipe.yaml") {
		if _, err := recipe.Load(f); err != nil {
			t.Error(err)
		}
	}
}

func TestSizes(t *testing.T) {
	for in, want := range map[string]recipe.Size{"0": 0, "4096": 4096, "1KiB": 1024, "1.5MB": 1500000, " 2 GiB": 2 << 30, "3g": 3 << 30, "7B": 7} {
		got, err := recipe.ParseSize(in)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
		if back, err := recipe.ParseSize(got.String()); err != nil || back != got {
			t.Errorf("%v reads back as %v", got, back)
		}
	}
	for size, want := range map[recipe.Size]string{0: "0", 1: "1", 1023: "1023", 1024: "1KiB", 1025: "1025", 3 << 20: "3MiB", 3<<20 + 1024: "3073KiB", 1 << 40: "1TiB"} {
		if size.String() != want {
			t.Errorf("%d: %v, want %s", int64(size), size, want)
		}
	}
	if got, err := recipe.ParseSize("4611686018427387392"); err != nil || got != 1<<62-512 {
		t.Error(got, err)
	}
	for _, in := range []string{"", "x", "-1", "1XB", "NaN", "Inf", "1e300TB", "4611686018427387904", "4194304TiB"} {
		if got, err := recipe.ParseSize(in); err == nil {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// FuzzParse holds that no bytes make the reader panic or hang.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("name: x\n<<: *a\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		recipe.Parse("fuzz.yaml", b)
	})
}
