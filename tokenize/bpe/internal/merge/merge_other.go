//go:build !amd64 || purego

package merge

// vectorMerge merges no piece here.
func (m *Model) vectorMerge(dst []uint32, _ []byte) (_ []uint32, ok bool) { return dst, false }

// vectorMergeUnits merges nothing here.
func (m *Model) vectorMergeUnits(dst, _ []uint32) (_ []uint32, ok bool) { return dst, false }
