//go:build !amd64 || purego

package merge

// vectorUnits adds no units here.
func (m *Model) vectorUnits(_ *unitBuffer, _ []byte, i int) int { return i }
