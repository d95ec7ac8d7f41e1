package crawl_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work/vfs"
)

// gitIn runs git in dir.
func gitIn(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

var treeFiles = []string{
	"LICENSE", "SPDX-License-Identifier: MIT\n", "a-b.go", "package a\n", "a/b.go", "package b\n", "a.go", "// SPDX-License-Identifier: GPL-2.0-or-later\npackage a\n",
	"sub/COPYING", "SPDX-License-Identifier: LicenseRef-Own\n", "sub/x.py", "print(1)\n", "doc/read me.md", "# é\n", "new\nline.txt", "odd\n", "\x1b[31m.txt", "escape\n", "bad\xff.txt", "odd name\n",
	"empty.c", "", "bin.dat", "\x00\x01\x02", "u16.txt", "\xff\xfeh\x00i\x00", "latin.c", "/* caf\xe9 */ int x;\n", "gbk.c", "/* \xc4\xe3\xba\xc3\xca\xc0\xbd\xe7 */\n",
	"big.txt", strings.Repeat("x", 3000), "ptr.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "dup/a.go", "package b\n",
}

func newRepo(t testing.TB) string {
	dir := write(t, filepath.Join(t.TempDir(), "repo"), treeFiles...)
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link.go")); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "init", "-q")
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", "x")
	return dir
}

func small(path ...string) crawl.Config {
	return crawl.Config{MaxFileBytes: 2000, Sources: []crawl.Source{{Name: "s", Paths: path}}}
}

func reasons(left []corpus.LeftOut) map[string]string {
	m := map[string]string{}
	for _, l := range left {
		m[l.Path] = string(l.Reason)
	}
	return m
}

func TestFolderWorktreeAndBareGiveTheSame(t *testing.T) {
	dir := newRepo(t)
	bare := filepath.Join(t.TempDir(), "repo.git")
	gitIn(t, dir, "clone", "-q", "--bare", dir, bare)
	linked := filepath.Join(t.TempDir(), "repo")
	gitIn(t, dir, "worktree", "add", "-q", linked)
	write(t, dir, "uncommitted.go", "package x\n")

	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	want := map[string]string{
		"empty.c": "empty", "bin.dat": "binary", "gbk.c": "encoding", "big.txt": "too_large", "ptr.bin": "lfs_pointer", "link.go": "symlink",
	}
	if got := reasons(left); !reflect.DeepEqual(got, want) {
		t.Errorf("left out %v, want %v", got, want)
	}
	for _, path := range []string{bare, linked} {
		cfg := small(path)
		if path == linked {
			cfg.Sources[0].OnUnreadable = crawl.UnreadableStop
			_, err := crawl.Run(t.Context(), newJob(t, vfs.OS{}, t.TempDir()), cfg)
			if err == nil || !strings.Contains(err.Error(), "outside of the source's paths") {
				t.Errorf("a worktree whose repository stands elsewhere: %v", err)
			}
			cfg.Sources[0].Outside = []string{dir}
		}
		d, l := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
		if !reflect.DeepEqual(d, docs) || !reflect.DeepEqual(l, left) {
			t.Errorf("%s: other documents than from the worktree", path)
		}
	}
	os.Remove(filepath.Join(dir, "uncommitted.go"))
	cfg := small(dir)
	cfg.Sources[0].Type = "folder"
	d, l := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	for i := range l { // a folder's link has no size that is counted
		l[i].Value, left[i].Value = 0, 0
	}
	for i := range d {
		if d[i].Revision != "" || docs[i].Revision == "" {
			t.Fatal("revision", d[i].Revision, docs[i].Revision)
		}
		d[i].Revision = docs[i].Revision
	}
	if !reflect.DeepEqual(d, docs) || !reflect.DeepEqual(reasons(l), want) {
		t.Error("the folder gives other documents than git")
	}
	checkTree(t, docs)
}

func checkTree(t *testing.T, docs []corpus.Doc) {
	by := map[string]corpus.Doc{}
	for i, d := range docs {
		if by[d.Path] = d; i > 0 && docs[i-1].Path >= d.Path {
			t.Errorf("%q stands before %q", docs[i-1].Path, d.Path)
		}
	}
	for path, want := range map[string][4]string{ // licence, type, language, encoding
		"a/b.go": {"MIT", "permissive", "Go", "utf-8"}, "a.go": {"GPL-2.0-or-later", "copyleft", "Go", "utf-8"}, "sub/x.py": {"LicenseRef-Own", "unknown", "Python", "utf-8"},
		"u16.txt": {"MIT", "permissive", "Text", "utf-16le"}, "latin.c": {"MIT", "permissive", "C", "windows-1252"},
	} {
		d := by[path]
		if got := [4]string{d.License, d.LicenseType, d.Language, d.Encoding}; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if string(by["u16.txt"].Text) != "hi" || string(by["latin.c"].Text) != "/* café */ int x;\n" {
		t.Error("conversion")
	}
	if by["bad\xff.txt"].Path == "" || by["new\nline.txt"].Path == "" {
		t.Error("odd names are missing")
	}
}

// TestFlagsOfDocuments: the path alone says what is vendored.
func TestFlagsOfDocuments(t *testing.T) {
	const generated = "// Code generated by x. DO NOT EDIT.\npackage x\n"
	dir := write(t, filepath.Join(t.TempDir(), "vendor", "r"), "a.go", "package vendor\n", "g.go", generated, "vendor/a.go", "package a\n", "vendor/g.go", generated)
	docs, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	got := map[string][2]bool{}
	for _, d := range docs {
		got[d.Path] = [2]bool{d.IsVendor, d.IsGenerated}
	}
	want := map[string][2]bool{"a.go": {false, false}, "g.go": {false, true}, "vendor/a.go": {true, false}, "vendor/g.go": {true, true}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("vendored and generated: %v, want %v", got, want)
	}
}

func TestFolderStaysInside(t *testing.T) {
	secret := write(t, t.TempDir(), "secret.go", "package secret\n")
	dir := write(t, t.TempDir(), "a.go", "package a\n", ".git/config", "x", "sub/.git", "gitdir: elsewhere\n", "deep/b.go", "package b\n")
	for link, to := range map[string]string{
		"file.go": filepath.Join(secret, "secret.go"), "dir": secret, "loop": ".", "deep/up": "..", "self": "self", "inside.go": "a.go",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.go"), 0o644); err != nil {
		t.Skip(err)
	}
	cfg := small(dir)
	cfg.Sources[0].Type = "folder"
	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	if len(docs) != 2 {
		t.Errorf("%d documents, want a.go and deep/b.go", len(docs))
	}
	want := map[string]string{"file.go": "symlink", "dir": "symlink", "loop": "symlink", "deep/up": "symlink", "self": "symlink", "inside.go": "symlink", "pipe.go": "not_regular"}
	if got := reasons(left); !reflect.DeepEqual(got, want) {
		t.Errorf("left out %v, want %v", got, want)
	}
}

// TestTreesStayInside makes trees as git itself makes none.
func TestTreesStayInside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "repo")
	gitIn(t, filepath.Dir(dir), "init", "-q", dir)
	write(t, dir, "x", "package x\n")
	hash := func(typ, text string) string {
		return gitIn(t, write(t, dir, "object", text), "hash-object", "-t", typ, "--literally", "-w", "object")
	}
	raw := func(id string) string { b, _ := hex.DecodeString(id); return string(b) }
	file := func(name string) string { return "100644 " + name + "\x00" + raw(hash("blob", "package x\n")) }
	sub := func(name, of string) string { return "40000 " + name + "\x00" + raw(hash("tree", of)) }
	top := hash("tree", sub("..", sub("..", file("up.go"))+file("x.go"))+sub(".git", file("config.go"))+file("/etc/abs.go")+file("a/../../x.go")+sub("sub", file(".GIT"))+file("z..go"))
	gitIn(t, dir, "update-ref", "HEAD", gitIn(t, dir, "commit-tree", top, "-m", "x"))
	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	if len(docs) != 1 || docs[0].Path != "z..go" {
		t.Errorf("documents %v", docs)
	}
	want := map[string]string{}
	for _, p := range []string{"../../up.go", "../x.go", ".git/config.go", "/etc/abs.go", "a/../../x.go", "sub/.GIT"} {
		want[p] = "path"
	}
	if got := reasons(left); !reflect.DeepEqual(got, want) {
		t.Errorf("left out %v, want %v", got, want)
	}
}

// TestHostileRepository gives git every setting known to run a program or to
// change what is read, and a missing object that it would want to fetch.
func TestHostileRepository(t *testing.T) {
	dir := newRepo(t)
	mark := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(dir, ".git", "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+mark+"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	clean, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	for _, kv := range []string{
		"core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy", "core.alternateRefsCommand", "filter.x.smudge", "filter.x.process",
		"diff.x.textconv", "diff.external", "pager.ls-tree", "pager.cat-file", "credential.helper", "uploadpack.packObjectsHook", "alias.ls-tree", "alias.cat-file", "gpg.program",
		"remote.origin.uploadpack", "core.hooksPath",
	} {
		gitIn(t, dir, "config", kv, script)
	}
	gitIn(t, dir, "config", "alias.rev-parse", "!"+script)
	gitIn(t, dir, "config", "protocol.allow", "always")
	gitIn(t, dir, "config", "protocol.ext.allow", "always")
	gitIn(t, dir, "config", "remote.origin.url", "ext::"+script)
	gitIn(t, dir, "config", "remote.origin.promisor", "true")
	gitIn(t, dir, "config", "core.repositoryformatversion", "1")
	gitIn(t, dir, "config", "extensions.partialClone", "origin")
	write(t, dir, ".gitattributes", "* filter=x diff=x export-ignore working-tree-encoding=UTF-16\n", ".git/info/attributes", "* filter=x export-ignore\n")
	blob := gitIn(t, dir, "rev-parse", "HEAD:a.go")
	evil := filepath.Join(t.TempDir(), "evil")
	if err := os.WriteFile(evil, []byte("package evil\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "update-ref", "refs/replace/"+blob, gitIn(t, dir, "hash-object", "--no-filters", "-w", evil))
	os.Remove(mark)
	docs, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	if !reflect.DeepEqual(docs, clean) {
		t.Error("the settings of the repository changed its documents")
	}
	// An object that is not there must not be fetched either.
	if err := os.Remove(filepath.Join(dir, ".git/objects", blob[:2], blob[2:])); err != nil {
		t.Fatal(err)
	}
	_, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	if reasons(left)["a.go"] != "unreadable" {
		t.Error("a missing object that git would want to fetch:", reasons(left))
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("something of the repository's was run")
	}
	cmd := exec.Command("git", "cat-file", "-p", blob)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_NO_REPLACE_OBJECTS=1")
	cmd.Run()
	if _, err := os.Stat(mark); err != nil {
		t.Error("the trap does not work: git itself runs nothing")
	}
}

// TestNothingToWaitFor puts a pipe or a device where git would open it, and
// links in circles where a walk would follow them.
func TestNothingToWaitFor(t *testing.T) {
	other := newRepo(t)
	pipe := func(path string) error { os.Remove(path); return syscall.Mkfifo(path, 0o644) }
	for what, put := range map[string]func(git string) error{
		"HEAD": func(git string) error { return pipe(git + "/HEAD") },
		"ref":  func(git string) error { return pipe(git + "/refs/heads/x") },
		"pack": func(git string) error {
			return pipe(git + "/objects/pack/pack-0000000000000000000000000000000000000000.idx")
		},
		"include": func(git string) error {
			write(t, git, "config", "[include]\n\tpath = pipe\n")
			return pipe(git + "/pipe")
		},
		"device": func(git string) error { return os.Symlink(os.DevNull, git+"/packed-refs") },
		"alternate": func(git string) error {
			write(t, git, "objects/info/alternates", "# comment\n"+other+"/.git/objects\n")
			return pipe(other + "/.git/objects/info/packs")
		},
	} {
		dir := newRepo(t)
		if err := os.Symlink("..", dir+"/.git/refs/circle"); err != nil {
			t.Fatal(err)
		}
		if _, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir)); len(left) == 0 {
			t.Errorf("%s: nothing left out", what)
		}
		if err := put(dir + "/.git"); err != nil {
			t.Skip(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		cfg := small(dir)
		cfg.Sources[0].Outside = []string{other, os.DevNull}
		cfg.Sources[0].OnUnreadable = crawl.UnreadableStop
		_, err := crawl.Run(ctx, newJob(t, vfs.OS{}, t.TempDir()), cfg)
		cancel()
		if err == nil || !strings.Contains(err.Error(), "neither a file nor a folder") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestMissingAndDamagedObjects(t *testing.T) {
	dir := newRepo(t)
	gone, bad := gitIn(t, dir, "rev-parse", "HEAD:a-b.go"), gitIn(t, dir, "rev-parse", "HEAD:sub/x.py")
	object := func(id string) string { return filepath.Join(dir, ".git/objects", id[:2], id[2:]) }
	if err := os.Remove(object(gone)); err != nil {
		t.Fatal(err)
	}
	os.Chmod(object(bad), 0o644)
	b, _ := os.ReadFile(object(bad))
	for i := len(b) / 2; i < len(b); i++ {
		b[i] ^= 0x55
	}
	if err := os.WriteFile(object(bad), b, 0o644); err != nil {
		t.Fatal(err)
	}
	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), small(dir))
	got := reasons(left)
	if got["a-b.go"] != "unreadable" || got["sub/x.py"] != "unreadable" || len(got) != 8 {
		t.Errorf("left out %v", got)
	}
	if len(docs) == 0 || docs[len(docs)-1].Path != "u16.txt" {
		t.Error("reading did not go on after the damage")
	}
	tree := gitIn(t, dir, "rev-parse", "HEAD:sub")
	if err := os.Remove(object(tree)); err != nil {
		t.Fatal(err)
	}
	stop := small(dir)
	stop.Sources[0].OnUnreadable = crawl.UnreadableStop
	_, err := crawl.Run(context.Background(), newJob(t, vfs.OS{}, t.TempDir()), stop)
	if err == nil || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "hint") {
		t.Errorf("a tree is missing: %v", err)
	}
	for _, optional := range []bool{false, true} { // which is about what is not there
		cfg := small(dir)
		cfg.Sources[0].Optional = optional
		docs, left, warned := crawlWarned(t, cfg)
		if len(docs) != 0 || len(left) != 1 || left[0].Reason != crawl.UnreadableRepo || !strings.Contains(left[0].Detail, tree) || strings.Contains(left[0].Detail, filepath.Dir(dir)) {
			t.Errorf("a tree is missing, optional %v: %d documents, left out %v", optional, len(docs), left)
		}
		if len(warned) != 1 || !strings.Contains(warned[0], "repositories cannot be read and are left out (1): "+dir) {
			t.Errorf("a tree is missing, optional %v: %q", optional, warned)
		}
	}
}

// crawlWarned is crawlAll with what it warns of.
func crawlWarned(t testing.TB, cfg crawl.Config) ([]corpus.Doc, []corpus.LeftOut, []string) {
	var warned []string
	job := newJob(t, vfs.OS{}, t.TempDir())
	job.Warn = func(s string) { warned = append(warned, s) }
	docs, left := crawlAll(t, job, cfg)
	return docs, left, warned
}

func TestUnbornAndSubmodule(t *testing.T) {
	dir, unborn := newRepo(t), filepath.Join(t.TempDir(), "unborn")
	gitIn(t, dir, "init", "-q", unborn)
	gitIn(t, dir, "update-index", "--add", "--cacheinfo", "160000,"+gitIn(t, dir, "rev-parse", "HEAD")+",module")
	gitIn(t, dir, "commit", "-q", "-m", "y")
	_, left, warned := crawlWarned(t, small(dir, unborn))
	if reasons(left)["module"] != "submodule" || len(warned) != 1 || !strings.Contains(warned[0], "no commit yet") {
		t.Errorf("%v %v", reasons(left), warned)
	}
	if docs, left, _ := crawlWarned(t, small(unborn)); len(docs) != 0 || len(left) != 1 || left[0].Path != "." || left[0].Detail != "no commit yet" {
		t.Errorf("a source of nothing but an empty repository: %v", left)
	}
}

func TestOnce(t *testing.T) {
	a := write(t, filepath.Join(t.TempDir(), "a"), "x/one.go", "package one\n", "two.go", "package one\n", "one.txt", "package one\n", "LICENSE", "SPDX-License-Identifier: MIT\n", "only.go", "package only\n")
	b := write(t, filepath.Join(t.TempDir(), "b"), "one.go", "package one\n", "copy.go", "package only\n")
	gitIn(t, b, "init", "-q")
	gitIn(t, b, "add", "-A")
	gitIn(t, b, "commit", "-q", "-m", "x")
	for _, shard := range []int64{1, 0} {
		cfg := small(b, a)
		cfg.Blobs, cfg.ShardBytes = crawl.BlobsOnce, shard
		docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
		var got []string
		for _, d := range docs {
			got = append(got, fmt.Sprint(d.Repo, ":", d.Path, " ", d.AlsoAt))
		}
		want := []string{"a:LICENSE []", "a:one.txt []", "a:only.go [b:copy.go]", "a:two.go [a:x/one.go b:one.go]"}
		if !reflect.DeepEqual(got, want) || len(left) != 3 {
			t.Errorf("shards of %d: %q, left %v", shard, got, left)
		}
	}
}

func TestListGlobMetadataAndNames(t *testing.T) {
	root := write(t, t.TempDir(), "h/x@v1/a.go", "package a\n", "h/y@v1/a.go", "package a\n", "h/y@v1/in@ner/b.go", "package b\n", "cache/download/h/x/@v/list", "v1\n",
		"list", "# two\nh/x@v1\n\nh/y@v1\n", "meta", `{"repo":"h/x@v1","stars":7,"created_at":"2020-01-02T03:04:05Z"}`+"\n")
	cfg := crawl.Config{Metadata: filepath.Join(root, "meta"), Sources: []crawl.Source{{Name: "s", Path: root, Glob: "**/*@*"}, {Name: "l", List: filepath.Join(root, "list")}}}
	docs, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	var got []string
	for _, d := range docs {
		got = append(got, fmt.Sprint(d.Source, " ", d.Repo, " ", d.Path, " ", d.Stars, " ", d.CreatedAt))
	}
	want := []string{"s h/x@v1 a.go 7 1577934245", "s h/y@v1 a.go -1 0", "s h/y@v1 in@ner/b.go -1 0", "l x@v1 a.go -1 0", "l y@v1 a.go -1 0", "l y@v1 in@ner/b.go -1 0"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	same := small(filepath.Join(root, "h/x@v1"), write(t, filepath.Join(t.TempDir(), "x@v1"), "b.go", "package b\n"))
	if _, err := crawl.Run(context.Background(), newJob(t, vfs.OS{}, t.TempDir()), same); err == nil || !strings.Contains(err.Error(), `"x@v1"`) {
		t.Errorf("two of one name: %v", err)
	}
	write(t, root, "named", "h/x@v1\tone/x\nh/y@v1\n")
	named := crawl.Config{Sources: []crawl.Source{{Name: "l", List: filepath.Join(root, "named")}}}
	docs, _ = crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), named)
	if len(docs) != 3 || docs[0].Repo != "one/x" || docs[1].Repo != "y@v1" {
		t.Errorf("named in a list: %v", docs)
	}
	named.Sources[0].Glob = "*"
	if _, err := crawl.Run(context.Background(), newJob(t, vfs.OS{}, t.TempDir()), named); err == nil || !strings.Contains(err.Error(), `the name "one/x", but glob`) {
		t.Errorf("a name for several: %v", err)
	}
	missing := small(filepath.Join(root, "nowhere"))
	if _, err := crawl.Run(context.Background(), newJob(t, vfs.OS{}, t.TempDir()), missing); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("missing: %v", err)
	}
	missing.Sources[0].Optional = true
	if docs, _ := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), missing); len(docs) != 0 {
		t.Error("documents out of nowhere")
	}
}

func TestKindsAndGlobs(t *testing.T) {
	dir := newRepo(t)
	cfg := small(dir)
	cfg.Sources[0].Kinds = []string{corpus.Prose}
	cfg.Sources[0].Exclude = []string{"new*", "sub/**"}
	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	for _, d := range docs {
		if d.Kind != corpus.Prose || strings.HasPrefix(d.Path, "sub/") {
			t.Errorf("%s: %s", d.Path, d.Kind)
		}
		if d.License != "MIT" {
			t.Errorf("%s: the licence is not inherited", d.Path)
		}
	}
	got := reasons(left)
	if got["a.go"] != "kind" || got["sub/x.py"] != "excluded" || got["new\nline.txt"] != "excluded" || len(docs) == 0 {
		t.Errorf("%v", got)
	}
}

func TestConfig(t *testing.T) {
	if err := (crawl.Config{}).Validate(); err != nil {
		t.Error(err)
	}
	ok := crawl.Source{Name: "a", Path: "x"}
	for _, c := range []struct {
		cfg  crawl.Config
		want string
	}{
		{crawl.Config{MaxFileBytes: 1 << 40}, "max_file_bytes: 1099511627776 is not in 1 to 67108864"},
		{crawl.Config{ShardBytes: -1}, "shard_bytes: -1 is not in"},
		{crawl.Config{Blobs: "x"}, `blobs: "x" is not one of every, once`},
		{crawl.Config{Sources: []crawl.Source{ok, ok}}, `sources[1].name: "a" is there twice`},
		{crawl.Config{Sources: []crawl.Source{{Name: "a/b", Path: "x"}}}, "sources[0].name"},
		{crawl.Config{Sources: []crawl.Source{{Name: "a"}}}, "sources[0] (a).path"},
		{crawl.Config{Sources: []crawl.Source{{Name: "a", Path: "x", Kinds: []string{"poem"}}}}, "(a).kinds"},
		{crawl.Config{Sources: []crawl.Source{{Name: "a", Path: "x", Include: []string{"["}}}}, "(a).include"},
		{crawl.Config{Sources: []crawl.Source{{Name: "a", Path: "x", Columns: map[string]string{"txt": "y"}}}}, "(a).columns"},
		{crawl.Config{Sources: []crawl.Source{{Name: "a", Path: "x", License: "MIT OR"}}}, "(a).license"},
		{crawl.Config{Sources: []crawl.Source{{Name: "a", Path: "x", OnUnreadable: "skip"}}}, `(a).on_unreadable: "skip" is not one of leave, stop`},
		{crawl.Config{Sources: []crawl.Source{{Name: "a", Path: "x", Ref: "v1", Type: "jsonl"}}}, "(a).ref and as_of: are for git"},
	} {
		if err := c.cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := json.Marshal(crawl.Config{}); err != nil {
		t.Error(err)
	}
}
