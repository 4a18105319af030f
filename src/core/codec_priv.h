// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The plan that codec_type.c and codec_spec.c make and the other codec files walk. */
#pragma once

#include "core/codec.h"
#include "core/val.h"

enum op_kind {
	/* One value each; size, or bits when it is a bitfield. */
	OP_UINT,
	OP_INT,
	OP_BOOL,
	OP_ENUM,
	OP_FLOAT,
	OP_PTR,
	OP_BE, /* unsigned, big endian */
	OP_LE,
	OP_IP4,
	OP_IP6,
	OP_MAC,
	OP_CIDR, /* u32 prefix length, then 4 or 16 bytes of address */
	OP_BYTES,
	/* What follows up to `next` belongs to it, placed from its start. */
	OP_ARRAY, /* one op: the element */
	OP_STRUCT,
	OP_UNION,
	OP_DATASEC,
};

enum {
	OPF_SIGNED = 1, /* of an enum */
	OPF_CHAR = 2,	/* a char; an array of them is a string */
	OPF_FLEX = 4,	/* an array at the end that takes what is left */
};

struct op {
	uint8_t kind;
	uint8_t flags;
	uint8_t bits, bit_off; /* a bitfield of so many bits, from this bit of its first byte */
	uint32_t off;	       /* bytes from the start of the struct or element around it */
	uint32_t size;	       /* bytes; of an array all elements */
	uint32_t count;	       /* elements */
	uint32_t next;	       /* index of the op behind this one and all that belongs to it */
	uint32_t type;	       /* id in types, 0: none */
	const char *name;      /* as a member; NULL: not a member */
	const char *type_name; /* from a spec; NULL: ask types */
};

struct codec {
	const struct types *types; /* borrowed; NULL: none */
	enum codec_style style;
	bool loose;
	struct op *ops; /* ops[0] is the whole */
	uint32_t n;
	size_t cap;
	int error;   /* first failure while compiling: -ENOMEM, -E2BIG or -EINVAL */
	char *names; /* of a spec's members */
};

#define CODEC_MAX_OPS 65536
#define CODEC_MAX_DEPTH (VAL_MAX_DEPTH - 4) /* leaves room for what goes around a value */

struct codec *codec_new(enum codec_style style, const struct types *t);
/* Adds an op; its index.  Errors stick in c->error; the index is then 0. */
uint32_t codec_add(struct codec *c, const struct op *op);

/* A number with sign: 128 bits are the widest. */
struct num {
	unsigned __int128 mag;
	bool neg;
};

/* The number an op (UINT INT BOOL ENUM PTR BE LE) has at p, its start. */
struct num op_load(const struct op *op, const uint8_t *p);
/* Stores it; false if it does not fit. */
bool op_store(const struct op *op, uint8_t *p, struct num v);
bool op_is_number(const struct op *op);
/* "u32, 0 to 4294967295"; "one of XDP_DROP, XDP_PASS ..."; what is expected, for messages. */
void op_expected(const struct codec *c, const struct op *op, struct buf *to);
void op_type_text(const struct codec *c, const struct op *op, struct buf *to);
/* The enumerator of a number, NULL: none. */
const char *op_enum_name(const struct codec *c, const struct op *op, struct num v);

/* Decimal, 0x, 0b, 0o, 'c', with or without sign; the whole of the text. */
bool num_parse(const char *s, size_t len, struct num *v);

/* Where a value is being put, for messages. */
struct put {
	const struct codec *c;
	struct err *e;
	char path[160]; /* "flow.addr", "" at the top */
};

/*
 * Before anything is put into op: what is not given is 0.  That is done once, for the whole or
 * for a variable of a DATASEC: members of a union share their bytes.
 */
void put_begin(const struct op *around, const struct op *op, uint8_t *base);
/* One word to one value; quoted: it stood in quotes.  0 or -EINVAL. */
int put_word(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len,
	     bool quoted);
int put_num(struct put *p, const struct op *op, uint8_t *at, struct num v);
int put_double(struct put *p, const struct op *op, uint8_t *at, double d);
/* "port: ...expected be16" in front of what is said. */
__attribute__((format(printf, 3, 4))) int put_error(struct put *p, const struct op *op,
						    const char *fmt, ...);
/* Steps of the path; put_leave() with what put_enter() gave. */
size_t put_enter(struct put *p, const char *member, uint32_t index);
void put_leave(struct put *p, size_t mark);
/* The member of that name below op i; 0 with *e: none, a near one is offered. */
uint32_t put_member(struct put *p, uint32_t i, const char *name, size_t len);
