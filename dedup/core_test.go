package dedup_test

import (
	"math"
	"strings"
	"testing"

	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/dedup/sketch"
)

func TestSCurve(t *testing.T) {
	for _, c := range []struct {
		s           float64
		bands, rows int
		want        float64
	}{{0.7, 42, 6, 0.9948}, {0.8, 32, 8, 0.9972}, {0.7, 25, 10, 0.512}, {0.7, 16, 128, 0}, {1, 3, 5, 1}, {0, 3, 5, 0}} {
		if got := near.SCurve(c.s, c.bands, c.rows); math.Abs(got-c.want) > 0.001 {
			t.Errorf("SCurve(%v, %d, %d) = %v, want %v", c.s, c.bands, c.rows, got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	of := func(n near.Config) dedup.Config { return dedup.Config{Near: n} }
	for _, c := range []struct {
		c    dedup.Config
		want string // "" for valid
	}{
		{dedup.Config{}, ""},
		{of(near.Config{Threshold: 0.8, Permutations: 128}), ""},
		{of(near.Config{Threshold: 1}), ""},
		{of(near.Config{Threshold: 0.01}), ""},
		{of(near.Config{Bands: 25, Rows: 10}), ""},
		{of(near.Config{Bands: 32}), ""},
		{of(near.Config{Rows: 5}), ""},
		{of(near.Config{Off: true, Threshold: 7}), ""},
		{dedup.Config{Order: []string{"stars"}}, ""},
		{dedup.Config{Order: []string{"age"}}, `order: "age" is not one of license, stars, forks, created, shingles, path`},
		{dedup.Config{Order: []string{"path", "path"}}, `order: "path" stands there twice`},
		{of(near.Config{Threshold: 1.5}), "near.threshold: 1.5 is not above 0 and at most 1"},
		{of(near.Config{Threshold: -0.5}), "near.threshold: -0.5 is not above 0 and at most 1"},
		{of(near.Config{Threshold: math.NaN()}), "near.threshold: NaN is not above 0 and at most 1"},
		{of(near.Config{Ngram: 65}), "near.ngram: 65 is not in 1 to 64"},
		{of(near.Config{Ngram: -1}), "near.ngram: -1 is not in 1 to 64"},
		{of(near.Config{Split: "words"}), `near.split: "words" is not one of code, stack-v1, stack-v2, chars`},
		{of(near.Config{Permutations: 5000}), "near.permutations: 5000 is not in 8 to 4096"},
		{of(near.Config{BucketCap: 1}), "near.bucket_cap: 1 is not in 2 to 65536"},
		{of(near.Config{Bands: -3}), "near.bands: -3 is not in 0 to 256"},
		{of(near.Config{Rows: 257}), "near.rows: 257 is not in 0 to 256"},
		{dedup.Config{Exact: sketch.Exact{LicenseHeader: true}}, ""},
		{of(near.Config{WithLicenseHeader: true}), ""},
		{dedup.Config{Exact: sketch.Exact{LicenseHeader: true}, Near: near.Config{WithLicenseHeader: true}}, "near.with_license_header: exact.license_header leaves out what it wants compared"},
		{of(near.Config{Bands: 100, Rows: 6}), "near.bands: 100 bands of 6 rows need 600 permutations, there are 256"},
		{of(near.Config{Permutations: 2048, Bands: 16, Rows: 128}),
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

// Texts are compared by what counts of them, and stay as they are.
func FuzzSimilarity(f *testing.F) {
	f.Add([]byte("\xff\xc3"), []byte("x y z"), true)
	f.Add([]byte("/* Copyright 2024 */ x a b c d e"), []byte("x a b c d e f"), false)
	f.Fuzz(func(t *testing.T, x, y []byte, normal bool) {
		d, err := dedup.New(dedup.Config{Exact: sketch.Exact{LineEnds: normal, TrailingSpace: normal, LicenseHeader: normal}})
		if err != nil {
			t.Fatal(err)
		}
		before := string(x) + string(y)
		s := d.Similarity(x, y)
		if s < 0 || s > 1 || s != d.Similarity(y, x) || d.Similarity(x, x) != 1 {
			t.Fatalf("similarity %v", s)
		}
		if string(x)+string(y) != before {
			t.Fatal("the text was changed")
		}
	})
}
