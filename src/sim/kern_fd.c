// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptors: memfds that stand for objects. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/kern_priv.h"

/* A perf event's buffer, however long the caller maps it; nothing of it exists before. */
#define PERF_FILE_SIZE (64 << 20)

static struct kern_file *find(struct kern *k, const struct stat *st)
{
	for (size_t i = 0; i < k->nr_files; i++)
		if (k->files[i].ino == st->st_ino && k->files[i].dev == st->st_dev)
			return &k->files[i];
	return NULL;
}

struct kern_file *kern_file(struct kern *k, int fd)
{
	struct stat st;

	return fstat(fd, &st) ? NULL : find(k, &st);
}

int kern_object(struct kern *k, int fd, enum kobj_kind kind, struct kobj **o)
{
	struct stat st;
	const struct kern_file *f;

	if (fstat(fd, &st))
		return -EBADF;
	f = find(k, &st);
	if (!f || f->kind != FILE_OBJECT || f->obj->kind != kind)
		return -EINVAL;
	*o = f->obj;
	return 0;
}

/* Another descriptor of a file of ours, as one that open(2) with these flags would give. */
static int reopen(int fd, int flags)
{
	char path[40];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags | O_CLOEXEC);
	return again < 0 ? -errno : again;
}

static int add_file(struct kern *k, const struct kern_file *from, int fd)
{
	struct kern_file f = *from;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	f.dev = st.st_dev;
	f.ino = st.st_ino;
	if (array_grow(&k->files, k->nr_files, &k->cap_files, sizeof(f)))
		return -ENOMEM;
	if (f.obj)
		kobj_get(f.obj);
	k->files[k->nr_files++] = f;
	return 0;
}

/* The name /proc/self/fd shows, by which readers know what it is. */
static const char *name_of(const struct kobj *o)
{
	static const char *const names[] = { [KOBJ_MAP] = "bpf-map",
					     [KOBJ_PROG] = "bpf-prog",
					     [KOBJ_BTF] = "btf",
					     [KOBJ_LINK] = "bpf_link" };

	return names[o->kind];
}

static int first_fd(struct kern *k, struct kobj *o, int flags)
{
	struct kern_file f = { .kind = FILE_OBJECT, .obj = o, .own_fd = -1 };
	auto_fd int fd = -1;
	size_t len;
	int err;

	if (o->kind == KOBJ_MAP && map_memfd((struct map *)o, &f.own_fd, &len) == 0) {
		err = add_file(k, &f, f.own_fd);
		return err ? err : reopen(f.own_fd, flags);
	}
	f.own_fd = -1;
	fd = memfd_create(name_of(o), MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = add_file(k, &f, fd);
	if (err)
		return err;
	return flags == O_RDWR ? take_fd(fd) : reopen(fd, flags);
}

int kern_any_fd(const struct kern_file *f)
{
	auto_dir DIR *d = opendir("/proc/self/fd");
	const struct dirent *de;
	struct stat st;

	if (f->own_fd >= 0)
		return f->own_fd;
	while (d && (de = readdir(d))) {
		int fd = (int)strtol(de->d_name, NULL, 10);

		if (de->d_name[0] != '.' && fstat(fd, &st) == 0 && st.st_ino == f->ino &&
		    st.st_dev == f->dev)
			return fd;
	}
	return -1;
}

int kern_fd(struct kern *k, struct kobj *o, uint32_t flags)
{
	int mode = flags & BPF_F_RDONLY ? O_RDONLY : flags & BPF_F_WRONLY ? O_WRONLY : O_RDWR;

	for (size_t i = 0; i < k->nr_files; i++) {
		struct kern_file *f = &k->files[i];
		int fd;

		if (f->kind != FILE_OBJECT || f->obj != o)
			continue;
		fd = kern_any_fd(f);
		if (fd >= 0)
			return reopen(fd, mode);
		f->ino = 0; /* all closed: another file takes its place, and a sweep this one */
	}
	return first_fd(k, o, mode);
}

int kern_fd_other(struct kern *k, const struct kern_file *f, const char *name)
{
	auto_fd int fd = memfd_create(name, MFD_CLOEXEC);
	int err = fd < 0 ? -errno : add_file(k, f, fd);

	if (!err && f->kind == FILE_PERF && ftruncate(fd, PERF_FILE_SIZE))
		err = -errno;
	return err ? err : take_fd(fd);
}

/* ---- closing ------------------------------------------------------------------------------- */

static void mark_open(struct kern *k)
{
	auto_dir DIR *d = opendir("/proc/self/fd");
	const struct dirent *de;
	struct stat st;

	for (size_t i = 0; i < k->nr_files; i++)
		k->files[i].seen = !d; /* nothing can be known */
	while (d && (de = readdir(d))) {
		int fd = (int)strtol(de->d_name, NULL, 10);
		struct kern_file *f;

		if (de->d_name[0] == '.' || fstat(fd, &st))
			continue;
		f = find(k, &st);
		if (f && fd != f->own_fd)
			f->seen = true;
	}
}

void kern_let_go(struct kern *k, struct kobj *o)
{
	bool used = o->held || kern_is_pinned(k, o);

	for (size_t i = 0; i < k->nr_files && !used; i++)
		used = k->files[i].obj == o;
	if (!used && o->kind == KOBJ_MAP)
		map_closed((struct map *)o);
	kobj_put(o);
}

static void drop(struct kern *k, struct kern_file *f)
{
	struct kern_file gone = *f;

	*f = k->files[--k->nr_files];
	free(gone.path);
	free(gone.answer);
	kobj_put(gone.perf_prog);
	if (gone.kind == FILE_STATS && k->stats)
		k->stats--;
	if (gone.obj)
		kern_let_go(k, gone.obj);
}

void kern_sweep(struct kern *k)
{
	if (!k->nr_files)
		return;
	mark_open(k);
	for (size_t i = k->nr_files; i-- > 0;)
		if (i < k->nr_files && !k->files[i].seen)
			drop(k, &k->files[i]);
}

void kern_files_free(struct kern *k)
{
	while (k->nr_files)
		drop(k, &k->files[k->nr_files - 1]);
	free(k->files);
	k->files = NULL;
}
