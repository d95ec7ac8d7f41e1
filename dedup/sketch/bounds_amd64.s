#include "go_asm.h"
#include "textflag.h"

// What a byte is: the flags that its two halves have in common. One of the low
// four says that it is a word byte, one of the high four an operator.
//
//	  1  0x3_ 0 to 9     digits
//	  2  0x4_ 0x6_ 1 to 15  letters
//	  4  0x5_ 0 to 10, 15   letters, underscore
//	  8  0x7_ 0 to 10    letters
//	 16  0x2_ 1 to 15    32  0x3_ 10 to 15    64  0x4_ 0x6_ 0    128  0x5_ 0x7_ 11 to 14
DATA low<>+0(SB)/8, $0x1f1f1f1f1f1f1f4d
DATA low<>+8(SB)/8, $0x36b2b2b2b23e1f1f
GLOBL low<>(SB), RODATA|NOPTR, $16
DATA high<>+0(SB)/8, $0x8842844221100000
DATA high<>+8(SB)/8, $0
GLOBL high<>(SB), RODATA|NOPTR, $16
DATA nibble<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibble<>(SB), RODATA|NOPTR, $8

// func boundsAVX2(e *edges, piece *byte, blocks int, at uint32, last *classes)
TEXT ·boundsAVX2(SB), NOSPLIT, $0-40
	MOVQ e+0(FP), DI
	MOVQ piece+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVL at+24(FP), DX
	MOVQ last+32(FP), AX
	MOVQ classes_word(AX), R10
	MOVQ classes_operator(AX), R11
	MOVQ edges_begun(DI), R12
	LEAQ edges_starts(DI)(R12*4), R12
	MOVQ edges_ended(DI), R13
	LEAQ edges_ends(DI)(R13*4), R13
	VBROADCASTI128 low<>(SB), Y13
	VBROADCASTI128 high<>(SB), Y14
	VPBROADCASTQ nibble<>(SB), Y15
	VPXOR Y12, Y12, Y12

block:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPMOVMSKB Y0, R8
	VPMOVMSKB Y1, R9
	SHLQ $32, R9
	ORQ R9, R8 // not ASCII: word bytes
	VPSRLW $4, Y0, Y2
	VPSRLW $4, Y1, Y3
	VPAND Y15, Y2, Y2
	VPAND Y15, Y3, Y3
	VPSHUFB Y0, Y13, Y0
	VPSHUFB Y1, Y13, Y1
	VPSHUFB Y2, Y14, Y2
	VPSHUFB Y3, Y14, Y3
	VPAND Y0, Y2, Y0
	VPAND Y1, Y3, Y1
	VPAND Y15, Y0, Y2
	VPAND Y15, Y1, Y3
	VPANDN Y0, Y15, Y0
	VPANDN Y1, Y15, Y1
	VPCMPEQB Y12, Y2, Y2
	VPCMPEQB Y12, Y3, Y3
	VPCMPEQB Y12, Y0, Y0
	VPCMPEQB Y12, Y1, Y1
	VPMOVMSKB Y2, AX
	VPMOVMSKB Y3, BX
	SHLQ $32, BX
	ORQ BX, AX
	NOTQ AX
	ORQ AX, R8 // words
	VPMOVMSKB Y0, AX
	VPMOVMSKB Y1, R9
	SHLQ $32, R9
	ORQ AX, R9
	NOTQ R9 // operators

	LEAQ (R10)(R8*2), AX // words one byte before
	LEAQ (R11)(R9*2), BX // operators one byte before
	MOVQ R8, R10
	MOVQ R9, R11
	XORQ AX, R10
	XORQ BX, R11
	ORQ R11, R10 // changes
	ORQ AX, BX
	ANDQ R10, BX // ends
	MOVQ R8, AX
	ORQ R9, AX
	ANDQ R10, AX // starts
	MOVQ R8, R10
	MOVQ R9, R11
	SHRQ $63, R10
	SHRQ $63, R11

#define PLACE(mask, to, i) \
	TZCNTQ mask, R9 \
	BLSRQ mask, mask \
	ADDL DX, R9 \
	MOVL R9, (4*i)(to)

#define PLACES(mask, to) \
	PLACE(mask, to, 0) \
	PLACE(mask, to, 1) \
	PLACE(mask, to, 2) \
	PLACE(mask, to, 3) \
	PLACE(mask, to, 4) \
	PLACE(mask, to, 5) \
	PLACE(mask, to, 6) \
	PLACE(mask, to, 7)

	POPCNTQ AX, R8
	LEAQ (R12)(R8*4), R8 // behind the starts
starts:
	PLACES(AX, R12)
	ADDQ $32, R12
	CMPQ R12, R8
	JLT starts
	MOVQ R8, R12

	POPCNTQ BX, R8
	LEAQ (R13)(R8*4), R8
ends:
	PLACES(BX, R13)
	ADDQ $32, R13
	CMPQ R13, R8
	JLT ends
	MOVQ R8, R13

	ADDQ $64, SI
	ADDL $64, DX
	DECQ CX
	JNE block

	MOVQ last+32(FP), AX
	MOVQ R10, classes_word(AX)
	MOVQ R11, classes_operator(AX)
	LEAQ edges_starts(DI), AX
	SUBQ AX, R12
	SHRQ $2, R12
	MOVQ R12, edges_begun(DI)
	LEAQ edges_ends(DI), AX
	SUBQ AX, R13
	SHRQ $2, R13
	MOVQ R13, edges_ended(DI)
	VZEROUPPER
	RET
