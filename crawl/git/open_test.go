package git_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/codemill/codemill/crawl/git"
	"github.com/codemill/codemill/crawl/origin"
)

// reading is what opening and listing a repository gives.
type reading struct {
	commit string
	files  []string // "path size mode"
	notes  []string
}

func readAll(t *testing.T, dir string, o origin.Options) (r reading, err error) {
	o.Inside = func(path string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
	o.Note = func(what, detail string) { r.notes = append(r.notes, what+": "+detail) }
	tree, err := git.Opener{}.Open(t.Context(), dir, o)
	if err != nil {
		return r, err
	}
	r.commit = tree.Revision()
	return r, tree.List(t.Context(), func(e origin.Entry) error {
		r.files = append(r.files, fmt.Sprint(e.Path, " ", e.Size, " ", e.Mode.Reason()))
		return nil
	})
}

// TestUnreadable has repositories that cannot be read in every way known, and what their
// rows say. No row has a path of the machine.
func TestUnreadable(t *testing.T) {
	overwrite := func(t *testing.T, path string) {
		os.Chmod(path, 0o644)
		if err := os.WriteFile(path, []byte("damaged"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	object := func(t *testing.T, dir, name string) string {
		id := gitIn(t, dir, "rev-parse", name)
		return filepath.Join(dir, ".git/objects", id[:2], id[2:])
	}
	for what, c := range map[string]struct {
		harm func(t *testing.T, dir string)
		want string
	}{
		"no HEAD":          {func(t *testing.T, dir string) { os.Remove(dir + "/.git/HEAD") }, "not a git repository"},
		"HEAD of nonsense": {func(t *testing.T, dir string) { write(t, dir, ".git/HEAD", "what\n") }, "not a git repository"},
		"HEAD of no object": {func(t *testing.T, dir string) {
			write(t, dir, ".git/HEAD", strings.Repeat("1", 40)+"\n")
		}, "HEAD gives no commit"},
		"no objects":     {func(t *testing.T, dir string) { os.RemoveAll(dir + "/.git/objects") }, "not a git repository"},
		"empty .git":     {func(t *testing.T, dir string) { os.RemoveAll(dir + "/.git"); os.Mkdir(dir+"/.git", 0o755) }, "not a git repository"},
		"no repository":  {func(t *testing.T, dir string) { os.RemoveAll(dir + "/.git") }, "not a git repository"},
		"damaged commit": {func(t *testing.T, dir string) { overwrite(t, object(t, dir, "HEAD")) }, "incorrect header"},
		"damaged tree":   {func(t *testing.T, dir string) { overwrite(t, object(t, dir, "HEAD^{tree}")) }, "incorrect header"},
		"missing commit": {func(t *testing.T, dir string) { os.Remove(object(t, dir, "HEAD")) }, "HEAD gives no commit"},
		"missing tree":   {func(t *testing.T, dir string) { os.Remove(object(t, dir, "HEAD^{tree}")) }, "git:"},
		"settings":       {func(t *testing.T, dir string) { write(t, dir, ".git/config", "[core\n") }, "bad config"},
		"format":         {func(t *testing.T, dir string) { write(t, dir, ".git/config", "[core]\nrepositoryformatversion = 9\n") }, "version"},
		"gitdir of nothing": {func(t *testing.T, dir string) {
			os.RemoveAll(dir + "/.git")
			write(t, dir, ".git", "gitdir: /nowhere/at/all\n")
		}, "no such file"},
		"outside": {func(t *testing.T, dir string) {
			write(t, dir, ".git/objects/info/alternates", "/usr\n")
		}, "outside of the source's paths"},
	} {
		dir := newRepo(t)
		c.harm(t, dir)
		_, err := readAll(t, dir, origin.Options{})
		left := &origin.Left{}
		if !errors.As(err, &left) || left.Reason != origin.UnreadableRepo || !strings.Contains(left.Detail, c.want) {
			t.Errorf("%s: %v, of which the row says %q, want %q", what, err, left.Detail, c.want)
		}
		for _, path := range []string{filepath.Dir(dir), "/nowhere", "/usr"} {
			if strings.Contains(left.Detail, path) {
				t.Errorf("%s: the row names a path: %q", what, left.Detail)
			}
		}
	}
}

// TestDiskIsNotTheRepository has git complain as it does where a disk fails, or be ended
// from outside, or not be there: none of it says anything of the repository.
func TestDiskIsNotTheRepository(t *testing.T) {
	dir := newRepo(t)
	for script, refused := range map[string]bool{
		"echo 'fatal: error reading x: Input/output error' >&2; exit 128": false,
		"echo 'fatal: Out of memory, malloc failed' >&2; exit 128":        false,
		"echo 'error: x: Too many open files' >&2; exit 128":              false,
		"kill -KILL $$": false,
		"kill -TERM $$": false,
		"kill -SEGV $$": true,
		"echo 'fatal: bad object HEAD' >&2; exit 128": true,
	} {
		bin := t.TempDir()
		if err := os.WriteFile(bin+"/git", []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin+":/usr/bin:/bin")
		_, err := readAll(t, dir, origin.Options{})
		if r := (*origin.Refusal)(nil); err == nil || errors.As(err, &r) != refused {
			t.Errorf("%s: %v, want a refusal: %v", script, err, refused)
		}
	}
	t.Setenv("PATH", t.TempDir())
	_, err := readAll(t, dir, origin.Options{})
	if r := (*origin.Refusal)(nil); !errors.Is(err, exec.ErrNotFound) || errors.As(err, &r) {
		t.Errorf("without git: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = git.Opener{}.Open(ctx, dir, origin.Options{Inside: func(string) bool { return true }})
	if r := (*origin.Refusal)(nil); err == nil || errors.As(err, &r) {
		t.Errorf("interrupted: %v", err)
	}
	for err, want := range map[error]bool{syscall.EIO: false, syscall.EACCES: true, syscall.ENOENT: true, syscall.ELOOP: true, syscall.ESTALE: false, nil: false} {
		if origin.Unreachable(err) != want {
			t.Errorf("%v: unreachable %v", err, !want)
		}
	}
}

// TestBrokenClones: what is left of a bare clone is told from a folder by its name.
func TestBrokenClones(t *testing.T) {
	for what, c := range map[string]struct {
		name  string
		files []string
		want  bool
	}{
		"empty":            {"x.git", nil, true},
		"empty, no .git":   {"x", nil, false},
		"objects":          {"x.git", []string{"objects/info/x", "", "config", ""}, true},
		"objects, no .git": {"x", []string{"objects/info/x", "", "config", ""}, false},
		"all":              {"x", []string{"objects/info/x", "", "HEAD", "", "refs/x", ""}, true},
		"files":            {"x.git", []string{"a.go", ""}, false},
	} {
		dir := filepath.Join(t.TempDir(), c.name)
		os.Mkdir(dir, 0o755)
		write(t, dir, c.files...)
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if (git.Opener{}).Is(dir, info) != c.want {
			t.Errorf("%s: want %v", what, c.want)
		}
	}
}

// TestOnlyBranch has HEAD stand for a branch that is not there.
func TestOnlyBranch(t *testing.T) {
	dir := newRepo(t)
	want := gitIn(t, dir, "rev-parse", "HEAD")
	write(t, dir, ".git/HEAD", "ref: refs/heads/gone\n")
	r, err := readAll(t, dir, origin.Options{})
	if err != nil || r.commit != want || len(r.notes) != 1 || !strings.Contains(r.notes[0], "the only branch is read: refs/heads/main instead of refs/heads/gone") {
		t.Errorf("%+v, %v", r, err)
	}
	gitIn(t, dir, "branch", "second", want)
	if r, err = readAll(t, dir, origin.Options{}); err == nil || !strings.Contains(err.Error(), "several other branches") || len(r.notes) != 0 {
		t.Errorf("two branches: %+v, %v", r, err)
	}
	gitIn(t, dir, "update-ref", "-d", "refs/heads/second")
	gitIn(t, dir, "update-ref", "-d", "refs/heads/main")
	if _, err = readAll(t, dir, origin.Options{}); err == nil || !strings.Contains(err.Error(), "no commit yet") {
		t.Errorf("no branch: %v", err)
	}
}

// TestRefAndBefore: the branch had, on a day, what was merged into it by then.
func TestRefAndBefore(t *testing.T) {
	dir := newRepo(t)
	day := func(n int) time.Time { return time.Date(2020, 1, n, 0, 0, 0, 0, time.UTC) }
	on := func(n int, args ...string) string {
		t.Setenv("GIT_COMMITTER_DATE", day(n).Format(time.RFC3339))
		gitIn(t, dir, args...)
		return gitIn(t, dir, "rev-parse", "HEAD")
	}
	first := on(1, "commit", "-q", "--amend", "-m", "first")
	gitIn(t, dir, "tag", "v1")
	gitIn(t, dir, "checkout", "-q", "-b", "side")
	side := on(5, "commit", "-q", "--allow-empty", "-m", "side")
	gitIn(t, dir, "checkout", "-q", "main")
	merged := on(10, "merge", "-q", "--no-ff", "-m", "merge", "side")
	for _, c := range []struct {
		ref    string
		before time.Time
		want   string
	}{
		{"", time.Time{}, merged},
		{"v1", time.Time{}, first},
		{"side", time.Time{}, side},
		{"refs/heads/side", time.Time{}, side},
		{side, time.Time{}, side},
		{side[:10], time.Time{}, side},
		{"", day(10), first}, // side was not merged yet
		{"", day(10).Add(time.Second), merged},
		{"side", day(10), side},
		{"side", day(5), first},
		{"", day(1).Add(time.Second), first},
	} {
		o := origin.Options{Ref: c.ref}
		if !c.before.IsZero() {
			o.Before = c.before.Unix()
		}
		if r, err := readAll(t, dir, o); err != nil || r.commit != c.want {
			t.Errorf("%q before %v: %s, want %s: %v", c.ref, c.before, r.commit, c.want, err)
		}
	}
	left := &origin.Left{}
	if _, err := readAll(t, dir, origin.Options{Before: day(1).Unix()}); !errors.As(err, &left) || left.Reason != origin.NotYet || left.Detail != "no commit before 2020-01-01T00:00:00Z" {
		t.Errorf("before the first commit: %v", left)
	}
	if _, err := readAll(t, dir, origin.Options{Ref: "v2"}); !errors.As(err, &left) || left.Reason != origin.UnreadableRepo || !strings.Contains(left.Detail, "v2 gives no commit: ") {
		t.Errorf("no such ref: %v", left)
	}
}

// TestPartialClones: such a clone gives what it has.
func TestPartialClones(t *testing.T) {
	up := newRepo(t)
	write(t, up, "big.txt", strings.Repeat("a", 5000), "sub/b.go", "package b\n", "sub/big copy.txt", strings.Repeat("a", 5000))
	link(t, "secret.go", up+"/link")
	gitIn(t, up, "add", "-A")
	gitIn(t, up, "commit", "-q", "-m", "y")
	gitIn(t, up, "config", "uploadpack.allowFilter", "true")
	clone := func(filter string) string {
		dir := filepath.Join(t.TempDir(), "clone.git")
		gitIn(t, filepath.Dir(dir), "-c", "protocol.file.allow=always", "clone", "-q", "--bare", "--filter="+filter, "file://"+up, dir)
		return dir
	}
	const all = "big.txt 5000 ; link 9 symlink; secret.go 15 ; sub/b.go 10 ; sub/big copy.txt 5000 "
	for filter, want := range map[string]string{
		"blob:limit=1k":   "big.txt 0 unreadable; link 9 symlink; secret.go 15 ; sub/b.go 10 ; sub/big copy.txt 0 unreadable",
		"blob:limit=5000": "big.txt 0 unreadable; link 9 symlink; secret.go 15 ; sub/b.go 10 ; sub/big copy.txt 0 unreadable",
		"blob:limit=5001": all,
		"blob:none":       "big.txt 0 unreadable; link 0 unreadable; secret.go 0 unreadable; sub/b.go 0 unreadable; sub/big copy.txt 0 unreadable",
	} {
		r, err := readAll(t, clone(filter), origin.Options{})
		if got := strings.Join(r.files, "; "); err != nil || got != want {
			t.Errorf("%s: %s, want %s: %v", filter, got, want, err)
		}
	}
	_, err := readAll(t, clone("tree:0"), origin.Options{})
	if left := (*origin.Left)(nil); !errors.As(err, &left) || left.Reason != origin.UnreadableRepo {
		t.Errorf("without trees: %v", err)
	}
	// A sound repository whose settings say so is read the same.
	gitIn(t, up, "config", "remote.origin.promisor", "true")
	if r, err := readAll(t, up, origin.Options{}); err != nil || strings.Join(r.files, "; ") != all {
		t.Errorf("a whole one: %v, %v", r.files, err)
	}
}

// TestUncommitted: what is changed and not committed is said, and nothing of the
// repository's is run to find out.
func TestUncommitted(t *testing.T) {
	for _, version := range []string{"2", "4"} { // 2 becomes 3 where a file is marked
		for what, c := range map[string]struct {
			change func(t *testing.T, dir string)
			want   string
		}{
			"nothing":    {func(t *testing.T, dir string) {}, ""},
			"untracked":  {func(t *testing.T, dir string) { write(t, dir, "new.go", "package new\n") }, ""},
			"touched":    {func(t *testing.T, dir string) { os.Chtimes(dir+"/secret.go", time.Now(), time.Unix(1, 0)) }, ""},
			"longer":     {func(t *testing.T, dir string) { write(t, dir, "sub/b.go", "package b\n\n") }, "sub/b.go"},
			"shorter":    {func(t *testing.T, dir string) { write(t, dir, "sub/long name.go", "package") }, "sub/long name.go"},
			"removed":    {func(t *testing.T, dir string) { os.Remove(dir + "/secret.go") }, "secret.go"},
			"no folder":  {func(t *testing.T, dir string) { os.RemoveAll(dir + "/sub") }, "sub/b.go"},
			"a link":     {func(t *testing.T, dir string) { os.Remove(dir + "/link"); link(t, "somewhere else", dir+"/link") }, "link"},
			"the same":   {func(t *testing.T, dir string) { os.Remove(dir + "/link"); link(t, "secret.go", dir+"/link") }, ""},
			"leads away": {func(t *testing.T, dir string) { os.RemoveAll(dir + "/sub"); link(t, "/usr", dir+"/sub") }, ""},
			"staged": {func(t *testing.T, dir string) {
				write(t, dir, "new.go", "package new\n")
				gitIn(t, dir, "add", "-A")
			}, "new.go"},
			"sparse": {func(t *testing.T, dir string) {
				gitIn(t, dir, "update-index", "--skip-worktree", "secret.go")
				os.Remove(dir + "/secret.go")
			}, ""},
			"not checked out": {func(t *testing.T, dir string) {
				os.Remove(dir + "/.git/index")
				os.Remove(dir + "/secret.go")
			}, ""},
			"damaged index": {func(t *testing.T, dir string) { os.Truncate(dir+"/.git/index", 90) }, ""},
			"no index":      {func(t *testing.T, dir string) { write(t, dir, ".git/index", "DIRC what is this") }, ""},
		} {
			dir := newRepo(t)
			write(t, dir, "sub/b.go", "package b\n", "sub/long name.go", "package long\n", "z", "z")
			link(t, "secret.go", dir+"/link")
			gitIn(t, dir, "add", "-A")
			gitIn(t, dir, "commit", "-q", "-m", "y")
			gitIn(t, dir, "update-index", "--index-version", version)
			c.change(t, dir)
			ran := filepath.Join(t.TempDir(), "ran")
			gitIn(t, dir, "config", "filter.x.clean", "touch "+ran)
			gitIn(t, dir, "config", "core.fsmonitor", "touch "+ran)
			gitIn(t, dir, "config", "core.worktree", "/usr")
			write(t, dir, ".git/info/attributes", "* filter=x\n")
			r, err := readAll(t, dir, origin.Options{})
			got := strings.Join(r.notes, "; ")
			if err != nil || (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("version %s, %s: %q, want %q: %v", version, what, got, c.want, err)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Fatalf("%s: something of the repository's was run", what)
			}
		}
	}
}

// TestCallsOfGit: a worktree as it was committed costs no call of git more than a bare
// repository, and one in whose index something stands besides is told from it.
func TestCallsOfGit(t *testing.T) {
	real, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	log := bin + "/calls"
	if err := os.WriteFile(bin+"/git", []byte("#!/bin/sh\necho x >> "+log+"\nexec "+real+" \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	dir := newRepo(t)
	bare := filepath.Join(t.TempDir(), "bare.git")
	gitIn(t, dir, "clone", "-q", "--bare", dir, bare)
	for _, c := range []struct {
		dir          string
		stage        func()
		calls, notes int
	}{
		{bare, func() {}, 2, 0},
		{dir, func() {}, 2, 0},
		{dir, func() { gitIn(t, dir, "update-index", "--index-version", "4") }, 2, 0},
		{dir, func() { write(t, dir, "new.go", "package n\n"); gitIn(t, dir, "add", "new.go") }, 3, 1},
		{dir, func() { gitIn(t, dir, "write-tree") }, 3, 1}, // the index is of a tree, but another
		{dir, func() { gitIn(t, dir, "commit", "-q", "-m", "n") }, 2, 0},
	} {
		c.stage()
		os.Remove(log)
		t.Setenv("PATH", bin+":"+path)
		r, err := readAll(t, c.dir, origin.Options{})
		t.Setenv("PATH", path)
		calls, _ := os.ReadFile(log)
		if err != nil || len(calls)/2 != c.calls || len(r.notes) != c.notes {
			t.Errorf("%s: %d calls, want %d; notes %q, want %d: %v", c.dir, len(calls)/2, c.calls, r.notes, c.notes, err)
		}
	}
}
