package dedup

import (
	"math"

	"github.com/codemill/codemill/dedup/audit"
	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/work"
)

// SummaryShard is the name of the stage's shard that holds its [Summary]. It comes
// after the shards that belong to documents.
const SummaryShard = "summary"

// Summary is what deduplication found, beyond the counts of the ledger.
type Summary struct {
	Level     string `json:"level"`     // at repository level all numbers are of repositories
	Documents int64  `json:"documents"` // compared
	Exact     int64  `json:"exact"`     // dropped as the same as another
	Near      int64  `json:"near"`      // dropped as similar to another, copies of them included
	Long      int64  `json:"long"`      // of too many shingles, compared exactly only
	Sampled   int64  `json:"sampled"`   // repositories compared by a sample of their shingles
	// SplitRepositories are those whose documents do not stand together. Each
	// piece of one was compared like a repository.
	SplitRepositories int64 `json:"split_repositories,omitempty"`

	Indexed    int64 `json:"indexed,omitempty"`     // documents of the index that these were compared with
	ForIndexed int64 `json:"for_indexed,omitempty"` // dropped for one of them

	Threshold float64 `json:"threshold,omitempty"`
	Bands     int     `json:"bands,omitempty"`
	Rows      int     `json:"rows,omitempty"`
	// WithoutNotices says that similarity is of texts without their licence notices.
	WithoutNotices bool         `json:"without_notices,omitempty"`
	SCurve         []CurvePoint `json:"s_curve,omitempty"` // at the threshold and 0.1 around it

	Candidates int64 `json:"candidates"` // pairs that share a band, those of hot buckets not counted
	Estimated  int64 `json:"estimated"`  // pairs whose sketches were compared, those of hot buckets among them
	Verified   int64 `json:"verified"`   // pairs whose sets were compared as well

	HotBuckets    int64 `json:"hot_buckets"`    // buckets of more than near.bucket_cap documents
	HotMembers    int64 `json:"hot_members"`    // documents in them; one in two buckets counts twice
	LargestBucket int64 `json:"largest_bucket"` // documents in the largest bucket

	// Worst are the groups of Limits.MinDocuments or more that lost the largest
	// shares, three of each kind at most.
	Worst          []Group      `json:"worst,omitempty"`
	LargestCluster *Cluster     `json:"largest_cluster,omitempty"`
	Breaches       []Breach     `json:"breaches,omitempty"` // of Limits
	Audit          *audit.Audit `json:"audit,omitempty"`

	Blocks *blocks.Summary `json:"blocks,omitempty"` // at level blocks, which has nothing else
}

// CurvePoint is one point of the S-curve: of the pairs with this similarity, the share
// that become candidates.
type CurvePoint struct {
	Similarity  float64 `json:"similarity"`
	Probability float64 `json:"probability"`
}

// newSummary begins a summary: with what is known from the settings and the outcomes.
func newSummary(c Config, f near.Found) Summary {
	s := Summary{
		Level: c.Level, Documents: f.Documents, Exact: f.Exact, Near: f.Near, SplitRepositories: f.SplitRepositories, Indexed: f.Indexed,
		Candidates: f.Candidates, Estimated: f.Estimated, Verified: f.Verified,
		HotBuckets: f.HotBuckets, HotMembers: f.HotMembers, LargestBucket: f.LargestBucket,
	}
	if n := c.Near; !n.Off {
		s.Threshold, s.Bands, s.Rows, s.WithoutNotices = n.Threshold, n.Bands, n.Rows, !n.WithLicenseHeader
		for _, d := range []float64{-0.1, 0, 0.1} {
			at := math.Round(1e6*min(max(n.Threshold+d, 0), 1)) / 1e6
			s.SCurve = append(s.SCurve, CurvePoint{at, near.SCurve(at, n.Bands, n.Rows)})
		}
	}
	return s
}

// ReadSummary returns the summary of a finished stage, in the stage's folder.
func ReadSummary(dir work.Dir) (Summary, error) {
	var s Summary
	return s, dir.ReadJSON(SummaryShard, SummaryShard+".json", &s)
}
