// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Live programs: what they are, their instructions, test runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct types;
struct val;

struct prog_info {
	uint32_t id, type;
	char name[128]; /* the function's whole name where BTF has it */
	uint8_t tag[8];
	bool gpl;
	bool jited;
	bool orphaned; /* bound to a device that is gone */
	uint64_t run_time_ns, run_cnt, recursion_misses;
	uint64_t loaded_at; /* seconds since 1970; 0 unknown */
	uint32_t uid, ifindex;
	uint64_t netns_dev, netns_ino;
	uint32_t bytes_xlated, bytes_jited, btf_id, verified_insns;
	uint32_t attach_btf_obj_id, attach_btf_id;
	uint32_t *map_ids, nr_map_ids;
	bool has_memlock;
	uint64_t memlock; /* bytes */
};

int prog_info_read(int fd, struct prog_info *i, struct err *e);
void prog_info_free(struct prog_info *i);
#define auto_prog_info __attribute__((cleanup(prog_info_free))) /* struct prog_info i = {} */

/*
 * Its variables named bpf_metadata_x, as a map without that prefix; V_NULL if there are none or
 * their map cannot be read.  The caller drops it.
 */
void prog_metadata(const struct prog_info *i, struct val *meta);

/* Every program, by ascending id; see obj_each().  i is the caller's until fn returns. */
int prog_each(int (*fn)(const struct prog_info *i, int fd, void *arg), void *arg, struct err *e);

/* "program 12 (x_pass)", for messages. */
const char *prog_label(const struct prog_info *i, char buf[160]);

/* Counts run time and runs of all programs for as long as the descriptor returned is open. */
int prog_enable_stats(struct err *e);
/* Bytes of a program's output stream (1 stdout, 2 stderr; Linux 6.18); 0: no more now. */
int prog_stream(int fd, uint32_t stream, void *buf, uint32_t size, struct err *e);

struct prog_func {
	uint32_t insn; /* first instruction, an index of 8-byte slots */
	uint32_t type; /* a FUNC in types */
	const char *name;
};

struct prog_line {
	uint32_t insn, line, col;
	const char *file, *text;
};

/* The program as the verifier left it, with what BTF says about it. */
struct prog_code {
	uint8_t *insns; /* 8 bytes each */
	uint32_t nr_insns;
	struct prog_func *funcs;
	uint32_t nr_funcs;
	struct prog_line *lines; /* ascending */
	uint32_t nr_lines;
	struct types *types; /* NULL: loaded without BTF */
};

int prog_xlated(int fd, struct prog_code *c, struct err *e);
void prog_code_free(struct prog_code *c);
#define auto_prog_code __attribute__((cleanup(prog_code_free))) /* struct prog_code c = {} */
/* The line of an instruction, NULL if none is known. */
const struct prog_line *prog_line_at(const struct prog_code *c, uint32_t insn);

/* Machine code: one image, split by function. */
struct prog_jit {
	uint8_t *image;
	uint32_t len;
	uint64_t *addrs; /* of each function, 0 if the kernel hides them */
	uint32_t *lens;
	uint32_t nr_funcs;
	uint64_t *line_addrs; /* address of code.lines[i] */
	uint32_t nr_lines;
};

int prog_jited(int fd, struct prog_jit *j, struct err *e);
void prog_jit_free(struct prog_jit *j);
#define auto_prog_jit __attribute__((cleanup(prog_jit_free))) /* struct prog_jit j = {} */

/* Flags of a test run. */
enum { PROG_RUN_ON_CPU = 1, PROG_RUN_LIVE_FRAMES = 2 };

struct prog_run {
	const void *data, *ctx;
	size_t data_len, ctx_len;
	uint32_t repeat, flags, cpu, batch_size;
	bool want_data, want_ctx;	/* what comes back is wanted */
	uint32_t retval, duration_ns;	/* duration of one run, averaged */
	struct buf *data_out, *ctx_out; /* appended to; needed if wanted */
};

/* Whether the kernel's test run of a type is one of a packet; false also for unknown types. */
bool prog_run_takes_data(uint32_t type);
/* BPF_PROG_TEST_RUN.  The errors say what this type of program takes. */
int prog_test_run(int fd, struct prog_run *r, struct err *e);
