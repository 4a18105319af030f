// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs: information, instructions, test runs. */
#include "core/prog.h"

#include <time.h>

#include <bpf/libbpf.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/obj.h"
#include "core/types.h"
#include "kern.h"

/* prog.bpf.c, loaded; NULL after SKIP or failure. */
static struct bpf_object *load(void)
{
	const char *path = bpf_object_path("prog");
	struct bpf_object *o = path ? bpf_object__open(path) : NULL;

	if (!o)
		return NULL;
	if (bpf_object__load(o)) {
		FAIL("cannot load %s", path);
		bpf_object__close(o);
		return NULL;
	}
	return o;
}

static int fd_of(const struct bpf_object *o, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(o, name));
}

#define NEED_OBJECT(o)                                                                             \
	struct bpf_object *o;                                                                      \
	NEED_KERNEL();                                                                             \
	(o) = load();                                                                              \
	if (!(o))                                                                                  \
	SKIP("needs clang")

static void information(void)
{
	auto_prog_info struct prog_info i = {};
	struct err e = {};
	char label[160];

	NEED_OBJECT(o);
	CHECK_INT(prog_info_read(fd_of(o, "count_packets_and_pass"), &i, &e), 0);
	CHECK_STR(i.name, "count_packets_and_pass");
	CHECK_INT(i.type, BPF_PROG_TYPE_XDP);
	CHECK_INT(i.nr_map_ids, 2);
	CHECK(i.map_ids[0] && i.map_ids[1]);
	CHECK(i.gpl && i.bytes_xlated && i.btf_id && i.has_memlock && !i.orphaned);
	CHECK(i.verified_insns > 0);
	CHECK(i.loaded_at + 10 > (uint64_t)time(NULL) && i.loaded_at <= (uint64_t)time(NULL) + 1);
	CHECK(strstr(prog_label(&i, label), "(count_packets_and_pass)"));
	bpf_object__close(o);
}

static void code_with_lines(void)
{
	auto_prog_code struct prog_code c = {};
	auto_buf struct buf proto = {};
	const struct prog_line *l;
	struct err e = {};
	bool twice = false;

	NEED_OBJECT(o);
	CHECK_INT(prog_xlated(fd_of(o, "count_packets_and_pass"), &c, &e), 0);
	CHECK(c.nr_insns > 10 && c.types);
	CHECK_INT(c.nr_funcs, 2);
	CHECK_STR(c.funcs[0].name, "count_packets_and_pass");
	CHECK_STR(c.funcs[1].name, "twice");
	types_proto(c.types, c.funcs[0].type, &proto);
	CHECK_STR(buf_str(&proto), "int count_packets_and_pass(struct xdp_md * ctx)");
	l = prog_line_at(&c, 0);
	CHECK(l && strstr(l->file, "prog.bpf.c") && l->line > 10);
	for (uint32_t i = 0; i < c.nr_lines; i++) {
		CHECK(!i || c.lines[i].insn > c.lines[i - 1].insn);
		twice |= strcmp(c.lines[i].text, "return x * 2;") == 0;
	}
	CHECK(twice);
	CHECK(prog_line_at(&c, c.nr_insns - 1) == &c.lines[c.nr_lines - 1]);
	bpf_object__close(o);
}

static void machine_code(void)
{
	auto_prog_jit struct prog_jit j = {};
	auto_prog_info struct prog_info i = {};
	struct err e = {};
	uint32_t sum = 0;
	int fd;

	NEED_OBJECT(o);
	fd = fd_of(o, "count_packets_and_pass");
	CHECK_INT(prog_info_read(fd, &i, &e), 0);
	if (!i.jited) {
		bpf_object__close(o);
		SKIP("the kernel interprets programs");
	}
	CHECK_INT(prog_jited(fd, &j, &e), 0);
	CHECK_INT(j.nr_funcs, 2);
	for (uint32_t f = 0; f < j.nr_funcs; f++)
		sum += j.lens[f];
	CHECK_INT(sum, j.len);
	CHECK(j.addrs[0] && j.nr_lines);
	bpf_object__close(o);
}

static void runs_of_packets(void)
{
	auto_buf struct buf data = {}, ctx = {};
	uint8_t packet[64] = { 1, 2, 3 };
	struct prog_run r = { .data = packet,
			      .data_len = sizeof(packet),
			      .repeat = 3,
			      .want_data = true,
			      .want_ctx = true,
			      .data_out = &data,
			      .ctx_out = &ctx };
	struct xdp_md md;
	struct err e = {};
	int fd;

	NEED_OBJECT(o);
	fd = fd_of(o, "count_packets_and_pass");
	CHECK_INT(prog_test_run(fd, &r, &e), 0);
	CHECK_INT(r.retval, XDP_PASS);
	CHECK_INT(data.len, sizeof(packet));
	CHECK(memcmp(data.data, packet, sizeof(packet)) == 0);
	CHECK_INT(ctx.len, sizeof(md));
	md = (struct xdp_md){ .data_end = sizeof(packet) };
	r.ctx = &md;
	r.ctx_len = sizeof(md);
	CHECK_INT(prog_test_run(fd, &r, &e), 0);
	CHECK_INT(ctx.len, 2 * sizeof(md));
	r.data_len = 5;
	CHECK_INT(prog_test_run(fd, &r, &e), -EINVAL);
	CHECK(strstr(e.what, "needs a packet of at least 14 bytes"));
	r.data_len = sizeof(packet);
	md.rx_queue_index = 77;
	CHECK_INT(prog_test_run(fd, &r, &e), -EINVAL);
	CHECK(strstr(e.hint, "the context sets a field"));
	bpf_object__close(o);
}

static void runs_of_other_types(void)
{
	uint32_t args[2] = { 40, 2 };
	struct prog_run r = { .ctx = args, .ctx_len = sizeof(args), .want_data = true };
	auto_fd int perf = -1;
	struct err e = {};

	NEED_OBJECT(o);
	CHECK_INT(prog_test_run(fd_of(o, "sum"), &r, &e), 0);
	CHECK_INT(r.retval, 42);
	r.data = args;
	r.data_len = 8;
	CHECK_INT(prog_test_run(fd_of(o, "sum"), &r, &e), -EINVAL);
	CHECK_STR(e.what, "a test run of a syscall program takes no packet, only a context");
	perf = make_prog(BPF_PROG_TYPE_PERF_EVENT, 0, 0, NULL);
	r = (struct prog_run){};
	CHECK_INT(prog_test_run(perf, &r, &e), -524);
	CHECK_STR(e.what, "the kernel cannot test-run programs of type perf_event");
	bpf_object__close(o);
}

static void statistics_count_while_open(void)
{
	uint32_t args[2] = {};
	struct prog_run r = { .ctx = args, .ctx_len = sizeof(args) };
	auto_prog_info struct prog_info i = {};
	auto_fd int stats = -1;
	struct err e = {};
	uint8_t packet[64] = {};

	NEED_OBJECT(o);
	stats = prog_enable_stats(&e);
	CHECK(stats >= 0);
	r = (struct prog_run){ .data = packet, .data_len = sizeof(packet), .repeat = 5 };
	CHECK_INT(prog_test_run(fd_of(o, "count_packets_and_pass"), &r, &e), 0);
	CHECK_INT(prog_info_read(fd_of(o, "count_packets_and_pass"), &i, &e), 0);
	CHECK_INT(i.run_cnt, 5);
	bpf_object__close(o);
}

struct count {
	uint32_t id;
	int found;
};

static int count_one(const struct prog_info *i, int fd, void *arg)
{
	struct count *c = arg;

	c->found += i->id == c->id && fd >= 0;
	return 0;
}

static void all_programs_are_visited(void)
{
	auto_fd int fd = -1;
	struct count c = {};
	struct err e = {};

	NEED_KERNEL();
	fd = make_prog(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, own_name("p"));
	c.id = obj_id(OBJ_PROG, fd);
	CHECK_INT(prog_each(count_one, &c, &e), 0);
	CHECK_INT(c.found, 1);
	CHECK(prog_info_read(1, &(struct prog_info){}, &e) < 0);
}

static const struct test tests[] = {
	{ "information about a program", information },
	{ "verified instructions with functions and lines", code_with_lines },
	{ "machine code", machine_code },
	{ "test runs with packets", runs_of_packets },
	{ "test runs of other types", runs_of_other_types },
	{ "statistics count while they are open", statistics_count_while_open },
	{ "all programs are visited", all_programs_are_visited },
};
TEST_MAIN(tests)
