// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records: from ring buffers and perf events, by their types. */
#include "core/event.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <bpf/btf.h>

#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/map.h"
#include "core/object.h"
#include "core/prog.h"
#include "core/types.h"
#include "core/val.h"
#include "kern.h"
#include "uapi/names.h"

#define NEED_LOADED(o)                                                                             \
	auto_object struct object *o = NULL;                                                       \
	struct err e = {};                                                                         \
	NEED_KERNEL();                                                                             \
	if (!bpf_object_path("event"))                                                             \
		SKIP("needs clang");                                                               \
	(o) = object_open_file(bpf_object_path("event"), &(struct object_opts){}, &e);             \
	if (!(o) || object_load(o, &e)) {                                                          \
		FAIL("%s (%s)", e.what, e.hint);                                                   \
		return;                                                                            \
	}

static void open_map(const struct object *o, const char *name, struct map *m)
{
	struct object_map om;
	struct err e = {};

	object_map(o, (size_t)object_find_map(o, name, &e), &om);
	if (map_open(m, dup(om.fd), &e))
		FAIL("%s", e.what);
}

static void run(const struct object *o, const char *name, uint32_t n)
{
	uint8_t packet[64] = {};
	struct prog_run r = {};
	struct object_prog p;
	struct err e = {};

	object_prog(o, (size_t)object_find_prog(o, name, &e), &p);
	if (p.type == UAPI_PROG_xdp) {
		r.data = packet;
		r.data_len = sizeof(packet);
		r.repeat = n;
	} else {
		r.ctx = &n;
		r.ctx_len = sizeof(n);
	}
	if (prog_test_run(p.fd, &r, &e))
		FAIL("%s (%s)", e.what, e.hint);
}

static void ring_buffers(void)
{
	auto_map struct map hello = MAP_INIT, several = MAP_INIT;
	auto_event_reader struct event_reader *r = event_reader_new(false);
	uint32_t per_source[2] = {}, next = 0, number;
	struct event ev;

	NEED_LOADED(o);
	open_map(o, "records_with_a_long_name", &hello);
	open_map(o, "several", &several);
	CHECK_INT(event_add(r, &hello, 0, &e), 0);
	CHECK_INT(event_add(r, &several, 0, &e), 1);
	CHECK(!event_next(r, &ev));
	CHECK_INT(event_wait(r, 0, -1, &e), 0);
	/* More than the buffers hold at a time: what was read makes room. */
	for (uint32_t i = 0; i < 1000; i++) {
		run(o, "send", i);
		if (i % 3 == 0)
			run(o, "discard", i);
		CHECK_INT(event_wait(r, 1000, -1, &e), EVENT_READY);
		while (event_next(r, &ev)) {
			CHECK(ev.cpu == -1 && !ev.lost);
			per_source[ev.source]++;
			if (ev.source)
				continue;
			CHECK_INT(ev.len, 12);
			memcpy(&number, ev.data, 4);
			CHECK_INT(number, next++);
			CHECK_STR((const char *)ev.data + 4, "hello");
		}
	}
	CHECK_INT(per_source[0], 1000);
	CHECK_INT(per_source[1], 2000);
	CHECK(event_add(r, &(struct map){ .info = { .type = UAPI_MAP_hash } }, 0, &e) < 0);
	CHECK_INT(e.class, ERR_INPUT);
}

static void looking_without_taking(void)
{
	auto_map struct map m = MAP_INIT;
	auto_event_reader struct event_reader *peek = event_reader_new(true), *r = NULL;
	struct event ev;
	int n = 0;

	NEED_LOADED(o);
	open_map(o, "records_with_a_long_name", &m);
	for (uint32_t i = 0; i < 5; i++)
		run(o, "send", i);
	CHECK_INT(event_add(peek, &m, 0, &e), 0);
	while (event_next(peek, &ev))
		n++;
	CHECK_INT(n, 5);
	r = event_reader_new(false);
	CHECK_INT(event_add(r, &m, 0, &e), 0);
	while (event_next(r, &ev))
		n++;
	CHECK_INT(n, 10);
	CHECK(!event_next(peek, &ev));
}

/* Each CPU has a buffer of its own, and counts what it lost: this test stays on one of them. */
static void perf_events(void)
{
	cpu_set_t before, one;
	auto_map struct map m = MAP_INIT;
	auto_event_reader struct event_reader *r = event_reader_new(false);
	uint64_t records = 0, lost = 0;
	struct event ev;

	NEED_LOADED(o);
	CHECK_INT(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	CHECK_INT(sched_setaffinity(0, sizeof(one), &one), 0);
	open_map(o, "perf", &m);
	CHECK_INT(event_add(r, &m, 1, &e), 0);
	run(o, "send_perf", 3);
	CHECK_INT(event_wait(r, 1000, -1, &e), EVENT_READY);
	while (event_next(r, &ev)) {
		CHECK(ev.len >= 12 && ev.cpu >= 0 && ev.time);
		CHECK_STR((const char *)ev.data + 4, "perf");
		records++;
	}
	CHECK_INT(records, 3);
	/* One page holds some hundred: the rest is lost, and counted. */
	run(o, "send_perf", 1000);
	while (event_next(r, &ev))
		records += !ev.lost;
	/* The kernel says how many were lost with the next record there is room for. */
	run(o, "send_perf", 1);
	while (event_next(r, &ev)) {
		records += !ev.lost;
		lost += ev.lost;
	}
	CHECK(lost > 0);
	CHECK_INT(records + lost, 1004);
	sched_setaffinity(0, sizeof(before), &before);
}

static void *write_soon(void *arg)
{
	usleep(50000);
	return (void *)(intptr_t)write(*(int *)arg, "x", 1);
}

static void waiting(void)
{
	auto_map struct map m = MAP_INIT;
	auto_event_reader struct event_reader *r = event_reader_new(false);
	struct timespec before, after;
	pthread_t thread;
	int wake[2];

	NEED_LOADED(o);
	open_map(o, "records_with_a_long_name", &m);
	CHECK_INT(event_add(r, &m, 0, &e), 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	CHECK_INT(event_wait(r, 60, -1, &e), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >=
	      59);
	CHECK_INT(pipe(wake), 0);
	pthread_create(&thread, NULL, write_soon, &wake[1]);
	CHECK_INT(event_wait(r, -1, wake[0], &e), EVENT_WOKEN);
	pthread_join(thread, NULL);
	run(o, "send", 1);
	CHECK_INT(event_wait(r, -1, wake[0], &e), EVENT_WOKEN | EVENT_READY);
	close(wake[0]);
	close(wake[1]);
}

static void check_types(const struct event_types *t)
{
	struct {
		uint32_t kind, pad;
		uint64_t a;
	} first = { 1, 0, 5 };
	struct {
		uint32_t kind, b, c;
	} second = { 2, 3, 4 }, third = { 3, 0, 0 };
	const struct event_type *type;

	CHECK_INT(t->n, 2);
	type = event_type_of(t, &first, sizeof(first));
	CHECK_STR(type ? type->name : NULL, "first");
	type = event_type_of(t, &second, sizeof(second));
	CHECK_STR(type ? type->name : NULL, "second");
	CHECK(!event_type_of(t, &third, sizeof(third)));
	CHECK(!event_type_of(t, &third, 2));
}

static void types_of_an_object(void)
{
	auto_event_types struct event_types one = {}, two = {}, none = {};
	auto_object struct object *o = NULL;
	struct err e = {};

	if (!bpf_object_path("event"))
		SKIP("needs clang");
	o = object_open_file(bpf_object_path("event"), &(struct object_opts){}, &e);
	CHECK_INT(event_types_of_btf(&one, object_types(o), "records_with_a_long_name", &e), 0);
	CHECK_INT(one.n, 1);
	CHECK_STR(one.v[0].name, "hello");
	CHECK(event_type_of(&one, "x", 1) == &one.v[0]);
	CHECK_INT(event_types_of_btf(&two, object_types(o), "several", &e), 0);
	check_types(&two);
	CHECK_INT(event_types_of_btf(&none, object_types(o), "untyped", &e), 0);
	CHECK_INT(event_types_of_btf(&none, object_types(o), "nothing", &e), 0);
	CHECK_INT(none.n, 0);
}

static void types_of_loaded_maps(void)
{
	auto_event_types struct event_types one = {}, two = {}, none = {}, named = {}, kernel = {},
					    spec = {}, absent = {};
	auto_map struct map hello = MAP_INIT, several = MAP_INIT, untyped = MAP_INIT;
	auto_val struct val v = {};

	NEED_LOADED(o);
	open_map(o, "records_with_a_long_name", &hello);
	open_map(o, "several", &several);
	open_map(o, "untyped", &untyped);
	CHECK_INT(event_types_of_map(&one, &hello, &e), 0);
	CHECK_INT(one.n, 1);
	CHECK_INT(codec_val(one.v[0].codec, "\7\0\0\0ab\0dirty", 12, &v), 0);
	CHECK_STR(val_get(&v, "text")->str.s, "ab");
	CHECK_INT(event_types_of_map(&two, &several, &e), 0);
	check_types(&two);
	CHECK_INT(event_types_of_map(&none, &untyped, &e), 0);
	CHECK_INT(none.n, 0);
	CHECK_INT(event_types_by_name(&named, &untyped, "second", &e), 0);
	CHECK_INT(codec_size(named.v[0].codec), 12);
	CHECK_INT(event_types_by_name(&absent, &untyped, "no_such_struct", &e), -ENOENT);
	CHECK_INT(event_types_by_spec(&spec, "{ u8 a; be16 b }", &e), 0);
	CHECK(event_type_of(&spec, "abcd", 4));
	CHECK(event_types_by_spec(&spec, "{ u9 a }", &e) < 0);
	if (event_types_by_name(&kernel, &untyped, "in6_addr", &e) == 0)
		CHECK_INT(codec_size(kernel.v[0].codec), 16);
}

static void broken_tags(void)
{
	struct btf *b = btf__new_empty();
	auto_types struct types *t = types_borrow(b);
	auto_event_types struct event_types found = {};
	struct err e = {};
	int var, type = btf__add_int(b, "u32", 4, 0);

	var = btf__add_var(b, "m", BTF_VAR_GLOBAL_ALLOCATED, type);
	btf__add_datasec(b, ".maps", 4);
	btf__add_datasec_var_info(b, var, 0, 4);
	btf__add_decl_tag(b, "event:nothing", var, -1);
	CHECK(event_types_of_btf(&found, t, "m", &e) < 0);
	CHECK_STR(e.what, "the tag event:nothing names a type that is not there");
	event_types_free(&found);
	btf__add_struct(b, "nothing", 4);
	btf__add_field(b, "x", type, 0, 0);
	btf__add_decl_tag(b, "event:nothing=x", var, -1);
	CHECK(event_types_of_btf(&found, t, "m", &e) < 0);
	CHECK(strstr(e.what, "has no number"));
	event_types_free(&found);
	types_freep(&t);
	btf__free(b);
}

static const struct test tests[] = {
	{ "ring buffers, two at once", ring_buffers },
	{ "looking without taking", looking_without_taking },
	{ "perf events, and those that are lost", perf_events },
	{ "waiting for time, for a descriptor, for records", waiting },
	{ "types of an object's maps", types_of_an_object },
	{ "types of loaded maps", types_of_loaded_maps },
	{ "broken tags", broken_tags },
};
TEST_MAIN(tests)
