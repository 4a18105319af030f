// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The .def files as arrays, and look-ups in them. */
#include "uapi/names.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define PROG_TYPE(id, name, since, context, returns) { id, #name, since, context, returns },
const struct uapi_prog_type_info uapi_prog_types[] = {
#include "uapi/prog_types.def"
};
const size_t uapi_nr_prog_types = COUNT(uapi_prog_types);

#define MAP_TYPE(id, name, since, percpu, key, value, max_entries)                                 \
	{ id, #name, since, percpu, key, value, max_entries },
const struct uapi_map_type_info uapi_map_types[] = {
#include "uapi/map_types.def"
};
const size_t uapi_nr_map_types = COUNT(uapi_map_types);

#define ATTACH_TYPE(id, name, since, prog_type, link_type)                                         \
	{ id, #name, since, prog_type, link_type },
const struct uapi_attach_type_info uapi_attach_types[] = {
#include "uapi/attach_types.def"
};
const size_t uapi_nr_attach_types = COUNT(uapi_attach_types);

#define LINK_TYPE(id, name, since) { id, #name, since },
const struct uapi_link_type_info uapi_link_types[] = {
#include "uapi/link_types.def"
};
const size_t uapi_nr_link_types = COUNT(uapi_link_types);

#define SECTION(pattern, type, attach, sleepable, auto_attach, example)                            \
	{ pattern, UAPI_PROG_##type, #type, attach, sleepable, auto_attach, example },
const struct uapi_section uapi_sections[] = {
#include "uapi/sections.def"
};
const size_t uapi_nr_sections = COUNT(uapi_sections);

#define HELPER(id, name, returns, args, flags, since, category, help)                              \
	{ id, flags, "bpf_" #name, returns, args, since, category, help },
const struct uapi_helper uapi_helpers[] = {
#include "uapi/helpers.def"
};
const size_t uapi_nr_helpers = COUNT(uapi_helpers);

#define P(type) (1ull << UAPI_PROG_##type)
#define HELPER_SET(set, types) HELPERS_##set = types,
#define HELPER_USE(id, set, limits)
enum helper_set {
#include "uapi/helper_progs.def"
};
#undef HELPER_SET
#undef HELPER_USE
#define HELPER_SET(set, types)
#define HELPER_USE(id, set, limits) [(id)-1] = { HELPERS_##set, limits },
const struct uapi_helper_use uapi_helper_uses[] = {
#include "uapi/helper_progs.def"
};
_Static_assert(COUNT(uapi_helper_uses) == COUNT(uapi_helpers), "a row for every helper");

#define CONST(name, value, group, used_by) { value, #name, group },
const struct uapi_const uapi_consts[] = {
#include "uapi/consts.def"
};
const size_t uapi_nr_consts = COUNT(uapi_consts);

#define CTX(name, arch) { #name, arch, "", 0, 0, "" },
#define CTX_FIELD(name, off, size, type) { "", "", name, off, size, type },
#define CTX_END
const struct uapi_ctx_field uapi_ctx_fields[] = {
#include "uapi/ctx.def"
};
const size_t uapi_nr_ctx_fields = COUNT(uapi_ctx_fields);

#define NAMED(fn, table)                                                                           \
	const char *fn(uint32_t id)                                                                \
	{                                                                                          \
		for (size_t i = 0; i < COUNT(table); i++)                                          \
			if (table[i].id == id)                                                     \
				return table[i].name;                                              \
		return NULL;                                                                       \
	}
NAMED(uapi_prog_type_name, uapi_prog_types)
NAMED(uapi_map_type_name, uapi_map_types)
NAMED(uapi_attach_type_name, uapi_attach_types)
NAMED(uapi_link_type_name, uapi_link_types)

const char *uapi_helper_name(uint32_t id)
{
	return id - 1 < COUNT(uapi_helpers) ? uapi_helpers[id - 1].name : NULL;
}

#define NUMBERED(fn, table)                                                                        \
	int fn(const char *name)                                                                   \
	{                                                                                          \
		for (size_t i = 0; i < COUNT(table); i++)                                          \
			if (strcmp(table[i].name, name) == 0)                                      \
				return (int)table[i].id;                                           \
		return -1;                                                                         \
	}
NUMBERED(uapi_prog_type, uapi_prog_types)
NUMBERED(uapi_map_type, uapi_map_types)

const struct uapi_attach_type_info *uapi_attach_type_find(const char *name)
{
	for (size_t i = 0; i < COUNT(uapi_attach_types); i++)
		if (strcmp(uapi_attach_types[i].name, name) == 0)
			return &uapi_attach_types[i];
	return NULL;
}

int uapi_attach_type(const char *name)
{
	const struct uapi_attach_type_info *t = uapi_attach_type_find(name);

	return t ? (int)t->id : -1;
}

static bool matches(const char *pattern, const char *name, const char **extra)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '+') {
		n--;
		if (strncmp(pattern, name, n) != 0 || (name[n] && name[n] != '/'))
			return false;
		*extra = name[n] ? name + n + 1 : "";
		return true;
	}
	*extra = "";
	return strcmp(pattern, name) == 0;
}

const struct uapi_section *uapi_section_find(const char *name, const char **extra)
{
	name += *name == '?';
	for (size_t i = 0; i < COUNT(uapi_sections); i++)
		if (matches(uapi_sections[i].pattern, name, extra))
			return &uapi_sections[i];
	return NULL;
}

const char *uapi_host_arch(void)
{
#if defined(__x86_64__)
	return "x86_64";
#elif defined(__aarch64__)
	return "arm64";
#elif defined(__riscv) && __riscv_xlen == 64
	return "riscv64";
#elif defined(__s390x__)
	return "s390x";
#elif defined(__powerpc64__)
	return "ppc64le";
#else
	return "unknown";
#endif
}
