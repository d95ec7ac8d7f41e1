package sketch

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// What is packed comes back, in as many bytes as are said, whatever is before
// and behind it.
func TestPacked(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	sizes := []int{0, 1, 2, 3, 4, 7, 8, 9, 31, 63, 64, 65, 127, 1000, 4095, 4096, 70_000}
	for _, n := range sizes {
		for _, top := range []int{hashBits, hashBits - 3, 18} {
			if n > 1<<(top-1) {
				continue
			}
			have := map[uint64]bool{}
			for len(have) < n {
				have[rng.Uint64()>>(64-top)] = true
			}
			var set []uint64
			for h := range have {
				set = append(set, h)
			}
			slices.Sort(set)
			if n > 1 && top == hashBits {
				set[0], set[n-1] = 0, 1<<hashBits-1
			}
			b := AppendPacked([]byte{1, 2, 3}, set)
			if len(b) != 3+PackedSize(n) || !slices.Equal(b[:3], []byte{1, 2, 3}) {
				t.Fatalf("%d hashes: %d bytes, want %d", n, len(b)-3, PackedSize(n))
			}
			if n >= 1000 && float64(len(b)-3) > 4.1*float64(n) {
				t.Errorf("%d hashes: %d bytes", n, len(b)-3)
			}
			got := ParsePacked([]uint64{7}, b[3:], n)
			if got[0] != 7 || !slices.Equal(got[1:], set) {
				t.Fatalf("%d hashes of %d bits came back as others", n, top)
			}
		}
	}
}

// Bytes that are no set give no more hashes than asked for, and no panic.
func FuzzPacked(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 2)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n &= 0xffff
		size := PackedSize(n)
		b = append(b, make([]byte, max(0, size-len(b)))...)[:size]
		if got := ParsePacked(nil, b, n); len(got) != n {
			t.Fatalf("%d hashes of %d", len(got), n)
		}
	})
}

// Stored sketches agree as the sketches do.
func TestAgreeStored(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, k := range []int{8, 9, 10, 11, 250, 256} {
		for range 200 {
			a, b := make([]uint16, k), make([]uint16, k)
			for i := range a {
				a[i] = uint16(rng.Uint32())
				if b[i] = a[i]; rng.IntN(2) == 0 {
					b[i] ^= 1 << rng.IntN(16)
				}
			}
			if got, want := AgreeStored((&Stored{Values: a}).Append(nil), (&Stored{Values: b}).Append(nil)), Agree(a, b); got != want {
				t.Fatalf("%d of %d agree, want %d", got, k, want)
			}
		}
	}
}

// A stored sketch comes back as it was.
func FuzzStored(f *testing.F) {
	f.Add(uint32(MaxShingles), uint8(255), uint64(1<<63), uint16(1), 9)
	f.Fuzz(func(t *testing.T, size uint32, scale uint8, offset uint64, value uint16, n int) {
		want := Stored{size % (1 << sizeBits), scale, offset, make([]uint16, n&0xfff)}
		for i := range want.Values {
			want.Values[i] = value * uint16(i)
		}
		b := want.Append([]byte{7})
		got := Stored{Values: make([]uint16, len(want.Values))}
		if got.Parse(b[1:]); len(b) != 1+StoredSize(len(want.Values)) || !slices.Equal(got.Values, want.Values) || got.Size != want.Size || got.Scale != scale || got.Offset != offset {
			t.Fatalf("%+v came back as %+v", want, got)
		}
	})
}
