package bpe

import (
	"encoding/binary"
	"math/bits"
)

// Of characters beyond ASCII most are classed as soon as ASCII is, where the masks
// are made: those whose first bytes, all but the last one, have a slot. The 64
// characters that share these have their classes there. There are 64 slots; blocks
// of the same classes, such as all those of Chinese characters, share one.

// A wideTable has the classes of characters of two and three bytes.
type wideTable struct {
	three [16][64]uint8              // slots by the first byte's low bits and the second byte's
	two   [64]uint8                  // by the first byte's low bits; of E0 to FF none
	rows  [wideClasses + 1][512]byte // by class, the last cutClass: a bit for each of 64 characters a slot
	used  uint32                     // which rows have a bit
}

const (
	slots  = 64
	noSlot = 0xff
	// wideRoom is how many bytes behind its own a block looks at.
	wideRoom = 2
)

// slotsFirst are the blocks, character by 64, that get their slots before the
// others: those of two bytes, kana and CJK punctuation, punctuation, fullwidth
// forms, Devanagari, Thai, the last of Hangul and of Chinese, and Latin and Greek
// with more marks.
var slotsFirst = runeSet{{0x80 >> 6, 0x7ff >> 6}, {0x3000 >> 6, 0x30ff >> 6}, {0x2000 >> 6, 0x207f >> 6}, {0xff00 >> 6, 0xffff >> 6},
	{0x900 >> 6, 0x97f >> 6}, {0xe00 >> 6, 0xe7f >> 6}, {0xd780 >> 6, 0xd7bf >> 6}, {0x9f80 >> 6, 0x9fff >> 6}, {0x1e00 >> 6, 0x1fff >> 6}}

func newWideTable(t *classes) *wideTable {
	w := new(wideTable)
	for i := range w.two {
		w.two[i] = noSlot
	}
	for i := range w.three {
		for k := range w.three[i] {
			w.three[i][k] = noSlot
		}
	}
	seen := map[[64]uint8]uint8{}
	for _, part := range []runeSet{slotsFirst, {{0, 0xffff >> 6}}} {
		for _, r := range part {
			for b := r.lo; b <= r.hi; b++ {
				w.add(t, b, seen)
			}
		}
	}
	return w
}

// add gives the 64 characters from 64*block on their slot.
func (w *wideTable) add(t *classes, block rune, seen map[[64]uint8]uint8) {
	if block < 0x80>>6 || block >= 0xd800>>6 && block < 0xe000>>6 {
		return
	}
	var of [64]uint8
	copy(of[:], t.blocks[t.index[block>>2]][block%4*64:])
	slot, ok := seen[of]
	if !ok {
		if len(seen) == slots {
			return
		}
		slot = uint8(len(seen))
		seen[of] = slot
		for i, c := range of {
			for k := range w.rows {
				if c>>w.class(k)&1 != 0 {
					w.rows[k][int(slot)*8+i/8] |= 1 << (i % 8)
					w.used |= 1 << k
				}
			}
		}
	}
	if block < 0x800>>6 {
		w.two[block] = slot
	} else {
		w.three[block>>6][block&63] = slot
	}
}

// class is the class of rows[k].
func (*wideTable) class(k int) int {
	if k == wideClasses {
		return cutClass
	}
	return k
}

// fill adds the characters that have slots to masks in which notASCIIs is done.
func (w *wideTable) fill(text []byte, blocks int, out *maskBits) {
	for from := 0; from < 64*blocks; from += 64 {
		for high := binary.LittleEndian.Uint64(out[notASCIIs][from/8:]); high != 0; high &= high - 1 {
			i := from + bits.TrailingZeros64(high)
			b, last, kind := text[i], text[i+1], leads2
			if b < 0xc0 || last&0xc0 != 0x80 {
				continue
			}
			slot := w.two[b&63]
			if b>>4 == 0xe && text[i+2]&0xc0 == 0x80 {
				slot, last, kind = w.three[b&15][last&63], text[i+2], leads3
			}
			if slot == noSlot {
				continue
			}
			bit := byte(1) << (i % 8)
			out[kind][i/8] |= bit
			for k := range w.rows {
				if w.rows[k][int(slot)*8+int(last&63/8)]>>(last&7)&1 != 0 {
					out[w.class(k)][i/8] |= bit
				}
			}
		}
	}
}
