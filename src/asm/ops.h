// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The operators of isa.def, as the parser looks for them: by token and by text. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define OPS_TEXTS 64

/* Rows are counted from 1; 0: there is none.  Index 1 is of the operators with an s in front. */
struct ops {
	uint8_t set[2][256];	 /* ALU, by assignment token */
	uint8_t compare[2][256]; /* JCOND */
	uint8_t lock[256];	 /* ATOMIC, by assignment token */
	struct {
		uint32_t text; /* up to four characters, the first lowest */
		uint8_t set, compare;
	} texts[OPS_TEXTS];
};

void ops_init(struct ops *o);

static inline uint32_t ops_slot(uint32_t text)
{
	return text * 0x9e3779b1u >> 26;
}

/* The index in texts, of an entry that is all 0 if there is no such operator. */
static inline uint32_t ops_find(const struct ops *o, uint32_t text)
{
	uint32_t i = ops_slot(text);

	while (o->texts[i].text != text && o->texts[i].text)
		i = (i + 1) % OPS_TEXTS;
	return i;
}
