//go:build !purego

package simd

import "golang.org/x/sys/cpu"

// Width is the widest kernel this machine runs: 64 or 32 bytes, or 0.
func Width() int {
	switch {
	case cpu.X86.HasAVX512VL && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2:
		return 64
	case cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2:
		return 32
	}
	return 0
}
