// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the kernel tells of an object. */
#include "core/sys_field.h"
#include "core/sys_field_row.h"
#include "core/uapi_info.h"

#define T struct uapi_map_info
static const struct field map_info[] = {
	GOT(type),
	GOT(id),
	GOT(key_size),
	GOT(value_size),
	GOT(max_entries),
	GOT(map_flags),
	ROW("name", TEXT, name),
	GOT(ifindex),
	GOT(btf_vmlinux_value_type_id),
	GOT(netns_dev),
	GOT(netns_ino),
	GOT(btf_id),
	GOT(btf_key_type_id),
	GOT(btf_value_type_id),
	GOT(btf_vmlinux_id),
	GOT(map_extra),
	BOTH(hash_size),
	ROW("hash", OUT, hash, COUNT(hash_size, 1)),
	END,
};
#undef T
#define T struct uapi_prog_info
static const struct field prog_info[] = {
	GOT(type),
	GOT(id),
	ROW("name", TEXT, name),
	ROW("tag", RAW, tag),
	GOT(load_time),
	GOT(created_by_uid),
	GOT(ifindex),
	GOT(gpl_compatible),
	GOT(netns_dev),
	GOT(netns_ino),
	GOT(btf_id),
	GOT(run_time_ns),
	GOT(run_cnt),
	GOT(recursion_misses),
	GOT(verified_insns),
	GOT(attach_btf_obj_id),
	GOT(attach_btf_id),
	BOTH(jited_prog_len),
	BOTH(xlated_prog_len),
	BOTH(nr_map_ids),
	BOTH(nr_jited_ksyms),
	BOTH(nr_jited_func_lens),
	BOTH(func_info_rec_size),
	BOTH(nr_func_info),
	BOTH(line_info_rec_size),
	BOTH(nr_line_info),
	BOTH(jited_line_info_rec_size),
	BOTH(nr_jited_line_info),
	BOTH(nr_prog_tags),
	ROW("jited", OUT, jited_prog_insns, COUNT(jited_prog_len, 1)),
	ROW("xlated", OUT, xlated_prog_insns, COUNT(xlated_prog_len, 1)),
	ROW("maps", OUT, map_ids, COUNT(nr_map_ids, 4)),
	ROW("jited_ksyms", OUT, jited_ksyms, COUNT(nr_jited_ksyms, 8)),
	ROW("jited_func_lens", OUT, jited_func_lens, COUNT(nr_jited_func_lens, 4)),
	ROW("func_info", OUT, func_info, RECS(nr_func_info, func_info_rec_size)),
	ROW("line_info", OUT, line_info, RECS(nr_line_info, line_info_rec_size)),
	ROW("jited_line_info", OUT, jited_line_info,
	    RECS(nr_jited_line_info, jited_line_info_rec_size)),
	ROW("tags", OUT, prog_tags, COUNT(nr_prog_tags, 8)),
	END,
};
#undef T
#define T struct uapi_btf_info
static const struct field btf_info[] = {
	GOT(id),
	GOT(kernel_btf),
	BOTH(btf_size),
	BOTH(name_len),
	ROW("btf", OUT, btf, COUNT(btf_size, 1)),
	ROW("name", LOG, name, COUNT(name_len, 1)),
	END,
};
#undef T
#define T struct uapi_link_info
#define HEAD GOT(type), GOT(id), GOT(prog_id)
/* What follows, whatever it is for this type. */
#define REST(at)                                                                                   \
	{                                                                                          \
		"more", FIELD_RAW, .off = OFF(at), .size = sizeof(T) - OFF(at)                     \
	}
static const struct field link_info[] = {
	HEAD,
	REST(tracing),
	END,
};
static const struct field link_info_name[] = {
	/* raw_tracepoint, iter */
	HEAD,
	ROW("name_len", BOTH, raw_tracepoint.tp_name_len),
	ROW("name", LOG, raw_tracepoint.tp_name, COUNT(raw_tracepoint.tp_name_len, 1)),
	REST(iter.map_id),
	END,
};
static const struct field link_info_perf[] = {
	/* all with a name in the same place */
	HEAD,
	ROW("kind", GOT, perf_event.type),
	ROW("name_len", BOTH, perf_event.uprobe.name_len),
	ROW("name", LOG, perf_event.uprobe.file_name, COUNT(perf_event.uprobe.name_len, 1)),
	REST(perf_event.uprobe.offset),
	END,
};
static const struct field link_info_kprobes[] = {
	HEAD,
	ROW("count", BOTH, kprobe_multi.count),
	ROW("flags", GOT, kprobe_multi.flags),
	ROW("missed", GOT, kprobe_multi.missed),
	ROW("addresses", OUT, kprobe_multi.addrs, COUNT(kprobe_multi.count, 8)),
	ROW("cookies", OUT, kprobe_multi.cookies, COUNT(kprobe_multi.count, 8)),
	END,
};
static const struct field link_info_uprobes[] = {
	HEAD,
	ROW("path_size", BOTH, uprobe_multi.path_size),
	ROW("count", BOTH, uprobe_multi.count),
	ROW("flags", GOT, uprobe_multi.flags),
	ROW("pid", GOT, uprobe_multi.pid),
	ROW("path", LOG, uprobe_multi.path, COUNT(uprobe_multi.path_size, 1)),
	ROW("offsets", OUT, uprobe_multi.offsets, COUNT(uprobe_multi.count, 8)),
	ROW("ref_ctrs", OUT, uprobe_multi.ref_ctr_offsets, COUNT(uprobe_multi.count, 8)),
	ROW("cookies", OUT, uprobe_multi.cookies, COUNT(uprobe_multi.count, 8)),
	END,
};
#undef T

const struct field *sys_fields_info(enum obj_kind kind, const uint8_t *bytes)
{
	const struct uapi_link_info *l = (const void *)bytes;

	switch (kind) {
	case OBJ_MAP:
		return map_info;
	case OBJ_PROG:
		return prog_info;
	case OBJ_BTF:
		return btf_info;
	default:
		break;
	}
	switch (l->type) {
	case 1: /* raw_tracepoint */
	case 4: /* iter */
		return link_info_name;
	case 7: /* perf_event */
		return l->perf_event.type == UAPI_PERF_EVENT ? link_info : link_info_perf;
	case 8:
		return link_info_kprobes;
	case 12:
		return link_info_uprobes;
	default:
		return link_info;
	}
}
