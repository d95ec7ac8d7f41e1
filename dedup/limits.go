package dedup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codemill/codemill/dedup/units"
)

// Limits say how much deduplication may drop before somebody should look at it: too
// low a threshold, or a template that is everywhere, shows as a repository or language
// that is nearly gone. They change no verdict. The zero Limits mean none.
type Limits struct {
	MaxShare MaxShare `yaml:"max_share"`
	// LargestCluster is how many documents one survivor may stand for, itself
	// included, at least 2. 0 means any number.
	LargestCluster int64 `yaml:"largest_cluster"`
	// MinDocuments is how many documents a repository, source or language must
	// have for its share to be looked at, at least 1. Default 100.
	MinDocuments int64 `yaml:"min_documents"`
	// OnBreach is what happens when a limit is passed. "warn" (default): the worst
	// groups are shown with examples. "stop": the same as an error; the stage stays
	// incomplete, so that no later one runs on it. A run with other limits then goes
	// on from there: its verdicts are not made again.
	OnBreach string `yaml:"on_breach"`
}

// MaxShare is the share of the compared documents of one group that may be dropped,
// from 0 to 1: of any repository, source or language. 0 means that there is no limit.
type MaxShare struct {
	Repo     float64 `yaml:"repo"`
	Source   float64 `yaml:"source"`
	Language float64 `yaml:"language"`
}

// The values of Limits.OnBreach.
const (
	Warn = "warn"
	Stop = "stop"
)

// dimensions are what documents are grouped by, in the order of MaxShare. Their numbers
// stand in tallies.
var dimensions = []string{"repo", "source", "language"}

// of returns the share for a dimension, given by its number.
func (m MaxShare) of(dimension int) float64 {
	return [...]float64{m.Repo, m.Source, m.Language}[dimension]
}

func (l Limits) withDefaults() Limits {
	orElse(&l.MinDocuments, 100)
	orElse(&l.OnBreach, Warn)
	return l
}

func (l Limits) validate() error {
	for i, dimension := range dimensions {
		if s := l.MaxShare.of(i); !(s >= 0 && s <= 1) {
			return fmt.Errorf("limits.max_share.%s: %v is not in 0 to 1", dimension, s)
		}
	}
	if l.LargestCluster != 0 && l.LargestCluster < 2 {
		return fmt.Errorf("limits.largest_cluster: %d is not 0 (no limit) and not 2 or more", l.LargestCluster)
	}
	if l.MinDocuments < 0 {
		return fmt.Errorf("limits.min_documents: %d is not 1 or more", l.MinDocuments)
	}
	if on := l.withDefaults().OnBreach; on != Warn && on != Stop {
		return fmt.Errorf("limits.on_breach: %q is not one of %s, %s", on, Warn, Stop)
	}
	return nil
}

// Example is a document that was dropped, and the one that it was dropped for.
type Example struct {
	Dropped    units.Named `json:"dropped"`
	Survivor   units.Named `json:"survivor"`
	Similarity float64     `json:"similarity"`
}

// String says it in a line: "r:a.go (00000:3) for s:b.go (00001:0), similarity 0.913".
func (e Example) String() string {
	return fmt.Sprintf("%s for %s, similarity %.3f", e.Dropped, e.Survivor, e.Similarity)
}

// Group is a repository, source or language, and how much of it was dropped.
type Group struct {
	Dimension string  `json:"kind"` // repo, source or language
	Name      string  `json:"name"`
	Documents int64   `json:"documents"` // that were compared
	Dropped   int64   `json:"dropped"`   // of these
	Share     float64 `json:"share"`     // Dropped/Documents
}

// Cluster is a survivor and how many documents it stands for.
type Cluster struct {
	Survivor units.Named `json:"survivor"`
	Copies   int64       `json:"copies"` // itself included
}

// Breach is a limit that was passed, by a group or by a cluster.
type Breach struct {
	Limit    string    `json:"limit"`             // the setting's key: limits.max_share.repo
	Max      float64   `json:"max"`               // its value
	Group    *Group    `json:"group,omitempty"`   // nil where a cluster passed it
	Cluster  *Cluster  `json:"cluster,omitempty"` // nil where a group did
	Examples []Example `json:"examples"`          // dropped documents, groupExamples at most
}

// String says it in a line, with the examples.
func (b Breach) String() string {
	var s strings.Builder
	if g := b.Group; g != nil {
		fmt.Fprintf(&s, "%s: %.1f %% of the %d documents of %s %q were dropped, the limit is %.1f %%", b.Limit, 100*g.Share, g.Documents, g.Dimension, g.Name, 100*b.Max)
	} else {
		fmt.Fprintf(&s, "%s: %s stands for %d documents, the limit is %.0f", b.Limit, b.Cluster.Survivor, b.Cluster.Copies, b.Max)
	}
	for i, e := range b.Examples {
		s.WriteString([]string{"; such as ", ", and "}[min(i, 1)] + e.String())
	}
	return s.String()
}

// BreachError is the error of a stage that stopped at its limits.
type BreachError struct{ Breaches []Breach }

// Error says each breach in a line.
func (e *BreachError) Error() string {
	lines := make([]string, len(e.Breaches))
	for i, b := range e.Breaches {
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// breaches compares the worst groups and the largest cluster, nil for none, with the
// limits. The breaches it returns have no examples yet.
func (l Limits) breaches(worst []Group, largest *Cluster) []Breach {
	var all []Breach
	for i := range worst {
		dimension := slices.Index(dimensions, worst[i].Dimension)
		if m := l.MaxShare.of(dimension); m > 0 && worst[i].Share > m {
			all = append(all, Breach{Limit: "limits.max_share." + dimensions[dimension], Max: m, Group: &worst[i]})
		}
	}
	if largest != nil && l.LargestCluster > 0 && largest.Copies > l.LargestCluster {
		all = append(all, Breach{Limit: "limits.largest_cluster", Max: float64(l.LargestCluster), Cluster: largest})
	}
	return all
}
