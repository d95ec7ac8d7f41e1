package crawl

import "testing"

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"*.go", "a/b/c.go", true}, {"a/*.go", "a/b/c.go", false}, {"a/**", "a/b/c.go", true}, {"**/*@*", "x/y@v1", true}, {"**/*@*", "y@v1", true}, {"**/*@*", "y@v1/z", false}, {"a/**/c", "a/c", true}, {"a/**/c", "a/b/b/c", true}, {"a/**/c", "b/c", false}, {"**", "a", true},
	} {
		g, err := newGlob(c.glob)
		if err != nil || g.match(c.path) != c.want {
			t.Errorf("%s on %s: want %v (%v)", c.glob, c.path, c.want, err)
		}
	}
}
