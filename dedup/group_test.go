package dedup

import "testing"

// A group's record comes back as it was.
func FuzzGroupRecord(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint32(1), uint32(2), uint32(3), uint32(1<<31))
	f.Fuzz(func(t *testing.T, key []byte, shard, number, documents, dropped uint32) {
		g, back := groupRecord{[groupKeySize]byte(append(key, make([]byte, groupKeySize)...)), shard, number, documents, dropped}, groupRecord{}
		if b := g.append(nil); len(b) != groupRecordSize {
			t.Errorf("%d bytes", len(b))
		} else if back.parse(b); back != g {
			t.Errorf("%+v came back as %+v", g, back)
		}
	})
}
