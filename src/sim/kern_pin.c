// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock's BPF file system: pins and directories below /sys/fs/bpf, known by their paths. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "sim/kern_priv.h"

#define MAX_PATH 4096

bool kern_is_pin_path(const char *path)
{
	size_t n = strlen(KERN_BPFFS);

	return strncmp(path, KERN_BPFFS, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Without doubled and trailing slashes. */
static void tidy(char *path)
{
	char *to = path;

	for (const char *p = path; *p; p++)
		if (*p != '/' || p[1] != '/')
			*to++ = *p;
	while (to > path + 1 && to[-1] == '/')
		to--;
	*to = '\0';
}

static size_t place(const struct kern *k, const char *path)
{
	size_t low = 0, high = k->nr_pins;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(k->pins[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct kern_pin *kern_pin_find(struct kern *k, const char *path)
{
	size_t i = place(k, path);

	return i < k->nr_pins && strcmp(k->pins[i].path, path) == 0 ? &k->pins[i] : NULL;
}

/* 0: the directory that path is in exists. */
static int check_parent(struct kern *k, const char *path)
{
	char dir[MAX_PATH];
	const struct kern_pin *p;
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	if (strcmp(dir, KERN_BPFFS) == 0)
		return 0;
	p = kern_pin_find(k, dir);
	if (!p)
		return -ENOENT;
	return p->obj ? -ENOTDIR : 0;
}

int kern_pin(struct kern *k, const char *path, struct kobj *o)
{
	const char *name = strrchr(path, '/');
	size_t i = place(k, path);
	char *copy;
	int err;

	if (strcmp(path, KERN_BPFFS) == 0 || kern_pin_find(k, path))
		return -EEXIST;
	err = check_parent(k, path);
	if (err)
		return err;
	if (strchr(name, '.'))
		return -EPERM;
	copy = strdup(path);
	if (!copy || array_grow(&k->pins, k->nr_pins, &k->cap_pins, sizeof(*k->pins))) {
		free(copy);
		return -ENOMEM;
	}
	memmove(k->pins + i + 1, k->pins + i, (k->nr_pins - i) * sizeof(*k->pins));
	k->nr_pins++;
	k->pins[i].path = copy;
	k->pins[i].obj = o ? kobj_get(o) : NULL;
	k->pins[i].mode = o ? 0600 : 0700;
	return 0;
}

bool kern_is_pinned(const struct kern *k, const struct kobj *o)
{
	for (size_t i = 0; i < k->nr_pins; i++)
		if (k->pins[i].obj == o)
			return true;
	return false;
}

void kern_unpin(struct kern *k, struct kern_pin *p)
{
	struct kern_pin gone = *p;
	size_t i = (size_t)(p - k->pins);

	k->nr_pins--;
	memmove(p, p + 1, (k->nr_pins - i) * sizeof(*p));
	free(gone.path);
	if (gone.obj)
		kern_let_go(k, gone.obj);
}

void kern_pins_free(struct kern *k)
{
	while (k->nr_pins)
		kern_unpin(k, &k->pins[k->nr_pins - 1]);
	free(k->pins);
	k->pins = NULL;
}

/* ---- bpf(2) -------------------------------------------------------------------------------- */

int kern_user_path(uint64_t from, char path[MAX_PATH])
{
	int err = user_string(path, from, MAX_PATH, -ENAMETOOLONG);

	if (!err && !*path)
		err = -ENOENT;
	if (!err)
		tidy(path);
	return err;
}

long call_obj_pin(struct call *c)
{
	const struct attr_obj *a = (const void *)c->attr;
	char path[MAX_PATH] = "", up[MAX_PATH], *slash;
	const struct kern_file *f;
	struct stat st;
	int err;

	if (a->file_flags & ~(uint32_t)UAPI_F_PATH_FD)
		return -EINVAL;
	if (!(a->file_flags & UAPI_F_PATH_FD) && a->path_fd)
		return -EINVAL;
	f = kern_file(c->k, (int)a->bpf_fd);
	if (!f || f->kind != FILE_OBJECT || f->obj->kind == KOBJ_BTF)
		return -EINVAL;
	err = kern_user_path(a->pathname, path);
	if (err)
		return err;
	if (kern_is_pin_path(path))
		return kern_pin(c->k, path, f->obj);
	/* Some other file system. */
	memcpy(up, path, sizeof(up));
	slash = strrchr(up, '/');
	if (slash)
		slash[slash == up] = '\0';
	if (stat(slash ? up : ".", &st))
		return -errno;
	return stat(path, &st) == 0 ? -EEXIST : -EPERM;
}

long call_obj_get(struct call *c)
{
	const struct attr_obj *a = (const void *)c->attr;
	const uint32_t known = BPF_F_RDONLY | BPF_F_WRONLY | UAPI_F_PATH_FD;
	uint32_t mode = a->file_flags & (BPF_F_RDONLY | BPF_F_WRONLY);
	const struct kern_pin *p;
	char path[MAX_PATH];
	struct stat st;
	int err;

	if (a->bpf_fd || a->file_flags & ~known)
		return -EINVAL;
	if (!(a->file_flags & UAPI_F_PATH_FD) && a->path_fd)
		return -EINVAL;
	if (mode == (BPF_F_RDONLY | BPF_F_WRONLY))
		return -EINVAL;
	err = kern_user_path(a->pathname, path);
	if (err)
		return err;
	if (!kern_is_pin_path(path))
		return stat(path, &st) ? -errno : -EACCES;
	p = kern_pin_find(c->k, path);
	if (!p && strcmp(path, KERN_BPFFS) != 0)
		return -ENOENT;
	if (!p || !p->obj)
		return -EACCES;
	if (p->obj->kind != KOBJ_MAP && mode)
		return -EINVAL;
	return kern_fd(c->k, p->obj, mode);
}
