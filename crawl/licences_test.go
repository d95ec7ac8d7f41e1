package crawl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work/vfs"
)

const (
	mitTag = "SPDX-License-Identifier: MIT\n"
	iscTag = "SPDX-License-Identifier: ISC\n"
)

// licencesOf crawls a folder as one and as a repository of git, which have to
// agree, and returns what is said of each file: licence, type, level and places.
func licencesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	cfg := small(dir)
	cfg.Sources[0].Type = "folder"
	docs, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	gitIn(t, dir, "init", "-q")
	gitIn(t, dir, "add", "-A", "-f")
	gitIn(t, dir, "commit", "-q", "-m", "x")
	cfg.Sources[0].Type = "git"
	again, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	said := func(docs []corpus.Doc) map[string]string {
		m := map[string]string{}
		for _, d := range docs {
			m[d.Path] = fmt.Sprint(d.License, " ", d.LicenseType, " ", d.LicenseFrom, " ", d.LicenseAt)
		}
		return m
	}
	if !reflect.DeepEqual(said(docs), said(again)) {
		t.Errorf("a folder %v\ngit %v", said(docs), said(again))
	}
	return said(docs)
}

// TestLicenceLinks: links to licences are followed within the tree. What one says
// that leads elsewhere is not known.
func TestLicenceLinks(t *testing.T) {
	outside := write(t, t.TempDir(), "LICENSE", mitTag)
	dir := write(t, t.TempDir(), "LICENSE", iscTag, "texts/mit.text", mitTag, "in/x.py", "x\n", "chain/x.py", "x\n", "out/x.py", "x\n", "up/x.py", "x\n", "gone/x.py", "x\n", "self/x.py", "x\n", "long/x.py", "x\n", "folder/x.py", "x\n", "git/x.py", "x\n", "eight/x.py", "x\n", "manifest/x.js", "x\n", "x.json", `{"license": "Zlib"}`, "texts/a/b", "x\n")
	for link, to := range map[string]string{
		"in/LICENSE": "../texts/mit.text", "chain/LICENSE": "../in/LICENSE", "out/LICENSE": filepath.Join(outside, "LICENSE"), "up/LICENSE": "../../" + filepath.Base(outside) + "/LICENSE", "gone/LICENSE": "../nothing",
		"self/LICENSE": "LICENSE", "folder/LICENSES": "../texts", "git/LICENSE": "../.git/HEAD", "eight/LICENSE": "../long/link2", // and eight in all
		"manifest/package.json": "../x.json",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 9 { // one more than is followed
		to := fmt.Sprintf("link%d", i+1)
		if i == 8 {
			to = "../texts/mit.text"
		}
		name := fmt.Sprintf("link%d", i)
		if i == 0 {
			name = "LICENSE"
		}
		if err := os.Symlink(to, filepath.Join(dir, "long", name)); err != nil {
			t.Fatal(err)
		}
	}
	got := licencesOf(t, dir)
	for p, want := range map[string]string{
		"in/x.py": "MIT permissive file [in/LICENSE:1]", "chain/x.py": "MIT permissive file [chain/LICENSE:1]", "out/x.py": " unknown file [out/LICENSE]", "up/x.py": " unknown file [up/LICENSE]", "gone/x.py": " unknown file [gone/LICENSE]",
		"self/x.py": " unknown file [self/LICENSE]", "folder/x.py": "ISC permissive file [LICENSE:1]", "git/x.py": " unknown file [git/LICENSE]", "manifest/x.js": "ISC AND Zlib permissive file [LICENSE:1 manifest/package.json:1]", "long/x.py": " unknown file [long/LICENSE]", "eight/x.py": "MIT permissive file [eight/LICENSE:1]",
	} {
		if got[p] != want {
			t.Errorf("%s: %q, want %q", p, got[p], want)
		}
	}
}

// TestLicencesThatCannotBeRead are not known, and nothing is inherited past them.
func TestLicencesThatCannotBeRead(t *testing.T) {
	const most = 512 << 10
	fill := func(text string, n int) string { return text + strings.Repeat("\n", n-len(text)) }
	dir := write(t, t.TempDir(), "LICENSE", mitTag,
		"binary/LICENSE", "\x00\x01", "binary/x.py", "x\n", "empty/LICENSE", "", "empty/x.py", "x\n",
		"long/LICENSE", fill(iscTag, most), "long/x.py", "x\n", "longer/LICENSE", fill(iscTag, most+1), "longer/x.py", "x\n",
		"manifest/package.json", `{"license": `, "manifest/x.js", "x\n", "reuse/REUSE.toml", "version = \n", "reuse/x.py", "x\n")
	got := licencesOf(t, dir)
	for p, want := range map[string]string{
		"binary/x.py": " unknown file [binary/LICENSE]", "empty/x.py": "MIT permissive file [LICENSE:1]", "long/x.py": "ISC permissive file [long/LICENSE:1]", "longer/x.py": " unknown file [longer/LICENSE]",
		"manifest/x.js": "MIT AND LicenseRef-unknown unknown file [LICENSE:1 manifest/package.json]", "reuse/x.py": " unknown reuse [reuse/REUSE.toml]",
	} {
		if got[p] != want {
			t.Errorf("%s: %q, want %q", p, got[p], want)
		}
	}
}

// TestLicencesOfRows: a row's own licence goes before its source's, and its head
// before both.
func TestLicencesOfRows(t *testing.T) {
	const gpl = `// SPDX-License-Identifier: GPL-3.0-only\nint x;\n`
	for row, want := range map[string]string{
		`{"text":"x","path":"a.c","license":"MIT"}`:                          "MIT permissive manifest [MIT]",
		`{"text":"x","path":"a.c","license":"MIT","license_from":"readme"}`:  "MIT permissive readme [MIT]",
		`{"text":"x","path":"a.c"}`:                                          "ISC permissive source [ISC]",
		`{"text":"x","path":"a.c","license_from":"head"}`:                    "ISC permissive source [ISC]",
		`{"text":"` + gpl + `","path":"a.c","license":"MIT"}`:                "GPL-3.0-only copyleft head [GPL-3.0-only MIT]",
		`{"text":"x","path":"a.c","license":["MIT","Apache-2.0"]}`:           "Apache-2.0 AND MIT permissive manifest [Apache-2.0 MIT]",
		`{"text":"x","path":"a.c","license":["GPL-2.0 or MIT","GPL-2.0"]}`:   "GPL-2.0 AND (GPL-2.0 or MIT) copyleft manifest [GPL-2.0 MIT]",
		`{"text":"x","metadata":{"license":"MIT","license_from":"source"}}`:  "MIT permissive source [MIT]",
		`{"text":"x","path":"a.c","license":"MIT","license_from":"nowhere"}`: `malformed license_from: "nowhere"`,
	} {
		docs, left := rowsOf(t, crawl.Source{License: "ISC"}, "x.jsonl", row+"\n")
		got := ""
		for _, d := range docs {
			got = fmt.Sprint(d.License, " ", d.LicenseType, " ", d.LicenseFrom, " ", d.DetectedLicenses)
		}
		for _, l := range left {
			got = fmt.Sprint(l.Reason, " ", l.Detail)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", row, got, want)
		}
	}
}
