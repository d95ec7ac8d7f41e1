package git_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/crawl/git"
	"github.com/codemill/codemill/crawl/origin"
)

// leads are the ways in which a repository can lead git to another folder or
// file: to a repository at `to`, whose HEAD is `commit`.
var leads = map[string]func(t *testing.T, git, to, commit string){
	".git is a file": func(t *testing.T, git, to, _ string) {
		os.RemoveAll(git)
		write(t, filepath.Dir(git), ".git", "gitdir: "+to+"/.git\n")
	},
	".git is a file with a relative path": func(t *testing.T, git, to, _ string) {
		os.RemoveAll(git)
		write(t, filepath.Dir(git), ".git", "gitdir: ../../"+filepath.Base(filepath.Dir(to))+"/private/.git\n")
	},
	".git is a link": func(t *testing.T, git, to, _ string) {
		os.RemoveAll(git)
		link(t, to+"/.git", git)
	},
	"alternates": func(t *testing.T, git, to, commit string) {
		write(t, git, "HEAD", commit+"\n", "objects/info/alternates", "# comment\n\n"+to+"/.git/objects\n")
	},
	"relative alternates": func(t *testing.T, git, to, commit string) {
		write(t, git, "HEAD", commit+"\n", "objects/info/alternates", "../../../../"+filepath.Base(filepath.Dir(to))+"/private/.git/objects\n")
	},
	"alternates of alternates": func(t *testing.T, git, to, commit string) {
		write(t, git, "HEAD", commit+"\n", "other/info/alternates", to+"/.git/objects\n", "objects/info/alternates", "../other\n")
	},
	"alternates behind a folder whose name is a space": func(t *testing.T, git, to, commit string) {
		write(t, git, "HEAD", commit+"\n", "objects/ /x", "", "objects/info/alternates", " /../../../../../"+filepath.Base(filepath.Dir(to))+"/private/.git/objects\n")
	},
	"commondir": func(t *testing.T, git, to, commit string) {
		write(t, git, "HEAD", commit+"\n", "commondir", to+"/.git\n")
	},
	"commondir by a link": func(t *testing.T, git, to, commit string) {
		os.MkdirAll(git+"/a/b/c/d/e", 0o755)
		link(t, "a/b/c/d/e", git+"/deep") // deep/../../../../../../.. is less far up by letters than for the system
		write(t, git, "HEAD", commit+"\n", "commondir", "deep/../../../../../../../../"+filepath.Base(filepath.Dir(to))+"/private/.git")
	},
	"objects": func(t *testing.T, git, to, commit string) {
		os.RemoveAll(git + "/objects")
		link(t, to+"/.git/objects", git+"/objects")
		write(t, git, "HEAD", commit+"\n")
	},
	"some objects": func(t *testing.T, git, to, commit string) {
		dirs, _ := filepath.Glob(to + "/.git/objects/??")
		for _, d := range dirs {
			os.RemoveAll(git + "/objects/" + filepath.Base(d))
			link(t, d, git+"/objects/"+filepath.Base(d))
		}
		write(t, git, "HEAD", commit+"\n")
	},
	"a pack": func(t *testing.T, git, to, commit string) {
		gitIn(t, to, "repack", "-adq")
		files, _ := filepath.Glob(to + "/.git/objects/pack/pack-*")
		for _, f := range files {
			link(t, f, git+"/objects/pack/"+filepath.Base(f))
		}
		write(t, git, "HEAD", commit+"\n")
	},
	"HEAD": func(t *testing.T, git, to, _ string) {
		os.Remove(git + "/HEAD")
		link(t, to+"/.git/HEAD", git+"/HEAD")
	},
	"refs": func(t *testing.T, git, to, _ string) {
		os.RemoveAll(git + "/refs")
		link(t, to+"/.git/refs", git+"/refs")
	},
	"packed-refs": func(t *testing.T, git, to, _ string) {
		gitIn(t, to, "pack-refs", "--all")
		link(t, to+"/.git/packed-refs", git+"/packed-refs")
	},
	"settings": func(t *testing.T, git, to, _ string) {
		os.Remove(git + "/config")
		link(t, to+"/.git/config", git+"/config")
	},
	"include": func(t *testing.T, git, to, _ string) {
		write(t, git, "config", "[core] bare=false\n[InClude] path="+to+"/.git/config\n")
	},
	"include on a line": func(t *testing.T, git, to, _ string) {
		write(t, git, "config", "[core][include] path="+to+"/.git/config\n")
	},
	"conditional include": func(t *testing.T, git, to, _ string) {
		write(t, git, "config", "[includeIf \"gitdir:nowhere\"]\n\tpath = "+to+"/.git/config\n")
	},
	"include of an include": func(t *testing.T, git, to, _ string) {
		write(t, git, "config", "[include]\n\tpath = more\n", "more", "[include]\n\tpath = "+to+"/.git/config\n")
	},
	"include of a worktree": func(t *testing.T, git, to, _ string) {
		write(t, git, "config", "[extensions]\n\tworktreeConfig = true\n", "config.worktree", "[include]\n\tpath = "+to+"/.git/config\n")
	},
	"include behind many settings": func(t *testing.T, git, to, _ string) {
		write(t, git, "config", strings.Repeat("# a comment\n", 10_000)+"[include]\n\tpath = "+to+"/.git/config\n")
	},
	"a table of references": func(t *testing.T, git, to, _ string) {
		write(t, git, "reftable/tables.list", "../"+rel(t, git, to)+"/.git/HEAD\n")
	},
}

// write makes files below dir: name, content, name, content …
func write(t *testing.T, dir string, files ...string) string {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		p := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// gitIn runs git in dir.
func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// newRepo makes a repository of one file.
func newRepo(t *testing.T) string {
	dir := write(t, filepath.Join(t.TempDir(), "repo"), "secret.go", "package secret\n")
	gitIn(t, dir, "init", "-q", "-b", "main")
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", "x")
	return dir
}

// opened opens and lists a repository that may read what is below some paths.
func opened(t *testing.T, dir string, paths ...string) error {
	inside := func(path string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
	}
	tree, err := git.Opener{}.Open(t.Context(), dir, origin.Options{Inside: inside, Note: func(_, _ string) {}})
	if err != nil {
		return err
	}
	return tree.List(t.Context(), func(origin.Entry) error { return nil })
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func rel(t *testing.T, from, to string) string {
	t.Helper()
	path, err := filepath.Rel(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestGitStaysInside holds that git reads nothing outside of a source's paths,
// whichever way a repository leads there, unless the source names it; and that
// the same within its paths is read.
func TestGitStaysInside(t *testing.T) {
	model := newRepo(t)
	for what, put := range leads {
		for _, outside := range []bool{false, true} {
			top := t.TempDir()
			source := filepath.Join(top, "source")
			to := filepath.Join(source, "private")
			if outside {
				to = filepath.Join(top, "elsewhere", "private")
			}
			dir := filepath.Join(source, "x")
			for _, at := range []string{to, dir} {
				if err := os.CopyFS(at, os.DirFS(model)); err != nil {
					t.Fatal(err)
				}
			}
			put(t, filepath.Join(dir, ".git"), to, gitIn(t, to, "rev-parse", "HEAD"))
			err := opened(t, dir, source)
			if refused := err != nil && strings.Contains(err.Error(), "outside of the source's paths"); refused != outside {
				t.Errorf("%s, outside %v: %v", what, outside, err)
			}
			if err := opened(t, dir, source, to); err != nil && what != "HEAD" && what != "a table of references" { // which git refuses
				t.Errorf("%s, named as outside: %v", what, err)
			}
		}
	}
}

// TestGitIsReadAsGitReads holds that what git would read otherwise than it is
// looked at is refused.
func TestGitIsReadAsGitReads(t *testing.T) {
	other := newRepo(t)
	for what, c := range map[string]struct{ file, text, want string }{
		"NUL":         {"objects/info/alternates", other + "/.git/objects\x00x", "names"},
		"quotes":      {"objects/info/alternates", `"` + other + `/.git/objects"`, "names"},
		"long":        {"objects/info/alternates", strings.Repeat("#\n", 1<<15) + other + "/.git/objects\n", "over 65536"},
		"just short":  {"objects/info/alternates", strings.Repeat("#\n", 1<<15), ""},
		"long common": {"commondir", "../.git" + strings.Repeat("\n", 1<<16), "over 65536"},
	} {
		dir := newRepo(t)
		write(t, dir+"/.git", c.file, c.text)
		err := opened(t, dir, dir, other)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A .git that leads to a file that leads further.
	dir := write(t, filepath.Join(t.TempDir(), "x"), ".git", "gitdir: next", "next", "gitdir: "+other+"/.git")
	if err := opened(t, dir, dir, other); err == nil || !strings.Contains(err.Error(), "which is no folder") {
		t.Errorf("a file after a file: %v", err)
	}
}

// TestPacksAreInside has an index of several packs name a pack elsewhere.
func TestPacksAreInside(t *testing.T) {
	dir := newRepo(t)
	top := filepath.Dir(dir)
	gitIn(t, dir, "repack", "-adq")
	gitIn(t, dir, "multi-pack-index", "write")
	packs := filepath.Join(dir, ".git/objects/pack")
	index, err := os.ReadFile(packs + "/multi-pack-index")
	if err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(packs + "/pack-*.idx")
	name := strings.TrimSuffix(filepath.Base(found[0]), ".idx")
	away := "../../../../o/" // of packs: top's
	away += strings.Repeat("p", len(name)-len(away))
	for _, ending := range []string{".idx", ".pack"} {
		os.MkdirAll(top+"/o", 0o755)
		if err := os.Rename(filepath.Join(packs, name+ending), filepath.Join(packs, away+ending)); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(packs+"/multi-pack-index", 0o644)
	if err := os.WriteFile(packs+"/multi-pack-index", bytes.ReplaceAll(index, []byte(name), []byte(away)), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "cat-file", "-e", "HEAD:secret.go")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the trap does not work: %s", out)
	}
	if err := opened(t, dir, dir); err == nil {
		t.Error("the pack was read")
	}
}
