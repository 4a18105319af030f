// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls of the door as data, for sys_record.c and sys_replay.c.  One line of the record is
 *
 *	{"n":4,"call":"map_lookup_elem","in":{"map":1,"key":"bb 01 00 00"},"out":{"value":"07"}}
 *
 * with what was given, and what came back beside the result: "errno", "fd" or "result" if it is
 * not 0.  Descriptors are numbers in the order in which the door gave them, from 1; one that came
 * from elsewhere is "other".  What is zero or no pointer is left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/obj.h"

struct val;
struct buf;

#define TAPE_VERSION 1
#define TAPE_ATTR 256 /* no attr of a command, and no info, is longer */

/* What the door gave a descriptor of. */
struct tape_thing {
	enum obj_kind kind;
	bool dir;
	int fd;	      /* recording: the latest descriptor of it; -1 */
	uint64_t ino; /* replaying: of the file that stands for it */
	uint32_t map_type, key_size, value_size;
};

struct tape {
	struct tape_thing *things;
	size_t n, cap;
	/* Recording: further descriptors of things. */
	struct tape_alias {
		int fd;
		size_t handle;
	} * aliases;
	size_t nr_aliases, cap_aliases;
	uint32_t cpus; /* possible ones: how many values a per-CPU map has */
	bool by_inode; /* replaying */
};

/* A row of the tables in sys_field.c. */
enum field_kind {
	FIELD_NUM,   /* number */
	FIELD_FD,    /* descriptor */
	FIELD_NAME,  /* characters in the struct */
	FIELD_BYTES, /* bytes in the struct */
	FIELD_STR,   /* pointer to a string */
	FIELD_STRS,  /* pointer to pointers to strings */
	FIELD_IN,    /* pointer to bytes */
	FIELD_INSNS, /* the same, instructions */
	/* From here on the kernel writes. */
	FIELD_GOT,  /* number */
	FIELD_BOTH, /* number that is read first */
	FIELD_TEXT, /* characters in the struct */
	FIELD_RAW,  /* bytes in the struct */
	FIELD_OUT,  /* pointer to bytes */
	FIELD_LOG,  /* pointer to a string, on failure too */
};
enum field_len {
	LEN_NONE,
	LEN_KEY,    /* of the map in the field "map" */
	LEN_VALUE,  /* of all CPUs */
	LEN_COUNT,  /* the number at `count` times `width` */
	LEN_RECS,   /* the number at `count` times the number at `width` */
	LEN_KEYS,   /* the number at `count` times a key */
	LEN_VALUES, /* the number at `count` times a value */
	LEN_CURSOR, /* where a batch goes on */
};

struct field {
	const char *name; /* NULL ends the table */
	uint8_t kind, len;
	uint16_t off, size, count, width;
};

/* A struct of the caller's, as it was when the call came. */
struct tape_struct {
	const struct field *fields;
	uint8_t *user;
	size_t size;
	uint8_t bytes[TAPE_ATTR];
};

struct tape_call {
	long nr;
	const unsigned long *args;
	char name[32];
	struct tape_struct attr, more; /* more: the struct that attr points to; fields NULL: none */
	const struct tape_thing *thing; /* what it is about, or NULL */
	bool gives_fd, partial;		/* partial: ENOENT and ENOSPC come with output */
};

/* False: the call is none of the record's, and goes on as it is. */
bool tape_read(const struct tape *t, long nr, const unsigned long args[6], struct tape_call *c);
/* The input, a map. */
void tape_in(const struct tape *t, const struct tape_call *c, struct val *in);
/* What the kernel wrote; failed: the errno, or 0. */
void tape_save(const struct tape *t, struct tape_call *c, int failed, struct val *out);
/* Writes it where the caller wants it; NULL, or what is wrong with it. */
const char *tape_give(const struct tape *t, struct tape_call *c, const struct val *out);

/* Number of a descriptor from 1 on; 0: the door did not give it. */
size_t tape_handle(const struct tape *t, int fd);
void tape_add(struct tape *t, const struct tape_thing *thing);
/* fd is the thing's from now on, and nobody else's; first: its descriptor, not one more. */
void tape_alias(struct tape *t, size_t handle, int fd, bool first);
void tape_free(struct tape *t);

/* Bytes as text, "0a 00", and back; false: it is none. */
struct val tape_hex(const void *bytes, size_t n);
bool tape_bytes(const struct val *v, struct buf *to);
/* Reads memory of the caller; false: there is none. */
bool tape_peek(void *to, uint64_t from, size_t n);
