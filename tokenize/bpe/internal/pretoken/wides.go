package pretoken

import (
	"encoding/binary"
	"math/bits"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// Of characters beyond ASCII most are classed as soon as ASCII is, where the masks
// are made: those whose first bytes, all but the last one, have a slot. The 64
// characters that share these have their classes there. There are 64 slots; blocks
// of the same classes, such as all those of Chinese characters, share one.
//
// "é" is C3 A9: its block is that of C3 (U+00C0 to U+00FF), two[3] is the block's slot,
// and of[slot][0x29] are the classes of é. "字" is E5 AD 97: its slot is three[5][0x2d].

// A wideTable has the classes of characters of two and three bytes.
type wideTable struct {
	three [16][64]uint8              // slots by the first byte's low bits and the second byte's; noSlot for none
	two   [64]uint8                  // by the first byte's low bits; of E0 to FF none
	of    [slots][64]uint8           // the classes of the characters, by slot and the last byte's low bits
	rows  [wideClasses + 1][512]byte // the same by class, the last cutClass, with a bit a character
	used  uint32                     // which rows have a bit
}

const (
	slots  = 64
	noSlot = 0xff
	// wideRoom is how many bytes behind its own a block looks at.
	wideRoom = 2
)

// slotsFirst are the blocks, character by 64, that get their slots before the
// others: those of two bytes, the first and last of Chinese and of Hangul, kana and
// CJK punctuation, punctuation, box drawing, fullwidth forms, Devanagari, Thai, and
// Latin and Greek with more marks.
var slotsFirst = charset.Set{{Lo: 0x80 >> 6, Hi: 0x7ff >> 6}, {Lo: 0x4e00 >> 6, Hi: 0x4e3f >> 6}, {Lo: 0x9f80 >> 6, Hi: 0x9fff >> 6}, {Lo: 0xac00 >> 6, Hi: 0xac3f >> 6},
	{Lo: 0xd780 >> 6, Hi: 0xd7bf >> 6}, {Lo: 0x3000 >> 6, Hi: 0x30ff >> 6}, {Lo: 0x2000 >> 6, Hi: 0x207f >> 6}, {Lo: 0x2500 >> 6, Hi: 0x253f >> 6}, {Lo: 0xff00 >> 6, Hi: 0xffff >> 6},
	{Lo: 0x900 >> 6, Hi: 0x97f >> 6}, {Lo: 0xe00 >> 6, Hi: 0xe7f >> 6}, {Lo: 0x1e00 >> 6, Hi: 0x1fff >> 6}}

// newWideTable gives blocks their slots as long as there are any: those of slotsFirst, then
// all others from the first on.
func newWideTable(t *charset.Classes) *wideTable {
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
	for _, part := range []charset.Set{slotsFirst, {{Lo: 0, Hi: 0xffff >> 6}}} {
		for _, r := range part {
			for b := r.Lo; b <= r.Hi; b++ {
				w.add(t, b, seen)
			}
		}
	}
	return w
}

// add gives the 64 characters from 64*block on their slot: that of a block with the same
// classes, or a new one, or none if there is none left. seen has the slots by classes. ASCII
// and surrogates, which no text has, get none.
func (w *wideTable) add(t *charset.Classes, block rune, seen map[[64]uint8]uint8) {
	if block < 0x80>>6 || block >= 0xd800>>6 && block < 0xe000>>6 {
		return
	}
	var of [64]uint8
	for i := range of {
		of[i] = t.Of(64*block+rune(i)) & (1<<wideClasses - 1 | 1<<cutClass)
	}
	slot, ok := seen[of]
	if !ok {
		if len(seen) == slots {
			return
		}
		slot = uint8(len(seen))
		seen[of], w.of[slot] = slot, of
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
		high := binary.LittleEndian.Uint64(out[notASCIIs][from/8:])
		if high == 0 {
			continue
		}
		var masks [insides]uint64
		for window := text[from : from+64+wideRoom]; high != 0; {
			i := bits.TrailingZeros64(high)
			b, last, kind, n := window[i], window[i+1], leads2, 2
			slot := w.two[b&63]
			if b>>4 == 0xe && window[i+2]&0xc0 == 0x80 {
				slot, last, kind, n = w.three[b&15][last&63], window[i+2], leads3, 3
			}
			if b < 0xc0 || window[i+1]&0xc0 != 0x80 || slot == noSlot {
				high &= high - 1
				continue
			}
			high &^= (1<<n - 1) << i
			masks[kind] |= 1 << i
			for c := w.of[slot%slots][last&63]; c != 0; c &= c - 1 {
				masks[bits.TrailingZeros8(c)] |= 1 << i
			}
		}
		for k, m := range masks {
			p := out[k][from/8:]
			binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)|m)
		}
	}
}
