// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * State files of the mock kernel: what is taken is saved, and what is saved must be taken again
 * and come out the same.  Programs in it run once, with few instructions.
 */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mock_state.h"
#include "core/uapi.h"
#include "sim/kern_priv.h"
#include "sim/vm.h"

#define BUDGET 10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void run_programs(struct kern *k)
{
	static uint8_t packet[64], out[256];

	vm_set_budget(k->world.vm, BUDGET);
	for (size_t i = 0; i < k->ids[KOBJ_PROG].n && i < 4; i++) {
		struct attr_id by_id = { .id = k->ids[KOBJ_PROG].v[i]->id };
		struct attr_test_run run = { .data_in = attr_ptr(packet),
					     .data_size_in = sizeof(packet),
					     .data_out = attr_ptr(out),
					     .data_size_out = sizeof(out) };
		unsigned long args[6] = { BPF_PROG_GET_FD_BY_ID, (unsigned long)&by_id,
					  sizeof(by_id) };
		long fd, ignored;

		if (!kern_call(k, SYS_bpf, args, &fd) || fd < 0)
			continue;
		run.prog_fd = (uint32_t)fd;
		args[0] = BPF_PROG_TEST_RUN;
		args[1] = (unsigned long)&run;
		args[2] = sizeof(run);
		kern_call(k, SYS_bpf, args, &ignored);
		close((int)fd);
	}
}

/* From text to text; false: it is refused. */
static bool pass(const char *text, size_t len, bool run, struct buf *to)
{
	struct kern *k = kern_new(NULL, 0);
	struct err e = {};
	bool taken;

	if (!k)
		return false;
	taken = mock_load(k, text, len, "state", &e) == 0;
	if (taken && run)
		run_programs(k);
	if (taken && mock_save(k, to, &e))
		taken = false;
	err_clear(&e);
	kern_free(k);
	return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf first = {}, second = {}, third = {};

	if (pass((const char *)data, len, false, &first)) {
		if (!pass(first.data, first.len, false, &second))
			abort();
		if (first.len != second.len || memcmp(first.data, second.data, first.len) != 0)
			abort();
		pass(first.data, first.len, true, &third);
	}
	buf_free(&first);
	buf_free(&second);
	buf_free(&third);
	return 0;
}
