package pretoken

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/simd"
)

// vectorPairs are the scanners with a vector path.
func vectorPairs(t testing.TB) []scanPair {
	pairs := slices.DeleteFunc(scanPairs(t), func(p scanPair) bool {
		return !p.scanner.vector
	})
	if len(pairs) == 0 {
		t.Skip("no vector instructions")
	}
	return pairs
}

// checkVector holds the vector path to the scalar one.
func checkVector(t *testing.T, p scanPair, text []byte) {
	t.Helper()
	w := p.scanner
	scalar := &windows{w.s, w.t, false}
	want := scanBy(scalar, text, 256)
	for _, wide := range []bool{false, true} {
		if wide && simd.Width() < 64 {
			continue
		}
		table := *w.t
		table.wide64 = wide
		got := scanBy(&windows{w.s, &table, true}, text, 256)
		if !slices.Equal(got, want) {
			i := 0
			for i < len(got) && i < len(want) && got[i] == want[i] {
				i++
			}
			from := max(0, i-3)
			t.Fatalf("%s %q: from pretoken %d on\n got %s\nwant %s", p.name, text[want[from].From:min(len(text), want[from].From+80)], i, cutAt(text, got[from:]), cutAt(text, want[from:]))
		}
	}
}

func TestVectorEqualsScalar(t *testing.T) {
	n := 6000
	if testing.Short() {
		n = 2000
	}
	for _, p := range vectorPairs(t) {
		r := rand.New(rand.NewPCG(7, 8))
		for range n {
			var b strings.Builder
			for b.Len() < 200 {
				b.WriteString(bpetest.RandomText(r))
				if r.IntN(4) == 0 {
					b.WriteString(longRun(r))
				}
			}
			text := []byte(b.String())
			if r.IntN(4) == 0 {
				text[r.IntN(len(text))] = byte(r.Uint32())
			}
			checkVector(t, p, text)
		}
	}
}

// longRun is a word of mostly one letter, longer than a window, behind a sign now and
// then.
func longRun(r *rand.Rand) string {
	pick := func(s string) string {
		runes := []rune(s)
		return string(runes[r.IntN(len(runes))])
	}
	letter := pick("aAéЖß一三あー가क\u4e00")
	signs := []string{" ", "#", "'", "'s", "'ſ", "中", "a", "1", "\n", "\u0301", "#\u0301"}
	text := signs[r.IntN(len(signs))] + strings.Repeat(letter, 20+r.IntN(300))
	for range r.IntN(3) {
		at := r.IntN(len(text)/len(letter)) * len(letter)
		text = text[:at] + pick("bB一あ・\u0301१、'ſ \n") + text[at:]
	}
	return text
}

func FuzzVector(f *testing.F) {
	pairs := vectorPairs(f)
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		f.Add([]byte(bpetest.RandomText(r) + bpetest.RandomText(r) + bpetest.RandomText(r)))
	}
	pad := []byte(strings.Repeat(" the end\n", 12))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1000 {
			return
		}
		text = append(slices.Clone(text), pad...)
		for _, p := range pairs {
			checkVector(t, p, text)
		}
	})
}

// Kernels agree byte by byte.
func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, p := range vectorPairs(t) {
		table := *p.scanner.t
		for range 2000 {
			window := make([]byte, maskBytes+wideRoom)
			ascii := 0
			for i := 0; i < len(window); i++ {
				if i%64 == 0 {
					ascii = r.IntN(3)
				}
				window[i] = byte(r.Uint32())
				if ascii > 0 && r.IntN(3) > 0 || ascii == 2 {
					window[i] &= 0x7f
				} else if r.IntN(2) == 0 {
					// Mostly whole characters, as often of two bytes as of three.
					char := utf8.AppendRune(nil, rune(r.Uint32()>>(16+r.IntN(6))))
					i += copy(window[i:], char[:len(char)-r.IntN(20)/19]) - 1
				}
			}
			blocks := 1 + r.IntN(maskBytes/64)
			want := poisoned().bits
			table.fillScalar(window, blocks, &want)
			for _, wide := range []bool{false, simd.Width() == 64} {
				table.wide64 = wide
				got := poisoned().bits
				table.fill(window, blocks, &got)
				for k := range want {
					if got, want := got[k][:8*blocks], want[k][:8*blocks]; string(got) != string(want) {
						t.Fatalf("%s %q, 64 bytes %t, class %d: got %x, want %x", p.name, window, wide, k, got, want)
					}
				}
			}
		}
	}
}

// TestSlots has a character of each of the common scripts, and asks for its slot.
func TestSlots(t *testing.T) {
	for _, p := range scanPairs(t) {
		w := p.scanner
		for _, r := range "éßőαЖשعक्ह่กểあアー中\u9fa5한힣、。！—“…─■" {
			text := []byte(string(r))
			slot := w.t.wides.two[text[0]&63]
			if len(text) == 3 {
				slot = w.t.wides.three[text[0]&15][text[1]&63]
			}
			if slot == noSlot {
				t.Errorf("%s: no slot for %q", p.name, r)
			}
		}
	}
}
