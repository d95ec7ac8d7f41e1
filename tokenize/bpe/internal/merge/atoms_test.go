package merge

import (
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
)

// TestAtoms strings together tokens beyond ASCII, whole and cut, and what may
// stand beside them.
func TestAtoms(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 1000
	}
	for _, name := range []string{"p50k_base", "cl100k_base", "o200k_base", "deepseek-coder", "deepseek-coder-v2", "deepseek-v3"} {
		t.Run(name, func(t *testing.T) {
			m := modelOf(t, name)
			if m.atoms == nil {
				t.Fatal("no atoms")
			}
			var parts [][]byte
			atoms := 0
			for id := range uint32(m.Size()) {
				text := m.Bytes(id)
				if len(text) == 0 || isASCII(text) {
					continue
				}
				parts = append(parts, text)
				if r, n := utf8.DecodeRune(text); n == len(text) && n > 1 && n < 4 {
					if a, ok := m.atoms.at(uint16(r), 0, 0); ok && a.two() == 0 {
						atoms++
					}
				}
			}
			if atoms < 200 {
				t.Errorf("%d atoms", atoms)
			}
			lacking := *m // a vocabulary without some bytes
			for b := 0x83; b < 0x100; b += 7 {
				lacking.byteID[b] = noToken
			}
			lacking.atoms = newAtoms(&lacking.tokens)
			r := bpetest.NewRandom(17)
			for range n {
				var piece []byte
				parts, length := parts, 1+r.IntN(8)
				if r.IntN(20) == 0 { // more units than are looked at at a time
					from := r.IntN(len(parts) - 3)
					parts, length = parts[from:from+1+r.IntN(3)], 10+r.IntN(100)
				}
				for range length {
					part := parts[r.IntN(len(parts))]
					switch r.IntN(9) {
					case 8:
						s := manyBytes[r.IntN(len(manyBytes))]
						part = []byte(string(s.Lo + r.Int32N(s.Hi-s.Lo+1)))
					case 0:
						part = part[r.IntN(len(part)):]
					case 1:
						part = part[:r.IntN(len(part))]
					case 2:
						part = []byte{byte(r.Uint32())}
					case 3:
						part = []byte(bpetest.RandomText(r))
					}
					piece = append(piece, part...)
				}
				checkIDs(t, m, piece, bruteMerge(m, piece))
				checkIDs(t, &lacking, piece, bruteMerge(&lacking, piece))
				if t.Failed() {
					return
				}
			}
		})
	}
}
