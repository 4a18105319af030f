// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The door: every call passes it, libbpf's too; our structs are laid out as the header's. */
#include "kern.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"

struct fake {
	struct sys_backend base;
	int calls, cmd;
	int fail; /* errno, 0: result 77 */
	char said[256];
};

static long fake_call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	struct fake *f = (struct fake *)self;

	if (nr != SYS_bpf)
		return sys_next(self, nr, args);
	f->calls++;
	f->cmd = (int)args[0];
	errno = f->fail;
	return f->fail ? -1 : 77;
}

static void fake_say(struct sys_backend *self, enum sys_level level, const char *text)
{
	struct fake *f = (struct fake *)self;

	if (level == SYS_WARN)
		snprintf(f->said, sizeof(f->said), "%s", text);
}

static void own_calls_pass_the_door(void)
{
	struct fake f = { .base.call = fake_call };
	struct attr_id a = {};

	sys_push(&f.base);
	CHECK_INT(sys_bpf(BPF_MAP_GET_FD_BY_ID, &a, sizeof(a)), 77);
	f.fail = EXDEV;
	CHECK_INT(sys_bpf(BPF_MAP_GET_NEXT_ID, &a, sizeof(a)), -EXDEV);
	sys_pop(&f.base);
	CHECK_INT(f.calls, 2);
	CHECK_INT(f.cmd, BPF_MAP_GET_NEXT_ID);
}

static void libbpf_calls_pass_the_door(void)
{
	struct fake f = { .base.call = fake_call, .fail = EXDEV };

	if (!libbpf_is_ours())
		SKIP("a shared libbpf makes its own calls");
	sys_push(&f.base);
	CHECK_INT(bpf_map_get_fd_by_id(1), -EXDEV);
	sys_pop(&f.base);
	CHECK_INT(f.calls, 1);
}

static void backends_stack(void)
{
	struct fake below = { .base.call = fake_call, .fail = EXDEV };
	struct fake listener = { .base.say = fake_say };
	struct attr_id a = {};

	sys_push(&below.base);
	sys_push(&listener.base);
	CHECK_INT(sys_bpf(BPF_MAP_GET_FD_BY_ID, &a, sizeof(a)), -EXDEV);
	sys_pop(&listener.base);
	sys_pop(&below.base);
	CHECK_INT(below.calls, 1);
}

static void libbpf_speaks_to_the_listener(void)
{
	struct fake f = { .base.say = fake_say };

	sys_push(&f.base);
	CHECK(!bpf_object__open("/nonexistent/file"));
	sys_pop(&f.base);
	CHECK(strstr(f.said, "/nonexistent/file"));
	CHECK(f.said[0] && f.said[strlen(f.said) - 1] != '\n');
}

static void cpu_lists(void)
{
	static const struct {
		const char *text;
		unsigned int n;
	} cases[] = {
		{ "0\n", 1 },	 { "0-3", 4 }, { "0-3,8", 9 }, { "0,2-5,10-11\n", 12 },
		{ "", 0 },	 { "x", 0 },   { "0-", 0 },    { "3-1", 0 },
		{ "0 junk", 0 }, { "-1", 0 },  { "0,", 0 },    { "0-99999999999", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(sys_parse_cpus(cases[i].text), cases[i].n);
	CHECK(sys_possible_cpus() >= 1);
}

static void small_files(void)
{
	char buf[64];

	CHECK(sys_read_file("/proc/self/comm", buf, sizeof(buf)) > 0);
	CHECK_STR(buf, "test_sys\n");
	CHECK_INT(sys_read_file("/nonexistent", buf, sizeof(buf)), -ENOENT);
	CHECK_INT(sys_read_file("/proc/self/status", buf, sizeof(buf)), -EFBIG);
}

#define SAME(ours, field, theirs, other)                                                           \
	CHECK_INT(offsetof(struct ours, field), offsetof(theirs, other))

static void structs_agree_with_the_header(void)
{
	SAME(attr_map_create, map_name, union bpf_attr, map_name);
	SAME(attr_map_create, map_extra, union bpf_attr, map_extra);
	SAME(attr_elem, flags, union bpf_attr, flags);
	SAME(attr_batch, elem_flags, union bpf_attr, batch.elem_flags);
	SAME(attr_obj, file_flags, union bpf_attr, file_flags);
	SAME(attr_prog_attach, replace_bpf_fd, union bpf_attr, replace_bpf_fd);
	SAME(attr_test_run, ctx_in, union bpf_attr, test.ctx_in);
	SAME(attr_test_run, batch_size, union bpf_attr, test.batch_size);
	SAME(attr_id, open_flags, union bpf_attr, open_flags);
	SAME(attr_info, info, union bpf_attr, info.info);
	SAME(attr_query, prog_ids, union bpf_attr, query.prog_ids);
	SAME(attr_query, prog_attach_flags, union bpf_attr, query.prog_attach_flags);
	SAME(attr_raw_tracepoint, prog_fd, union bpf_attr, raw_tracepoint.prog_fd);
	SAME(attr_task_fd_query, probe_addr, union bpf_attr, task_fd_query.probe_addr);
	SAME(attr_link_create, iter.info_len, union bpf_attr, link_create.iter_info_len);
	SAME(attr_link_create, perf_cookie, union bpf_attr, link_create.perf_event.bpf_cookie);
	SAME(attr_link_create, kprobe_multi.cookies, union bpf_attr,
	     link_create.kprobe_multi.cookies);
	SAME(attr_link_create, tracing.cookie, union bpf_attr, link_create.tracing.cookie);
	SAME(attr_link_update, old_fd, union bpf_attr, link_update.old_prog_fd);
}

static void infos_agree_with_the_header(void)
{
	SAME(uapi_map_info, map_extra, struct bpf_map_info, map_extra);
	SAME(uapi_map_info, btf_value_type_id, struct bpf_map_info, btf_value_type_id);
	SAME(uapi_prog_info, netns_ino, struct bpf_prog_info, netns_ino);
	SAME(uapi_prog_info, nr_line_info, struct bpf_prog_info, nr_line_info);
	SAME(uapi_prog_info, attach_btf_id, struct bpf_prog_info, attach_btf_id);
	CHECK_INT(sizeof(struct uapi_prog_info), sizeof(struct bpf_prog_info));
	SAME(uapi_btf_info, kernel_btf, struct bpf_btf_info, kernel_btf);
	SAME(uapi_link_info, raw_tracepoint.tp_name_len, struct bpf_link_info,
	     raw_tracepoint.tp_name_len);
	SAME(uapi_link_info, tracing.target_btf_id, struct bpf_link_info, tracing.target_btf_id);
	SAME(uapi_link_info, cgroup.attach_type, struct bpf_link_info, cgroup.attach_type);
	SAME(uapi_link_info, iter.map_id, struct bpf_link_info, iter.map.map_id);
	SAME(uapi_link_info, iter.task.pid, struct bpf_link_info, iter.task.pid);
	SAME(uapi_link_info, netns.attach_type, struct bpf_link_info, netns.attach_type);
	SAME(uapi_link_info, dev.ifindex, struct bpf_link_info, xdp.ifindex);
}

static const struct test tests[] = {
	{ "our calls pass the door", own_calls_pass_the_door },
	{ "libbpf's calls pass the door", libbpf_calls_pass_the_door },
	{ "backends stack, and one that only listens lets calls by", backends_stack },
	{ "libbpf speaks to the listener", libbpf_speaks_to_the_listener },
	{ "CPU lists", cpu_lists },
	{ "small files are read whole or not at all", small_files },
	{ "command structs agree with linux/bpf.h", structs_agree_with_the_header },
	{ "info structs agree with linux/bpf.h", infos_agree_with_the_header },
};
TEST_MAIN(tests)
