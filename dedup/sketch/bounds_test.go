package sketch

import (
	"bytes"
	"slices"
	"testing"
)

// The vector code finds the same places as the plain, whatever the bytes and
// the pieces they come in.
func FuzzBounds(f *testing.F) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	f.Add(every, 256)
	f.Add(append(bytes.Repeat([]byte("a+"), 600), every...), 1024)
	f.Add([]byte("func f(x int) int { return x<<1 } // \xc3\xa9 the end of it is behind 64 bytes, and ..."), 64)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		size = 64 * (1 + (size&0xffff)%(pieceSize/64))
		var a, b edges
		var la, lb classes
		for at := 0; at < len(text); at += size {
			piece := text[at:min(at+size, len(text))]
			a.bounds(piece, uint32(at), &la)
			b.boundsGo(piece, uint32(at), &lb)
			if a.begun != b.begun || a.ended != b.ended || la != lb ||
				!slices.Equal(a.starts[:a.begun], b.starts[:b.begun]) || !slices.Equal(a.ends[:a.ended], b.ends[:b.ended]) {
				t.Fatalf("%d begun, %d ended, %+v; want %d, %d, %+v", a.begun, a.ended, la, b.begun, b.ended, lb)
			}
			for i, end := range a.ends[:a.ended] {
				if start := a.starts[i]; start >= end || int(end) > at+len(piece) {
					t.Fatalf("a token from %d to %d", start, end)
				}
			}
			for _, e := range []*edges{&a, &b} {
				e.starts[0] = e.starts[e.ended]
				e.begun, e.ended = e.begun-e.ended, 0
			}
		}
	})
}
