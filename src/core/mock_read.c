// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Members of a state file, and what is wrong with them. */
#include "core/mock_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/val.h"

int read_bad(struct reading *l, const char *key, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (l->failed)
		return l->failed;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (l->list)
		l->failed = err_input(l->e, "%s: %s[%zu]%s%s: %s", l->name, l->list, l->index,
				      key ? "." : "", key ?: "", text);
	else
		l->failed = err_input(l->e, "%s: %s: %s", l->name, key ?: "state", text);
	return l->failed;
}

uint64_t read_uint(struct reading *l, const struct val *map, const char *key, uint64_t other)
{
	const struct val *v = val_get(map, key);

	if (!v)
		return other;
	if (v->kind != V_UINT) {
		read_bad(l, key, "must be a number, not negative");
		return other;
	}
	return v->u;
}

uint32_t read_u32(struct reading *l, const struct val *map, const char *key)
{
	uint64_t v = read_uint(l, map, key, 0);

	if (v > UINT32_MAX)
		read_bad(l, key, "is too large");
	return (uint32_t)v;
}

bool read_bool(struct reading *l, const struct val *map, const char *key)
{
	const struct val *v = val_get(map, key);

	if (v && v->kind != V_BOOL)
		read_bad(l, key, "must be true or false");
	return v && v->kind == V_BOOL && v->b;
}

/* "" if it is not there. */
const char *read_str(struct reading *l, const struct val *map, const char *key)
{
	const struct val *v = val_get(map, key);

	if (v && v->kind != V_STR)
		read_bad(l, key, "must be a string");
	return v && v->kind == V_STR ? v->str.s : "";
}

/* A name by its table's function, or a number. */
uint32_t read_name(struct reading *l, const struct val *map, const char *key,
		   int (*find)(const char *name))
{
	const struct val *v = val_get(map, key);
	int n;

	if (!v || v->kind == V_UINT)
		return read_u32(l, map, key);
	n = find(read_str(l, map, key));
	if (n < 0)
		read_bad(l, key, "nothing is called \"%s\"", read_str(l, map, key));
	return n < 0 ? 0 : (uint32_t)n;
}

static int digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* Hex digits in pairs, blanks between them or not. */
void read_hex(struct reading *l, const char *key, const char *s, struct buf *to)
{
	while (*s) {
		if (*s == ' ') {
			s++;
			continue;
		}
		if (digit(s[0]) < 0 || digit(s[1]) < 0) {
			read_bad(l, key, "must be pairs of hex digits, not '%.8s'", s);
			return;
		}
		buf_addc(to, (char)(digit(s[0]) << 4 | digit(s[1])));
		s += 2;
	}
}

void read_bytes(struct reading *l, const struct val *map, const char *key, struct buf *to)
{
	read_hex(l, key, read_str(l, map, key), to);
}

/* The bytes there must be. */
void read_exactly(struct reading *l, const struct val *map, const char *key, size_t n,
		  struct buf *to)
{
	read_bytes(l, map, key, to);
	if (to->len != n)
		read_bad(l, key, "has %zu bytes, not %zu", to->len, n);
	buf_addc(to, 0); /* never NULL */
}

int read_each(struct reading *l, const struct val *root, const char *key,
	      int (*fn)(struct reading *l, const struct val *v))
{
	const struct val *list = val_get(root, key);

	l->list = NULL;
	if (list && list->kind != V_LIST)
		return read_bad(l, key, "must be a list");
	l->list = key;
	for (size_t i = 0; list && i < list->seq.n && !l->failed; i++) {
		l->index = i;
		if (list->seq.v[i].kind != V_MAP)
			read_bad(l, NULL, "must be an object in braces");
		else
			fn(l, &list->seq.v[i]);
	}
	l->list = NULL;
	return l->failed;
}

void read_short(struct reading *l, const struct val *v, const char *key, char *to, size_t size)
{
	const char *s = read_str(l, v, key);

	if (strlen(s) >= size)
		read_bad(l, key, "has more than %zu characters", size - 1);
	else
		snprintf(to, size, "%s", s);
}
