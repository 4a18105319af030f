// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* xdp list, show, attach, detach. */
#include <errno.h>

#include "cmd/cmds.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/mem.h"
#include "core/net.h"

struct xdp_args {
	const char *dev;
	struct words prog, replace;
	bool overwrite;
	int mode;
};

static const struct out_col xdp_cols[] = {
	{ "devname", "DEVICE", K_STR, "network device", 0 },
	{ "ifindex", "INDEX", K_UINT, "its number", 0 },
	{ "kind", "KIND", K_STR, "veth, bridge ...; hardware has none", OUT_IF_ANY },
	{ "mtu", "MTU", K_UINT, "its largest packet", 0 },
	{ "mode", "MODE", K_STR, "driver, generic or offload", 0 },
	{ "id", "PROG", K_UINT, "program attached", 0 },
	{ "multi_attachments", "PROGS", K_LIST, "several: mode and id of each", OUT_IF_ANY },
	OUT_END,
};

static void put_several(struct out *out, const struct net_dev *d)
{
	out_list(out, "multi_attachments");
	for (enum xdp_mode m = XDP_MODE_NATIVE; m < XDP_MODE_MULTI; m++) {
		if (!d->xdp_ids[m])
			continue;
		out_map(out, NULL);
		out_str(out, "mode", xdp_mode_bpftool(m));
		out_uint(out, "id", d->xdp_ids[m]);
		out_close(out);
	}
	out_close(out);
}

static void put_dev(struct out *out, const struct net_dev *d)
{
	out_row(out);
	out_str(out, "devname", d->name);
	out_uint(out, "ifindex", d->ifindex);
	if (d->kind[0])
		out_str(out, "kind", d->kind);
	out_uint(out, "mtu", d->mtu);
	if (d->xdp_mode == XDP_MODE_MULTI) {
		put_several(out, d);
	} else if (d->xdp_mode != XDP_MODE_AUTO) {
		out_str(out, "mode", xdp_mode_bpftool(d->xdp_mode));
		out_uint(out, "id", d->xdp_id);
	}
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_net struct net *n = net_open(ctx->netns, e);
	auto_free struct net_dev *devs = NULL;
	size_t nr;
	int r = n ? net_devs(n, &devs, &nr, e) : -1;

	(void)args;
	if (r < 0)
		return r;
	out_begin(ctx->out, xdp_cols, OUT_ROWS);
	for (size_t i = 0; i < nr; i++)
		if (devs[i].xdp_mode != XDP_MODE_AUTO)
			put_dev(ctx->out, &devs[i]);
	return 0;
}

/* The device in the namespace of the command line. */
static struct net *open_dev(const struct ctx *ctx, const char *name, struct net_dev *dev,
			    struct err *e)
{
	auto_net struct net *n = net_open(ctx->netns, e);

	if (!n || net_dev(n, name, dev, e) < 0)
		return NULL;
	return take_ptr(n);
}

static int put_one(struct ctx *ctx, struct net *n, const char *name, struct err *e)
{
	struct net_dev dev;
	int r = net_dev(n, name, &dev, e);

	if (r < 0)
		return r;
	out_begin(ctx->out, xdp_cols, OUT_ONE);
	put_dev(ctx->out, &dev);
	return 0;
}

static int show_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct xdp_args *a = args;
	auto_net struct net *n = net_open(ctx->netns, e);

	return n ? put_one(ctx, n, a->dev, e) : -1;
}

static int attach_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct xdp_args *a = args;
	struct xdp_change how = { .mode = (enum xdp_mode)a->mode,
				  .replace = a->overwrite || a->replace.n,
				  .expected_fd = -1 };
	auto_fd int fd = handle_open_words(a->prog.v, a->prog.n, OBJ_PROG, e), old = -1;
	auto_net struct net *n = NULL;
	struct net_dev dev;
	int r;

	if (fd < 0)
		return fd;
	if (a->replace.n) {
		old = handle_open_words(a->replace.v, a->replace.n, OBJ_PROG, e);
		if (old < 0)
			return err_wrap(e, "replace: ");
		how.expected_fd = old;
	}
	n = open_dev(ctx, a->dev, &dev, e);
	r = n ? net_xdp_attach(n, &dev, fd, &how, e) : -1;
	return r < 0 ? r : put_one(ctx, n, a->dev, e);
}

static int detach_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct xdp_args *a = args;
	struct xdp_change how = { .mode = (enum xdp_mode)a->mode, .expected_fd = -1 };
	auto_fd int old = -1;
	auto_net struct net *n = NULL;
	struct net_dev dev;

	if (a->prog.n) {
		old = handle_open_words(a->prog.v, a->prog.n, OBJ_PROG, e);
		if (old < 0)
			return old;
		how.expected_fd = old;
	}
	n = open_dev(ctx, a->dev, &dev, e);
	return n ? net_xdp_detach(n, &dev, &how, e) : -1;
}

static const struct opt_word modes[] = {
	{ "auto", XDP_MODE_AUTO, "the driver's if it has one, else generic" },
	{ "native", XDP_MODE_NATIVE, "in the driver" },
	{ "generic", XDP_MODE_SKB, "in the network stack" },
	{ "offload", XDP_MODE_HW, "on the card" },
	{},
};

#define DEV_OPERAND                                                                                \
	OPERAND(struct xdp_args, dev, OPT_IFACE, "DEVICE", "name or index of the device",          \
		.flags = OPT_REQUIRED)
#define MODE_OPTION                                                                                \
	OPTION(struct xdp_args, mode, OPT_ENUM, "mode", 0, "MODE",                                 \
	       "auto, native, generic or offload", .words = modes)

static const struct opt show_opts[] = { DEV_OPERAND, OPT_END };

static const struct opt attach_opts[] = {
	DEV_OPERAND,
	KEYWORD(struct xdp_args, prog, OPT_PROG, "prog", "PROG", "the program",
		.flags = OPT_REQUIRED),
	MODE_OPTION,
	KEYWORD(struct xdp_args, replace, OPT_PROG, "replace", "PROG",
		"only if this program is attached now, in its place"),
	KEYWORD(struct xdp_args, overwrite, OPT_FLAG, "overwrite", NULL,
		"whatever is attached now"),
	OPT_END,
};

static const struct opt detach_opts[] = {
	DEV_OPERAND,
	KEYWORD(struct xdp_args, prog, OPT_PROG, "prog", "PROG", "only if it is this program"),
	MODE_OPTION,
	OPT_END,
};

const struct cmd cmd_xdp_list = {
	.name = "list",
	.brief = "list the devices that run XDP programs",
	.cols = xdp_cols,
	.shape = OUT_ROWS,
	.run = list_run,
};

const struct cmd cmd_xdp_show = {
	.name = "show",
	.brief = "show one device",
	.opts = show_opts,
	.cols = xdp_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct xdp_args),
	.run = show_run,
};

const struct cmd cmd_xdp_attach = {
	.name = "attach",
	.brief = "put a loaded program on a device",
	.doc = "It stays until it is detached. Something attached already is an error, unless it is to "
	       "be replaced. What is printed is what the device runs afterwards.",
	.opts = attach_opts,
	.cols = xdp_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct xdp_args),
	.run = attach_run,
};

const struct cmd cmd_xdp_detach = {
	.name = "detach",
	.brief = "take the program off a device",
	.opts = detach_opts,
	.args_size = sizeof(struct xdp_args),
	.run = detach_run,
};
