package near

import (
	"encoding/binary"
	"math"

	"github.com/codemill/codemill/corpus"
)

// The records that are sorted. Each is as long as its size says, its fields one
// after another in their order, big-endian. So the order of the bytes is the order
// of the fields: pairs, for example, come by rank and then by the other's rank.

// contentKey finds units that are the same: sorted, they stand side by side, the
// best of them first.
type contentKey struct {
	id   corpus.ID
	rank uint32
}

const contentKeySize = 16 + 4

func (k contentKey) append(b []byte) []byte { return put32(append(b, k.id[:]...), k.rank) }

func parseContentKey(b []byte) contentKey { return contentKey{corpus.ID(b[:16]), be32(b[16:])} }

// pair is two units by rank. Among the candidates, rank is the worse unit and other
// a better one that it is compared with. Among the copies, rank is the best of the
// units that are the same and other one of its copies.
type pair struct{ rank, other uint32 }

const pairSize = 4 + 4

func (p pair) append(b []byte) []byte { return put32(put32(b, p.rank), p.other) }

func parsePair(b []byte) pair { return pair{be32(b), be32(b[4:])} }

// band is one band of a unit's sketch: Config.Rows of its values, hashed.
type band struct {
	key  uint64 // hash of the values and of the band's number; see sketch.BandKey
	rank uint32 // of the unit
	size uint8  // class of the size of the unit's set; see sizeClass
}

const bandSize = 8 + 4 + 1

func (k band) append(b []byte) []byte { return append(put32(put64(b, k.key), k.rank), k.size) }

func parseBand(b []byte) band { return band{be64(b), be32(b[8:]), b[12]} }

// hotMember is a unit of a hot bucket. They are sorted by rank, as the walk goes.
type hotMember struct {
	rank uint32
	key  uint64 // of the bucket: that of the band which its units share
}

const hotMemberSize = 4 + 8

func (m hotMember) append(b []byte) []byte { return put64(put32(b, m.rank), m.key) }

func parseHotMember(b []byte) hotMember { return hotMember{be32(b), be64(b[4:])} }

// change is one part of what becomes of a unit: that it is dropped for another, or
// that one more unit was dropped for it. The changes of one unit, summed up, are its
// [Outcome].
type change struct {
	ordinal    uint32     // of the unit
	decision   byte       // StandsFor, ExactCopy or nearCopy
	survivor   corpus.Pos // where it is dropped: for whom
	similarity float64    // where it is dropped: to the survivor
}

// changeSize is the length of a change: its fields in their order, big-endian.
const changeSize = 4 + 1 + 8 + 8

// The values of Outcome.Decision. They stand in the file of outcomes.
const (
	StandsFor = iota // it is kept and stands for others
	ExactCopy        // it is dropped as the same as its survivor
	nearCopy         // it is dropped as similar to it
)

func (o *change) append(b []byte) []byte {
	b = append(put32(b, o.ordinal), o.decision)
	return put64(put64(b, uint64(o.survivor)), math.Float64bits(o.similarity))
}

func (o *change) parse(b []byte) {
	*o = change{
		ordinal: be32(b), decision: b[4], survivor: corpus.Pos(be64(b[5:])),
		similarity: math.Float64frombits(be64(b[13:])),
	}
}

func be32(b []byte) uint32            { return binary.BigEndian.Uint32(b) }
func be64(b []byte) uint64            { return binary.BigEndian.Uint64(b) }
func put32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }
func put64(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }
