// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test blocks as the parser leaves them: what is given, what is expected, values whose types only
 * the loaded object knows.  Everything belongs to the unit's pool.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/num.h"

struct test_field;

enum test_value_kind {
	TEST_ABSENT, /* none was written */
	TEST_NUM,
	TEST_STR,    /* "text" */
	TEST_WORD,   /* an address, true, or an enumerator of the value's type */
	TEST_LIST,   /* [ 1, 2 ]; the fields have no names */
	TEST_STRUCT, /* { a = 1; b = 2 } */
	TEST_PROG,   /* prog NAME, a value of a program array */
	TEST_MAP,    /* map NAME, a value of a map of maps */
};

struct test_value {
	enum test_value_kind kind;
	uint32_t pos, len; /* where it stands */
	struct num num;
	const char *text; /* terminated */
	size_t text_len;
	struct test_field *fields;
	uint32_t n;
};

struct test_field {
	const char *name; /* of a packet's field: one of its layer; "cb[2]", "flow.port" */
	uint32_t pos, len;
	struct test_value value;
};

/* A layer of a packet, or bytes. */
struct test_layer {
	int layer; /* enum packet_layer_id; -1: bytes */
	uint32_t pos, len;
	struct test_field *fields;
	uint32_t n;
	const char *bytes;
	size_t nr_bytes;
};

enum test_item_kind {
	/* given or expected */
	ITEM_PACKET, /* layers; or name, a capture, and count, the number of its packet */
	ITEM_CTX,    /* given: fields, name: the struct they are of, or NULL; expected: path */
	ITEM_MAP,    /* name[key] = value, expected also: path, absent */
	/* given */
	ITEM_PROG,  /* name */
	ITEM_ARG,   /* count: which one */
	ITEM_SET,   /* name path = value; expected: a variable */
	ITEM_CLOCK, /* these have a number as value */
	ITEM_PID,
	ITEM_TID,
	ITEM_UID,
	ITEM_GID,
	ITEM_CGROUP,
	ITEM_CPU,
	ITEM_SEED,
	ITEM_REPEAT,
	ITEM_COMM,   /* text */
	ITEM_OBJECT, /* name, type path, fields */
	/* expected */
	ITEM_RETVAL,
	ITEM_COUNT,    /* of the entries of map name */
	ITEM_EVENT,    /* name, fields */
	ITEM_PRINTK,   /* text */
	ITEM_REDIRECT, /* number */
	ITEM_FAULT,    /* text: part of the message */
	ITEM_KINDS,
};

enum test_op { TEST_OP_NONE, TEST_EQ, TEST_NE, TEST_LT, TEST_LE, TEST_GT, TEST_GE };

struct test_item {
	enum test_item_kind kind;
	bool expect;
	enum test_op op;
	uint32_t pos, len; /* of the whole item */
	const char *name;
	uint32_t name_pos, name_len;
	const char *path; /* ".field" behind the name or key, "" */
	struct test_value key, value;
	struct test_layer *layers;
	uint32_t nr_layers;
	uint32_t count;
	uint32_t type;	/* of the source: the struct that name is, 0: none */
	bool absent;	/* no such key */
	bool unchanged; /* the packet that was given */
	bool is_first;	/* only the first `count` bytes of the layers */
};

struct test_decl {
	const char *name;
	uint32_t pos, len;
	struct test_item *items;
	uint32_t n;
};

/* What a file of tests is about: `object "f.o"` or `program "f.bpf"`. */
struct test_target {
	const char *path; /* NULL: the tests are about the source they stand in */
	bool is_object;
	uint32_t pos, len;
};
