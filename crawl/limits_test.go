package crawl

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/codemill/codemill/crawl/jsonl"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/work"
)

// What documents, memory and files follow from: by others, old ones are made anew
// or not read.
func TestConstants(t *testing.T) {
	if Version != 4 || spillBytes != 16<<20 || placeWidth != 32 || markWidth != 24 || startWidth != 8 || maxMetadataLine != 1<<20 {
		t.Error("a constant was changed")
	}
	if c := (Config{}).withDefaults(); c.MaxFileBytes != 1<<20 || c.ShardBytes != 32<<20 || c.Blobs != "every" || c.Encodings != "convert" || c.Notebooks != "script" {
		t.Errorf("%+v", c)
	}
}

// What a unit takes grows with its largest notebook that is not too large.
func TestMemoryOfNotebooks(t *testing.T) {
	const largest = 3 << 20
	for name, want := range map[string]int64{"a.ipynb": 5 * largest, "a.json": 5 << 10, "a.Rmd": 5 << 10} {
		dir := t.TempDir()
		for file, size := range map[string]int{name: largest, "b.Rmd": 1 << 10, "c.ipynb": 16<<20 + 1} {
			if err := os.WriteFile(filepath.Join(dir, file), make([]byte, size), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cfg := Config{Sources: []Source{{Name: "s", Path: dir, Type: "folder"}}}
		need := work.TableMemory + 2<<20 + 64<<20 + spillBytes + 1<<20 + want
		for less, good := range map[int64]bool{0: true, 1: false} {
			job := work.Job{Work: doctrine.Open(t, faultfs.Sound(), t.TempDir()), Stage: work.DocsStage, Workers: 1, Memory: need - less}
			if _, err := Describe(t.Context(), job, cfg); (err == nil) != good {
				t.Errorf("%s with %d bytes less: %v", name, less, err)
			}
		}
	}
}

// The limit of a notebook's file has a limit of its own.
func TestLimitsOfFiles(t *testing.T) {
	for max, want := range map[int64]int64{1: 16, 1 << 20: 16 << 20, 4 << 20: 64 << 20, 4<<20 + 1: 64 << 20, 64 << 20: 64 << 20} {
		c := Config{MaxFileBytes: max}.withDefaults()
		if c.limit("a/b.IPYNB") != want || c.limit("a.Rmd") != max || c.limit("a.py") != max {
			t.Errorf("%d: %d", max, c.limit("a/b.IPYNB"))
		}
		if c.Notebooks = NotebooksKeep; c.limit("a.ipynb") != max {
			t.Errorf("%d where it is kept", c.limit("a.ipynb"))
		}
	}
}

// Every range holds its ends and nothing beyond them, and one repository's name is
// refused for whatever may be several.
func TestLimitsOfSettings(t *testing.T) {
	of := func(change func(*Source)) Config {
		s := Source{Name: "a", Path: "x"}
		change(&s)
		return Config{Sources: []Source{s}}
	}
	for _, c := range []struct {
		config Config
		good   bool
	}{
		{Config{MaxFileBytes: -1}, false},
		{Config{MaxFileBytes: 64 << 20}, true},
		{Config{MaxFileBytes: 64<<20 + 1}, false},
		{Config{ShardBytes: -1}, false},
		{Config{ShardBytes: 1 << 40}, true},
		{Config{ShardBytes: 1<<40 + 1}, false},
		{Config{Sources: []Source{{Name: "", Path: "x"}}}, false},
		{of(func(s *Source) { s.Path = "" }), false},
		{of(func(s *Source) { s.Path, s.Paths = "", []string{"y"} }), true},
		{of(func(s *Source) { s.Path, s.List = "", "list" }), true},
		{of(func(s *Source) { s.Paths = []string{"y", ""} }), false},
		{of(func(s *Source) { s.Outside = []string{""} }), false},
		{of(func(s *Source) { s.Repo = "r" }), true},
		{of(func(s *Source) { s.Repo, s.Path, s.Paths = "r", "", []string{"y"} }), false},
		{of(func(s *Source) { s.Repo, s.Paths = "r", []string{"y"} }), false},
		{of(func(s *Source) { s.Repo, s.List = "r", "list" }), false},
		{of(func(s *Source) { s.Repo, s.Glob = "r", "*" }), false},
		{of(func(s *Source) { s.License = "MIT" }), true},
		{of(func(s *Source) { s.Type = "zip" }), false},
		{of(func(s *Source) { s.TextKind = "poem" }), false},
		{of(func(s *Source) { s.Glob = "[" }), false},
	} {
		if err := c.config.Validate(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta")
	read := func(text string) (map[string]metadata, error) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return readMetadata(t.Context(), path, map[string]bool{"r": true})
	}
	for text, want := range map[string]metadata{
		`{"repo": "r"}`:                                         {-1, -1, 0},
		`{"repo": "r", "created_at": null}`:                     {-1, -1, 0},
		`{"repo": "r", "created_at": 5, "stars": 0}`:            {0, -1, 5},
		`{"repo": "r", "forks": 3}` + "\n \n":                   {-1, 3, 0},
		"\ufeff" + `{"repo": "r", "stars": 3}` + "\r\n\x00\x00": {3, -1, 0},
		`{"repo": "r", "stars": 3.0, "forks": 1e3}`:             {3, 1000, 0},
		`{"repo": "r", "Stars": null, "FORKS": -0.0}`:           {-1, 0, 0},
		`{"repo": "r", "stars": 1}` + "\n" + `{"repo":"r"}`:     {-1, -1, 0},
	} {
		if rows, err := read(text); err != nil || len(rows) != 1 || rows["r"] != want {
			t.Errorf("%s: %+v, %v", text, rows, err)
		}
	}
	row := func(n int) string { return `{"repo": "r"` + strings.Repeat(" ", n-13) + "}\n" }
	for n, good := range map[int]bool{1 << 20: true, 1<<20 + 1: false, 3 << 20: false} {
		if rows, err := read(row(n)); (err == nil) != good || good && len(rows) != 1 {
			t.Errorf("a line of %d bytes: %v", n, err)
		}
	}
	for _, text := range []string{`{"repo": ""}`, `{`, `{"repo": "r", "created_at": "soon"}`, `{"repo": "r", "stars": 3.5}`, `{"repo": "r", "forks": "3"}`} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), "meta:1: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		value any
		want  int64
		good  bool
	}{
		{origin.Number("1099511627776"), 1 << 40, true},
		{origin.Number("1099511627777"), 0, false},
		{origin.Number("-1099511627776"), -1 << 40, true},
		{origin.Number("-1099511627777"), 0, false},
		{origin.Number("1.5"), 1, true},
		{"1970-01-02", 86400, true},
		{"1970-01-01 00:00:07", 7, true},
		{"noon", 0, false},
		{true, 0, false},
	} {
		if got, err := unixTime(c.value); got != c.want || (err == nil) != c.good {
			t.Errorf("%v: %d, %v", c.value, got, err)
		}
	}
}

// A whole number may be written as a float; what is none, or does not fit, is refused,
// however long its exponent.
func TestWholeNumbers(t *testing.T) {
	for number, want := range map[string]int64{
		"3": 3, "3.0": 3, "1e3": 1000, "1E+3": 1000, "-3.0": -3, "0": 0, "-0.0": 0, "0e999": 0, "0.3e1": 3, "0.0030e3": 3, "1200e-2": 12, "1.5e1": 15,
		"9007199254740993.0": 1<<53 + 1, "9223372036854775807.0": math.MaxInt64, "9.223372036854775807e18": math.MaxInt64, "-9223372036854775808.0": math.MinInt64,
	} {
		if got, err := wholeNumber(origin.Number(number)); err != nil || got != want {
			t.Errorf("%s: %d, %v", number, got, err)
		}
	}
	for _, number := range []string{"3.5", "1e-1", "1201e-2", "0.03e1", "3.00000000000000000001", "9007199254740992.5", "9223372036854775808", "-9223372036854775809.0", "1e19", "1e2147483647", "1e2147483648", "1e-2147483648", "1e999999999999999999999"} {
		if got, err := wholeNumber(origin.Number(number)); err == nil {
			t.Errorf("%s: %d", number, got)
		}
	}
}

func TestLicenses(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{[]any{"MIT"}, "MIT"},
		{[]any{"MIT OR ISC"}, "MIT OR ISC"},
		{[]any{"MIT OR ISC", "GPL-2.0"}, "GPL-2.0 AND (MIT OR ISC)"},
		{[]any{"MIT", "ISC", "MIT"}, "ISC AND MIT"},
		{"MIT OR ISC", "MIT OR ISC"},
	} {
		if got, err := licenses(c.value); err != nil || got != c.want {
			t.Errorf("%v: %q, %v", c.value, got, err)
		}
	}
}

// What a row does not say is not known, and of two wrong values the first is told.
func TestRowsOfLittle(t *testing.T) {
	read := func(line string) record {
		fields, left := jsonl.Decode([]byte(line))
		if left != nil {
			t.Fatal(line, left)
		}
		return readRow(fields, nil)
	}
	if d := read(`{"text":"x"}`).doc; d.Stars != -1 || d.Forks != -1 || d.Encoding != lang.UTF8 || d.Bytes != 1 {
		t.Errorf("%+v", d)
	}
	both, one := read(`{"text":"x","forks":"y","stars":"y"}`), read(`{"text":"x","stars":"y"}`)
	if both.left == nil || one.left == nil || *both.left != *one.left {
		t.Errorf("%+v, %+v", both.left, one.left)
	}
	if r := read(`{"text":"x","repo":"\ud800"}`); r.left != nil { // half of a pair, but not in the text
		t.Errorf("%+v", r.left)
	}
	if r := read(`{"text":"\ud800"}`); r.left == nil || r.left.Reason != Encoding {
		t.Errorf("%+v", r.left)
	}
}

// A row without a text names what it has, and not without end.
func TestRowsWithoutText(t *testing.T) {
	detail := func(line string, columns map[string]string) string {
		fields, left := jsonl.Decode([]byte(line))
		if left != nil {
			t.Fatal(line, left)
		}
		r := readRow(fields, columns)
		if r.left == nil || r.left.Reason != NoText {
			t.Fatalf("%s: %+v", line, r.left)
		}
		return r.left.Detail
	}
	many := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(`"f%02d":1`, i))
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	named := func(n int) string { return fmt.Sprintf(`{"%s":1}`, strings.Repeat("n", n)) }
	for _, c := range []struct {
		line    string
		columns map[string]string
		want    string // its end
	}{
		{`{"id":1,"body":"x"}`, nil, `"content", "code"; the row has "body", "id"`},
		{`{"id":1,"text":null}`, nil, `; the row has "id", "text"`},
		{`{"id":1,"text":"x"}`, map[string]string{"text": "body.md"}, `no value in "body.md"; the row has "id", "text"`},
		{`{}`, nil, `; the row has no fields`},
		{`{"a\n\ud800":1}`, nil, `; the row has "a\n�"`},
		{many(maxNamed), nil, `"f30", "f31"`},
		{many(maxNamed + 1), nil, `"f30", "f31" and 1 more`},
		{named(maxNameBytes), nil, `"` + strings.Repeat("n", maxNameBytes) + `"`},
		{named(maxNameBytes + 1), nil, `"` + strings.Repeat("n", maxNameBytes) + `…"`},
	} {
		if got := detail(c.line, c.columns); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.line, got, c.want)
		}
	}
}

// Settings are looked at, and memory, before anything is listed.
func TestNothingIsListedInVain(t *testing.T) {
	sources := []Source{{Name: "a", Path: filepath.Join(t.TempDir(), "nowhere")}}
	for want, c := range map[string]struct {
		config Config
		memory int64
	}{
		"shard_bytes: -1":    {Config{Sources: sources, ShardBytes: -1}, 1 << 30},
		"needs a memory of":  {Config{Sources: sources}, work.TableMemory + 66<<20 - 1},
		"no such file or di": {Config{Sources: sources}, work.TableMemory + 66<<20},
	} {
		job := work.Job{Work: doctrine.Open(t, faultfs.Sound(), t.TempDir()), Stage: work.DocsStage, Workers: 1, Memory: c.memory}
		if _, err := Describe(t.Context(), job, c.config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What a glob finds, and what a list names.
func TestLocations(t *testing.T) {
	root := t.TempDir()
	doctrine.PlantIn(t, root, map[string]string{
		"cache/x@v1/a.go": "", "y@v1/a.go": "", "y@v1/in@v1/b.go": "", ".git/z@v1/c.go": "", "deep/cache/download/w@v1/a.go": "",
		"other/codemill.json": "{}", "other/.lock": "", "other/o@v1/a.go": "", "file@v1.jsonl": "",
		"list": "# a comment\n\n y@v1\tmine\n", "marked": "\ufeff# a comment\r\ny@v1\tmine\r\n\ufeffother\tyours\r\n", "long": "y@v1\n" + strings.Repeat("x", 70_000) + "\n",
	})
	if err := os.Symlink("y@v1", filepath.Join(root, "link@v1")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe@v1"), 0o644); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("pipe@v1", filepath.Join(root, "topipe@v1")); err != nil {
		t.Fatal(err)
	}
	var notes []string
	names := func(s Source) (string, error) {
		s.Type = Auto
		b, err := s.bounds()
		if err != nil {
			return "", err
		}
		var list []location
		list, notes, err = s.locations(t.Context(), b)
		var all []string
		for _, l := range list {
			all = append(all, l.repo)
		}
		return strings.Join(all, " "), err
	}
	for want, s := range map[string]Source{
		"cache/x@v1 deep/cache/download/w@v1 file@v1.jsonl y@v1": {Path: root, Glob: "**/*@*"},
		"mine":       {List: filepath.Join(root, "list")},
		"mine yours": {List: filepath.Join(root, "marked")},
		"y@v1":       {Path: filepath.Join(root, "y@v1")},
		"name":       {Path: filepath.Join(root, "y@v1"), Repo: "name"},
		"file":       {Paths: []string{filepath.Join(root, "nowhere")}, Path: filepath.Join(root, "file@v1.jsonl"), Repo: "file", Optional: true},
	} {
		if got, err := names(s); err != nil || got != want {
			t.Errorf("%q, want %q: %v", got, want, err)
		}
	}
	want := []string{"files of no type are passed over (2): pipe@v1; topipe@v1", "links to what is read already are passed over (1): link@v1"}
	if _, err := names(Source{Path: root, Glob: "**/*@*"}); err != nil || !slices.Equal(notes, want) {
		t.Errorf("%q, want %q: %v", notes, want, err)
	}
	doctrine.PlantIn(t, root, map[string]string{"cache/download/list": ""}) // now it is Go's
	if got, err := names(Source{Path: root, Glob: "**/*@*"}); err != nil || strings.HasPrefix(got, "cache/") {
		t.Errorf("%q, %v", got, err)
	}
	for want, s := range map[string]Source{
		"token too long": {List: filepath.Join(root, "long")},
		"no such file":   {Paths: []string{filepath.Join(root, "nowhere")}},
		"set type to":    {Path: filepath.Join(root, "list")},
	} {
		if _, err := names(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Paths that a file could be written by to where it should not.
func TestEscapes(t *testing.T) {
	for path, want := range map[string]bool{
		"a/b": false, "/a": false, "a/..b/c": false, ".gitignore": false, "": false,
		"..": true, "a/../b": true, `a\..\b`: true, ".git/config": true, "a/.GIT": true, `a\.git`: true, "a\x00b": true,
	} {
		if escapes(path) != want {
			t.Errorf("%q: want %v", path, want)
		}
	}
}

// What names a commit, and what stands for another one another day.
func TestRefsAndDates(t *testing.T) {
	for ref, want := range map[string]bool{
		"main": true, "v1.0": true, "origin/dev": true, "refs/tags/v1": true, "0123abc": true, "é": true, "a-b": true,
		"-main": false, "main~1": false, "main^": false, "a..b": false, "main@{1}": false, "@{yesterday}": false, ":/fix": false, "HEAD:x": false, "a b": false, "a*": false, "a\nb": false, "\xff": false,
	} {
		if isRef(ref) != want {
			t.Errorf("%q: want %v", ref, want)
		}
	}
	for date, want := range map[string]int64{
		"": 0, "1970-01-02": 86400, "2024-01-31": 1706659200, "2024-01-31T01:00:00+01:00": 1706659200, "1970-01-01T00:00:01Z": 1,
	} {
		if got, err := (Source{AsOf: date}).before(); err != nil || got != want {
			t.Errorf("%q: %d, want %d: %v", date, got, want, err)
		}
	}
	for _, date := range []string{"1970-01-01", "1969-12-31", "2024-02-30", "2024", "yesterday", "2024-01-31 12:00"} {
		if _, err := (Source{AsOf: date}).before(); err == nil {
			t.Errorf("%q is taken for a date", date)
		}
	}
}

// Notes name three of many.
func TestSome(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "odd (1): a", 3: "odd (3): a; a; a", 4: "odd (4): a; a; a; and 1 more"} {
		if got := strings.Join(some(slices.Repeat([]string{"a"}, n), "odd"), "|"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
