// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finding pins: the mount table, and a walk through each BPF file system. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/pin.h"
#include "core/sys.h"

#define DEFAULT_BPFFS "/sys/fs/bpf"
#define MAX_DEPTH 32 /* of directories; no real tree comes near it */

/* The mount table writes blanks and backslashes as \040. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* The start of the n-th word behind s, or NULL. */
static char *word(char *s, int n)
{
	while (n-- && s) {
		s = strchr(s, ' ');
		s += s != NULL;
	}
	return s;
}

/* The mount point of a mountinfo line that says type bpf and is not covered by another mount. */
static char *bpffs_of(char *line)
{
	/* 36 35 98:0 /root /mount/point options [tags] - type source options */
	char *device = word(line, 2), *point = word(line, 4), *end = word(line, 5);
	unsigned long major, minor;
	struct sys_stat st;

	if (!end || !strstr(end, " - bpf "))
		return NULL;
	major = strtoul(device, &device, 10);
	minor = *device == ':' ? strtoul(device + 1, NULL, 10) : 0;
	end[-1] = '\0';
	unescape(point);
	if (sys_stat(point, &st) || st.dev != ((uint64_t)major << 32 | minor))
		return NULL;
	return point;
}

static bool listed(char *const *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

int pin_mounts(char ***paths, size_t *n, struct err *e)
{
	auto_fd int fd = sys_open("/proc/self/mountinfo");
	auto_file FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
	auto_free char *line = NULL;
	size_t size = 0;

	*paths = NULL;
	*n = 0;
	/* A backend's is in no mount table. */
	if (sys_is_bpffs(DEFAULT_BPFFS)) {
		*paths = xreallocarray(NULL, 1, sizeof(**paths));
		(*paths)[(*n)++] = xstrdup(DEFAULT_BPFFS);
	}
	if (!f)
		return err_code(e, fd < 0 ? fd : ENOMEM, "cannot read the mount table");
	take_fd(fd);
	while (getline(&line, &size, f) > 0) {
		const char *point = bpffs_of(line);

		if (!point || listed(*paths, *n, point))
			continue;
		*paths = xreallocarray(*paths, *n + 1, sizeof(**paths));
		(*paths)[(*n)++] = xstrdup(point);
	}
	return 0;
}

static void add_file(struct pins *p, const char *path)
{
	enum obj_kind kind = OBJ_NONE;
	struct err ignored = {};
	auto_fd int fd = obj_open_pin(path, &kind, &ignored);

	if (fd < 0 || kind == OBJ_NONE)
		return;
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 16;
		p->v = xreallocarray(p->v, p->cap, sizeof(*p->v));
	}
	p->v[p->n++] = (struct pin){ kind, obj_id(kind, fd), xstrdup(path) };
}

struct walk {
	struct pins *pins;
	const char *dir;
	uint64_t dev;
	int depth;
};

static int walk(const struct walk *w);

static int visit(void *arg, const char *name)
{
	const struct walk *w = arg;
	auto_free char *path =
		xasprintf("%s%s%s", w->dir, strcmp(w->dir, "/") == 0 ? "" : "/", name);
	struct walk below = { w->pins, path, w->dev, w->depth + 1 };
	struct sys_stat st;

	if (sys_stat(path, &st) || st.dev != w->dev)
		return 0;
	if (S_ISDIR(st.mode) && w->depth < MAX_DEPTH)
		walk(&below);
	else if (S_ISREG(st.mode))
		add_file(w->pins, path);
	return 0;
}

static int walk(const struct walk *w)
{
	return sys_list(w->dir, visit, (void *)(uintptr_t)w);
}

static int by_object(const void *a, const void *b)
{
	const struct pin *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int walk_below(struct pins *p, const char *dir, struct err *e)
{
	auto_free char *real = NULL;
	struct walk w = { .pins = p, .dir = dir };
	struct sys_stat st;
	int r = sys_stat(dir, &st);

	if (!r && S_ISLNK(st.mode)) {
		real = realpath(dir, NULL);
		w.dir = real ? real : dir;
		r = sys_stat(w.dir, &st);
	}
	w.dev = st.dev;
	if (!r)
		r = walk(&w);
	return r ? err_code(e, r, "cannot look into %s", dir) : 0;
}

int pins_read(struct pins *p, const char *dir, struct err *e)
{
	struct err ignored = {};
	char **mounts = NULL;
	size_t n = 0;
	int r;

	if (dir) {
		r = walk_below(p, dir, e);
	} else {
		r = pin_mounts(&mounts, &n, e);
		for (size_t i = 0; i < n; i++) {
			walk_below(p, mounts[i], &ignored);
			free(mounts[i]);
		}
		free(mounts);
	}
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_object);
	return r;
}

void pins_free(struct pins *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].path);
	free(p->v);
	memset(p, 0, sizeof(*p));
}

const struct pin *pins_find(const struct pins *p, enum obj_kind kind, uint32_t id, size_t *n)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct pin *m = &p->v[mid];

		if (m->kind < kind || (m->kind == kind && m->id < id))
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < p->n; (*n)++)
		if (p->v[low + *n].kind != kind || p->v[low + *n].id != id)
			break;
	return *n ? &p->v[low] : NULL;
}
