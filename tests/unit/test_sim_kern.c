// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock kernel's bpf(2): what it does, and the same calls in the real kernel. */
#include <linux/btf.h>
#include <sched.h>
#include <sys/syscall.h>

#include "core/buf.h"
#include "kern.h"
#include "sim/kern.h"
#include "sim/kern_attr.h"
#include "sim/world.h"
#include "test.h"
#include "uapi/names.h"
/* Which has a MAP_TYPE of its own. */
#include <sys/mman.h>

#define ATTR 168

/* ---- one call, here or there --------------------------------------------------------------- */

/* Who answers: the mock, or the kernel if k is NULL; and what was made there. */
struct side {
	struct kern *k;
	int hash, array, filter, xdp, lookup, btf, link, netns;
	char pin[128], dir[128];
};

static long call(const struct side *s, int cmd, void *attr, size_t size)
{
	unsigned long args[6] = { (unsigned long)cmd, (unsigned long)attr, size };
	long r;

	if (!s->k) {
		r = syscall(SYS_bpf, cmd, attr, size);
		return r < 0 ? -errno : r;
	}
	CHECK(kern_call(s->k, SYS_bpf, args, &r));
	return r;
}

static int new_map(const struct side *s, uint32_t type, uint32_t value, uint32_t flags)
{
	struct attr_map_create a = { .map_type = type,
				     .key_size = 4,
				     .value_size = value,
				     .max_entries = 4,
				     .map_flags = flags,
				     .map_name = "m" };

	return (int)call(s, BPF_MAP_CREATE, &a, sizeof(a));
}

static const struct bpf_insn returns_one[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int new_prog(const struct side *s, uint32_t type, uint32_t attach)
{
	struct attr_prog_load a = { .prog_type = type,
				    .insn_cnt = 2,
				    .insns = attr_ptr(returns_one),
				    .license = attr_ptr("GPL"),
				    .expected_attach_type = attach,
				    .prog_name = "p" };

	return (int)call(s, BPF_PROG_LOAD, &a, sizeof(a));
}

/* int and a struct of two. */
static const struct {
	struct btf_header h;
	uint32_t types[4 + 3];
	char strings[12];
} some_btf = {
	.h = { .magic = BTF_MAGIC,
	       .version = 1,
	       .hdr_len = 24,
	       .type_len = 28,
	       .str_off = 28,
	       .str_len = 12 },
	.types = { 1, BTF_KIND_INT << 24, 4, 0x01000020, 5, BTF_KIND_TYPEDEF << 24, 1 },
	.strings = "\0int\0number",
};

static int new_btf(const struct side *s)
{
	struct attr_btf_load a = { .btf = attr_ptr(&some_btf),
				   .btf_size = sizeof(some_btf.h) + sizeof(some_btf.types) + 12 };

	return (int)call(s, BPF_BTF_LOAD, &a, sizeof(a));
}

static int pin(const struct side *s, int fd, const char *path)
{
	struct attr_obj a = { .pathname = attr_ptr(path), .bpf_fd = (uint32_t)fd };

	return (int)call(s, BPF_OBJ_PIN, &a, sizeof(a));
}

/* To numbers that are the same on both sides, and that no other value is. */
static void move_up(struct side *s)
{
	int *const fds[] = { &s->hash,	 &s->array, &s->filter, &s->xdp,
			     &s->lookup, &s->btf,   &s->link,	&s->netns };

	for (size_t i = 0; i < countof(fds); i++) {
		int up = fcntl(*fds[i], F_DUPFD_CLOEXEC, 500 + 10 * (int)i);

		close(*fds[i]);
		*fds[i] = up;
	}
}

static void close_all(struct side *s)
{
	int *const fds[] = { &s->hash,	 &s->array, &s->filter, &s->xdp,
			     &s->lookup, &s->btf,   &s->link,	&s->netns };

	for (size_t i = 0; i < countof(fds); i++)
		closep(fds[i]);
}

static void make_all(struct side *s, const char *bpffs)
{
	struct attr_link_create l = { .attach_type = UAPI_ATTACH_sk_lookup };

	snprintf(s->dir, sizeof(s->dir), "%s", bpffs);
	snprintf(s->pin, sizeof(s->pin), "%s/pin", bpffs);
	s->hash = new_map(s, UAPI_MAP_hash, 8, 0);
	s->array = new_map(s, UAPI_MAP_array, 4, BPF_F_MMAPABLE);
	s->filter = new_prog(s, UAPI_PROG_socket_filter, 0);
	s->xdp = new_prog(s, UAPI_PROG_xdp, 0);
	s->lookup = new_prog(s, UAPI_PROG_sk_lookup, UAPI_ATTACH_sk_lookup);
	s->btf = new_btf(s);
	s->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	l.prog_fd = (uint32_t)s->lookup;
	l.target = (uint32_t)s->netns;
	s->link = (int)call(s, BPF_LINK_CREATE, &l,
			    offsetof(struct attr_link_create, netfilter.flags));
	CHECK(s->hash >= 0 && s->array >= 0 && s->filter >= 0 && s->xdp >= 0 && s->lookup >= 0);
	CHECK(s->btf >= 0 && s->link >= 0);
	move_up(s);
	CHECK_INT(pin(s, s->hash, s->pin), 0);
}

static struct side new_mock(void)
{
	struct side s = { .k = kern_new(NULL, 0) };

	CHECK(s.k);
	return s;
}

/* ---- the mock alone ------------------------------------------------------------------------ */

static int info(const struct side *s, int fd, void *to, size_t size)
{
	struct attr_info a = { .bpf_fd = (uint32_t)fd,
			       .info_len = (uint32_t)size,
			       .info = attr_ptr(to) };

	return (int)call(s, BPF_OBJ_GET_INFO_BY_FD, &a, sizeof(a));
}

static long next_id(const struct side *s, int cmd, uint32_t id)
{
	struct attr_id a = { .id = id };
	long r = call(s, cmd, &a, sizeof(a));

	return r ? r : a.next_id;
}

static void test_life(void)
{
	struct side s = new_mock();
	struct attr_id by_id = {};
	int m = new_map(&s, UAPI_MAP_hash, 8, 0), copy, again;
	struct uapi_map_info i = {};

	CHECK_INT(info(&s, m, &i, sizeof(i)), 0);
	CHECK(i.id == 1 && i.type == UAPI_MAP_hash && i.value_size == 8);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 0), 1);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 1), -ENOENT);
	/* A copy is the same map, and keeps it alive. */
	copy = fcntl(m, F_DUPFD_CLOEXEC, 3);
	close(m);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 0), 1);
	CHECK(kern_map(s.k, copy) && !kern_prog(s.k, copy));
	by_id.id = 1;
	again = (int)call(&s, BPF_MAP_GET_FD_BY_ID, &by_id, sizeof(by_id));
	CHECK(again >= 0 && kern_map(s.k, again) == kern_map(s.k, copy));
	close(copy);
	close(again);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 0), -ENOENT);
	kern_free(s.k);
}

static void test_pins(void)
{
	struct side s = new_mock();
	int m = new_map(&s, UAPI_MAP_hash, 8, 0), r;
	struct attr_obj a = { .pathname = attr_ptr("/sys/fs/bpf/d/m") };
	unsigned long args[6] = { (unsigned long)-100, attr_ptr("/sys/fs/bpf/d"), 0700 };
	long result;

	CHECK_INT(pin(&s, m, "/sys/fs/bpf/d/m"), -ENOENT);
	CHECK(kern_call(s.k, SYS_mkdirat, args, &result) && result == 0);
	CHECK_INT(pin(&s, m, "/sys/fs/bpf/d/m"), 0);
	CHECK_INT(pin(&s, m, "/sys/fs/bpf//d/m/"), -EEXIST);
	CHECK_INT(pin(&s, m, "/sys/fs/bpf/d/m.x"), -EPERM);
	close(m);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 0), 1);
	r = (int)call(&s, BPF_OBJ_GET, &a, sizeof(a));
	CHECK(r >= 0 && kern_map(s.k, r));
	closep(&r);
	args[2] = 0x200; /* AT_REMOVEDIR */
	CHECK(kern_call(s.k, SYS_unlinkat, args, &result) && result == -ENOTEMPTY);
	args[1] = a.pathname;
	args[2] = 0;
	CHECK(kern_call(s.k, SYS_unlinkat, args, &result) && result == 0);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 0), -ENOENT);
	/* A path elsewhere is the machine's. */
	args[1] = attr_ptr("/tmp/x");
	CHECK(!kern_call(s.k, SYS_unlinkat, args, &result));
	kern_free(s.k);
}

static void test_mmap(void)
{
	struct side s = new_mock();
	int m = new_map(&s, UAPI_MAP_array, 4, BPF_F_MMAPABLE);
	uint32_t key = 1, value = 0;
	struct attr_elem a = { .map_fd = (uint32_t)m,
			       .key = attr_ptr(&key),
			       .value = attr_ptr(&value) };
	uint32_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0);

	CHECK(p != MAP_FAILED);
	if (p != MAP_FAILED) {
		p[2] = 77; /* elements are 8 bytes apart */
		CHECK_INT(call(&s, BPF_MAP_LOOKUP_ELEM, &a, sizeof(a)), 0);
		CHECK_INT(value, 77);
		munmap(p, 4096);
	}
	close(m);
	kern_free(s.k);
}

static void test_rights(void)
{
	struct side s = new_mock();
	struct attr_id by_id = { .id = 1, .open_flags = BPF_F_RDONLY };
	int m = new_map(&s, UAPI_MAP_array, 4, 0), ro;
	uint32_t key = 0, value = 1;
	struct attr_elem a = { .key = attr_ptr(&key), .value = attr_ptr(&value) };

	ro = (int)call(&s, BPF_MAP_GET_FD_BY_ID, &by_id, sizeof(by_id));
	a.map_fd = (uint32_t)ro;
	CHECK_INT(call(&s, BPF_MAP_UPDATE_ELEM, &a, sizeof(a)), -EPERM);
	CHECK_INT(call(&s, BPF_MAP_LOOKUP_ELEM, &a, sizeof(a)), 0);
	a.map_fd = (uint32_t)m;
	CHECK_INT(call(&s, BPF_MAP_UPDATE_ELEM, &a, sizeof(a)), 0);
	close(m);
	close(ro);
	kern_free(s.k);
}

static void test_prog_run(void)
{
	struct side s = new_mock();
	uint8_t packet[64] = { 0 };
	struct attr_test_run t = { .data_in = attr_ptr(packet), .data_size_in = sizeof(packet) };

	t.prog_fd = (uint32_t)new_prog(&s, UAPI_PROG_xdp, 0);
	CHECK_INT(call(&s, BPF_PROG_TEST_RUN, &t, sizeof(t)), 0);
	CHECK_INT(t.retval, 1);
	close((int)t.prog_fd);
	kern_free(s.k);
}

/* A program that is in the array it uses goes when nobody can reach them any more. */
static void test_cycle(void)
{
	struct side s = new_mock();
	int array = new_map(&s, UAPI_MAP_prog_array, 4, 0), prog = new_prog(&s, UAPI_PROG_xdp, 0);
	struct attr_bind_map bind_it = { .prog_fd = (uint32_t)prog, .map_fd = (uint32_t)array };
	uint32_t key = 0, value = (uint32_t)prog;
	struct attr_elem a = { .map_fd = (uint32_t)array,
			       .key = attr_ptr(&key),
			       .value = attr_ptr(&value) };

	CHECK_INT(call(&s, BPF_PROG_BIND_MAP, &bind_it, sizeof(bind_it)), 0);
	CHECK_INT(call(&s, BPF_MAP_UPDATE_ELEM, &a, sizeof(a)), 0);
	close(prog);
	CHECK_INT(next_id(&s, BPF_PROG_GET_NEXT_ID, 0), 1);
	close(array);
	CHECK_INT(next_id(&s, BPF_PROG_GET_NEXT_ID, 0), -ENOENT);
	CHECK_INT(next_id(&s, BPF_MAP_GET_NEXT_ID, 0), -ENOENT);
	kern_free(s.k);
}

/* ---- against the kernel -------------------------------------------------------------------- */

/* A call that is right, or wrong in one way; fds are filled in by the side they go to. */
struct base {
	const char *name;
	int cmd;
	size_t size;
	void (*fill)(const struct side *s, void *attr);
};

static uint32_t zero_key;
static uint8_t room[4096];
static char log_text[4096];

#define FILL(fn, type, ...)                                                                        \
	static void fn(const struct side *s, void *attr)                                           \
	{                                                                                          \
		struct type a = __VA_ARGS__;                                                       \
		(void)s;                                                                           \
		memcpy(attr, &a, sizeof(a));                                                       \
	}

FILL(load, attr_prog_load,
     { .prog_type = 1,
       .insn_cnt = 2,
       .insns = attr_ptr(returns_one),
       .license = attr_ptr("GPL"),
       .prog_name = "q" })
FILL(load_log, attr_prog_load,
     { .prog_type = 6,
       .insn_cnt = 1,
       .insns = attr_ptr(returns_one),
       .license = attr_ptr("GPL"),
       .log_level = 1,
       .log_size = sizeof(log_text),
       .log_buf = attr_ptr(log_text) })
FILL(load_btf, attr_prog_load,
     { .prog_type = 1,
       .insn_cnt = 2,
       .insns = attr_ptr(returns_one),
       .license = attr_ptr("GPL"),
       .prog_btf_fd = (uint32_t)s->btf })
FILL(load_sock, attr_prog_load,
     { .prog_type = UAPI_PROG_cgroup_sock_addr,
       .insn_cnt = 2,
       .insns = attr_ptr(returns_one),
       .license = attr_ptr("GPL"),
       .expected_attach_type = UAPI_ATTACH_cgroup_inet4_connect })
FILL(btf_load, attr_btf_load,
     { .btf = attr_ptr(&some_btf), .btf_size = sizeof(some_btf.h) + sizeof(some_btf.types) + 12 })
FILL(btf_log, attr_btf_load,
     { .btf = attr_ptr(&some_btf),
       .btf_size = 60,
       .log_level = 1,
       .log_size = sizeof(log_text),
       .log_buf = attr_ptr(log_text) })
FILL(obj_pin, attr_obj, { .pathname = attr_ptr(s->pin), .bpf_fd = (uint32_t)s->hash })
FILL(obj_pin_dir, attr_obj, { .pathname = attr_ptr(s->dir), .bpf_fd = (uint32_t)s->xdp })
FILL(obj_get, attr_obj, { .pathname = attr_ptr(s->pin) })
FILL(obj_get_dir, attr_obj, { .pathname = attr_ptr(s->dir) })
FILL(obj_get_tmp, attr_obj, { .pathname = attr_ptr("/proc/self/stat") })
FILL(obj_get_none, attr_obj, { .pathname = attr_ptr("/nowhere/at/all") })
FILL(info_map, attr_info, { .bpf_fd = (uint32_t)s->hash, .info_len = 88, .info = attr_ptr(room) })
FILL(info_prog, attr_info, { .bpf_fd = (uint32_t)s->xdp, .info_len = 228, .info = attr_ptr(room) })
FILL(info_btf, attr_info, { .bpf_fd = (uint32_t)s->btf, .info_len = 32, .info = attr_ptr(room) })
FILL(info_link, attr_info, { .bpf_fd = (uint32_t)s->link, .info_len = 64, .info = attr_ptr(room) })
FILL(id_none, attr_id, { .id = 0x7ffffff0 })
FILL(id_last, attr_id, { .id = 0x7fffffff })
FILL(id_huge, attr_id, { .id = 0xffffffff })
FILL(link_net, attr_link_create,
     { .prog_fd = (uint32_t)s->lookup,
       .target = (uint32_t)s->netns,
       .attach_type = UAPI_ATTACH_sk_lookup })
FILL(link_nf, attr_link_create,
     { .prog_fd = (uint32_t)s->xdp, .attach_type = UAPI_ATTACH_netfilter })
FILL(link_update, attr_link_update, { .link_fd = (uint32_t)s->link, .new_fd = (uint32_t)s->lookup })
FILL(link_detach_other, attr_link_detach, { .link_fd = (uint32_t)s->xdp })
FILL(iter, attr_iter_create, { .link_fd = (uint32_t)s->link })
FILL(raw_tp, attr_raw_tracepoint, { .name = attr_ptr("sched_switch"), .prog_fd = (uint32_t)s->xdp })
FILL(stats, attr_enable_stats, { .type = 0 })
FILL(bind, attr_bind_map, { .prog_fd = (uint32_t)s->filter, .map_fd = (uint32_t)s->array })
FILL(test_run, attr_test_run,
     { .prog_fd = (uint32_t)s->xdp, .data_in = attr_ptr(room), .data_size_in = 64 })
FILL(query, attr_query, { .target = (uint32_t)s->netns, .attach_type = UAPI_ATTACH_sk_lookup })
FILL(attach, attr_prog_attach,
     { .target = (uint32_t)s->netns,
       .attach_bpf_fd = (uint32_t)s->xdp,
       .attach_type = UAPI_ATTACH_flow_dissector })
FILL(detach, attr_prog_attach,
     { .target = (uint32_t)s->netns, .attach_type = UAPI_ATTACH_cgroup_device })
FILL(task_fd, attr_task_fd_query, { .pid = (uint32_t)getpid(), .fd = (uint32_t)s->xdp })
FILL(map_freeze, attr_freeze, { .map_fd = (uint32_t)s->xdp })
FILL(map_lookup, attr_elem,
     { .map_fd = (uint32_t)s->hash, .key = attr_ptr(&zero_key), .value = attr_ptr(room) })

FILL(map_update, attr_elem,
     { .map_fd = (uint32_t)s->hash, .key = attr_ptr(&zero_key), .value = attr_ptr(room) })
FILL(map_key, attr_elem, { .map_fd = (uint32_t)s->hash, .key = attr_ptr(&zero_key) })
FILL(map_batch, attr_batch,
     { .map_fd = (uint32_t)s->hash,
       .out_batch = attr_ptr(room),
       .keys = attr_ptr(room + 64),
       .values = attr_ptr(room + 128),
       .count = 1 })
FILL(map_create, attr_map_create,
     { .map_type = UAPI_MAP_hash, .key_size = 4, .value_size = 8, .max_entries = 4 })

static const struct base bases[] = {
	{ "create", BPF_MAP_CREATE, 72, map_create },
	{ "update", BPF_MAP_UPDATE_ELEM, sizeof(struct attr_elem), map_update },
	{ "next", BPF_MAP_GET_NEXT_KEY, sizeof(struct attr_elem), map_update },
	{ "lookup batch", BPF_MAP_LOOKUP_BATCH, sizeof(struct attr_batch), map_batch },
	{ "update batch", BPF_MAP_UPDATE_BATCH, sizeof(struct attr_batch), map_batch },
	{ "take", BPF_MAP_LOOKUP_AND_DELETE_ELEM, sizeof(struct attr_elem), map_lookup },
	{ "take a batch", BPF_MAP_LOOKUP_AND_DELETE_BATCH, sizeof(struct attr_batch), map_batch },
	{ "delete batch", BPF_MAP_DELETE_BATCH, sizeof(struct attr_batch), map_batch },
	{ "delete", BPF_MAP_DELETE_ELEM, sizeof(struct attr_elem), map_key },
	{ "load", BPF_PROG_LOAD, 152, load },
	{ "load with a log", BPF_PROG_LOAD, 152, load_log },
	{ "load with BTF", BPF_PROG_LOAD, 152, load_btf },
	{ "load of an attach type", BPF_PROG_LOAD, 152, load_sock },
	{ "BTF load", BPF_BTF_LOAD, sizeof(struct attr_btf_load), btf_load },
	{ "BTF load with a log", BPF_BTF_LOAD, sizeof(struct attr_btf_load), btf_log },
	{ "pin", BPF_OBJ_PIN, sizeof(struct attr_obj), obj_pin },
	{ "pin at a directory", BPF_OBJ_PIN, sizeof(struct attr_obj), obj_pin_dir },
	{ "get", BPF_OBJ_GET, sizeof(struct attr_obj), obj_get },
	{ "get a directory", BPF_OBJ_GET, sizeof(struct attr_obj), obj_get_dir },
	{ "get another file", BPF_OBJ_GET, sizeof(struct attr_obj), obj_get_tmp },
	{ "get nothing", BPF_OBJ_GET, sizeof(struct attr_obj), obj_get_none },
	{ "info of a map", BPF_OBJ_GET_INFO_BY_FD, sizeof(struct attr_info), info_map },
	{ "info of a program", BPF_OBJ_GET_INFO_BY_FD, sizeof(struct attr_info), info_prog },
	{ "info of BTF", BPF_OBJ_GET_INFO_BY_FD, sizeof(struct attr_info), info_btf },
	{ "info of a link", BPF_OBJ_GET_INFO_BY_FD, sizeof(struct attr_info), info_link },
	{ "program by id", BPF_PROG_GET_FD_BY_ID, sizeof(struct attr_id), id_none },
	{ "map by id", BPF_MAP_GET_FD_BY_ID, sizeof(struct attr_id), id_none },
	{ "BTF by id", BPF_BTF_GET_FD_BY_ID, sizeof(struct attr_id), id_none },
	{ "link by id", BPF_LINK_GET_FD_BY_ID, sizeof(struct attr_id), id_none },
	{ "next program", BPF_PROG_GET_NEXT_ID, sizeof(struct attr_id), id_none },
	{ "next map", BPF_MAP_GET_NEXT_ID, sizeof(struct attr_id), id_last },
	{ "next BTF", BPF_BTF_GET_NEXT_ID, sizeof(struct attr_id), id_huge },
	{ "next link", BPF_LINK_GET_NEXT_ID, sizeof(struct attr_id), id_none },
	{ "link of a netns", BPF_LINK_CREATE, 16, link_net },
	{ "link of another type", BPF_LINK_CREATE, 32, link_nf },
	{ "link update", BPF_LINK_UPDATE, sizeof(struct attr_link_update), link_update },
	{ "detach what is no link", BPF_LINK_DETACH, sizeof(struct attr_link_detach),
	  link_detach_other },
	{ "iterate what is no iterator", BPF_ITER_CREATE, sizeof(struct attr_iter_create), iter },
	{ "raw tracepoint", BPF_RAW_TRACEPOINT_OPEN, sizeof(struct attr_raw_tracepoint), raw_tp },
	{ "statistics", BPF_ENABLE_STATS, sizeof(struct attr_enable_stats), stats },
	{ "bind", BPF_PROG_BIND_MAP, sizeof(struct attr_bind_map), bind },
	{ "test run", BPF_PROG_TEST_RUN, sizeof(struct attr_test_run), test_run },
	{ "query", BPF_PROG_QUERY, sizeof(struct attr_query), query },
	{ "attach", BPF_PROG_ATTACH, sizeof(struct attr_prog_attach), attach },
	{ "detach", BPF_PROG_DETACH, sizeof(struct attr_prog_attach), detach },
	{ "query a task's descriptor", BPF_TASK_FD_QUERY, sizeof(struct attr_task_fd_query),
	  task_fd },
	{ "freeze", BPF_MAP_FREEZE, sizeof(struct attr_freeze), map_freeze },
	{ "lookup", BPF_MAP_LOOKUP_ELEM, sizeof(struct attr_elem), map_lookup },
	{ "unknown", 60, 16, map_lookup },
	{ "token", 36, 16, id_none },
};

/* What a word of the attributes is replaced by; from VALUES on: an object's descriptor. */
static const uint32_t values[] = { 0,	1,    2,       3,	   8,	       16,
				   255, 4096, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff };
enum { FD_HASH = countof(values), FD_XDP, FD_BTF, FD_LINK, FD_NETNS, FD_CLOSED, NR_VALUES };

static uint32_t value_of(const struct side *s, unsigned int v)
{
	switch (v) {
	case FD_HASH:
		return (uint32_t)s->hash;
	case FD_XDP:
		return (uint32_t)s->xdp;
	case FD_BTF:
		return (uint32_t)s->btf;
	case FD_LINK:
		return (uint32_t)s->link;
	case FD_NETNS:
		return (uint32_t)s->netns;
	case FD_CLOSED:
		return 900;
	default:
		return values[v];
	}
}

/* The answer without what numbers may differ in: 0 for all that is no error. */
static long answer(const struct side *s, const struct base *b, int word, unsigned int v,
		   size_t size)
{
	_Alignas(8) uint8_t attr[512] = { 0 };
	uint32_t w = value_of(s, v);
	long r;

	memset(room, 0, sizeof(room));
	b->fill(s, attr);
	if (word >= 0)
		memcpy(attr + 4 * word, &w, 4);
	r = call(s, b->cmd, attr, size);
	if (r > 2)
		close((int)r);
	return r < 0 ? r : 0;
}

/* Words that the mock knows and the kernel answers by the machine, each with its reason. */
static bool is_machine(const struct base *b, int word, unsigned int v)
{
	switch (b->cmd) {
	case BPF_MAP_CREATE:
		/* Which devices there are; a map for one program, which came with 6.18. */
		return word == 11 || word >= 18;
	case BPF_PROG_LOAD:
		/* Types a policy of the machine forbids or that it is not built with; signatures.
		 */
		return word == 0 || word == 17 || word == 26 || word == 27 || word == 36 || v == 99;
	case BPF_PROG_TEST_RUN:
		/* Runs that take for ever; more memory than there may be. */
		return word == 8 || (word == 2 && v == countof(values) - 1);
	case BPF_TASK_FD_QUERY:
		return word == 0; /* what other processes there are */
	case BPF_PROG_GET_NEXT_ID:
	case BPF_MAP_GET_NEXT_ID:
	case BPF_BTF_GET_NEXT_ID:
	case BPF_LINK_GET_NEXT_ID:
	case BPF_PROG_GET_FD_BY_ID:
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_BTF_GET_FD_BY_ID:
	case BPF_LINK_GET_FD_BY_ID:
		return word == 0; /* which ids there are */
	default:
		return false;
	}
}

/*
 * Whether byte `at` of the attributes is where the upper half of an address begins.  With another
 * one, or cut off there, it is the address of something else: of the sanitizer's shadow, say, which
 * the two sides would read and write in turn.
 */
static bool halves_an_address(const struct side *s, const struct base *b, size_t at)
{
	_Alignas(8) uint8_t attr[512] = { 0 };
	uint32_t upper;

	b->fill(s, attr);
	memcpy(&upper, attr + at, 4);
	return at % 8 == 4 && upper >= 0x1000 && upper < 0x10000;
}

/* All the answers of one side, in order. */
struct answers {
	long v[80000];
	size_t n;
};
typedef void each_fn(const struct side *s, struct answers *a, const struct answers *other);

/* With `other` given, says where they differ. */
static void take(const struct side *s, struct answers *a, const struct answers *other,
		 const struct base *b, int word, unsigned int v, size_t size)
{
	long got;

	if (word >= 0 && is_machine(b, word, v))
		return;
	if (halves_an_address(s, b, word >= 0 ? (size_t)word * 4 : size))
		return;
	got = answer(s, b, word, v, size);
	if (other && other->v[a->n] != got)
		FAIL("%s, word %d = %u, size %zu: the mock says %ld, the kernel %ld", b->name, word,
		     value_of(s, v), size, got, other->v[a->n]);
	a->v[a->n++] = got;
}

static void all_words(const struct side *s, struct answers *a, const struct answers *other)
{
	for (size_t i = 0; i < countof(bases); i++) {
		take(s, a, other, &bases[i], -1, 0, bases[i].size);
		for (int w = 0; w < (int)(bases[i].size + 8) / 4; w++)
			for (unsigned int v = 0; v < NR_VALUES; v++)
				take(s, a, other, &bases[i], w, v, bases[i].size + 8);
	}
}

static void all_sizes(const struct side *s, struct answers *a, const struct answers *other)
{
	for (size_t i = 0; i < countof(bases); i++)
		for (size_t n = 0; n < 300; n += n < 160 ? 4 : 1)
			take(s, a, other, &bases[i], -1, 0, n);
}

/* Where an attribute is cut off, a descriptor is 0: the same file on any machine. */
static void standard_input_is_no_object(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd > 0) {
		dup2(fd, 0);
		close(fd);
	}
}

static void with_both(each_fn *fn)
{
	struct answers *theirs = calloc(1, sizeof(*theirs)), *ours = calloc(1, sizeof(*ours));
	struct side mock = new_mock(), kernel = { .k = NULL };
	const char *dir = make_bpffs();

	CHECK(dir && theirs && ours);
	standard_input_is_no_object();
	make_all(&kernel, dir ? dir : "");
	fn(&kernel, theirs, NULL);
	close_all(&kernel);
	unlink(kernel.pin);
	if (dir)
		make_bpffs_away(dir);
	make_all(&mock, "/sys/fs/bpf");
	fn(&mock, ours, theirs);
	close_all(&mock);
	kern_free(mock.k);
	free(theirs);
	free(ours);
}

static void test_words(void)
{
	NEED_KERNEL();
	if (unshare(CLONE_NEWNET))
		SKIP("needs a network namespace");
	with_both(all_words);
}

static void test_sizes(void)
{
	NEED_KERNEL();
	if (unshare(CLONE_NEWNET))
		SKIP("needs a network namespace");
	with_both(all_sizes);
}

static const struct test tests[] = {
	{ "an object lives as long as a descriptor of it", test_life },
	{ "pins keep objects, in directories", test_pins },
	{ "an array can be mapped", test_mmap },
	{ "a descriptor for reading does not write", test_rights },
	{ "a program runs", test_prog_run },
	{ "what only holds itself goes", test_cycle },
	{ "every word of every command: the kernel says the same", test_words },
	{ "and of every length", test_sizes },
};

TEST_MAIN(tests)
