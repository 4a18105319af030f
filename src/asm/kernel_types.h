// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The types of a kernel, and what of them is left to the loader. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The types of a kernel, for T::f when the source has no struct T: BTF, by id and by name. */
enum kernel_kind {
	KERNEL_NONE, /* nothing that a field could be read as */
	KERNEL_INT,
	KERNEL_PTR,
	KERNEL_ARRAY,
	KERNEL_STRUCT,
	KERNEL_UNION,
	KERNEL_ENUM,
	KERNEL_FWD,
	KERNEL_ALIAS, /* const and the like */
	KERNEL_TYPEDEF,
};

struct kernel_type {
	enum kernel_kind kind;
	const char *name; /* "": none; these strings need to last until the next call only */
	uint32_t size, ref, n;
	bool is_signed;
};

struct kernel_member {
	const char *name;
	uint32_t type, bit_off, bits;
};

struct kernel_types {
	/* Each is asked for when it is needed; 0 or false: there is none. */
	uint32_t (*find)(void *arg, const char *name);
	bool (*get)(void *arg, uint32_t id, struct kernel_type *t);
	bool (*member)(void *arg, uint32_t id, uint32_t i, struct kernel_member *m);
	bool (*value)(void *arg, uint32_t id, uint32_t i, const char **name, int64_t *value);
	void *arg;
};

/* What the loader fills in for the kernel it meets: kind as in the kernel's bpf_core_relo_kind. */
enum core_kind {
	CORE_BYTE_OFFSET,
	CORE_BYTE_SIZE,
	CORE_FIELD_EXISTS,
	CORE_SIGNED,
	CORE_LSHIFT_U64,
	CORE_RSHIFT_U64,
	CORE_LOCAL_TYPE_ID,
	CORE_TARGET_TYPE_ID,
	CORE_TYPE_EXISTS,
	CORE_TYPE_SIZE,
	CORE_ENUMVAL_EXISTS,
	CORE_ENUMVAL,
	CORE_TYPE_MATCHES,
	CORE_KINDS
};

struct core_ref {
	enum core_kind kind;
	uint32_t type;	/* T */
	uint32_t *path; /* members and elements from T on; of an enum the enumerator */
	uint32_t n;
	const char *text; /* "T::f" as it was written */
	uint32_t len;
};

struct core_rec {
	const struct core_ref *ref;
	uint32_t insn;
};
