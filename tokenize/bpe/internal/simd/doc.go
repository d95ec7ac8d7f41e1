// Package simd tells which kernels in assembly this machine can run. The build tag
// purego leaves them all out.
package simd
