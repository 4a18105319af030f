// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Test blocks of a source, for core/test*.c. */
#include "core/source_test.h"

#include <errno.h>
#include <string.h>

#include "asm/src.h"
#include "asm/unit.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/source_priv.h"

const struct test_decl *source_tests(const struct source *s, size_t *n)
{
	*n = s->unit->nr_tests;
	return s->unit->tests;
}

const struct test_target *source_target(const struct source *s)
{
	return &s->unit->target;
}

int source_keep_test_types(struct source *s)
{
	struct unit *u = s->unit;
	size_t cap = u->nr_events;

	for (size_t t = 0; t < u->nr_tests; t++) {
		for (uint32_t i = 0; i < u->tests[t].n; i++) {
			uint32_t type = u->tests[t].items[i].type;

			if (!type)
				continue;
			if (array_grow(&u->events, u->nr_events, &cap, sizeof(*u->events)))
				return -ENOMEM;
			u->events[u->nr_events++] = (struct event_decl){ .type = type };
		}
	}
	return 0;
}

bool source_has_progs(const struct source *s)
{
	return s->unit->nr_progs > 0;
}

void source_place(const struct source *s, uint32_t pos, struct source_place *p)
{
	struct src_loc loc = src_locate(s->src, pos);

	*p = (struct source_place){
		.file = loc.path,
		.text = loc.text,
		.text_len = loc.len,
		.line = loc.line,
		.col = loc.col,
	};
}

void source_complain(struct source *s, uint32_t pos, uint32_t len, struct err *e)
{
	if (e->code && !e->worded)
		src_error(s->src, pos, len ? len : 1, "%s: %s", e->what, err_text(e->code));
	else
		src_error(s->src, pos, len ? len : 1, "%s", e->what);
	if (e->hint[0])
		src_hint(s->src, "%s", e->hint);
	err_clear(e);
	memset(e, 0, sizeof(*e));
}

int source_complaints(struct source *s, struct err *e)
{
	return src_errors(s->src) ? source_wrong(s, e) : 0;
}
