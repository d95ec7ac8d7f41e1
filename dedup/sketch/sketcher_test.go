package sketch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/internal/doctrine"
)

// syntheticPair returns two sorted sets of this size and similarity.
func syntheticPair(rng *rand.Rand, size int, similarity float64) (a, b []uint64) {
	both := int(math.Round(2 * float64(size) * similarity / (1 + similarity)))
	for i := range 2*size - both {
		h := rng.Uint64() >> 24 // as many bits as a shingle's hash has
		if i < size {
			a = append(a, h)
		}
		if i < both || i >= size {
			b = append(b, h)
		}
	}
	slices.Sort(a)
	slices.Sort(b)
	return a, b
}

// The estimate's error is less than that of k independent draws.
func TestSketchError(t *testing.T) {
	d := New(Config{5, SplitCode, 256})
	for _, size := range []int{1, 7, 100, 300, 2000} {
		rng := rand.New(rand.NewPCG(uint64(size), 1))
		sum, theory, bias := 0.0, 0.0, 0.0
		const trials = 240
		for i := range trials {
			a, b := syntheticPair(rng, size, 0.3+0.6*float64(i)/trials)
			j := Jaccard(a, b)
			e := estimate(d.Sign(nil, a), d.Sign(nil, b)) - j
			sum, bias, theory = sum+e*e, bias+e, theory+j*(1-j)/256
		}
		rmse := math.Sqrt(sum / trials)
		t.Logf("size %d: RMSE %.4f, theory %.4f, bias %.4f", size, rmse, math.Sqrt(theory/trials), bias/trials)
		if rmse > math.Sqrt(theory/trials)+1e-9 || math.Abs(bias/trials) > 0.005 {
			t.Errorf("size %d: RMSE %.4f, theory %.4f, bias %.4f", size, rmse, math.Sqrt(theory/trials), bias/trials)
		}
	}
}

// referenceTokens cuts a text the slow way.
func referenceTokens(split, text string) []string {
	switch split {
	case SplitCode:
		// Latin-1 stands for bytes here.
		var latin []rune
		for _, b := range []byte(text) {
			latin = append(latin, rune(b))
		}
		return regexp.MustCompile("[0-9A-Za-z_\u0080-\u00ff]+|[!-/:-@\\[-^`{-~]+").FindAllString(string(latin), -1)
	case SplitStackV1:
		return regexp.MustCompile(`[^A-Za-z_0-9]`).Split(text, -1)
	case SplitStackV2:
		return regexp.MustCompile(`[^_\pL\pN]`).Split(strings.ToLower(text), -1)
	default:
		return strings.Split(text, "")
	}
}

// plainCase takes out the two characters that strings.ToLower does not lower as
// Python does; TestPublishedSplittings has them.
var plainCase = strings.NewReplacer("\u0130", "I", "\u03a3", "\u03c3")

func referenceShingles(split string, tokens []string, n int) map[string]bool {
	set := map[string]bool{}
	if stack := split == SplitStackV1 || split == SplitStackV2; stack && len(tokens) < 5 {
		return set
	}
	if split == SplitStackV2 {
		n = min(n, len(tokens))
	}
	for i := 0; i+n <= len(tokens); i++ {
		set[fmt.Sprintf("%q", tokens[i:i+n])] = true
	}
	return set
}

// checkShingles holds two texts against slow sets of strings: as many
// shingles, as many in common, and the laws of Jaccard.
func checkShingles(t *testing.T, split string, n int, x, y string) {
	t.Helper()
	d := New(Config{n, split, 256})
	a, _ := d.Shingles(nil, []byte(x))
	b, _ := d.Shingles(make([]uint64, 3, 10), []byte(y))
	ra, rb := referenceShingles(split, referenceTokens(split, x), n), referenceShingles(split, referenceTokens(split, y), n)
	both := 0
	for s := range ra {
		if rb[s] {
			both++
		}
	}
	if len(a) != len(ra) || len(b) != len(rb) {
		t.Fatalf("%s %d: %d and %d shingles, want %d and %d\n%q\n%q", split, n, len(a), len(b), len(ra), len(rb), x, y)
	}
	for _, s := range [][]uint64{a, b} {
		for i := 1; i < len(s); i++ {
			if s[i-1] >= s[i] {
				t.Fatal("a set that is not sorted")
			}
		}
	}
	want := 0.0
	if len(ra) > 0 || len(rb) > 0 {
		want = float64(both) / float64(len(ra)+len(rb)-both)
	}
	if got := Jaccard(a, b); got != want || got != Jaccard(b, a) {
		t.Fatalf("%s %d: similarity %v, want %v", split, n, got, want)
	}
	if len(a) > 0 {
		if Jaccard(a, a) != 1 || estimate(d.Sign(nil, a), d.Sign(nil, a)) != 1 {
			t.Fatal("a set that is not similar to itself")
		}
	}
}

func TestShinglesOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i, text := range doctrine.GoFiles(t, 16, 20<<10) {
		other := doctrine.Mutate(rng, text, 0.05)
		for _, split := range Splits() {
			checkShingles(t, split, 1+i%8, text, other)
		}
	}
}

func FuzzShingles(f *testing.F) {
	f.Add("func f(x int) int { return x+1 }", "func g(x int) int { return x + 1 }", uint8(5))
	f.Add("", "a", uint8(1))
	f.Add("a b", "\xff\xfe\x00 \xc3\xa9\u4e16", uint8(2))
	f.Add("\u0130\u017f \u00c9A", strings.Repeat("ab ", 600), uint8(3))
	f.Fuzz(func(t *testing.T, x, y string, n uint8) {
		x, y = plainCase.Replace(strings.ToValidUTF8(x, "?")), plainCase.Replace(strings.ToValidUTF8(y, "?"))
		for _, split := range Splits() {
			checkShingles(t, split, 1+int(n)%64, x, y)
		}
	})
}

func FuzzShinglesOfAnyBytes(f *testing.F) {
	f.Add([]byte("\xff\xc3"))
	f.Add([]byte("/* Copyright 2024 */ x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, split := range Splits() {
			d := New(Config{5, split, 256})
			before := string(text)
			a, _ := d.Shingles(nil, text)
			b, _ := d.Shingles(nil, append([]byte("x y z "), text...))
			if s := Jaccard(a, b); s < 0 || s > 1 {
				t.Fatalf("similarity %v", s)
			}
			if string(text) != before {
				t.Fatal("the text was changed")
			}
		}
	})
}

// A text of more shingles than are held is said to be one, and costs no more.
func TestTooManyShingles(t *testing.T) {
	if testing.Short() {
		t.Skip("works through 20 MB")
	}
	d := New(Config{5, SplitCode, 256})
	var text []byte
	for i := range MaxShingles + 100 {
		text = fmt.Appendf(text, "%x ", i)
	}
	set, ok := d.Shingles(nil, text)
	if ok || len(set) > 0 || cap(set) > 5*MaxShingles {
		t.Errorf("ok %v, %d shingles, room for %d", ok, len(set), cap(set))
	}
	repeated := []byte(strings.Repeat("a b c ", 4*MaxShingles/3))
	if set, ok := d.Shingles(nil, repeated); !ok || len(set) != 3 {
		t.Errorf("ok %v, %d shingles of a text that repeats three", ok, len(set))
	}
}
