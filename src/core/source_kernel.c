// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF in the assembler's words. */
#include "core/source_kernel.h"

#include <errno.h>
#include <string.h>

#include "asm/unit.h"
#include "core/buf.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/types.h"

/* A kernel without BTF has no types: whoever asks is told that it does not know the name. */
static const struct types *types_of(void *arg)
{
	struct types **types = arg;
	struct err ignored = {};

	if (!*types)
		*types = types_vmlinux(&ignored);
	err_clear(&ignored);
	return *types;
}

static uint32_t find(void *arg, const char *name)
{
	static const enum type_kind kinds[] = { T_STRUCT, T_UNION, T_ENUM, T_ENUM64, T_TYPEDEF };
	const struct types *t = types_of(arg);
	uint32_t id = 0;

	for (size_t i = 0; t && !id && i < sizeof(kinds) / sizeof(*kinds); i++)
		id = types_find_kind(t, name, kinds[i]);
	return id;
}

static bool get(void *arg, uint32_t id, struct kernel_type *to)
{
	static const enum kernel_kind kinds[] = {
		[T_INT] = KERNEL_INT,	     [T_PTR] = KERNEL_PTR,
		[T_ARRAY] = KERNEL_ARRAY,    [T_STRUCT] = KERNEL_STRUCT,
		[T_UNION] = KERNEL_UNION,    [T_ENUM] = KERNEL_ENUM,
		[T_FWD] = KERNEL_FWD,	     [T_TYPEDEF] = KERNEL_TYPEDEF,
		[T_VOLATILE] = KERNEL_ALIAS, [T_CONST] = KERNEL_ALIAS,
		[T_RESTRICT] = KERNEL_ALIAS, [T_TYPE_TAG] = KERNEL_ALIAS,
		[T_ENUM64] = KERNEL_ENUM,
	};
	const struct types *t = types_of(arg);
	struct type type;

	if (!t || !types_get(t, id, &type))
		return false;
	*to = (struct kernel_type){
		.kind = kinds[type.kind],
		.name = type.name,
		.size = type.size,
		.ref = type.ref,
		.n = type.n,
		.is_signed = type.flags & TYPE_SIGNED,
	};
	return true;
}

static bool member(void *arg, uint32_t id, uint32_t i, struct kernel_member *to)
{
	const struct types *t = types_of(arg);
	struct type_member m;
	struct type type;

	if (!t || !types_get(t, id, &type) || i >= type.n || !types_member(t, &type, i, &m))
		return false;
	*to = (struct kernel_member){ m.name, m.type, (uint32_t)m.bit_off, m.bits };
	return true;
}

static bool value(void *arg, uint32_t id, uint32_t i, const char **name, int64_t *v)
{
	const struct types *t = types_of(arg);
	struct type type;

	return t && types_get(t, id, &type) && i < type.n && types_value(t, &type, i, name, v);
}

/* A file is BTF as the kernel exports it, or an object that has some. */
static int read_file(struct types **types, const char *path, struct err *e)
{
	auto_buf struct buf b = {};
	auto_elf_file struct elf_file *elf = NULL;
	struct elf_section s;
	const void *bytes;
	size_t len;
	int r = file_read(path, FILE_MAX, &b, e);

	if (r < 0)
		return r;
	bytes = b.data;
	len = b.len;
	if (b.len > 4 && memcmp(b.data, "\177ELF", 4) == 0) {
		elf = elf_file_open_mem(path, b.data, b.len, e);
		if (!elf)
			return -EINVAL;
		if (!elf_file_find(elf, ".BTF", &s))
			return err_input(e, "%s has no BTF", path);
		bytes = elf_file_bytes(elf, s.index, &len);
	}
	*types = types_raw(bytes, len, e);
	return *types ? 0 : -EINVAL;
}

int source_kernel(struct types **types, const char *path, struct kernel_types *to, struct err *e)
{
	*to = (struct kernel_types){ find, get, member, value, types };
	return path ? read_file(types, path, e) : 0;
}
