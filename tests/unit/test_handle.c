// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Handles: words, and the objects they find. */
#include "core/handle.h"

#include <bpf/libbpf.h>

#include "core/err.h"
#include "core/pin.h"
#include "kern.h"

static int parse(struct handle *h, struct err *e, const char *a, const char *b)
{
	char one[64], two[64];
	char *words[] = { one, two };

	snprintf(one, sizeof(one), "%s", a);
	snprintf(two, sizeof(two), "%s", b ? b : "");
	memset(e, 0, sizeof(*e));
	return handle_parse(h, words, b ? 2 : 1, e);
}

static void words(void)
{
	static const struct {
		const char *a, *b;
		int used;
		enum handle_form form;
	} good[] = {
		{ "id", "12", 2, HANDLE_ID },	     { "12", NULL, 1, HANDLE_ID },
		{ "12", "x", 1, HANDLE_ID },	     { "0x10", NULL, 1, HANDLE_ID },
		{ "name", "12", 2, HANDLE_NAME },    { "ports", "key", 1, HANDLE_NAME },
		{ "12ports", NULL, 1, HANDLE_NAME }, { "id", NULL, 1, HANDLE_NAME },
		{ "pinned", "x", 2, HANDLE_PINNED }, { "/sys/fs/bpf/x", NULL, 1, HANDLE_PINNED },
		{ "./x", NULL, 1, HANDLE_PINNED },   { "tag", "0123456789aBcDeF", 2, HANDLE_TAG },
		{ "file", "a.o", 2, HANDLE_FILE },
	};
	static const char *const bad[][2] = {
		{ "id", "x" },
		{ "id", "0" },
		{ "id", "4294967296" },
		{ "id", "-1" },
		{ "tag", "12" },
		{ "tag", "0123456789abcdefg" },
		{ "pinned", "" },
		{ "", NULL },
		{ "0", NULL },
		{ "tag", "0123456789abcdeg" },
		{ "99999999999999", NULL },
	};
	struct handle h;
	struct err e;

	for (size_t i = 0; i < countof(good); i++) {
		CHECK_INT(parse(&h, &e, good[i].a, good[i].b), good[i].used);
		CHECK_INT(h.form, good[i].form);
	}
	CHECK_INT(parse(&h, &e, "0x10", NULL), 1);
	CHECK_INT(h.id, 16);
	CHECK_INT(parse(&h, &e, "tag", "0123456789abcdef"), 2);
	CHECK_INT(h.tag[7], 0xef);
	for (size_t i = 0; i < countof(bad); i++) {
		CHECK(parse(&h, &e, bad[i][0], bad[i][1]) < 0);
		CHECK_INT(e.class, ERR_USAGE);
	}
	CHECK(handle_parse(&h, NULL, 0, &e) < 0);
}

static int find(enum obj_kind kind, struct err *e, const char *a, const char *b)
{
	char one[128], two[128];
	char *list[] = { one, two };

	snprintf(one, sizeof(one), "%s", a);
	snprintf(two, sizeof(two), "%s", b ? b : "");
	err_clear(e);
	return handle_open_words(list, b ? 2 : 1, kind, e);
}

static void finding_objects(void)
{
	auto_fd int map = -1, twin = -1, other = -1, prog = -1, link = -1, fd = -1;
	char name[16], near[32], id[16], path[128], want[128];
	struct err e = {};
	const char *dir;

	NEED_KERNEL();
	snprintf(name, sizeof(name), "%s", own_name("x"));
	snprintf(near, sizeof(near), "%sx", name);
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, name);
	other = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, own_name("y"));
	prog = make_prog(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, name);
	link = sys_bpf(BPF_RAW_TRACEPOINT_OPEN,
		       &(struct attr_raw_tracepoint){ .name = attr_ptr("sched_process_exit"),
						      .prog_fd = (uint32_t)prog },
		       sizeof(struct attr_raw_tracepoint));

	fd = find(OBJ_MAP, &e, "name", name);
	CHECK(fd >= 0);
	CHECK_INT(obj_id(OBJ_MAP, fd), obj_id(OBJ_MAP, map));
	closep(&fd);
	snprintf(id, sizeof(id), "%u", obj_id(OBJ_PROG, prog));
	fd = find(OBJ_PROG, &e, id, NULL);
	CHECK_INT(obj_id(OBJ_PROG, fd), obj_id(OBJ_PROG, prog));
	closep(&fd);
	fd = find(OBJ_LINK, &e, name, NULL);
	CHECK_INT(obj_id(OBJ_LINK, fd), obj_id(OBJ_LINK, link));
	closep(&fd);

	CHECK_INT(find(OBJ_MAP, &e, near, NULL), -ENOENT);
	CHECK_INT(e.class, ERR_ABSENT);
	snprintf(want, sizeof(want), "did you mean '%s'?", name);
	CHECK_STR(e.hint, want);
	CHECK(find(OBJ_PROG, &e, "tag", "0000000000000000") < 0);
	CHECK_STR(e.what, "no program has the tag 0000000000000000");
	CHECK(find(OBJ_MAP, &e, "tag", "0000000000000000") < 0);
	CHECK_INT(e.class, ERR_USAGE);
	CHECK(find(OBJ_MAP, &e, name, "junk") < 0);
	CHECK(strstr(e.what, "'junk' is too much"));

	twin = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, name);
	CHECK(find(OBJ_MAP, &e, name, NULL) < 0);
	snprintf(want, sizeof(want), "2 maps have the name %s: ids %u, %u", name,
		 obj_id(OBJ_MAP, map), obj_id(OBJ_MAP, twin));
	CHECK_STR(e.what, want);

	dir = make_bpffs();
	snprintf(path, sizeof(path), "%s/m", dir);
	CHECK_INT(pin_object(map, path, true, &e), 0);
	fd = find(OBJ_MAP, &e, path, NULL);
	CHECK_INT(obj_id(OBJ_MAP, fd), obj_id(OBJ_MAP, map));
	closep(&fd);
	CHECK(find(OBJ_PROG, &e, path, NULL) < 0);
	CHECK(strstr(e.what, "is a pinned map, not a program"));
	make_bpffs_away(dir);
}

static void all_of_a_name(void)
{
	auto_fd int a = -1, b = -1;
	struct handle h = { .form = HANDLE_NAME, .text = own_name("twin") };
	uint32_t *ids = NULL;
	struct err e = {};
	size_t n;

	NEED_KERNEL();
	a = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, h.text);
	b = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, h.text);
	CHECK_INT(handle_ids(&h, OBJ_MAP, &ids, &n, &e), 0);
	CHECK_INT(n, 2);
	CHECK(n == 2 && ids[0] < ids[1]);
	free(ids);
	h = (struct handle){ .form = HANDLE_ID, .id = 0x7fffffff };
	CHECK_INT(handle_ids(&h, OBJ_MAP, &ids, &n, &e), 0);
	CHECK_INT(n, 0);
	free(ids);
}

static void long_names(void)
{
	const char *path = bpf_object_path("prog");
	struct bpf_object *o = path ? bpf_object__open(path) : NULL;
	auto_fd int fd = -1;
	struct err e = {};

	NEED_KERNEL();
	if (!o)
		SKIP("needs clang");
	CHECK_INT(bpf_object__load(o), 0);
	/* Another run of these tests may have the same object loaded. */
	fd = find(OBJ_PROG, &e, "count_packets_and_pass", NULL);
	CHECK(fd >= 0 || strstr(e.what, "have the name"));
	closep(&fd);
	fd = find(OBJ_PROG, &e, "count_packets_a", NULL); /* what the kernel shows */
	CHECK(fd >= 0 || strstr(e.what, "have the name"));
	CHECK(find(OBJ_PROG, &e, "count_packets_and_piss", NULL) < 0);
	CHECK_STR(e.hint, "did you mean 'count_packets_and_pass'?");
	bpf_object__close(o);
}

static void out_of_files(void)
{
	const char *path = bpf_object_path("prog");
	auto_fd int fd = -1;
	struct err e = {};
	char spec[600];

	NEED_KERNEL();
	if (!path)
		SKIP("needs clang");
	snprintf(spec, sizeof(spec), "%s:sum", path);
	CHECK_INT(handle_open(&(struct handle){ .form = HANDLE_FILE, .text = spec }, OBJ_LINK, &e),
		  -EINVAL);
	fd = handle_open(&(struct handle){ .form = HANDLE_FILE, .text = spec }, OBJ_PROG, &e);
	CHECK_INT(obj_kind_of(fd), OBJ_PROG);
	closep(&fd);
	fd = handle_open(&(struct handle){ .form = HANDLE_FILE, .text = path }, OBJ_PROG, &e);
	CHECK_INT(fd, -EINVAL);
	CHECK(strstr(e.what, "has several programs: "));
	snprintf(spec, sizeof(spec), "%s:hit", path);
	fd = handle_open(&(struct handle){ .form = HANDLE_FILE, .text = spec }, OBJ_MAP, &e);
	CHECK_INT(fd, -ENOENT);
	CHECK_STR(e.hint, "did you mean 'hits'?");
	snprintf(spec, sizeof(spec), "%s:hits", path);
	fd = handle_open(&(struct handle){ .form = HANDLE_FILE, .text = spec }, OBJ_MAP, &e);
	CHECK_INT(obj_kind_of(fd), OBJ_MAP);
}

static const struct test tests[] = {
	{ "words of a handle", words },
	{ "one object is found, none or several are errors that help", finding_objects },
	{ "all objects of a name", all_of_a_name },
	{ "one program or map out of a file", out_of_files },
	{ "a long name is more than its first 15 characters", long_names },
};
TEST_MAIN(tests)
