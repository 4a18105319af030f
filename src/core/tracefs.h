// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tracepoints: where tracefs is, their ids and the layout of their records. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* A field of a tracepoint's record. */
struct tp_field {
	char name[64];
	char type[64]; /* C's, as the format file has it: "pid_t", "char[]" */
	uint32_t offset, size;
	uint32_t count; /* elements of an array, 0: none */
	bool is_signed;
	bool is_dynamic; /* __data_loc: offset and length of a string at the end of the record */
	bool is_common;	 /* the same in every tracepoint; programs may not read the first 8 bytes */
};

struct tp_format {
	uint32_t id;
	struct tp_field *fields;
	size_t nr_fields;
};

/* "/sys/kernel/tracing"; mounts tracefs there if it is nowhere, unless nomount. */
int tracefs_path(bool nomount, char buf[256], struct err *e);
/* Absent with near names if there is no such tracepoint. */
int tracepoint_id(const char *group, const char *name, bool nomount, struct err *e);
int tracepoint_format(const char *group, const char *name, bool nomount, struct tp_format *f,
		      struct err *e);
void tp_format_free(struct tp_format *f);
#define auto_tp_format __attribute__((cleanup(tp_format_free))) /* struct tp_format f = {} */

/* The text of a format file; -EINVAL if it is none.  For the one above, and for tests. */
int tp_format_parse(const char *text, struct tp_format *f);

/* Calls fn for every tracepoint, in no order; stops when it returns other than 0. */
int tracepoint_each(bool nomount, int (*fn)(const char *group, const char *name, void *arg),
		    void *arg, struct err *e);
