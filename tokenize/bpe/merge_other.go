//go:build !amd64 || purego

package bpe

// vectorMerge merges no piece here.
func (t *Tokenizer) vectorMerge(dst []uint32, _ []byte) (_ []uint32, ok bool) { return dst, false }

// vectorMergeUnits merges nothing here.
func (t *Tokenizer) vectorMergeUnits(dst, _ []uint32) (_ []uint32, ok bool) { return dst, false }

// vectorUnits adds no units here.
func (t *Tokenizer) vectorUnits(_ *unitRun, _ []byte, i int) int { return i }
