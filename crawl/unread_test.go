package crawl

import (
	"context"
	"iter"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/folder"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

// onceUnread are folders of which a file cannot be read the first time.
type onceUnread struct {
	folder.Opener
	name   string
	failed *bool
}

func (o onceUnread) Open(ctx context.Context, path string, of origin.Options) (onceUnreadTree, error) {
	t, err := o.Opener.Open(ctx, path, of)
	return onceUnreadTree{t, o}, err
}

type onceUnreadTree struct {
	folder.Tree
	onceUnread onceUnread
}

func (t onceUnreadTree) Open(ctx context.Context, wanted iter.Seq2[origin.Entry, error]) (origin.Blobs, error) {
	b, err := t.Tree.Open(ctx, wanted)
	return onceUnreadBlobs{b, t.onceUnread}, err
}

type onceUnreadBlobs struct {
	origin.Blobs
	onceUnread onceUnread
}

func (b onceUnreadBlobs) Read(e origin.Entry) ([]byte, error) {
	if e.Path == b.onceUnread.name && !*b.onceUnread.failed {
		*b.onceUnread.failed = true
		return nil, &origin.Left{Reason: Unreadable, Detail: "once"}
	}
	return b.Blobs.Read(e)
}

// TestOnceUnread: a file that could not be read when it was to speak for others is left
// out, though it could be when its turn came, and what it speaks for has no known licence.
func TestOnceUnread(t *testing.T) {
	types := sourceTypes
	defer func() { sourceTypes = types }()
	for _, c := range []struct {
		file    string
		exclude []string
	}{{"LICENSE", nil}, {".gitattributes", nil}, {"LICENSE", []string{"LICENSE"}}} {
		dir := t.TempDir()
		doctrine.PlantIn(t, dir, map[string]string{"LICENSE": "SPDX-License-Identifier: MIT\n", ".gitattributes": "*.go linguist-generated\n", "a.go": "package a\n"})
		failed := false
		sourceTypes = append(types[:len(types):len(types)], sourceType{"once", "", true, treesOf(onceUnread{name: c.file, failed: &failed})})
		job := work.Job{Work: doctrine.Open(t, faultfs.Sound(), t.TempDir()), Stage: work.DocsStage, Workers: 1, Memory: 1 << 30}
		m, err := Run(t.Context(), job, Config{Sources: []Source{{Name: "s", Path: dir, Type: "once", Exclude: c.exclude}}})
		if err != nil || !failed {
			t.Fatal(err, failed)
		}
		var left []corpus.LeftOut
		for s := range m.Shards {
			for l, err := range job.Work.LeftOut(s) {
				if err != nil {
					t.Fatal(err)
				}
				left = append(left, l)
			}
			for row, err := range job.Rows(t.Context(), s, true) {
				if err != nil {
					t.Fatal(err)
				}
				if unknown := row.Doc.LicenseType == corpus.UnknownLicense; row.Doc.Path == "a.go" && unknown != (c.file == "LICENSE") {
					t.Errorf("%s: a.go is %s", c.file, row.Doc.LicenseType)
				}
			}
		}
		if len(left) != 1 || left[0].Path != c.file || left[0].Reason != Unreadable || left[0].Detail != "once" {
			t.Errorf("%s: %+v", c.file, left)
		}
	}
}
