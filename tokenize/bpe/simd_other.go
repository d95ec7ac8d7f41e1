//go:build !amd64 || purego

package bpe

// vectorWidth is the widest kernel this machine runs: none.
func vectorWidth() int { return 0 }
