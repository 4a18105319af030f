// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Why something was denied: as root, as nobody. */
#include "core/probe.h"

#include <grp.h>

#include "core/err.h"
#include "core/map.h"
#include "core/obj.h"
#include "core/pin.h"
#include "kern.h"
#include "uapi/names.h"

/* fn in a process without any privilege; what it writes into e comes back. */
static void as_nobody(void (*fn)(struct err *e), struct err *e)
{
	int ends[2];
	pid_t pid;

	CHECK_INT(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		memset(e, 0, sizeof(*e));
		if (setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 &&
		    setresuid(65534, 65534, 65534) == 0)
			fn(e);
		_exit(write(ends[1], e, sizeof(*e)) != sizeof(*e));
	}
	CHECK_INT(read(ends[0], e, sizeof(*e)), sizeof(*e));
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}

static void make_a_map(struct err *e)
{
	struct map m = MAP_INIT;
	struct map_spec s = {
		.type = UAPI_MAP_hash, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	map_create(&m, &s, e);
}

static void list_maps(struct err *e)
{
	struct map m = MAP_INIT;

	map_open_id(&m, 1, e);
}

static char pin_path[128];

static void open_a_pin(struct err *e)
{
	enum obj_kind kind = OBJ_MAP;

	obj_open_pin(pin_path, &kind, e);
}

static void what_nobody_is_told(void)
{
	auto_fd int map = -1;
	struct err e = {};
	const char *dir;

	NEED_KERNEL();
	if (probe_sysctl("kernel/unprivileged_bpf_disabled") < 1)
		SKIP("unprivileged bpf is allowed here");
	as_nobody(make_a_map, &e);
	CHECK_INT(e.class, ERR_DENIED);
	CHECK(strstr(e.hint,
		     "this process lacks CAP_BPF, and kernel.unprivileged_bpf_disabled is "));
	as_nobody(list_maps, &e);
	CHECK_INT(e.class, ERR_DENIED);
	CHECK(strstr(e.hint, "this process lacks CAP_SYS_ADMIN"));
	dir = make_bpffs();
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, NULL);
	chmod(dir, 0755);
	snprintf(pin_path, sizeof(pin_path), "%s/m", dir);
	CHECK_INT(pin_object(map, pin_path, true, &e), 0);
	as_nobody(open_a_pin, &e);
	CHECK_INT(e.class, ERR_DENIED);
	CHECK(strstr(e.hint, "this process lacks CAP_BPF") || strstr(e.hint, "its file mode"));
	make_bpffs_away(dir);
}

static void what_root_is_told(void)
{
	struct err e = {};

	NEED_KERNEL();
	CHECK_INT(probe_missing(NEED_BPF | NEED_PERFMON | NEED_NET_ADMIN | NEED_SYS_ADMIN), 0);
	err_code(&e, EPERM, "no");
	CHECK_INT(probe_denied(&e, NEED_BPF), -EPERM);
	CHECK(strstr(e.hint, "the capabilities are there"));
	err_code(&e, ENOSPC, "no");
	CHECK_INT(probe_denied(&e, NEED_BPF), -ENOSPC);
	CHECK_STR(e.hint, "");
	err_input(&e, "no");
	CHECK_INT(probe_denied(&e, NEED_BPF), -EINVAL);
}

static void facts(void)
{
	char text[64];

	probe_release(text, sizeof(text));
	CHECK(text[0] >= '1' && text[0] <= '9');
	probe_lockdown(text, sizeof(text));
	CHECK(!text[0] || strcmp(text, "none") == 0 || strcmp(text, "integrity") == 0 ||
	      strcmp(text, "confidentiality") == 0);
	CHECK(probe_sysctl("kernel/pid_max") > 0);
	CHECK_INT(probe_sysctl("kernel/no_such_sysctl"), -1);
	CHECK(!probe_is_bpffs("/proc"));
	CHECK(!probe_is_bpffs("/nonexistent"));
	CHECK(!probe_before("3.18") && probe_before("999.1"));
	CHECK(!probe_before("") && !probe_before("newest"));
}

static void types_by_trying(void)
{
	NEED_KERNEL();
	CHECK_INT(probe_prog_type(UAPI_PROG_xdp, UAPI_ATTACH_xdp), 1);
	CHECK_INT(probe_prog_type(UAPI_PROG_socket_filter, 0), 1);
	CHECK_INT(probe_prog_type(1000, 0), 0);
	CHECK_INT(probe_prog_type(UAPI_PROG_tracing, UAPI_ATTACH_trace_fentry), -1);
}

static const struct test tests[] = {
	{ "what nobody is told", what_nobody_is_told },
	{ "what root is told", what_root_is_told },
	{ "facts", facts },
	{ "program types by trying", types_by_trying },
};
TEST_MAIN(tests)
