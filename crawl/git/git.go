// Package git reads the trees of git repositories by calling git.
//
//	git.go      repositories, calls of git, listings
//	reach.go    what a repository leads git to
//	catfile.go  blobs
package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/codemill/codemill/crawl/origin"
)

// Opener finds git repositories: worktrees, linked ones too, and bare ones.
type Opener struct{}

// Is reports whether a repository stands at a path, or one may that cannot be
// looked at.
func (Opener) Is(path string, info fs.FileInfo) bool {
	dir, err := find(path)
	return info.IsDir() && (dir != "" || err != nil)
}

// Memory is for the bytes of one file.
func (Opener) Memory(_ string, o origin.Options) int64 { return o.MaxFileBytes }

// Open finds the commit that HEAD stands for. Nothing is opened that is not inside the
// source's bounds; a repository that leads elsewhere is an error.
func (Opener) Open(ctx context.Context, path string, o origin.Options) (Tree, error) {
	return open(ctx, path, o.Inside)
}

// Tree is the tree of a commit. Its files come from git's objects; a worktree, and what
// was changed in it and not committed, is not looked at.
type Tree struct {
	dir    string // the repository: its .git, or itself when bare
	commit string
}

// Revision is the commit.
func (g Tree) Revision() string { return g.commit }

// command prepares a call of git on a repository in which nothing that the
// repository brings along runs or changes what is read. GIT_DIR is explicit, so
// that nothing is searched for; GIT_ALLOW_PROTOCOL rules out any transport,
// whatever the repository's settings say, and with it lazy fetching, which git
// before 2.45 has no switch for.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	args = append([]string{
		"-c", "safe.directory=*", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false",
		"-c", "core.alternateRefsCommand=false", "-c", "core.sshCommand=false", "-c", "core.askPass=false",
		"-c", "core.multiPackIndex=false", "-c", "core.pager=cat", "-c", "advice.graftFileDeprecated=false", "-c", "credential.helper=", "-c", "protocol.allow=never", "-c", "core.useReplaceRefs=false",
		"--no-pager", "--no-replace-objects", "--literal-pathspecs",
	}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	if dir != noRepository {
		cmd.Dir = dir
	}
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C", "GIT_DIR=" + dir,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_PROTOCOL_FROM_USER=0",
		"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_GRAFT_FILE=" + os.DevNull,
	}
	return cmd
}

// noRepository stands for a repository where git is to read none.
const noRepository = os.DevNull

// find returns what git takes as GIT_DIR for a worktree (its .git) or a bare repository
// (itself), "" if the folder is neither.
func find(path string) (dir string, err error) {
	if info, err := lookAt(filepath.Join(path, origin.GitDir)); err != nil {
		return "", err
	} else if info != nil {
		return filepath.Join(path, origin.GitDir), nil
	}
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if info, err := lookAt(filepath.Join(path, name)); err != nil || info == nil {
			return "", err
		}
	}
	return path, nil
}

// lookAt returns what stands at a path, nil where git could see nothing either. A
// disk that fails is an error: what is not looked at may lead anywhere.
func lookAt(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	for _, none := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG} {
		if errors.Is(err, none) {
			return nil, nil
		}
	}
	return info, err
}

var (
	errNotGit = errors.New("not a git repository")
	// errNoAnswer says that git hangs.
	errNoAnswer = fmt.Errorf("git gives no answer within %v", maxWait)
)

// maxWait is how long git may take for an answer of one line.
const maxWait = time.Minute

// open finds the repository at a path, checks all that git would open of it, and resolves
// HEAD.
func open(ctx context.Context, path string, inside func(string) bool) (Tree, error) {
	dir, err := find(path)
	if err != nil {
		return Tree{}, err
	}
	if dir == "" {
		return Tree{}, errNotGit
	}
	from := dir
	r := &reach{inside: inside}
	if info, err := os.Stat(dir); err != nil {
		return Tree{}, err
	} else if !info.IsDir() { // a file that says where the repository is
		if err := r.check(ctx, from, dir); err != nil { // the file may be a link
			return Tree{}, err
		}
		text, err := readSmall(dir)
		if err != nil {
			return Tree{}, err
		}
		to, ok := strings.CutPrefix(text, "gitdir: ")
		if !ok {
			return Tree{}, fmt.Errorf("%s: says no gitdir", origin.GitDir)
		}
		dir = beside(filepath.Dir(dir), strings.TrimRight(to, "\r\n"))
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return Tree{}, err
	}
	if info, err := os.Stat(dir); err != nil {
		return Tree{}, err
	} else if !info.IsDir() {
		return Tree{}, fmt.Errorf("%s: leads to %s, which is no folder", origin.GitDir, dir)
	}
	if err := r.check(ctx, from, dir); err != nil {
		return Tree{}, err
	}
	return resolve(ctx, dir)
}

// resolve asks git for the commit that HEAD stands for.
func resolve(ctx context.Context, dir string) (Tree, error) {
	commit, err := ask(ctx, dir, "rev-parse", "--verify", "--end-of-options", "HEAD^{commit}")
	if err != nil && ctx.Err() == nil && !errors.Is(err, errNoAnswer) {
		if ref, rerr := ask(ctx, dir, "symbolic-ref", "HEAD"); rerr == nil {
			if _, rerr = ask(ctx, dir, "rev-parse", "--verify", "--end-of-options", ref); rerr != nil {
				return Tree{}, origin.ErrUnborn
			}
		}
	}
	return Tree{dir, commit}, err
}

// ask runs git for one line of output.
func ask(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := output(ctx, dir, args...)
	return strings.TrimSpace(out), err
}

// settingsOf returns the settings of a file whose names fit an expression, each
// as "name<LF>value<NUL>", with "~" resolved. No other file is read for them:
// not those it includes, and not a repository's.
func settingsOf(ctx context.Context, path, names string) (string, error) {
	out, err := output(ctx, noRepository, "config", "--file", path, "--no-includes", "--null", "--type=path", "--get-regexp", names)
	if none := (*exec.ExitError)(nil); errors.As(err, &none) && none.ExitCode() == 1 {
		return "", nil
	}
	return out, err
}

// output runs git for at most maxWait and returns what it prints. The error has what git
// complained of.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, errNoAnswer)
	defer cancel()
	cmd := command(ctx, dir, args...)
	var complaint tail
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	return string(out), complaint.explain(ctx, cmd, err)
}

// tail keeps the first bytes that are written to it, for an error's text.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[:min(len(p), 1000-len(t.b))]...)
	return len(p), nil
}

// explain adds what a command complained of to its error. Where the context ended the
// command, the error is the context's. Paths of the machine are taken out.
func (t *tail) explain(ctx context.Context, cmd *exec.Cmd, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(t.b), cmd.Dir, "")), " ")
	return fmt.Errorf("git: %w: %s", err, text)
}

// List reads "mode type object size<TAB>path<NUL>" lines of git ls-tree. The
// order of git is that of the paths' bytes.
func (g Tree) List(ctx context.Context, yield func(origin.Entry) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := command(ctx, g.dir, "ls-tree", "-r", "-z", "-l", "--full-tree", g.commit)
	var complaint tail
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = eachTreeLine(bufio.NewReaderSize(out, 1<<16), yield)
	if err != nil {
		cancel()
		cmd.Wait()
		return err
	}
	return complaint.explain(ctx, cmd, cmd.Wait())
}

// eachTreeLine calls yield for each line of git ls-tree.
func eachTreeLine(r *bufio.Reader, yield func(origin.Entry) error) error {
	for {
		line, err := r.ReadString(0)
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil {
			return fmt.Errorf("git ls-tree: %w", err)
		}
		e, err := parseTreeLine(line[:len(line)-1])
		if err != nil {
			return err
		}
		if err := yield(e); err != nil {
			return err
		}
	}
}

// parseTreeLine reads one line without its NUL.
func parseTreeLine(line string) (origin.Entry, error) {
	head, path, ok := strings.Cut(line, "\t")
	f := strings.Fields(head)
	if !ok || len(f) != 4 || path == "" {
		return origin.Entry{}, fmt.Errorf("git ls-tree: unexpected line %q", line)
	}
	e := origin.Entry{Path: path, Blob: f[2]}
	switch {
	case f[1] == "commit":
		e.Mode = origin.SubmoduleMode
		return e, nil
	case f[1] != "blob":
		e.Mode = origin.NotRegularMode
		return e, nil
	case f[0] == "120000":
		e.Mode = origin.SymlinkMode
	}
	size, err := strconv.ParseInt(f[3], 10, 64)
	if err != nil { // "BAD": the object is not there
		if e.Mode == origin.RegularMode {
			e.Mode = origin.UnreadableMode
		}
		return e, nil
	}
	e.Size = size
	return e, nil
}

// Open prepares the reading of the wanted entries, in their order.
func (g Tree) Open(ctx context.Context, wanted iter.Seq2[origin.Entry, error]) (origin.Blobs, error) {
	return &blobs{ctx: ctx, dir: g.dir, wanted: wanted}, nil
}
