//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The hash of DX and R8 to AX: hash128.
#define HASH \
	XORQ R14, DX \
	XORQ R15, R8 \
	MOVQ DX, AX  \
	MULQ R8      \
	XORQ DX, AX

// func prepare(text *byte, pos int, ends *int, n int, masks *[shortMax + 1][2]uint64, short *shortBucket, shortMask uint64, long *longBucket, longMask uint64, out *probe)
//
// Registers: SI text, R8 position, R9 ends, R10 pretokens left, R11 masks,
// R12 short, R13 its mask, DI out.
TEXT ·prepare(SB), NOSPLIT, $0-80
	MOVQ text+0(FP), SI
	MOVQ pos+8(FP), R8
	MOVQ ends+16(FP), R9
	MOVQ n+24(FP), R10
	MOVQ masks+32(FP), R11
	MOVQ short+40(FP), R12
	MOVQ shortMask+48(FP), R13
	MOVQ out+72(FP), DI
	MOVQ $0x9e3779b97f4a7c15, R14
	MOVQ $0xd6e8feb86659fd93, R15
	TESTQ R10, R10
	JZ done

next:
	MOVQ (R9), BX
	MOVQ BX, CX
	SUBQ R8, CX                // CX: bytes of the pretoken
	CMPQ CX, $const_shortMax
	JHI long
	MOVQ CX, AX
	SHLQ $4, AX
	MOVQ (SI)(R8*1), DX
	ANDQ (R11)(AX*1), DX       // DX: lo
	MOVQ 8(SI)(R8*1), R8
	ANDQ 8(R11)(AX*1), R8
	SHLQ $56, CX
	ORQ CX, R8                 // R8: hi
	MOVQ DX, (DI)
	MOVQ R8, 8(DI)
	HASH
	ANDQ R13, AX
	SHLQ $6, AX
	PREFETCHT0 (R12)(AX*1)
	MOVQ AX, 16(DI)

entered:
	MOVQ BX, R8
	ADDQ $8, R9
	ADDQ $24, DI
	DECQ R10
	JNZ next

done:
	RET

	// A key that no entry of the short cache has, and longKey.hash from the text.
long:
	MOVQ $0, (DI)
	MOVQ $-1, 8(DI)
	MOVQ $0, 16(DI)
	CMPQ CX, $const_longMax
	JHI entered
	MOVQ (SI)(R8*1), DX
	MOVQ 8(SI)(R8*1), R8
	MOVQ -8(SI)(BX*1), AX
	ROLQ $29, AX
	ADDQ AX, DX
	SHLQ $56, CX
	XORQ CX, R8
	HASH
	ANDQ longMask+64(FP), AX
	SHLQ $7, AX
	ADDQ long+56(FP), AX
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	JMP entered

// The entry at BX holds the pretoken: its ids are written. Up to three stand there as
// they are.
#define HIT \
	MOVOU 16(BX), X0        \
	MOVL 28(BX), AX         \
	CMPL AX, $3             \
	JHI packed              \
	MOVOU X0, (DI)          \
	LEAQ (DI)(AX*4), DI     \
	ADDQ $24, SI            \
	DECQ CX                 \
	JNZ loop

// The next id of 20 bits in R.
#define UNPACK(R, i) \
	MOVL R, DX        \
	ANDL $0xfffff, DX \
	MOVL DX, (4*i)(DI)

// func lookUp(probes *probe, n int, table *shortBucket, dst *uint32) (done, ids int)
//
// Registers: SI probes, CX pretokens left, R8 table, DI where ids go.
TEXT ·lookUp(SB), NOSPLIT, $0-48
	MOVQ probes+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ table+16(FP), R8
	MOVQ dst+24(FP), DI
	MOVQ DI, R12
	MOVQ CX, R13
	TESTQ CX, CX
	JZ out

loop:
	MOVQ 16(SI), BX
	MOVQ (SI), AX
	MOVQ 8(SI), DX
	ADDQ R8, BX
	CMPQ AX, (BX)
	JNE second
	CMPQ DX, 8(BX)
	JNE second

	HIT

out:
	SUBQ CX, R13
	MOVQ R13, done+32(FP)
	SUBQ R12, DI
	SHRQ $2, DI
	MOVQ DI, ids+40(FP)
	RET

second:
	CMPQ AX, 32(BX)
	JNE out
	CMPQ DX, 40(BX)
	JNE out

	// The entry used last goes to the front.
	MOVOU (BX), X1
	MOVOU 16(BX), X2
	MOVOU 32(BX), X3
	MOVOU 48(BX), X4
	MOVOU X3, (BX)
	MOVOU X4, 16(BX)
	MOVOU X1, 32(BX)
	MOVOU X2, 48(BX)
	HIT
	JMP out

	// More than three ids are in 20 bits each: shortEntry.append.
packed:
	MOVQ 16(BX), R9
	MOVQ 24(BX), R10
	MOVBLZX AX, AX
	MOVQ R10, R11
	SHRQ $40, R11
	SHLQ $32, R11
	MOVL R10, R10
	ORQ R11, R10
	UNPACK(R9, 0)
	SHRQ $20, R9
	UNPACK(R9, 1)
	SHRQ $20, R9
	UNPACK(R9, 2)
	SHRQ $20, R9
	MOVQ R10, R11
	SHLQ $4, R11
	ORQ R9, R11
	UNPACK(R11, 3)
	SHRQ $16, R10
	UNPACK(R10, 4)
	SHRQ $20, R10
	UNPACK(R10, 5)
	LEAQ (DI)(AX*4), DI
	ADDQ $24, SI
	DECQ CX
	JNZ loop
	JMP out
