package index

import "testing"

// Names come back as they were, and no bytes make it panic.
func FuzzNames(f *testing.F) {
	f.Add("s", "owner/name", "p\x00q.go", []byte{200}, uint64(1<<40), uint32(7))
	f.Fuzz(func(t *testing.T, x, y, z string, any []byte, offset uint64, size uint32) {
		var a, b, c string
		if !parseNames(appendNames(nil, x, y, z), &a, &b, &c) || a != x || b != y || c != z {
			t.Fatalf("%q, %q, %q", a, b, c)
		}
		parseNames(any, &a, &b, &c)
		at := nameAt{offset, size}
		if b := at.append(nil); len(b) != nameAtSize || parseNameAt(b) != at {
			t.Fatalf("%+v", at)
		}
	})
}
