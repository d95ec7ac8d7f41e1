//go:build !amd64 || purego

package cache

// A probe is not used here.
type probe struct{}
