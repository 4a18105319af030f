// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The world programs run in: making one, its clock, its numbers. */
#include "sim/world.h"

#include <string.h>

#include "sim/kobject.h"
#include "sim/run_priv.h"
#include "sim/space.h"
#include "sim/vm.h"

#define NS UINT64_C(1000000000)

/*
 * What lies behind a pointer of the kernel's is read with care: nothing there reads as 0.  Null
 * and small numbers are pointers of that kind as well; where the program's own memory is missed,
 * it faults.
 */
static bool bad_read(void *arg, struct vm *vm, uint64_t addr, uint32_t size, uint64_t *value)
{
	struct world *w = arg;
	const struct region *rg = space_find(w->space, addr);

	(void)size, (void)vm;
	if (!w->prog || (w->run->kind != CTX_args && w->run->kind != CTX_pointers))
		return false;
	if (rg && (rg->kind != REGION_OBJECT || !rg->live))
		return false;
	*value = 0;
	return true;
}

bool world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->cpus = 1;
	w->task = (struct world_task){
		.pid = 1000, .tgid = 1000, .ppid = 1, .comm = "bpfctl", .cgroup = 1
	};
	w->clock.boot_ns = NS;
	w->seed = 1;
	w->space = space_new();
	w->vm = w->space ? vm_new(w->space) : NULL;
	if (w->vm && run_init(w)) {
		struct vm_hooks hooks = { .arg = w, .bad_read = bad_read };

		w->vm->user = w;
		vm_set_hooks(w->vm, &hooks);
		return true;
	}
	world_fini(w);
	return false;
}

void world_fini(struct world *w)
{
	if (w->run)
		run_fini(w);
	vm_free(w->vm);
	if (w->space)
		space_free(w->space);
	w->vm = NULL;
	w->space = NULL;
}

uint64_t world_now(struct world *w)
{
	uint64_t now = w->clock.boot_ns;

	w->clock.boot_ns += w->clock.step;
	return now;
}

/* splitmix64: every seed is a good one. */
uint32_t world_random(struct world *w)
{
	uint64_t z = w->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32);
}
