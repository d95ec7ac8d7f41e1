// Package git reads the trees of git repositories by calling git.
//
//	git.go      repositories, calls of git, listings
//	commit.go   which commit is read
//	changes.go  whether a worktree is as it was committed
//	partial.go  listings of partial clones
//	fault.go    whose fault an error is
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

// Open finds the commit that is asked for, by default the one that HEAD stands for.
// Nothing is opened that is not inside the source's bounds. A repository that leads
// elsewhere, or is not sound, is a [*origin.Refusal].
func (Opener) Open(ctx context.Context, path string, o origin.Options) (Tree, error) {
	return open(ctx, path, o)
}

// Tree is the tree of a commit. Its files come from git's objects; a worktree, and what
// was changed in it and not committed, is not looked at.
type Tree struct {
	dir     string // the repository: its .git, or itself when bare
	commit  string
	partial bool // it may lack objects that its origin has promised
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
		"-c", "core.multiPackIndex=false", "-c", "core.commitGraph=false", "-c", "core.pager=cat", "-c", "advice.graftFileDeprecated=false", "-c", "credential.helper=", "-c", "protocol.allow=never", "-c", "core.useReplaceRefs=false",
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
// (itself), "" if the folder is neither. A folder whose name ends in .git is one also
// where parts are lacking: with objects, or with nothing at all, as a clone that was
// broken off leaves it.
func find(path string) (dir string, err error) {
	if info, err := lookAt(filepath.Join(path, origin.GitDir)); err != nil {
		return "", err
	} else if info != nil {
		return filepath.Join(path, origin.GitDir), nil
	}
	broken := filepath.Ext(path) == origin.GitDir
	for _, name := range []string{"objects", "HEAD", "refs"} {
		if info, err := lookAt(filepath.Join(path, name)); err != nil {
			return "", err
		} else if info == nil && broken && name == "objects" {
			return ifEmpty(path)
		} else if info == nil && !broken {
			return "", nil
		}
	}
	return path, nil
}

// ifEmpty returns the path of a folder in which nothing stands, "" for others.
func ifEmpty(path string) (string, error) {
	d, err := os.Open(path)
	if err != nil {
		return "", notUnreachable(err)
	}
	defer d.Close()
	if _, err = d.Readdirnames(1); err == io.EOF {
		return path, nil
	}
	return "", notUnreachable(err)
}

// notUnreachable drops an error by which git could see nothing either.
func notUnreachable(err error) error {
	if origin.Unreachable(err) {
		return nil
	}
	return err
}

// lookAt returns what stands at a path, nil where git could see nothing either. A
// disk that fails is an error: what is not looked at may lead anywhere.
func lookAt(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	return info, notUnreachable(err)
}

var (
	errNotGit = errors.New("not a git repository")
	// errNoAnswer says that git hangs.
	errNoAnswer = fmt.Errorf("git gives no answer within %v", maxWait)
)

// maxWait is how long git may take for an answer of one line.
const maxWait = time.Minute

// open finds the repository at a path, checks all that git would open of it, and resolves
// the commit.
func open(ctx context.Context, path string, o origin.Options) (Tree, error) {
	r := &reach{inside: o.Inside}
	dir, bare, err := enter(ctx, path, r)
	if err != nil {
		return Tree{}, faultOf(ctx, err, path)
	}
	g := Tree{dir: dir, partial: r.partial}
	var head string // its tree
	if g.commit, head, err = resolve(ctx, dir, o); err != nil {
		return Tree{}, faultOf(ctx, err, path, dir)
	}
	if !bare && o.Ref == "" && o.Before == 0 {
		changed, err := g.uncommitted(ctx, path, head)
		if err != nil {
			return Tree{}, err
		}
		if changed != "" {
			o.Note("changes that are not committed are not read", fmt.Sprintf("such as of %q", changed))
		}
	}
	return g, nil
}

// enter finds the repository at a path, and checks all that git would open of it.
func enter(ctx context.Context, path string, r *reach) (dir string, bare bool, err error) {
	if dir, err = find(path); err != nil {
		return "", false, err
	}
	if dir == "" {
		return "", false, errNotGit
	}
	from := dir
	if info, err := os.Stat(dir); err != nil {
		return "", false, err
	} else if !info.IsDir() { // a file that says where the repository is
		if err := r.check(ctx, from, dir); err != nil { // the file may be a link
			return "", false, err
		}
		text, err := readSmall(dir)
		if err != nil {
			return "", false, err
		}
		to, ok := strings.CutPrefix(text, "gitdir: ")
		if !ok {
			return "", false, fmt.Errorf("%s: says no gitdir", origin.GitDir)
		}
		dir = beside(filepath.Dir(dir), strings.TrimRight(to, "\r\n"))
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return "", false, err
	}
	if info, err := os.Stat(dir); err != nil {
		return "", false, err
	} else if !info.IsDir() {
		return "", false, fmt.Errorf("%s: leads to %s, which is no folder", origin.GitDir, dir)
	}
	return dir, from == path, r.check(ctx, from, dir)
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
	return &gitError{err, text}
}

// List reads what git ls-tree prints. The order of git is that of the paths' bytes. A tree
// that cannot be read is a [*origin.Refusal].
func (g Tree) List(ctx context.Context, yield func(origin.Entry) error) error {
	if g.partial {
		return g.listPartial(ctx, yield)
	}
	return g.lines(ctx, 0, func(line string) error {
		e, err := parseTreeLine(line)
		if err != nil {
			return err
		}
		return yield(e)
	}, "ls-tree", "-r", "-z", "-l", "--full-tree", g.commit)
}

// lines calls yield for each line that git prints, without its end. An error of yield
// ends git, and is returned as it is.
func (g Tree) lines(ctx context.Context, end byte, yield func(string) error, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := command(ctx, g.dir, args...)
	var complaint tail
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r := bufio.NewReaderSize(out, 1<<16)
	for {
		line, err := r.ReadString(end)
		if err == nil {
			err = yield(line[:len(line)-1])
		} else if err == io.EOF {
			break // without the end of a line git died, and says so
		}
		if err != nil {
			cancel()
			cmd.Wait()
			return err
		}
	}
	return faultOf(ctx, complaint.explain(ctx, cmd, cmd.Wait()), g.dir)
}

// parseTreeLine reads one line of git ls-tree, "mode type object size<TAB>path".
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
