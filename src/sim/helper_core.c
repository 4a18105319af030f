// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers about the clock, the CPU, the task and the program itself. */
#include <limits.h>
#include <string.h>

#include "core/mem.h"
#include "sim/code.h"
#include "sim/helper_priv.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"
#include "sim/space.h"

#define HZ 250
#define MAX_LOOPS (1u << 23)

HELPER(ktime_get_ns)
{
	return world_now(world_of(vm));
}

HELPER(ktime_get_boot_ns)
{
	return world_now(world_of(vm));
}

HELPER(ktime_get_coarse_ns)
{
	uint64_t tick = 1000000000 / HZ;

	return world_now(world_of(vm)) / tick * tick;
}

HELPER(ktime_get_tai_ns)
{
	struct world *w = world_of(vm);

	return w->clock.real_ns + world_now(w);
}

HELPER(jiffies64)
{
	/* The kernel's counter begins five minutes before it overflows 32 bits. */
	return world_now(world_of(vm)) / (1000000000 / HZ) + (uint32_t)(-300 * HZ);
}

HELPER(get_prandom_u32)
{
	return world_random(world_of(vm));
}

HELPER(get_smp_processor_id)
{
	return world_of(vm)->cpu;
}

HELPER(get_numa_node_id)
{
	return 0;
}

HELPER(get_current_pid_tgid)
{
	const struct world_task *t = &world_of(vm)->task;

	return (uint64_t)t->tgid << 32 | t->pid;
}

HELPER(get_current_uid_gid)
{
	const struct world_task *t = &world_of(vm)->task;

	return (uint64_t)t->gid << 32 | t->uid;
}

HELPER(get_current_comm)
{
	const struct world_task *t = &world_of(vm)->task;
	char *to = arg_size(vm, 2, r2, INT_MAX) ? vm_write(vm, 1, r1, r2) : NULL;

	if (!to || !r2)
		return 0;
	/* All of it is written, and ended in any case. */
	memset(to, 0, r2);
	memcpy(to, t->comm, r2 < sizeof(t->comm) ? r2 : sizeof(t->comm));
	to[r2 - 1] = '\0';
	return 0;
}

HELPER(get_ns_current_pid_tgid)
{
	const struct world_task *t = &world_of(vm)->task;
	uint32_t *info = vm_write(vm, 3, r3, r4);

	if (!info)
		return 0;
	if (r4 != 8)
		return NO(EINVAL);
	info[0] = t->pid;
	info[1] = t->tgid;
	return 0;
}

HELPER(get_current_task)
{
	return kobject_current(world_of(vm));
}

HELPER(get_current_task_btf)
{
	return kobject_current(world_of(vm));
}

HELPER(get_current_cgroup_id)
{
	return world_of(vm)->task.cgroup;
}

/* Of a cgroup below the root: ancestor 0 is the root, itself comes behind. */
static uint64_t ancestor(const struct world *w, uint64_t level)
{
	if (level == 0)
		return 1;
	return level == 1 ? w->task.cgroup : 0;
}

HELPER(get_current_ancestor_cgroup_id)
{
	return ancestor(world_of(vm), r1);
}

HELPER(skb_ancestor_cgroup_id)
{
	return arg_ctx(vm, 1, r1) ? ancestor(world_of(vm), r2) : 0;
}

HELPER(skb_cgroup_id)
{
	return arg_ctx(vm, 1, r1) ? world_of(vm)->task.cgroup : 0;
}

HELPER(sk_cgroup_id)
{
	return vm_read(vm, 1, r1, 4) ? world_of(vm)->task.cgroup : 0;
}

HELPER(get_cgroup_classid)
{
	return 0;
}

HELPER(skb_cgroup_classid)
{
	return 0;
}

/* Cgroups in a map are told apart by their ids. */
static uint64_t under_cgroup(struct vm *vm, int reg, uint64_t map, uint64_t index)
{
	static const uint8_t types[] = { UAPI_MAP_cgroup_array };
	struct map *m = arg_map_of(vm, reg, map, types, countof(types));
	uint32_t key = (uint32_t)index;
	uint64_t id;
	int err;

	if (!m)
		return 0;
	if (key >= m->spec.max_entries)
		return NO(E2BIG);
	err = map_file_at(m, &key, &id);
	if (err)
		return NO(EAGAIN);
	return id == world_of(vm)->task.cgroup || id == 1;
}

HELPER(current_task_under_cgroup)
{
	return under_cgroup(vm, 1, r1, r2);
}

HELPER(skb_under_cgroup)
{
	return arg_ctx(vm, 1, r1) ? under_cgroup(vm, 2, r2, r3) : 0;
}

HELPER(get_func_ip)
{
	const struct run *r = run_of(vm);

	return r->how ? r->how->func_ip : 0;
}

HELPER(get_attach_cookie)
{
	const struct run *r = run_of(vm);

	return r->how ? r->how->cookie : 0;
}

HELPER(get_func_arg_cnt)
{
	const struct run *r = run_of(vm);

	return r->how ? r->how->nr_args : 0;
}

HELPER(get_func_arg)
{
	const struct run *r = run_of(vm);
	uint64_t *to = vm_write(vm, 3, r3, 8);

	if (!to)
		return 0;
	if ((uint32_t)r2 >= (r->how ? r->how->nr_args : 0))
		return NO(EINVAL);
	memcpy(to, r->ctx + 8 * (size_t)(uint32_t)r2, 8);
	return 0;
}

HELPER(get_func_ret)
{
	const struct run *r = run_of(vm);
	uint64_t *to = vm_write(vm, 2, r2, 8);
	uint32_t attach = world_of(vm)->prog->attach_type;

	if (!to)
		return 0;
	if (attach != UAPI_ATTACH_trace_fexit && attach != UAPI_ATTACH_modify_return)
		return NO(EOPNOTSUPP);
	*to = r->how ? r->how->func_ret : 0;
	return 0;
}

HELPER(get_retval)
{
	return (uint64_t)(int64_t)run_of(vm)->retval;
}

HELPER(set_retval)
{
	run_of(vm)->retval = (int32_t)r1;
	return 0;
}

HELPER(override_return)
{
	struct run *r = run_of(vm);

	if (r->how)
		r->how->func_ret = r2;
	return 0;
}

static uint64_t send_signal(struct vm *vm, uint64_t sig)
{
	const struct world *w = world_of(vm);

	if ((uint32_t)sig > 64)
		return NO(EINVAL);
	if (w->task.pid == 1)
		return NO(EPERM);
	if (w->hooks.signal)
		w->hooks.signal(w->hooks.arg, (uint32_t)sig);
	return 0;
}

HELPER(send_signal)
{
	return send_signal(vm, r1);
}

HELPER(send_signal_thread)
{
	return send_signal(vm, r1);
}

/* One CPU's copy is all there is of the kernel's variables. */
HELPER(per_cpu_ptr)
{
	return (uint32_t)r2 < world_of(vm)->cpus ? r1 : 0;
}

HELPER(this_cpu_ptr)
{
	return r1;
}

HELPER(task_pt_regs)
{
	return 0;
}

HELPER(tail_call)
{
	static const uint8_t types[] = { UAPI_MAP_prog_array };
	struct map *m = arg_ctx(vm, 1, r1) ? arg_map_of(vm, 2, r2, types, countof(types)) : NULL;
	struct prog *next;

	if (!m || (uint32_t)r3 >= m->spec.max_entries)
		return NO(ENOENT);
	next = map_prog_at(m, (uint32_t)r3);
	if (next)
		vm_tail_call(vm, next->code);
	return NO(ENOENT);
}

HELPER(loop)
{
	uint32_t n = (uint32_t)r1;

	if (r4)
		return NO(EINVAL);
	if (n > MAX_LOOPS)
		return NO(E2BIG);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t args[] = { i, r3 }, ret;

		if (vm_call(vm, r2, args, 2, &ret))
			return 0;
		if (ret)
			return i + 1;
	}
	return n;
}

HELPER(strncmp)
{
	uint32_t n = (uint32_t)r2;
	const char *a = vm_read(vm, 1, r1, n);
	const char *b = a ? vm_string(vm, 3, r3, 1 << 20) : NULL;

	if (!b)
		return 0;
	/* As the kernel's: the difference is of one character. */
	for (uint32_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];

		if (x != y)
			return (uint64_t)(int64_t)(x < y ? -1 : 1);
		if (!x)
			break;
	}
	return 0;
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned int)(c - 'a' + 10) : 255;
}

/* The base a number is written in, if it says so itself, and where its digits begin. */
static size_t prefix(const char *s, size_t n, size_t i, unsigned int *base)
{
	bool hex = i + 2 < n && s[i] == '0' && (s[i + 1] | 0x20) == 'x' && digit(s[i + 2]) < 16;

	if (!*base)
		*base = s[i] != '0' ? 10 : hex ? 16 : 8;
	return *base == 16 && hex ? i + 2 : i;
}

/* __bpf_strtoull(): how many characters were used, or an error. */
static int64_t parse(const char *s, size_t n, uint64_t flags, uint64_t *value, bool *negative)
{
	unsigned int base = (unsigned int)flags;
	size_t i = 0, start;

	if (!n || flags & ~UINT64_C(0x1f) || (base && base != 8 && base != 10 && base != 16))
		return -EINVAL;
	while (i < n && (s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r')))
		i++;
	*negative = i < n && s[i] == '-';
	i += *negative;
	if (i == n || !s[i])
		return -EINVAL;
	i = prefix(s, n, i, &base);
	*value = 0;
	for (start = i; i < n && digit(s[i]) < base; i++)
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit(s[i]), value))
			return -ERANGE;
	return i > start ? (int64_t)i : -EINVAL;
}

HELPER(strtol)
{
	const char *s = vm_read(vm, 1, r1, r2);
	uint64_t *to = s ? vm_write(vm, 4, r4, 8) : NULL, v;
	bool negative;
	int64_t n;

	if (!to)
		return 0;
	*to = 0;
	n = parse(s, r2, r3, &v, &negative);
	if (n < 0)
		return (uint64_t)n;
	if (v > (uint64_t)INT64_MAX + negative)
		return NO(ERANGE);
	*to = negative ? 0 - v : v;
	return (uint64_t)n;
}

HELPER(strtoul)
{
	const char *s = vm_read(vm, 1, r1, r2);
	uint64_t *to = s ? vm_write(vm, 4, r4, 8) : NULL, v;
	bool negative;
	int64_t n;

	if (!to)
		return 0;
	*to = 0;
	n = parse(s, r2, r3, &v, &negative);
	if (n < 0)
		return (uint64_t)n;
	if (negative)
		return NO(EINVAL);
	*to = v;
	return (uint64_t)n;
}

/* No branch was recorded, as without the hardware for it. */
HELPER(get_branch_snapshot)
{
	return NO(ENOENT);
}

HELPER(read_branch_records)
{
	return NO(ENOENT);
}

HELPER(sys_bpf)
{
	const struct world *w = world_of(vm);
	void *attr = vm_update(vm, 2, r2, (uint32_t)r3);

	if (!attr)
		return 0;
	if (!w->hooks.sys_bpf)
		return NO(EINVAL);
	return (uint64_t)w->hooks.sys_bpf(w->hooks.arg, (int)r1, attr, (uint32_t)r3);
}
