package lang

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

func TestFlags(t *testing.T) {
	d := NewDetector()
	for path, want := range map[string]bool{
		"vendor/x.go": true, "a/vendor/b/x.go": true, "vendored/x.go": false, "vendor": false, "x/node_modules/y.js": true, "testdata/a": true, "src/testdata.go": false,
		"deps/a.c": true, "a/deps/a.c": false, "dist/a.js": true, "jquery.min.js": true, "x.go": false, "": false, "third_party/a.c": true, "\xff/vendor/\xff": true, "font-awesome/ab.css": true, "font-awesome/a\nb.css": false,
	} {
		if got := d.IsVendor(path); got != want || enry.IsVendor(path) != want {
			t.Errorf("%q: vendored %v, want %v", path, got, want)
		}
	}
}

func TestDocumentationAndTests(t *testing.T) {
	d := NewDetector()
	for path, want := range map[string][2]bool{
		"docs/a.c": {true, false}, "README.md": {true, false}, "a.c": {}, "": {}, "a_test.go": {false, true}, "test/a.c": {}, "src/test/a.py": {},
		"Documentation/x.rst": {true, false}, "examples/a_test.go": {true, true}, "testing.go": {}, "documents.go": {}, "a/CHANGELOG.md": {true, false},
	} {
		if got := [2]bool{d.IsDocumentation(path), d.IsTest(path)}; got != [2]bool{enry.IsDocumentation(path), enry.IsTest(path)} || got != want {
			t.Errorf("%q: documentation and test %v, want %v, go-enry says %v %v", path, got, want, enry.IsDocumentation(path), enry.IsTest(path))
		}
	}
}

// TestIsVendorEqualsEnry holds each of Linguist's expressions against go-enry on
// paths made for it.
func TestIsVendorEqualsEnry(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	d := NewDetector()
	vendored := 0
	for _, m := range data.VendorMatchers {
		re, err := syntax.Parse(m.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		hit := false
		for range 30 {
			var b strings.Builder
			sample(&b, re, rnd)
			for _, path := range []string{b.String(), "a" + b.String(), "a/" + b.String(), b.String() + "z", strings.ToUpper(b.String())} {
				got := d.IsVendor(path)
				if got != enry.IsVendor(path) {
					t.Errorf("%q: vendored %v, go-enry does not agree", path, got)
				}
				hit = hit || got
			}
		}
		if hit {
			vendored++
		}
	}
	if vendored != len(data.VendorMatchers) {
		t.Errorf("%d of %d expressions were reached", vendored, len(data.VendorMatchers))
	}
}
