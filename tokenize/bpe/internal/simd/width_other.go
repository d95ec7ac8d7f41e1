//go:build !amd64 || purego

package simd

// Width is the widest kernel this machine runs: none.
func Width() int { return 0 }
