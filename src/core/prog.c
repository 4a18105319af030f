// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs as objects. */
#include "core/prog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/obj.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/types.h"
#include "core/uapi.h"
#include "core/uapi_info.h"

#define KERNEL_NAME 15 /* characters that the kernel keeps */

struct func_rec { /* the part of struct bpf_func_info that every kernel has */
	uint32_t insn_off, type_id;
};

/* ns since boot -> seconds since 1970, by the same sum as bpftool's. */
static uint64_t unix_time(uint64_t ns)
{
	struct timespec real, boot;

	if (!ns || sys_clock(CLOCK_REALTIME, &real) || sys_clock(CLOCK_BOOTTIME, &boot))
		return 0;
	return (uint64_t)((real.tv_sec - boot.tv_sec) +
			  ((real.tv_nsec - boot.tv_nsec) + (int64_t)ns) / 1000000000);
}

/* The main function's name from BTF, if it starts with what the kernel has. */
static void full_name(int fd, const struct uapi_prog_info *first, char *name, size_t size)
{
	struct uapi_prog_info k = { .nr_func_info = 1,
				    .func_info_rec_size = first->func_info_rec_size };
	auto_free uint8_t *rec = xcalloc(1, first->func_info_rec_size + sizeof(struct func_rec));
	auto_types struct types *t = NULL;
	struct err ignored = {};
	struct func_rec func;
	struct type type;

	k.func_info = attr_ptr(rec);
	if (sys_info(fd, &k, sizeof(k)))
		return;
	memcpy(&func, rec, sizeof(func));
	t = types_by_id(first->btf_id, &ignored);
	if (t && types_get(t, func.type_id, &type) && type.kind == T_FUNC &&
	    strncmp(type.name, name, KERNEL_NAME) == 0)
		snprintf(name, size, "%s", type.name);
}

static void map_ids(int fd, struct prog_info *i)
{
	struct uapi_prog_info k = { .nr_map_ids = i->nr_map_ids };

	i->map_ids = xcalloc(i->nr_map_ids, sizeof(*i->map_ids));
	k.map_ids = attr_ptr(i->map_ids);
	if (sys_info(fd, &k, sizeof(k)))
		i->nr_map_ids = 0;
	else if (k.nr_map_ids < i->nr_map_ids)
		i->nr_map_ids = k.nr_map_ids;
}

static bool is_gpl(uint32_t bits)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return bits >> 31;
#else
	return bits & 1;
#endif
}

int prog_info_read(int fd, struct prog_info *i, struct err *e)
{
	struct uapi_prog_info k = {};
	char text[4096];
	int r = sys_info(fd, &k, sizeof(k));

	memset(i, 0, sizeof(*i));
	/* A program whose device is gone still tells the rest. */
	if (r && r != -ENODEV)
		return err_code(e, r, "cannot ask the kernel about a program");
	*i = (struct prog_info){
		.id = k.id,
		.type = k.type,
		.gpl = is_gpl(k.gpl_compatible),
		.jited = k.jited_prog_len != 0,
		.orphaned = r == -ENODEV,
		.run_time_ns = k.run_time_ns,
		.run_cnt = k.run_cnt,
		.recursion_misses = k.recursion_misses,
		.loaded_at = unix_time(k.load_time),
		.uid = k.created_by_uid,
		.ifindex = k.ifindex,
		.netns_dev = k.netns_dev,
		.netns_ino = k.netns_ino,
		.bytes_xlated = k.xlated_prog_len,
		.bytes_jited = k.jited_prog_len,
		.btf_id = k.btf_id,
		.verified_insns = k.verified_insns,
		.attach_btf_obj_id = k.attach_btf_obj_id,
		.attach_btf_id = k.attach_btf_id,
		.nr_map_ids = k.nr_map_ids,
	};
	memcpy(i->tag, k.tag, sizeof(i->tag));
	snprintf(i->name, sizeof(i->name), "%.*s", KERNEL_NAME, k.name);
	if (strlen(i->name) == KERNEL_NAME && k.btf_id && k.nr_func_info &&
	    k.func_info_rec_size >= sizeof(struct func_rec) && k.func_info_rec_size < 4096)
		full_name(fd, &k, i->name, sizeof(i->name));
	if (i->nr_map_ids)
		map_ids(fd, i);
	obj_fdinfo(fd, text, sizeof(text));
	i->has_memlock = obj_fdinfo_u64(text, "memlock", &i->memlock);
	return 0;
}

void prog_info_free(struct prog_info *i)
{
	freep(&i->map_ids);
	i->nr_map_ids = 0;
}

struct each {
	int (*fn)(const struct prog_info *i, int fd, void *arg);
	void *arg;
	struct err *e;
};

static int each_fd(int fd, uint32_t id, void *arg)
{
	auto_prog_info struct prog_info i = {};
	struct each *x = arg;
	int r = prog_info_read(fd, &i, x->e);

	(void)id;
	return r ? r : x->fn(&i, fd, x->arg);
}

int prog_each(int (*fn)(const struct prog_info *i, int fd, void *arg), void *arg, struct err *e)
{
	struct each x = { fn, arg, e };

	return obj_each(OBJ_PROG, each_fd, &x, e);
}

const char *prog_label(const struct prog_info *i, char buf[160])
{
	if (i->name[0])
		snprintf(buf, 160, "program %u (%s)", i->id, i->name);
	else
		snprintf(buf, 160, "program %u", i->id);
	return buf;
}

int prog_enable_stats(struct err *e)
{
	uint32_t type = BPF_STATS_RUN_TIME;
	int fd = sys_bpf(BPF_ENABLE_STATS, &type, sizeof(type));

	if (fd >= 0)
		return fd;
	if (fd == -EINVAL)
		return err_worded(e, fd,
				  "this kernel cannot count run times on request (Linux 5.8 can)");
	err_code(e, fd, "cannot turn run time statistics on");
	return probe_denied(e, NEED_SYS_ADMIN);
}

int prog_stream(int fd, uint32_t stream, void *buf, uint32_t size, struct err *e)
{
	struct {
		uint64_t buf;
		uint32_t len, stream, prog_fd;
	} a = { attr_ptr(buf), size, stream, (uint32_t)fd };
	int n = sys_bpf(UAPI_PROG_STREAM_READ, &a, sizeof(a));

	if (n >= 0)
		return n;
	if (n == -EINVAL)
		return err_worded(e, n, "this kernel has no program streams (Linux 6.18 has)");
	return err_code(e, n, "cannot read stream %u of the program", stream);
}
