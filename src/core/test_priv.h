// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files that run tests share. */
#pragma once

#include "core/buf.h"
#include "core/codec.h"
#include "core/object.h"
#include "core/source_test.h"
#include "core/test.h"

struct map;

struct tests {
	char *path;
	struct source *source;
	const struct test_decl *tests;
	size_t n;
	char *name;	    /* of the program's file, for messages */
	struct buf elf;	    /* the program */
	struct buf vmlinux; /* types of the kernel, once they were needed */
	bool has_vmlinux;
	struct types *types; /* of vmlinux */
};

/* An object of the kernel that a test makes up. */
struct test_object {
	const char *name;
	uint64_t addr;
};

/* A record that the program sent. */
struct test_record {
	size_t map; /* of the object */
	struct buf data;
};

/* What came of one run. */
struct test_out {
	bool stopped; /* by a fault */
	uint64_t retval;
	bool has_packet, has_ctx;
	struct buf packet, ctx;
	struct test_record *records;
	size_t nr_records, cap_records;
	size_t next_record; /* the first one no expectation has asked for */
	struct buf printk;  /* lines */
	size_t next_printk;
	bool has_redirect;
	uint64_t redirect;
	struct buf fault;  /* what stopped it */
	struct buf report; /* the same at length */
};

/* A test while it is run. */
struct test_job {
	struct tests *tests;
	const struct test_decl *decl;
	const struct test_opts *opts;
	struct object *o;
	size_t prog;
	struct object_prog p;
	struct buf packet, ctx; /* as given */
	bool has_ctx, has_packet;
	struct test_object *objects; /* where they are, while a kernel has them */
	size_t nr_objects;
	int *sockets; /* made for maps of sockets */
	size_t nr_sockets;
	struct test_out out;
	struct buf snapshot; /* of the maps afterwards, if both kernels run the test */
	struct test_result *r;
	struct test_mock *mock;	    /* the kernel it runs on, if that is one */
	const struct test_item *at; /* the item at work, for complaints */
	const char *where;	    /* in front of what is reported: "kernel: ", "" */
};

/* NULL: none. */
const struct test_item *test_item(const struct test_decl *t, enum test_item_kind kind, bool expect);
/* Its number, or `otherwise`. */
uint64_t test_number(const struct test_decl *t, enum test_item_kind kind, uint64_t otherwise);

/* ---- values (test_value.c) ---- */

/* 0, or class input in e. */
int test_encode(const struct codec *c, const struct test_value *v, void *data, struct err *e);
/* Bytes as text. */
void test_show(const struct codec *c, const void *data, size_t len, struct buf *to);
void test_show_value(const struct test_value *v, struct buf *to); /* as it was written */
/*
 * Compares; what is not as expected becomes a failure of the job.  Of a struct only the fields
 * that are named are looked at.  `what` names the whole.
 */
int test_compare(struct test_job *j, const struct test_item *it, const char *what,
		 const struct codec *c, const struct test_value *v, const void *data,
		 struct err *e);
bool test_holds(enum test_op op, int order);
void test_show_op(enum test_op op, struct buf *to); /* "at most ", "" */

/* Adds a failure; takes want, got and detail. */
void test_fail(struct test_job *j, const struct test_item *it, const char *what, char *want,
	       char *got, char *detail);

/* ---- what is given (test_given.c) ---- */

/* The codecs of a map by the object's types. */
struct test_map {
	struct object_map m;
	size_t index;
	struct codec *key, *value; /* key NULL: the map has none */
};
int test_map_open(const struct object *o, const char *name, struct test_map *m, struct err *e);
void test_map_close(struct test_map *m);
#define auto_test_map __attribute__((cleanup(test_map_close))) /* struct test_map m = {} */

/* Keys: bytes into *key. */
int test_key(const struct test_map *m, const struct test_item *it, struct buf *key, struct err *e);
/* A whole value for map_update(), cpus times stride bytes if per CPU. */
int test_map_value(const struct object *o, const struct test_map *m, const struct test_item *it,
		   unsigned int cpus, struct buf *value, struct err *e);

/* Before loading: which programs are loaded, and variables. */
int test_choose(struct test_job *j, struct err *e);
int test_set_variables(struct test_job *j, struct err *e);
/* After loading: entries of maps. */
int test_fill_maps(struct test_job *j, struct err *e);

/* ---- packets and contexts (test_packet.c, test_ctx.c) ---- */

int test_packet(const struct test_job *j, const struct test_item *it, struct buf *to,
		struct err *e);
/* The context struct of a program type, and the codec of one of its fields. */
struct codec *test_ctx_field(const struct test_job *j, const char *path, uint32_t *off,
			     struct err *e);
uint32_t test_ctx_size(uint32_t prog_type);
/* A context of zeros, an item that is given for it, and both for all items. */
void test_ctx_begin(struct test_job *j);
int test_ctx_give(struct test_job *j, const struct test_item *it, struct err *e);
int test_ctx(struct test_job *j, struct err *e);
bool test_takes_packet(uint32_t prog_type);

/* ---- what is expected (test_expect.c) ---- */

/* What can be told before anything runs: names and types. */
int test_check_item(struct test_job *j, const struct test_item *it, struct err *e);
int test_expect(struct test_job *j, struct err *e);

/* ---- running (test_run.c) ---- */

void test_out_free(struct test_out *o);
