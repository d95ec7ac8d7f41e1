package crawl_test

import (
	"fmt"
	"testing"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work/vfs"
)

// TestDeclaredEncodings: what a file says goes before its tree, .gitattributes before
// .editorconfig, and what does not fit is nothing. In git's store a file with an
// encoding of the working tree is UTF-8.
func TestDeclaredEncodings(t *testing.T) {
	const attributes = "*.sjis working-tree-encoding=SHIFT-JIS\n*.gbk working-tree-encoding=GBK\n*.wide working-tree-encoding=UTF-16LE\n*.none working-tree-encoding=none\n"
	files := []string{
		".gitattributes", attributes,
		".editorconfig", "[*]\ncharset = latin1\n[*.be]\ncharset = utf-16be\n",
		"a.c", "// \xe6\xe4\xe5\n", "b.py", "# coding: koi8-r\n# \xf0\xd2\xc9\n", "c.sjis", "\x82\xa0\n", "d.wide", "\x31\x04\n\x00", "e.be", "\x04\x31\x00\n", "f.none", "\xe6\n",
		"not.be", "// gr\xf6\xdfer, \xfcber und \xe4hnlich\n", "utf8.c", "// \u00e6\n", "utf8.sjis", "\u3042\n", "binary.be", "\x00\x01\x02\x03", "chance.gbk", "\xd2\xbb\xd0\xa9\n",
	}
	want := map[string]string{
		"a.c": "iso-8859-1 // æäå\n [charset: .editorconfig:2]", "b.py": "koi8-r # coding: koi8-r\n# При\n []", "c.sjis": "shift_jis あ\n [working-tree-encoding: .gitattributes:1]",
		"d.wide": "utf-16le б\n [working-tree-encoding: .gitattributes:3]", "e.be": "utf-16be б\n [charset: .editorconfig:4]", "f.none": "", "not.be": "windows-1252 // größer, über und ähnlich\n []",
		"utf8.c": "utf-8 // æ\n []", "utf8.sjis": "utf-8 あ\n []", "binary.be": "", "chance.gbk": "gb18030 一些\n [working-tree-encoding: .gitattributes:2]",
	}
	dir := write(t, t.TempDir(), files...)
	repo := t.TempDir()
	gitIn(t, repo, "init", "-q", ".")
	write(t, repo, files[2:]...) // without attributes git takes them as they are
	gitIn(t, repo, "add", ".")
	gitIn(t, repo, "commit", "-q", "-m", "1")
	write(t, repo, files[:2]...)
	gitIn(t, repo, "add", ".gitattributes")
	gitIn(t, repo, "commit", "-q", "-m", "2")
	for _, src := range []crawl.Source{{Name: "folder", Path: dir, Type: "folder"}, {Name: "git", Path: repo, Type: "git"}} {
		if src.Name == "git" {
			want["chance.gbk"] = "utf-8 \xd2\xbb\xd0\xa9\n []"
		}
		docs, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), crawl.Config{Sources: []crawl.Source{src}})
		got := map[string]string{}
		for _, d := range docs {
			got[d.Path] = fmt.Sprintf("%s %s %v", d.Encoding, d.Text, d.Flags)
		}
		for path, want := range want {
			if got[path] != want {
				t.Errorf("%s: %s: %q, want %q", src.Name, path, got[path], want)
			}
		}
	}
}
