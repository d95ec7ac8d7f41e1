package dedup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codemill/codemill/dedup/units"
)

// Limits say what deduplication may take away before somebody should look.
// They change no verdict. The zero Limits mean none.
type Limits struct {
	MaxShare MaxShare `yaml:"max_share"`
	// LargestCluster is how many documents one survivor may stand for, itself
	// included, at least 2. 0 means any number.
	LargestCluster int64 `yaml:"largest_cluster"`
	// MinDocuments is how many documents a repository, source or language must
	// have for its share to be looked at, at least 1. Default 100.
	MinDocuments int64 `yaml:"min_documents"`
	// OnBreach is "warn" (default), or "stop": the stage ends with an error and
	// is not complete, so no later one runs on it. Either shows the worst
	// groups with examples. With other limits it goes on from where it stopped.
	OnBreach string `yaml:"on_breach"`
}

// MaxShare is the share of the documents compared that may be dropped of any
// one group, from 0 to 1. 0 means that there is no limit.
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

// dimensions are the dimensions of groups of documents, in the order of MaxShare.
var dimensions = []string{"repo", "source", "language"}

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

// Example is a document that was dropped, and for which one.
type Example struct {
	Dropped    units.Named `json:"dropped"`
	Survivor   units.Named `json:"survivor"`
	Similarity float64     `json:"similarity"`
}

// String says it in a line.
func (e Example) String() string {
	return fmt.Sprintf("%s for %s, similarity %.3f", e.Dropped, e.Survivor, e.Similarity)
}

// Group is a repository, source or language.
type Group struct {
	Dimension string  `json:"kind"` // repo, source or language
	Name      string  `json:"name"`
	Documents int64   `json:"documents"` // compared
	Dropped   int64   `json:"dropped"`
	Share     float64 `json:"share"` // Dropped of Documents
}

// Cluster is a survivor and how many documents it stands for.
type Cluster struct {
	Survivor units.Named `json:"survivor"`
	Copies   int64       `json:"copies"` // itself included
}

// Breach is a limit that was passed.
type Breach struct {
	Limit    string    `json:"limit"` // the setting's key
	Max      float64   `json:"max"`
	Group    *Group    `json:"group,omitempty"`
	Cluster  *Cluster  `json:"cluster,omitempty"`
	Examples []Example `json:"examples"`
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

// breaches holds the worst groups, and the largest cluster, against the limits.
// The examples are still to be found.
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
