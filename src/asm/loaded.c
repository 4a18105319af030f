// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The numbers of functions in dumps of loaded programs. */
#include "asm/loaded.h"

#include <errno.h>
#include <stdlib.h>

#include "asm/parse.h"
#include "core/mem.h"

int loaded_note(struct parser *p)
{
	struct scope *s = &p->scope;

	if (s->prog != NONE || !p->from_dump)
		return 0;
	if (array_grow(&s->loaded, s->nr_loaded, &s->cap_loaded, sizeof(*s->loaded)) != 0)
		return fail_memory(p);
	s->loaded[s->nr_loaded++] = p->at;
	return 0;
}

static bool is_call(const struct vinsn *v)
{
	return v->insn.code != INSN_LD_IMM64;
}

/* The slot it goes to, -1 if that is none of the stream. */
static int64_t target(const struct parser *p, uint32_t at)
{
	const struct vinsn *v = &p->u->insns[at];
	int64_t distance = is_call(v) && v->insn.off ? v->insn.off : v->insn.imm;
	int64_t to = (int64_t)at + 1 + distance;

	return to < p->scope.first || to >= (int64_t)p->u->nr_insns ? -1 : to;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Where functions begin, each once: starts[0] is the program's own start.  Returns how many. */
static size_t find_starts(const struct parser *p, uint32_t *starts)
{
	const struct scope *s = &p->scope;
	size_t n = 0, kept = 0;

	starts[n++] = s->first;
	for (size_t i = 0; i < s->nr_loaded; i++)
		if (target(p, s->loaded[i]) >= 0)
			starts[n++] = (uint32_t)target(p, s->loaded[i]);
	qsort(starts, n, sizeof(*starts), ascending);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || starts[i] != starts[i - 1])
			starts[kept++] = starts[i];
	return kept;
}

/* What the bytes of the line have told already stays. */
static void number(struct parser *p, uint32_t at, const uint32_t *starts, size_t n)
{
	struct vinsn *v = &p->u->insns[at];
	int64_t to = target(p, at), distance = to - at - 1;
	uint32_t start = (uint32_t)to;
	const uint32_t *found =
		to < 0 ? NULL : bsearch(&start, starts, n, sizeof(*starts), ascending);
	int32_t nr = found ? (int32_t)(found - starts) : 0;

	if (!found)
		return;
	if (!is_call(v)) {
		v[1].insn.imm = v[1].insn.imm ? v[1].insn.imm : nr;
	} else if (!v->insn.off && distance >= INT16_MIN && distance <= INT16_MAX) {
		v->insn.off = (int16_t)distance;
		v->insn.imm = nr;
	}
}

int loaded_number(struct parser *p)
{
	const struct scope *s = &p->scope;
	auto_free uint32_t *starts = calloc(s->nr_loaded + 1, sizeof(*starts));
	size_t n;

	if (!starts)
		return fail_memory(p);
	n = find_starts(p, starts);
	for (size_t i = 0; i < s->nr_loaded; i++)
		number(p, s->loaded[i], starts, n);
	return 0;
}
