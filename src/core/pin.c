// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Making and removing pins. */
#include "core/pin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"

#define DEFAULT_BPFFS "/sys/fs/bpf"

enum step_kind { STEP_PIN, STEP_DIR, STEP_MOUNT };

struct pin_step {
	enum step_kind kind;
	char *path;
};

static void did(struct pinning *p, enum step_kind kind, const char *path)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 8;
		p->steps = xreallocarray(p->steps, p->cap, sizeof(*p->steps));
	}
	p->steps[p->n++] = (struct pin_step){ kind, xstrdup(path) };
}

void pin_keep(struct pinning *p)
{
	while (p->n)
		free(p->steps[--p->n].path);
	free(p->steps);
	p->steps = NULL;
	p->cap = 0;
}

void pin_undo(struct pinning *p)
{
	for (size_t i = p->n; i-- > 0;) {
		const struct pin_step *s = &p->steps[i];

		if (s->kind == STEP_PIN)
			sys_unlink(s->path);
		else if (s->kind == STEP_DIR)
			sys_rmdir(s->path);
		else
			umount2(s->path, MNT_DETACH);
	}
	pin_keep(p);
}

/* "a//b/c/" and "a/b" give "a/b" and "a"; "x" gives "."; "/x" gives "/". */
static char *parent_of(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return n ? xstrndup(path, n) : xstrdup(".");
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static int is_there(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 1;
}

static bool is_empty_dir(const char *path)
{
	return sys_list(path, is_there, NULL) == 0;
}

static int no_bpffs(const char *dir, struct err *e)
{
	struct err ignored = {};
	char **mounts = NULL;
	size_t n = 0;

	err_input(e, "%s is not in a BPF file system, and only there can objects be pinned", dir);
	if (pin_mounts(&mounts, &n, &ignored) == 0 && n)
		err_hint(e, "one is mounted at %s", mounts[0]);
	else
		err_hint(e, "mount one: mount -t bpf bpf " DEFAULT_BPFFS);
	for (size_t i = 0; i < n; i++)
		free(mounts[i]);
	free(mounts);
	return -EINVAL;
}

/* dir exists and is not in a BPF file system; dir_wanted is the one that shall come to be. */
static int mount_for(struct pinning *p, const char *dir, const char *dir_wanted, struct err *e)
{
	const char *at = is_below(dir, DEFAULT_BPFFS) ? DEFAULT_BPFFS : dir;

	/* Nothing that is there may be hidden, and no directory on the way to a pin be taken. */
	if (p->nomount || !is_empty_dir(at) ||
	    (at == dir && strcmp(dir, dir_wanted) != 0 && strcmp(dir, DEFAULT_BPFFS) != 0))
		return no_bpffs(dir, e);
	if (mount("bpf", at, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700")) {
		err_sys(e, "cannot mount a BPF file system at %s", at);
		return probe_denied(e, NEED_SYS_ADMIN);
	}
	did(p, STEP_MOUNT, at);
	return 0;
}

static const char *dotted(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	return strchr(name, '.') ? name : NULL;
}

static int dir_error(const char *dir, int code, struct err *e)
{
	/* The kernel says EPERM to looking such a name up, and to making it. */
	if (code == -EPERM && dotted(dir))
		return err_input(e, "a name in a BPF file system must not contain a dot: %s",
				 dotted(dir));
	return err_code(e, code, "cannot make the directory %s", dir);
}

/* As stat(2): what a symbolic link leads to. */
static int kind_of(const char *path, uint32_t *mode)
{
	struct sys_stat st;
	struct stat to;
	int r = sys_stat(path, &st);

	if (r)
		return r;
	*mode = st.mode;
	if (!S_ISLNK(st.mode))
		return 0;
	if (stat(path, &to))
		return -errno;
	*mode = to.st_mode;
	return 0;
}

static int make_dirs(struct pinning *p, const char *dir, struct err *e)
{
	uint32_t mode;
	int r = kind_of(dir, &mode);

	if (r == 0)
		return S_ISDIR(mode) ? 0 : err_input(e, "%s is not a directory", dir);
	if (r != -ENOENT)
		return dir_error(dir, r, e);
	{
		auto_free char *up = parent_of(dir);

		r = make_dirs(p, up, e);
		if (r)
			return r;
	}
	r = sys_mkdir(dir, 0700);
	if (r == 0)
		did(p, STEP_DIR, dir);
	return r == 0 || r == -EEXIST ? 0 : dir_error(dir, r, e);
}

/* The names on the way to a pin that are not there yet, or cannot be. */
static bool is_missing(const char *path)
{
	uint32_t mode;
	int r = kind_of(path, &mode);

	return (r == -ENOENT || r == -EPERM) && strcmp(path, "/") != 0 && strcmp(path, ".") != 0;
}

int pin_add_dir(struct pinning *p, const char *dir, struct err *e)
{
	auto_free char *top = xstrdup(dir);
	int r;

	while (is_missing(top)) {
		char *up = parent_of(top);

		free(top);
		top = up;
	}
	if (!probe_is_bpffs(top)) {
		r = mount_for(p, top, dir, e);
		if (r)
			return r;
	}
	return make_dirs(p, dir, e);
}

static int pin_error(int fd, const char *path, const char *dir, int code, struct err *e)
{
	enum obj_kind kind = OBJ_NONE;
	struct err ignored = {};
	auto_fd int there = -1;

	if (code == -EPERM && dotted(path))
		return err_input(e, "a name in a BPF file system must not contain a dot: %s",
				 dotted(path));
	if (code != -EEXIST) {
		err_code(e, code, "cannot pin %s at %s", obj_kind_name(obj_kind_of(fd)), path);
		if (code == -EACCES && access(dir, W_OK))
			return err_hint(e, "this user may not write to %s", dir);
		return probe_denied(e, NEED_BPF);
	}
	there = obj_open_pin(path, &kind, &ignored);
	err_worded(e, code, "cannot pin at %s: it exists", path);
	if (there < 0)
		return code;
	return err_hint(e, "it is a pin of %s %u; another path, or unpin that one first",
			obj_kind_name(kind), obj_id(kind, there));
}

int pin_add(struct pinning *p, int fd, const char *path, struct err *e)
{
	auto_free char *dir = parent_of(path);
	int r;

	if (!*path || path[strlen(path) - 1] == '/')
		return err_usage(e, "a pin needs a path that ends in a name, not '%s'", path);
	r = pin_add_dir(p, dir, e);
	if (r)
		return r;
	r = sys_obj_pin(fd, path);
	if (r)
		return pin_error(fd, path, dir, r, e);
	did(p, STEP_PIN, path);
	return 0;
}

int pin_object(int fd, const char *path, bool nomount, struct err *e)
{
	auto_pinning struct pinning p = { .nomount = nomount };
	int r = pin_add(&p, fd, path, e);

	if (!r)
		pin_keep(&p);
	return r;
}

int pin_remove(const char *path, enum obj_kind kind, struct err *e)
{
	auto_fd int fd = obj_open_pin(path, &kind, e);
	int r;

	if (fd < 0)
		return fd;
	r = sys_unlink(path);
	return r ? err_code(e, r, "cannot remove the pin %s", path) : 0;
}
