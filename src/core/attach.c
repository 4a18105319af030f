// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rows of attach kinds, and attaching by them. */
#include "core/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "core/attach_rows.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/obj.h"
#include "core/pin.h"
#include "core/probe.h"
#include "core/prog.h"
#include "uapi/names.h"

const struct attach_kind attach_kinds[] = {
	{
		.name = "xdp",
		.target = "DEV",
		.help = "packets as a network device receives them",
		.since = "5.9",
		.prog_types = "xdp",
		.attach_types = "xdp",
		.on_device = true,
		.need = NEED_NET_ADMIN | NEED_BPF,
		.attach = attach_xdp,
	},
	{
		.name = "tcx_ingress",
		.target = "DEV",
		.help = "packets that a network device received, behind XDP",
		.since = "6.6",
		.prog_types = "sched_cls",
		.attach_types = "tcx_ingress",
		.typed = true,
		.on_device = true,
		.need = NEED_NET_ADMIN | NEED_BPF,
		.attach = attach_tcx_ingress,
	},
	{
		.name = "tcx_egress",
		.target = "DEV",
		.help = "packets that a network device is about to send",
		.since = "6.6",
		.prog_types = "sched_cls",
		.attach_types = "tcx_egress",
		.typed = true,
		.on_device = true,
		.need = NEED_NET_ADMIN | NEED_BPF,
		.attach = attach_tcx_egress,
	},
	{
		.name = "tracepoint",
		.target = "GROUP/NAME",
		.help = "a static tracepoint of the kernel, by the layout of its record",
		.since = "4.7",
		.prog_types = "tracepoint",
		.need = NEED_PERFMON | NEED_BPF,
		.attach = attach_tracepoint,
	},
	{
		.name = "raw_tracepoint",
		.target = "NAME",
		.help = "a static tracepoint of the kernel, by its arguments",
		.since = "4.17",
		.prog_types = "raw_tracepoint raw_tracepoint_writable",
		.need = NEED_PERFMON | NEED_BPF,
		.attach = attach_raw_tracepoint,
	},
	{
		.name = "tp_btf",
		.target = "NAME",
		.help = "a static tracepoint of the kernel, by typed arguments; the name was given at load",
		.since = "5.5",
		.prog_types = "tracing",
		.attach_types = "trace_raw_tp",
		.need = NEED_PERFMON | NEED_BPF,
		.attach = attach_typed_tracepoint,
	},
	{},
};

/* name among the words of list. */
static bool is_listed(const char *list, const char *name)
{
	size_t n = name ? strlen(name) : 0;

	for (const char *p = list; p && n && (p = strstr(p, name)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static bool takes(const struct attach_kind *k, uint32_t prog_type, uint32_t attach_type)
{
	if (!is_listed(k->prog_types, uapi_prog_type_name(prog_type)))
		return false;
	/* A program may be loaded without an expected attach type; the kernel decides then. */
	return !k->attach_types || (!attach_type && !k->typed) ||
	       is_listed(k->attach_types, uapi_attach_type_name(attach_type));
}

const struct attach_kind *attach_kind(const char *name, struct err *e)
{
	struct near near = near_to(name, strlen(name));

	for (const struct attach_kind *k = attach_kinds; k->name; k++) {
		if (strcmp(k->name, name) == 0)
			return k;
		near_offer(&near, k->name);
	}
	err_usage(e, "there is no way to attach called '%s'", name);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return NULL;
}

const struct attach_kind *attach_kind_for(uint32_t prog_type, uint32_t attach_type)
{
	for (const struct attach_kind *k = attach_kinds; k->name; k++)
		if (takes(k, prog_type, attach_type))
			return k;
	return NULL;
}

int attach_prog(const struct attach_kind *kind, int prog_fd, const char *target,
		const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	auto_prog_info struct prog_info i = {};
	char label[160];
	int r = prog_info_read(prog_fd, &i, e);

	if (r)
		return r;
	if (!is_listed(kind->prog_types, uapi_prog_type_name(i.type)))
		return err_input(e, "%s is of type %s, and %s takes %s", prog_label(&i, label),
				 uapi_prog_type_name(i.type) ?: "unknown", kind->name,
				 kind->prog_types);
	*a = (struct attachment)ATTACHMENT_INIT;
	a->kind = kind;
	return kind->attach(prog_fd, target, opts, a, e);
}

void attachment_close(struct attachment *a)
{
	/*
	 * The descriptor is what holds it.  libbpf's own way to detach would also switch the perf
	 * event off, of a link that is pinned too; only what has no one descriptor goes that way.
	 */
	if (a->lib && a->fd >= 0)
		bpf_link__disconnect(a->lib);
	bpf_link__destroy(a->lib);
	a->lib = NULL;
	closep(&a->fd);
}

int attachment_pin(const struct attachment *a, const char *path, bool nomount, struct err *e)
{
	if (!a->is_link)
		return err_failed(e,
				  "what is attached to %s is held by no link on this kernel: it "
				  "cannot be pinned",
				  a->target);
	return pin_object(a->fd, path, nomount, e);
}
