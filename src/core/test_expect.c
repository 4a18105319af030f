// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a test expects, compared with what came. */
#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"
#include "core/map_cursor.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/obj.h"
#include "core/packet.h"
#include "core/sys.h"
#include "core/test_priv.h"
#include "core/types.h"
#include "uapi/names.h"

static bool is_ring(uint32_t type)
{
	return type == UAPI_MAP_ringbuf || type == UAPI_MAP_perf_event_array;
}

/* ---- what the program returned ------------------------------------------------------------ */

/* Names of the values that this type of program returns. */
static const char *retval_group(uint32_t type)
{
	switch (type) {
	case UAPI_PROG_xdp:
		return "xdp_action";
	case UAPI_PROG_sched_cls:
	case UAPI_PROG_sched_act:
		return "tc_act";
	case UAPI_PROG_sk_skb:
	case UAPI_PROG_sk_msg:
	case UAPI_PROG_sk_lookup:
		return "sk_action";
	default:
		return NULL;
	}
}

static char *retval_text(const struct test_job *j, uint64_t v, bool is_signed)
{
	const char *group = retval_group(j->p.type);

	for (size_t i = 0; group && i < uapi_nr_consts; i++)
		if (strcmp(uapi_consts[i].group, group) == 0 &&
		    (uint32_t)uapi_consts[i].value == (uint32_t)v)
			return xasprintf("%s (%lld)", uapi_consts[i].name,
					 (long long)uapi_consts[i].value);
	return is_signed ? xasprintf("%d", (int32_t)v) : xasprintf("%llu", (unsigned long long)v);
}

static int three_way(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* A test run hands on the lower half of r0; what is written as -1 means that half too. */
static void expect_retval(struct test_job *j, const struct test_item *it)
{
	struct num want = it->value.num;
	bool narrow = want.neg ? want.mag <= 1ull << 31 : want.mag <= UINT32_MAX;
	uint64_t got = j->out.retval, bits = num_bits(want);
	struct buf text = {};
	int order;

	if (want.neg && narrow)
		order = (int32_t)got < (int32_t)bits ? -1 : (int32_t)got > (int32_t)bits;
	else
		order = three_way(narrow ? (uint32_t)got : got, bits);
	if (test_holds(it->op, order))
		return;
	test_show_op(it->op, &text);
	{
		auto_free char *value = retval_text(j, bits, want.neg);

		buf_adds(&text, value);
	}
	test_fail(j, it, "retval", buf_take(&text), retval_text(j, got, want.neg), NULL);
}

static void expect_number(struct test_job *j, const struct test_item *it, const char *what,
			  uint64_t got)
{
	struct buf text = {};

	if (test_holds(it->op, it->value.num.neg ? 1 : three_way(got, it->value.num.mag)))
		return;
	test_show_op(it->op, &text);
	test_show_value(&it->value, &text);
	test_fail(j, it, what, buf_take(&text), xasprintf("%llu", (unsigned long long)got), NULL);
}

/* ---- the packet and the context ----------------------------------------------------------- */

static int expect_packet(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_buf struct buf want = {};
	struct buf want_text = {}, got_text = {}, diff = {};
	enum packet_layer_id first = PACKET_eth;
	int r = test_packet(j, it, &want, e);

	if (r < 0)
		return r;
	if (!j->out.has_packet)
		return err_input(e, "a %s program has no packet",
				 uapi_prog_type_name(j->p.type) ?: "unknown");
	if (it->nr_layers && it->layers[0].layer >= 0)
		first = (enum packet_layer_id)it->layers[0].layer;
	if (packet_diff(want.data, want.len, j->out.packet.data, j->out.packet.len, first, &diff) ==
	    0) {
		buf_free(&diff);
		return 0;
	}
	packet_text(want.data, want.len, first, &want_text);
	packet_text(j->out.packet.data, j->out.packet.len, first, &got_text);
	test_fail(j, it, "packet", buf_take(&want_text), buf_take(&got_text), buf_take(&diff));
	return 0;
}

static int expect_ctx(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_free char *what = xasprintf("ctx%s", it->path);
	auto_codec struct codec *c = NULL;
	uint32_t off;

	c = test_ctx_field(j, it->path + 1, &off, e);
	if (!c)
		return -EINVAL;
	if (!j->out.has_ctx || off + (size_t)codec_size(c) > j->out.ctx.len)
		return err_input(e, "a test run of a %s program gives no context back",
				 uapi_prog_type_name(j->p.type) ?: "unknown");
	return test_compare(j, it, what, c, &it->value, j->out.ctx.data + off, e);
}

/* ---- maps and variables ------------------------------------------------------------------- */

static char *map_label_of(const struct test_item *it)
{
	auto_buf struct buf key = {};

	test_show_value(&it->key, &key);
	return xasprintf("%s[%s]%s", it->name, it->key.kind ? buf_str(&key) : "", it->path);
}

static int open_map(struct map *m, const struct object_map *om, struct err *e)
{
	int fd = sys_dup(om->fd);

	if (fd < 0)
		return err_sys(e, "cannot keep map %s", om->name);
	return map_open(m, fd, e);
}

/* 1 and the value; 0: there is no such entry. */
static int look_up(const struct test_map *tm, const struct map *m, const struct buf *key,
		   struct buf *value, struct err *e)
{
	bool keyless = map_is_keyless(tm->m.type);
	struct err missing = {};
	int r;

	buf_fill(value, 0, m->value_len);
	if (keyless)
		r = map_lookup_and_delete(m, NULL, value->data, &missing);
	else
		r = map_lookup(m, key->data, value->data, 0, &missing);
	if (r < 0 && missing.class != ERR_ABSENT) {
		*e = missing;
		return r;
	}
	err_clear(&missing);
	return r == 0;
}

/* The value of the CPU the program ran on; all of them if a list is expected. */
static int compare_value(struct test_job *j, const struct test_item *it, const struct test_map *tm,
			 const struct map *m, const char *label, const struct buf *value,
			 struct err *e)
{
	unsigned int cpu = (unsigned int)test_number(j->decl, ITEM_CPU, 0);
	bool each = m->cpus && it->value.kind == TEST_LIST && it->value.n == m->cpus && !*it->path;
	auto_codec struct codec *field = NULL;
	uint32_t off = 0;
	int r = 0;

	if (*it->path) {
		field = codec_field(tm->value, it->path + (*it->path == '.'), &off, e);
		if (!field)
			return -EINVAL;
	}
	if (!each)
		return test_compare(j, it, label, field ?: tm->value, &it->value,
				    value->data + (m->cpus ? cpu * m->stride : 0) + off, e);
	for (unsigned int i = 0; i < m->cpus && r == 0; i++) {
		auto_free char *what = xasprintf("%s of CPU %u", label, i);

		r = test_compare(j, it, what, tm->value, &it->value.fields[i].value,
				 value->data + i * m->stride, e);
	}
	return r;
}

/* Lookups of arrays of programs and maps give ids. */
static int compare_reference(struct test_job *j, const struct test_item *it, const char *label,
			     const struct buf *value, struct err *e)
{
	bool prog = it->value.kind == TEST_PROG;
	int i = prog ? object_find_prog(j->o, it->value.text, e)
		     : object_find_map(j->o, it->value.text, e);
	struct object_prog p = { .fd = -1 };
	struct object_map m = { .fd = -1 };
	struct buf text = {};
	uint32_t got;

	if (i < 0)
		return i;
	if (prog)
		object_prog(j->o, (size_t)i, &p);
	else
		object_map(j->o, (size_t)i, &m);
	if (value->len < sizeof(got))
		return err_input(e, "%s is no reference", label);
	memcpy(&got, value->data, sizeof(got));
	if (test_holds(it->op, got != obj_id(prog ? OBJ_PROG : OBJ_MAP, prog ? p.fd : m.fd)))
		return 0;
	test_show_value(&it->value, &text);
	test_fail(j, it, label, buf_take(&text),
		  xasprintf("%s of id %u", prog ? "prog" : "map", got), NULL);
	return 0;
}

static int expect_map(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_free char *label = map_label_of(it);
	auto_buf struct buf key = {}, value = {};
	auto_test_map struct test_map tm = {};
	auto_map struct map m = MAP_INIT;
	struct buf text = {};
	int r = test_map_open(j->o, it->name, &tm, e);

	if (r == 0)
		r = open_map(&m, &tm.m, e);
	if (r == 0)
		r = test_key(&tm, it, &key, e);
	if (r == 0)
		r = look_up(&tm, &m, &key, &value, e);
	if (r < 0)
		return r;
	if (r == 0 && it->absent)
		return 0;
	if (r == 0) {
		test_show_op(it->op, &text);
		test_show_value(&it->value, &text);
		test_fail(j, it, label, buf_take(&text), xstrdup("no such entry"), NULL);
		return 0;
	}
	if (it->absent) {
		test_show(tm.value, value.data, tm.m.value_size, &text);
		test_fail(j, it, label, xstrdup("no such entry"), buf_take(&text), NULL);
		return 0;
	}
	if (it->value.kind == TEST_PROG || it->value.kind == TEST_MAP)
		return compare_reference(j, it, label, &value, e);
	return compare_value(j, it, &tm, &m, label, &value, e);
}

static size_t count_records(const struct test_job *j, size_t map)
{
	size_t n = 0;

	for (size_t i = 0; i < j->out.nr_records; i++)
		n += j->out.records[i].map == map;
	return n;
}

static int expect_count(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_free char *what = xasprintf("count(%s)", it->name);
	auto_map_cursor struct map_cursor cursor = {};
	auto_test_map struct test_map tm = {};
	auto_map struct map m = MAP_INIT;
	const void *key, *value;
	uint64_t n = 0;
	int r = test_map_open(j->o, it->name, &tm, e);

	if (r < 0)
		return r;
	if (is_ring(tm.m.type)) {
		expect_number(j, it, what, count_records(j, tm.index));
		return 0;
	}
	if (!tm.key)
		return err_input(e, "the entries of map %s cannot be counted", it->name);
	r = open_map(&m, &tm.m, e);
	if (r == 0)
		r = map_cursor_open(&cursor, &m, e);
	while (r >= 0 && (r = map_cursor_next(&cursor, &key, &value, e)) > 0)
		n++;
	if (r == 0)
		expect_number(j, it, what, n);
	return r;
}

static int expect_var(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_free char *path = xasprintf("%s%s", it->name, it->path);
	auto_object_var struct object_var v = {};
	auto_buf struct buf value = {};
	auto_map struct map m = MAP_INIT;
	struct object_map om;
	uint32_t zero = 0;
	int r = object_var_open(j->o, path, &v, e);

	if (r < 0)
		return r;
	object_map(j->o, v.map, &om);
	r = open_map(&m, &om, e);
	if (r < 0)
		return r;
	buf_fill(&value, 0, m.value_len);
	r = map_lookup(&m, &zero, value.data, 0, e);
	return r < 0 ? r : test_compare(j, it, path, v.codec, &it->value, value.data + v.off, e);
}

/* ---- records ------------------------------------------------------------------------------ */

static struct codec *event_codec(const struct test_job *j, const char *name, struct err *e)
{
	const struct types *t = object_types(j->o);
	uint32_t id = t ? types_find_kind(t, name, T_STRUCT) : 0;
	struct codec *c;

	if (!id) {
		err_absent(e, "%s has no struct '%s' in its BTF", object_name(j->o), name);
		return NULL;
	}
	c = codec_of_type(t, id, CODEC_TYPED, e);
	if (c)
		codec_set_loose(c);
	return c;
}

/* By what the map is declared to hold; where it does not say, by size. */
static int is_event(const struct test_job *j, const struct test_record *rec, const char *name,
		    const struct codec *c, struct err *e)
{
	auto_event_types struct event_types types = {};
	const struct event_type *type;
	struct object_map om;
	int r;

	object_map(j->o, rec->map, &om);
	r = event_types_of_btf(&types, object_types(j->o), om.name, e);
	if (r < 0)
		return r;
	if (rec->data.len < codec_size(c))
		return 0;
	if (!types.n)
		return rec->data.len < codec_size(c) + 8u;
	type = event_type_of(&types, rec->data.data, rec->data.len);
	return type && type->name && strcmp(type->name, name) == 0;
}

static void no_event(struct test_job *j, const struct test_item *it)
{
	struct buf want = {};

	buf_addf(&want, "%s ", it->name);
	if (it->value.kind)
		test_show_value(&it->value, &want);
	test_fail(j, it, "event", buf_take(&want),
		  j->out.nr_records
			  ? xasprintf("no more of it among %zu records", j->out.nr_records)
			  : xstrdup("no record"),
		  NULL);
}

/* Expectations of one event meet its records in the order in which they were sent. */
static int expect_event(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_free char *what = xasprintf("event %s", it->name);
	auto_codec struct codec *c = event_codec(j, it->name, e);
	size_t before = 0;

	if (!c)
		return -ENOENT;
	for (const struct test_item *i = j->decl->items; i < it; i++)
		before += i->expect && i->kind == ITEM_EVENT && strcmp(i->name, it->name) == 0;
	for (size_t i = 0; i < j->out.nr_records; i++) {
		const struct test_record *rec = &j->out.records[i];
		int r = is_event(j, rec, it->name, c, e);

		if (r < 0)
			return r;
		if (!r || before--)
			continue;
		return it->value.kind ? test_compare(j, it, what, c, &it->value, rec->data.data, e)
				      : 0;
	}
	no_event(j, it);
	return 0;
}

/* The next line of those that were printed. */
static void expect_printk(struct test_job *j, const struct test_item *it)
{
	const char *lines = buf_str(&j->out.printk), *end;

	for (const struct test_item *i = j->decl->items; i < it; i++)
		if (i->kind == ITEM_PRINTK && *lines)
			lines += strcspn(lines, "\n") + 1;
	if (!*lines) {
		test_fail(j, it, "printk", xstrdup(it->value.text), xstrdup("no line"), NULL);
		return;
	}
	end = strchr(lines, '\n');
	if ((size_t)(end - lines) != it->value.text_len ||
	    memcmp(lines, it->value.text, it->value.text_len) != 0)
		test_fail(j, it, "printk", xstrdup(it->value.text),
			  xstrndup(lines, (size_t)(end - lines)), NULL);
}

static void expect_redirect(struct test_job *j, const struct test_item *it)
{
	struct buf text = {};

	if (j->out.has_redirect) {
		expect_number(j, it, "redirect", j->out.redirect);
		return;
	}
	test_show_value(&it->value, &text);
	test_fail(j, it, "redirect", buf_take(&text), xstrdup("nothing was redirected"), NULL);
}

/* ---- all of it ---------------------------------------------------------------------------- */

/* A run that was stopped has nothing else to show. */
static void stopped(struct test_job *j)
{
	const struct test_item *it = test_item(j->decl, ITEM_FAULT, true);

	if (it && strstr(buf_str(&j->out.fault), it->value.text))
		return;
	test_fail(j, it ?: test_item(j->decl, ITEM_PROG, false), "run",
		  it ? xasprintf("fault: %s", it->value.text) : xstrdup("no fault"),
		  xasprintf("fault: %s", buf_str(&j->out.fault)), buf_take(&j->out.report));
}

static int expect_item(struct test_job *j, const struct test_item *it, struct err *e)
{
	switch (it->kind) {
	case ITEM_RETVAL:
		expect_retval(j, it);
		return 0;
	case ITEM_PACKET:
		return expect_packet(j, it, e);
	case ITEM_CTX:
		return expect_ctx(j, it, e);
	case ITEM_MAP:
		return expect_map(j, it, e);
	case ITEM_COUNT:
		return expect_count(j, it, e);
	case ITEM_SET:
		return expect_var(j, it, e);
	case ITEM_EVENT:
		return expect_event(j, it, e);
	case ITEM_PRINTK:
		expect_printk(j, it);
		return 0;
	case ITEM_REDIRECT:
		expect_redirect(j, it);
		return 0;
	default:
		test_fail(j, it, "run", xasprintf("fault: %s", it->value.text),
			  xstrdup("it ended by itself"), NULL);
		return 0;
	}
}

int test_expect(struct test_job *j, struct err *e)
{
	if (j->out.stopped) {
		stopped(j);
		return 0;
	}
	for (uint32_t i = 0; i < j->decl->n; i++) {
		j->at = &j->decl->items[i];
		if (j->at->expect && expect_item(j, j->at, e) < 0)
			return -EINVAL;
	}
	return 0;
}

/* ---- before anything runs ----------------------------------------------------------------- */

static int check_map(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_buf struct buf key = {}, value = {};
	auto_test_map struct test_map tm = {};
	auto_codec struct codec *field = NULL;
	bool per_cpu = false;
	uint32_t off;
	int r = test_map_open(j->o, it->name, &tm, e);

	if (r == 0)
		r = test_key(&tm, it, &key, e);
	if (r < 0 || it->absent)
		return r;
	if (*it->path) {
		field = codec_field(tm.value, it->path + (*it->path == '.'), &off, e);
		if (!field)
			return -EINVAL;
		buf_fill(&value, 0, codec_size(field));
		return test_encode(field, &it->value, value.data, e);
	}
	for (size_t i = 0; i < uapi_nr_map_types; i++)
		per_cpu |= uapi_map_types[i].id == tm.m.type && uapi_map_types[i].percpu;
	return test_map_value(j->o, &tm, it,
			      per_cpu && it->value.kind == TEST_LIST ? it->value.n : 0, &value, e);
}

static int check_var(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_free char *path = xasprintf("%s%s", it->name, it->path);
	auto_object_var struct object_var v = {};
	auto_buf struct buf value = {};
	int r = object_var_open(j->o, path, &v, e);

	if (r < 0)
		return r;
	buf_fill(&value, 0, codec_size(v.codec));
	return test_encode(v.codec, &it->value, value.data, e);
}

static int check_event(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_codec struct codec *c = event_codec(j, it->name, e);
	auto_buf struct buf value = {};

	if (!c)
		return -ENOENT;
	buf_fill(&value, 0, codec_size(c));
	return it->value.kind ? test_encode(c, &it->value, value.data, e) : 0;
}

int test_check_item(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_buf struct buf packet = {};
	auto_codec struct codec *c = NULL;
	uint32_t off;

	switch (it->kind) {
	case ITEM_PACKET:
		if (!test_takes_packet(j->p.type))
			return err_input(e, "a %s program has no packet",
					 uapi_prog_type_name(j->p.type) ?: "unknown");
		return test_packet(j, it, &packet, e);
	case ITEM_MAP:
		return check_map(j, it, e);
	case ITEM_COUNT:
		return object_find_map(j->o, it->name, e);
	case ITEM_SET:
		return check_var(j, it, e);
	case ITEM_EVENT:
		return check_event(j, it, e);
	case ITEM_ARG:
		return test_ctx_give(j, it, e);
	case ITEM_CTX:
		if (!it->expect)
			return test_ctx_give(j, it, e);
		c = test_ctx_field(j, it->path + 1, &off, e);
		return c ? 0 : -EINVAL;
	default:
		return 0;
	}
}
