// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One test on one kernel: load, give, run, collect. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/prog.h"
#include "core/sys.h"
#include "core/test_diff.h"
#include "core/test_run.h"
#include "core/uapi.h"
#include "uapi/names.h"

#define ENOTSUPP 524

void test_out_free(struct test_out *o)
{
	buf_free(&o->packet);
	buf_free(&o->ctx);
	buf_free(&o->printk);
	buf_free(&o->fault);
	buf_free(&o->report);
	for (size_t i = 0; i < o->nr_records; i++)
		buf_free(&o->records[i].data);
	free(o->records);
	*o = (struct test_out){};
}

/* ---- records ------------------------------------------------------------------------------ */

/* The maps that records come from, and whose they are: numbers of the reader to the object's. */
struct listener {
	struct event_reader *reader;
	struct map *maps;
	size_t *index, n;
};

static void listener_close(struct listener *l)
{
	event_reader_freep(&l->reader);
	for (size_t i = 0; i < l->n; i++)
		map_close(&l->maps[i]);
	free(l->maps);
	free(l->index);
}
#define auto_listener __attribute__((cleanup(listener_close)))

static int listen_to(struct test_job *j, struct listener *l, struct err *e)
{
	struct object_map om;
	int fd, r = 0;

	for (size_t i = 0; i < object_nr_maps(j->o) && r >= 0; i++) {
		object_map(j->o, i, &om);
		if (om.type != UAPI_MAP_ringbuf && om.type != UAPI_MAP_perf_event_array)
			continue;
		if (!l->reader) {
			l->reader = event_reader_new(false);
			l->maps = xcalloc(object_nr_maps(j->o), sizeof(*l->maps));
			l->index = xcalloc(object_nr_maps(j->o), sizeof(*l->index));
		}
		fd = sys_dup(om.fd);
		if (fd < 0)
			return err_sys(e, "cannot keep map %s", om.name);
		l->maps[l->n] = (struct map)MAP_INIT;
		l->index[l->n] = i;
		r = map_open(&l->maps[l->n++], fd, e);
		if (r == 0)
			r = event_add(l->reader, &l->maps[l->n - 1], 0, e);
	}
	return r < 0 ? r : 0;
}

static int collect(struct test_job *j, struct listener *l, struct err *e)
{
	struct test_out *o = &j->out;
	struct event ev;

	while (l->reader && event_next(l->reader, &ev)) {
		if (ev.lost)
			continue;
		if (array_grow(&o->records, o->nr_records, &o->cap_records, sizeof(*o->records)))
			return err_code(e, ENOMEM, "no memory for records");
		o->records[o->nr_records] = (struct test_record){ .map = l->index[ev.source] };
		buf_add(&o->records[o->nr_records++].data, ev.data, ev.len);
	}
	return 0;
}

/* ---- the kernel's test run ---------------------------------------------------------------- */

/* The packet ends where it ends, unless the test means something else. */
static void fit_xdp(struct test_job *j)
{
	struct xdp_md *md = (struct xdp_md *)(void *)j->ctx.data;

	if (j->p.type == UAPI_PROG_xdp && j->ctx.len >= sizeof(*md) && !md->data_end)
		md->data_end = (uint32_t)j->packet.len;
}

static bool takes_ctx(const struct test_job *j)
{
	return j->has_ctx || !j->has_packet;
}

/* What a kernel refuses of a test run, or answers otherwise than a test may expect. */
static const char *unable(const struct test_job *j)
{
	switch (j->p.type) {
	case UAPI_PROG_tracing:
		return j->has_ctx
			       ? "the kernel cannot give a tracing program arguments in a test run"
			       : NULL;
	case UAPI_PROG_xdp:
		return j->has_ctx && probe_before("5.15")
			       ? "a test run of xdp has no context before Linux 5.15"
			       : NULL;
	case UAPI_PROG_flow_dissector:
		return probe_before("6.1")
			       ? "a flow dissector's result is not given before Linux 6.1"
			       : NULL;
	default:
		return NULL;
	}
}

int test_run_by_kernel(struct test_job *j, struct err *e)
{
	struct prog_run r = {
		.data = j->packet.data,
		.data_len = j->has_packet ? j->packet.len : 0,
		.ctx = j->ctx.data,
		.ctx_len = takes_ctx(j) ? j->ctx.len : 0,
		.repeat = (uint32_t)test_number(j->decl, ITEM_REPEAT, 1),
		.want_data = j->has_packet,
		.want_ctx = true,
		.data_out = &j->out.packet,
		.ctx_out = &j->out.ctx,
	};
	const char *why = unable(j);
	int code;

	if (why)
		return err_worded(e, -EOPNOTSUPP, "%s", why);
	/* Of an xdp context the kernel takes what the struct had before it had egress_ifindex. */
	fit_xdp(j);
	if (j->p.type == UAPI_PROG_raw_tracepoint || j->p.type == UAPI_PROG_syscall)
		r.repeat = 0;
	code = prog_test_run(j->p.fd, &r, e);
	if (code < 0)
		return code;
	j->out.retval = r.retval;
	/* These find their context changed where it is. */
	if (j->p.type == UAPI_PROG_syscall)
		buf_add(&j->out.ctx, j->ctx.data, j->ctx.len);
	j->out.has_packet = j->has_packet;
	j->out.has_ctx = j->out.ctx.len > 0;
	return 0;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static int make_input(struct test_job *j, struct err *e)
{
	int r;

	j->at = test_item(j->decl, ITEM_PACKET, false);
	j->has_packet = test_takes_packet(j->p.type);
	j->packet.len = 0;
	r = j->has_packet ? test_packet(j, j->at, &j->packet, e) : 0;
	return r < 0 ? r : test_ctx(j, e);
}

/* A test run happens on the CPU the caller is on: there it stays meanwhile. */
struct on_cpu {
	cpu_set_t before;
	bool moved;
};

static int cpu_begin(struct on_cpu *c, unsigned int cpu, struct err *e)
{
	cpu_set_t one;

	if (sched_getaffinity(0, sizeof(c->before), &c->before))
		return err_sys(e, "cannot tell which CPUs there are");
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return err_sys(e, "cannot run on CPU %u", cpu);
	c->moved = true;
	return 0;
}

static void cpu_end(struct on_cpu *c)
{
	if (c->moved)
		sched_setaffinity(0, sizeof(c->before), &c->before);
}
#define auto_on_cpu __attribute__((cleanup(cpu_end)))

static int load_and_run(struct test_job *j, const struct test_kernel *k, struct err *e)
{
	auto_on_cpu struct on_cpu cpu = {};
	auto_listener struct listener listener = {};
	int r = test_set_variables(j, e);

	j->at = NULL;
	if (r == 0)
		r = object_load(j->o, e);
	if (r < 0)
		return r;
	object_prog(j->o, j->prog, &j->p);
	r = test_fill_maps(j, e);
	if (r == 0)
		r = listen_to(j, &listener, e);
	if (r == 0)
		r = make_input(j, e);
	if (r == 0 && k->pins_cpu)
		r = cpu_begin(&cpu, (unsigned int)test_number(j->decl, ITEM_CPU, 0), e);
	if (r == 0)
		r = k->run(j, e);
	return r < 0 ? r : collect(j, &listener, e);
}

/* From an open object to its end on this kernel. */
static int run_object(struct test_job *j, const struct test_kernel *k, bool snapshot, struct err *e)
{
	int r = load_and_run(j, k, e);

	if (r == 0)
		r = test_expect(j, e);
	if (r == 0 && snapshot)
		r = test_snapshot(j->o, &j->snapshot, e);
	object_freep(&j->o);
	return r;
}

static void close_sockets(struct test_job *j)
{
	while (j->nr_sockets)
		closep(&j->sockets[--j->nr_sockets]);
	freep(&j->sockets);
}

int test_job_run(struct test_job *j, const struct test_kernel *k, bool snapshot, struct err *e)
{
	struct object_opts opts = {
		.name = j->tests->name,
		.btf_path = j->opts->btf,
		.say = j->opts->say,
		.arg = j->opts->arg,
	};
	int r;

	j->o = object_open(j->tests->elf.data, j->tests->elf.len, &opts, e);
	if (!j->o)
		return -EINVAL;
	r = test_choose(j, e);
	if (r == 0 && k->begin)
		r = k->begin(j, e);
	if (r == 0)
		r = run_object(j, k, snapshot, e);
	object_freep(&j->o);
	close_sockets(j);
	if (k->end)
		k->end(j);
	return r;
}

void test_job_free(struct test_job *j)
{
	object_freep(&j->o);
	buf_free(&j->packet);
	buf_free(&j->ctx);
	buf_free(&j->snapshot);
	test_out_free(&j->out);
}

/* Why this kernel cannot run the test; NULL: it can. */
char *test_unfit(const struct test_decl *t, const struct test_kernel *k)
{
	static const char *const words[ITEM_KINDS] = {
		[ITEM_CLOCK] = "clock",	  [ITEM_PID] = "pid",		[ITEM_TID] = "tid",
		[ITEM_UID] = "uid",	  [ITEM_GID] = "gid",		[ITEM_CGROUP] = "cgroup",
		[ITEM_SEED] = "seed",	  [ITEM_COMM] = "comm",		[ITEM_OBJECT] = "object",
		[ITEM_PRINTK] = "printk", [ITEM_REDIRECT] = "redirect", [ITEM_FAULT] = "fault",
	};

	for (uint32_t i = 0; i < t->n && !k->is_mock; i++)
		if (words[t->items[i].kind])
			return xasprintf("%s is for the mock kernel", words[t->items[i].kind]);
	return NULL;
}

bool test_is_unfit(const struct err *e)
{
	return e->code == ENOTSUPP || e->code == EOPNOTSUPP;
}
