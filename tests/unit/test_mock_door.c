// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock kernel behind the door, and what a test run of a syscall program takes. */
#include "core/mock_door.h"

#include "core/buf.h"
#include "core/err.h"
#include "kern.h"
#include "uapi/names.h"

/* The second number of the context becomes the first one plus 1; returns 7. */
static int load(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = 1, .src_reg = 2, .off = 4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 7 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr a = {
		.prog_type = UAPI_PROG_syscall,
		.insns = attr_ptr(insns),
		.insn_cnt = countof(insns),
		.license = attr_ptr("GPL"),
		.prog_flags = BPF_F_SLEEPABLE, /* as all programs of this type */
	};

	return sys_bpf(BPF_PROG_LOAD, &a, sizeof(a));
}

static int run(int fd, const struct attr_test_run *with, uint32_t ctx[4], uint32_t *ret)
{
	struct attr_test_run t = *with;
	int r;

	t.prog_fd = (uint32_t)fd;
	t.ctx_in = attr_ptr(ctx);
	t.ctx_size_in = t.ctx_size_in ? t.ctx_size_in : 16;
	r = sys_bpf(BPF_PROG_TEST_RUN, &t, sizeof(t));
	*ret = t.retval;
	return r;
}

static void check_runs(void)
{
	uint32_t ctx[4] = { 41, 0, 5, 6 }, ret = 0;
	uint8_t room[64] = "";
	const struct attr_test_run refused[] = {
		{ .repeat = 1 },
		{ .flags = 1 },
		{ .data_in = attr_ptr(room), .data_size_in = sizeof(room) },
		{ .data_out = attr_ptr(room), .data_size_out = sizeof(room) },
		{ .ctx_out = attr_ptr(room), .ctx_size_out = sizeof(room) },
		{ .ctx_size_in = 4 },
		{ .ctx_size_in = 65536 },
	};
	auto_fd int fd = load();

	if (fd < 0) {
		FAIL("not loaded: %s", err_text(-fd));
		return;
	}
	CHECK_INT(run(fd, &(struct attr_test_run){}, ctx, &ret), 0);
	CHECK_INT(ret, 7);
	CHECK_INT(ctx[1], 42); /* where it was given */
	CHECK_INT(ctx[2], 5);
	for (size_t i = 0; i < countof(refused); i++) {
		ctx[1] = 9;
		CHECK_INT(run(fd, &refused[i], ctx, &ret), -EINVAL);
		CHECK_INT(ctx[1], 9);
	}
}

static void mock(void)
{
	struct mock_door door = {};
	struct buf no_types = {};
	struct err e = {};

	CHECK(sys_is_kernel());
	CHECK_INT(mock_door_open(&door, &no_types, &e), 0);
	CHECK(!sys_is_kernel());
	check_runs();
	mock_door_close(&door);
	CHECK(sys_is_kernel());
	mock_door_close(&door); /* once more is nothing */
}

static void kernel(void)
{
	NEED_KERNEL();
	check_runs();
}

static void types(void)
{
	auto_buf struct buf b = {};
	struct err e = {};

	CHECK_INT(mock_door_types("/no/such/file", &b, &e), -ENOENT);
	CHECK_INT(e.class, ERR_ABSENT);
	err_clear(&e);
}

static const struct test tests[] = {
	{ "a syscall program's test run in the mock", mock },
	{ "the same in the kernel", kernel },
	{ "types that are not there", types },
};
TEST_MAIN(tests)
