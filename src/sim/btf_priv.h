// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two passes of the BTF check. */
#pragma once

#include <linux/btf.h>

#include "core/buf.h"
#include "sim/btf.h"

enum { /* what the installed <linux/btf.h> may lack, and the kernel's own limits */
       KIND_ENUM64 = 19,
       BTF_PTR_SIZE = 8,
       BTF_INT_BITS_MAX = 128,
};

struct btf_check {
	struct btf *btf;
	struct buf *log;
	uint32_t id;	/* of the type looked at: the number log lines begin with */
	uint8_t *state; /* enum resolve_state by number, in the second pass */
	uint8_t mode;	/* enum resolve_mode */
	unsigned int depth;
};

static inline unsigned int btf_kind(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

static inline unsigned int btf_vlen(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline bool btf_kflag(const struct btf_type *t)
{
	return BTF_INFO_KFLAG(t->info);
}

/* What follows the three words all types have. */
static inline const void *btf_tail(const struct btf_type *t)
{
	return t + 1;
}

static inline uint32_t btf_int_data(const struct btf_type *t)
{
	return *(const uint32_t *)btf_tail(t);
}

static inline uint32_t btf_bit_off(const struct btf_type *t, const struct btf_member *m)
{
	return btf_kflag(t) ? BTF_MEMBER_BIT_OFFSET(m->offset) : m->offset;
}

static inline uint32_t btf_bit_size(const struct btf_type *t, const struct btf_member *m)
{
	return btf_kflag(t) ? BTF_MEMBER_BITFIELD_SIZE(m->offset) : 0;
}

/* What goes to the log; each returns -EINVAL.  btf_say() alone ends no line, as in the kernel. */
__attribute__((format(printf, 2, 3))) int btf_say(struct btf_check *c, const char *fmt, ...);
__attribute__((format(printf, 3, 4))) int
btf_say_type(struct btf_check *c, const struct btf_type *t, const char *fmt, ...);
int btf_say_basic(struct btf_check *c, const struct btf_type *t, const char *msg);
int btf_say_member(struct btf_check *c, const struct btf_type *t, const struct btf_member *m,
		   const char *msg);
int btf_say_var(struct btf_check *c, const struct btf_type *t, const struct btf_var_secinfo *v,
		const char *msg);

bool btf_name_ok(const struct btf *b, uint32_t off); /* an offset inside the strings */
bool btf_is_letter(unsigned char ch);
bool btf_identifier(const struct btf *b, uint32_t off);

/* Each type by itself; its bytes, or a negative errno. */
int btf_check_meta(struct btf_check *c, const struct btf_type *t, uint32_t left);
/* All types as they refer to each other. */
int btf_check_resolve(struct btf_check *c);
/* A struct with a field that only the kernel may write: that it is a right one. */
int btf_check_fields(const struct btf *b, uint32_t id);
