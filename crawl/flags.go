package crawl

import (
	"github.com/go-enry/go-enry/v2"
	"github.com/go-enry/go-enry/v2/data"
)

// flagger sets Linguist's flags. Linguist holds folders such as testdata, dist
// or deps for vendored; what to make of the flag is filter's affair. A flagger
// serves one goroutine.
type flagger struct{ vendored *automaton }

func newFlagger() *flagger {
	f := &flagger{}
	if m := data.FastVendorMatcher; m != nil {
		f.vendored, _ = newAutomaton(m.String())
	}
	return f
}

func (f *flagger) vendor(path string) bool {
	if f.vendored == nil {
		return enry.IsVendor(path)
	}
	return f.vendored.match([]byte(path))
}

func (f *flagger) generated(path string, text []byte) bool { return enry.IsGenerated(path, text) }
