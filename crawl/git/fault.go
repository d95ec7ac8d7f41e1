package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"

	"github.com/codemill/codemill/crawl/origin"
)

// gitError is a call of git that failed, and what git complained of.
type gitError struct {
	err   error
	words string
}

func (e *gitError) Error() string { return fmt.Sprintf("git: %v: %s", e.err, e.words) }
func (e *gitError) Unwrap() error { return e.err }

// systemWords are what git says where not the repository is at fault, but the disk or the
// machine. Git gives no other sign of it.
var systemWords = []string{
	syscall.EIO.Error(), syscall.ESTALE.Error(), syscall.ENOMEM.Error(), syscall.EMFILE.Error(), syscall.ENFILE.Error(),
	syscall.EAGAIN.Error(), syscall.ENOSPC.Error(), syscall.ETIMEDOUT.Error(), "out of memory",
}

// faultOf makes an error that is the repository's fault a [*origin.Refusal]. An error of
// the disk, of the machine, or of a signal from outside says nothing of the repository,
// and stays what it is; so do a refusal and the context's.
func faultOf(ctx context.Context, err error, paths ...string) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if r := (*origin.Refusal)(nil); errors.As(err, &r) {
		return err
	}
	if e := (*gitError)(nil); errors.As(err, &e) {
		words := strings.ToLower(e.words)
		for _, w := range systemWords {
			if strings.Contains(words, w) {
				return err
			}
		}
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) {
			return err // git was not run
		}
		if s, ok := exit.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			switch s.Signal() {
			case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
				return err
			}
		}
		return origin.Refuse(err, paths...)
	}
	var at *fs.PathError
	var start *exec.Error
	if errors.As(err, &start) || errors.As(err, &at) && !origin.Unreachable(at) {
		return err
	}
	if o := (*outsideError)(nil); errors.As(err, &o) {
		return &origin.Refusal{Err: err, Left: origin.Left{Reason: origin.UnreadableRepo, Detail: "leads outside of the source's paths"}}
	}
	return origin.Refuse(err, paths...)
}
