// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same test on two kernels. */
#include "core/test_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/map.h"
#include "core/map_cursor.h"
#include "core/mem.h"
#include "core/packet.h"
#include "core/sys.h"
#include "core/test_priv.h"
#include "uapi/names.h"

#define MAX_LINES 100000 /* of a snapshot */

/* ---- snapshots ---------------------------------------------------------------------------- */

/* Maps whose values are ids, or that cannot be read. */
static bool is_readable(uint32_t type)
{
	switch (type) {
	case UAPI_MAP_hash:
	case UAPI_MAP_array:
	case UAPI_MAP_percpu_hash:
	case UAPI_MAP_percpu_array:
	case UAPI_MAP_lru_hash:
	case UAPI_MAP_lru_percpu_hash:
	case UAPI_MAP_lpm_trie:
		return true;
	default:
		return false;
	}
}

/* Entries that are zero are those an array has anyway. */
static bool is_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

static void add_entry(const struct test_map *tm, const struct map *m, const void *key,
		      const void *value, struct buf *to)
{
	unsigned int cpus = m->cpus ? m->cpus : 1;

	buf_addf(to, "%s[", tm->m.internal ? strchr(tm->m.name, '.') ?: tm->m.name : tm->m.name);
	test_show(tm->key, key, tm->m.key_size, to);
	buf_adds(to, "] = ");
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		buf_adds(to, cpu ? ", " : "");
		test_show(tm->value, (const uint8_t *)value + cpu * m->stride, tm->m.value_size,
			  to);
	}
	buf_addc(to, '\n');
}

static int snapshot_map(const struct object *o, const struct object_map *om, struct buf *to,
			struct err *e)
{
	auto_map_cursor struct map_cursor cursor = {};
	auto_test_map struct test_map tm = {};
	auto_map struct map m = MAP_INIT;
	const void *key, *value;
	int fd, r = test_map_open(o, om->name, &tm, e);

	if (r < 0)
		return r;
	fd = sys_dup(om->fd);
	r = fd < 0 ? err_sys(e, "cannot keep map %s", om->name) : map_open(&m, fd, e);
	if (r == 0)
		r = map_cursor_open(&cursor, &m, e);
	while (r >= 0 && (r = map_cursor_next(&cursor, &key, &value, e)) > 0)
		if (value && !(map_is_array(om->type) && is_zero(value, m.value_len)))
			add_entry(&tm, &m, key, value, to);
	return r;
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Hash tables have no order of their own. */
static void sort_lines(struct buf *b)
{
	auto_free char *text = buf_take(b);
	auto_free char **lines = xcalloc(MAX_LINES, sizeof(char *));
	size_t n = 0;

	for (char *line = text, *end; line && *line && n < MAX_LINES; line = end + 1) {
		end = line + strcspn(line, "\n");
		lines[n++] = line;
		if (!*end)
			break;
		*end = '\0';
	}
	qsort(lines, n, sizeof(*lines), by_text);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s\n", lines[i]);
}

int test_snapshot(const struct object *o, struct buf *to, struct err *e)
{
	struct object_map om;
	int r = 0;

	for (size_t i = 0; i < object_nr_maps(o) && r >= 0; i++) {
		object_map(o, i, &om);
		if (is_readable(om.type) && om.fd >= 0)
			r = snapshot_map(o, &om, to, e);
	}
	if (r < 0)
		return r;
	sort_lines(to);
	return 0;
}

/* ---- differences -------------------------------------------------------------------------- */

static void differs(struct test_job *mock, const char *what, char *kernel_has, char *mock_has,
		    char *detail)
{
	test_fail(mock, NULL, what, kernel_has, mock_has, detail);
}

static char *number(uint64_t v)
{
	return xasprintf("%llu", (unsigned long long)v);
}

static void diff_packets(struct test_job *mock, struct test_job *kernel)
{
	struct buf *m = &mock->out.packet, *k = &kernel->out.packet;
	struct buf mock_text = {}, kernel_text = {}, diff = {};

	if (packet_diff(k->data, k->len, m->data, m->len, PACKET_eth, &diff) == 0) {
		buf_free(&diff);
		return;
	}
	packet_text(k->data, k->len, PACKET_eth, &kernel_text);
	packet_text(m->data, m->len, PACKET_eth, &mock_text);
	differs(mock, "packet of kernel and mock", buf_take(&kernel_text), buf_take(&mock_text),
		buf_take(&diff));
}

static char *hex(const struct buf *b)
{
	struct buf text = {};

	for (size_t i = 0; i < b->len; i++)
		buf_add_hex(&text, (unsigned char)b->data[i], 2);
	return buf_take(&text);
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Older kernels have contexts with fewer fields: what both have is compared. */
static bool same_beginning(const struct buf *a, const struct buf *b)
{
	size_t n = a->len < b->len ? a->len : b->len;

	return n == 0 || memcmp(a->data, b->data, n) == 0;
}

static void diff_contexts(struct test_job *mock, struct test_job *kernel)
{
	if (mock->out.has_ctx && kernel->out.has_ctx &&
	    !same_beginning(&mock->out.ctx, &kernel->out.ctx))
		differs(mock, "context of kernel and mock", hex(&kernel->out.ctx),
			hex(&mock->out.ctx), NULL);
}

static void diff_records(struct test_job *mock, struct test_job *kernel)
{
	size_t n = mock->out.nr_records;

	if (n != kernel->out.nr_records) {
		differs(mock, "records of kernel and mock", number(kernel->out.nr_records),
			number(n), NULL);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct test_record *m = &mock->out.records[i], *k = &kernel->out.records[i];
		auto_free char *what = NULL;

		if (m->map == k->map && same_bytes(&m->data, &k->data))
			continue;
		what = xasprintf("record %zu of kernel and mock", i);
		differs(mock, what, hex(&k->data), hex(&m->data), NULL);
	}
}

/* The first line that only one of them has. */
static void diff_snapshots(struct test_job *mock, struct test_job *kernel)
{
	const char *m = buf_str(&mock->snapshot), *k = buf_str(&kernel->snapshot);

	while (*m && *k) {
		size_t a = strcspn(m, "\n"), b = strcspn(k, "\n");

		if (a != b || memcmp(m, k, a) != 0)
			break;
		m += a + 1;
		k += b + 1;
	}
	if (*m || *k)
		differs(mock, "maps of kernel and mock", xstrndup(k, strcspn(k, "\n")),
			xstrndup(m, strcspn(m, "\n")), NULL);
}

void test_diff(struct test_job *mock, struct test_job *kernel)
{
	if (mock->out.stopped)
		return; /* which is a failure by itself */
	if ((uint32_t)mock->out.retval != (uint32_t)kernel->out.retval)
		differs(mock, "retval of kernel and mock", number((uint32_t)kernel->out.retval),
			number((uint32_t)mock->out.retval), NULL);
	if (mock->out.has_packet && kernel->out.has_packet)
		diff_packets(mock, kernel);
	diff_contexts(mock, kernel);
	diff_records(mock, kernel);
	diff_snapshots(mock, kernel);
}
