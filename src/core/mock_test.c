// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tests on the mock kernel. */
#include "core/mock_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/mock_test_watch.h"
#include "core/sys.h"
#include "core/types.h"
#include "sim/code.h"
#include "sim/fault.h"
#include "sim/kern.h"
#include "sim/kobject.h"
#include "sim/prog.h"
#include "sim/run.h"
#include "sim/vm.h"
#include "sim/world.h"
#include "uapi/names.h"

#define ROOM 65536 /* for packets that grow */

/* ---- the kernel of a test ------------------------------------------------------------------ */

static void on_printk(void *arg, const char *line, size_t len)
{
	struct test_mock *m = arg;

	buf_add(&m->job->out.printk, line, len);
	buf_addc(&m->job->out.printk, '\n');
}

static void on_redirect(void *arg, const struct map *map, uint64_t key, uint64_t flags)
{
	struct test_mock *m = arg;

	(void)map;
	(void)flags;
	m->job->out.has_redirect = true;
	m->job->out.redirect = key;
}

/* What runs outside of a packet has tasks and kernel functions around it, and wants their types. */
static bool wants_types(const struct test_job *j)
{
	return !test_takes_packet(j->p.type) || test_item(j->decl, ITEM_OBJECT, false) ||
	       (object_types(j->o) && types_find_kind(object_types(j->o), ".ksyms", T_DATASEC));
}

/* Read once for all tests of a file; a machine without them can do without most of them. */
static int read_kernel_types(struct test_job *j, struct err *e)
{
	struct tests *t = j->tests;

	if (t->has_vmlinux || !wants_types(j))
		return 0;
	j->at = NULL;
	t->has_vmlinux = mock_door_types(j->opts->btf, &t->vmlinux, e) == 0;
	return t->has_vmlinux ? 0 : -EINVAL;
}

static void set_task(struct world *w, const struct test_decl *t)
{
	const struct test_item *comm = test_item(t, ITEM_COMM, false);
	struct world_task *task = &w->task;

	task->tgid = (uint32_t)test_number(t, ITEM_PID, task->tgid);
	task->pid = (uint32_t)test_number(t, ITEM_TID, test_number(t, ITEM_PID, task->pid));
	task->uid = (uint32_t)test_number(t, ITEM_UID, task->uid);
	task->gid = (uint32_t)test_number(t, ITEM_GID, task->gid);
	task->cgroup = test_number(t, ITEM_CGROUP, task->cgroup);
	if (!comm)
		return;
	memset(task->comm, 0, sizeof(task->comm));
	memcpy(task->comm, comm->value.text, comm->value.text_len);
}

/* An object laid out by the kernel's types. */
static int make_object(struct test_job *j, struct world *w, const struct test_item *it,
		       struct err *e)
{
	struct tests *t = j->tests;
	auto_codec struct codec *c = NULL;
	struct kobject *o;
	uint32_t id;
	size_t n;

	j->at = it;
	if (!t->types && t->vmlinux.len)
		t->types = types_raw(t->vmlinux.data, t->vmlinux.len, e);
	if (!t->types)
		return t->vmlinux.len ? -EINVAL
				      : err_absent(e, "the types of the kernel are not there: give "
						      "them with --btf");
	id = types_find_kind(t->types, it->path, T_STRUCT);
	if (!id)
		return err_absent(e, "the kernel has no struct '%s'", it->path);
	c = codec_of_type(t->types, id, CODEC_TYPED, e);
	kern_vmlinux(w->kern); /* reads them, which nobody may have asked for yet */
	o = c ? kobject_new_struct(w, it->path) : NULL;
	if (!o)
		return c ? err_code(e, ENOMEM, "no memory for the object %s", it->name) : -EINVAL;
	j->objects = xreallocarray(j->objects, j->nr_objects + 1, sizeof(*j->objects));
	j->objects[j->nr_objects++] = (struct test_object){ it->name, kobject_addr(o) };
	return test_encode(c, &it->value, kobject_bytes(o, &n), e);
}

static int make_objects(struct test_job *j, struct world *w, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < j->decl->n && r == 0; i++)
		if (j->decl->items[i].kind == ITEM_OBJECT)
			r = make_object(j, w, &j->decl->items[i], e);
	return r;
}

static int begin(struct test_job *j, struct err *e)
{
	auto_free struct test_mock *m = xcalloc(1, sizeof(*m));
	unsigned int cpu = (unsigned int)test_number(j->decl, ITEM_CPU, 0);
	unsigned int cpus = sys_possible_cpus();
	struct world *w;
	int r;

	if (cpus > WORLD_CPUS)
		cpus = WORLD_CPUS;
	if (cpu >= cpus) {
		j->at = test_item(j->decl, ITEM_CPU, false);
		return err_input(e, "there are CPUs 0 to %u", cpus - 1);
	}
	r = read_kernel_types(j, e);
	if (r == 0)
		r = mock_door_open(&m->door, &j->tests->vmlinux, e);
	if (r)
		return r;
	m->job = j;
	w = kern_world(m->door.kern);
	w->cpus = cpus;
	w->cpu = cpu;
	w->seed = test_number(j->decl, ITEM_SEED, w->seed);
	w->clock.boot_ns = test_number(j->decl, ITEM_CLOCK, w->clock.boot_ns);
	set_task(w, j->decl);
	w->past_runs = true;
	w->hooks.arg = m;
	w->hooks.printk = on_printk;
	w->hooks.redirect = on_redirect;
	j->mock = take_ptr(m);
	return make_objects(j, w, e);
}

static void end(struct test_job *j)
{
	struct test_mock *m = j->mock;

	if (!m)
		return;
	mock_door_close(&m->door);
	free(m);
	freep(&j->objects);
	j->nr_objects = 0;
	j->mock = NULL;
}

/* ---- running ------------------------------------------------------------------------------ */

/* Types whose test run is that of the kernel; the others run with what is given, as it is. */
static bool has_test_run(uint32_t type)
{
	switch (type) {
	case UAPI_PROG_sk_skb:
	case UAPI_PROG_sk_msg:
	case UAPI_PROG_sk_reuseport:
		return false;
	case UAPI_PROG_sk_lookup:
	case UAPI_PROG_syscall:
	case UAPI_PROG_raw_tracepoint:
		return true;
	default:
		return test_takes_packet(type);
	}
}

static void keep_fault(struct test_job *j, const struct vm_fault *f)
{
	j->out.stopped = true;
	buf_adds(&j->out.fault, f->text);
	mock_fault_report(f, &j->out.report);
}

static int run_directly(struct test_job *j, struct world *w, struct prog *p, struct err *e)
{
	uint64_t repeat = test_number(j->decl, ITEM_REPEAT, 1);
	struct vm_fault fault = {};
	struct run_prog r = {};
	int ret = 0;

	buf_add(&j->out.packet, j->packet.data, j->packet.len);
	buf_reserve(&j->out.packet, ROOM);
	buf_add(&j->out.ctx, j->ctx.data, j->ctx.len);
	if (buf_error(&j->out.packet) || buf_error(&j->out.ctx))
		return err_code(e, ENOMEM, "no memory to run the test");
	r.data = j->has_packet ? j->out.packet.data : NULL;
	r.len = j->has_packet ? (uint32_t)j->packet.len : 0;
	r.room = j->has_packet ? (uint32_t)j->packet.len + ROOM : 0;
	r.ctx = j->out.ctx.data;
	r.ctx_size = (uint32_t)j->out.ctx.len;
	while (repeat-- && ret == 0)
		ret = run_prog(w, p, &r, &fault);
	if (ret == -EFAULT && fault.kind) {
		keep_fault(j, &fault);
		return 0;
	}
	if (ret < 0)
		return err_code(e, ret, "the mock kernel cannot run a %s program",
				uapi_prog_type_name(j->p.type) ?: "unknown");
	j->out.retval = r.retval;
	j->out.has_packet = j->has_packet;
	j->out.packet.len = r.len;
	j->out.has_ctx = true;
	return 0;
}

static int run_as_test(struct test_job *j, struct test_mock *m, struct err *e)
{
	int r = test_run_by_kernel(j, e);

	if (r < 0 && e->code == EFAULT && kern_fault(m->door.kern)->kind) {
		err_clear(e);
		*e = (struct err){};
		keep_fault(j, kern_fault(m->door.kern));
		return 0;
	}
	return r;
}

static int run(struct test_job *j, struct err *e)
{
	struct test_mock *m = j->mock;
	struct prog *p = kern_prog(m->door.kern, j->p.fd);
	int r;

	if (!p)
		return err_failed(e, "the mock kernel has lost the program");
	r = mock_watch_begin(m, e);
	if (r < 0)
		return r;
	r = has_test_run(j->p.type) ? run_as_test(j, m, e)
				    : run_directly(j, kern_world(m->door.kern), p, e);
	mock_watch_end(m);
	return r;
}

const struct test_kernel mock_test_kernel = {
	.name = "mock",
	.is_mock = true,
	.begin = begin,
	.run = run,
	.end = end,
};
