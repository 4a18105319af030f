// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF check, second pass: types as they refer to each other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/btf_priv.h"

#define MAX_DEPTH 32 /* MAX_RESOLVE_DEPTH */

enum resolve_state { NOT_YET, IN_PROGRESS, RESOLVED };
/*
 * What ends a chain of references depends on where it began: a pointer need not know what is in
 * the struct it leads to, a struct need not know where the pointers in it lead.
 */
enum resolve_mode { MODE_NONE, MODE_PTR, MODE_AGGREGATE };

static int resolve(struct btf_check *c, uint32_t id);

static bool is_modifier(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return true;
	default:
		return false;
	}
}

static bool is_struct(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_UNION;
}

/* Only the start of a reference, never what is referred to. */
static bool is_source_only(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_VAR || btf_kind(t) == BTF_KIND_DECL_TAG ||
	       btf_kind(t) == BTF_KIND_DATASEC;
}

static bool needs_resolve(const struct btf_type *t)
{
	return is_modifier(t) || btf_kind(t) == BTF_KIND_PTR || is_struct(t) ||
	       btf_kind(t) == BTF_KIND_ARRAY || btf_kind(t) == BTF_KIND_FUNC || is_source_only(t);
}

static bool is_sink(const struct btf_check *c, const struct btf_type *t)
{
	switch (c->mode) {
	case MODE_PTR:
		return !is_modifier(t) && btf_kind(t) != BTF_KIND_PTR;
	case MODE_AGGREGATE:
		return !is_modifier(t) && btf_kind(t) != BTF_KIND_ARRAY && !is_struct(t);
	default:
		return !needs_resolve(t);
	}
}

/* Types of the base have been checked when it was loaded. */
static bool is_resolved(const struct btf_check *c, uint32_t id)
{
	return id < c->btf->start || c->state[id] == RESOLVED;
}

/* What id refers to, first. */
static int follow(struct btf_check *c, uint32_t id)
{
	uint32_t own = c->id;
	int err;

	if (is_sink(c, btf_type(c->btf, id)) || is_resolved(c, id))
		return 0;
	err = resolve(c, id);
	c->id = own;
	return err;
}

/* A chain of modifiers that a struct has followed may have stopped at a pointer. */
static int follow_chain(struct btf_check *c, uint32_t id)
{
	int err = follow(c, id);

	if (err || !is_modifier(btf_type(c->btf, id)))
		return err;
	id = btf_strip(c->btf, id);
	return btf_kind(btf_type(c->btf, id)) == BTF_KIND_PTR ? follow(c, id) : 0;
}

static const struct btf_type *target(struct btf_check *c, uint32_t id)
{
	const struct btf_type *t = btf_type(c->btf, id);

	return t && !is_source_only(t) ? t : NULL;
}

/* What no member and no element can be, without following it. */
static bool is_sizeless(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_UNKN:
	case BTF_KIND_FWD:
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO:
		return true;
	default:
		return false;
	}
}

static bool has_size(struct btf_check *c, uint32_t id)
{
	uint32_t size;

	return btf_size(c->btf, id, &size);
}

/* typedef, const and pointers: to what has a size, or to void, a forward or a prototype. */
static int resolve_ref(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_type *to;
	uint32_t id;
	int err;

	if (!target(c, t->type))
		return btf_say_type(c, t, "Invalid type_id");
	err = btf_kind(t) == BTF_KIND_PTR ? follow_chain(c, t->type) : follow(c, t->type);
	if (err || has_size(c, t->type))
		return err;
	id = btf_strip(c->btf, t->type);
	to = btf_type(c->btf, id);
	/* A function that has been looked at stands for its prototype. */
	if (btf_kind(to) != BTF_KIND_UNKN && btf_kind(to) != BTF_KIND_FWD &&
	    btf_kind(to) != BTF_KIND_FUNC_PROTO &&
	    (btf_kind(to) != BTF_KIND_FUNC || !is_resolved(c, id)))
		return btf_say_type(c, t, "Invalid type_id");
	return 0;
}

static int resolve_var(struct btf_check *c, const struct btf_type *t)
{
	int err;

	if (!target(c, t->type))
		return btf_say_type(c, t, "Invalid type_id");
	err = follow_chain(c, t->type);
	if (err)
		return err;
	return has_size(c, t->type) ? 0 : btf_say_type(c, t, "Invalid type_id");
}

static bool regular_int(const struct btf_type *t)
{
	uint32_t data = btf_int_data(t), bytes = BTF_INT_BITS(data) / 8;

	return BTF_INT_BITS(data) % 8 == 0 && !BTF_INT_OFFSET(data) && bytes && bytes <= 16 &&
	       (bytes & (bytes - 1)) == 0;
}

static int resolve_array(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_array *a = btf_tail(t);
	const struct btf_type *of;
	uint32_t size;
	int err;

	if (!target(c, a->index_type))
		return btf_say_type(c, t, "Invalid index");
	err = follow(c, a->index_type);
	if (err)
		return err;
	of = btf_type(c->btf, btf_strip(c->btf, a->index_type));
	if (btf_kind(of) != BTF_KIND_INT || !regular_int(of))
		return btf_say_type(c, t, "Invalid index");
	if (!target(c, a->type))
		return btf_say_type(c, t, "Invalid elem");
	err = follow(c, a->type);
	if (err)
		return err;
	if (!btf_size(c->btf, a->type, &size))
		return btf_say_type(c, t, "Invalid elem");
	of = btf_type(c->btf, btf_strip(c->btf, a->type));
	if (btf_kind(of) == BTF_KIND_INT && !regular_int(of))
		return btf_say_type(c, t, "Invalid array of int");
	if (a->nelems && size > UINT32_MAX / a->nelems)
		return btf_say_type(c, t, "Array size overflows U32_MAX");
	return 0;
}

/* ---- members ------------------------------------------------------------------------------- */

static int too_large(struct btf_check *c, const struct btf_type *t, const struct btf_member *m)
{
	return btf_say_member(c, t, m, "Member exceeds struct_size");
}

static int member_int(struct btf_check *c, const struct btf_type *t, const struct btf_member *m,
		      const struct btf_type *of)
{
	uint32_t data = btf_int_data(of), off = btf_bit_off(t, m), bits = BTF_INT_BITS(data);

	if (btf_kflag(t)) {
		if (!regular_int(of))
			return btf_say_member(c, t, m, "Invalid member base type");
		if (!btf_bit_size(t, m) && off % 8)
			return btf_say_member(c, t, m, "Invalid member offset");
		if (btf_bit_size(t, m) > bits)
			return btf_say_member(c, t, m, "Invalid member bitfield_size");
		if (btf_bit_size(t, m))
			bits = btf_bit_size(t, m);
	} else {
		if (UINT32_MAX - off < BTF_INT_OFFSET(data))
			return btf_say_member(c, t, m, "bits exceeds U32_MAX");
		off += BTF_INT_OFFSET(data);
	}
	bits += off % 8;
	if (bits > BTF_INT_BITS_MAX)
		return btf_say_member(c, t, m, "nr_copy_bits exceeds 128");
	if (t->size < off / 8 || t->size - off / 8 < (bits + 7) / 8)
		return too_large(c, t, m);
	return 0;
}

static int member_enum(struct btf_check *c, const struct btf_type *t, const struct btf_member *m,
		       const struct btf_type *of)
{
	uint32_t off = btf_bit_off(t, m), bits = btf_bit_size(t, m);

	if (!bits) {
		if (off % 8)
			return btf_say_member(c, t, m, "Member is not byte aligned");
		if (!btf_kflag(t))
			return t->size - off / 8 < of->size ? too_large(c, t, m) : 0;
		bits = 32;
	} else if (bits > 32) {
		return btf_say_member(c, t, m, "Invalid member bitfield_size");
	}
	return t->size < (off + bits + 7) / 8 ? too_large(c, t, m) : 0;
}

static int member_float(struct btf_check *c, const struct btf_type *t, const struct btf_member *m,
			const struct btf_type *of)
{
	uint32_t off = btf_bit_off(t, m), align = of->size;

	/* Aligned to its size, or to a pointer's where that is less. */
	if (align > BTF_PTR_SIZE || align & (align - 1))
		align = align == 12 ? 4 : BTF_PTR_SIZE;
	if (off % (align * 8))
		return btf_say_member(c, t, m, "Member is not properly aligned");
	return t->size - off / 8 < of->size ? too_large(c, t, m) : 0;
}

static int check_member(struct btf_check *c, const struct btf_type *t,
			const struct btf_member *as_is)
{
	uint32_t off = btf_bit_off(t, as_is), size, id = btf_strip(c->btf, as_is->type);
	const struct btf_type *of = btf_type(c->btf, id);
	struct btf_member resolved = *as_is, *m = &resolved;

	resolved.type = id;
	switch (btf_kind(of)) {
	case BTF_KIND_INT:
		return member_int(c, t, m, of);
	case BTF_KIND_ENUM:
	case KIND_ENUM64:
		return member_enum(c, t, m, of);
	case BTF_KIND_FLOAT:
	case BTF_KIND_PTR:
	case BTF_KIND_ARRAY:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		break;
	default:
		return btf_say_member(c, t, as_is, "Invalid member");
	}
	if (btf_bit_size(t, m))
		return btf_say_member(c, t, m, "Invalid member bitfield_size");
	if (btf_kind(of) == BTF_KIND_FLOAT)
		return member_float(c, t, m, of);
	if (off % 8)
		return btf_say_member(c, t, m, "Member is not byte aligned");
	if (!btf_size(c->btf, id, &size) || t->size - off / 8 < size)
		return too_large(c, t, m);
	return 0;
}

static int resolve_struct(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_member *m = btf_tail(t);

	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *of = target(c, m[i].type);
		int err;

		if (!of || is_sizeless(of))
			return btf_say_member(c, t, &m[i], "Invalid member");
		err = follow(c, m[i].type);
		if (!err)
			err = check_member(c, t, &m[i]);
		if (err)
			return err;
	}
	return 0;
}

/* ---- functions, tags, sections ------------------------------------------------------------- */

static int resolve_func(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_type *proto = btf_type(c->btf, t->type);
	const struct btf_param *p;

	if (!proto || btf_kind(proto) != BTF_KIND_FUNC_PROTO)
		return btf_say_type(c, t, "Invalid type_id");
	p = btf_tail(proto);
	for (unsigned int i = 0; i < btf_vlen(proto); i++)
		if (!p[i].name_off && p[i].type)
			return btf_say_type(c, t, "Invalid arg#%u", i + 1);
	return 0;
}

static int resolve_decl_tag(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_type *to = btf_type(c->btf, t->type);
	int32_t component = *(const int32_t *)btf_tail(t);
	unsigned int kind = to ? btf_kind(to) : 0;
	int err;

	if (!to || (!is_struct(to) && kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR &&
		    kind != BTF_KIND_TYPEDEF))
		return btf_say_type(c, t, "Invalid type_id");
	err = follow(c, t->type);
	if (err || component == -1)
		return err;
	if (kind == BTF_KIND_FUNC)
		to = btf_type(c->btf, to->type);
	if (kind == BTF_KIND_VAR || kind == BTF_KIND_TYPEDEF || (uint32_t)component >= btf_vlen(to))
		return btf_say_type(c, t, "Invalid component_idx");
	return 0;
}

static int resolve_datasec(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_var_secinfo *v = btf_tail(t);
	uint32_t size;

	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf_type(c->btf, v[i].type);
		int err;

		if (!var || btf_kind(var) != BTF_KIND_VAR)
			return btf_say_var(c, t, &v[i], "Not a VAR kind member");
		err = follow(c, v[i].type);
		if (err)
			return err;
		if (!btf_size(c->btf, var->type, &size))
			return btf_say_var(c, t, &v[i], "Invalid type");
		if (v[i].size < size)
			return btf_say_var(c, t, &v[i], "Invalid size");
	}
	return 0;
}

static int resolve_kind(struct btf_check *c, const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return resolve_struct(c, t);
	case BTF_KIND_ARRAY:
		return resolve_array(c, t);
	case BTF_KIND_VAR:
		return resolve_var(c, t);
	case BTF_KIND_FUNC:
		return resolve_func(c, t);
	case BTF_KIND_DECL_TAG:
		return resolve_decl_tag(c, t);
	case BTF_KIND_DATASEC:
		return resolve_datasec(c, t);
	default:
		return resolve_ref(c, t);
	}
}

static int resolve(struct btf_check *c, uint32_t id)
{
	const struct btf_type *t = btf_type(c->btf, id);
	int err;

	if (c->depth == MAX_DEPTH)
		return -E2BIG;
	if (c->state[id] != NOT_YET)
		return -EEXIST;
	c->state[id] = IN_PROGRESS;
	c->depth++;
	if (c->mode == MODE_NONE && btf_kind(t) == BTF_KIND_PTR)
		c->mode = MODE_PTR;
	else if (c->mode == MODE_NONE && (is_struct(t) || btf_kind(t) == BTF_KIND_ARRAY))
		c->mode = MODE_AGGREGATE;
	c->id = id;
	err = resolve_kind(c, t);
	c->depth--;
	if (!err)
		c->state[id] = RESOLVED;
	return err;
}

/* A chain from its start. */
static int resolve_root(struct btf_check *c, uint32_t id)
{
	uint32_t own = c->id;
	int err;

	c->mode = MODE_NONE;
	err = resolve(c, id);
	c->mode = MODE_NONE;
	c->id = id;
	if (err == -E2BIG)
		btf_say_type(c, btf_type(c->btf, id), "Exceeded max resolving depth:%u", MAX_DEPTH);
	else if (err == -EEXIST)
		btf_say_type(c, btf_type(c->btf, id), "Loop detected");
	c->id = own;
	return err;
}

static int check_value(struct btf_check *c, const struct btf_type *proto, uint32_t id,
		       const char *msg)
{
	const struct btf_type *t = target(c, id);
	int err = 0;

	if (!t)
		return btf_say_type(c, proto, "%s", msg);
	if (needs_resolve(t) && !is_resolved(c, id))
		err = resolve_root(c, id);
	if (err)
		return err;
	return has_size(c, id) ? 0 : btf_say_type(c, proto, "%s", msg);
}

static int check_proto(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_param *p = btf_tail(t);
	unsigned int n = btf_vlen(t);
	char msg[32];
	int err = t->type ? check_value(c, t, t->type, "Invalid return type") : 0;

	if (err || !n)
		return err;
	if (!p[n - 1].type) {
		if (p[n - 1].name_off)
			return btf_say_type(c, t, "Invalid arg#%u", n);
		n--;
	}
	for (unsigned int i = 0; i < n && !err; i++) {
		snprintf(msg, sizeof(msg), "Invalid arg#%u", i + 1);
		if (!target(c, p[i].type))
			return btf_say_type(c, t, "%s", msg);
		if (p[i].name_off &&
		    (!btf_name_ok(c->btf, p[i].name_off) || !btf_identifier(c->btf, p[i].name_off)))
			return btf_say_type(c, t, "%s", msg);
		err = check_value(c, t, p[i].type, msg);
	}
	return err;
}

/* Tags of a type stand in front of its modifiers. */
static int check_tags(struct btf_check *c, uint32_t id)
{
	const struct btf_type *t = btf_type(c->btf, id);
	bool tags = btf_kind(t) == BTF_KIND_TYPE_TAG;

	for (unsigned int i = 0; is_modifier(t) && i <= MAX_DEPTH; i++) {
		if (btf_kind(t) != BTF_KIND_TYPE_TAG)
			tags = false;
		else if (!tags)
			return btf_say(c, "Type tags don't precede modifiers");
		t = btf_type(c->btf, t->type);
	}
	return 0;
}

int btf_check_resolve(struct btf_check *c)
{
	int err = 0;

	c->state = calloc(c->btf->n, 1);
	if (!c->state)
		return -ENOMEM;
	for (uint32_t id = c->btf->start ?: 1; id < c->btf->n && !err; id++) {
		const struct btf_type *t = btf_type(c->btf, id);

		c->id = id;
		if (needs_resolve(t) && !is_resolved(c, id))
			err = resolve_root(c, id);
		if (!err && btf_kind(t) == BTF_KIND_FUNC_PROTO)
			err = check_proto(c, t);
	}
	for (uint32_t id = c->btf->start ?: 1; id < c->btf->n && !err; id++)
		err = check_tags(c, id);
	for (uint32_t id = c->btf->start ?: 1; id < c->btf->n && !err; id++)
		err = btf_check_fields(c->btf, id);
	free(c->state);
	c->state = NULL;
	return err;
}
