package dedup

import (
	"crypto/sha256"
	"hash/fnv"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// The values of Config.Level.
const (
	// LevelFile compares documents one by one.
	LevelFile = "file"
	// LevelRepository compares repositories, each the text of its documents one
	// after the other, as DeepSeek-Coder did for five languages (arXiv
	// 2401.14196, section 2.3). One is kept whole or dropped whole. Documents of
	// no repository are compared one by one.
	LevelRepository = "repository"
)

var levels = []string{LevelFile, LevelRepository, LevelBlocks}

// takes says whether a document takes part, by its language.
func (d *Dedup) takes(doc *corpus.Doc) bool {
	if len(d.c.Languages) > 0 && !slices.Contains(d.c.Languages, doc.Language) {
		return false
	}
	return !slices.Contains(d.c.ExceptLanguages, doc.Language)
}

// reasons are those of this level.
func (d *Dedup) reasons() (exact, near corpus.Reason) {
	if d.c.Level == LevelRepository {
		return ExactDuplicateRepository, NearDuplicateRepository
	}
	return ExactDuplicate, NearDuplicate
}

// grouping tells which documents of a shard, in their order, are compared as
// one: at repository level those of one source and repository that follow each
// other, the ones that take no part left out.
type grouping struct {
	repository   bool
	open         bool
	source, repo string
}

func (d *Dedup) grouping() grouping { return grouping{repository: d.c.Level == LevelRepository} }

// starts reports whether the next document is the first of its group.
func (g *grouping) starts(doc *corpus.Doc) bool {
	if !g.repository {
		return true
	}
	if g.open && doc.Repo != "" && doc.Repo == g.repo && doc.Source == g.source {
		return false
	}
	g.open, g.source, g.repo = true, strings.Clone(doc.Source), strings.Clone(doc.Repo)
	return true
}

// survivorOrder is Config.Order and Config.Priority for the sources there are.
type survivorOrder struct {
	terms []string
	of    map[uint64]uint16 // by sourceKey: the number of the first pattern that fits
	last  uint16            // of sources that none fits
}

// sourceKey is what an entry knows of its source's name.
func sourceKey(source string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(source))
	return h.Sum64()
}

// newOrder returns the order for these sources, and the patterns that fit none.
func newOrder(c Config, sources []string) (o *survivorOrder, idle []string) {
	o = &survivorOrder{terms: c.Order, of: map[uint64]uint16{}, last: uint16(len(c.Priority))}
	for i, pattern := range c.Priority {
		used := false
		for _, s := range sources {
			fits, _ := path.Match(pattern, s) // Validate has tried the pattern
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

// survivorOrder is that for the sources which the stage before knows. It warns
// of patterns without a source.
func (d *Dedup) survivorOrder(job work.Job, before ledger.Count) *survivorOrder {
	o, idle := newOrder(d.c, slices.Sorted(maps.Keys(before.Sources)))
	for _, pattern := range idle {
		job.Warnf("%s: priority: no source is called %q", job.Stage, pattern)
	}
	return o
}

func (o *survivorOrder) priority(source uint64) uint16 {
	if p, ok := o.of[source]; ok {
		return p
	}
	return o.last
}

// repoID is what the entry of a repository has for an id.
func repoID(source, repo string) corpus.ID {
	h := sha256.Sum256([]byte(source + "\x00" + repo))
	return corpus.ID(h[:16])
}
