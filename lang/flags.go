package lang

import "github.com/go-enry/go-enry/v2"

// IsVendor reports whether Linguist holds a path for vendored: not written for
// the repository that it stands in. It does so of folders such as testdata,
// dist or deps; what to make of that is for a filter to say.
func (d *Detector) IsVendor(path string) bool { return d.vendored.match([]byte(path)) }

// IsGenerated reports whether Linguist holds a text for generated, by its path
// and its first lines.
func (d *Detector) IsGenerated(path string, text []byte) bool { return enry.IsGenerated(path, text) }
