// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * perf_event_open(2), and ioctl(2) of what it gives: events that never happen, but can be opened,
 * mapped, put into maps and have programs attached; programs can write records into them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/kern_priv.h"
#include "uapi/names.h"

/* The number the machine's kernel has for a dynamic kind of event; 0: it has none. */
static uint32_t dynamic_type(const char *name)
{
	char path[96], text[16] = "";
	auto_fd int fd = -1;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 10);
}

/* config: bit 0: at the return; config1: its name; config2: where in it. */
static int open_probe(const struct perf_event_attr *a, bool user, struct kern_file *f)
{
	bool ret = a->config & 1;
	char name[4096];
	int err = user_string(name, a->config1, sizeof(name), -ENAMETOOLONG);

	if (err)
		return err;
	f->perf_type = user ? (ret ? UAPI_PERF_URETPROBE : UAPI_PERF_UPROBE)
			    : (ret ? UAPI_PERF_KRETPROBE : UAPI_PERF_KPROBE);
	f->config = a->config2;
	f->path = strdup(name);
	return f->path ? 0 : -ENOMEM;
}

long kern_perf_open(struct kern *k, const unsigned long args[6])
{
	struct kern_file f = { .kind = FILE_PERF, .own_fd = -1, .perf_type = UAPI_PERF_EVENT };
	struct perf_event_attr a = {};
	uint32_t size;
	long fd;
	int err = 0;

	if (user_read(&size, args[0] + offsetof(struct perf_event_attr, size), sizeof(size)) ||
	    user_read(&a, args[0], size && size < sizeof(a) ? size : sizeof(a)))
		return -EFAULT;
	f.ring = (struct kern_perf_ring){ .sample_type = a.sample_type, .cpu = (int)args[2] };
	f.type = a.type;
	f.config = a.config;
	if (a.type == PERF_TYPE_TRACEPOINT)
		f.perf_type = UAPI_PERF_TRACEPOINT;
	else if (a.type >= PERF_TYPE_MAX && a.type == dynamic_type("uprobe"))
		err = open_probe(&a, true, &f);
	else if (a.type >= PERF_TYPE_MAX && a.type == dynamic_type("kprobe"))
		err = open_probe(&a, false, &f);
	else if (a.type != PERF_TYPE_SOFTWARE && a.type != PERF_TYPE_BREAKPOINT)
		err = -ENOENT; /* the mock has no such unit */
	fd = err ? err : kern_fd_other(k, &f, "perf_event");
	if (fd < 0)
		free(f.path);
	return fd;
}

static int set_prog(struct kern *k, struct kern_file *f, int fd)
{
	struct prog *p;
	int err = kern_prog_object(k, (uint32_t)fd, &p);

	if (err)
		return err;
	if (p->type != (f->perf_type == UAPI_PERF_TRACEPOINT ? UAPI_PROG_tracepoint
			: f->perf_type == UAPI_PERF_EVENT    ? UAPI_PROG_perf_event
							     : UAPI_PROG_kprobe))
		return -EINVAL;
	if (f->perf_prog)
		return -EEXIST;
	f->perf_prog = kobj_get(&p->obj);
	return 0;
}

long kern_perf_ioctl(struct kern *k, struct kern_file *f, unsigned long request, unsigned long arg)
{
	switch (request) {
	case PERF_EVENT_IOC_ENABLE:
	case PERF_EVENT_IOC_DISABLE:
	case PERF_EVENT_IOC_RESET:
		return 0;
	case PERF_EVENT_IOC_SET_BPF:
		return set_prog(k, f, (int)arg);
	default:
		return -ENOTTY;
	}
}

/* ---- BPF_TASK_FD_QUERY -------------------------------------------------------------------- */

/* A name as far as it goes: -ENOSPC if it was cut. */
static int put_name(struct call *c, const char *name)
{
	struct attr_task_fd_query *a = (void *)c->attr;
	uint32_t len = (uint32_t)strlen(name), room = a->buf_len;
	int err = 0;

	a->buf_len = len;
	if (a->buf && room) {
		uint32_t n = room > len ? len : room - 1;

		err = n < len ? -ENOSPC : 0;
		if (user_write(a->buf, name, n) || user_write(a->buf + n, "", 1))
			return -EFAULT;
	}
	if (CALL_PUT(c, attr_task_fd_query, buf_len) || CALL_PUT(c, attr_task_fd_query, prog_id) ||
	    CALL_PUT(c, attr_task_fd_query, fd_type) ||
	    CALL_PUT(c, attr_task_fd_query, probe_offset) ||
	    CALL_PUT(c, attr_task_fd_query, probe_addr))
		return -EFAULT;
	return err;
}

long call_task_fd_query(struct call *c)
{
	static const uint8_t types[] = {
		[UAPI_PERF_UPROBE] = 4,	   [UAPI_PERF_URETPROBE] = 5,  [UAPI_PERF_KPROBE] = 2,
		[UAPI_PERF_KRETPROBE] = 3, [UAPI_PERF_TRACEPOINT] = 1, [UAPI_PERF_EVENT] = 0
	};
	struct attr_task_fd_query *a = (void *)c->attr;
	const struct kern_file *f;
	const struct kern_link *l;

	if (a->flags)
		return -EINVAL;
	if (a->pid != (uint32_t)getpid())
		return -ENOENT;
	f = kern_file(c->k, (int)a->fd);
	if (!f)
		return fcntl((int)a->fd, F_GETFD) >= 0 ? -KERN_ENOTSUPP : -EBADF;
	if (f->kind == FILE_PERF && f->perf_prog && f->perf_type != UAPI_PERF_EVENT) {
		a->prog_id = f->perf_prog->id;
		a->fd_type = types[f->perf_type];
		a->probe_offset = f->config;
		a->probe_addr = 0;
		return put_name(c, f->path ?: "");
	}
	l = f->kind == FILE_OBJECT && f->obj->kind == KOBJ_LINK ? (const struct kern_link *)f->obj
								: NULL;
	if (!l || l->type != UAPI_LINK_raw_tracepoint)
		return -KERN_ENOTSUPP;
	a->prog_id = l->prog->obj.id;
	a->fd_type = 0;
	a->probe_offset = a->probe_addr = 0;
	return put_name(c, l->name ?: "");
}
