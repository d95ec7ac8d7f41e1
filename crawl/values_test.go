package crawl

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// TestValues holds that what lang and license say is what documents may hold.
func TestValues(t *testing.T) {
	if kinds := []string{lang.Code, lang.Markup, lang.Prose, lang.Data, lang.Other}; !slices.Equal(kinds, corpus.Kinds()) {
		t.Errorf("kinds: %q, of documents %q", kinds, corpus.Kinds())
	}
	if types := []string{license.Permissive, license.Copyleft, license.Restricted, license.Unknown, license.None}; !slices.Equal(types, corpus.LicenseTypes()) {
		t.Errorf("licence types: %q, of documents %q", types, corpus.LicenseTypes())
	}
	if levels := []string{license.FromHead, license.FromReuse, license.FromFile, license.FromManifest, license.FromReadme, license.FromSource}; !slices.Equal(levels, corpus.LicenseLevels()) {
		t.Errorf("levels: %q, of documents %q", levels, corpus.LicenseLevels())
	}
}

// What language detection dies of stands in the row of the file that it leaves out.
func TestWhatDetectionDiedOf(t *testing.T) {
	var left []corpus.LeftOut
	f, err := work.Open(vfs.OS{}, t.TempDir(), "t")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	job := work.Job{Work: f, Stage: work.DocsStage, Workers: 1, Memory: 1 << 30}
	_, err = job.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
		w := &writer{out: out} // without a detector
		if w.docs, err = out.CreateDocs(); err != nil {
			return err
		}
		if w.left, err = out.CreateLeftOut(); err != nil {
			return err
		}
		if w.describe(&corpus.Doc{Path: "a.go"}) {
			t.Error("described without a detector")
		}
		for _, reason := range []corpus.Reason{Undetected, Empty} {
			if err := w.leave(corpus.LeftOut{Source: "s", Path: "a.go", Reason: reason}, 1); err != nil {
				return err
			}
		}
		if err := w.docs.Close(); err != nil {
			return err
		}
		return w.left.Close()
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	for l, err := range f.LeftOut(0) {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, l)
	}
	if len(left) != 2 || !strings.Contains(left[0].Detail, "nil pointer") || left[1].Detail != "" {
		t.Errorf("%+v", left)
	}
}
