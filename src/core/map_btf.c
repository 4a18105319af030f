// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF from the plan of a spec. */
#include "core/map_btf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "core/codec_priv.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"

void map_btf_close(struct map_btf *b)
{
	if (b->fd > 0)
		close(b->fd);
	*b = (struct map_btf){};
}

static void btf_freep(struct btf **b)
{
	btf__free(*b);
	*b = NULL;
}

static int unsigned_int(struct btf *b, uint32_t size)
{
	char name[8];

	snprintf(name, sizeof(name), "u%u", size * 8);
	return btf__add_int(b, name, size, 0);
}

static int array_of(struct btf *b, int element, uint32_t n)
{
	int index = unsigned_int(b, 4);

	return index < 0 ? index : element < 0 ? element : btf__add_array(b, index, element, n);
}

/* { u32 prefixlen; u8 addr[]; }: the kernel wants a struct for the key of an lpm_trie. */
static int cidr(struct btf *b, const struct op *op)
{
	int length = unsigned_int(b, 4), addr = array_of(b, unsigned_int(b, 1), op->size - 4);
	int id = btf__add_struct(b, op->type_name, op->size);

	if (length < 0 || addr < 0 || id < 0 || btf__add_field(b, "prefixlen", length, 0, 0) ||
	    btf__add_field(b, "addr", addr, 32, 0))
		return -ENOMEM;
	return id;
}

static int named(struct btf *b, const struct op *op, int id)
{
	char name[16];

	/* le16 goes by the kernel's own word for it. */
	snprintf(name, sizeof(name), "%s%s", op->kind == OP_LE ? "__" : "",
		 op->type_name + (op->kind == OP_LE ? strspn(op->type_name, "_") : 0));
	return id < 0 ? id : btf__add_typedef(b, name, id);
}

static int add(struct btf *b, const struct codec *c, uint32_t i);

static int members(struct btf *b, const struct codec *c, uint32_t i)
{
	const struct op *op = &c->ops[i];
	int ids[256], n = 0, id;

	/* All types first: a struct's members must be added in one go. */
	for (uint32_t m = i + 1; m < op->next; m = c->ops[m].next) {
		if (n == countof(ids))
			return -E2BIG;
		ids[n] = add(b, c, m);
		if (ids[n] < 0)
			return ids[n];
		n++;
	}
	id = op->kind == OP_UNION ? btf__add_union(b, NULL, op->size)
				  : btf__add_struct(b, NULL, op->size);
	n = 0;
	for (uint32_t m = i + 1; id > 0 && m < op->next; m = c->ops[m].next) {
		const struct op *member = &c->ops[m];
		int r = btf__add_field(b, member->name, ids[n++], member->off * 8 + member->bit_off,
				       member->bits);

		if (r)
			return r;
	}
	return id;
}

static int add(struct btf *b, const struct codec *c, uint32_t i)
{
	const struct op *op = &c->ops[i];

	switch (op->kind) {
	case OP_UINT:
		return btf__add_int(b, op->type_name, op->size, 0);
	case OP_INT:
		return btf__add_int(b, op->type_name, op->size, BTF_INT_SIGNED);
	case OP_BOOL:
		return btf__add_int(b, op->type_name, op->size, BTF_INT_BOOL);
	case OP_FLOAT:
		return btf__add_float(b, op->type_name, op->size);
	case OP_PTR:
		return btf__add_ptr(b, 0);
	case OP_BE:
	case OP_LE:
	case OP_IP4:
		return named(b, op, unsigned_int(b, op->size));
	case OP_IP6:
	case OP_MAC:
		return named(b, op, array_of(b, unsigned_int(b, 1), op->size));
	case OP_CIDR:
		return cidr(b, op);
	case OP_BYTES:
		return array_of(b, unsigned_int(b, 1), op->size);
	case OP_ARRAY:
		return array_of(b, add(b, c, i + 1), op->count);
	default:
		return members(b, c, i);
	}
}

int map_btf_load(struct map_btf *b, const struct codec *key, const struct codec *value,
		 struct err *e)
{
	struct btf *btf __attribute__((cleanup(btf_freep))) = btf__new_empty();
	int k = 0, v, r;

	*b = (struct map_btf){};
	if (!btf)
		return err_worded(e, ENOMEM, "no memory for the types of the map");
	if (key)
		k = add(btf, key, 0);
	v = add(btf, value, 0);
	if (k < 0 || v < 0)
		return err_input(e, "no BTF can be made of the type of the %s",
				 k < 0 ? "key" : "value");
	r = btf__load_into_kernel(btf);
	if (r) {
		err_code(e, r, "the kernel does not take the types of the map");
		return probe_denied(e, NEED_BPF);
	}
	b->fd = sys_dup(btf__fd(btf));
	b->key = (uint32_t)k;
	b->value = (uint32_t)v;
	return b->fd < 0 ? err_sys(e, "no descriptor for the types of the map") : 0;
}
