// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF check, first pass: each type by itself. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/mem.h"
#include "sim/btf_priv.h"

#define INFO_MASK 0x9f00ffffu
#define INT_MASK 0x0fffffffu
#define MAX_NAME 512 /* KSYM_NAME_LEN */
#define ENOTSUPP_ 524

static bool type_ok(uint32_t id)
{
	return id <= BTF_MAX_TYPE;
}

static int enough(struct btf_check *c, const struct btf_type *t, uint32_t left, uint32_t needed)
{
	char text[64];

	if (left >= needed)
		return 0;
	snprintf(text, sizeof(text), "meta_left:%u meta_needed:%u", left, needed);
	return btf_say_basic(c, t, text);
}

/* The kernel's letters are those of Latin-1. */
bool btf_is_letter(unsigned char ch)
{
	return isalpha(ch) || (ch >= 0xc0 && ch != 0xd7 && ch != 0xf7);
}

bool btf_identifier(const struct btf *b, uint32_t off)
{
	const char *s = btf_name(b, off);
	size_t n = 0;

	for (; n < MAX_NAME && s[n]; n++)
		if (!btf_is_letter((unsigned char)s[n]) && s[n] != '_' && s[n] != '.' &&
		    (n == 0 || !isdigit((unsigned char)s[n])))
			return false;
	return n && !s[n];
}

static bool section_name(const struct btf *b, uint32_t off)
{
	const char *s = btf_name(b, off);
	size_t n = 0;

	for (; n < MAX_NAME && s[n]; n++)
		if (!isprint((unsigned char)s[n]) && (unsigned char)s[n] < 0xa0)
			return false;
	return n && !s[n];
}

static int check_int(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	uint32_t data, bits, encoding;
	int err = enough(c, t, left, 4);

	if (err)
		return err;
	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	data = btf_int_data(t);
	if (data & ~INT_MASK) {
		char text[32];

		snprintf(text, sizeof(text), "Invalid int_data:%x", data);
		return btf_say_basic(c, t, text);
	}
	bits = BTF_INT_BITS(data) + BTF_INT_OFFSET(data);
	if (bits > BTF_INT_BITS_MAX)
		return btf_say_type(c, t, "nr_bits exceeds %d", BTF_INT_BITS_MAX);
	if ((bits + 7) / 8 > t->size)
		return btf_say_type(c, t, "nr_bits exceeds type_size");
	encoding = BTF_INT_ENCODING(data);
	if (encoding & (encoding - 1) || encoding > BTF_INT_BOOL) {
		btf_say_type(c, t, "Unsupported encoding");
		return -ENOTSUPP_;
	}
	btf_say_type(c, t, NULL);
	return 4;
}

static int check_ref(struct btf_check *c, const struct btf_type *t)
{
	unsigned int kind = btf_kind(t);

	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (btf_kflag(t) && kind != BTF_KIND_TYPE_TAG)
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	if (!type_ok(t->type))
		return btf_say_type(c, t, "Invalid type_id");
	if (kind == BTF_KIND_TYPEDEF	? !t->name_off || !btf_identifier(c->btf, t->name_off)
	    : kind == BTF_KIND_TYPE_TAG ? !*btf_name(c->btf, t->name_off)
					: t->name_off != 0)
		return btf_say_type(c, t, "Invalid name");
	btf_say_type(c, t, NULL);
	return 0;
}

static int check_fwd(struct btf_check *c, const struct btf_type *t)
{
	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (t->type)
		return btf_say_type(c, t, "type != 0");
	if (!t->name_off || !btf_identifier(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid name");
	btf_say_type(c, t, NULL);
	return 0;
}

static int check_array(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	const struct btf_array *a = btf_tail(t);
	int err = enough(c, t, left, sizeof(*a));

	if (err)
		return err;
	if (t->name_off)
		return btf_say_type(c, t, "Invalid name");
	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	if (t->size)
		return btf_say_type(c, t, "size != 0");
	if (!a->type || !type_ok(a->type))
		return btf_say_type(c, t, "Invalid elem");
	if (!a->index_type || !type_ok(a->index_type))
		return btf_say_type(c, t, "Invalid index");
	btf_say_type(c, t, NULL);
	return sizeof(*a);
}

static int check_member(struct btf_check *c, const struct btf_type *t, const struct btf_member *m,
			uint32_t *last)
{
	uint32_t off = btf_bit_off(t, m);
	char text[48];

	if (!btf_name_ok(c->btf, m->name_off)) {
		snprintf(text, sizeof(text), "Invalid member name_offset:%u", m->name_off);
		return btf_say_member(c, t, m, text);
	}
	if (m->name_off && !btf_identifier(c->btf, m->name_off))
		return btf_say_member(c, t, m, "Invalid name");
	if (!m->type || !type_ok(m->type))
		return btf_say_member(c, t, m, "Invalid type_id");
	if ((btf_kind(t) == BTF_KIND_UNION && off) || *last > off)
		return btf_say_member(c, t, m, "Invalid member bits_offset");
	if (off / 8 + (off % 8 != 0) > t->size)
		return btf_say_member(c, t, m, "Member bits_offset exceeds its struct size");
	btf_say_member(c, t, m, NULL);
	*last = off;
	return 0;
}

static int check_struct(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	const struct btf_member *m = btf_tail(t);
	uint32_t needed = (uint32_t)(btf_vlen(t) * sizeof(*m)), last = 0;
	int err = enough(c, t, left, needed);

	if (err)
		return err;
	if (t->name_off && !btf_identifier(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid name");
	btf_say_type(c, t, NULL);
	for (unsigned int i = 0; i < btf_vlen(t) && !err; i++)
		err = check_member(c, t, &m[i], &last);
	return err ? err : (int)needed;
}

/* Enumerators of either width are a name and one or two words. */
static int check_enum(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	bool wide = btf_kind(t) == KIND_ENUM64;
	unsigned int words = wide ? 3 : 2;
	uint32_t needed = btf_vlen(t) * words * 4;
	int err = enough(c, t, left, needed);

	if (err)
		return err;
	if (t->size > 8 || !t->size || t->size & (t->size - 1))
		return btf_say_type(c, t, "Unexpected size");
	if (t->name_off && !btf_identifier(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid name");
	btf_say_type(c, t, NULL);
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const uint32_t *w = (const uint32_t *)btf_tail(t) + (size_t)i * words;
		int64_t v = wide	   ? (int64_t)(w[1] | (uint64_t)w[2] << 32)
			    : btf_kflag(t) ? (int64_t)(int32_t)w[1]
					   : (int64_t)w[1];

		if (!btf_name_ok(c->btf, w[0]))
			return btf_say(c, "\tInvalid name_offset:%u", w[0]);
		if (!w[0] || !btf_identifier(c->btf, w[0]))
			return btf_say_type(c, t, "Invalid name");
		if (btf_kflag(t))
			btf_say(c, "\t%s val=%" PRId64 "\n", btf_name(c->btf, w[0]), v);
		else
			btf_say(c, "\t%s val=%" PRIu64 "\n", btf_name(c->btf, w[0]), (uint64_t)v);
	}
	return (int)needed;
}

static int check_proto(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	uint32_t needed = (uint32_t)(btf_vlen(t) * sizeof(struct btf_param));
	int err = enough(c, t, left, needed);

	if (err)
		return err;
	if (t->name_off)
		return btf_say_type(c, t, "Invalid name");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	btf_say_type(c, t, NULL);
	return (int)needed;
}

static int check_func(struct btf_check *c, const struct btf_type *t)
{
	if (!t->name_off || !btf_identifier(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid name");
	if (btf_vlen(t) > BTF_FUNC_GLOBAL)
		return btf_say_type(c, t, "Invalid func linkage");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	btf_say_type(c, t, NULL);
	return 0;
}

static int check_var(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	const struct btf_var *v = btf_tail(t);
	int err = enough(c, t, left, sizeof(*v));

	if (err)
		return err;
	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	if (!t->name_off || !btf_identifier(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid name");
	if (!t->type || !type_ok(t->type))
		return btf_say_type(c, t, "Invalid type_id");
	if (v->linkage != BTF_VAR_STATIC && v->linkage != BTF_VAR_GLOBAL_ALLOCATED)
		return btf_say_type(c, t, "Linkage not supported");
	btf_say_type(c, t, NULL);
	return sizeof(*v);
}

static int check_secinfo(struct btf_check *c, const struct btf_type *t,
			 const struct btf_var_secinfo *v, uint64_t *end)
{
	if (!v->type || !type_ok(v->type))
		return btf_say_var(c, t, v, "Invalid type_id");
	if (v->offset < *end || v->offset >= t->size)
		return btf_say_var(c, t, v, "Invalid offset");
	if (!v->size || v->size > t->size)
		return btf_say_var(c, t, v, "Invalid size");
	*end = (uint64_t)v->offset + v->size;
	if (*end > t->size)
		return btf_say_var(c, t, v, "Invalid offset+size");
	btf_say_var(c, t, v, NULL);
	return 0;
}

static int check_datasec(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	const struct btf_var_secinfo *v = btf_tail(t);
	uint32_t needed = (uint32_t)(btf_vlen(t) * sizeof(*v));
	uint64_t end = 0, sum = 0;
	int err = enough(c, t, left, needed);

	if (err)
		return err;
	if (!t->size)
		return btf_say_type(c, t, "size == 0");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	if (!t->name_off || !section_name(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid name");
	btf_say_type(c, t, NULL);
	for (unsigned int i = 0; i < btf_vlen(t) && !err; i++) {
		err = check_secinfo(c, t, &v[i], &end);
		sum += v[i].size;
	}
	if (err)
		return err;
	if (t->size < sum)
		return btf_say_type(c, t, "Invalid btf_info size");
	return (int)needed;
}

static int check_float(struct btf_check *c, const struct btf_type *t)
{
	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (btf_kflag(t))
		return btf_say_type(c, t, "Invalid btf_info kind_flag");
	if (t->size != 2 && t->size != 4 && t->size != 8 && t->size != 12 && t->size != 16)
		return btf_say_type(c, t, "Invalid type_size");
	btf_say_type(c, t, NULL);
	return 0;
}

static int check_decl_tag(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	int err = enough(c, t, left, 4);

	if (err)
		return err;
	if (!*btf_name(c->btf, t->name_off))
		return btf_say_type(c, t, "Invalid value");
	if (btf_vlen(t))
		return btf_say_type(c, t, "vlen != 0");
	if (*(const int32_t *)btf_tail(t) < -1)
		return btf_say_type(c, t, "Invalid component_idx");
	btf_say_type(c, t, NULL);
	return 4;
}

static int check_kind(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return check_int(c, t, left);
	case BTF_KIND_ARRAY:
		return check_array(c, t, left);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return check_struct(c, t, left);
	case BTF_KIND_ENUM:
	case KIND_ENUM64:
		return check_enum(c, t, left);
	case BTF_KIND_FWD:
		return check_fwd(c, t);
	case BTF_KIND_FUNC:
		return check_func(c, t);
	case BTF_KIND_FUNC_PROTO:
		return check_proto(c, t, left);
	case BTF_KIND_VAR:
		return check_var(c, t, left);
	case BTF_KIND_DATASEC:
		return check_datasec(c, t, left);
	case BTF_KIND_FLOAT:
		return check_float(c, t);
	case BTF_KIND_DECL_TAG:
		return check_decl_tag(c, t, left);
	default:
		return check_ref(c, t);
	}
}

int btf_check_meta(struct btf_check *c, const struct btf_type *t, uint32_t left)
{
	int n;

	if (left < sizeof(*t))
		return btf_say(c, "[%u] meta_left:%u meta_needed:%zu", c->id, left, sizeof(*t));
	if (t->info & ~INFO_MASK)
		return btf_say(c, "[%u] Invalid btf_info:%x", c->id, t->info);
	if (!btf_kind(t) || btf_kind(t) > KIND_ENUM64)
		return btf_say(c, "[%u] Invalid kind:%u", c->id, btf_kind(t));
	if (!btf_name_ok(c->btf, t->name_off))
		return btf_say(c, "[%u] Invalid name_offset:%u", c->id, t->name_off);
	n = check_kind(c, t, left - (uint32_t)sizeof(*t));
	return n < 0 ? n : n + (int)sizeof(*t);
}
