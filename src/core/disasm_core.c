// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CO-RE relocations in words: `field_exists(task_struct::pid)`. */
#include <stdlib.h>
#include <string.h>

#include "core/disasm_ext.h"
#include "core/disasm_priv.h"
#include "core/mem.h"

#define MAX_STEPS 32

/* By number; NULL: the field itself, its offset. */
static const struct {
	const char *name;
	bool of_type, of_value; /* else of a field */
} kinds[] = {
	{ NULL, false, false },
	{ "byte_size", false, false },
	{ "field_exists", false, false },
	{ "signed", false, false },
	{ "lshift_u64", false, false },
	{ "rshift_u64", false, false },
	{ "local_type_id", true, false },
	{ "target_type_id", true, false },
	{ "type_exists", true, false },
	{ "type_size", true, false },
	{ "enumval_exists", false, true },
	{ "enumval", false, true },
	{ "type_matches", true, false },
};

/* The next number of "0:1:2"; false: there is none. */
static bool next(const char **s, uint32_t *n)
{
	char *end;

	if (**s == ':')
		++*s;
	if (**s < '0' || **s > '9')
		return false;
	*n = (uint32_t)strtoul(*s, &end, 10);
	*s = end;
	return true;
}

/* One step into *id; false: it leads nowhere. */
static bool step(const struct types *t, uint32_t *id, uint32_t n, bool *first, struct buf *to)
{
	struct type_member m;
	struct type type;

	if (!types_strip(t, *id, &type))
		return false;
	if (type.kind == T_ARRAY) {
		buf_addf(to, "[%u]", n);
		*id = type.ref;
		return true;
	}
	if ((type.kind != T_STRUCT && type.kind != T_UNION) || n >= type.n ||
	    !types_member(t, &type, n, &m))
		return false;
	if (*m.name) {
		buf_adds(to, *first ? "::" : ".");
		buf_adds(to, m.name);
		*first = false;
	}
	*id = m.type;
	return true;
}

static void put_path(const struct types *t, const struct dis_ext_core *core, struct buf *to)
{
	const char *s = core->access;
	uint32_t id = core->type, n;
	bool first = true;

	if (next(&s, &n) && n)
		buf_addf(to, "[%u]", n);
	for (int i = 0; i < MAX_STEPS && next(&s, &n); i++)
		if (!step(t, &id, n, &first, to)) {
			buf_adds(to, " ?");
			return;
		}
}

static void put_value(const struct types *t, const struct dis_ext_core *core, struct buf *to)
{
	const char *s = core->access, *name;
	struct type type;
	int64_t value;
	uint32_t n;

	if (next(&s, &n) && types_strip(t, core->type, &type) &&
	    (type.kind == T_ENUM || type.kind == T_ENUM64) && n < type.n &&
	    types_value(t, &type, n, &name, &value))
		buf_addf(to, "::%s", name);
	else
		buf_adds(to, "::?");
}

static void put_name(const struct types *t, uint32_t id, struct buf *to)
{
	struct type type;

	if (types_get(t, id, &type) && *type.name)
		buf_adds(to, type.name);
	else
		types_text(t, id, to);
}

void dis_core_text(const struct dis *d, const struct dis_ext_core *core, struct buf *to)
{
	const char *name;

	if (core->kind >= countof(kinds)) {
		buf_addf(to, "relocation %u of ", core->kind);
		put_name(d->types, core->type, to);
		return;
	}
	name = kinds[core->kind].name;
	if (name)
		buf_addf(to, "%s(", name);
	put_name(d->types, core->type, to);
	if (kinds[core->kind].of_value)
		put_value(d->types, core, to);
	else if (!kinds[core->kind].of_type)
		put_path(d->types, core, to);
	if (name)
		buf_addc(to, ')');
}
