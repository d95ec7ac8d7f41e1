//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// R10 becomes 1 if there is a bridge from the last unit to the one in BX.
#define BRIDGE \
	ORQ R13, BX            \
	MOVQ $0x9e3779b97f4a7c15, R10 \
	IMULQ R10, BX          \
	SHRXQ CX, BX, BX       \
	MOVQ BX, R10           \
	SHRQ $6, R10           \
	MOVQ (R15)(R10*8), R10 \
	SHRXQ BX, R10, R10     \
	ANDL $1, R10

// func addUnits(piece *byte, i, n int, a *atoms, byteID *[256]uint32, u *unitBuffer) int
//
// Registers: SI the next byte, R8 the bytes of its character, R9 the atoms, R15 and
// CX the bridges, DI the units, R11 their number, R12 open, R13 the last one plus 1
// in the upper place of a pair's key, R14 the last byte.
TEXT ·addUnits(SB), NOSPLIT, $8-56
	MOVQ piece+0(FP), AX
	MOVQ i+8(FP), SI
	MOVQ n+16(FP), BX
	MOVQ a+24(FP), R9
	MOVQ u+40(FP), DI
	ADDQ AX, SI
	ADDQ AX, BX
	MOVQ BX, end-8(SP)
	MOVQ (atoms_bridges+bridges_bits)(R9), R15
	MOVQ (atoms_bridges+bridges_shift)(R9), CX
	MOVQ unitBuffer_n(DI), R11
	MOVQ unitBuffer_open(DI), R12
	MOVL unitBuffer_last(DI), R13
	MOVBLZX unitBuffer_prev(DI), R14
	INCQ R13
	SHLQ $20, R13

next:
	CMPQ SI, end-8(SP)
	JCC done
	CMPQ R11, $(const_unitRoom-4) // full
	JHI done
	MOVL (SI), AX
	LEAQ 4(SI), DX
	SUBQ end-8(SP), DX
	JHI short

char:
	MOVL AX, DX
	ANDL $0xc0c0f0, DX
	CMPL DX, $0x8080e0
	JNE two
	MOVL AX, DX
	ANDL $0xf, DX
	SHLL $12, DX
	MOVL AX, BX
	SHRL $2, BX
	ANDL $0xfc0, BX
	ORL BX, DX
	SHRL $16, AX
	MOVL AX, BX
	ANDL $0x3f, BX
	ORL BX, DX
	CMPL DX, $0x800
	JCS byte
	MOVL $3, R8

	// DX is the character, AX its last byte and the one behind it.
atom:
	MOVQ (R9)(DX*8), DX
	MOVQ DX, BX
	SHRQ $36, BX
	ANDL $0xffc0, BX
	ADDQ R9, BX
	MOVL R14, R10
	SHRL $5, R10
	MOVL atoms_beside(BX)(R10*4), R10
	BTL R14, R10
	JCS byte
	MOVL AX, R10
	SHRL $13, R10
	MOVL (atoms_beside+32)(BX)(R10*4), R10
	MOVL AX, BX
	SHRL $8, BX
	BTL BX, R10
	JCS byte
	MOVL DX, BX
	ANDL $0xfffff, BX
	MOVL BX, (DI)(R11*4)
	BRIDGE
	SHRL $7, R14
	XORL $1, R14
	ORL R14, R10               // behind ASCII there is always one
	MOVBLZX AX, R14
	MOVQ DX, BX
	SHRQ $40, BX               // bit 0: it has two units; bit 1: a bridge between them
	MOVL BX, AX
	ANDL $2, AX
	ORL AX, R10
	ANDL $1, BX
	SHLXQ R11, R10, R10
	ORQ R10, R12
	SHRQ $20, DX
	ANDL $0xfffff, DX
	MOVL DX, 4(DI)(R11*4)
	LEAQ 1(R11)(BX*1), R11
	INCQ DX
	SHLQ $20, DX
	MOVQ DX, R13
	ADDQ R8, SI
	JMP next

two:
	MOVL AX, DX
	ANDL $0xc0e0, DX
	CMPL DX, $0x80c0
	JNE byte
	MOVL AX, DX
	ANDL $0x1f, DX
	SHLL $6, DX
	SHRL $8, AX
	MOVWLZX AX, AX
	MOVL AX, BX
	ANDL $0x3f, BX
	ORL BX, DX
	MOVL $2, R8
	JMP atom

	// No character, or no atom here: the byte is a unit.
byte:
	MOVBLZX (SI), AX
	MOVQ byteID+32(FP), BX
	MOVL (BX)(AX*4), DX
	CMPL DX, $-1
	JEQ done
	MOVL DX, (DI)(R11*4)
	MOVL DX, BX
	BRIDGE
	ANDL AX, R14
	SHRL $7, R14
	XORL $1, R14
	ORL R14, R10
	MOVL AX, R14
	SHLXQ R11, R10, R10
	ORQ R10, R12
	INCQ R11
	INCQ DX
	SHLQ $20, DX
	MOVQ DX, R13
	INCQ SI
	JMP next

	// What lies behind the piece is 0.
short:
	SHLQ $3, DX
	NEGQ DX
	ADDQ $32, DX
	BZHIL DX, AX, AX
	JMP char

done:
	MOVQ R11, unitBuffer_n(DI)
	MOVQ R12, unitBuffer_open(DI)
	SHRQ $20, R13
	DECQ R13
	MOVL R13, unitBuffer_last(DI)
	MOVB R14, unitBuffer_prev(DI)
	SUBQ piece+0(FP), SI
	MOVQ SI, ret+48(FP)
	RET
