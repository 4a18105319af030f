// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attaching what an object holds, by the sections of its programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "core/attach.h"
#include "core/attach_decl.h"
#include "core/attach_rows.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/obj.h"
#include "core/object_priv.h"
#include "core/opt.h"
#include "core/probe.h"
#include "uapi/names.h"

static bool no_kprobes(const struct uapi_section *s)
{
	return s->prog_type == UAPI_PROG_kprobe && strncmp(s->pattern, "u", 1) != 0 &&
	       access("/sys/bus/event_source/devices/kprobe", F_OK) != 0;
}

static int not_from_here(const struct object *o, const struct object_prog *p, struct err *e)
{
	return err_failed(e, "%s: programs of section %s, such as %s, cannot be attached from here",
			  o->name, p->section, p->name);
}

/* The attach type of a section, if this kernel is too old for it. */
static const struct uapi_attach_type_info *too_new(const struct uapi_section *s)
{
	const struct uapi_attach_type_info *t = uapi_attach_type_find(s->attach_type);

	return t && probe_before(t->since) ? t : NULL;
}

static int libbpf_error(const struct object *o, const struct object_prog *p,
			const struct uapi_section *s, int code, struct err *e)
{
	char text[256];

	object_warning(o, text, sizeof(text));
	/* Without a word: this libbpf does not know the section. */
	if (code == EOPNOTSUPP && !text[0])
		return not_from_here(o, p, e);
	if (text[0])
		err_worded(e, code, "%s: cannot attach %s (%s): %s", o->name, p->name, p->section,
			   text);
	else
		err_code(e, code, "%s: cannot attach %s (%s)", o->name, p->name, p->section);
	if (no_kprobes(s))
		return err_hint(e, "this kernel has no kprobes");
	if (code == EACCES && probe_sysctl("kernel/perf_event_paranoid") > 2)
		return err_hint(e, "kernel.perf_event_paranoid is %ld",
				probe_sysctl("kernel/perf_event_paranoid"));
	if (too_new(s))
		return err_hint(e, "%s is there since Linux %s", too_new(s)->name,
				too_new(s)->since);
	if (code == EOPNOTSUPP)
		return err_hint(e,
				"this kernel has no such attachment, or its configuration leaves "
				"it out");
	return probe_denied(e, NEED_PERFMON | NEED_BPF);
}

/* "PATH:FUNC" or "PATH:FUNC+OFFSET": what stands behind uprobe/ in a section. */
static struct bpf_link *uprobe(const struct bpf_program *p, const struct uapi_section *s,
			       const char *extra, const struct attach_opts *opts)
{
	struct bpf_uprobe_opts uo = { .sz = sizeof(uo),
				      .bpf_cookie = opts->cookie,
				      .retprobe = strncmp(s->pattern, "uret", 4) == 0 };
	auto_free char *path = xstrdup(extra);
	char *func = strrchr(path, ':'), *plus;
	uint64_t off = 0;

	if (!func || !func[1]) {
		errno = EINVAL;
		return NULL;
	}
	*func++ = '\0';
	plus = strchr(func, '+');
	if (plus) {
		*plus++ = '\0';
		if (opt_number(plus, &off)) {
			errno = EINVAL;
			return NULL;
		}
	}
	/* A number alone is an offset into the file. */
	if (opt_number(func, &off))
		uo.func_name = func;
	return bpf_program__attach_uprobe_opts(p, opts->pid ? (pid_t)opts->pid : -1, path, off,
					       &uo);
}

/* "PATH:PROVIDER:NAME" */
static struct bpf_link *usdt(const struct bpf_program *p, const char *extra,
			     const struct attach_opts *opts)
{
	struct bpf_usdt_opts uo = { .sz = sizeof(uo), .usdt_cookie = opts->cookie };
	auto_free char *path = xstrdup(extra);
	char *name = strrchr(path, ':'), *provider = NULL;

	if (name) {
		*name++ = '\0';
		provider = strrchr(path, ':');
	}
	if (!provider) {
		errno = EINVAL;
		return NULL;
	}
	*provider++ = '\0';
	return bpf_program__attach_usdt(p, opts->pid ? (pid_t)opts->pid : -1, path, provider, name,
					&uo);
}

static bool is_one_of(const struct uapi_section *s, const char *name)
{
	size_t n = strlen(name);

	return strncmp(s->pattern, name, n) == 0 &&
	       (strcmp(s->pattern + n, "+") == 0 || strcmp(s->pattern + n, ".s+") == 0);
}

static bool is_multi(const struct uapi_section *s)
{
	return is_one_of(s, "uprobe.multi") || is_one_of(s, "uretprobe.multi") ||
	       is_one_of(s, "uprobe.session");
}

/* What only the section says.  1: attached, 0: it says nothing, negative: error. */
static int by_section(int prog_fd, const struct uapi_section *s, const char *extra,
		      const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	const struct uapi_attach_type_info *chain = attach_chain(s);
	int r;

	if (!chain && (!*extra || !is_multi(s)))
		return 0;
	r = chain ? attach_to_chain(prog_fd, chain, opts, a, e)
		  : attach_uprobe_multi(prog_fd, s, extra, opts, a, e);
	return r < 0 ? r : 1;
}

static int by_libbpf(struct object *o, size_t prog, const struct object_prog *p,
		     const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	const char *extra;
	const struct uapi_section *s = uapi_section_find(p->section, &extra);
	struct watch watch;
	int code;

	watch_begin(&watch, o);
	if (is_one_of(s, "uprobe") || is_one_of(s, "uretprobe"))
		a->lib = uprobe(o->progs[prog], s, extra, opts);
	else if (is_one_of(s, "usdt"))
		a->lib = usdt(o->progs[prog], extra, opts);
	else
		a->lib = bpf_program__attach(o->progs[prog]);
	code = errno;
	watch_end(&watch);
	if (!a->lib)
		return libbpf_error(o, p, s, code, e);
	a->fd = bpf_link__fd(a->lib); /* USDT has none: several places */
	a->is_link = a->fd >= 0 && obj_kind_of(a->fd) == OBJ_LINK;
	snprintf(a->target, sizeof(a->target), "%s", p->section);
	return 1;
}

/* Programs that are run by request, called by other programs, or set into maps and sockets. */
static bool needs_no_target(const struct uapi_section *s)
{
	switch (s->prog_type) {
	case UAPI_PROG_syscall:
	case UAPI_PROG_socket_filter:
	case UAPI_PROG_struct_ops:
	case UAPI_PROG_sk_reuseport:
	case UAPI_PROG_sched_act:
	case UAPI_PROG_lwt_in:
	case UAPI_PROG_lwt_out:
	case UAPI_PROG_lwt_xmit:
	case UAPI_PROG_lwt_seg6local:
		return true;
	default:
		return strcmp(s->attach_type, "xdp_devmap") == 0 ||
		       strcmp(s->attach_type, "xdp_cpumap") == 0;
	}
}

/* What the option of a kind says about the target; NULL: nothing. */
static const char *target_of(const struct attach_kind *k, const struct attach_opts *opts,
			     const char *extra)
{
	if (k->on_device)
		return opts->dev;
	return *extra ? extra : NULL;
}

static int no_target(const struct object *o, const struct object_prog *p,
		     const struct attach_kind *k, struct err *e)
{
	if (!k)
		return not_from_here(o, p, e);
	err_usage(e, "%s: where shall %s (%s) be attached?", o->name, p->name, p->section);
	if (k->on_device)
		return err_hint(e, "say the network device: --dev DEV");
	return err_hint(e, "name the target in the section: %s/%s", p->section, k->target);
}

int attach_object_prog(struct object *o, size_t prog, const struct attach_opts *given,
		       struct attachment *a, struct err *e)
{
	struct attach_opts filled = *given, *opts = &filled;
	const struct uapi_section *s;
	const struct attach_kind *k;
	const char *extra = "", *target;
	struct object_prog p;
	int r;

	*a = (struct attachment)ATTACHMENT_INIT;
	object_prog(o, prog, &p);
	if (p.fd < 0)
		return 0;
	attach_declared(o, p.name, opts);
	s = uapi_section_find(p.section, &extra);
	if (s && needs_no_target(s))
		return 0;
	k = attach_kind_for(p.type, p.attach_type);
	target = k ? target_of(k, opts, extra) : NULL;
	if (k && target) {
		r = attach_prog(k, p.fd, target, opts, a, e);
		return r ? err_wrap(e, "%s: %s: ", o->name, p.name) : 1;
	}
	r = s && !k ? by_section(p.fd, s, extra, opts, a, e) : 0;
	if (r)
		return r < 0 ? err_wrap(e, "%s: %s: ", o->name, p.name) : 1;
	if (!k && s && s->auto_attach && *extra)
		return by_libbpf(o, prog, &p, opts, a, e);
	return no_target(o, &p, k, e);
}
