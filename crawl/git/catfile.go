package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os/exec"
	"strconv"

	"github.com/codemill/codemill/crawl/origin"
)

// maxRestarts bounds how often git is called again after it died on an object.
const maxRestarts = 200

// blobs reads objects from a git cat-file process. Git dies of an object that it cannot
// inflate; then a new process goes on behind that object.
type blobs struct {
	ctx    context.Context
	dir    string
	wanted iter.Seq2[origin.Entry, error] // in the order in which they are read

	done     int // how many of wanted are read, or given up
	restarts int // how often git has died
	cmd      *exec.Cmd
	cancel   context.CancelFunc
	out      *bufio.Reader
	fresh    bool // nothing was read from this process yet
	buf      []byte
}

// start starts git and has it asked for all of wanted that are not done.
func (g *blobs) start() error {
	ctx, cancel := context.WithCancel(g.ctx)
	g.cmd, g.cancel = command(ctx, g.dir, "cat-file", "--batch", "--buffer"), cancel
	next, stop := iter.Pull2(g.wanted)
	for range g.done {
		next()
	}
	g.cmd.Stdin = &requests{next: next, stop: stop}
	pipe, err := g.cmd.StdoutPipe()
	if err == nil {
		err = g.cmd.Start()
	}
	if err != nil {
		cancel()
		return err
	}
	g.out, g.fresh = bufio.NewReaderSize(pipe, 1<<18), true
	return nil
}

// requests is what git reads: one object id a line. os/exec copies it in a
// goroutine of its own, so that git never waits for both sides.
type requests struct {
	next func() (origin.Entry, error, bool)
	stop func()
	line []byte
	err  error // of the listing; what git was not asked for is no fault of git's
}

func (r *requests) Read(p []byte) (int, error) {
	if len(r.line) == 0 {
		for len(r.line) < 1<<13 {
			e, err, ok := r.next()
			if err != nil {
				r.err = err
				return 0, err
			}
			if !ok {
				break
			}
			r.line = append(append(r.line, e.Blob...), '\n')
		}
		if len(r.line) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, r.line)
	r.line = r.line[:copy(r.line, r.line[n:])]
	return n, nil
}

// Read returns the bytes of the next wanted object: see origin.Blobs.
func (g *blobs) Read(e origin.Entry) ([]byte, error) {
	for {
		if err := g.ctx.Err(); err != nil {
			return nil, err
		}
		if g.restarts > maxRestarts {
			g.done++
			return nil, &origin.Left{Reason: origin.Unreadable, Detail: "git died too often in this repository"}
		}
		if g.cmd == nil {
			if err := g.start(); err != nil {
				return nil, err
			}
		}
		fresh := g.fresh
		b, err := g.next(e)
		var left *origin.Left
		if err == nil || errors.As(err, &left) {
			g.fresh = false
			g.done++
			return b, err
		}
		requests := g.cmd.Stdin.(*requests)
		g.Close()
		if requests.err != nil {
			return nil, requests.err
		}
		// The process died. Only what a fresh one dies of is known to be this
		// object's fault: git may die before it has written what it had read.
		g.restarts++
		if fresh {
			g.done++
			return nil, &origin.Left{Reason: origin.Unreadable, Detail: "git cannot read the object"}
		}
	}
}

// next reads "object type size<LF>bytes<LF>", or "object missing<LF>".
func (g *blobs) next(e origin.Entry) ([]byte, error) {
	head, err := g.out.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	f := bytes.Fields(head)
	if len(f) == 0 || string(f[0]) != e.Blob {
		return nil, fmt.Errorf("git cat-file: unexpected answer %q", head)
	}
	if len(f) == 2 {
		return nil, &origin.Left{Reason: origin.Unreadable, Detail: "object is missing"}
	}
	size, err := strconv.ParseInt(string(f[len(f)-1]), 10, 64)
	if err != nil || len(f) != 3 || size < 0 || size != e.Size {
		return nil, fmt.Errorf("git cat-file: unexpected answer %q", head)
	}
	blob := string(f[1]) == "blob"
	if int64(cap(g.buf)) < size+1 {
		g.buf = make([]byte, size+1)
	}
	b := g.buf[:size+1]
	if _, err := io.ReadFull(g.out, b); err != nil {
		return nil, err
	}
	if !blob {
		return nil, &origin.Left{Reason: origin.Unreadable, Detail: "object is not a blob"}
	}
	return b[:size], nil
}

// Close ends the process.
func (g *blobs) Close() error {
	if g.cmd == nil {
		return nil
	}
	g.cancel()
	g.cmd.Wait()
	g.cmd.Stdin.(*requests).stop()
	g.cmd = nil
	return nil
}
