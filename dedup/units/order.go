package units

import (
	"crypto/sha256"
	"hash/fnv"
	"path"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
)

// The values of Settings.Level.
const (
	// LevelFile compares documents one by one.
	LevelFile = "file"
	// LevelRepository compares repositories, each the text of its documents one
	// after the other, as DeepSeek-Coder did for five languages (arXiv
	// 2401.14196, section 2.3). One is kept whole or dropped whole. Documents of
	// no repository are compared one by one.
	LevelRepository = "repository"
)

// Takes reports whether a document takes part, by its language. What does not is kept.
func (m *Maker) Takes(doc *corpus.Doc) bool {
	named := func(list []string) bool {
		return slices.ContainsFunc(list, func(l string) bool { return choice.Value(l) == doc.Language })
	}
	return (len(m.Languages) == 0 || named(m.Languages)) && !named(m.Except)
}

// Grouping tells which documents of a shard make one unit. At repository level it is
// those of one source and repository that follow each other, documents that take no
// part left out; at file level every document is a unit, and so is one of no
// repository.
type Grouping struct {
	repository   bool   // level
	open         bool   // there was a document
	source, repo string // of the last one
}

// Grouping returns a grouping for the documents of one shard.
func (m *Maker) Grouping() Grouping { return Grouping{repository: m.Level == LevelRepository} }

// Starts reports whether a document is the first of its unit. It must be asked for
// every document that takes part, in their order, and once.
func (g *Grouping) Starts(doc *corpus.Doc) bool {
	if !g.repository {
		return true
	}
	if g.open && doc.Repo != "" && doc.Repo == g.repo && doc.Source == g.source {
		return false
	}
	g.open, g.source, g.repo = true, strings.Clone(doc.Source), strings.Clone(doc.Repo)
	return true
}

// Terms are what an order may look at, in the order that is the default.
func Terms() []string { return []string{"license", "stars", "forks", "created", "shingles", "path"} }

// Order orders units from the best survivor to the worst: first by the priority of
// their source, then by terms, in their order, until one tells two units apart.
type Order struct {
	terms []string
	of    map[uint64]uint16 // priority of a source, by sourceKey; 0 is the best
	last  uint16            // priority of sources that no pattern fits
}

// sourceKey is what an entry knows of its source's name: a hash of it.
func sourceKey(source string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(source))
	return h.Sum64()
}

// NewOrder returns the order for these sources. A source's priority is the number of
// the first pattern that its name fits. The patterns that fit no source come back as
// idle: they may be misspelt.
func NewOrder(terms, priority, sources []string) (o *Order, idle []string) {
	o = &Order{terms: terms, of: map[uint64]uint16{}, last: uint16(len(priority))}
	for i, pattern := range priority {
		used := false
		for _, s := range sources {
			fits, _ := path.Match(pattern, s) // that it is a pattern is known
			used = used || fits
			if _, have := o.of[sourceKey(s)]; fits && !have {
				o.of[sourceKey(s)] = uint16(i)
			}
		}
		if !used {
			idle = append(idle, pattern)
		}
	}
	return o, idle
}

func (o *Order) priority(source uint64) uint16 {
	if p, ok := o.of[source]; ok {
		return p
	}
	return o.last
}

// repoID is the id in the entry of a repository.
func repoID(source, repo string) corpus.ID {
	h := sha256.Sum256([]byte(source + "\x00" + repo))
	return corpus.ID(h[:16])
}
