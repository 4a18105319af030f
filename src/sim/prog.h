// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A loaded program. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/isa.h"
#include "sim/kobj.h"

struct btf;
struct code;
struct kern;
struct map;

struct prog {
	struct kobj obj;
	struct kern *kern;
	uint32_t type, attach_type, flags; /* of enum bpf_prog_type, expected_attach_type */
	char name[16];
	uint8_t tag[8];
	bool gpl;
	struct insn *insns; /* as loaded, map descriptors replaced by what info shows */
	size_t n;
	struct code *code; /* code_owner() of it is the struct prog */
	void *loading;	   /* the load check's, while it runs */
	struct map **maps; /* references */
	size_t nr_maps;
	struct btf *btf;	     /* a reference, or NULL */
	void *func_info, *line_info; /* records of 8 and 16 bytes */
	uint32_t nr_func_info, nr_line_info;
	struct btf *attach_btf; /* where attach_btf_id counts; NULL: vmlinux, or none */
	uint32_t attach_btf_id;
	struct prog *attach_prog; /* of freplace and fentry of a program; a reference */
	uint64_t run_cnt, run_time_ns;
	uint32_t verified_insns;
};

/* Instructions as they lie in memory, 8 bytes each. */
void insns_store(const struct insn *insns, size_t n, uint8_t *to);
void insns_load(const uint8_t *from, size_t n, struct insn *insns);
