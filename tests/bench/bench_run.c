// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What one packet costs in the mock kernel: run_prog() with an XDP program that looks at TCP
 * ports, counts in a map and reports to a ring buffer, as examples/port_filter.bpf does.
 */
#include <stdio.h>
#include <time.h>

#include "../unit/sim_both.h"
#include "sim/map_prog.h"

#define RUNS 2000 /* records the ring buffer has room for */

static struct map *maps[2];

static int imm64(void *arg, const struct insn in[2], size_t at, uint64_t *v, struct buf *log)
{
	(void)arg, (void)at, (void)log;
	*v = map_addr(maps[in->imm]);
	return 0;
}

static const struct insn filter[] = {
	LDX(W, 6, 1, 0),
	LDX(W, 7, 1, 4),
	MOV_X(2, 6),
	ALU_K(ADD, 2, 34),
	JMP_X(JGT, 2, 7, 42),
	LDX(H, 2, 6, 12),
	JMP_K(JNE, 2, 8, 40),
	ALU_K(ADD, 6, 14),
	LDX(B, 2, 6, 9),
	JMP_K(JNE, 2, 6, 37),
	LDX(H, 2, 6, 6),
	JMP_K(JSET, 2, 0xff1f, 35),
	LDX(B, 8, 6, 0),
	ALU_K(AND, 8, 15),
	ALU_K(LSH, 8, 2),
	JMP_K(JLT, 8, 20, 31),
	ALU_X(ADD, 8, 6),
	MOV_X(2, 8),
	ALU_K(ADD, 2, 20),
	JMP_X(JGT, 2, 7, 27),
	LDX(H, 2, 8, 2),
	JMP_K(JNE, 2, 0xbb01, 25),
	ST(W, 10, -4, 0),
	LD_IMM64(1, PSEUDO_MAP_FD, 0),
	MOV_X(2, 10),
	ALU_K(ADD, 2, -4),
	HELPER_CALL(UAPI_HELPER_map_lookup_elem),
	JMP_K(JEQ, 0, 0, 16),
	MOV_K(2, 1),
	ATOMIC(DW, BPF_ADD, 0, 0, 2),
	LD_IMM64(1, PSEUDO_MAP_FD, 1),
	MOV_K(2, 16),
	MOV_K(3, 0),
	HELPER_CALL(UAPI_HELPER_ringbuf_reserve),
	JMP_K(JEQ, 0, 0, 8),
	LDX(W, 2, 6, 12),
	STX(W, 0, 0, 2),
	LDX(W, 2, 6, 16),
	STX(W, 0, 4, 2),
	ST(DW, 0, 8, 0),
	MOV_X(1, 0),
	MOV_K(2, 0),
	HELPER_CALL(UAPI_HELPER_ringbuf_submit),
	MOV_K(0, 1),
	EXIT,
	MOV_K(0, 2),
	EXIT,
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* User space has read everything, so that there is room. */
static void read_all(void)
{
	uint64_t pos;
	size_t len;
	int fd;

	if (map_memfd(maps[1], &fd, &len) || pread(fd, &pos, 8, 4096) != 8 ||
	    pwrite(fd, &pos, 8, 0) != 8)
		printf("the ring buffer cannot be read\n");
}

static void measure(struct world *w, const char *name, uint8_t proto)
{
	struct prog p = { .type = BPF_PROG_TYPE_XDP, .gpl = true };
	struct code_owner owner = { .arg = &p, .helper = both_helper, .imm64 = imm64 };
	uint8_t packet[64] = { [12] = 8, [14] = 0x45, [23] = proto, [36] = 1, [37] = 0xbb };
	auto_buf struct buf log = {};
	struct vm_fault fault;
	double best = 1e9;

	if (code_load(w->vm, filter, countof(filter), &owner, &log, &p.code)) {
		printf("%s\n", buf_str(&log));
		return;
	}
	for (int k = 0; k < 100; k++) {
		double t;

		read_all();
		t = now();

		for (int i = 0; i < RUNS; i++) {
			struct run_prog how = { .data = packet, .len = 64, .room = 64 };

			if (run_prog(w, &p, &how, &fault)) {
				printf("%s\n", fault.text);
				return;
			}
		}
		t = (now() - t) / RUNS;
		best = t < best ? t : best;
	}
	printf("%-16s %8.1f ns  %llu instructions\n", name, best,
	       (unsigned long long)vm_executed(w->vm));
	code_free(p.code);
}

int main(void)
{
	struct map_spec array = {
		.type = UAPI_MAP_array, .key_size = 4, .value_size = 8, .max_entries = 1
	};
	struct map_spec ring = { .type = UAPI_MAP_ringbuf, .max_entries = 1 << 16 };
	static const struct map_objects none;
	struct world w;

	if (!world_init(&w) || map_new(&w, &none, &array, &maps[0]) ||
	    map_new(&w, &none, &ring, &maps[1]))
		return 1;
	measure(&w, "passed packet", 17);
	measure(&w, "dropped packet", 6);
	kobj_put(&maps[0]->obj);
	kobj_put(&maps[1]->obj);
	world_fini(&w);
	return 0;
}
