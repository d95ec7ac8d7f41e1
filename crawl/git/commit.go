package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/codemill/codemill/crawl/origin"
)

// resolve asks git for the commit to read: that of Options.Ref or HEAD, or the newest one
// before Options.Before in the history of that.
func resolve(ctx context.Context, dir string, o origin.Options) (string, error) {
	commit, err := tip(ctx, dir, o)
	if err != nil || o.Before == 0 {
		return commit, err
	}
	return asOf(ctx, dir, commit, o.Before)
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
