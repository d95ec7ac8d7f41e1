package crawl

import (
	"bytes"
	"testing"
)

func FuzzRecords(f *testing.F) {
	f.Add(bytes.Repeat([]byte{1, 2, 3}, 20))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < placeWidth {
			return
		}
		if got := parsePlace(b).append(nil); !bytes.Equal(got, b[:placeWidth]) {
			t.Errorf("a place: %x became %x", b[:placeWidth], got)
		}
		if got := parseMark(b).append(nil); !bytes.Equal(got, b[:markWidth]) {
			t.Errorf("a mark: %x became %x", b[:markWidth], got)
		}
	})
}
