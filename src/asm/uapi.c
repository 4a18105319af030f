// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A hash of the tables in uapi/, made when a source first names something of them. */
#include "asm/uapi.h"

#include <errno.h>
#include <string.h>

#include "asm/parse.h"
#include "uapi/names.h"

/* Constants count from 0, helpers behind them. */
static int fill(struct parser *p)
{
	struct symtab *t = &p->uapi;

	for (uint32_t i = 0; i < uapi_nr_consts; i++)
		if (!symtab_add(t, uapi_consts[i].name, strlen(uapi_consts[i].name), i, NULL))
			return -ENOMEM;
	for (uint32_t i = 0; i < uapi_nr_helpers; i++)
		if (!symtab_add(t, uapi_helpers[i].name, strlen(uapi_helpers[i].name),
				(uint32_t)uapi_nr_consts + i, NULL))
			return -ENOMEM;
	return 0;
}

static const struct symbol *find(struct parser *p, const struct tok *name)
{
	if (!p->uapi.n && fill(p) != 0) {
		fail_memory(p);
		return NULL;
	}
	return symtab_find(&p->uapi, name->s, name->len);
}

int uapi_find_const(struct parser *p, const struct tok *name, int64_t *value)
{
	const struct symbol *s = find(p, name);

	if (!s || s->value >= uapi_nr_consts)
		return -ENOENT;
	*value = uapi_consts[s->value].value;
	return 0;
}

const struct uapi_helper *uapi_find_helper(struct parser *p, const struct tok *name)
{
	const struct symbol *s = find(p, name);

	return s && s->value >= uapi_nr_consts ? &uapi_helpers[s->value - uapi_nr_consts] : NULL;
}

void near_constants(struct parser *p, struct near *n)
{
	for (size_t i = 0; i < uapi_nr_consts && !src_is_full(p->src); i++)
		near_try(n, uapi_consts[i].name, strlen(uapi_consts[i].name));
}

void near_helpers(struct parser *p, struct near *n)
{
	for (size_t i = 0; i < uapi_nr_helpers && !src_is_full(p->src); i++)
		near_try(n, uapi_helpers[i].name, strlen(uapi_helpers[i].name));
}
