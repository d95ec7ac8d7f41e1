package lang

// IsVendor reports whether Linguist holds a path for vendored: not written for
// the repository that it stands in. It does so of folders such as testdata,
// dist or deps; what to make of that is for a filter to say.
func (d *Detector) IsVendor(path string) bool { return d.vendored.match([]byte(path)) }
