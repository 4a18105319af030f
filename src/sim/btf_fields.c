// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The fields of map values that only the kernel may write, as BTF names their types. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "sim/btf_priv.h"
#include "sim/map.h"

#define MAX_FIELDS 11 /* BTF_FIELDS_MAX */
#define MAX_DEPTH 8   /* of structs in structs that are looked into */

struct search {
	const struct btf *b;
	struct map_fields *found;
	unsigned int n;
	uint32_t seen; /* a bit for each row of named[] */
};

#define NO_FIELD -1 /* of objects only */

static const struct named {
	const char *name;
	int kind; /* enum map_field_kind, or NO_FIELD */
	uint32_t size, align;
	bool once;	/* in a value */
	bool of_object; /* also in what bpf_obj_new() makes */
} named[] = {
	{ "bpf_spin_lock", MAP_FIELD_SPIN_LOCK, 4, 4, true, true },
	{ "bpf_res_spin_lock", MAP_FIELD_RES_SPIN_LOCK, 8, 4, true, true },
	{ "bpf_timer", MAP_FIELD_TIMER, 16, 8, true, false },
	{ "bpf_wq", MAP_FIELD_WQ, 16, 8, true, false },
	{ "bpf_task_work", MAP_FIELD_TASK_WORK, 8, 8, true, false },
	{ "bpf_refcount", MAP_FIELD_REFCOUNT, 4, 4, true, true },
	{ "bpf_list_head", MAP_FIELD_LIST_HEAD, 16, 8, false, true },
	{ "bpf_list_node", NO_FIELD, 24, 8, false, true },
	{ "bpf_rb_root", MAP_FIELD_RB_ROOT, 16, 8, false, true },
	{ "bpf_rb_node", NO_FIELD, 32, 8, false, true },
};

static int add(struct search *s, enum map_field_kind kind, uint32_t off, uint32_t size,
	       uint32_t btf_id)
{
	if (s->found->n == MAX_FIELDS)
		return -E2BIG;
	s->found->field[s->found->n++] = (struct map_field){ kind, off, size, btf_id };
	return 1;
}

static int look(struct search *s, uint32_t id, uint32_t off, unsigned int depth);

static const struct named *named_of(const struct btf *b, const struct btf_type *t)
{
	for (size_t i = 0; i < countof(named); i++)
		if (btf_kind(t) == BTF_KIND_STRUCT &&
		    strcmp(btf_name(b, t->name_off), named[i].name) == 0)
			return &named[i];
	return NULL;
}

/* One of another size only has the name, and is as good as no field.  1: noted. */
static int note_named(struct search *s, const struct named *n, const struct btf_type *t,
		      uint32_t off)
{
	uint32_t bit = 1u << (n - named);

	if (t->size != n->size)
		return 0;
	if (n->once && s->seen & bit)
		return -E2BIG;
	if (off % n->align)
		return -EINVAL;
	s->seen |= bit;
	if (n->kind == NO_FIELD)
		return 1;
	return add(s, (enum map_field_kind)n->kind, off, n->size, 0);
}

/* A pointer whose type has a tag. */
static int note_ptr(struct search *s, const struct btf_type *ptr, uint32_t off)
{
	static const struct {
		const char *tag;
		enum map_field_kind kind;
	} tags[] = {
		{ "kptr_untrusted", MAP_FIELD_KPTR_UNREF },
		{ "kptr", MAP_FIELD_KPTR_REF },
		{ "percpu_kptr", MAP_FIELD_KPTR_PERCPU },
		{ "uptr", MAP_FIELD_UPTR },
	};
	const struct btf_type *tag = btf_type(s->b, ptr->type);

	if (!tag || btf_kind(tag) != BTF_KIND_TYPE_TAG)
		return 0;
	for (size_t i = 0; i < countof(tags); i++) {
		if (strcmp(btf_name(s->b, tag->name_off), tags[i].tag) != 0)
			continue;
		if (off % BTF_PTR_SIZE)
			return -EINVAL;
		return add(s, tags[i].kind, off, BTF_PTR_SIZE, btf_strip(s->b, tag->type));
	}
	return 0;
}

static int look_members(struct search *s, const struct btf_type *t, uint32_t off,
			unsigned int depth)
{
	const struct btf_member *m = btf_tail(t);
	int err = 0;

	for (unsigned int i = 0; i < btf_vlen(t) && !err; i++)
		if (!btf_bit_size(t, &m[i]))
			err = look(s, m[i].type, off + btf_bit_off(t, &m[i]) / 8, depth + 1);
	return err;
}

static int look_elements(struct search *s, const struct btf_type *t, uint32_t off,
			 unsigned int depth)
{
	const struct btf_array *a = btf_tail(t);
	unsigned int before = s->n;
	uint32_t size;
	int err = 0;

	if (!btf_size(s->b, a->type, &size))
		return 0;
	for (uint32_t i = 0; i < a->nelems && !err; i++) {
		err = look(s, a->type, off + i * size, depth + 1);
		if (s->n == before)
			break; /* nor will there be one in the next */
	}
	return err;
}

static int look(struct search *s, uint32_t id, uint32_t off, unsigned int depth)
{
	const struct btf_type *t = btf_type(s->b, btf_strip(s->b, id));
	int r;

	if (!t || depth > MAX_DEPTH)
		return 0;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		if (!named_of(s->b, t))
			return look_members(s, t, off, depth);
		r = note_named(s, named_of(s->b, t), t, off);
		break;
	case BTF_KIND_UNION:
		return look_members(s, t, off, depth);
	case BTF_KIND_ARRAY:
		return look_elements(s, t, off, depth);
	case BTF_KIND_PTR:
		r = note_ptr(s, t, off);
		break;
	default:
		return 0;
	}
	if (r > 0)
		s->n++;
	if (s->n > MAX_FIELDS)
		return -E2BIG;
	return r < 0 ? r : 0;
}

static int search(struct search *s, uint32_t id)
{
	s->found = calloc(1, sizeof(*s->found) + MAX_FIELDS * sizeof(s->found->field[0]));
	return s->found ? look(s, id, 0, 0) : -ENOMEM;
}

static int by_offset(const void *a, const void *b)
{
	const struct map_field *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

int btf_map_fields(const struct btf *b, uint32_t id, struct map_fields **fields)
{
	struct search s = { .b = b };
	int err = search(&s, id);

	*fields = NULL;
	if (err || !s.found->n) {
		free(s.found);
		return err;
	}
	qsort(s.found->field, s.found->n, sizeof(s.found->field[0]), by_offset);
	*fields = s.found;
	return 0;
}

int btf_check_fields(const struct btf *b, uint32_t id)
{
	const struct btf_type *t = btf_type(b, id);
	const struct btf_member *m = btf_tail(t);
	struct search s = { .b = b };
	bool any = false;
	int err;

	if (btf_kind(t) != BTF_KIND_STRUCT)
		return 0;
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const struct named *n = named_of(b, btf_type(b, m[i].type));

		any = any || (n && n->of_object);
	}
	if (!any)
		return 0;
	err = search(&s, id);
	free(s.found);
	if (err)
		return err;
	return s.n ? 0 : -EFAULT;
}
