//go:build !purego

#include "textflag.h"

// 63 less the number of the lane, which makes the leftmost of equal keys the
// greatest.
DATA places<>+0(SB)/8, $0x0000003e0000003f
DATA places<>+8(SB)/8, $0x0000003c0000003d
DATA places<>+16(SB)/8, $0x0000003a0000003b
DATA places<>+24(SB)/8, $0x0000003800000039
DATA places<>+32(SB)/8, $0x0000003600000037
DATA places<>+40(SB)/8, $0x0000003400000035
DATA places<>+48(SB)/8, $0x0000003200000033
DATA places<>+56(SB)/8, $0x0000003000000031
DATA places<>+64(SB)/8, $0x0000002e0000002f
DATA places<>+72(SB)/8, $0x0000002c0000002d
DATA places<>+80(SB)/8, $0x0000002a0000002b
DATA places<>+88(SB)/8, $0x0000002800000029
DATA places<>+96(SB)/8, $0x0000002600000027
DATA places<>+104(SB)/8, $0x0000002400000025
DATA places<>+112(SB)/8, $0x0000002200000023
DATA places<>+120(SB)/8, $0x0000002000000021
DATA places<>+128(SB)/8, $0x0000001e0000001f
DATA places<>+136(SB)/8, $0x0000001c0000001d
DATA places<>+144(SB)/8, $0x0000001a0000001b
DATA places<>+152(SB)/8, $0x0000001800000019
DATA places<>+160(SB)/8, $0x0000001600000017
DATA places<>+168(SB)/8, $0x0000001400000015
DATA places<>+176(SB)/8, $0x0000001200000013
DATA places<>+184(SB)/8, $0x0000001000000011
DATA places<>+192(SB)/8, $0x0000000e0000000f
DATA places<>+200(SB)/8, $0x0000000c0000000d
DATA places<>+208(SB)/8, $0x0000000a0000000b
DATA places<>+216(SB)/8, $0x0000000800000009
DATA places<>+224(SB)/8, $0x0000000600000007
DATA places<>+232(SB)/8, $0x0000000400000005
DATA places<>+240(SB)/8, $0x0000000200000003
DATA places<>+248(SB)/8, $0x0000000000000001
GLOBL places<>(SB), RODATA|NOPTR, $256

// The ids stand on the stack, between two that stand for no token: the one
// before the first and the 64th.
#define IDS 16
#define NONE 0xffffe

// The kernels hold in their registers: SI the piece, R15 a bit for every byte or
// unit at which a token begins, R9 the table of pairs, R12 its shift and K5 its
// mask, R14 the multiplier of its hash, R13 the tokens by rank or 0, DI where ids
// go. CX is the number of bytes or units.
#define SETUP \
	MOVQ from+0(FP), SI               \
	MOVQ n+8(FP), CX                  \
	MOVQ t+16(FP), DX                 \
	MOVQ dst+24(FP), DI               \
	MOVQ 0(DX), R11                   \
	MOVQ 8(DX), R10                   \
	MOVQ 16(DX), R9                   \
	MOVQ 24(DX), R13                  \
	MOVQ 32(DX), R12                  \
	KMOVQ 40(DX), K5                  \
	MOVQ $0x9e3779b97f4a7c15, R14     \
	MOVQ $-1, R15                     \
	SHLXQ CX, R15, R15                \
	NOTQ R15                          \
	MOVL $NONE, (IDS-4)(SP)           \
	MOVL $NONE, (IDS+256)(SP)         \
	VPTERNLOGD $0xff, Z7, Z7, Z7

// The ids (to IDS) and keys of 16 lanes. LIVE and PAIRS are 16 bits each, which of
// the lanes hold a byte and which are followed by one; both are used up.
#define FILL(c, LIVE, PAIRS, KEYS, OFIDS) \
	KMOVW LIVE, K1                            \
	KMOVW PAIRS, K2                           \
	VMOVDQU8.Z (c*16)(SI), K1, X2             \
	VMOVDQU8.Z (c*16+1)(SI), K2, X3           \
	VPMOVZXBD X2, Z4                          \
	VPMOVZXBD X3, Z5                          \
	VPSLLD $8, Z4, Z6                         \
	VPORD Z5, Z6, Z6                          \
	KMOVW LIVE, K3                            \
	VPXORD OFIDS, OFIDS, OFIDS                \
	VPGATHERDD (R11)(Z4*4), K3, OFIDS         \
	VPCMPEQD Z7, OFIDS, K3                    \
	KORTESTW K3, K3                           \
	JNZ bail                                  \
	VPXORD KEYS, KEYS, KEYS                   \
	VPGATHERDD (R10)(Z6*4), K2, KEYS          \
	VPSLLD $6, KEYS, KEYS                     \
	VPORD places<>+(c*64)(SB), KEYS, KEYS     \
	VMOVDQU32 OFIDS, (IDS+c*64)(SP)

// FILL for 8 lanes of Z0 and Z1: gathering takes half the time.
#define FILL8(LIVE, PAIRS) \
	KMOVW LIVE, K1                            \
	KMOVW PAIRS, K2                           \
	VMOVDQU8.Z (SI), K1, X2             \
	VMOVDQU8.Z 1(SI), K2, X3           \
	VPMOVZXBD X2, Y4                          \
	VPMOVZXBD X3, Y5                          \
	VPSLLD $8, Y4, Y6                         \
	VPORD Y5, Y6, Y6                          \
	KMOVW LIVE, K3                            \
	VPXORD Y1, Y1, Y1                \
	VPGATHERDD (R11)(Y4*4), K3, Y1         \
	VPCMPEQD Y7, Y1, K3                    \
	KORTESTW K3, K3                           \
	JNZ bail                                  \
	VPXORD Y0, Y0, Y0                   \
	VPGATHERDD (R10)(Y6*4), K2, Y0          \
	VPSLLD $6, Y0, Y0                     \
	VPORD places<>(SB), Y0, Y0     \
	VMOVDQU32 Z1, IDS(SP)

// The greatest of the 16 numbers in Z2 to AX.
#define GREATEST \
	VEXTRACTI64X4 $1, Z2, Y3          \
	VPMAXUD Y3, Y2, Y2                \
	VEXTRACTI128 $1, Y2, X3           \
	VPMAXUD X3, X2, X2                \
	VPSHUFD $0x4e, X2, X3             \
	VPMAXUD X3, X2, X2                \
	VPSHUFD $0xb1, X2, X3             \
	VPMAXUD X3, X2, X2                \
	VMOVD X2, AX

// From the greatest key in AX: BX its place, AX the token that the pair merges
// to, DX the bit of the token that goes, R11 the place of the token before and R8
// that of the one after, CX and R10 their ids. The label keeps two uses apart.
#define STEP(label) \
	MOVL AX, BX                       \
	NOTL BX                           \
	ANDL $63, BX                      \
	SHRL $6, AX                       \
	XORL $0xffffff, AX                \
	TESTQ R13, R13                    \
	JZ label                          \
	MOVL (R13)(AX*4), AX              \
label:                                    \
	MOVL AX, IDS(SP)(BX*4)            \
	MOVQ $-2, DX                      \
	SHLXQ BX, DX, DX                  \
	ANDQ R15, DX                      \
	BLSRQ DX, R8                      \
	XORQ R8, DX                       \
	XORQ DX, R15                      \
	TZCNTQ R8, R8                     \
	BZHIQ BX, R15, R10                \
	LZCNTQ R10, R10                   \
	MOVL $63, R11                     \
	SUBQ R10, R11                     \
	MOVL IDS(SP)(R8*4), CX            \
	MOVL IDS(SP)(R11*4), R10

// OUT is the weight of the tokens L and R; L is lost. A full line that does not
// hold them may have pushed them into the next.
#define WEIGHT(L, R, OUT, again, found) \
	INCL L                            \
	SHLQ $20, L                       \
	ORQ R, L                          \
	VPBROADCASTQ L, Z4                \
	IMULQ R14, L                      \
	SHRXQ R12, L, L                   \
	SHLQ $6, L                        \
again:                                    \
	VMOVDQU64 (R9)(L*1), Z5           \
	VPSRLQ $24, Z5, Z6                \
	VPCMPEQQ Z4, Z6, K1               \
	VPTESTNMQ Z5, Z5, K2              \
	VPCOMPRESSQ.Z Z5, K1, Z6          \
	VMOVQ X6, OUT                     \
	KORTESTW K1, K2                   \
	JNZ found                         \
	ADDQ $64, L                       \
	KMOVQ K5, OUT                     \
	ANDQ OUT, L                       \
	JMP again                         \
found:                                    \
	ANDL $0xffffff, OUT

// The new keys: CX of the token at BX, R10 of the one at R11, with DX and R8 their
// bits. AX is the token at BX.
#define KEYS \
	MOVL AX, SI                       \
	WEIGHT(SI, CX, R8, again1, found1)              \
	MOVL AX, CX                       \
	WEIGHT(R10, CX, SI, again2, found2)              \
	MOVL BX, DX                       \
	NOTL DX                           \
	ANDL $63, DX                      \
	SHLL $6, R8                       \
	ORL DX, R8                        \
	MOVL R8, CX                       \
	MOVL R11, DX                      \
	NOTL DX                           \
	ANDL $63, DX                      \
	SHLL $6, SI                       \
	ORL DX, SI                        \
	MOVL SI, R10                      \
	MOVL $1, R8                       \
	SHLXQ BX, R8, DX                  \
	SHLXQ R11, R8, R8

// 16 lanes of keys in Z0, and of ids in Z1.
#define MERGE16 \
loop:                                     \
	VMOVDQA64 Z0, Z2                  \
	GREATEST                          \
	CMPL AX, $64                      \
	JCS done                          \
	STEP(plain)                       \
	KMOVW DX, K3                      \
	VPXORD Z0, Z0, K3, Z0             \
	KEYS                              \
	KMOVW DX, K3                      \
	KMOVW R8, K4                      \
	VPBROADCASTD AX, K3, Z1           \
	VPBROADCASTD CX, K3, Z0           \
	VPBROADCASTD R10, K4, Z0          \
	JMP loop                          \
done:                                     \
	KMOVW R15, K1                     \
	VPCOMPRESSD.Z Z1, K1, Z1          \
	VMOVDQU32 Z1, (DI)                \
	POPCNTQ R15, AX                   \
	MOVQ AX, ret+32(FP)               \
	VZEROUPPER                        \
	RET

// func merge16(from *byte, n int, t *mergeTables, dst *uint32) int
TEXT ·merge16(SB), NOSPLIT, $280-40
	SETUP
	MOVQ R15, BX
	SHRQ $1, BX
	CMPQ CX, $8
	JHI wide
	FILL8(R15, BX)
	JMP loop

wide:
	FILL(0, R15, BX, Z0, Z1)
	MERGE16

bail:
	MOVQ $-1, ret+32(FP)
	VZEROUPPER
	RET

// Four registers of keys instead of one.
#define KILL(KEYS) \
	VPXORD KEYS, KEYS, K3, KEYS       \
	KSHIFTRQ $16, K3, K3

#define ENTER(KEYS) \
	VPBROADCASTD CX, K3, KEYS         \
	VPBROADCASTD R10, K4, KEYS        \
	KSHIFTRQ $16, K3, K3              \
	KSHIFTRQ $16, K4, K4

#define OUT(c) \
	KMOVW R15, K1                     \
	VMOVDQU32 (IDS+c*64)(SP), Z1      \
	VPCOMPRESSD.Z Z1, K1, Z1          \
	VMOVDQU32 Z1, (DI)                \
	MOVWLZX R15, CX                   \
	POPCNTQ CX, CX                    \
	LEAQ (DI)(CX*4), DI               \
	SHRQ $16, R15

#define MERGE63 \
loop:                                     \
	VPMAXUD Z0, Z10, Z2               \
	VPMAXUD Z11, Z12, Z3              \
	VPMAXUD Z3, Z2, Z2                \
	GREATEST                          \
	CMPL AX, $64                      \
	JCS done                          \
	STEP(plain)                       \
	KMOVQ DX, K3                      \
	KILL(Z0)                          \
	KILL(Z10)                         \
	KILL(Z11)                         \
	KILL(Z12)                         \
	KEYS                              \
	KMOVQ DX, K3                      \
	KMOVQ R8, K4                      \
	ENTER(Z0)                         \
	ENTER(Z10)                        \
	ENTER(Z11)                        \
	ENTER(Z12)                        \
	JMP loop                          \
done:                                     \
	POPCNTQ R15, AX                   \
	MOVQ AX, ret+32(FP)               \
	OUT(0)                            \
	OUT(1)                            \
	OUT(2)                            \
	OUT(3)                            \
	VZEROUPPER                        \
	RET

// func merge63(from *byte, n int, t *mergeTables, dst *uint32) int
TEXT ·merge63(SB), NOSPLIT, $280-40
	SETUP
	MOVQ R15, AX
	MOVQ R15, BX
	SHRQ $1, BX
	FILL(0, AX, BX, Z0, Z1)
	SHRQ $16, AX
	SHRQ $16, BX
	FILL(1, AX, BX, Z10, Z1)
	SHRQ $16, AX
	SHRQ $16, BX
	FILL(2, AX, BX, Z11, Z1)
	SHRQ $16, AX
	SHRQ $16, BX
	FILL(3, AX, BX, Z12, Z1)
	MERGE63

bail:
	MOVQ $-1, ret+32(FP)
	VZEROUPPER
	RET

// The keys of the CX units at SI, and zeros, to KEYS on the stack.
#define UNITKEYS 288
#define WEIGHTS \
	LEAQ -1(CX), R11                  \
	XORL BX, BX                       \
each:                                     \
	MOVL (SI)(BX*4), AX               \
	MOVL 4(SI)(BX*4), CX              \
	WEIGHT(AX, CX, R8, again0, found0) \
	MOVL BX, CX                       \
	NOTL CX                           \
	ANDL $63, CX                      \
	SHLL $6, R8                       \
	ORL CX, R8                        \
	MOVL R8, UNITKEYS(SP)(BX*4)       \
	INCQ BX                           \
	CMPQ BX, R11                      \
	JLT each

// func mergeUnits16(from *uint32, n int, t *mergeTables, dst *uint32) int
TEXT ·mergeUnits16(SB), NOSPLIT, $352-40
	SETUP
	VPXORD Z0, Z0, Z0
	VMOVDQU32 Z0, UNITKEYS(SP)
	WEIGHTS
	KMOVW R15, K1
	VMOVDQU32.Z (SI), K1, Z1
	VMOVDQU32 Z1, IDS(SP)
	VMOVDQU32 UNITKEYS(SP), Z0
	MERGE16

// func mergeUnits63(from *uint32, n int, t *mergeTables, dst *uint32) int
TEXT ·mergeUnits63(SB), NOSPLIT, $544-40
	SETUP
	VPXORD Z0, Z0, Z0
	VMOVDQU32 Z0, UNITKEYS(SP)
	VMOVDQU32 Z0, (UNITKEYS+64)(SP)
	VMOVDQU32 Z0, (UNITKEYS+128)(SP)
	VMOVDQU32 Z0, (UNITKEYS+192)(SP)
	WEIGHTS
	KMOVQ R15, K1
	VMOVDQU32.Z (SI), K1, Z1
	VMOVDQU32 Z1, IDS(SP)
	KSHIFTRQ $16, K1, K1
	VMOVDQU32.Z 64(SI), K1, Z1
	VMOVDQU32 Z1, (IDS+64)(SP)
	KSHIFTRQ $16, K1, K1
	VMOVDQU32.Z 128(SI), K1, Z1
	VMOVDQU32 Z1, (IDS+128)(SP)
	KSHIFTRQ $16, K1, K1
	VMOVDQU32.Z 192(SI), K1, Z1
	VMOVDQU32 Z1, (IDS+192)(SP)
	VMOVDQU32 UNITKEYS(SP), Z0
	VMOVDQU32 (UNITKEYS+64)(SP), Z10
	VMOVDQU32 (UNITKEYS+128)(SP), Z11
	VMOVDQU32 (UNITKEYS+192)(SP), Z12
	MERGE63
