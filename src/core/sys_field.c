// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the kernel reads of each call, and what it writes. */
#include "core/sys_field.h"

#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/mem.h"
#include "core/sys_field_row.h"
#include "core/uapi.h"

#define T struct attr_map_create
static const struct field map_create[] = {
	NUM(map_type),
	NUM(key_size),
	NUM(value_size),
	NUM(max_entries),
	NUM(map_flags),
	FD("inner_map", inner_map_fd),
	NUM(numa_node),
	ROW("name", NAME, map_name),
	NUM(map_ifindex),
	FD("btf", btf_fd),
	NUM(btf_key_type_id),
	NUM(btf_value_type_id),
	NUM(btf_vmlinux_value_type_id),
	NUM(map_extra),
	FD("value_type_btf", value_type_btf_obj_fd),
	FD("token", map_token_fd),
	END,
};
#undef T
#define T struct attr_elem
#define ENTRY FD("map", map_fd), ROW("key", IN, key, LEN(KEY))
static const struct field lookup[] = {
	ENTRY,
	ROW("value", OUT, value, LEN(VALUE)),
	NUM(flags),
	END,
};
static const struct field update[] = {
	ENTRY,
	ROW("value", IN, value, LEN(VALUE)),
	NUM(flags),
	END,
};
static const struct field delete[] = {
	ENTRY,
	NUM(flags),
	END,
};
static const struct field next_key[] = {
	ENTRY,
	ROW("next_key", OUT, value, LEN(KEY)),
	END,
};
#undef T
#define T struct attr_batch
#define BATCH FD("map", map_fd), BOTH(count), NUM(elem_flags), NUM(flags)
static const struct field lookup_batch[] = {
	BATCH,
	ROW("from", IN, in_batch, LEN(CURSOR)),
	ROW("to", OUT, out_batch, LEN(CURSOR)),
	ROW("keys", OUT, keys, LEN(KEYS), .count = OFF(count)),
	ROW("values", OUT, values, LEN(VALUES), .count = OFF(count)),
	END,
};
static const struct field update_batch[] = {
	BATCH,
	ROW("keys", IN, keys, LEN(KEYS), .count = OFF(count)),
	ROW("values", IN, values, LEN(VALUES), .count = OFF(count)),
	END,
};
static const struct field delete_batch[] = {
	BATCH,
	ROW("keys", IN, keys, LEN(KEYS), .count = OFF(count)),
	END,
};
#undef T
#define T union bpf_attr
static const struct field prog_load[] = {
	NUM(prog_type),
	ROW("name", NAME, prog_name),
	ROW("insns", INSNS, insns, COUNT(insn_cnt, 8)),
	STR("license", license),
	NUM(log_level),
	NUM(log_size),
	NUM(prog_flags),
	NUM(prog_ifindex),
	NUM(expected_attach_type),
	FD("btf", prog_btf_fd),
	NUM(func_info_rec_size),
	ROW("func_info", IN, func_info, RECS(func_info_cnt, func_info_rec_size)),
	NUM(line_info_rec_size),
	ROW("line_info", IN, line_info, RECS(line_info_cnt, line_info_rec_size)),
	NUM(attach_btf_id),
	FD("attach_to", attach_prog_fd),
	NUM(core_relo_cnt),
	ROW("log", LOG, log_buf, COUNT(log_size, 1)),
	{ "log_true_size", FIELD_GOT, .off = OFF(core_relo_rec_size) + 4, .size = 4 },
	END,
};
static const struct field btf_load[] = {
	ROW("btf", IN, btf, COUNT(btf_size, 1)),
	NUM(btf_log_level),
	NUM(btf_log_size),
	ROW("log", LOG, btf_log_buf, COUNT(btf_log_size, 1)),
	{ "log_true_size", FIELD_GOT, .off = OFF(btf_log_level) + 4, .size = 4 },
	END,
};
static const struct field bind_map[] = {
	FD("program", prog_bind_map.prog_fd),
	FD("map", prog_bind_map.map_fd),
	ROW("flags", NUM, prog_bind_map.flags),
	END,
};
static const struct field one_fd[] = {
	FD("fd", iter_create.link_fd),
	ROW("flags", NUM, iter_create.flags),
	END,
};
static const struct field one_map[] = {
	FD("map", map_fd),
	END,
};
static const struct field number[] = {
	ROW("type", NUM, enable_stats.type),
	END,
};
#undef T
#define T struct attr_obj
static const struct field object[] = {
	STR("path", pathname), FD("fd", bpf_fd), NUM(file_flags), FD("directory", path_fd), END,
};
#undef T
#define T struct attr_prog_attach
static const struct field attach[] = {
	FD("target", target),
	FD("program", attach_bpf_fd),
	NUM(attach_type),
	NUM(attach_flags),
	FD("replace", replace_bpf_fd),
	NUM(expected_revision),
	END,
};
static const struct field attach_dev[] = {
	ROW("ifindex", NUM, target),
	FD("program", attach_bpf_fd),
	NUM(attach_type),
	NUM(attach_flags),
	FD("replace", replace_bpf_fd),
	NUM(expected_revision),
	END,
};
#undef T
#define T struct attr_test_run
static const struct field test_run[] = {
	FD("program", prog_fd),
	NUM(data_size_in),
	ROW("data_in", IN, data_in, COUNT(data_size_in, 1)),
	NUM(ctx_size_in),
	ROW("ctx_in", IN, ctx_in, COUNT(ctx_size_in, 1)),
	NUM(repeat),
	NUM(flags),
	NUM(cpu),
	NUM(batch_size),
	BOTH(data_size_out),
	BOTH(ctx_size_out),
	GOT(retval),
	GOT(duration),
	ROW("data_out", OUT, data_out, COUNT(data_size_out, 1)),
	ROW("ctx_out", OUT, ctx_out, COUNT(ctx_size_out, 1)),
	END,
};
#undef T
#define T struct attr_id
static const struct field next_id[] = {
	NUM(id),
	GOT(next_id),
	NUM(open_flags),
	END,
};
static const struct field by_id[] = {
	NUM(id),
	NUM(open_flags),
	FD("token", token_fd),
	END,
};
#undef T
#define T struct attr_info
static const struct field info[] = {
	FD("fd", bpf_fd),
	BOTH(info_len),
	END,
};
#undef T
#define T struct attr_query
#define QUERY                                                                                      \
	NUM(attach_type), NUM(query_flags), BOTH(count), GOT(attach_flags), GOT(revision),         \
		ROW("programs", OUT, prog_ids, COUNT(count, 4)),                                   \
		ROW("program_flags", OUT, prog_attach_flags, COUNT(count, 4)),                     \
		ROW("links", OUT, link_ids, COUNT(count, 4)),                                      \
		ROW("link_flags", OUT, link_attach_flags, COUNT(count, 4)), END
static const struct field query[] = { FD("target", target), QUERY };
static const struct field query_dev[] = { ROW("ifindex", NUM, target), QUERY };
#undef T
#define T struct attr_raw_tracepoint
static const struct field raw_tracepoint[] = {
	STR("name", name),
	FD("program", prog_fd),
	NUM(cookie),
	END,
};
#undef T
#define T struct attr_task_fd_query
static const struct field task_fd_query[] = {
	NUM(fd),      NUM(flags),	 BOTH(buf_len),	  GOT(prog_id),
	GOT(fd_type), GOT(probe_offset), GOT(probe_addr), ROW("name", LOG, buf, COUNT(buf_len, 1)),
	END,
};
#undef T
#define T struct attr_link_create
#define LINK NUM(attach_type), NUM(flags)
static const struct field link_create[] = {
	FD("program", prog_fd),
	FD("target", target),
	LINK,
	{ "more", FIELD_BYTES, .off = OFF(iter), .size = 32 },
	END,
};
static const struct field link_dev[] = {
	FD("program", prog_fd),
	ROW("ifindex", NUM, target),
	LINK,
	{ "more", FIELD_BYTES, .off = OFF(iter), .size = 32 },
	END,
};
static const struct field link_iter[] = {
	FD("program", prog_fd),
	LINK,
	ROW("iter", IN, iter.info, COUNT(iter.info_len, 1)),
	END,
};
static const struct field link_kprobes[] = {
	FD("program", prog_fd),
	LINK,
	ROW("kind", NUM, kprobe_multi.flags),
	ROW("count", NUM, kprobe_multi.cnt),
	ROW("functions", STRS, kprobe_multi.syms, COUNT(kprobe_multi.cnt, 8)),
	ROW("addresses", IN, kprobe_multi.addrs, COUNT(kprobe_multi.cnt, 8)),
	ROW("cookies", IN, kprobe_multi.cookies, COUNT(kprobe_multi.cnt, 8)),
	END,
};
static const struct field link_uprobes[] = {
	FD("program", prog_fd),
	LINK,
	ROW("kind", NUM, uprobe_multi.flags),
	STR("file", uprobe_multi.path),
	ROW("offsets", IN, uprobe_multi.offsets, COUNT(uprobe_multi.cnt, 8)),
	ROW("cookies", IN, uprobe_multi.cookies, COUNT(uprobe_multi.cnt, 8)),
	END,
};
#undef T
#define T struct attr_link_update
static const struct field link_update[] = {
	FD("link", link_fd), FD("program", new_fd), NUM(flags), FD("replace", old_fd), END,
};
#undef T

static bool is_device(uint32_t attach_type)
{
	/* XDP, tcx both ways, netkit both ways */
	return attach_type == 37 || attach_type == 46 || attach_type == 47 || attach_type == 54 ||
	       attach_type == 55;
}

static const struct field *fields_link(const struct attr_link_create *a)
{
	switch (a->attach_type) {
	case 28: /* iterators */
		return link_iter;
	case 42: /* kprobe_multi */
	case 56: /* kprobe_session */
		return link_kprobes;
	case 48: /* uprobe_multi */
	case 57: /* uprobe_session */
		return link_uprobes;
	default:
		return is_device(a->attach_type) ? link_dev : link_create;
	}
}

const struct field *sys_fields_bpf(unsigned long cmd, const uint8_t *attr)
{
	static const struct field *const plain[] = {
		[BPF_MAP_CREATE] = map_create,
		[BPF_MAP_LOOKUP_ELEM] = lookup,
		[BPF_MAP_UPDATE_ELEM] = update,
		[BPF_MAP_DELETE_ELEM] = delete,
		[BPF_MAP_GET_NEXT_KEY] = next_key,
		[BPF_PROG_LOAD] = prog_load,
		[BPF_OBJ_PIN] = object,
		[BPF_OBJ_GET] = object,
		[BPF_PROG_ATTACH] = attach,
		[BPF_PROG_DETACH] = attach,
		[BPF_PROG_TEST_RUN] = test_run,
		[BPF_PROG_GET_NEXT_ID] = next_id,
		[BPF_MAP_GET_NEXT_ID] = next_id,
		[BPF_PROG_GET_FD_BY_ID] = by_id,
		[BPF_MAP_GET_FD_BY_ID] = by_id,
		[BPF_OBJ_GET_INFO_BY_FD] = info,
		[BPF_PROG_QUERY] = query,
		[BPF_RAW_TRACEPOINT_OPEN] = raw_tracepoint,
		[BPF_BTF_LOAD] = btf_load,
		[BPF_BTF_GET_FD_BY_ID] = by_id,
		[BPF_TASK_FD_QUERY] = task_fd_query,
		[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = lookup,
		[BPF_MAP_FREEZE] = one_map,
		[BPF_BTF_GET_NEXT_ID] = next_id,
		[BPF_MAP_LOOKUP_BATCH] = lookup_batch,
		[BPF_MAP_LOOKUP_AND_DELETE_BATCH] = lookup_batch,
		[BPF_MAP_UPDATE_BATCH] = update_batch,
		[BPF_MAP_DELETE_BATCH] = delete_batch,
		[BPF_LINK_UPDATE] = link_update,
		[BPF_LINK_GET_FD_BY_ID] = by_id,
		[BPF_LINK_GET_NEXT_ID] = next_id,
		[BPF_ENABLE_STATS] = number,
		[BPF_ITER_CREATE] = one_fd,
		[BPF_LINK_DETACH] = one_fd,
		[BPF_PROG_BIND_MAP] = bind_map,
		[UAPI_TOKEN_CREATE] = one_fd,
	};
	uint32_t attach_type;

	if (cmd == BPF_LINK_CREATE)
		return fields_link((const void *)attr);
	memcpy(&attach_type, attr + offsetof(struct attr_prog_attach, attach_type), 4);
	if ((cmd == BPF_PROG_ATTACH || cmd == BPF_PROG_DETACH) && is_device(attach_type))
		return attach_dev;
	memcpy(&attach_type, attr + offsetof(struct attr_query, attach_type), 4);
	if (cmd == BPF_PROG_QUERY && is_device(attach_type))
		return query_dev;
	return cmd < countof(plain) ? plain[cmd] : NULL;
}

bool sys_gives_fd(unsigned long cmd)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_OBJ_GET:
	case BPF_PROG_GET_FD_BY_ID:
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_BTF_LOAD:
	case BPF_BTF_GET_FD_BY_ID:
	case BPF_LINK_CREATE:
	case BPF_LINK_GET_FD_BY_ID:
	case BPF_ENABLE_STATS:
	case BPF_ITER_CREATE:
	case UAPI_TOKEN_CREATE:
		return true;
	default:
		return false;
	}
}

/* ---- other calls --------------------------------------------------------------------------- */

struct words6 {
	uint64_t a, b, c, d, e, f;
};

#define T struct words6
static const struct field perf_open[] = {
	ROW("pid", NUM, b), ROW("cpu", NUM, c), FD("group", d), ROW("flags", NUM, e), END,
};
static const struct field ioctl_fd[] = {
	FD("fd", a),
	ROW("request", NUM, b),
	FD("argument", c),
	END,
};
static const struct field at_path[] = {
	STR("path", b),
	ROW("flags", NUM, c),
	END,
};
static const struct field statx_of[] = {
	STR("path", b),
	END,
};
static const struct field statfs_of[] = {
	STR("path", a),
	END,
};
static const struct field dir_fd[] = {
	FD("fd", a),
	END,
};
static const struct field clock_of[] = {
	ROW("clock", NUM, a),
	END,
};
static const struct field socket_of[] = {
	ROW("family", NUM, a),
	ROW("type", NUM, b),
	ROW("protocol", NUM, c),
	END,
};
static const struct field sockopt[] = {
	FD("fd", a),
	ROW("level", NUM, b),
	ROW("option", NUM, c),
	END,
};
static const struct field send_to[] = {
	FD("fd", a),
	ROW("message", IN, b, COUNT(c, 1)),
	END,
};
static const struct field receive[] = {
	FD("fd", a),
	ROW("room", NUM, c),
	END,
};
static const struct field set_ns[] = {
	FD("fd", a),
	ROW("kind", NUM, b),
	END,
};
static const struct field poll_of[] = {
	ROW("count", NUM, b),
	END,
};
#undef T

const struct field *sys_fields_call(long nr, const char **name)
{
	static const struct {
		long nr;
		const char *name;
		const struct field *fields;
	} calls[] = {
		{ SYS_perf_event_open, "perf_event_open", perf_open },
		{ SYS_ioctl, "ioctl", ioctl_fd },
		{ SYS_openat, "openat", at_path },
		{ SYS_mkdirat, "mkdirat", at_path },
		{ SYS_unlinkat, "unlinkat", at_path },
		{ SYS_statx, "statx", statx_of },
		{ SYS_statfs, "statfs", statfs_of },
		{ SYS_getdents64, "getdents64", dir_fd },
		{ SYS_clock_gettime, "clock_gettime", clock_of },
		{ SYS_socket, "socket", socket_of },
		{ SYS_setsockopt, "setsockopt", sockopt },
		{ SYS_sendto, "sendto", send_to },
		{ SYS_recvfrom, "recvfrom", receive },
		{ SYS_setns, "setns", set_ns },
		{ SYS_ppoll, "ppoll", poll_of },
	};

	for (size_t i = 0; i < countof(calls); i++) {
		if (calls[i].nr == nr) {
			*name = calls[i].name;
			return calls[i].fields;
		}
	}
	return NULL;
}

#define T struct perf_event_attr
static const struct field perf_attr[] = {
	NUM(type), NUM(config), NUM(sample_period), NUM(sample_type), NUM(wakeup_events), END,
};
#undef T

const struct field *sys_fields_perf(void)
{
	return perf_attr;
}
