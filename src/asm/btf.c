// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The bytes of BTF: a header, the types, the strings.  Types are numbered from 1 in the order in
 * which they are written, and may refer to later ones.
 */
#include "asm/btf.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_LEN 24u
#define MAGIC 0xeb9fu
#define VERSION 1

void btfw_free(struct btfw *w)
{
	buf_free(&w->types);
	strtab_free(&w->strs);
	free(w->prog_func);
	free(w->type_id);
	memset(w, 0, sizeof(*w));
}

void btfw_word(struct btfw *w, uint32_t v)
{
	buf_put(&w->types, v, 4, w->big_endian);
}

uint32_t btfw_name(struct btfw *w, const char *name)
{
	return strtab_adds(&w->strs, name);
}

uint32_t btfw_type(struct btfw *w, const char *name, enum btfw_kind kind, uint32_t vlen,
		   uint32_t type)
{
	btfw_word(w, btfw_name(w, name));
	btfw_word(w, (uint32_t)kind << 24 | vlen);
	btfw_word(w, type);
	return ++w->nr;
}

uint32_t btfw_int(struct btfw *w, const char *name, uint32_t size, uint32_t encoding)
{
	uint32_t id = btfw_type(w, name, KIND_INT, 0, size);

	btfw_word(w, encoding << 24 | size * 8);
	return id;
}

uint32_t btfw_tag(struct btfw *w, const char *text, uint32_t of)
{
	uint32_t id = btfw_type(w, text, KIND_DECL_TAG, 0, of);

	btfw_word(w, UINT32_MAX); /* the declaration itself, not a member or parameter of it */
	return id;
}

int btfw_write(const struct btfw *w, struct buf *b)
{
	uint32_t types = (uint32_t)w->types.len, strs = (uint32_t)w->strs.bytes.len;

	buf_put(b, MAGIC, 2, w->big_endian);
	buf_put(b, VERSION, 1, w->big_endian);
	buf_put(b, 0, 1, w->big_endian); /* flags */
	buf_put(b, HEADER_LEN, 4, w->big_endian);
	buf_put(b, 0, 4, w->big_endian); /* types: offset, length */
	buf_put(b, types, 4, w->big_endian);
	buf_put(b, types, 4, w->big_endian); /* strings: likewise */
	buf_put(b, strs, 4, w->big_endian);
	buf_add(b, w->types.data, types);
	buf_add(b, w->strs.bytes.data, strs);
	return buf_error(b);
}
