// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attaching to tracepoints. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/perf_event.h>

#include "core/attach.h"
#include "core/attach_rows.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/tracefs.h"
#include "core/uapi.h"
#include "uapi/names.h"

static int perf_denied(struct err *e)
{
	long paranoid = probe_sysctl("kernel/perf_event_paranoid");

	/* Debian's value 3 keeps even CAP_PERFMON out. */
	if (paranoid > 2 && probe_missing(NEED_SYS_ADMIN))
		return err_hint(e,
				"kernel.perf_event_paranoid is %ld, which leaves perf events to "
				"CAP_SYS_ADMIN",
				paranoid);
	return probe_denied(e, NEED_PERFMON);
}

/* The event of a tracepoint.  One, on one CPU, runs the program wherever the tracepoint is hit. */
static int open_event(int id, const char *target, struct err *e)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = (uint64_t)id,
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int fd = sys_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd >= 0)
		return fd;
	err_code(e, fd, "cannot open the event of tracepoint %s", target);
	return perf_denied(e);
}

/* Before Linux 5.15 there are no links for perf events: the event itself holds the program. */
static int attach_by_event(int event, int prog_fd, const char *target, struct attachment *a,
			   struct err *e)
{
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, prog_fd) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0)) {
		err_sys(e, "cannot attach to tracepoint %s", target);
		if (e->code == E2BIG)
			return err_hint(e, "64 programs are attached to it, which is the most");
		return perf_denied(e);
	}
	a->fd = event;
	return 0;
}

static int attach_event(int event, int prog_fd, const char *target, uint64_t cookie,
			struct attachment *a, struct err *e)
{
	struct attr_link_create l = {
		.prog_fd = (uint32_t)prog_fd,
		.target = (uint32_t)event,
		.attach_type = UAPI_ATTACH_perf_event,
		.perf_cookie = cookie,
	};
	int fd = sys_bpf(BPF_LINK_CREATE, &l, sizeof(l)), kept;

	if (fd >= 0) {
		a->fd = fd;
		a->is_link = true;
		close(event);
		return 0;
	}
	if (fd == -EINVAL && cookie)
		return err_worded(e, fd,
				  "this kernel has no cookies for tracepoints (Linux 5.15 has)");
	if (fd != -EINVAL) {
		err_code(e, fd, "cannot attach to tracepoint %s", target);
		if (fd == -E2BIG)
			return err_hint(e, "64 programs are attached to it, which is the most");
		if (fd == -EACCES)
			return err_hint(e, "the program reads behind the tracepoint's record");
		return probe_denied(e, NEED_PERFMON | NEED_BPF);
	}
	kept = attach_by_event(event, prog_fd, target, a, e);
	return kept;
}

int attach_tracepoint(int prog_fd, const char *target, const struct attach_opts *opts,
		      struct attachment *a, struct err *e)
{
	const char *slash = strchr(target, '/');
	auto_free char *group = NULL;
	int id, event, r;

	if (!slash || slash == target || !slash[1])
		return err_input(e, "'%s' is no tracepoint: expected GROUP/NAME", target);
	group = xstrndup(target, (size_t)(slash - target));
	id = tracepoint_id(group, slash + 1, opts->nomount, e);
	if (id < 0)
		return id;
	event = open_event(id, target, e);
	if (event < 0)
		return event;
	r = attach_event(event, prog_fd, target, opts->cookie, a, e);
	if (r)
		close(event);
	snprintf(a->target, sizeof(a->target), "tracepoint %s", target);
	return r;
}

static int open_raw(int prog_fd, const char *name, const struct attach_opts *opts,
		    struct attachment *a, struct err *e)
{
	struct attr_raw_tracepoint t = {
		.name = attr_ptr(name),
		.prog_fd = (uint32_t)prog_fd,
		.cookie = opts->cookie,
	};
	int fd = sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &t, sizeof(t));

	if (fd >= 0) {
		a->fd = fd;
		a->is_link = true;
		return 0;
	}
	if (fd == -ENOENT && name) {
		err_absent(e, "there is no raw tracepoint %s", name);
		err_hint(e, "raw tracepoints have the names of tracepoints without their group; "
			    "the system calls are sys_enter and sys_exit");
		return -ENOENT;
	}
	err_code(e, fd, "cannot attach to raw tracepoint %s", name ? name : "");
	if (fd == -EINVAL)
		return err_hint(e, "the program uses more arguments than the tracepoint has");
	if (fd == -E2BIG)
		return err_hint(e, opts->cookie ? "this kernel has no cookies for raw tracepoints"
						: "this kernel is too old");
	return probe_denied(e, NEED_PERFMON | NEED_BPF);
}

int attach_raw_tracepoint(int prog_fd, const char *target, const struct attach_opts *opts,
			  struct attachment *a, struct err *e)
{
	if (!*target)
		return err_input(e, "the name of the raw tracepoint is missing");
	snprintf(a->target, sizeof(a->target), "raw tracepoint %s", target);
	return open_raw(prog_fd, target, opts, a, e);
}

int attach_typed_tracepoint(int prog_fd, const char *target, const struct attach_opts *opts,
			    struct attachment *a, struct err *e)
{
	snprintf(a->target, sizeof(a->target), "raw tracepoint %s", target);
	return open_raw(prog_fd, NULL, opts, a, e);
}
