package dedup

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

// docsJob returns the stage's job on documents in one shard.
func docsJob(t *testing.T, docs []corpus.Doc) work.Job {
	t.Helper()
	var shard []*corpus.Doc
	for i := range docs {
		shard = append(shard, &docs[i])
	}
	w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
	if err := doctrine.Documents(t.Context(), w, [][]*corpus.Doc{shard}); err != nil {
		t.Fatal(err)
	}
	return work.Job{Work: w, Stage: work.VerdictsStage("dedup"), Workers: 2, Memory: 1 << 30}
}

// Where hashes collide nothing is cut that does not stand in a better document.
func TestNoCutOnAHashAlone(t *testing.T) {
	var docs []corpus.Doc
	for i := range 40 {
		text := ""
		for l := range 30 {
			if i%4 == 0 && l < 12 {
				text += fmt.Sprintf("shared line %d\n", l)
			} else {
				text += fmt.Sprintf("line %d of %d\n", l, i)
			}
		}
		d := corpus.Doc{Source: "s", Repo: "r", Path: fmt.Sprintf("%02d", i), Text: []byte(text)}
		d.SetIDs()
		docs = append(docs, d)
	}
	job := docsJob(t, docs)
	d, err := New(Config{Level: LevelBlocks, Order: []string{"path"}, Blocks: blocks.Config{Lines: 4, Cut: true}})
	if err != nil {
		t.Fatal(err)
	}
	d.windowMask = 7 // eight hashes for a thousand windows
	if _, err := d.run(context.Background(), job); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSummary(job.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if s.Blocks.Unconfirmed < 500 {
		t.Fatalf("%+v: too few collisions", s.Blocks)
	}
	row := 0
	for v, err := range job.Work.Verdicts("dedup", 0) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range v.Edits {
			for l := range strings.Lines(string(docs[row].Text[e.Start:e.End])) {
				if !slices.ContainsFunc(docs, func(d corpus.Doc) bool {
					return d.ID != docs[row].ID && bytes.Contains(d.Text, []byte(l))
				}) {
					t.Errorf("%q was cut from document %d and stands in no other", l, row)
				}
			}
		}
		row++
	}
}
