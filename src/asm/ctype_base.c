// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The types that are there without being declared: those of C, their short names, contexts. */
#include "asm/ctype_base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "core/mem.h"
#include "uapi/names.h"

/* C on the BPF target: long has 8 bytes, char is signed. */
static const struct {
	const char *name;
	uint8_t kind, size, flags;
} c_types[] = {
	{ "void", CT_VOID, 0, 0 },
	{ "char", CT_INT, 1, CT_SIGNED | CT_CHAR },
	{ "signed char", CT_INT, 1, CT_SIGNED },
	{ "unsigned char", CT_INT, 1, 0 },
	{ "short", CT_INT, 2, CT_SIGNED },
	{ "unsigned short", CT_INT, 2, 0 },
	{ "int", CT_INT, 4, CT_SIGNED },
	{ "unsigned int", CT_INT, 4, 0 },
	{ "long", CT_INT, 8, CT_SIGNED },
	{ "unsigned long", CT_INT, 8, 0 },
	{ "long long", CT_INT, 8, CT_SIGNED },
	{ "unsigned long long", CT_INT, 8, 0 },
	{ "_Bool", CT_INT, 1, CT_BOOL },
	{ "float", CT_FLOAT, 4, 0 },
	{ "double", CT_FLOAT, 8, 0 },
};

/* In an order in which each is made of what came before; n: an array of so many. */
static const struct {
	const char *name, *of;
	uint32_t n;
} typedefs[] = {
	{ "__u8", "unsigned char", 0 },
	{ "__s8", "signed char", 0 },
	{ "__u16", "unsigned short", 0 },
	{ "__s16", "short", 0 },
	{ "__u32", "unsigned int", 0 },
	{ "__s32", "int", 0 },
	{ "__u64", "unsigned long long", 0 },
	{ "__s64", "long long", 0 },
	{ "u8", "__u8", 0 },
	{ "s8", "__s8", 0 },
	{ "u16", "__u16", 0 },
	{ "s16", "__s16", 0 },
	{ "u32", "__u32", 0 },
	{ "s32", "__s32", 0 },
	{ "u64", "__u64", 0 },
	{ "s64", "__s64", 0 },
	{ "uint8_t", "__u8", 0 },
	{ "uint16_t", "__u16", 0 },
	{ "uint32_t", "__u32", 0 },
	{ "uint64_t", "__u64", 0 },
	{ "int8_t", "__s8", 0 },
	{ "int16_t", "__s16", 0 },
	{ "int32_t", "__s32", 0 },
	{ "int64_t", "__s64", 0 },
	{ "size_t", "unsigned long", 0 },
	{ "bool", "_Bool", 0 },
	{ "__be16", "__u16", 0 },
	{ "__be32", "__u32", 0 },
	{ "__be64", "__u64", 0 },
	{ "__sum16", "__u16", 0 },
	{ "__wsum", "__u32", 0 },
	{ "be16", "__be16", 0 },
	{ "be32", "__be32", 0 },
	{ "be64", "__be64", 0 },
	{ "ip4", "__be32", 0 },
	{ "ip6", "__u8", 16 },
	{ "mac", "__u8", 6 },
};

static uint32_t find(const struct ctypes *t, const char *name)
{
	uint32_t type = 0;

	ctype_find(t, name, strlen(name), &type);
	return type;
}

static uint32_t add_typedef(struct ctypes *t, const char *name, uint32_t of)
{
	const struct ctype *c = ctype_get(t, of);
	struct ctype def = { .kind = CT_TYPEDEF, .size = c->size, .align = c->align, .ref = of };

	return ctype_add(t, &def, name, strlen(name));
}

/* The key of an LPM trie: cidr4 and cidr6. */
static int add_prefix(struct ctypes *t, const char *name, uint32_t address_bytes)
{
	uint32_t s = ctype_new(t, CT_STRUCT, NULL, 0, 0);
	uint32_t address = ctype_array(t, find(t, "__u8"), address_bytes);

	if (s == CTYPE_NONE || address == CTYPE_NONE ||
	    ctype_member(t, s, "prefixlen", 9, find(t, "__u32"), 0) != 0 ||
	    ctype_member(t, s, "addr", 4, address, 0) != 0 || ctype_finish(t, s) != 0)
		return -ENOMEM;
	return add_typedef(t, name, s) == CTYPE_NONE ? -ENOMEM : 0;
}

int ctype_add_base(struct ctypes *t)
{
	for (size_t i = 0; i < countof(c_types); i++) {
		struct ctype c = { .kind = c_types[i].kind,
				   .size = c_types[i].size,
				   .align = c_types[i].size,
				   .flags = c_types[i].flags };

		if (ctype_add(t, &c, c_types[i].name, strlen(c_types[i].name)) == CTYPE_NONE)
			return -ENOMEM;
	}
	for (size_t i = 0; i < countof(typedefs); i++) {
		uint32_t of = find(t, typedefs[i].of);

		if (typedefs[i].n)
			of = ctype_array(t, of, typedefs[i].n);
		if (of == CTYPE_NONE || add_typedef(t, typedefs[i].name, of) == CTYPE_NONE)
			return -ENOMEM;
	}
	return add_prefix(t, "cidr4", 4) || add_prefix(t, "cidr6", 16) ? -ENOMEM : 0;
}

/* The registers of the host have another name on some. */
static const char *const pt_regs_names[] = { "pt_regs", "user_pt_regs", "user_regs_struct" };

static const struct uapi_ctx_field *find_rows(const char *name, size_t len)
{
	const struct uapi_ctx_field *end = uapi_ctx_fields + uapi_nr_ctx_fields;

	for (const struct uapi_ctx_field *f = uapi_ctx_fields; f < end; f++)
		if (len && strlen(f->ctx) == len && memcmp(f->ctx, name, len) == 0 &&
		    (!*f->arch || strcmp(f->arch, uapi_host_arch()) == 0))
			return f;
	return NULL;
}

/* pt_regs, and what the headers call it inside other contexts, is the struct the host has. */
static const struct uapi_ctx_field *find_context(const char *name, size_t len)
{
	const struct uapi_ctx_field *rows = find_rows(name, len);

	if (rows || ((len != 7 || memcmp(name, "pt_regs", 7) != 0) &&
		     (len != 18 || memcmp(name, "bpf_user_pt_regs_t", 18) != 0)))
		return rows;
	for (size_t i = 0; i < countof(pt_regs_names) && !rows; i++)
		rows = find_rows(pt_regs_names[i], strlen(pt_regs_names[i]));
	return rows;
}

/* `void *`, or a struct that stays incomplete unless the source declares it. */
static uint32_t pointer_type(struct ctypes *t, const char *spelling, size_t len)
{
	uint32_t to = 0;

	if (len > 7 && memcmp(spelling, "struct ", 7) == 0) {
		spelling += 7;
		len -= 7;
		if (!ctype_find(t, spelling, len, &to))
			to = ctype_new(t, CT_STRUCT, spelling, len, 0);
	}
	return to == CTYPE_NONE ? to : ctype_ptr(t, to);
}

/* "__u32", "__u32[4]", "struct bpf_sock *", "bpf_user_pt_regs_t"; CTYPE_NONE: no memory. */
static uint32_t field_type(struct ctypes *t, const char *spelling)
{
	size_t len = strcspn(spelling, "[*");
	const char *rest = spelling + len;
	uint32_t type = 0;

	if (*rest == '*')
		return pointer_type(t, spelling, len - 1);
	if (!ctype_find(t, spelling, len, &type) &&
	    ctype_context(t, spelling, len, &type) == -ENOMEM)
		return CTYPE_NONE;
	return *rest == '[' ? ctype_array(t, type, (uint32_t)strtoul(rest + 1, NULL, 10)) : type;
}

/* A row, or several that spell out an array: args[0], args[1] ...  Returns the rows used. */
static int add_field(struct ctypes *t, uint32_t to, const struct uapi_ctx_field *f)
{
	const struct uapi_ctx_field *end = uapi_ctx_fields + uapi_nr_ctx_fields;
	uint32_t type = field_type(t, f->type);
	size_t len = strcspn(f->name, "[");
	int n = 1;

	while (f->name[len] && f + n < end && strncmp(f[n].name, f->name, len + 1) == 0)
		n++;
	if (f->name[len] && type != CTYPE_NONE)
		type = ctype_array(t, type, (uint32_t)n);
	if (type == CTYPE_NONE || ctype_member_at(t, to, f->name, len, type, f->off) != 0)
		return -ENOMEM;
	return n;
}

/* The table is read to where the next struct begins. */
int ctype_context(struct ctypes *t, const char *name, size_t len, uint32_t *type)
{
	const struct uapi_ctx_field *end = uapi_ctx_fields + uapi_nr_ctx_fields;
	const struct uapi_ctx_field *f = find_context(name, len);
	int n = 1;

	if (!f)
		return -ENOENT;
	/* A pointer to it may have been seen before, which left it incomplete. */
	if (!ctype_find(t, name, len, type))
		*type = ctype_new(t, CT_STRUCT, name, len, 0);
	if (*type == CTYPE_NONE)
		return -ENOMEM;
	if (ctype_get(t, *type)->size)
		return 0;
	for (f++; f < end && *f->name; f += n) {
		n = add_field(t, *type, f);
		if (n < 0)
			return n;
	}
	return ctype_finish(t, *type);
}
