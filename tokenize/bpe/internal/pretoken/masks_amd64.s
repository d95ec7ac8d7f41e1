//go:build !purego

#include "go_asm.h"
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

// func masksAVX2(p *byte, blocks int, nibbles *[8][16]byte, out *maskBits)
TEXT ·masksAVX2(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), DX
	MOVQ blocks+8(FP), R15
	MOVQ nibbles+16(FP), SI
	MOVQ out+24(FP), DI

block:
	VMOVDQU (DX), Y0
	VMOVDQU 32(DX), Y1
	XORL CX, CX
	VPMOVMSKB Y0, AX
	VPMOVMSKB Y1, BX
	SHLQ $32, BX
	ORQ BX, AX
	MOVQ AX, 512(DI)
	MOVQ CX, 576(DI)
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
	VPSLLW $(7-k), Z4, Z3 \
	VPMOVB2M Z3, K3       \
	KMOVQ K3, (k*64)(DI)

// Constants of one byte: 02, 07, 10, 20, 40, C0, E0, FE.
DATA consts<>+0(SB)/8, $0xfee0c04020100702
GLOBL consts<>(SB), RODATA|NOPTR, $8

// By the low bits of a byte, the bit of that number.
DATA bitOf<>+0(SB)/8, $0x8040201008040201
GLOBL bitOf<>(SB), RODATA|NOPTR, $8

// Z6 becomes the rows of a fourth of the slots, where K has them.
#define ROWS(from, K) \
	VMOVDQU8 (wideTable_rows+from)(R8), Z7          \
	VPERMI2B (wideTable_rows+from+64)(R8), Z7, K, Z6

// Class k, which has the given row, of the characters with first bytes in K1, slots
// and third bits in Z4, and the bits of their last three bits in Z5.
#define WIDE(row, k, skip) \
	BTL $row, R10            \
	JCC skip                 \
	VMOVDQA64 Z4, Z6         \
	ROWS(row*512, K4)        \
	ROWS(row*512+128, K5)    \
	ROWS(row*512+256, K6)    \
	ROWS(row*512+384, K7)    \
	VPTESTMB Z5, Z6, K1, K3  \
	KMOVQ K3, AX             \
	ORQ AX, (k*64)(DI)       \
skip:

// Z4 becomes the slots of characters of three bytes where Z3, their first bytes
// but for the lowest bit, is Z9.
#define SLOTS(p) \
	VPCMPEQB Z9, Z3, K3, K4             \
	VMOVDQU8 (wideTable_three+p*128)(R8), Z7            \
	VPERMI2B (wideTable_three+p*128+64)(R8), Z7, K4, Z4 \
	VPADDB Z18, Z9, Z9

// func masksAVX512(p *byte, blocks int, ascii *[128]byte, wides *wideTable, out *maskBits)
TEXT ·masksAVX512(SB), NOSPLIT, $0-40
	MOVQ p+0(FP), DX
	MOVQ blocks+8(FP), R15
	MOVQ ascii+16(FP), SI
	MOVQ wides+24(FP), R8
	MOVQ out+32(FP), DI
	VMOVDQU8 (SI), Z16
	VMOVDQU8 64(SI), Z17
	VPBROADCASTB consts<>+0(SB), Z18
	VPBROADCASTB consts<>+1(SB), Z19
	VPBROADCASTB consts<>+2(SB), Z20
	VPBROADCASTB consts<>+3(SB), Z21
	VPBROADCASTB consts<>+4(SB), Z22
	VPBROADCASTB consts<>+5(SB), Z23
	VPBROADCASTB consts<>+6(SB), Z24
	VPBROADCASTB consts<>+7(SB), Z25
	VPBROADCASTQ bitOf<>(SB), Z26
	MOVL wideTable_used(R8), R10

block:
	VMOVDQU8 (DX), Z0
	VPMOVB2M Z0, K1
	KMOVQ K1, 512(DI)
	KNOTQ K1, K2
	VMOVDQA64 Z0, Z4
	VPERMI2B.Z Z17, Z16, K2, Z4
	CLASS512(0)
	CLASS512(1)
	CLASS512(2)
	CLASS512(3)
	CLASS512(4)
	CLASS512(5)
	CLASS512(6)
	CLASS512(7)
	KORTESTQ K1, K1
	JNZ wide
	XORL AX, AX
	MOVQ AX, 576(DI)
	MOVQ AX, 640(DI)
	JMP next

wide:
	// K2: from C0 on and before one from 80 to BF. K3: E0 to EF before two of them.
	VMOVDQU8 1(DX), Z1
	VMOVDQU8 2(DX), Z2
	VPCMPB $1, Z23, Z1, K3
	VPCMPUB $5, Z23, Z0, K3, K2
	VPCMPB $1, Z23, Z2, K3, K3
	VPSUBB Z24, Z0, Z3
	VPCMPUB $1, Z20, Z3, K3, K3

	// Z4: slots; of three bytes by the lowest bit of the first and six of the second.
	VPTERNLOGD $0xff, Z4, Z4, Z4
	VPERMB wideTable_two(R8), Z0, K2, Z4
	VPSLLW $6, Z0, Z5
	VMOVDQA64 Z22, Z6
	VPTERNLOGD $0xca, Z1, Z5, Z6
	VMOVDQU8 Z6, K3, Z4
	VPANDQ Z25, Z0, Z3
	VMOVDQA64 Z24, Z9
	SLOTS(0)
	SLOTS(1)
	SLOTS(2)
	SLOTS(3)
	SLOTS(4)
	SLOTS(5)
	SLOTS(6)
	SLOTS(7)
	VPMOVB2M Z4, K5
	KANDNQ K2, K5, K2
	KANDNQ K3, K5, K3
	KANDNQ K2, K3, K2
	KMOVQ K2, 576(DI)
	KMOVQ K3, 640(DI)
	KORQ K2, K3, K1
	VMOVDQU8 Z2, K3, Z1        // last bytes

	// K4 to K7: by their fourths of the slots.
	VPTESTMB Z21, Z4, K5
	VPTESTMB Z20, Z4, K6
	KORQ K5, K6, K4
	KNOTQ K4, K4
	KANDQ K5, K6, K7
	KANDNQ K6, K5, K2
	KANDNQ K5, K6, K6
	KMOVQ K2, K5

	VPSRLW $3, Z1, Z5
	VPSLLW $3, Z4, Z6
	VMOVDQA64 Z19, Z4
	VPTERNLOGD $0xca, Z6, Z5, Z4
	VPERMB Z26, Z1, Z5
	WIDE(0, 0, class1)
	WIDE(1, 1, class2)
	WIDE(2, 2, class3)
	WIDE(3, 3, class4)
	WIDE(4, 4, cut)
	WIDE(5, 7, next)
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

#define POSITIONS(c) \
	VPMOVZXBQ X1, Z2          \
	VPADDQ Z3, Z2, Z2         \
	VMOVDQU64 Z2, (c*64)(DI)

// func positionsAVX512(starts uint64, from int, out *[64]int)
TEXT ·positionsAVX512(SB), NOSPLIT, $0-24
	MOVQ starts+0(FP), AX
	MOVQ from+8(FP), BX
	MOVQ out+16(FP), DI
	VMOVDQU64 bytes<>(SB), Z0
	VPBROADCASTQ BX, Z3
	KMOVQ AX, K1
	VPCOMPRESSB.Z Z0, K1, Z1
	POPCNTQ AX, CX
	POSITIONS(0)
	VPSRLDQ $8, X1, X1
	POSITIONS(1)
	CMPQ CX, $16
	JLS done
	VPCOMPRESSB.Z Z0, K1, Z1
	VEXTRACTI128 $1, Y1, X1
	POSITIONS(2)
	VPSRLDQ $8, X1, X1
	POSITIONS(3)
	CMPQ CX, $32
	JLS done
	VPCOMPRESSB.Z Z0, K1, Z1
	VEXTRACTI32X4 $2, Z1, X1
	POSITIONS(4)
	VPSRLDQ $8, X1, X1
	POSITIONS(5)
	VPCOMPRESSB.Z Z0, K1, Z1
	VEXTRACTI32X4 $3, Z1, X1
	POSITIONS(6)
	VPSRLDQ $8, X1, X1
	POSITIONS(7)

done:
	VZEROUPPER
	RET
