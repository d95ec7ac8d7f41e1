package units

import (
	"fmt"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// indexBit is set in the position of a unit of the index: the number of its
// shard among those compared with, and its number there, follow. No verdict has
// such a position.
const indexBit = 1 << 63

// IndexPos is the position of a unit of the index.
func IndexPos(shard int, number int64) corpus.Pos {
	return corpus.Pos(indexBit | uint64(shard)<<32 | uint64(number))
}

// IsIndexPos says whether a position is one of IndexPos.
func IsIndexPos(at corpus.Pos) bool { return at&indexBit != 0 && at != corpus.NoPos }

// SplitIndexPos is the reverse of IndexPos.
func SplitIndexPos(at corpus.Pos) (shard int, number int64) {
	at &^= indexBit
	return at.Shard(), at.Row()
}

// Named is where a document stands and what it is called.
type Named struct {
	Position string `json:"position"` // shard:row
	Repo     string `json:"repo"`
	Path     string `json:"path"`
}

// NameOf returns it of a document.
func NameOf(at corpus.Pos, doc *corpus.Doc) Named {
	return Named{at.String(), strings.Clone(doc.Repo), strings.Clone(doc.Path)}
}

// String gives the name and then the position.
func (n Named) String() string {
	return fmt.Sprintf("%s (%s)", strings.TrimPrefix(n.Repo+":"+n.Path, ":"), n.Position)
}
