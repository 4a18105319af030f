// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The mock's bpffs as a file system: the system calls with which directories are made, listed and
 * asked about.  Only these, and only paths below /sys/fs/bpf, which are the kernel's otherwise.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/kern_priv.h"

#define MAX_PATH 4096

static long make_dir(struct kern *k, const char *path)
{
	return kern_pin(k, path, NULL);
}

/* The part of pin's path that names it in dir; NULL: it is not in dir. */
static const char *name_in(const char *pin, const char *dir)
{
	size_t n = strlen(dir);

	if (strncmp(pin, dir, n) != 0 || pin[n] != '/' || strchr(pin + n + 1, '/'))
		return NULL;
	return pin + n + 1;
}

static long remove_path(struct kern *k, const char *path, unsigned long flags)
{
	struct kern_pin *p = kern_pin_find(k, path);
	size_t n = strlen(path);

	if (!p)
		return -ENOENT;
	if (!p->obj != !!(flags & AT_REMOVEDIR))
		return p->obj ? -ENOTDIR : -EISDIR;
	for (size_t i = 0; !p->obj && i < k->nr_pins; i++)
		if (strncmp(k->pins[i].path, path, n) == 0 && k->pins[i].path[n] == '/')
			return -ENOTEMPTY;
	kern_unpin(k, p);
	return 0;
}

static long ask(struct kern *k, const char *path, uint64_t to)
{
	const struct kern_pin *p = kern_pin_find(k, path);
	bool root = strcmp(path, KERN_BPFFS) == 0;
	struct statx st = { .stx_mask = STATX_TYPE | STATX_MODE | STATX_INO | STATX_NLINK,
			    .stx_nlink = 1,
			    .stx_dev_minor = 1 };

	if (!p && !root)
		return -ENOENT;
	st.stx_mode = (uint16_t)(p && p->obj ? S_IFREG | p->mode : S_IFDIR | 0700);
	st.stx_ino = root ? 1 : 2 + (uint64_t)(p - k->pins);
	return user_write(to, &st, sizeof(st));
}

static long ask_fs(uint64_t to, long type)
{
	struct statfs fs = { .f_type = type, .f_bsize = 4096, .f_namelen = 255 };

	return user_write(to, &fs, sizeof(fs));
}

static long open_dir(struct kern *k, const char *path)
{
	const struct kern_pin *p = kern_pin_find(k, path);
	struct kern_file f = { .kind = FILE_DIR, .own_fd = -1 };
	long fd;

	if (!p && strcmp(path, KERN_BPFFS) != 0)
		return -ENOENT;
	if (p && p->obj)
		return -EPERM;
	f.path = strdup(path);
	if (!f.path)
		return -ENOMEM;
	fd = kern_fd_other(k, &f, "bpffs");
	if (fd < 0)
		free(f.path);
	return fd;
}

/* Entries from the file's offset on, which counts them. */
static long list_dir(struct kern *k, int fd, const struct kern_file *f, uint64_t to, size_t room)
{
	off_t done = lseek(fd, 0, SEEK_CUR), at = 0;
	size_t used = 0;

	for (size_t i = 0; i < k->nr_pins; i++) {
		const char *name = name_in(k->pins[i].path, f->path);
		_Alignas(8) char bytes[sizeof(struct uapi_dirent) + 264] = "";
		struct uapi_dirent *e = (void *)bytes;

		if (!name || at++ < done)
			continue;
		e->ino = 2 + i;
		e->off = at;
		e->len = (uint16_t)uapi_dirent_len(strnlen(name, 255));
		e->type = k->pins[i].obj ? DT_REG : DT_DIR;
		memcpy(e->name, name, strnlen(name, 255));
		if (used + e->len > room)
			break;
		if (user_write(to + used, bytes, e->len))
			return -EFAULT;
		used += e->len;
		lseek(fd, at, SEEK_SET);
	}
	return (long)used;
}

/* ---- /proc/self/fdinfo --------------------------------------------------------------------- */

static void describe(const struct kobj *o, struct buf *to)
{
	const struct map *m = (const struct map *)o;

	if (o->kind != KOBJ_MAP)
		return;
	buf_addf(to, "map_type:\t%u\nkey_size:\t%u\nvalue_size:\t%u\nmax_entries:\t%u\n",
		 m->spec.type, m->spec.key_size, m->spec.value_size, m->spec.max_entries);
	buf_addf(to, "map_flags:\t0x%x\nmap_id:\t%u\nfrozen:\t%d\n", m->spec.flags, o->id,
		 m->frozen);
}

/* The file that tells of a descriptor of ours; false: it is none. */
static bool open_fdinfo(struct kern *k, const char *path, long *result)
{
	static const char dir[] = "/proc/self/fdinfo/";
	auto_buf struct buf text = {};
	const struct kern_file *f;
	auto_fd int fd = -1;

	if (strncmp(path, dir, strlen(dir)) != 0)
		return false;
	f = kern_file(k, (int)strtol(path + strlen(dir), NULL, 10));
	if (!f || f->kind != FILE_OBJECT)
		return false;
	describe(f->obj, &text);
	fd = memfd_create("fdinfo", MFD_CLOEXEC);
	if (fd < 0 || pwrite(fd, buf_str(&text), text.len, 0) != (ssize_t)text.len)
		*result = -errno;
	else
		*result = take_fd(fd);
	return true;
}

static long text_file(const char *name, const char *text, size_t len)
{
	auto_fd int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, text, len, 0) != (ssize_t)len)
		return -errno;
	return take_fd(fd);
}

/* ---- tracefs ------------------------------------------------------------------------------- */

#define TRACEFS "/sys/kernel/tracing"

/*
 * It is there, and has every tracepoint, with a number of the mock's own that follows from its
 * name.  What else is in the machine's is not for everybody to read.
 */
static bool tracefs_call(long nr, const char *path, const unsigned long args[6], long *result)
{
	static const char events[] = TRACEFS "/events/", end[] = "/id";
	size_t n = strlen(path);
	uint32_t hash = 5381;
	char text[16];

	if (nr == SYS_statfs && strcmp(path, TRACEFS) == 0) {
		*result = ask_fs(args[1], TRACEFS_MAGIC);
		return true;
	}
	if (nr != SYS_openat || strncmp(path, events, strlen(events)) != 0 || n < strlen(end) ||
	    strcmp(path + n - strlen(end), end) != 0)
		return false;
	for (const char *p = path + strlen(events); *p; p++)
		hash = hash * 33 + (uint8_t)*p;
	n = (size_t)snprintf(text, sizeof(text), "%u\n", 1 + hash % 65535);
	*result = text_file("id", text, n);
	return true;
}

/* With which argument the path comes; -1: the call has none. */
static int path_arg(long nr)
{
	switch (nr) {
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_statx:
	case SYS_openat:
		return 1;
	case SYS_statfs:
		return 0;
	default:
		return -1;
	}
}

bool kern_fs_call(struct kern *k, long nr, const unsigned long args[6], long *result)
{
	int at = path_arg(nr);
	char path[MAX_PATH];

	if (nr == SYS_getdents64) {
		const struct kern_file *f = kern_file(k, (int)args[0]);

		if (!f || f->kind != FILE_DIR)
			return false;
		*result = list_dir(k, (int)args[0], f, args[1], args[2]);
		return true;
	}
	if (at < 0 || kern_user_path(args[at], path))
		return false;
	if (nr == SYS_openat && open_fdinfo(k, path, result))
		return true;
	if (tracefs_call(nr, path, args, result))
		return true;
	if (!kern_is_pin_path(path))
		return false;
	switch (nr) {
	case SYS_mkdirat:
		*result = make_dir(k, path);
		break;
	case SYS_unlinkat:
		*result = remove_path(k, path, args[2]);
		break;
	case SYS_statx:
		*result = ask(k, path, args[4]);
		break;
	case SYS_statfs:
		*result = kern_pin_find(k, path) || strcmp(path, KERN_BPFFS) == 0
				  ? ask_fs(args[1], BPF_FS_MAGIC)
				  : -ENOENT;
		break;
	default:
		*result = open_dir(k, path);
	}
	return true;
}
