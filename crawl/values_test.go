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

// TestLicencesAreNoProse holds that what license reads as the text of a licence is no
// prose to lang.
func TestLicencesAreNoProse(t *testing.T) {
	n := 0
	for _, stem := range strings.Fields("LICENSE license LICENCE UNLICENSE COPYING copying COPYRIGHT Copyright EULA LICENSES Licensing GPL lgpl AGPL MIT-LICENSE") {
		for _, end := range strings.Fields("- .txt .md .rst -MIT -MIT.txt .MIT -2.0 -GPL-3.0.txt 3 .LIB -third-party.txt") {
			for _, dir := range []string{"", "a/b/", "docs/"} {
				p := dir + stem + strings.TrimSuffix(end, "-")
				if end != "-" {
					p = dir + stem + end
				}
				if form := license.FormOf(p); form != "licence" && form != "copyright" {
					continue
				}
				n++
				for _, language := range []string{"", "Text", "Markdown"} {
					if kind, _ := lang.Kind(language, p); kind == lang.Prose {
						t.Errorf("%s in %q is prose", p, language)
					}
				}
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d names", n)
	}
}

// TestKindClass: places of a blob are one document only where they are of one kind.
func TestKindClass(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a.txt", "doc/b.txt", true}, {"LICENSE.txt", "COPYING.txt", true}, {"x/LICENSE.txt", "a.txt", false}, {"tests/a.txt", "a.txt", false}, {"tests/a.txt", "testdata/b.txt", true},
		{"README.txt", "tests/README.txt", true}, {"AUTHORS.md", "a.md", false}, {"requirements/a.txt", "a.txt", false}, {"README", "NEWS", true}, {"a/README", "a/x", false},
	} {
		if got := kindClass(c.a) == kindClass(c.b); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
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
