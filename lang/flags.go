package lang

import (
	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

// Flagger sets Linguist's flags. Linguist holds folders such as testdata, dist
// or deps for vendored; what to make of the flag is filter's affair. A Flagger
// serves one goroutine.
type Flagger struct{ vendored *automaton }

// NewFlagger returns a Flagger.
func NewFlagger() *Flagger {
	f := &Flagger{}
	if m := data.FastVendorMatcher; m != nil {
		f.vendored, _ = newAutomaton(m.String())
	}
	return f
}

// Vendor reports whether Linguist holds a path for vendored.
func (f *Flagger) Vendor(path string) bool {
	if f.vendored == nil {
		return enry.IsVendor(path)
	}
	return f.vendored.match([]byte(path))
}

// Generated reports whether Linguist holds a text for generated.
func (f *Flagger) Generated(path string, text []byte) bool { return enry.IsGenerated(path, text) }
