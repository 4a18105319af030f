// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One link for all functions of a file that match a pattern: sections uprobe.multi, uretprobe.multi
 * and uprobe.session.  The kernel takes offsets into the file; they come from its symbols.
 */
#include <elf.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/utsname.h>

#include "core/attach.h"
#include "core/attach_rows.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

/* ---- the file ----------------------------------------------------------------------------- */

/* dir/name if there is such a file. */
static char *in_dir(const char *dir, size_t len, const char *name)
{
	char *path = xasprintf("%.*s/%s", (int)len, dir, name);

	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *in_list(const char *list, const char *name)
{
	char *found = NULL;

	for (size_t n; *list && !found; list += n + (list[n] == ':')) {
		n = strcspn(list, ":");
		found = n ? in_dir(list, n, name) : NULL;
	}
	return found;
}

/* A library or a command by its name alone is looked for where the system would. */
static char *find_file(const char *name, struct err *e)
{
	struct utsname u = { .machine = "" };
	char dirs[256];
	char *found;

	if (strchr(name, '/'))
		return xstrdup(name);
	uname(&u);
	snprintf(dirs, sizeof(dirs),
		 "/usr/lib/%s-linux-gnu:/lib/%s-linux-gnu:/usr/lib64:/usr/lib:/lib", u.machine,
		 u.machine);
	found = strstr(name, ".so") ? in_list(dirs, name) : in_list(getenv("PATH") ?: "", name);
	if (!found)
		err_absent(e, "there is no file '%s' in the directories of %s", name,
			   strstr(name, ".so") ? "libraries" : "PATH");
	return found;
}

/* ---- its functions ------------------------------------------------------------------------ */

struct places {
	uint64_t *v;
	size_t n, cap;
};

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void add_place(struct places *l, uint64_t off)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = off;
}

/* Where the functions of a table that match lie in the file. */
static void read_table(const struct elf_file *f, enum elf_symtab table, const char *pattern,
		       struct places *l, struct near *near)
{
	size_t n = elf_file_symbols(f, table);
	struct elf_section s;
	struct elf_symbol sym;

	for (size_t i = 1; i <= n; i++) {
		if (!elf_file_symbol(f, table, i, &sym) || sym.type != STT_FUNC || sym.undefined ||
		    !elf_file_section(f, sym.section, &s))
			continue;
		if (fnmatch(pattern, sym.name, 0) == 0)
			add_place(l, sym.value - s.addr + s.off);
		else
			near_offer(near, sym.name);
	}
}

/* Each once, ascending; several names may be one function. */
static int find_places(const char *path, const char *pattern, struct places *l, struct err *e)
{
	auto_elf_file struct elf_file *f = elf_file_open(path, e);
	struct near near = near_to(pattern, strlen(pattern));
	size_t kept = 0;

	if (!f)
		return -EINVAL;
	read_table(f, ELF_SYMTAB, pattern, l, &near);
	read_table(f, ELF_DYNSYM, pattern, l, &near);
	if (!l->n) {
		err_absent(e, "no function of %s matches '%s'", path, pattern);
		if (near.best && !strpbrk(pattern, "*?["))
			err_hint(e, "did you mean '%.*s'?", (int)near.best_len, near.best);
		return -ENOENT;
	}
	qsort(l->v, l->n, sizeof(*l->v), ascending);
	for (size_t i = 0; i < l->n; i++)
		if (!kept || l->v[kept - 1] != l->v[i])
			l->v[kept++] = l->v[i];
	l->n = kept;
	return 0;
}

/* ---- the link ----------------------------------------------------------------------------- */

static int multi_error(const struct uapi_attach_type_info *t, const char *path, int code,
		       struct err *e)
{
	err_code(e, code, "cannot attach to functions of %s", path);
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return err_hint(e, "%s is there since Linux %s", t->name, t->since);
	return probe_denied(e, NEED_PERFMON | NEED_BPF);
}

static int create(int prog_fd, const struct uapi_section *s, const char *path,
		  const struct places *l, const struct attach_opts *opts, struct attachment *a,
		  struct err *e)
{
	auto_free uint64_t *cookies = NULL;
	const struct uapi_attach_type_info *t = uapi_attach_type_find(s->attach_type);
	struct attr_link_create c = { .prog_fd = (uint32_t)prog_fd, .attach_type = t->id };
	int fd;

	if (opts->cookie)
		cookies = xcalloc(l->n, sizeof(*cookies));
	for (size_t i = 0; cookies && i < l->n; i++)
		cookies[i] = opts->cookie;
	c.uprobe_multi.path = attr_ptr(path);
	c.uprobe_multi.offsets = attr_ptr(l->v);
	c.uprobe_multi.cookies = cookies ? attr_ptr(cookies) : 0;
	c.uprobe_multi.cnt = (uint32_t)l->n;
	c.uprobe_multi.flags = strncmp(s->pattern, "uret", 4) == 0 ? UAPI_UPROBE_MULTI_RETURN : 0;
	c.uprobe_multi.pid = opts->pid;
	fd = sys_bpf(BPF_LINK_CREATE, &c, sizeof(c));
	if (fd < 0)
		return multi_error(t, path, fd, e);
	a->fd = fd;
	a->is_link = true;
	snprintf(a->target, sizeof(a->target), "%zu %s of %s", l->n,
		 l->n == 1 ? "function" : "functions", path);
	return 0;
}

int attach_uprobe_multi(int prog_fd, const struct uapi_section *s, const char *extra,
			const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	const char *colon = strrchr(extra, ':');
	auto_free char *name = xstrndup(extra, colon ? (size_t)(colon - extra) : 0);
	auto_free char *path = NULL;
	struct places l = { .v = NULL };
	int r;

	if (!colon || !*name || !colon[1])
		return err_input(e, "'%s' names no functions: expected FILE:PATTERN", extra);
	path = find_file(name, e);
	if (!path)
		return -ENOENT;
	r = find_places(path, colon + 1, &l, e);
	if (r == 0)
		r = create(prog_fd, s, path, &l, opts, a, e);
	free(l.v);
	return r;
}
