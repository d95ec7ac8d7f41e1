package near

import (
	"testing"

	"github.com/codemill/codemill/corpus"
)

// Every record comes back as it was, in as many bytes as it says.
func FuzzRecords(f *testing.F) {
	f.Add(uint32(1), uint32(1<<31), uint64(1<<63|5), []byte("0123456789abcdef"), 0.75, uint8(2))
	f.Fuzz(func(t *testing.T, x, y uint32, z uint64, id []byte, s float64, k uint8) {
		if s != s {
			return
		}
		content := contentKey{corpus.ID(append(id, make([]byte, 16)...)), x}
		if b := content.append(nil); len(b) != contentKeySize || parseContentKey(b) != content {
			t.Errorf("%+v", content)
		}
		two := pair{x, y}
		if b := two.append(nil); len(b) != pairSize || parsePair(b) != two {
			t.Errorf("%+v", two)
		}
		one := band{z, x, k}
		if b := one.append(nil); len(b) != bandSize || parseBand(b) != one {
			t.Errorf("%+v", one)
		}
		member := hotMember{x, z}
		if b := member.append(nil); len(b) != hotMemberSize || parseHotMember(b) != member {
			t.Errorf("%+v", member)
		}
		o, back := change{x, k, corpus.Pos(z), s}, change{}
		if b := o.append(nil); len(b) != changeSize {
			t.Errorf("%d bytes", len(b))
		} else if back.parse(b); back != o {
			t.Errorf("%+v came back as %+v", o, back)
		}
		r, rback := Outcome{x, k, corpus.Pos(z), s, y}, Outcome{}
		if b := r.append(nil); len(b) != outcomeSize {
			t.Errorf("%d bytes", len(b))
		} else if rback.parse(b); rback != r {
			t.Errorf("%+v came back as %+v", r, rback)
		}
	})
}
