// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* /proc/kallsyms, sorted by address. */
#include "core/ksyms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"

struct ksyms {
	char *text; /* names and modules are cut out of it */
	struct ksym *v;
	size_t n, cap;
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* "ffffffff81000000 T name\t[module]" up to the newline, which is overwritten. */
static void take_line(struct ksyms *k, char *line, char *end)
{
	char *p = line, *module;
	uint64_t addr = 0;

	for (; is_hex(*p); p++)
		addr = addr << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	if (p == line || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return;
	*end = '\0';
	p += 3;
	module = strchr(p, '\t');
	if (module) {
		*module++ = '\0';
		module += *module == '[';
		if (end > module && end[-1] == ']')
			end[-1] = '\0';
	}
	if (k->n == k->cap) {
		k->cap = k->cap ? 2 * k->cap : 65536;
		k->v = xreallocarray(k->v, k->cap, sizeof(*k->v));
	}
	k->v[k->n++] = (struct ksym){ addr, p, module };
}

static int by_addr(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static char *read_all(size_t *len)
{
	auto_fd int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	auto_buf struct buf b = {};
	ssize_t n;

	if (fd < 0)
		return NULL;
	do {
		char *p = buf_reserve(&b, 1 << 20);

		if (!p)
			return NULL;
		n = read(fd, p, 1 << 20);
		if (n > 0)
			b.len += (size_t)n;
	} while (n > 0);
	*len = b.len;
	return n < 0 ? NULL : buf_take(&b);
}

struct ksyms *ksyms_read(struct err *e)
{
	struct ksyms *k;
	bool hidden = true;
	size_t len = 0;

	if (sys_taped()) {
		err_worded(e, EOPNOTSUPP, "the kernel's symbols are no part of a record");
		return NULL;
	}
	k = xcalloc(1, sizeof(*k));
	k->text = read_all(&len);
	if (!k->text) {
		err_sys(e, "cannot read /proc/kallsyms");
		ksyms_freep(&k);
		return NULL;
	}
	for (char *line = k->text, *end; (end = memchr(line, '\n', len)); line = end + 1) {
		len -= (size_t)(end + 1 - line);
		take_line(k, line, end);
		hidden &= k->n && !k->v[k->n - 1].addr;
	}
	if (hidden) {
		err_code(e, EPERM, "the kernel shows no symbol addresses to this user");
		err_hint(e, "kernel.kptr_restrict is %ld", probe_sysctl("kernel/kptr_restrict"));
		ksyms_freep(&k);
		return NULL;
	}
	qsort(k->v, k->n, sizeof(*k->v), by_addr);
	return k;
}

void ksyms_freep(struct ksyms **kp)
{
	struct ksyms *k = *kp;

	if (!k)
		return;
	free(k->v);
	free(k->text);
	freep(kp);
}

const struct ksym *ksyms_at(const struct ksyms *k, uint64_t addr)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (k->v[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	/* The first of several names of one address, as the kernel lists them. */
	while (low > 1 && k->v[low - 2].addr == k->v[low - 1].addr)
		low--;
	return low ? &k->v[low - 1] : NULL;
}

const struct ksym *ksyms_exact(const struct ksyms *k, uint64_t addr)
{
	const struct ksym *s = ksyms_at(k, addr);

	return s && s->addr == addr ? s : NULL;
}

const struct ksym *ksyms_named(const struct ksyms *k, const char *name)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].name, name) == 0)
			return &k->v[i];
	return NULL;
}
