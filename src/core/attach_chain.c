// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Links to control groups and netkit devices, where several programs run one after another. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/attach.h"
#include "core/attach_rows.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/net.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

const struct uapi_attach_type_info *attach_chain(const struct uapi_section *s)
{
	const struct uapi_attach_type_info *t = uapi_attach_type_find(s->attach_type);

	if (!t || t->id == UAPI_ATTACH_lsm_cgroup ||
	    (strcmp(t->link_type, "cgroup") != 0 && strcmp(t->link_type, "netkit") != 0))
		return NULL;
	return t;
}

static int chain_error(const struct uapi_attach_type_info *t, const char *target, int code,
		       struct err *e)
{
	bool is_cgroup = strcmp(t->link_type, "cgroup") == 0;

	err_code(e, code, "cannot attach to %s as %s", target, t->name);
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return is_cgroup ? err_hint(e,
					    "%s is there since Linux %s, links to control groups "
					    "since 5.7",
					    t->name, t->since)
				 : err_hint(e,
					    "the device must be of kind netkit, which is there "
					    "since Linux %s",
					    t->since);
	if (code == -EPERM && is_cgroup)
		return err_hint(e, "a control group above or below allows only one program");
	return probe_denied(e, NEED_NET_ADMIN | NEED_BPF);
}

static int to_cgroup(int prog_fd, const struct uapi_attach_type_info *t,
		     const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	struct attr_link_create l = { .prog_fd = (uint32_t)prog_fd, .attach_type = t->id };
	auto_fd int dir = sys_open_dir(opts->cgroup);
	int fd;

	if (dir < 0)
		return err_code(e, dir, "cannot open control group %s", opts->cgroup);
	l.target = (uint32_t)dir;
	fd = sys_bpf(BPF_LINK_CREATE, &l, sizeof(l));
	if (fd == -EBADF) {
		err_input(e, "%s is no control group of version 2", opts->cgroup);
		return err_hint(e, "those are below the mount of type cgroup2 in /proc/mounts");
	}
	if (fd < 0)
		return chain_error(t, opts->cgroup, fd, e);
	a->fd = fd;
	a->is_link = true;
	snprintf(a->target, sizeof(a->target), "cgroup %s", opts->cgroup);
	return 0;
}

static int to_netkit(int prog_fd, const struct uapi_attach_type_info *t,
		     const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	struct attr_link_create l = { .prog_fd = (uint32_t)prog_fd, .attach_type = t->id };
	auto_net struct net *net = NULL;
	struct net_dev dev = {};
	int r;

	if (!attach_device(&net, opts->dev, opts, &dev, e))
		return err_class(e, e->class);
	r = attach_device_link(&l, &dev, opts, a, e);
	if (r < 0)
		return e->class ? r : chain_error(t, dev.name, r, e);
	snprintf(a->target, sizeof(a->target), "device %s, %s", dev.name, t->name);
	return 0;
}

int attach_to_chain(int prog_fd, const struct uapi_attach_type_info *t,
		    const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	bool is_cgroup = strcmp(t->link_type, "cgroup") == 0;

	if (is_cgroup && !opts->cgroup) {
		err_usage(e, "in which control group shall the program run?");
		return err_hint(e, "say --cgroup PATH");
	}
	if (!is_cgroup && !opts->dev) {
		err_usage(e, "which netkit device shall the program be attached to?");
		return err_hint(e, "say the network device: --dev DEV");
	}
	return is_cgroup ? to_cgroup(prog_fd, t, opts, a, e) : to_netkit(prog_fd, t, opts, a, e);
}
