// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables hold what the headers of the build machine say, where those know it. */
#include "test.h"

#include <linux/bpf.h>

#include "uapi/names.h"

static void helper_ids_are_the_index(void)
{
	for (size_t i = 0; i < uapi_nr_helpers; i++)
		CHECK_INT(uapi_helpers[i].id, i + 1);
	CHECK_STR(uapi_helper_name(BPF_FUNC_ringbuf_reserve), "bpf_ringbuf_reserve");
	CHECK(!uapi_helper_name(0));
	CHECK(!uapi_helper_name(100000));
}

static void helpers_agree_with_the_header(void)
{
#define PAIR(name, ...)                                                                            \
	{                                                                                          \
		UAPI_HELPER_##name, BPF_FUNC_##name                                                \
	}
	static const int pairs[][2] = { __BPF_FUNC_MAPPER(PAIR) };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		CHECK_INT(pairs[i][0], pairs[i][1]);
}

static void types_agree_with_the_header(void)
{
	CHECK_INT(UAPI_PROG_xdp, BPF_PROG_TYPE_XDP);
	CHECK_INT(UAPI_PROG_syscall, BPF_PROG_TYPE_SYSCALL);
	CHECK_INT(UAPI_MAP_ringbuf, BPF_MAP_TYPE_RINGBUF);
	CHECK_INT(UAPI_MAP_user_ringbuf, BPF_MAP_TYPE_USER_RINGBUF);
	CHECK_INT(UAPI_ATTACH_xdp, BPF_XDP);
	CHECK_INT(UAPI_ATTACH_lsm_cgroup, BPF_LSM_CGROUP);
	CHECK_INT(UAPI_LINK_struct_ops, BPF_LINK_TYPE_STRUCT_OPS);
	CHECK_STR(uapi_map_type_name(BPF_MAP_TYPE_LRU_PERCPU_HASH), "lru_percpu_hash");
	CHECK(!uapi_map_type_name(12345));
	CHECK_INT(uapi_prog_type("sched_cls"), BPF_PROG_TYPE_SCHED_CLS);
	CHECK_INT(uapi_prog_type("sched_clS"), -1);
}

static void sections_are_found_as_libbpf_does(void)
{
	static const struct {
		const char *name, *type, *extra;
	} cases[] = {
		{ "xdp", "xdp", "" },
		{ "?xdp.frags", "xdp", "" },
		{ "tracepoint/sched/sched_switch", "tracepoint", "sched/sched_switch" },
		{ "tp/sched/sched_switch", "tracepoint", "sched/sched_switch" },
		{ "cgroup/connect4", "cgroup_sock_addr", "" },
		{ "kprobe", "kprobe", "" },
		{ "uprobe//bin/bash:readline", "kprobe", "/bin/bash:readline" },
		{ "iter/task", "tracing", "task" },
	};
	const char *extra;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uapi_section *s = uapi_section_find(cases[i].name, &extra);

		CHECK(s);
		if (!s)
			continue;
		CHECK_STR(s->prog_type_name, cases[i].type);
		CHECK_STR(extra, cases[i].extra);
	}
	CHECK(!uapi_section_find("xdpp", &extra));
	CHECK(!uapi_section_find("", &extra));
	CHECK(!uapi_section_find("socket/x", &extra));
}

static void contexts_are_laid_out_as_in_the_header(void)
{
	const struct uapi_ctx_field *f = uapi_ctx_fields;
	const char *ctx = NULL;
	size_t seen = 0;

	for (size_t i = 0; i < uapi_nr_ctx_fields; i++) {
		if (*f[i].ctx)
			ctx = f[i].ctx;
		else if (strcmp(ctx, "xdp_md") == 0 && strcmp(f[i].name, "data_end") == 0)
			seen += f[i].off == offsetof(struct xdp_md, data_end) && f[i].size == 4;
		else if (strcmp(ctx, "__sk_buff") == 0 && strcmp(f[i].name, "tstamp") == 0)
			seen += f[i].off == offsetof(struct __sk_buff, tstamp) && f[i].size == 8;
	}
	CHECK_INT(seen, 2);
}

static const struct test tests[] = {
	{ "helper ids are the index plus one", helper_ids_are_the_index },
	{ "helper ids agree with linux/bpf.h", helpers_agree_with_the_header },
	{ "type numbers agree with linux/bpf.h", types_agree_with_the_header },
	{ "sections are found as libbpf finds them", sections_are_found_as_libbpf_does },
	{ "contexts are laid out as in linux/bpf.h", contexts_are_laid_out_as_in_the_header },
};
TEST_MAIN(tests)
