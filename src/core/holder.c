// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A walk through /proc/PID/fd. */
#include "core/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/sys.h"

/* The fdinfo line that has the id. */
static const char *const keys[] = {
	[OBJ_MAP] = "\nmap_id:",
	[OBJ_PROG] = "\nprog_id:",
	[OBJ_LINK] = "\nlink_id:",
	[OBJ_BTF] = "\nbtf_id:",
};

static void add(struct holders *h, enum obj_kind kind, uint32_t id, int pid)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 64;
		h->v = xreallocarray(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = (struct holder){ .kind = kind, .id = id, .pid = pid };
}

static void add_fd(struct holders *h, int pid, int dir, const char *name)
{
	char link[64], path[64], info[4096];
	enum obj_kind kind;
	const char *at;
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

	if (n < 0)
		return;
	link[n] = '\0';
	kind = obj_kind_of_link(link);
	if (kind == OBJ_NONE)
		return;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", pid, name);
	n = sys_read_file(path, info, sizeof(info));
	if (n < 0 && n != -EFBIG) /* multi links list every function, after the id */
		return;
	at = strstr(info, keys[kind]);
	if (at)
		add(h, kind, (uint32_t)strtoul(at + strlen(keys[kind]), NULL, 10), pid);
}

static void add_process(struct holders *h, int pid)
{
	char path[64], comm[sizeof(h->v->comm)] = "";
	const struct dirent *de;
	size_t first = h->n;
	auto_dir DIR *d = NULL;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	if (!d)
		return;
	while ((de = readdir(d)))
		if (isdigit((unsigned char)de->d_name[0]))
			add_fd(h, pid, dirfd(d), de->d_name);
	if (h->n == first)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	n = sys_read_file(path, comm, sizeof(comm));
	if (n > 0 && comm[n - 1] == '\n')
		comm[n - 1] = '\0';
	for (size_t i = first; i < h->n; i++)
		memcpy(h->v[i].comm, comm, sizeof(comm));
}

static int by_object(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

int holders_read(struct holders *h, struct err *e)
{
	auto_dir DIR *d = opendir("/proc");
	const struct dirent *de;
	size_t n = 0;

	if (sys_apart())
		return 0;
	if (!d)
		return err_sys(e, "cannot list processes");
	while ((de = readdir(d))) {
		int pid = (int)strtol(de->d_name, NULL, 10);

		if (pid > 0 && pid != getpid())
			add_process(h, pid);
	}
	if (!h->n)
		return 0;
	qsort(h->v, h->n, sizeof(*h->v), by_object);
	for (size_t i = 0; i < h->n; i++)
		if (!n || by_object(&h->v[n - 1], &h->v[i]) != 0)
			h->v[n++] = h->v[i];
	h->n = n;
	return 0;
}

void holders_free(struct holders *h)
{
	free(h->v);
	memset(h, 0, sizeof(*h));
}

const struct holder *holders_find(const struct holders *h, enum obj_kind kind, uint32_t id,
				  size_t *n)
{
	const struct holder at = { .kind = kind, .id = id, .pid = 0 };
	size_t low = 0, high = h->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (by_object(&h->v[mid], &at) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < h->n; (*n)++)
		if (h->v[low + *n].kind != kind || h->v[low + *n].id != id)
			break;
	return *n ? &h->v[low] : NULL;
}
