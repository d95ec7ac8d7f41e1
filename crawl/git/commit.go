package git

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/codemill/codemill/crawl/origin"
)

// resolve asks git for the commit to read: that of Options.Ref or HEAD, or the newest one
// before Options.Before in the history of that. tree is the commit's where HEAD gives it
// by itself, else "".
func resolve(ctx context.Context, dir string, o origin.Options) (commit, tree string, err error) {
	if o.Ref == "" && o.Before == 0 {
		// One call for what is so nearly always. Where it fails, the others say why.
		out, err := output(ctx, dir, "rev-parse", "HEAD^{commit}", "HEAD^{tree}")
		if ids := strings.Fields(out); err == nil && len(ids) == 2 && isID(ids[0]) && isID(ids[1]) {
			return ids[0], ids[1], nil
		}
		if errors.Is(err, errNoAnswer) {
			return "", "", err
		}
	}
	commit, err = tip(ctx, dir, o)
	if err == nil && o.Before != 0 {
		commit, err = asOf(ctx, dir, commit, o.Before)
	}
	return commit, "", err
}

// isID reports whether git's answer is an object id, rather than the name of a file.
func isID(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && (len(s) == 40 || len(s) == 64)
}

// tip asks git for the commit of Options.Ref or HEAD. Where HEAD stands for a branch that
// is not there, it is the only branch that is, which is noted.
func tip(ctx context.Context, dir string, o origin.Options) (string, error) {
	if o.Ref != "" {
		return commitOf(ctx, dir, o.Ref)
	}
	commit, err := commitOf(ctx, dir, "HEAD")
	if err == nil || ctx.Err() != nil || errors.Is(err, errNoAnswer) {
		return commit, err
	}
	head, headErr := ask(ctx, dir, "symbolic-ref", "HEAD")
	if headErr != nil {
		return "", err
	}
	if _, there := ask(ctx, dir, "rev-parse", "--verify", "--end-of-options", head); there == nil {
		return "", err // the branch is there, and its commit is not
	}
	list, listErr := ask(ctx, dir, "for-each-ref", "--count=2", "--format=%(refname)", "refs/heads")
	branches := strings.Fields(list)
	switch {
	case listErr != nil:
		return "", err
	case len(branches) == 0:
		return "", errUnborn
	case len(branches) > 1:
		return "", fmt.Errorf("HEAD stands for %s, which is not there, and there are several other branches", head)
	}
	if commit, err = commitOf(ctx, dir, branches[0]); err == nil {
		o.Note("HEAD stands for a branch that is not there, and the only branch is read", branches[0]+" instead of "+head)
	}
	return commit, err
}

var errUnborn = errors.New("no commit yet")

func commitOf(ctx context.Context, dir, name string) (string, error) {
	commit, err := ask(ctx, dir, "rev-parse", "--verify", "--end-of-options", name+"^{commit}")
	if err != nil {
		err = fmt.Errorf("%s gives no commit: %w", name, err) // git itself does not say which name
	}
	return commit, err
}

// asOf asks git for the newest commit before a time, in Unix seconds. Only first parents
// count: what was merged into the branch later was not in it then.
func asOf(ctx context.Context, dir, commit string, before int64) (string, error) {
	found, err := ask(ctx, dir, "rev-list", "-1", "--first-parent", fmt.Sprintf("--min-age=%d", before-1), commit)
	if err == nil && found == "" {
		err = fmt.Errorf("no commit before %s", time.Unix(before, 0).UTC().Format(time.RFC3339))
		return "", &origin.Refusal{Err: err, Left: origin.Left{Reason: origin.NotYet, Detail: err.Error()}}
	}
	return found, err
}
