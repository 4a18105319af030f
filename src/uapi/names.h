// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's interface as tables: names and numbers of types, sections, helpers, constants and
 * context structs, read off the .def files.  Plain data for every layer; no code but look-ups.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROG_TYPE(id, name, ...) UAPI_PROG_##name = (id),
enum uapi_prog_type {
	UAPI_PROG_unspec,
#include "uapi/prog_types.def"
};
#undef PROG_TYPE

#define MAP_TYPE(id, name, ...) UAPI_MAP_##name = (id),
enum uapi_map_type {
	UAPI_MAP_unspec,
#include "uapi/map_types.def"
};
#undef MAP_TYPE

#define ATTACH_TYPE(id, name, ...) UAPI_ATTACH_##name = (id),
enum uapi_attach_type {
#include "uapi/attach_types.def"
};
#undef ATTACH_TYPE

#define LINK_TYPE(id, name, ...) UAPI_LINK_##name = (id),
enum uapi_link_type {
	UAPI_LINK_unspec,
#include "uapi/link_types.def"
};
#undef LINK_TYPE

#define HELPER(id, name, ...) UAPI_HELPER_##name = (id),
enum uapi_helper_id {
	UAPI_HELPER_unspec,
#include "uapi/helpers.def"
};
#undef HELPER

struct uapi_prog_type_info {
	uint32_t id;
	const char *name, *since, *context, *returns;
};
struct uapi_map_type_info {
	uint32_t id;
	const char *name, *since;
	bool percpu; /* every possible CPU has a value of its own */
	const char *key, *value, *max_entries;
};
struct uapi_attach_type_info {
	uint32_t id;
	const char *name, *since, *prog_type, *link_type;
};
struct uapi_link_type_info {
	uint32_t id;
	const char *name, *since;
};
struct uapi_section {
	const char *pattern; /* "kprobe+": the name alone or name/extra */
	enum uapi_prog_type prog_type;
	const char *prog_type_name;
	const char *attach_type; /* "-": none */
	bool sleepable, auto_attach;
	const char *example;
};
enum { HELPER_GPL = 1, HELPER_SLEEPABLE = 2 };
/*
 * The three large tables hold their texts themselves: pointers would have to be relocated at each
 * start of the program, page by page.
 */
struct uapi_helper {
	uint32_t id;
	unsigned int flags;
	char name[36]; /* with bpf_ */
	char returns[28], args[88], since[8], category[12], help[72];
};
/* Who may call it, by bits 1 << UAPI_PROG_x; limits: of some types only some attach kinds. */
struct uapi_helper_use {
	uint64_t prog_types;
	const char *limits;
};
struct uapi_const {
	int64_t value;
	char name[44], group[24];
};
/*
 * Context structs: a row with ctx set opens a struct, the rows with name set that follow are its
 * fields; what is not set is "".
 */
struct uapi_ctx_field {
	char ctx[24], arch[8]; /* arch "": every one */
	char name[24];
	uint32_t off, size;
	char type[24]; /* "__u32", "__u32[4]", "struct bpf_sock *" */
};

extern const struct uapi_prog_type_info uapi_prog_types[];
extern const struct uapi_map_type_info uapi_map_types[];
extern const struct uapi_attach_type_info uapi_attach_types[];
extern const struct uapi_link_type_info uapi_link_types[];
extern const struct uapi_section uapi_sections[];
extern const struct uapi_helper uapi_helpers[];		/* uapi_helpers[i].id == i + 1 */
extern const struct uapi_helper_use uapi_helper_uses[]; /* by id - 1 as well */
extern const struct uapi_const uapi_consts[];
extern const struct uapi_ctx_field uapi_ctx_fields[];
extern const size_t uapi_nr_prog_types, uapi_nr_map_types, uapi_nr_attach_types, uapi_nr_link_types,
	uapi_nr_sections, uapi_nr_helpers, uapi_nr_consts, uapi_nr_ctx_fields;

/* NULL for a number this version does not know. */
const char *uapi_prog_type_name(uint32_t id);
const char *uapi_map_type_name(uint32_t id);
const char *uapi_attach_type_name(uint32_t id);
const char *uapi_link_type_name(uint32_t id);
const char *uapi_helper_name(uint32_t id);

/* By libbpf's name; -1 if there is none. */
int uapi_prog_type(const char *name);
int uapi_map_type(const char *name);
int uapi_attach_type(const char *name);
/* NULL if there is none. */
const struct uapi_attach_type_info *uapi_attach_type_find(const char *name);

/*
 * The rule for an ELF section name, a leading '?' (no autoload) skipped; NULL: none matches.
 * *extra is what stands behind the slash ("sched/sched_switch"), or "" .
 */
const struct uapi_section *uapi_section_find(const char *name, const char **extra);

/* The architecture this binary runs on, as ctx.def spells it: "x86_64", "arm64". */
const char *uapi_host_arch(void);
