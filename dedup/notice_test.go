package dedup_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
)

// heads are notices that a file may begin with, or none.
var heads = []string{
	"",
	"// Copyright 2024 The Authors.\n// Use of this source code is governed by a license.\n\n",
	"// Copyright 2025 Others. All rights reserved.\n" + strings.Repeat("// The licence that you may use this by says a lot, and the more the longer it is read.\n", 40) + "\n",
	"/*\n * Licensed to the Foundation under one or more agreements.\n *\n * This comes without any warranty,\n * express or implied.\n */\n",
}

// underHeads returns documents with and without notices, and what of each text is not
// of one.
func underHeads(n int) (docs []*corpus.Doc, body map[corpus.ID]string) {
	rng := rand.New(rand.NewPCG(7, 7))
	body = map[corpus.ID]string{}
	for i := range n {
		text := template(i/5, 40+10*(i/5%3))
		switch i % 5 {
		case 1:
			text = mutate(rng, text, 0.01)
		case 2:
			text = mutate(rng, text, 0.05)
		case 3:
			text = "" // a file of nothing else
		}
		head := heads[rng.IntN(len(heads))]
		d := makeDoc(fmt.Sprint("r", i%7), fmt.Sprint(i), head+text)
		d.Language, d.Stars, d.Forks, d.CreatedAt, d.LicenseType = "Go", 0, 0, 1, corpus.Permissive
		docs = append(docs, d)
		body[d.ID] = text
	}
	return docs, body
}

// What is similar is so by what stands behind the notices, which this test has put
// there; what is the same is so by all of it.
func TestNoticesEqualOracle(t *testing.T) {
	docs, body := underHeads(400)
	for _, with := range []bool{false, true} {
		c := dedup.Config{Near: near.Config{WithLicenseHeader: with, Bands: 128, Rows: 2}} // these find all
		d, err := dedup.New(c)
		if err != nil {
			t.Fatal(err)
		}
		want := oracleOf(c, docs, remembered(func(doc *corpus.Doc) []uint64 {
			text := body[doc.ID]
			if with {
				text = string(doc.Text)
			}
			set, _ := d.Shingles(nil, []byte(text))
			return set
		})).want
		shards := cut(docs, 90)
		job := mustDocs(t, shards)
		runDedup(t, job, c)
		reasons := map[corpus.Reason]int{}
		for id, got := range outcomes(t, job, shards) {
			if got != want[id] {
				t.Fatalf("with %v, %s: %+v, want %+v", with, body[id], got, want[id])
			}
			reasons[got.reason]++
		}
		if reasons[dedup.ExactDuplicate] < 20 || reasons[dedup.NearDuplicate] < 50 || reasons[""] < 50 {
			t.Errorf("with %v: %v: the test shows little", with, reasons)
		}
	}
}

// A file of nothing but a notice, with a shorter path, does not win over code that is
// little beside its notice, and is no copy of another such file.
func TestNothingButNotice(t *testing.T) {
	notice := "// Copyright 2024 A. All rights reserved.\n"
	for i := range 12 {
		notice += fmt.Sprintf("// Term %d of the licence says %d things of what may be done.\n", i, i*i)
	}
	var docs []*corpus.Doc
	for _, file := range [][2]string{{"a.go", notice}, {"bb.go", notice + "// Copyright 2025 B\n"}, {"much/longer.go", notice + "\npackage a\n\nfunc F(x int) int { return 3 * x }\n"}} {
		d := makeDoc("r", file[0], file[1])
		d.Language = "Go"
		docs = append(docs, d)
	}
	with := near.Config{WithLicenseHeader: true}
	for _, c := range []struct {
		config dedup.Config
		kept   string
	}{
		{dedup.Config{}, "a.go bb.go much/longer.go"},
		{dedup.Config{Near: with}, "much/longer.go"},
		{dedup.Config{Near: with, Order: []string{"path"}}, "a.go"},
		{dedup.Config{Exact: sketch.Exact{LicenseHeader: true}}, "a.go much/longer.go"},
	} {
		shards := [][]*corpus.Doc{docs}
		job := mustDocs(t, shards)
		runDedup(t, job, c.config)
		got := outcomes(t, job, shards)
		var kept []string
		for _, d := range docs {
			if got[d.ID].reason == "" {
				kept = append(kept, d.Path)
			}
		}
		if k := strings.Join(kept, " "); k != c.kept {
			t.Errorf("%+v: %s are kept, want %s", c.config, k, c.kept)
		}
	}
}

// An index says by which setting its sets were made.
func TestIndexWithNotices(t *testing.T) {
	docs, _ := underHeads(20)
	path := filepath.Join(t.TempDir(), "index")
	runDedup(t, mustDocs(t, cut(docs, 9)), indexed(path, "a"))
	c := indexed(path, "b")
	c.Near.WithLicenseHeader = true
	_, err := dedup.Run(t.Context(), mustDocs(t, cut(docs, 9)), c)
	if err == nil || !strings.Contains(err.Error(), "the index was made with other settings (near.with_license_header: false there, true here)") {
		t.Error(err)
	}
}
