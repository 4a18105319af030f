// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What belongs to one program while its instructions are read: labels, stack slots, jumps. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "asm/symtab.h"

#define NONE UINT32_MAX /* of indices */

struct parser;

/* A named part of the stack frame. */
struct slot {
	uint32_t type;
	int32_t off; /* from r10 */
	uint32_t pos;
};

/* A jump or call to a label that has not come yet. */
struct fixup {
	const char *label;
	uint32_t len, pos;
	uint32_t insn; /* NONE: it was refused, and only the label is looked for */
};

/* What belongs to the program whose instructions are read. */
struct scope {
	uint32_t prog;	/* NONE: bare */
	uint32_t first; /* slot */
	uint32_t base;	/* slot that a line `0:` means */
	struct symtab labels;
	struct fixup *fixups;
	size_t nr_fixups, cap_fixups;
	uint32_t *jumps; /* slots whose targets are looked at in the end; calls too */
	size_t nr_jumps, cap_jumps;
	uint32_t *loaded; /* see loaded.h */
	size_t nr_loaded, cap_loaded;
	struct symtab slot_names;
	struct slot *slots;
	size_t nr_slots, cap_slots;
	uint32_t stack;	  /* bytes of the slots */
	uint32_t holes;	  /* slots that numbered lines have skipped */
	uint32_t reached; /* the last slot that a label or a block leads to */
	size_t errors;	  /* when it began; a line that is wrong is not missing too */
};

/* A program, or the bare stream (NONE).  The end checks where its jumps go. */
void scope_begin(struct parser *p, uint32_t prog);
int scope_end(struct parser *p);
void scope_free(struct parser *p);
