// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From statements to slots: instructions, labels, jumps. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/unit.h"

struct parser;
struct tok;

/* Values of vinsn.ref where there is no reference, until the unit is done. */
#define REF_RAW UINT32_MAX	  /* .insn: taken as it is, jumps are not checked */
#define REF_HOLE (UINT32_MAX - 1) /* a numbered line left the slot out */

/* Appends at p->at with p->stmt_pos. */
int emit(struct parser *p, const struct insn *in);
int emit_ref(struct parser *p, const struct insn *in, enum ref_kind kind, uint32_t ref);
/* ld_imm64 and its second slot. */
int emit_wide(struct parser *p, const struct insn *in, uint32_t high, enum ref_kind kind,
	      uint32_t ref);

/* Where a jump goes: a label, or a distance. */
struct target {
	const char *label; /* NULL: by distance */
	uint32_t len;
	uint32_t pos, marked; /* of what was written */
	int64_t distance;
};
int target_read(struct parser *p, struct target *t);
/* Appends a jump or, for a call of a label, a call. */
int emit_jump(struct parser *p, struct insn *in, const struct target *t);

/* The label that begins at the token, which may be any text a label can have. */
bool label_starts(const struct tok *t);
void label_take(struct parser *p, const char **s, uint32_t *len);
int label_define(struct parser *p, const char *s, uint32_t len);

/* Line `index:` of a dump: where its instruction goes. */
int emit_at_index(struct parser *p, uint64_t index, uint32_t pos, uint32_t len);

/* Makes the jump of that slot lead behind the last instruction. */
int emit_patch(struct parser *p, uint32_t slot);
/* Whether control can get behind what was emitted from slot `from` on. */
bool emit_falls(const struct parser *p, uint32_t from);
