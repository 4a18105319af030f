// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Objects: opening, adjusting, loading, and the reasons of failure. */
#include "core/object.h"

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/map.h"
#include "core/obj.h"
#include "core/prog.h"
#include "kern.h"
#include "uapi/names.h"

static struct object *open_test(const char *name, struct err *e)
{
	const char *path = bpf_object_path(name);
	struct object_opts opts = {};

	memset(e, 0, sizeof(*e));
	return path ? object_open_file(path, &opts, e) : NULL;
}

#define NEED_TEST(o, name)                                                                         \
	auto_object struct object *o = NULL;                                                       \
	struct err e = {};                                                                         \
	if (!bpf_object_path(name))                                                                \
		SKIP("needs clang");                                                               \
	(o) = open_test(name, &e);                                                                 \
	CHECK(o);                                                                                  \
	if (!(o))                                                                                  \
	return

static void what_an_object_holds(void)
{
	struct object_prog p;
	struct object_map m;
	int i;

	NEED_TEST(o, "prog");
	CHECK_INT(object_nr_progs(o), 2);
	i = object_find_prog(o, "count_packets_and_pass", &e);
	CHECK(i >= 0);
	object_prog(o, (size_t)i, &p);
	CHECK_STR(p.section, "xdp");
	CHECK_INT(p.type, UAPI_PROG_xdp);
	CHECK_INT(p.fd, -1);
	i = object_find_map(o, "hits", &e);
	object_map(o, (size_t)i, &m);
	CHECK_INT(m.type, UAPI_MAP_array);
	CHECK_INT(m.value_size, 8);
	CHECK(!m.internal);
	CHECK(object_types(o));
	CHECK_INT(object_find_prog(o, "count_packets_and_pas", &e), -ENOENT);
	CHECK_STR(e.hint, "did you mean 'count_packets_and_pass'?");
	CHECK_INT(object_find_map(o, "hit", &e), -ENOENT);
	CHECK_STR(e.hint, "did you mean 'hits'?");
}

static void what_is_no_object(void)
{
	struct object_opts opts = { .name = "x.o" };
	struct err e = {};
	auto_buf struct buf b = {};
	char elf[64] = "\177ELF";

	CHECK(!object_open("", 0, &opts, &e));
	CHECK_STR(e.what, "x.o is no ELF object");
	CHECK_INT(e.class, ERR_INPUT);
	CHECK(!object_open(elf, sizeof(elf), &opts, &e));
	CHECK_INT(e.class, ERR_INPUT);
	CHECK(strncmp(e.what, "x.o", 3) == 0);
	CHECK(!object_open_file("/nonexistent.o", &(struct object_opts){}, &e));
	CHECK_INT(e.class, ERR_ABSENT);
	/* An object cut anywhere is an error, never a crash. */
	if (!bpf_object_path("prog"))
		SKIP("needs clang");
	CHECK_INT(file_read(bpf_object_path("prog"), FILE_MAX, &b, &e), 0);
	for (size_t len = 4; len < b.len; len += 97) {
		auto_object struct object *o = NULL;
		char *copy = xmalloc(len); /* so that reading behind it is seen */

		memcpy(copy, b.data, len);
		o = object_open(copy, len, &opts, &e);
		free(copy);
		if (!o)
			CHECK_INT(e.class, ERR_INPUT);
	}
}

static void loading(void)
{
	struct object_prog p;
	struct object_map m;

	NEED_KERNEL();
	NEED_TEST(o, "prog");
	CHECK_INT(object_load(o, &e), 0);
	object_prog(o, 0, &p);
	CHECK_INT(obj_kind_of(p.fd), OBJ_PROG);
	object_map(o, (size_t)object_find_map(o, "hits", &e), &m);
	CHECK_INT(obj_kind_of(m.fd), OBJ_MAP);
	CHECK_STR(object_prog_log(o, 0), "");
}

static void rejected_by_the_verifier(void)
{
	const struct object_blame *b;

	NEED_KERNEL();
	NEED_TEST(o, "reject");
	CHECK_INT(object_load(o, &e), -EACCES);
	CHECK_INT(e.class, ERR_REJECTED);
	CHECK(strstr(e.what, "the verifier rejects reads_what_may_be_null: R0 invalid mem access "
			     "'map_value_or_null'"));
	CHECK(e.log && strstr(e.log, "R0 invalid mem access"));
	if (!libbpf_is_ours()) {
		err_clear(&e);
		SKIP("a shared libbpf does not show which lines there are");
	}
	CHECK(e.detail && strstr(e.detail, "return *n != 0;\n\t       ^"));
	b = object_blame(o);
	CHECK_STR(b->prog, "reads_what_may_be_null");
	CHECK(b->insn > 0);
	CHECK(strstr(b->file, "reject.bpf.c"));
	CHECK_INT(b->line, 26);
	CHECK(strstr(b->text, "return *n != 0;"));
	CHECK(strncmp(b->message, "R0 invalid mem access", 21) == 0);
	err_clear(&e);
}

static void logs_of_what_loads(void)
{
	struct object_opts opts = { .log_level = 1 };
	auto_object struct object *o = NULL;
	struct err e = {};

	NEED_KERNEL();
	if (!bpf_object_path("prog"))
		SKIP("needs clang");
	o = object_open_file(bpf_object_path("prog"), &opts, &e);
	CHECK_INT(object_load(o, &e), 0);
	CHECK(strstr(object_prog_log(o, 0), "processed "));
	CHECK(strstr(object_prog_log(o, 1), "processed "));
}

/* Loads one program of kinds.bpf.c. */
static int load_one(const char *name, struct err *e)
{
	auto_object struct object *o = open_test("kinds", e);
	int r = 0;

	for (size_t i = 0; o && i < object_nr_progs(o); i++) {
		struct object_prog p;

		object_prog(o, i, &p);
		r |= object_set_autoload(o, i, strcmp(p.name, name) == 0, e);
	}
	return o ? r ?: object_load(o, e) : -1;
}

static void kinds_that_libbpf_does_not_know(void)
{
	struct err e = {};

	NEED_KERNEL();
	if (!bpf_object_path("kinds"))
		SKIP("needs clang");
	for (const char *const *name = (const char *const[]){ "tcx", "nf", "multi", NULL }; *name;
	     name++) {
		int r = load_one(*name, &e);

		/* An older kernel refuses in words that name the version. */
		if (r && !strstr(e.hint, "since Linux"))
			FAIL("%s: %s (%s)", *name, e.what, e.hint);
	}
}

static void what_the_kernel_lacks_or_forbids(void)
{
	struct err e = {};
	int r;

	NEED_KERNEL();
	if (!bpf_object_path("kinds"))
		SKIP("needs clang");
	if (!libbpf_is_ours())
		SKIP("a shared libbpf does not show what failed");
	r = load_one("entry", &e);
	if (r) { /* some kernels refuse trampolines whoever asks */
		CHECK_INT(e.class, ERR_DENIED);
		CHECK(strstr(e.what,
			     "the kernel refuses to load entry, a program of type tracing"));
		CHECK(strstr(e.hint, "the capabilities are there"));
	}
	CHECK(load_one("typed", &e) < 0);
	CHECK_INT(e.class, ERR_ABSENT);
	CHECK(strstr(e.what, "no_such_tracepoint"));
}

static void types_that_are_asked_for(void)
{
	struct object_opts opts = { .type = "cgroup_skb" };
	auto_object struct object *o = NULL, *none = NULL;
	struct object_prog p;
	struct err e = {};

	if (!bpf_object_path("kinds"))
		SKIP("needs clang");
	o = object_open_file(bpf_object_path("kinds"), &opts, &e);
	object_prog(o, 0, &p);
	CHECK_INT(p.type, UAPI_PROG_cgroup_skb);
	opts.type = "nonsense";
	none = object_open_file(bpf_object_path("kinds"), &opts, &e);
	CHECK(!none);
	CHECK_INT(e.class, ERR_USAGE);
}

static void variables(void)
{
	static const struct {
		const char *set, *what;
	} bad[] = {
		{ "blocked=70000", "blocked: 70000 does not fit" },
		{ "blockt=1", "has no global variable 'blockt'" },
		{ "blocked", "sets nothing" },
		{ "=1", "sets nothing" },
		{ "range.mid=1", "there is no field 'mid'" },
		{ "list[3]=1", "has no such element" },
		{ "comm=much too long", "the text is 13 bytes long" },
	};
	struct prog_run run = {};
	struct object_prog p;
	auto_fd int fd = -1;

	NEED_KERNEL();
	NEED_TEST(o, "vars");
	for (size_t i = 0; i < countof(bad); i++) {
		err_clear(&e);
		CHECK(object_set(o, bad[i].set, &e) < 0);
		if (!strstr(e.what, bad[i].what))
			FAIL("%s says %s", bad[i].set, e.what);
	}
	for (const char *const *set =
		     (const char *const[]){ "blocked=1000", "range={low=10,high=20}",
					    "range.high=30", "list[2]=0x10", "comm=A", "zero=7",
					    NULL };
	     *set; set++)
		if (object_set(o, *set, &e))
			FAIL("%s: %s", *set, e.what);
	CHECK_INT(object_load(o, &e), 0);
	object_prog(o, 0, &p);
	CHECK_INT(prog_test_run(p.fd, &run, &e), 0);
	CHECK_INT(run.retval, 1000 + 10 + 30 + 16 + 'A' + 7);
}

static void maps_of_others(void)
{
	struct object_map m;
	auto_map struct map mine = MAP_INIT;
	struct map_spec s = {
		.type = UAPI_MAP_array, .key_size = 4, .value_size = 8, .max_entries = 1
	};
	int i;

	NEED_KERNEL();
	NEED_TEST(o, "prog");
	CHECK_INT(map_create(&mine, &s, &e), 0);
	i = object_find_map(o, "hits", &e);
	CHECK_INT(object_reuse_map(o, (size_t)i, mine.fd, &e), 0);
	CHECK_INT(object_load(o, &e), 0);
	object_map(o, (size_t)i, &m);
	CHECK_INT(obj_id(OBJ_MAP, m.fd), mine.info.id);
	CHECK(object_reuse_map(o, (size_t)i, 1, &e) < 0);
}

static void maps_that_do_not_fit(void)
{
	auto_map struct map mine = MAP_INIT;
	struct map_spec s = {
		.type = UAPI_MAP_array, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	NEED_KERNEL();
	NEED_TEST(o, "prog");
	CHECK_INT(map_create(&mine, &s, &e), 0);
	CHECK(object_reuse_map(o, (size_t)object_find_map(o, "hits", &e), mine.fd, &e) < 0);
	CHECK(strstr(e.what, "with keys of 4 and values of 4 bytes, not array with 4 and 8"));
}

static bool is_there(const char *dir, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static void maps_pinned_by_name(void)
{
	struct object_opts opts = { .nomount = true };
	auto_object struct object *o = NULL, *again = NULL;
	struct object_map a, b;
	struct err e = {};
	const char *dir;
	char sub[96];

	NEED_KERNEL();
	if (!bpf_object_path("pinned"))
		SKIP("needs clang");
	dir = make_bpffs();
	snprintf(sub, sizeof(sub), "%s/deep/er", dir);
	opts.pin_dir = sub;
	o = object_open_file(bpf_object_path("pinned"), &opts, &e);
	if (object_load(o, &e))
		FAIL("%s (%s)", e.what, e.hint);
	CHECK(is_there(sub, "shared"));
	again = object_open_file(bpf_object_path("pinned"), &opts, &e);
	CHECK_INT(object_load(again, &e), 0);
	object_map(o, 0, &a);
	object_map(again, 0, &b);
	CHECK_INT(obj_id(OBJ_MAP, a.fd), obj_id(OBJ_MAP, b.fd));
	object_freep(&again);
	opts.pin_dir = "/proc";
	again = object_open_file(bpf_object_path("pinned"), &opts, &e);
	CHECK(object_load(again, &e) < 0);
	CHECK(strstr(e.what, "/proc is not in a BPF file system"));
	make_bpffs_away(dir);
}

static void heard(void *arg, enum sys_level level, const char *text)
{
	size_t *n = arg;

	*n += text[0] && level <= SYS_DEBUG;
}

static void what_libbpf_says(void)
{
	size_t n = 0;
	struct object_opts opts = { .say = heard, .arg = &n };
	auto_object struct object *o = NULL;
	struct err e = {};

	if (!bpf_object_path("prog"))
		SKIP("needs clang");
	o = object_open_file(bpf_object_path("prog"), &opts, &e);
	CHECK(o && n > 0);
}

static void unknown_sections(void)
{
	NEED_TEST(o, "kinds");
	/* '?' programs are not loaded, and their sections are let by. */
	CHECK(object_find_prog(o, "misspelled", &e) >= 0);
}

static const struct test tests[] = {
	{ "what an object holds", what_an_object_holds },
	{ "what is no object", what_is_no_object },
	{ "loading", loading },
	{ "rejected by the verifier, with the source line", rejected_by_the_verifier },
	{ "logs of what loads", logs_of_what_loads },
	{ "kinds that libbpf does not know", kinds_that_libbpf_does_not_know },
	{ "what the kernel lacks or forbids", what_the_kernel_lacks_or_forbids },
	{ "types that are asked for", types_that_are_asked_for },
	{ "global variables", variables },
	{ "maps of others", maps_of_others },
	{ "maps of others that do not fit", maps_that_do_not_fit },
	{ "maps pinned by name", maps_pinned_by_name },
	{ "what libbpf says can be heard", what_libbpf_says },
	{ "unknown sections of programs that are not loaded", unknown_sections },
};
TEST_MAIN(tests)
