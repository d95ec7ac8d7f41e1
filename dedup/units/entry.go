package units

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/codemill/codemill/corpus"
)

// Entry is what is known of one unit besides its sketch and set. The file
// <shard>.entries has one for each unit, in their order.
type Entry struct {
	Row       uint32    // of its first document, in the shard of documents
	Shape     Shape     // how it can be compared
	license   uint8     // 0 permissive, 1 unknown or none, 2 copyleft, 3 restricted; of a repository the worst
	stars     int64     // -1 when not known
	forks     int64     // -1 when not known
	created   int64     // Unix seconds, 0 when not known
	shingles  uint32    // how many different ones it has, about, if it is compared by them; else 0
	path      uint32    // length of the path in bytes; of a repository that of its name
	source    uint64    // hash of the source's name; see sourceKey
	ContentID corpus.ID // the same where what counts of the texts is the same
	ID        corpus.ID // the document's; of a repository a hash of source and name
}

// EntrySize is the length of an entry: its fields in their order, big-endian.
const EntrySize = 4 + 1 + 1 + 8 + 8 + 8 + 4 + 4 + 8 + 16 + 16

// Shape says how a unit can be compared.
type Shape uint8

// The values of Shape. They stand in entries.
const (
	Shingled Shape = iota // by its set of shingles
	short                 // exactly only: it has too few tokens for one shingle
	Long                  // exactly only: it has more than sketch.MaxShingles shingles
	Sampled               // a repository of more, by a sample of at most that many
)

// measure notes how many shingles there are, from the set or, where the scale is not 0,
// the sample of it. From 2^32-1 on they are not told apart.
func (e *Entry) measure(set []uint64, scale uint8) {
	e.shingles = uint32(min(uint64(len(set))<<scale, math.MaxUint32))
}

// Append appends the entry as it is stored.
func (e *Entry) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, e.Row)
	b = append(b, byte(e.Shape), e.license)
	b = binary.BigEndian.AppendUint64(b, uint64(e.stars))
	b = binary.BigEndian.AppendUint64(b, uint64(e.forks))
	b = binary.BigEndian.AppendUint64(b, uint64(e.created))
	b = binary.BigEndian.AppendUint32(b, e.shingles)
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
		shingles: binary.BigEndian.Uint32(b[30:]), path: binary.BigEndian.Uint32(b[34:]), source: binary.BigEndian.Uint64(b[38:]),
		ContentID: corpus.ID(b[46:62]), ID: corpus.ID(b[62:78]),
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

// rankKeySize is the length of a rank key: 1 byte for the index, 2 for the priority
// of the source, the terms (1 for the licence, 8 each for stars, forks and time, 4 each
// for shingles and path) and both ids.
const rankKeySize = 1 + 2 + 1 + 8 + 8 + 8 + 4 + 4 + 16 + 16

// AppendRank appends a key of the unit: sorted by the bytes of their keys, units
// stand from the best survivor to the worst. Units of the index come before all
// others; terms that the order leaves out are zero. The key ends with their ids. Units have
// the same key where rows repeat one document: [All.Rank] puts the one first that crawl
// wrote first.
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
		case "shingles":
			b = binary.BigEndian.AppendUint32(b, math.MaxUint32-e.shingles)
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

// earliest maps Unix seconds, which may be negative, to numbers in the same order. 0,
// not known, comes last.
func earliest(t int64) uint64 {
	if t == 0 {
		return math.MaxUint64
	}
	return uint64(t) ^ 1<<63
}

// contentID hashes a text: exact copies are those with the same content id.
func contentID(text []byte) corpus.ID {
	h := sha256.Sum256(text)
	return corpus.ID(h[:16])
}
