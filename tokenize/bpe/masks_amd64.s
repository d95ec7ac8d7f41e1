//go:build !purego

#include "textflag.h"

// The low nibble of every byte.
DATA nibbles<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibbles<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibbles<>(SB), RODATA|NOPTR, $16

// By high nibble, the bit that stands for it; none for bytes from 0x80 on.
DATA highBits<>+0(SB)/8, $0x8040201008040201
DATA highBits<>+8(SB)/8, $0
GLOBL highBits<>(SB), RODATA|NOPTR, $16

// One class: a byte is in it where the table has the high nibble's bit at the
// low nibble.
#define CLASS(k) \
	VBROADCASTI128 (k*16)(SI), Y6 \
	VPSHUFB Y2, Y6, Y7            \
	VPSHUFB Y3, Y6, Y8            \
	VPAND Y4, Y7, Y7              \
	VPAND Y5, Y8, Y8              \
	VPCMPEQB Y7, Y9, Y7           \
	VPCMPEQB Y8, Y9, Y8           \
	VPMOVMSKB Y7, AX              \
	VPMOVMSKB Y8, BX              \
	SHLQ $32, BX                  \
	ORQ BX, AX                    \
	NOTQ AX                       \
	MOVQ AX, (k*64)(DI)

// The bytes of A and B that compare with those of a number.
#define BYTES(A, B, number, COMPARE, MASK) \
	MOVL $number, AX            \
	VMOVD AX, X6                \
	VPBROADCASTD X6, Y6         \
	COMPARE Y6, A, Y7           \
	COMPARE Y6, B, Y8           \
	VPMOVMSKB Y7, MASK          \
	VPMOVMSKB Y8, BX            \
	SHLQ $32, BX                \
	ORQ BX, MASK

// The masks hanLeads and continues from those of the bytes E4 (R8), E9 (R9) and,
// as signed numbers, above E4 (R10), E8 (R11) and BF (CX), and of the bytes before
// those above B7 (R12), BD (R13) and BF (R14).
#define HAN \
	ANDNQ R10, R11, R10         \ // E5 to E8
	ANDNQ R12, R14, R12         \ // before B8 to BF
	ANDQ R12, R8                \
	ANDNQ R13, R14, R13         \ // before BE and BF
	ANDNQ R9, R13, R9           \
	ORQ R8, R10                 \
	ORQ R9, R10                 \
	NOTQ CX

// func masksAVX2(p *byte, blocks int, nibbles *[8][16]byte, out *maskBits)
TEXT ·masksAVX2(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), DX
	MOVQ blocks+8(FP), R15
	MOVQ nibbles+16(FP), SI
	MOVQ out+24(FP), DI

block:
	VMOVDQU (DX), Y0
	VMOVDQU 32(DX), Y1
	XORL R10, R10
	XORL CX, CX
	VPMOVMSKB Y0, AX
	VPMOVMSKB Y1, BX
	SHLQ $32, BX
	ORQ BX, AX
	MOVQ AX, 512(DI)
	TESTQ AX, AX
	JZ classes
	VMOVDQU 1(DX), Y2
	VMOVDQU 33(DX), Y3
	BYTES(Y0, Y1, 0xe4e4e4e4, VPCMPEQB, R8)
	BYTES(Y0, Y1, 0xe9e9e9e9, VPCMPEQB, R9)
	BYTES(Y0, Y1, 0xe4e4e4e4, VPCMPGTB, R10)
	BYTES(Y0, Y1, 0xe8e8e8e8, VPCMPGTB, R11)
	BYTES(Y0, Y1, 0xbfbfbfbf, VPCMPGTB, CX)
	BYTES(Y2, Y3, 0xb7b7b7b7, VPCMPGTB, R12)
	BYTES(Y2, Y3, 0xbdbdbdbd, VPCMPGTB, R13)
	BYTES(Y2, Y3, 0xbfbfbfbf, VPCMPGTB, R14)
	HAN

classes:
	MOVQ R10, 576(DI)
	MOVQ CX, 640(DI)
	VBROADCASTI128 nibbles<>(SB), Y10
	VBROADCASTI128 highBits<>(SB), Y11
	VPXOR Y9, Y9, Y9
	VPAND Y10, Y0, Y2
	VPAND Y10, Y1, Y3
	VPSRLW $4, Y0, Y4
	VPSRLW $4, Y1, Y5
	VPAND Y10, Y4, Y4
	VPAND Y10, Y5, Y5
	VPSHUFB Y4, Y11, Y4
	VPSHUFB Y5, Y11, Y5
	CLASS(0)
	CLASS(1)
	CLASS(2)
	CLASS(3)
	CLASS(4)
	CLASS(5)
	CLASS(6)
	CLASS(7)
	ADDQ $64, DX
	ADDQ $8, DI
	DECQ R15
	JNZ block
	VZEROUPPER
	RET

// One class: its bit moved to the top of every byte.
#define CLASS512(k) \
	VPSLLW $(7-k), Z0, Z3 \
	VPMOVB2M Z3, K3       \
	KMOVQ K3, (k*64)(DI)

// The bytes of A that compare with those of a number.
#define BYTES512(A, number, how, MASK) \
	MOVL $number, AX            \
	VPBROADCASTD AX, Z3         \
	VPCMPB how, Z3, A, K3       \
	KMOVQ K3, MASK

// func masksAVX512(p *byte, blocks int, ascii *[128]byte, out *maskBits)
TEXT ·masksAVX512(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), DX
	MOVQ blocks+8(FP), R15
	MOVQ ascii+16(FP), SI
	MOVQ out+24(FP), DI
	VMOVDQU8 (SI), Z1
	VMOVDQU8 64(SI), Z2

block:
	VMOVDQU8 (DX), Z0
	XORL R10, R10
	XORL CX, CX
	VPMOVB2M Z0, K1
	KMOVQ K1, 512(DI)
	KNOTQ K1, K2
	KORTESTQ K1, K1
	JZ classes
	VMOVDQU8 1(DX), Z4
	BYTES512(Z0, 0xe4e4e4e4, $0, R8)
	BYTES512(Z0, 0xe9e9e9e9, $0, R9)
	BYTES512(Z0, 0xe4e4e4e4, $6, R10)
	BYTES512(Z0, 0xe8e8e8e8, $6, R11)
	BYTES512(Z0, 0xbfbfbfbf, $6, CX)
	BYTES512(Z4, 0xb7b7b7b7, $6, R12)
	BYTES512(Z4, 0xbdbdbdbd, $6, R13)
	BYTES512(Z4, 0xbfbfbfbf, $6, R14)
	HAN

classes:
	MOVQ R10, 576(DI)
	MOVQ CX, 640(DI)
	VPERMI2B.Z Z2, Z1, K2, Z0
	CLASS512(0)
	CLASS512(1)
	CLASS512(2)
	CLASS512(3)
	CLASS512(4)
	CLASS512(5)
	CLASS512(6)
	CLASS512(7)
	ADDQ $64, DX
	ADDQ $8, DI
	DECQ R15
	JNZ block
	VZEROUPPER
	RET

// 0 to 63.
DATA bytes<>+0(SB)/8, $0x0706050403020100
DATA bytes<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA bytes<>+16(SB)/8, $0x1716151413121110
DATA bytes<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA bytes<>+32(SB)/8, $0x2726252423222120
DATA bytes<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA bytes<>+48(SB)/8, $0x3736353433323130
DATA bytes<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL bytes<>(SB), RODATA|NOPTR, $64

#define PLACES(c) \
	VPMOVZXBQ X1, Z2          \
	VPADDQ Z3, Z2, Z2         \
	VMOVDQU64 Z2, (c*64)(DI)

// func placesAVX512(starts uint64, from int, out *[64]int)
TEXT ·placesAVX512(SB), NOSPLIT, $0-24
	MOVQ starts+0(FP), AX
	MOVQ from+8(FP), BX
	MOVQ out+16(FP), DI
	VMOVDQU64 bytes<>(SB), Z0
	VPBROADCASTQ BX, Z3
	KMOVQ AX, K1
	VPCOMPRESSB.Z Z0, K1, Z1
	POPCNTQ AX, CX
	PLACES(0)
	VPSRLDQ $8, X1, X1
	PLACES(1)
	CMPQ CX, $16
	JLS done
	VPCOMPRESSB.Z Z0, K1, Z1
	VEXTRACTI128 $1, Y1, X1
	PLACES(2)
	VPSRLDQ $8, X1, X1
	PLACES(3)
	CMPQ CX, $32
	JLS done
	VPCOMPRESSB.Z Z0, K1, Z1
	VEXTRACTI32X4 $2, Z1, X1
	PLACES(4)
	VPSRLDQ $8, X1, X1
	PLACES(5)
	VPCOMPRESSB.Z Z0, K1, Z1
	VEXTRACTI32X4 $3, Z1, X1
	PLACES(6)
	VPSRLDQ $8, X1, X1
	PLACES(7)

done:
	VZEROUPPER
	RET
