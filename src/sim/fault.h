// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Why a program was stopped: everything a report needs, as data. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "asm/isa.h"
#include "sim/space.h"

struct code;

enum fault_kind {
	FAULT_NONE,
	FAULT_MEMORY, /* see fault.miss */
	FAULT_REG,    /* a register that was never set */
	FAULT_BUDGET, /* too many instructions */
	FAULT_DEPTH,  /* too many frames */
	FAULT_CALL,   /* a callback that is no function of the program */
	FAULT_CODE,   /* an instruction the load check took for unreachable */
	FAULT_HELPER, /* raised by a helper: vm_fail() */
};

enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_ATOMIC };

struct vm_fault {
	enum fault_kind kind;
	const struct code *code;
	uint32_t insn; /* slot */
	struct insn in;
	uint32_t frame; /* 0: the program, 1: a function it called */
	uint64_t r[11];
	uint16_t init;	  /* bit per register known to be set */
	const char *func; /* the helper that made the access, or NULL */
	/* FAULT_MEMORY */
	enum miss miss;
	enum access_kind access;
	uint64_t addr, size;
	int reg;		     /* that held the pointer; -1: none did */
	int64_t off;		     /* from it */
	int64_t distance;	     /* bytes past the end; negative: before the start */
	const struct region *region; /* it missed, or NULL; valid until the next run */
	/* "invalid read of 4 bytes at r2+12: 2 bytes past the end of packet (14 bytes)" */
	char text[256];
	/* "invalid access to packet, off=12 size=4, R2(id=0,off=12,r=0)", or "" */
	char verifier[192];
};

/* "memory", "register", ...; the word JSON uses. */
const char *fault_kind_name(enum fault_kind kind);
const char *miss_name(enum miss miss);
