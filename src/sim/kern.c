// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock kernel: system calls to commands. */
#include "sim/kern.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/kern_attr.h"
#include "sim/kern_log.h"
#include "sim/kern_net.h"
#include "sim/kern_priv.h"
#include "sim/kern_state.h"
#include "sim/run.h"
#include "uapi/names.h"

/* ---- objects that maps hold ---------------------------------------------------------------- */

static int get_object(void *arg, int fd, enum kobj_kind kind, struct kobj **o)
{
	struct kern *k = arg;
	int err;

	if (k->by_id) {
		*o = kern_by_id(k, kind, (uint32_t)fd);
		err = *o ? 0 : -ENOENT;
	} else {
		err = kern_object(k, fd, kind, o);
	}
	if (!err)
		kobj_get(*o);
	return err;
}

static int get_map(void *arg, int fd, struct map **m)
{
	struct kobj *o;
	int err = get_object(arg, fd, KOBJ_MAP, &o);

	if (!err)
		*m = (struct map *)o;
	return err;
}

static int get_prog(void *arg, int fd, struct prog **p)
{
	struct kobj *o;
	int err = get_object(arg, fd, KOBJ_PROG, &o);

	if (!err)
		*p = (struct prog *)o;
	return err;
}

/* Files of the machine are told by their inode; a process by its number. */
static int get_file(void *arg, enum map_file kind, int fd, uint64_t *key)
{
	struct kern *k = arg;
	const struct kern_file *f;
	int on = 0;
	socklen_t len = sizeof(on);
	struct stat st;

	if (fstat(fd, &st))
		return -EBADF;
	f = kern_file(k, fd);
	*key = st.st_ino;
	switch (kind) {
	case MAP_FILE_PERF:
		return f && f->kind == FILE_PERF ? 0 : -EINVAL;
	case MAP_FILE_CGROUP:
		return kern_target(fd, UAPI_LINK_cgroup, key);
	case MAP_FILE_SOCKET:
	case MAP_FILE_XSK:
		return S_ISSOCK(st.st_mode) ? 0 : -ENOTSOCK;
	case MAP_FILE_REUSEPORT:
		return getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, &len) || !on ? -EINVAL : 0;
	case MAP_FILE_PIDFD:
		/* The current task is the only one there is. */
		*key = k->world.task.pid;
		return f ? -EBADF : 0;
	default:
		return f ? -EBADF : 0;
	}
}

/* ---- small commands ------------------------------------------------------------------------ */

static long next_id(struct call *c, enum kobj_kind kind)
{
	struct attr_id *a = (void *)c->attr;

	if (a->id >= INT32_MAX)
		return -EINVAL;
	kern_sweep(c->k);
	if (kind == KOBJ_BTF)
		kern_vmlinux(c->k);
	a->next_id = kern_next_id(c->k, kind, a->id);
	if (!a->next_id)
		return -ENOENT;
	return CALL_PUT(c, attr_id, next_id);
}

static long fd_by_id(struct call *c, enum kobj_kind kind, uint32_t known_flags)
{
	const struct attr_id *a = (const void *)c->attr;
	struct kobj *o;

	if (a->open_flags & ~known_flags)
		return -EINVAL;
	if ((a->open_flags & BPF_F_RDONLY) && (a->open_flags & BPF_F_WRONLY))
		return -EINVAL;
	kern_sweep(c->k);
	if (kind == KOBJ_BTF)
		kern_vmlinux(c->k);
	o = kern_by_id(c->k, kind, a->id);
	return o ? kern_fd(c->k, o, a->open_flags) : -ENOENT;
}

static long call_prog_next(struct call *c)
{
	return next_id(c, KOBJ_PROG);
}

static long call_map_next_id(struct call *c)
{
	return next_id(c, KOBJ_MAP);
}

static long call_btf_next(struct call *c)
{
	return next_id(c, KOBJ_BTF);
}

static long call_link_next(struct call *c)
{
	return next_id(c, KOBJ_LINK);
}

static long call_prog_by_id(struct call *c)
{
	return fd_by_id(c, KOBJ_PROG, 0);
}

static long call_map_by_id(struct call *c)
{
	return fd_by_id(c, KOBJ_MAP, BPF_F_RDONLY | BPF_F_WRONLY);
}

static long call_btf_by_id(struct call *c)
{
	return fd_by_id(c, KOBJ_BTF, 0);
}

static long call_link_by_id(struct call *c)
{
	return fd_by_id(c, KOBJ_LINK, 0);
}

int kern_btf_add(struct kern *k, const void *data, size_t len, uint32_t id, struct buf *log,
		 struct btf **b)
{
	int err = btf_new(data, len, NULL, log, b);

	if (err)
		return err;
	err = kern_add(k, &(*b)->obj, id);
	if (err)
		kobj_put(&(*b)->obj);
	return err;
}

long call_btf_load(struct call *c)
{
	struct attr_btf_load *a = (void *)c->attr;
	struct kern_log l = { .to = a->log_buf, .size = a->log_size, .level = a->log_level };
	auto_buf struct buf log = {};
	auto_free void *data = NULL;
	struct btf *b;
	long fd;
	int err, told;

	if (a->btf_flags)
		return -EINVAL;
	if (a->btf_size > BTF_MAX_SIZE)
		return -E2BIG;
	err = kern_log_check(&l);
	if (!err)
		err = user_take(&data, a->btf, a->btf_size);
	if (err)
		return err;
	err = kern_btf_add(c->k, data, a->btf_size, 0, l.level ? &log : NULL, &b);
	told = kern_log_end(&l, &log);
	a->log_true_size = l.true_size;
	if (CALL_PUT(c, attr_btf_load, log_true_size))
		told = -EFAULT;
	fd = err ? err : told;
	if (!fd)
		fd = kern_fd(c->k, &b->obj, 0);
	if (!err)
		kobj_put(&b->obj);
	return told ? told : fd;
}

long call_enable_stats(struct call *c)
{
	const struct attr_enable_stats *a = (const void *)c->attr;
	const struct kern_file f = { .kind = FILE_STATS, .own_fd = -1 };
	long fd;

	if (a->type)
		return -EINVAL;
	fd = kern_fd_other(c->k, &f, "bpf-stats");
	if (fd >= 0)
		c->k->stats++;
	return fd;
}

int kern_bind(struct prog *p, struct map *m)
{
	struct map **maps;

	for (size_t i = 0; i < p->nr_maps; i++)
		if (p->maps[i] == m)
			return 0;
	maps = realloc(p->maps, (p->nr_maps + 1) * sizeof(struct map *));
	if (!maps)
		return -ENOMEM;
	p->maps = maps;
	p->maps[p->nr_maps++] = kobj_get(&m->obj);
	m->progs++;
	return 0;
}

long call_prog_bind_map(struct call *c)
{
	const struct attr_bind_map *a = (const void *)c->attr;
	struct kobj *o;
	struct prog *p;
	int err;

	if (a->flags)
		return -EINVAL;
	err = kern_prog_object(c->k, a->prog_fd, &p);
	if (!err)
		err = kern_object(c->k, (int)a->map_fd, KOBJ_MAP, &o);
	return err ? err : kern_bind(p, (struct map *)o);
}

/* ---- running ------------------------------------------------------------------------------- */

#define MAX_RUN (16u << 20) /* bytes of data or context */
#define GROWS (1u << 20)    /* more than a program can make its packet longer by */

/* Room for what comes out; without a size it is as long as it is. */
static void *out_room(uint64_t to, uint32_t *size, uint32_t in)
{
	if (*size > MAX_RUN)
		*size = MAX_RUN;
	return to ? calloc(1, *size ? *size : in + GROWS) : NULL;
}

/* Copies what goes in. */
static int run_room(const struct attr_test_run *a, struct run_test *t, void *held[4])
{
	int err = 0;

	if (a->data_size_in > MAX_RUN || a->ctx_size_in > MAX_RUN)
		return -EFAULT;
	if (a->data_in)
		err = user_take(&held[0], a->data_in, a->data_size_in);
	if (!err && a->ctx_in)
		err = user_take(&held[1], a->ctx_in, a->ctx_size_in);
	held[2] = out_room(a->data_out, &t->data_size_out, a->data_size_in);
	held[3] = out_room(a->ctx_out, &t->ctx_size_out, a->ctx_size_in);
	t->data_in = held[0];
	t->ctx_in = held[1];
	t->data_out = held[2];
	t->ctx_out = held[3];
	return err;
}

/* Of n bytes those there is room for; no size says that there is. */
static int run_copy(uint64_t to, const void *from, uint32_t n, uint32_t room)
{
	return from ? user_write(to, from, room && room < n ? room : n) : 0;
}

static int run_results(struct call *c, const struct prog *p, const struct run_test *t)
{
	struct attr_test_run *a = (void *)c->attr;
	uint32_t data = t->data_size_out, ctx = t->ctx_size_out;

	if (run_copy(a->data_out, t->data_out, data, a->data_size_out) ||
	    run_copy(a->ctx_out, t->ctx_out, ctx, a->ctx_size_out))
		return -EFAULT;
	/* The context of these is the caller's. */
	if (p->type == UAPI_PROG_syscall && run_copy(a->ctx_in, t->ctx_in, a->ctx_size_in, 0))
		return -EFAULT;
	a->retval = t->retval;
	a->duration = t->duration;
	a->data_size_out = data;
	a->ctx_size_out = ctx;
	if (CALL_PUT(c, attr_test_run, retval) || CALL_PUT(c, attr_test_run, duration) ||
	    CALL_PUT(c, attr_test_run, data_size_out) || CALL_PUT(c, attr_test_run, ctx_size_out))
		return -EFAULT;
	return 0;
}

static int run(struct call *c, struct prog *p)
{
	const struct attr_test_run *a = (const void *)c->attr;
	struct run_test t = { .data_size_in = a->data_size_in,
			      .data_size_out = a->data_size_out,
			      .ctx_size_in = a->ctx_size_in,
			      .ctx_size_out = a->ctx_size_out,
			      .repeat = a->repeat,
			      .flags = a->flags,
			      .cpu = a->cpu,
			      .batch_size = a->batch_size };
	void *held[4] = {};
	int err = run_room(a, &t, held), told;

	memset(&c->k->fault, 0, sizeof(c->k->fault));
	if (!err) {
		err = run_test(&c->k->world, p, &t, &c->k->fault);
		if (!err && c->k->stats) {
			p->run_cnt += t.repeat ?: 1;
			p->run_time_ns += (uint64_t)t.duration * (t.repeat ?: 1);
		}
		told = !err || err == -ENOSPC ? run_results(c, p, &t) : 0;
		err = told ? told : err;
	}
	for (size_t i = 0; i < countof(held); i++)
		free(held[i]);
	return err;
}

long call_prog_test_run(struct call *c)
{
	const struct attr_test_run *a = (const void *)c->attr;
	struct prog *p;
	int err;

	if (!a->ctx_size_in != !a->ctx_in || !a->ctx_size_out != !a->ctx_out)
		return -EINVAL;
	err = kern_prog_object(c->k, a->prog_fd, &p);
	if (err)
		return err;
	if (p->type == UAPI_PROG_syscall && a->ctx_size_in > UINT16_MAX) /* before it is read */
		return -EINVAL;
	return run(c, p);
}

/* ---- bpf(2) -------------------------------------------------------------------------------- */

#define END_OF(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))

/* By command: what does it, and where its attributes end; zeros follow in what comes in. */
static const struct {
	kern_cmd *run;
	uint16_t end;
} commands[] = {
	[BPF_MAP_CREATE] = { call_map_create, END_OF(attr_map_create, map_extra) },
	[BPF_MAP_LOOKUP_ELEM] = { call_map_lookup, END_OF(attr_elem, flags) },
	[BPF_MAP_UPDATE_ELEM] = { call_map_update, END_OF(attr_elem, flags) },
	[BPF_MAP_DELETE_ELEM] = { call_map_delete, END_OF(attr_elem, key) },
	[BPF_MAP_GET_NEXT_KEY] = { call_map_next, END_OF(attr_elem, value) },
	[BPF_PROG_LOAD] = { call_prog_load, END_OF(attr_prog_load, keyring_id) },
	[BPF_OBJ_PIN] = { call_obj_pin, END_OF(attr_obj, path_fd) },
	[BPF_OBJ_GET] = { call_obj_get, END_OF(attr_obj, path_fd) },
	[BPF_PROG_ATTACH] = { call_prog_attach, END_OF(attr_prog_attach, expected_revision) },
	[BPF_PROG_DETACH] = { call_prog_detach, END_OF(attr_prog_attach, expected_revision) },
	[BPF_PROG_TEST_RUN] = { call_prog_test_run, END_OF(attr_test_run, batch_size) },
	[BPF_PROG_GET_NEXT_ID] = { call_prog_next, END_OF(attr_id, next_id) },
	[BPF_MAP_GET_NEXT_ID] = { call_map_next_id, END_OF(attr_id, next_id) },
	[BPF_PROG_GET_FD_BY_ID] = { call_prog_by_id, END_OF(attr_id, id) },
	[BPF_MAP_GET_FD_BY_ID] = { call_map_by_id, END_OF(attr_id, open_flags) },
	[BPF_OBJ_GET_INFO_BY_FD] = { call_info, END_OF(attr_info, info) },
	[BPF_PROG_QUERY] = { call_prog_query, END_OF(attr_query, revision) },
	[BPF_RAW_TRACEPOINT_OPEN] = { call_raw_tracepoint_open,
				      END_OF(attr_raw_tracepoint, cookie) },
	[BPF_BTF_LOAD] = { call_btf_load, END_OF(attr_btf_load, token_fd) },
	[BPF_BTF_GET_FD_BY_ID] = { call_btf_by_id, END_OF(attr_id, token_fd) },
	[BPF_TASK_FD_QUERY] = { call_task_fd_query, END_OF(attr_task_fd_query, probe_addr) },
	[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = { call_map_lookup_delete, END_OF(attr_elem, flags) },
	[BPF_MAP_FREEZE] = { call_map_freeze, END_OF(attr_freeze, map_fd) },
	[BPF_BTF_GET_NEXT_ID] = { call_btf_next, END_OF(attr_id, next_id) },
	[BPF_MAP_LOOKUP_BATCH] = { call_map_batch_lookup, END_OF(attr_batch, flags) },
	[BPF_MAP_LOOKUP_AND_DELETE_BATCH] = { call_map_batch_lookup_delete,
					      END_OF(attr_batch, flags) },
	[BPF_MAP_UPDATE_BATCH] = { call_map_batch_update, END_OF(attr_batch, flags) },
	[BPF_MAP_DELETE_BATCH] = { call_map_batch_delete, END_OF(attr_batch, flags) },
	[BPF_LINK_CREATE] = { call_link_create, 64 },
	[BPF_LINK_UPDATE] = { call_link_update, END_OF(attr_link_update, old_fd) },
	[BPF_LINK_GET_FD_BY_ID] = { call_link_by_id, END_OF(attr_id, id) },
	[BPF_LINK_GET_NEXT_ID] = { call_link_next, END_OF(attr_id, next_id) },
	[BPF_ENABLE_STATS] = { call_enable_stats, END_OF(attr_enable_stats, type) },
	[BPF_ITER_CREATE] = { call_iter_create, END_OF(attr_iter_create, flags) },
	[BPF_LINK_DETACH] = { call_link_detach, END_OF(attr_link_detach, link_fd) },
	[BPF_PROG_BIND_MAP] = { call_prog_bind_map, END_OF(attr_bind_map, flags) },
};

static long bpf(struct kern *k, unsigned long cmd, uint64_t user, uint64_t size)
{
	struct call c = { .k = k, .user = user, .size = (uint32_t)size };
	size_t known = size < sizeof(c.attr) ? size : sizeof(c.attr);
	int err;

	if (size > 4096)
		return -E2BIG;
	err = size > known ? user_zero(user + known, size - known) : 0;
	if (!err)
		err = user_read(c.attr, user, known);
	if (err)
		return err;
	if (cmd >= countof(commands) || !commands[cmd].run)
		return -EINVAL;
	for (size_t i = commands[cmd].end; i < sizeof(c.attr); i++)
		if (c.attr[i])
			return -EINVAL;
	return commands[cmd].run(&c);
}

/* ---- system calls -------------------------------------------------------------------------- */

/*
 * poll(2) of ring buffers: they are ready when there is something in them, which a memfd does not
 * tell.  Where none is, the rest is waited for.
 */
static bool poll_rings(struct kern *k, struct pollfd *fds, size_t n, long *result)
{
	long ready = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		const struct kern_file *f = fds[i].fd >= 0 ? kern_file(k, fds[i].fd) : NULL;
		bool ring = f && (f->kind == FILE_PERF ||
				  (f->kind == FILE_OBJECT && f->obj->kind == KOBJ_MAP));

		if (!ring)
			continue;
		any = true;
		fds[i].revents = 0;
		if (f->kind == FILE_PERF ? kern_perf_readable(f, fds[i].fd)
					 : map_readable((struct map *)f->obj)) {
			fds[i].revents = POLLIN;
			ready++;
		}
	}
	*result = ready;
	return any && ready;
}

bool kern_call(struct kern *k, long nr, const unsigned long args[6], long *result)
{
	struct kern_file *f;

	switch (nr) {
	case SYS_bpf:
		*result = bpf(k, args[0], args[1], (uint32_t)args[2]);
		return true;
	case SYS_perf_event_open:
		*result = kern_perf_open(k, args);
		return true;
	case SYS_ioctl:
		f = kern_file(k, (int)args[0]);
		if (!f || f->kind != FILE_PERF)
			return false;
		*result = kern_perf_ioctl(k, f, args[1], args[2]);
		return true;
	case SYS_ppoll:
		return poll_rings(k, (struct pollfd *)args[0], args[1], result);
	default:
		return kern_net_call(k, nr, args, result) || kern_fs_call(k, nr, args, result);
	}
}

/* ---- the whole ----------------------------------------------------------------------------- */

struct kern *kern_new(const void *vmlinux, size_t vmlinux_len)
{
	struct kern *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	if (!world_init(&k->world)) {
		free(k);
		return NULL;
	}
	if (kern_devs_default(k)) {
		world_fini(&k->world);
		free(k);
		return NULL;
	}
	k->world.kern = k;
	k->objects = (struct map_objects){
		.arg = k,
		.get_map = get_map,
		.get_prog = get_prog,
		.get_file = get_file,
		.perf_output = kern_perf_output,
	};
	k->ids[KOBJ_BTF].last = 1; /* which is the kernel's own */
	k->vmlinux_data = vmlinux;
	k->vmlinux_len = vmlinux_len;
	return k;
}

/* What is held outside; programs and the maps they are in let go of each other first. */
static void let_go(struct kern *k)
{
	for (size_t i = k->ids[KOBJ_MAP].n; i-- > 0;)
		map_closed((struct map *)k->ids[KOBJ_MAP].v[i]);
	for (unsigned int kind = KOBJ_KINDS; kind-- > 0;) {
		struct kern_ids *ids = &k->ids[kind];

		for (size_t i = ids->n; i-- > 0;) {
			if (i >= ids->n || !ids->v[i]->held)
				continue;
			ids->v[i]->held = false;
			kobj_put(ids->v[i]);
		}
	}
}

void kern_free(struct kern *k)
{
	if (!k)
		return;
	while (k->nr_attached)
		kobj_put(&k->attached[--k->nr_attached].prog->obj);
	kern_devs_free(k);
	kern_pins_free(k);
	kern_files_free(k);
	let_go(k);
	if (k->vmlinux)
		kobj_put(&k->vmlinux->obj);
	world_fini(&k->world);
	for (unsigned int kind = 0; kind < KOBJ_KINDS; kind++)
		free(k->ids[kind].v);
	free(k->attached);
	free(k);
}

struct world *kern_world(struct kern *k)
{
	return &k->world;
}

struct btf *kern_vmlinux(struct kern *k)
{
	struct btf *b;

	if (k->vmlinux || !k->vmlinux_len)
		return k->vmlinux;
	if (btf_new_kernel(k->vmlinux_data, k->vmlinux_len, "vmlinux", &b) == 0) {
		k->vmlinux = b;
		k->world.vmlinux = b;
		kern_add(k, &b->obj, 1);
	}
	k->vmlinux_len = 0; /* asked once */
	return k->vmlinux;
}

struct prog *kern_prog(struct kern *k, int fd)
{
	struct prog *p;

	return kern_prog_object(k, (uint32_t)fd, &p) ? NULL : p;
}

struct map *kern_map(struct kern *k, int fd)
{
	struct kobj *o;

	return kern_object(k, fd, KOBJ_MAP, &o) ? NULL : (struct map *)o;
}

const struct vm_fault *kern_fault(const struct kern *k)
{
	return &k->fault;
}
