package units

import (
	"testing"

	"github.com/codemill/codemill/corpus"
)

// Every record comes back as it was, in as many bytes as it says.
func FuzzRecords(f *testing.F) {
	f.Add(uint32(1<<31), uint8(3), int64(-1), int64(1<<62), int64(-1<<63), uint64(1<<63), []byte("0123456789abcdef fedcba9876543210"))
	f.Fuzz(func(t *testing.T, row uint32, shape uint8, stars, forks, created int64, source uint64, ids []byte) {
		ids = append(ids, make([]byte, 32)...)
		e := Entry{
			Row: row, Shape: Shape(shape), license: shape, stars: stars, forks: forks, created: created,
			shingles: row / 3, path: ^row, source: source, ContentID: corpus.ID(ids[:16]), ID: corpus.ID(ids[16:32]),
		}
		var back Entry
		if b := e.Append(nil); len(b) != EntrySize {
			t.Errorf("%d bytes", len(b))
		} else if back.Parse(b); back != e {
			t.Errorf("%+v came back as %+v", e, back)
		}
		b := appendStart(nil, stars, forks)
		if at, first := parseStart(b); len(b) != startSize || at != stars || first != forks {
			t.Errorf("%d, %d came back as %d, %d", stars, forks, at, first)
		}
		pos := IndexPos(int(row>>2), int64(^row))
		if shard, number := SplitIndexPos(pos); !IsIndexPos(pos) || shard != int(row>>2) || number != int64(^row) {
			t.Errorf("%d of shard %d came back as %d of %d", ^row, row>>2, number, shard)
		}
	})
}
