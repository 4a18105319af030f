// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* link list, show, detach. */
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/live.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/ksyms.h"
#include "core/link.h"
#include "core/mem.h"
#include "uapi/names.h"

static const struct out_col link_cols[] = {
	{ "id", "ID", K_UINT, "kernel id", 0 },
	{ "type", "TYPE", K_STR, "link type, as libbpf spells it", 0 },
	{ "prog_id", "PROG", K_UINT, "its program; 0 for struct_ops", 0 },
	{ "target", "TARGET", K_STR, "where it is attached", OUT_TEXT_ONLY },
	{ "tp_name", "", K_STR, "raw_tracepoint: its name", OUT_JSON_ONLY },
	{ "prog_type", "", K_STR, "tracing: program type", OUT_JSON_ONLY },
	{ "target_obj_id", "", K_UINT, "tracing: BTF object of the target", OUT_JSON_ONLY },
	{ "target_btf_id", "", K_UINT, "tracing: type of the target", OUT_JSON_ONLY },
	{ "cgroup_id", "", K_UINT, "cgroup", OUT_JSON_ONLY },
	{ "attach_type", "ATTACH TYPE", K_STR, "the hook", OUT_IF_ANY },
	{ "target_name", "", K_STR, "iter: what is iterated", OUT_JSON_ONLY },
	{ "map_id", "", K_UINT, "iter, sockmap, struct_ops: its map", OUT_JSON_ONLY },
	{ "tid", "", K_UINT, "iter: one thread", OUT_JSON_ONLY },
	{ "order", "", K_STR, "iter: order of cgroups", OUT_JSON_ONLY },
	{ "netns_ino", "", K_UINT, "netns: its inode", OUT_JSON_ONLY },
	{ "devname", "", K_STR, "xdp, tcx, netkit: the device", OUT_JSON_ONLY },
	{ "ifindex", "", K_UINT, "its number", OUT_JSON_ONLY },
	{ "pf", "", K_UINT, "netfilter: protocol family", OUT_JSON_ONLY },
	{ "hook", "", K_UINT, "netfilter: hook", OUT_JSON_ONLY },
	{ "prio", "", K_INT, "netfilter: priority", OUT_JSON_ONLY },
	{ "flags", "", K_UINT, "netfilter: flags", OUT_JSON_ONLY },
	{ "retprobe", "", K_BOOL, "kprobe, uprobe: at return", OUT_JSON_ONLY },
	{ "path", "", K_STR, "uprobe_multi: the file", OUT_JSON_ONLY },
	{ "func_cnt", "", K_UINT, "kprobe_multi, uprobe_multi: number of functions",
	  OUT_JSON_ONLY },
	{ "pid", "", K_UINT, "iter, uprobe_multi: one process", OUT_JSON_ONLY },
	{ "addr", "", K_UINT, "kprobe: its address", OUT_JSON_ONLY },
	{ "func", "", K_STR, "kprobe: the function", OUT_JSON_ONLY },
	{ "file", "", K_STR, "uprobe: the file", OUT_JSON_ONLY },
	{ "offset", "", K_UINT, "kprobe: in the function; uprobe: in the file", OUT_JSON_ONLY },
	{ "missed", "", K_UINT, "kprobe: times it could not run", OUT_JSON_ONLY },
	{ "tracepoint", "", K_STR, "its name", OUT_JSON_ONLY },
	{ "event_type", "", K_ANY, "perf event: type", OUT_JSON_ONLY },
	{ "event_config", "", K_ANY, "perf event: which", OUT_JSON_ONLY },
	{ "cookie", "COOKIE", K_HEX, "what bpf_get_attach_cookie() gives", OUT_IF_ANY },
	{ "ref_ctr_offset", "", K_UINT, "uprobe: semaphore", OUT_JSON_ONLY },
	{ "funcs", "", K_LIST, "functions of a multi link", OUT_JSON_ONLY },
	LIVE_COLS,
	OUT_END,
};

static void put_attach_type(struct out *out, const struct link_info *i)
{
	live_put_type(out, "attach_type", uapi_attach_type_name(i->attach_type), i->attach_type);
}

static void put_device(struct out *out, const struct link_info *i)
{
	if (!i->ifindex)
		out_str(out, "devname", "(detached)");
	else
		out_str(out, "devname", i->devname[0] ? i->devname : "(unknown)");
	out_uint(out, "ifindex", i->ifindex);
}

static void put_iter(struct out *out, const struct link_info *i)
{
	const char *order = link_iter_order(i->order);

	if (i->name)
		out_str(out, "target_name", i->name);
	if (i->map_id)
		out_uint(out, "map_id", i->map_id);
	if (i->tid)
		out_uint(out, "tid", i->tid);
	else if (i->pid)
		out_uint(out, "pid", i->pid);
	if (!i->name || strcmp(i->name, "cgroup") != 0)
		return;
	out_uint(out, "cgroup_id", i->cgroup_id);
	live_put_type(out, "order", order, i->order);
}

static void put_kprobe_funcs(struct out *out, const struct link_info *i)
{
	out_bool(out, "retprobe", i->retprobe);
	out_uint(out, "func_cnt", i->nr_funcs);
	out_uint(out, "missed", i->missed);
	out_list(out, "funcs");
	for (uint32_t k = 0; k < i->nr_funcs; k++) {
		const struct link_func *f = &i->funcs[k];

		out_map(out, NULL);
		out_uint(out, "addr", f->addr);
		if (f->name)
			out_str(out, "func", f->name);
		if (f->module)
			out_str(out, "module", f->module);
		else
			out_null(out, "module");
		out_uint(out, "cookie", f->cookie);
		out_close(out);
	}
	out_close(out);
}

static void put_uprobe_funcs(struct out *out, const struct link_info *i)
{
	out_bool(out, "retprobe", i->retprobe);
	if (i->name)
		out_str(out, "path", i->name);
	out_uint(out, "func_cnt", i->nr_funcs);
	out_uint(out, "pid", i->pid);
	out_list(out, "funcs");
	for (uint32_t k = 0; k < i->nr_funcs; k++) {
		out_map(out, NULL);
		out_uint(out, "offset", i->funcs[k].addr);
		out_uint(out, "ref_ctr_offset", i->funcs[k].ref_ctr_offset);
		out_uint(out, "cookie", i->funcs[k].cookie);
		out_close(out);
	}
	out_close(out);
}

static void put_event(struct out *out, const struct link_info *i)
{
	char buf[64];
	const char *type = link_perf_type(i->event_type);
	const char *config = link_perf_config(i->event_type, i->event_config, buf);

	live_put_type(out, "event_type", type, i->event_type);
	if (config)
		out_str(out, "event_config", config);
	else
		out_uint(out, "event_config", i->event_config);
}

static void put_perf(struct out *out, const struct link_info *i)
{
	switch (i->perf) {
	case LINK_PERF_KPROBE:
	case LINK_PERF_KRETPROBE:
		out_bool(out, "retprobe", i->retprobe);
		out_uint(out, "addr", i->addr);
		out_str(out, "func", i->name ? i->name : "");
		out_uint(out, "offset", i->offset);
		out_uint(out, "missed", i->missed);
		break;
	case LINK_PERF_UPROBE:
	case LINK_PERF_URETPROBE:
		out_bool(out, "retprobe", i->retprobe);
		out_str(out, "file", i->name ? i->name : "");
		out_uint(out, "offset", i->offset);
		out_uint(out, "ref_ctr_offset", i->ref_ctr_offset);
		break;
	case LINK_PERF_TRACEPOINT:
		out_str(out, "tracepoint", i->name ? i->name : "");
		break;
	case LINK_PERF_EVENT:
		put_event(out, i);
		break;
	case LINK_PERF_UNKNOWN:
		return;
	}
	out_uint(out, "cookie", i->cookie);
}

static void put_netfilter(struct out *out, const struct link_info *i)
{
	out_uint(out, "pf", i->pf);
	out_uint(out, "hook", i->hook);
	out_int(out, "prio", i->priority);
	out_uint(out, "flags", i->flags);
}

static void put_tracing(struct out *out, const struct link_info *i)
{
	live_put_type(out, "prog_type", uapi_prog_type_name(i->prog_type), i->prog_type);
	put_attach_type(out, i);
	out_uint(out, "target_obj_id", i->target_obj_id);
	out_uint(out, "target_btf_id", i->target_btf_id);
	out_uint(out, "cookie", i->cookie);
}

static void put_details(struct out *out, const struct link_info *i)
{
	switch (i->type) {
	case UAPI_LINK_raw_tracepoint:
		out_str(out, "tp_name", i->name ? i->name : "");
		out_uint(out, "cookie", i->cookie);
		break;
	case UAPI_LINK_tracing:
		return put_tracing(out, i);
	case UAPI_LINK_cgroup:
		out_uint(out, "cgroup_id", i->cgroup_id);
		return put_attach_type(out, i);
	case UAPI_LINK_iter:
		return put_iter(out, i);
	case UAPI_LINK_netns:
		out_uint(out, "netns_ino", i->netns_ino);
		return put_attach_type(out, i);
	case UAPI_LINK_netfilter:
		return put_netfilter(out, i);
	case UAPI_LINK_tcx:
	case UAPI_LINK_netkit:
		put_device(out, i);
		return put_attach_type(out, i);
	case UAPI_LINK_xdp:
		return put_device(out, i);
	case UAPI_LINK_sockmap:
		out_uint(out, "map_id", i->map_id);
		return put_attach_type(out, i);
	case UAPI_LINK_struct_ops:
		out_uint(out, "map_id", i->map_id);
		break;
	case UAPI_LINK_kprobe_multi:
		return put_kprobe_funcs(out, i);
	case UAPI_LINK_uprobe_multi:
		return put_uprobe_funcs(out, i);
	case UAPI_LINK_perf_event:
		return put_perf(out, i);
	}
}

/* What people see instead of the details: the target in one phrase. */
static void put_target(struct out *out, const struct link_info *i)
{
	auto_buf struct buf target = {};

	link_target(i, &target);
	out_str(out, "target", buf_str(&target));
	if (i->attach_type)
		put_attach_type(out, i);
	if (i->cookie)
		out_uint(out, "cookie", i->cookie);
}

static void put_link(struct out *out, const struct link_info *i, const struct live *live)
{
	out_row(out);
	out_uint(out, "id", i->id);
	live_put_type(out, "type", uapi_link_type_name(i->type), i->type);
	out_uint(out, "prog_id", i->prog_id);
	if (out_is_text(out))
		put_target(out, i);
	else
		put_details(out, i);
	live_put(live, out, OBJ_LINK, i->id);
}

struct each {
	struct out *out;
	const struct live *live;
	struct ksyms *ksyms; /* read when the first link needs it */
};

/* Function names are left out where the kernel hides its symbols. */
static void resolve(struct link_info *i, struct ksyms **k)
{
	struct err ignored = {};

	if (i->type != UAPI_LINK_kprobe_multi || !i->nr_funcs)
		return;
	if (!*k)
		*k = ksyms_read(&ignored);
	if (*k)
		link_resolve(i, *k);
	err_clear(&ignored);
}

static int each_link(const struct link_info *i, int fd, void *arg)
{
	struct link_info resolved = *i; /* the functions stay the caller's */
	struct each *x = arg;

	(void)fd;
	resolve(&resolved, &x->ksyms);
	put_link(x->out, &resolved, x->live);
	return 0;
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_live struct live live = {};
	struct each x = { .out = ctx->out, .live = &live };
	int r = live_read(&live, ctx, e);

	(void)args;
	if (r < 0)
		return r;
	out_begin(ctx->out, link_cols, OUT_ROWS);
	r = link_each(each_link, &x, e);
	ksyms_freep(&x.ksyms);
	return r;
}

static int show_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct show_args *a = args;
	auto_link_info struct link_info i = {};
	auto_live struct live live = {};
	auto_ksyms struct ksyms *ksyms = NULL;
	auto_fd int fd = -1;
	int r;

	if (!a->handle.n)
		return list_run(ctx, args, e);
	fd = handle_open_words(a->handle.v, a->handle.n, OBJ_LINK, e);
	if (fd < 0)
		return fd;
	r = link_info_read(fd, &i, e);
	if (r == 0)
		r = live_read(&live, ctx, e);
	if (r < 0)
		return r;
	resolve(&i, &ksyms);
	out_begin(ctx->out, link_cols, OUT_ONE);
	put_link(ctx->out, &i, &live);
	return 0;
}

static int detach_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct show_args *a = args;
	auto_fd int fd = handle_open_words(a->handle.v, a->handle.n, OBJ_LINK, e);

	(void)ctx;
	return fd < 0 ? fd : link_detach(fd, e);
}

static const struct opt show_opts[] = {
	OPERAND(struct show_args, handle, OPT_LINK, "LINK", "all links when none is named"),
	OPT_END,
};

static const struct opt detach_opts[] = {
	OPERAND(struct show_args, handle, OPT_LINK, "LINK", "the link", .flags = OPT_REQUIRED),
	OPT_END,
};

const struct cmd cmd_link_list = {
	.name = "list",
	.brief = "list what is attached by a link",
	.cols = link_cols,
	.shape = OUT_ROWS,
	.run = list_run,
};

const struct cmd cmd_link_show = {
	.name = "show",
	.brief = "show one link",
	.opts = show_opts,
	.cols = link_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct show_args),
	.run = show_run,
};

const struct cmd cmd_link_detach = {
	.name = "detach",
	.brief = "end an attachment now, whoever holds the link",
	.opts = detach_opts,
	.args_size = sizeof(struct show_args),
	.run = detach_run,
};
