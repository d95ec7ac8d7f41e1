package dedup_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/dedup"
)

func TestSCurve(t *testing.T) {
	for _, c := range []struct {
		s           float64
		bands, rows int
		want        float64
	}{{0.7, 42, 6, 0.9948}, {0.8, 32, 8, 0.9972}, {0.7, 25, 10, 0.512}, {0.7, 16, 128, 0}, {1, 3, 5, 1}, {0, 3, 5, 0}} {
		if got := dedup.SCurve(c.s, c.bands, c.rows); math.Abs(got-c.want) > 0.001 {
			t.Errorf("SCurve(%v, %d, %d) = %v, want %v", c.s, c.bands, c.rows, got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	near := func(n dedup.Near) dedup.Config { return dedup.Config{Near: n} }
	for _, c := range []struct {
		c    dedup.Config
		want string // "" for valid
	}{
		{dedup.Config{}, ""},
		{near(dedup.Near{Threshold: 0.8, Permutations: 128}), ""},
		{near(dedup.Near{Threshold: 1}), ""},
		{near(dedup.Near{Threshold: 0.01}), ""},
		{near(dedup.Near{Bands: 25, Rows: 10}), ""},
		{near(dedup.Near{Bands: 32}), ""},
		{near(dedup.Near{Rows: 5}), ""},
		{near(dedup.Near{Off: true, Threshold: 7}), ""},
		{dedup.Config{Order: []string{"stars"}}, ""},
		{dedup.Config{Order: []string{"age"}}, `order: "age" is not one of license, stars, forks, created, path`},
		{dedup.Config{Order: []string{"path", "path"}}, `order: "path" stands there twice`},
		{near(dedup.Near{Threshold: 1.5}), "near.threshold: 1.5 is not above 0 and at most 1"},
		{near(dedup.Near{Threshold: -0.5}), "near.threshold: -0.5 is not above 0 and at most 1"},
		{near(dedup.Near{Threshold: math.NaN()}), "near.threshold: NaN is not above 0 and at most 1"},
		{near(dedup.Near{Ngram: 65}), "near.ngram: 65 is not in 1 to 64"},
		{near(dedup.Near{Ngram: -1}), "near.ngram: -1 is not in 1 to 64"},
		{near(dedup.Near{Split: "words"}), `near.split: "words" is not one of code, stack-v1, stack-v2, chars`},
		{near(dedup.Near{Sketch: "oph"}), `near.sketch: "oph" is not one of fss, minhash`},
		{near(dedup.Near{Permutations: 5000}), "near.permutations: 5000 is not in 8 to 4096"},
		{near(dedup.Near{BucketCap: 1}), "near.bucket_cap: 1 is not in 2 to 65536"},
		{near(dedup.Near{Bands: -3}), "near.bands: -3 is not in 0 to 256"},
		{near(dedup.Near{Rows: 257}), "near.rows: 257 is not in 0 to 256"},
		{near(dedup.Near{Bands: 100, Rows: 6}), "near.bands: 100 bands of 6 rows need 600 permutations, there are 256"},
		{near(dedup.Near{Permutations: 2048, Bands: 16, Rows: 128}),
			"near.rows: 16 bands of 128 rows find only 2.4e-17 % of the pairs at the threshold 0.7, want 50 % at least; 186 bands of 11 rows find 97.6 %"},
	} {
		got := ""
		if err := c.c.Validate(); err != nil {
			got = err.Error()
		}
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want[:min(len(c.want), 40)]) {
			t.Errorf("%+v:\n got %s\nwant %s", c.c, got, c.want)
		}
	}
}

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

// The estimate's error is that of k independent draws at most; the Fast
// Similarity Sketch's is less.
func TestSketchError(t *testing.T) {
	for sketch, limit := range map[string]float64{dedup.FSS: 1.0, dedup.MinHash: 1.1} {
		d, err := dedup.New(dedup.Config{Near: dedup.Near{Sketch: sketch}})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 7, 100, 300, 2000} {
			rng := rand.New(rand.NewPCG(uint64(size), 1))
			sum, theory, bias := 0.0, 0.0, 0.0
			const trials = 240
			for i := range trials {
				a, b := syntheticPair(rng, size, 0.3+0.6*float64(i)/trials)
				j := dedup.Jaccard(a, b)
				e := dedup.Estimate(d.Sign(nil, a), d.Sign(nil, b)) - j
				sum, bias, theory = sum+e*e, bias+e, theory+j*(1-j)/256
			}
			rmse := math.Sqrt(sum / trials)
			t.Logf("%s size %d: RMSE %.4f, theory %.4f, bias %.4f", sketch, size, rmse, math.Sqrt(theory/trials), bias/trials)
			if rmse > limit*math.Sqrt(theory/trials)+1e-9 || math.Abs(bias/trials) > 0.005 {
				t.Errorf("%s size %d: RMSE %.4f, theory %.4f, bias %.4f", sketch, size, rmse, math.Sqrt(theory/trials), bias/trials)
			}
		}
	}
}

// referenceTokens cuts a text the slow way.
func referenceTokens(split, text string) []string {
	switch split {
	case dedup.SplitCode:
		// Latin-1 stands for bytes here.
		var latin []rune
		for _, b := range []byte(text) {
			latin = append(latin, rune(b))
		}
		return regexp.MustCompile("[0-9A-Za-z_\u0080-\u00ff]+|[!-/:-@\\[-^`{-~]+").FindAllString(string(latin), -1)
	case dedup.SplitStackV1:
		return regexp.MustCompile(`[^A-Za-z_0-9]`).Split(text, -1)
	case dedup.SplitStackV2:
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
	if stack := split == dedup.SplitStackV1 || split == dedup.SplitStackV2; stack && len(tokens) < 5 {
		return set
	}
	if split == dedup.SplitStackV2 {
		n = min(n, len(tokens))
	}
	for i := 0; i+n <= len(tokens); i++ {
		set[fmt.Sprintf("%q", tokens[i:i+n])] = true
	}
	return set
}

var splits = []string{dedup.SplitCode, dedup.SplitStackV1, dedup.SplitStackV2, dedup.SplitChars}

// checkShingles holds two texts against slow sets of strings: as many
// shingles, as many in common, and the laws of Jaccard.
func checkShingles(t *testing.T, split string, n int, x, y string) {
	t.Helper()
	d, err := dedup.New(dedup.Config{Near: dedup.Near{Split: split, Ngram: n}})
	if err != nil {
		t.Fatal(err)
	}
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
	if got := dedup.Jaccard(a, b); got != want || got != dedup.Jaccard(b, a) {
		t.Fatalf("%s %d: similarity %v, want %v", split, n, got, want)
	}
	if len(a) > 0 {
		if dedup.Jaccard(a, a) != 1 || dedup.Estimate(d.Sign(nil, a), d.Sign(nil, a)) != 1 {
			t.Fatal("a set that is not similar to itself")
		}
	}
	if s := d.Similarity([]byte(x), []byte(x)); s != 1 {
		t.Fatalf("a text is similar to itself by %v", s)
	}
	if s := d.Similarity([]byte(x), []byte(y)); x != y && s != want {
		t.Fatalf("Similarity %v, Jaccard %v", s, want)
	}
}

func TestShinglesOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i, text := range goFiles(t, 16, 20<<10) {
		other := mutate(rng, text, 0.05)
		for _, split := range splits {
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
		for _, split := range splits {
			checkShingles(t, split, 1+int(n)%64, x, y)
		}
	})
}

func FuzzShinglesOfAnyBytes(f *testing.F) {
	f.Add([]byte("\xff\xc3"), true)
	f.Add([]byte("/* Copyright 2024 */ x"), true)
	f.Fuzz(func(t *testing.T, text []byte, normal bool) {
		for _, split := range splits {
			d, err := dedup.New(dedup.Config{Exact: dedup.Exact{LineEnds: normal, TrailingSpace: normal, LicenseHeader: normal}, Near: dedup.Near{Split: split}})
			if err != nil {
				t.Fatal(err)
			}
			before := string(text)
			if s := d.Similarity(text, append([]byte("x y z "), text...)); s < 0 || s > 1 {
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
	d, err := dedup.New(dedup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for i := range dedup.MaxShingles + 100 {
		text = fmt.Appendf(text, "%x ", i)
	}
	set, ok := d.Shingles(nil, text)
	if ok || len(set) > 0 || cap(set) > 5*dedup.MaxShingles {
		t.Errorf("ok %v, %d shingles, room for %d", ok, len(set), cap(set))
	}
	repeated := []byte(strings.Repeat("a b c ", 4*dedup.MaxShingles/3))
	if set, ok := d.Shingles(nil, repeated); !ok || len(set) != 3 {
		t.Errorf("ok %v, %d shingles of a text that repeats three", ok, len(set))
	}
}
