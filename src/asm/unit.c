// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The end of a unit, and its simplest output. */
#include "asm/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "asm/ctype.h"
#include "core/buf.h"

void unit_freep(struct unit **up)
{
	struct unit *u = *up;

	if (!u)
		return;
	ctypes_freep(&u->types);
	free(u->insns);
	free(u->progs);
	free(u->maps);
	free(u->vars);
	free(u->externs);
	free(u->events);
	free(u->cores);
	free(u->attaches);
	free((void *)(uintptr_t)u->strings);
	pool_free(&u->pool);
	free(u);
	*up = NULL;
}

/* What a loader would fill in is as the parser left it. */
int unit_bin(const struct unit *u, uint32_t first, uint32_t n, struct buf *b)
{
	uint8_t *to = n ? (uint8_t *)buf_reserve(b, (size_t)n * INSN_SIZE) : NULL;

	if (!n)
		return 0;
	if (!to)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		insn_encode(&u->insns[first + i].insn, u->big_endian, to + (size_t)i * INSN_SIZE);
	b->len += (size_t)n * INSN_SIZE;
	return 0;
}
