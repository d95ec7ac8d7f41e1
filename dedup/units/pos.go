package units

import (
	"fmt"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// indexBit is set in the position of a unit of the index. In the other bits it has,
// where a document has shard and row, the number of its shard among those of the
// index that are compared with, and its number there. Such positions stand in
// outcomes and tallies, in no verdict.
const indexBit = 1 << 63

// IndexPos is the position of a unit of the index.
func IndexPos(shard int, number int64) corpus.Pos {
	return corpus.Pos(indexBit | uint64(shard)<<32 | uint64(number))
}

// IsIndexPos reports whether a position is one of [IndexPos].
func IsIndexPos(at corpus.Pos) bool { return at&indexBit != 0 && at != corpus.NoPos }

// SplitIndexPos is the reverse of IndexPos.
func SplitIndexPos(at corpus.Pos) (shard int, number int64) {
	at &^= indexBit
	return at.Shard(), at.Row()
}

// Named is where a document stands and what it is called. It is for people.
type Named struct {
	Position string `json:"position"` // shard:row, or "index " and a run's name
	Repo     string `json:"repo"`
	Path     string `json:"path"`
}

// NameOf returns position and name of a document. It shares no memory with it.
func NameOf(at corpus.Pos, doc *corpus.Doc) Named {
	return Named{at.String(), strings.Clone(doc.Repo), strings.Clone(doc.Path)}
}

// String returns name and position: "repo:path (00000:7)".
func (n Named) String() string {
	return fmt.Sprintf("%s (%s)", strings.TrimPrefix(n.Repo+":"+n.Path, ":"), n.Position)
}
