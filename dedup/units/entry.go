package units

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/codemill/codemill/corpus"
)

// Entry is what is known of one document besides its sketch and set: a
// fixed number of bytes in the file <shard>.entries, one for every document
// that takes part, in their order. At repository level it is of a repository.
type Entry struct {
	Row       uint32 // in the shard of documents, of the first one
	Shape     Shape
	license   uint8 // 0 permissive, 1 unknown or none, 2 copyleft, 3 restricted
	stars     int64
	forks     int64
	created   int64
	path      uint32 // length in bytes
	source    uint64 // see sourceKey
	ContentID corpus.ID
	ID        corpus.ID
}

// EntrySize is the length of an entry: its fields in their order, big-endian.
const EntrySize = 4 + 1 + 1 + 8 + 8 + 8 + 4 + 8 + 16 + 16

// Shape says whether a document can be a near-duplicate.
type Shape uint8

const (
	Shingled Shape = iota
	short          // too few tokens for a shingle
	Long           // more than MaxShingles shingles
	Sampled        // a repository of more, of which that many at most are held
)

// Append appends the entry as it is stored.
func (e *Entry) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, e.Row)
	b = append(b, byte(e.Shape), e.license)
	b = binary.BigEndian.AppendUint64(b, uint64(e.stars))
	b = binary.BigEndian.AppendUint64(b, uint64(e.forks))
	b = binary.BigEndian.AppendUint64(b, uint64(e.created))
	b = binary.BigEndian.AppendUint32(b, e.path)
	b = binary.BigEndian.AppendUint64(b, e.source)
	b = append(b, e.ContentID[:]...)
	return append(b, e.ID[:]...)
}

// Parse reads a stored entry.
func (e *Entry) Parse(b []byte) {
	*e = Entry{
		Row: binary.BigEndian.Uint32(b), Shape: Shape(b[4]), license: b[5],
		stars: int64(binary.BigEndian.Uint64(b[6:])), forks: int64(binary.BigEndian.Uint64(b[14:])), created: int64(binary.BigEndian.Uint64(b[22:])),
		path: binary.BigEndian.Uint32(b[30:]), source: binary.BigEndian.Uint64(b[34:]),
		ContentID: corpus.ID(b[42:58]), ID: corpus.ID(b[58:74]),
	}
}

func licenseRank(licenseType string) uint8 {
	switch licenseType {
	case corpus.Permissive:
		return 0
	case corpus.Copyleft:
		return 2
	case corpus.Restricted:
		return 3
	default:
		return 1
	}
}

// rankKeySize is the length of a rank key: the index, the source, all terms and
// both ids.
const rankKeySize = 1 + 2 + 1 + 8 + 8 + 8 + 4 + 16 + 16

// AppendRank appends a key by whose bytes documents sort from the best
// survivor to the worst. Terms that the order leaves out are zero. Those of
// the index are better than all others.
func (e *Entry) AppendRank(b []byte, order *Order, indexed bool) []byte {
	end := len(b) + rankKeySize - len(e.ContentID) - len(e.ID)
	fresh := byte(1)
	if indexed {
		fresh = 0
	}
	b = binary.BigEndian.AppendUint16(append(b, fresh), order.priority(e.source))
	for _, term := range order.terms {
		switch term {
		case "license":
			b = append(b, e.license)
		case "stars":
			b = binary.BigEndian.AppendUint64(b, uint64(math.MaxInt64-max(e.stars, -1)))
		case "forks":
			b = binary.BigEndian.AppendUint64(b, uint64(math.MaxInt64-max(e.forks, -1)))
		case "created":
			b = binary.BigEndian.AppendUint64(b, earliest(e.created))
		case "path":
			b = binary.BigEndian.AppendUint32(b, e.path)
		}
	}
	for len(b) < end {
		b = append(b, 0)
	}
	b = append(b, e.ContentID[:]...)
	return append(b, e.ID[:]...)
}

// earliest orders times, before 1970 or after, and 0, not known, last.
func earliest(t int64) uint64 {
	if t == 0 {
		return math.MaxUint64
	}
	return uint64(t) ^ 1<<63
}

// contentID is the id by which texts are the same.
func contentID(text []byte) corpus.ID {
	h := sha256.Sum256(text)
	return corpus.ID(h[:16])
}
