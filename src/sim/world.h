// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What programs find around them: the clock, the CPU, the task, random numbers; and where what
 * they say goes.  All of it is given, so that the same steps end the same way.
 *
 * vm->user is the struct world while a program runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct kern;
struct map;
struct prog;
struct run;
struct space;
struct vm;

/* The process that programs see as the current one. */
struct world_task {
	uint32_t pid, tgid, ppid; /* pid: of the thread */
	uint32_t uid, gid;
	char comm[16];
	uint64_t cgroup; /* id of its cgroup v2 */
};

/* The clock of a mock kernel moves by itself only by `step` for each question. */
struct world_clock {
	uint64_t boot_ns; /* since boot: ktime_get_ns and its like */
	uint64_t real_ns; /* at boot, since 1970 */
	uint64_t step;
};

/* All optional; arg is handed back. */
struct world_hooks {
	void *arg;
	/* A line of bpf_trace_printk() and its like, without the newline. */
	void (*printk)(void *arg, const char *line, size_t len);
	/* What a packet program redirected to: an ifindex, or the entry `key` of a map. */
	void (*redirect)(void *arg, const struct map *map, uint64_t key, uint64_t flags);
	/* bpf_sys_bpf(): attr is size host bytes, changed in place.  A value or -errno. */
	int64_t (*sys_bpf)(void *arg, int cmd, void *attr, uint32_t size);
	/* bpf_fib_lookup(): params is a struct bpf_fib_lookup, changed in place. */
	int64_t (*fib_lookup)(void *arg, void *params, uint32_t flags);
	/* A signal the program sends to the current task (bpf_send_signal). */
	void (*signal)(void *arg, uint32_t sig);
};

struct world {
	struct kern *kern;
	struct space *space;
	struct vm *vm;
	unsigned int cpus; /* possible ones, 1 to WORLD_CPUS */
	unsigned int cpu;  /* the current one */
	struct world_task task;
	struct world_clock clock;
	uint64_t seed; /* of bpf_get_prandom_u32(); moves on with every number */
	struct world_hooks hooks;
	bool past_runs; /* BPF_PROG_TEST_RUN of types that only kernels before 6.2 can run */
	const struct prog *prog;   /* the running one, or NULL */
	const struct btf *vmlinux; /* the kernel's types, or NULL; borrowed, set by the owner */
	struct run *run;	   /* what runs share: sim/run_priv.h */
};

#define WORLD_CPUS 64

/*
 * Makes the space, the vm and what runs need, and a world nobody has changed yet: one CPU, task
 * 1000 "bpfctl" of root, a clock that stands at 1 s.  Members that must be other may be set
 * afterwards, at any time no program runs.  False: no memory, and nothing is left to free.
 */
bool world_init(struct world *w);
/* After every program and map of it is gone. */
void world_fini(struct world *w);

/* The time since boot; moves it on by clock.step. */
uint64_t world_now(struct world *w);
/* The next number of the sequence that seed began. */
uint32_t world_random(struct world *w);
