// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Kernel objects of any kind. */
#include "core/obj.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"

static const struct {
	const char *name;
	const char *link; /* in what /proc/self/fd/N points to; ? stands for - or _ */
	int next, open;
} kinds[] = {
	[OBJ_MAP] = { "map", "bpf-map", BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID },
	[OBJ_PROG] = { "program", "bpf-prog", BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID },
	[OBJ_LINK] = { "link", "bpf?link", BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID },
	[OBJ_BTF] = { "BTF object", "btf", BPF_BTF_GET_NEXT_ID, BPF_BTF_GET_FD_BY_ID },
	[OBJ_NONE] = { "something else", NULL, 0, 0 },
};

const char *obj_kind_name(enum obj_kind kind)
{
	return kinds[kind].name;
}

/* "anon_inode:bpf-map"; a mock's "/memfd:bpf-map (deleted)" */
static bool is_link_of(const char *link, const char *name)
{
	const char *p = strchr(link, ':');

	if (!p)
		return false;
	/* A link is "bpf_link" to who made it, "bpf-link" to who got it by id or pin. */
	for (p++; *name; p++, name++)
		if (*p != *name && (*name != '?' || (*p != '-' && *p != '_')))
			return false;
	return *p == '\0' || *p == ' ';
}

enum obj_kind obj_kind_of_link(const char *link)
{
	for (int k = 0; k < OBJ_NONE; k++)
		if (is_link_of(link, kinds[k].link))
			return (enum obj_kind)k;
	return OBJ_NONE;
}

enum obj_kind obj_kind_of(int fd)
{
	char path[64], link[128];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return OBJ_NONE;
	link[n] = '\0';
	return obj_kind_of_link(link);
}

uint32_t obj_id(enum obj_kind kind, int fd)
{
	union {
		struct uapi_map_info map;
		struct uapi_prog_info prog;
		struct uapi_link_info link;
		struct uapi_btf_info btf;
	} i = {};

	switch (kind) {
	case OBJ_MAP:
		return sys_info(fd, &i.map, sizeof(i.map)) ? 0 : i.map.id;
	case OBJ_PROG:
		return sys_info(fd, &i.prog, sizeof(i.prog)) ? 0 : i.prog.id;
	case OBJ_LINK:
		return sys_info(fd, &i.link, sizeof(i.link)) ? 0 : i.link.id;
	case OBJ_BTF:
		return sys_info(fd, &i.btf, sizeof(i.btf)) ? 0 : i.btf.id;
	case OBJ_NONE:
		break;
	}
	return 0;
}

void obj_fdinfo(int fd, char *buf, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	n = sys_read_file(path, buf, size);
	if (n < 0 && n != -EFBIG)
		buf[0] = '\0';
}

bool obj_fdinfo_u64(const char *text, const char *key, uint64_t *v)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ':') {
			*v = strtoull(line + n + 1, NULL, 0);
			return true;
		}
	}
	return false;
}

static int open_error(enum obj_kind kind, uint32_t id, int code, struct err *e)
{
	if (code == -ENOENT)
		return err_absent(e, "no %s has id %u", kinds[kind].name, id);
	err_code(e, code, "cannot open %s %u", kinds[kind].name, id);
	return probe_denied(e, NEED_SYS_ADMIN);
}

int obj_open(enum obj_kind kind, uint32_t id, struct err *e)
{
	int fd = sys_fd_by_id(kinds[kind].open, id);

	return fd >= 0 ? fd : open_error(kind, id, fd, e);
}

static int pin_error(const char *path, int code, struct err *e)
{
	struct sys_stat st;

	if (code == -ENOENT && sys_stat(path, &st) == 0)
		return err_input(e, "%s is no pinned object", path);
	if (code == -ENOENT || code == -ENOTDIR)
		return err_absent(e, "nothing is pinned at %s", path);
	if ((code == -EPERM || code == -EACCES) && !probe_is_bpffs(path))
		return err_input(e, "%s is no pinned object: it is not in a BPF file system", path);
	err_code(e, code, "cannot open the pin %s", path);
	if (code == -EACCES && access(path, R_OK))
		return err_hint(e, "its file mode does not let this user open it");
	return probe_denied(e, NEED_BPF);
}

int obj_open_pin(const char *path, enum obj_kind *kind, struct err *e)
{
	auto_fd int fd = sys_obj_get(path, 0);
	enum obj_kind got;

	/* Maps may be open to reading only. */
	if (fd == -EACCES || fd == -EPERM) {
		int readable = sys_obj_get(path, BPF_F_RDONLY);

		if (readable >= 0)
			fd = readable;
	}
	if (fd < 0)
		return pin_error(path, fd, e);
	got = obj_kind_of(fd);
	if (*kind == OBJ_NONE)
		*kind = got;
	if (got != *kind)
		return err_input(e, "%s is a pinned %s, not a %s", path, kinds[got].name,
				 kinds[*kind].name);
	return take_fd(fd);
}

int obj_each(enum obj_kind kind, int (*fn)(int fd, uint32_t id, void *arg), void *arg,
	     struct err *e)
{
	uint32_t id = 0;

	for (;;) {
		auto_fd int fd = -1;
		int r = sys_next_id(kinds[kind].next, id, &id);

		if (r == -ENOENT)
			return 0;
		if (r == -EINVAL)
			return err_worded(e, r, "this kernel cannot list objects of kind %s",
					  kinds[kind].name);
		if (r) {
			err_code(e, r, "cannot list all objects of kind %s", kinds[kind].name);
			return probe_denied(e, NEED_SYS_ADMIN);
		}
		fd = sys_fd_by_id(kinds[kind].open, id);
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return open_error(kind, id, fd, e);
		r = fn(fd, id, arg);
		if (r)
			return r;
	}
}
