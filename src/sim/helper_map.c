// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers that look into maps, locks and timers included. */
#include <string.h>

#include "core/mem.h"
#include "sim/helper_priv.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"

#define M(type) (UINT64_C(1) << UAPI_MAP_##type)

/* Maps that only helpers made for them take. */
#define SPECIAL                                                                                    \
	(M(prog_array) | M(perf_event_array) | M(ringbuf) | M(user_ringbuf) | M(stack_trace) |     \
	 M(cgroup_array) | M(cgroup_storage) | M(percpu_cgroup_storage) | M(cpumap) |              \
	 M(sk_storage) | M(task_storage) | M(inode_storage) | M(cgrp_storage) | M(queue) |         \
	 M(stack) | M(bloom_filter) | M(arena) | M(struct_ops))
/* Maps a program may look into, but not change. */
#define FIXED                                                                                      \
	(M(devmap) | M(devmap_hash) | M(xskmap) | M(array_of_maps) | M(hash_of_maps) |             \
	 M(reuseport_sockarray))

static struct map *map_but(struct vm *vm, int reg, uint64_t addr, uint64_t not )
{
	struct map *m = arg_map(vm, reg, addr);
	char verifier[80];

	if (!m || !(not >> m->spec.type & 1))
		return m;
	snprintf(verifier, sizeof(verifier), "cannot pass map_type %u into func", m->spec.type);
	vm_fail(vm, verifier, "map %s of type %s is none this helper takes", m->spec.name,
		uapi_map_type_name(m->spec.type));
	return NULL;
}

static const void *key_of(struct vm *vm, int reg, uint64_t addr, const struct map *m)
{
	return vm_read(vm, reg, addr, m->spec.key_size);
}

HELPER(map_lookup_elem)
{
	struct map *m = map_but(vm, 1, r1, SPECIAL);
	const void *key = m ? key_of(vm, 2, r2, m) : NULL;

	return key ? map_elem(m, key) : 0;
}

HELPER(map_lookup_percpu_elem)
{
	static const uint8_t types[] = { UAPI_MAP_percpu_array, UAPI_MAP_percpu_hash,
					 UAPI_MAP_lru_percpu_hash };
	struct map *m = arg_map_of(vm, 1, r1, types, countof(types));
	const void *key = m ? key_of(vm, 2, r2, m) : NULL;

	if (!key || (uint32_t)r3 >= world_of(vm)->cpus)
		return 0;
	return map_elem_cpu(m, key, (uint32_t)r3);
}

HELPER(map_update_elem)
{
	struct map *m = map_but(vm, 1, r1, SPECIAL | FIXED);
	const void *key = m ? key_of(vm, 2, r2, m) : NULL;
	const void *value = key ? vm_read(vm, 3, r3, m->spec.value_size) : NULL;

	return value ? (uint64_t)(int64_t)map_prog_update(m, key, value, r4) : 0;
}

HELPER(map_delete_elem)
{
	struct map *m = map_but(vm, 1, r1, SPECIAL | FIXED);
	const void *key = m ? key_of(vm, 2, r2, m) : NULL;

	return key ? (uint64_t)(int64_t)map_prog_delete(m, key) : 0;
}

static const uint8_t queues[] = { UAPI_MAP_queue, UAPI_MAP_stack, UAPI_MAP_bloom_filter };

HELPER(map_push_elem)
{
	struct map *m = arg_map_of(vm, 1, r1, queues, 3);
	const void *value = m ? vm_read(vm, 2, r2, m->spec.value_size) : NULL;

	return value ? (uint64_t)(int64_t)map_push(m, value, r3) : 0;
}

HELPER(map_pop_elem)
{
	struct map *m = arg_map_of(vm, 1, r1, queues, 2);
	void *value = m ? vm_write(vm, 2, r2, m->spec.value_size) : NULL;

	return value ? (uint64_t)(int64_t)map_pop(m, value) : 0;
}

/* A bloom filter is asked about a value; the others give theirs. */
HELPER(map_peek_elem)
{
	struct map *m = arg_map_of(vm, 1, r1, queues, 3);
	void *value = NULL;

	if (m && m->spec.type == UAPI_MAP_bloom_filter)
		value = vm_update(vm, 2, r2, m->spec.value_size);
	else if (m)
		value = vm_write(vm, 2, r2, m->spec.value_size);
	return value ? (uint64_t)(int64_t)map_peek(m, value) : 0;
}

struct each {
	struct vm *vm;
	uint64_t func, map, ctx;
	struct kobject *key;
	uint32_t key_size;
};

/* The callback gets the map, the addresses of key and value, and what the caller gave. */
static int each_elem(void *arg, const void *key, uint64_t value)
{
	struct each *e = arg;
	uint64_t args[4] = { e->map, kobject_addr(e->key), value, e->ctx }, ret;
	size_t n;

	memcpy(kobject_bytes(e->key, &n), key, e->key_size);
	if (vm_call(e->vm, e->func, args, 4, &ret))
		return -1;
	return ret != 0;
}

HELPER(for_each_map_elem)
{
	static const uint8_t zeros[8];
	struct map *m = arg_map(vm, 1, r1);
	struct each e = { .vm = vm, .func = r2, .map = r1, .ctx = r3 };
	uint8_t *bytes;
	int64_t n;

	if (!m)
		return 0;
	if (r4)
		return NO(EINVAL);
	e.key_size = m->spec.key_size;
	bytes = e.key_size <= sizeof(zeros) ? NULL : calloc(1, e.key_size);
	e.key = kobject_new_bytes(world_of(vm), bytes ? bytes : zeros,
				  bytes ? e.key_size : sizeof(zeros), "key");
	free(bytes);
	if (!e.key)
		return NO(ENOMEM);
	n = map_for_each(m, each_elem, &e);
	kobject_drop(e.key, "the callback returned");
	return (uint64_t)n;
}

HELPER(spin_lock)
{
	struct run *r = run_of(vm);

	if (!vm_update(vm, 1, r1, 4))
		return 0;
	if (r->lock)
		return vm_fail(vm, "Locking two bpf_spin_locks are not allowed",
			       "a second spin lock is taken while one is held");
	r->lock = r1;
	return 0;
}

HELPER(spin_unlock)
{
	struct run *r = run_of(vm);

	if (!r->lock)
		return vm_fail(vm, "bpf_spin_unlock without taking a lock",
			       "no spin lock is held that could be given back");
	if (r->lock != r1)
		return vm_fail(vm, "bpf_spin_unlock of different lock",
			       "another spin lock than this one is held");
	r->lock = 0;
	return 0;
}

HELPER(kptr_xchg)
{
	uint64_t *slot = vm_update(vm, 1, r1, 8), old;

	if (!slot)
		return 0;
	if (r2 && !run_release(vm, r2))
		return 0;
	old = *slot;
	*slot = r2;
	if (old && !run_acquire(vm, old, "pointer"))
		return 0;
	return old;
}

/* Of a task, socket, cgroup or inode; what it is known by is a number of its own. */
static uint64_t object_key(struct vm *vm, uint64_t addr, const char *member, uint64_t other)
{
	struct kobject *o = kobject_at(world_of(vm), addr);
	uint64_t key;

	if (o && kobject_get(o, member, &key))
		return key;
	return other ? other : addr;
}

static uint64_t storage_get(struct vm *vm, uint32_t type, const uint64_t *r, uint64_t key)
{
	const uint8_t types[] = { (uint8_t)type };
	struct map *m = arg_map_of(vm, 1, r[0], types, 1);
	const void *init = NULL;

	if (!m)
		return 0;
	if (r[2]) {
		init = vm_read(vm, 3, r[2], m->spec.value_size);
		if (!init)
			return 0;
	}
	if (!r[1] || r[3] & ~UINT64_C(1)) /* BPF_LOCAL_STORAGE_GET_F_CREATE */
		return 0;
	return map_storage(m, key, init, r[3]);
}

static uint64_t storage_delete(struct vm *vm, uint32_t type, uint64_t map, uint64_t object,
			       uint64_t key)
{
	const uint8_t types[] = { (uint8_t)type };
	struct map *m = arg_map_of(vm, 1, map, types, 1);

	if (!m)
		return 0;
	return object ? (uint64_t)(int64_t)map_storage_delete(m, key) : NO(EINVAL);
}

#define STORAGE(what, type, key)                                                                   \
	HELPER(what##_storage_get)                                                                 \
	{                                                                                          \
		return storage_get(vm, type, (const uint64_t[]){ r1, r2, r3, r4 }, key);           \
	}                                                                                          \
	HELPER(what##_storage_delete)                                                              \
	{                                                                                          \
		return storage_delete(vm, type, r1, r2, key);                                      \
	}
STORAGE(task, UAPI_MAP_task_storage, object_key(vm, r2, "pid", world_of(vm)->task.pid))
STORAGE(sk, UAPI_MAP_sk_storage, object_key(vm, r2, "sk_cookie", 0))
STORAGE(inode, UAPI_MAP_inode_storage, object_key(vm, r2, "i_ino", 0))
STORAGE(cgrp, UAPI_MAP_cgrp_storage, object_key(vm, r2, "kn.id", world_of(vm)->task.cgroup))

HELPER(get_local_storage)
{
	static const uint8_t types[] = { UAPI_MAP_cgroup_storage, UAPI_MAP_percpu_cgroup_storage };
	struct map *m = arg_map_of(vm, 1, r1, types, countof(types));
	const struct world *w = world_of(vm);

	return m ? map_cgroup_storage(m, w->task.cgroup, w->prog->attach_type) : 0;
}

/* XDP_ABORTED, or what the program wants if there is no such entry. */
HELPER(redirect_map)
{
	static const uint8_t types[] = { UAPI_MAP_devmap, UAPI_MAP_devmap_hash, UAPI_MAP_cpumap,
					 UAPI_MAP_xskmap };
	const uint64_t actions = XDP_ABORTED | XDP_DROP | XDP_PASS | XDP_TX;
	struct map *m = arg_map_of(vm, 1, r1, types, countof(types));
	uint64_t target, flags = BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS;
	struct run *r = run_of(vm);
	uint32_t key = (uint32_t)r2;
	struct prog *prog;

	if (!m)
		return 0;
	if (m->spec.type == UAPI_MAP_cpumap || m->spec.type == UAPI_MAP_xskmap)
		flags = 0;
	if (r3 & ~(actions | flags))
		return XDP_ABORTED;
	if (!(r3 & flags & BPF_F_BROADCAST) && map_redirect_target(m, &key, &target, &prog))
		return r3 & actions;
	r->redirect = (struct run_redirect){ true, m, key, r3 };
	if (world_of(vm)->hooks.redirect)
		world_of(vm)->hooks.redirect(world_of(vm)->hooks.arg, m, key, r3);
	return XDP_REDIRECT;
}

/* One return address: the function a probe is at, or one of nobody's. */
static uint64_t return_address(const struct run *r)
{
	return r->how && r->how->func_ip ? r->how->func_ip : UINT64_C(0xffffffff81000000);
}

HELPER(get_stackid)
{
	static const uint8_t types[] = { UAPI_MAP_stack_trace };
	struct map *m = arg_ctx(vm, 1, r1) ? arg_map_of(vm, 2, r2, types, 1) : NULL;
	uint64_t ip = return_address(run_of(vm));

	return m ? (uint64_t)map_stack_id(m, &ip, 1, r3) : 0;
}

static uint64_t get_stack(struct vm *vm, uint64_t buf, uint64_t size, uint64_t flags)
{
	uint64_t known = BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_USER_BUILD_ID;
	uint64_t ip = return_address(run_of(vm));
	uint8_t *to = vm_write(vm, 2, buf, (uint32_t)size);

	if (!to)
		return 0;
	memset(to, 0, (uint32_t)size);
	if (flags & ~known || (uint32_t)size % 8 ||
	    (flags & BPF_F_USER_BUILD_ID && !(flags & BPF_F_USER_STACK)))
		return NO(EINVAL);
	if (flags & BPF_F_SKIP_FIELD_MASK || !(uint32_t)size)
		return 0;
	memcpy(to, &ip, 8);
	return 8;
}

HELPER(get_stack)
{
	return arg_ctx(vm, 1, r1) ? get_stack(vm, r2, r3, r4) : 0;
}

HELPER(get_task_stack)
{
	return get_stack(vm, r2, r3, r4);
}

/* ---- Timers: a list of them, which run_timers() goes through. ---- */

static struct run_timer *find_timer(struct vm *vm, uint64_t addr, bool *wrong)
{
	struct run *r = run_of(vm);

	*wrong = !vm_update(vm, 1, addr, 16);
	for (uint32_t i = 0; i < r->nr_timers; i++)
		if (r->timers[i].addr == addr)
			return &r->timers[i];
	return NULL;
}

HELPER(timer_init)
{
	struct run *r = run_of(vm);
	bool wrong;
	struct run_timer *t = find_timer(vm, r1, &wrong);
	struct map *m = wrong ? NULL : arg_map(vm, 2, r2);
	uint64_t clock = r3 & 15;

	if (!m)
		return 0;
	if (r3 >= 16 ||
	    (clock != 0 && clock != 1 && clock != 7)) /* REALTIME, MONOTONIC, BOOTTIME */
		return NO(EINVAL);
	if (t)
		return NO(EBUSY);
	if (r->nr_timers == countof(r->timers))
		return NO(ENOMEM);
	r->timers[r->nr_timers++] = (struct run_timer){ .addr = r1, .map = m };
	return 0;
}

HELPER(timer_set_callback)
{
	bool wrong;
	struct run_timer *t = find_timer(vm, r1, &wrong);

	if (wrong)
		return 0;
	if (!t)
		return NO(EINVAL);
	t->func = r2;
	t->code = vm->code;
	return 0;
}

HELPER(timer_start)
{
	bool wrong;
	struct run_timer *t = find_timer(vm, r1, &wrong);
	const uint64_t known = 3; /* BPF_F_TIMER_ABS, BPF_F_TIMER_CPU_PIN */

	if (wrong)
		return 0;
	if (r3 & ~known || !t || !t->func)
		return NO(EINVAL);
	t->armed = true;
	t->when = r3 & 1 ? r2 : world_of(vm)->clock.boot_ns + r2;
	return 0;
}

HELPER(timer_cancel)
{
	bool wrong, armed;
	struct run_timer *t = find_timer(vm, r1, &wrong);

	if (wrong)
		return 0;
	if (!t)
		return NO(EINVAL);
	if (t->running)
		return NO(EDEADLK);
	armed = t->armed;
	t->armed = false;
	t->func = 0;
	return armed;
}
