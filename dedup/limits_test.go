package dedup_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
)

// lossyDocs has a repository that loses nine of ten documents to one survivor,
// one that loses nothing, and a tiny one that loses all.
func lossyDocs() [][]*corpus.Doc {
	var docs []*corpus.Doc
	for i := range 20 {
		docs = append(docs, makeDoc("sound", fmt.Sprint(i), template(i, 60)))
		docs = append(docs, makeDoc("lossy", fmt.Sprint("x", i), template(100+max(i-18, 0), 60)))
	}
	docs = append(docs, makeDoc("tiny", "copy", template(100, 60)))
	return cut(docs, 16)
}

func limitsOf(on string) dedup.Config {
	return dedup.Config{Limits: dedup.Limits{MaxShare: dedup.MaxShare{Repo: 0.5}, LargestCluster: 10, MinDocuments: 5, OnBreach: on}}
}

func TestLimitsWarn(t *testing.T) {
	job := mustDocs(t, lossyDocs())
	var warnings []string
	job.Warn = func(s string) { warnings = append(warnings, s) }
	runDedup(t, job, limitsOf(dedup.Warn))
	s, err := dedup.ReadSummary(job.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Breaches) != 2 || len(warnings) != 2 || s.LargestCluster.Copies < 18 {
		t.Fatalf("%d breaches, warnings %q, cluster %+v", len(s.Breaches), warnings, s.LargestCluster)
	}
	for i, want := range []string{"limits.max_share.repo: 9", "limits.largest_cluster: "} {
		if !strings.Contains(warnings[i], want) || strings.Count(warnings[i], "similarity 1.000") != 2 || len(s.Breaches[i].Examples) != 2 {
			t.Errorf("warning %q", warnings[i])
		}
	}
	if !strings.Contains(warnings[0], `repo "lossy"`) || !strings.Contains(warnings[0], "lossy:x") || strings.Contains(warnings[0], `repo "tiny"`) {
		t.Errorf("warning %q", warnings[0])
	}
}

// A stage that stopped at its limits is not complete, and goes on with others
// without making its verdicts again.
func TestLimitsStop(t *testing.T) {
	job := mustDocs(t, lossyDocs())
	for range 2 {
		_, err := dedup.Run(context.Background(), job, limitsOf(dedup.Stop))
		var breach *dedup.BreachError
		if !errors.As(err, &breach) || len(breach.Breaches) != 2 || !strings.Contains(err.Error(), `repo "lossy"`) {
			t.Fatalf("error %v", err)
		}
		if _, err := job.Dir().Manifest(); err == nil {
			t.Fatal("the stage is complete")
		}
	}
	before := snapshot(t, job.Dir().Path())
	runDedup(t, job, dedup.Config{})
	after := snapshot(t, job.Dir().Path())
	for name, b := range before {
		if after[name] != b {
			t.Errorf("%s was made again", name)
		}
	}
	if s, err := dedup.ReadSummary(job.Dir()); err != nil || len(s.Breaches) > 0 {
		t.Errorf("%+v, %v", s.Breaches, err)
	}
}

func TestValidateLimits(t *testing.T) {
	for _, c := range []struct {
		l    dedup.Limits
		want string
	}{
		{dedup.Limits{}, "<nil>"},
		{limitsOf(dedup.Stop).Limits, "<nil>"},
		{dedup.Limits{MaxShare: dedup.MaxShare{Repo: 1.5}}, "limits.max_share.repo: 1.5 is not in 0 to 1"},
		{dedup.Limits{MaxShare: dedup.MaxShare{Source: -1}}, "limits.max_share.source: -1 is not in 0 to 1"},
		{dedup.Limits{MaxShare: dedup.MaxShare{Language: math.NaN()}}, "limits.max_share.language: NaN is not in 0 to 1"},
		{dedup.Limits{LargestCluster: 1}, "limits.largest_cluster: 1 is not 0 (no limit) and not 2 or more"},
		{dedup.Limits{MinDocuments: -1}, "limits.min_documents: -1 is not 1 or more"},
		{dedup.Limits{OnBreach: "halt"}, `limits.on_breach: "halt" is not one of warn, stop`},
	} {
		if got := fmt.Sprint(dedup.Config{Limits: c.l}.Validate()); got != c.want {
			t.Errorf("%+v: %s, want %s", c.l, got, c.want)
		}
	}
}

// The audit confirms what is right, and its search, which does not look at the
// bands, sees what bad bands miss.
func TestAudit(t *testing.T) {
	docs := family(t, 300)
	for _, test := range []struct {
		near      near.Config
		low, high float64 // of the recall by search
	}{{near.Config{}, 0.98, 1}, {near.Config{Threshold: 0.7, Bands: 9, Rows: 7}, 0.3, 0.99}} {
		job := mustDocs(t, cut(docs, 100))
		runDedup(t, job, dedup.Config{Near: test.near})
		s, err := dedup.ReadSummary(job.Dir())
		if err != nil {
			t.Fatal(err)
		}
		a := s.Audit
		if a == nil || a.Dropped != 200 || a.Kept != 200 || a.Wrong != 0 || a.Precision != 1 || a.Scanned < 250 {
			t.Fatalf("audit %+v", a)
		}
		t.Logf("%+v", *a)
		if a.RecallBySearch < test.low || a.RecallBySearch > test.high || a.RecallByCurve < test.low-0.1 || a.RecallByCurve > 1 {
			t.Errorf("audit %+v, want a recall of %v to %v", *a, test.low, test.high)
		}
	}
}
