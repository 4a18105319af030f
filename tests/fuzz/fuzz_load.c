// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Objects through libbpf into the mock kernel: what is taken runs once, program by program, with
 * few instructions.  No input may crash, hang or take memory without bound.
 */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/mock_door.h"
#include "core/object.h"
#include "core/object_reach.h"
#include "core/prog.h"
#include "sim/kern.h"
#include "sim/vm.h"
#include "sim/world.h"

#define BUDGET 10000
#define PROGS 4 /* of an object */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(void *arg, enum sys_level level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

static void run(const struct object *o, size_t prog)
{
	uint8_t packet[64] = "", ctx[64] = "";
	auto_buf struct buf out = {}, ctx_out = {};
	struct prog_run r = { .data = packet,
			      .data_len = sizeof(packet),
			      .repeat = 1,
			      .want_data = true,
			      .data_out = &out,
			      .ctx_out = &ctx_out };
	struct object_prog p;
	struct err e = {};

	object_prog(o, prog, &p);
	if (p.fd < 0)
		return;
	if (prog_test_run(p.fd, &r, &e) < 0) { /* or as a type that takes a context alone */
		err_clear(&e);
		e = (struct err){};
		r.data = NULL;
		r.data_len = r.repeat = 0;
		r.want_data = false;
		r.ctx = ctx;
		r.ctx_len = sizeof(ctx);
		prog_test_run(p.fd, &r, &e);
	}
	err_clear(&e);
}

/* False: there is no such program. */
static bool load(const struct buf *elf, size_t prog)
{
	struct object_opts opts = { .name = "fuzzed", .nomount = true, .say = hear };
	struct err e = {};
	auto_object struct object *o = object_open(elf->data, elf->len, &opts, &e);
	bool any = o && prog < object_nr_progs(o);

	if (any) {
		auto_free bool *progs = xcalloc(object_nr_progs(o), sizeof(*progs));
		auto_free bool *maps = xcalloc(object_nr_maps(o) + 1, sizeof(*maps));

		progs[prog] = true;
		object_pin_nothing(o);
		if (object_load_reached(o, elf, progs, maps, &e) == 0 && object_load(o, &e) == 0)
			run(o, prog);
	}
	err_clear(&e);
	return any;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf elf = {};
	struct buf no_types = {};
	struct err e = {};

	buf_add(&elf, data, size); /* aligned */
	for (size_t i = 0; i < PROGS; i++) {
		struct mock_door door = {};
		bool any;

		if (mock_door_open(&door, &no_types, &e))
			abort();
		vm_set_budget(kern_world(door.kern)->vm, BUDGET);
		any = load(&elf, i);
		mock_door_close(&door);
		if (!any)
			break;
	}
	return 0;
}
