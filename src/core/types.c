// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF, through libbpf's reader. */
#include "core/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/obj.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi_info.h"

#define MAX_CHAIN 32 /* modifiers on top of each other; the kernel's own limit */

_Static_assert((int)T_ENUM64 == BTF_KIND_ENUM64, "kinds are BTF's numbers");

struct types {
	struct btf *btf;
	struct btf *base; /* owned too; NULL if there is none */
	bool borrowed;
};

static struct types *types_of(struct btf *btf)
{
	struct types *t = xcalloc(1, sizeof(*t));

	t->btf = btf;
	return t;
}

struct types *types_borrow(struct btf *btf)
{
	struct types *t = types_of(btf);

	t->borrowed = true;
	return t;
}

struct btf *types_btf(const struct types *t)
{
	return t->btf;
}

void types_freep(struct types **tp)
{
	struct types *t = *tp;

	if (!t)
		return;
	if (!t->borrowed)
		btf__free(t->btf);
	btf__free(t->base);
	freep(tp);
}

struct types *types_vmlinux(struct err *e)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (btf)
		return types_of(btf);
	err_code(e, errno, "cannot read the kernel's own types");
	if (access("/sys/kernel/btf/vmlinux", F_OK))
		err_hint(e, "there is no /sys/kernel/btf/vmlinux: this kernel was built without "
			    "CONFIG_DEBUG_INFO_BTF");
	return NULL;
}

/* The name of a kernel BTF object ("vmlinux", a module's); "" if it came from a program. */
static int name_of(uint32_t id, char *name, size_t size, struct err *e)
{
	auto_fd int fd = obj_open(OBJ_BTF, id, e);
	struct uapi_btf_info i = { .name = (uint64_t)(uintptr_t)name, .name_len = (uint32_t)size };
	int r;

	if (fd < 0)
		return fd;
	name[0] = '\0';
	r = sys_info(fd, &i, sizeof(i));
	if (r)
		return err_code(e, r, "cannot ask the kernel about BTF object %u", id);
	if (!i.kernel_btf)
		name[0] = '\0';
	return 0;
}

struct types *types_by_id(uint32_t id, struct err *e)
{
	struct btf *btf, *base = NULL;
	struct types *t;
	char name[64];

	if (name_of(id, name, sizeof(name), e))
		return NULL;
	if (name[0] && strcmp(name, "vmlinux") != 0) {
		base = btf__load_vmlinux_btf();
		if (!base) {
			err_code(e, errno, "cannot read the kernel's own types");
			return NULL;
		}
	}
	btf = base ? btf__load_from_kernel_by_id_split(id, base) : btf__load_from_kernel_by_id(id);
	if (!btf) {
		err_code(e, errno, "cannot read BTF object %u", id);
		probe_denied(e, NEED_SYS_ADMIN);
		btf__free(base);
		return NULL;
	}
	t = types_of(btf);
	t->base = base;
	return t;
}

struct types *types_raw(const void *data, size_t len, struct err *e)
{
	struct btf *btf = len <= UINT32_MAX ? btf__new(data, (uint32_t)len) : NULL;

	if (btf)
		return types_of(btf);
	err_input(e, "the BTF is damaged");
	return NULL;
}

uint32_t types_count(const struct types *t)
{
	return btf__type_cnt(t->btf);
}

static const char *name_at(const struct types *t, uint32_t off)
{
	const char *s = btf__name_by_offset(t->btf, off);

	return s ? s : "";
}

const char *types_string(const struct types *t, uint32_t off)
{
	return name_at(t, off);
}

static void int_of(const struct btf_type *b, struct type *type)
{
	type->bits = btf_int_bits(b);
	type->bit_off = btf_int_offset(b);
	type->flags = btf_int_encoding(b); /* the flags are BTF's bits */
	type->n = 0;
}

bool types_get(const struct types *t, uint32_t id, struct type *type)
{
	const struct btf_type *b = btf__type_by_id(t->btf, id);

	*type = (struct type){ .id = id, .name = "" };
	if (!id)
		return true;
	if (!b)
		return false;
	type->kind = (enum type_kind)btf_kind(b);
	type->name = name_at(t, b->name_off);
	type->n = btf_vlen(b);
	type->ref = b->type;
	switch (type->kind) {
	case T_INT:
		int_of(b, type);
		break;
	case T_ENUM:
	case T_ENUM64:
		type->flags = btf_kflag(b) ? TYPE_SIGNED : 0;
		break;
	case T_ARRAY:
		type->ref = btf_array(b)->type;
		type->n = btf_array(b)->nelems;
		return true;
	case T_FWD:
		type->is_union = btf_kflag(b);
		break;
	case T_DECL_TAG:
		type->component = btf_decl_tag(b)->component_idx;
		return true;
	case T_FUNC:
		type->linkage = btf_vlen(b);
		type->n = 0;
		return true;
	case T_VAR:
		type->linkage = btf_var(b)->linkage;
		return true;
	case T_STRUCT:
	case T_UNION:
	case T_DATASEC:
	case T_FLOAT:
		break;
	default:
		return type->kind <= T_ENUM64;
	}
	type->size = b->size;
	type->ref = 0;
	return true;
}

bool types_member(const struct types *t, const struct type *type, uint32_t i, struct type_member *m)
{
	const struct btf_type *b = btf__type_by_id(t->btf, type->id);
	struct type var;

	if (!b || i >= btf_vlen(b))
		return false;
	*m = (struct type_member){ .name = "" };
	switch (btf_kind(b)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		m->name = name_at(t, btf_members(b)[i].name_off);
		m->type = btf_members(b)[i].type;
		m->bit_off = btf_member_bit_offset(b, i);
		m->bits = btf_member_bitfield_size(b, i);
		return true;
	case BTF_KIND_DATASEC:
		m->type = btf_var_secinfos(b)[i].type;
		m->bit_off = (uint64_t)btf_var_secinfos(b)[i].offset * 8;
		if (!types_get(t, m->type, &var))
			return false;
		m->name = var.name;
		return true;
	case BTF_KIND_FUNC_PROTO:
		m->name = name_at(t, btf_params(b)[i].name_off);
		m->type = btf_params(b)[i].type;
		return true;
	}
	return false;
}

bool types_value(const struct types *t, const struct type *type, uint32_t i, const char **name,
		 int64_t *value)
{
	const struct btf_type *b = btf__type_by_id(t->btf, type->id);

	if (!b || i >= btf_vlen(b))
		return false;
	if (btf_kind(b) == BTF_KIND_ENUM64) {
		*name = name_at(t, btf_enum64(b)[i].name_off);
		*value = (int64_t)btf_enum64_value(&btf_enum64(b)[i]);
		return true;
	}
	if (btf_kind(b) != BTF_KIND_ENUM)
		return false;
	*name = name_at(t, btf_enum(b)[i].name_off);
	*value = btf_kflag(b) ? (int64_t)btf_enum(b)[i].val : (int64_t)(uint32_t)btf_enum(b)[i].val;
	return true;
}

uint32_t types_find_kind(const struct types *t, const char *name, enum type_kind kind)
{
	int id = btf__find_by_name_kind(t->btf, name, (uint32_t)kind);

	return id > 0 ? (uint32_t)id : 0;
}

uint32_t types_find(const struct types *t, const char *name)
{
	static const struct {
		const char *prefix;
		enum type_kind kind;
	} keywords[] = { { "struct ", T_STRUCT }, { "union ", T_UNION }, { "enum ", T_ENUM } };
	int id;

	for (size_t i = 0; i < countof(keywords); i++) {
		size_t n = strlen(keywords[i].prefix);

		if (strncmp(name, keywords[i].prefix, n) != 0)
			continue;
		id = (int)types_find_kind(t, name + n, keywords[i].kind);
		if (!id && keywords[i].kind == T_ENUM)
			id = (int)types_find_kind(t, name + n, T_ENUM64);
		return (uint32_t)id;
	}
	id = btf__find_by_name(t->btf, name);
	return id > 0 ? (uint32_t)id : 0;
}

bool types_strip(const struct types *t, uint32_t id, struct type *type)
{
	for (int i = 0; i < MAX_CHAIN; i++) {
		if (!types_get(t, id, type))
			return false;
		switch (type->kind) {
		case T_TYPEDEF:
		case T_VOLATILE:
		case T_CONST:
		case T_RESTRICT:
		case T_TYPE_TAG:
			id = type->ref;
			break;
		default:
			return true;
		}
	}
	return false;
}

int64_t types_size(const struct types *t, uint32_t id)
{
	uint64_t n = 1;
	struct type type;

	for (int i = 0; i < MAX_CHAIN; i++) {
		if (!types_strip(t, id, &type))
			return -EINVAL;
		switch (type.kind) {
		case T_INT:
		case T_FLOAT:
		case T_ENUM:
		case T_ENUM64:
		case T_STRUCT:
		case T_UNION:
		case T_DATASEC:
			return n * type.size > UINT32_MAX ? -E2BIG : (int64_t)(n * type.size);
		case T_PTR:
			return n * 8 > UINT32_MAX ? -E2BIG : (int64_t)(n * 8);
		case T_ARRAY:
			n *= type.n;
			if (n > UINT32_MAX)
				return -E2BIG;
			break;
		case T_VAR:
			break;
		default:
			return -EINVAL;
		}
		id = type.ref;
	}
	return -EINVAL;
}

static uint32_t align_of(const struct types *t, uint32_t id, int depth)
{
	struct type_member m;
	uint32_t most = 1;
	struct type type;

	if (depth > MAX_CHAIN || !types_strip(t, id, &type))
		return 1;
	switch (type.kind) {
	case T_INT:
	case T_FLOAT:
	case T_ENUM:
	case T_ENUM64:
		return type.size && type.size <= 16 && !(type.size & (type.size - 1)) ? type.size
										      : 1;
	case T_PTR:
		return 8;
	case T_ARRAY:
		return align_of(t, type.ref, depth + 1);
	case T_STRUCT:
	case T_UNION:
		for (uint32_t i = 0; i < type.n && most < 16; i++) {
			uint32_t a;

			if (!types_member(t, &type, i, &m))
				return 1;
			a = align_of(t, m.type, depth + 1);
			/* Where a member is not aligned the whole is packed. */
			if (!m.bits && m.bit_off / 8 % a)
				return 1;
			most = a > most ? a : most;
		}
		return type.size % most ? 1 : most;
	default:
		return 1;
	}
}

uint32_t types_align(const struct types *t, uint32_t id)
{
	return align_of(t, id, 0);
}
