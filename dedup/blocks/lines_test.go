package blocks

import (
	"bytes"
	"strings"
	"testing"
)

// What lines leave out of a text is blank, and windows have the same hash where
// they have the same lines, as far as 64 bits tell.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\n\n b \r\nc\rd\n\n"), uint8(2))
	f.Add([]byte("\n \t\n"), uint8(1))
	f.Add([]byte(strings.Repeat("ab\n", 30)+"ab"), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		n := int(size)%9 + 1
		w := newWindower(n, 1<<64-1)
		var all []string
		seen, hashes := map[string]uint64{}, map[uint64]string{}
		at := 0
		for l := range lines(text) {
			if len(bytes.TrimSpace(text[at:l.start])) > 0 && !bytes.ContainsAny(text[at:l.start], "\u0085\u00a0\u2028") {
				t.Fatalf("%q between lines", text[at:l.start])
			}
			if at = l.end; !bytes.HasPrefix(text[l.start:l.end], l.text) || len(l.text) == 0 {
				t.Fatalf("line %q of %q", l.text, text[l.start:l.end])
			}
			all = append(all, string(l.text))
			hash, first, ok := w.add(l.text)
			if ok != (len(all) >= n) || ok && first != len(all)-n {
				t.Fatalf("window %d, %v after %d lines", first, ok, len(all))
			}
			if !ok {
				continue
			}
			window := strings.Join(all[first:], "\n")
			if h, ok := seen[window]; ok && h != hash {
				t.Fatalf("%q has two hashes", window)
			}
			if other, ok := hashes[hash]; ok && other != window {
				t.Fatalf("%q and %q have one hash", window, other)
			}
			seen[window], hashes[hash] = hash, window
		}
		if len(bytes.TrimSpace(text[at:])) > 0 && !bytes.ContainsAny(text[at:], "\u0085\u00a0\u2028") {
			t.Fatalf("%q after the lines", text[at:])
		}
	})
}

// Every record comes back as it was, in as many bytes as it says.
func FuzzRecords(f *testing.F) {
	f.Add(uint64(1<<63), uint32(1), uint32(2), uint32(3), uint32(1<<31))
	f.Fuzz(func(t *testing.T, x uint64, a, b, c, d uint32) {
		w := window{x, a, b}
		if s := w.append(nil); len(s) != windowSize || parseWindow(s) != w {
			t.Errorf("%+v", w)
		}
		k := claim{a, b, c, d}
		if s := k.append(nil); len(s) != claimSize || parseClaim(s) != k {
			t.Errorf("%+v", k)
		}
		h := check{a, b, c, x, d}
		if s := h.append(nil); len(s) != checkSize || parseCheck(s) != h {
			t.Errorf("%+v", h)
		}
	})
}
