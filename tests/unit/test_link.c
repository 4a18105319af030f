// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Links of every type that can be made here, and what is read back from them. */
#include "core/link.h"

#include <linux/perf_event.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <bpf/libbpf.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/ksyms.h"
#include "core/obj.h"
#include "kern.h"
#include "uapi/names.h"

static void read_back(int fd, struct link_info *i, const char *target)
{
	auto_buf struct buf text = {};
	struct err e = {};

	if (fd < 0) {
		FAIL("no link: %s", err_text(-fd));
		return;
	}
	CHECK_INT(link_info_read(fd, i, &e), 0);
	CHECK_INT(i->id, obj_id(OBJ_LINK, fd));
	CHECK(i->prog_id);
	link_target(i, &text);
	if (target)
		CHECK_STR(buf_str(&text), target);
}

static int create(int prog, uint32_t target, uint32_t attach_type)
{
	struct attr_link_create a = {
		.prog_fd = (uint32_t)prog,
		.target = target,
		.attach_type = attach_type,
	};

	return sys_bpf(BPF_LINK_CREATE, &a, sizeof(a));
}

static void raw_tracepoint(void)
{
	auto_link_info struct link_info i = {};
	auto_fd int prog = -1, link = -1;

	NEED_KERNEL();
	prog = make_prog(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, NULL);
	link = sys_bpf(BPF_RAW_TRACEPOINT_OPEN,
		       &(struct attr_raw_tracepoint){ .name = attr_ptr("sched_process_exit"),
						      .prog_fd = (uint32_t)prog,
						      .cookie = 77 },
		       sizeof(struct attr_raw_tracepoint));
	read_back(link, &i, "tracepoint sched_process_exit");
	CHECK_INT(i.type, UAPI_LINK_raw_tracepoint);
	CHECK_INT(i.prog_id, obj_id(OBJ_PROG, prog));
	CHECK_STR(i.name, "sched_process_exit");
	CHECK_INT(i.cookie, 77);
}

static void devices(void)
{
	auto_link_info struct link_info x = {}, t = {};
	auto_fd int xdp = -1, tcx = -1, xdp_link = -1, tcx_link = -1, other = -1;
	struct err e = {};
	uint32_t veth;

	if (!enter_netns())
		SKIP("needs network namespaces and ip(8)");
	veth = if_nametoindex("veth0");
	xdp = make_prog(BPF_PROG_TYPE_XDP, 0, XDP_PASS, NULL);
	other = make_prog(BPF_PROG_TYPE_XDP, 0, XDP_PASS, NULL);
	tcx = make_prog(BPF_PROG_TYPE_SCHED_CLS, 0, -1, NULL);
	xdp_link = create(xdp, veth, UAPI_ATTACH_xdp);
	tcx_link = create(tcx, veth, UAPI_ATTACH_tcx_ingress);
	read_back(xdp_link, &x, "device veth0");
	CHECK_STR(x.devname, "veth0");
	CHECK_INT(x.ifindex, veth);
	read_back(tcx_link, &t, "device veth0");
	CHECK_INT(t.attach_type, UAPI_ATTACH_tcx_ingress);
	link_info_free(&x);

	CHECK_INT(link_update(xdp_link, other, xdp, &e), 0);
	CHECK_INT(link_update(xdp_link, other, xdp, &e), -EPERM);
	CHECK(strstr(e.hint, "another program than the expected one"));
	CHECK_INT(link_update(xdp_link, tcx, -1, &e), -EINVAL);
	CHECK_INT(link_detach(xdp_link, &e), 0);
	read_back(xdp_link, &x, "a device that is gone");
	CHECK_INT(x.ifindex, 0);
}

static void networks(void)
{
	auto_link_info struct link_info n = {}, f = {};
	auto_fd int lookup = -1, filter = -1, ns = -1, ns_link = -1, filter_link = -1;
	struct attr_link_create a = { .attach_type = UAPI_ATTACH_netfilter };
	struct stat st;

	if (!enter_netns())
		SKIP("needs network namespaces and ip(8)");
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	fstat(ns, &st);
	lookup = make_prog(BPF_PROG_TYPE_SK_LOOKUP, UAPI_ATTACH_sk_lookup, 1, NULL);
	ns_link = create(lookup, (uint32_t)ns, UAPI_ATTACH_sk_lookup);
	read_back(ns_link, &n, NULL);
	CHECK_INT(n.netns_ino, st.st_ino);
	CHECK_INT(n.attach_type, UAPI_ATTACH_sk_lookup);

	filter = make_prog(UAPI_PROG_netfilter, UAPI_ATTACH_netfilter, 1, NULL);
	a.prog_fd = (uint32_t)filter;
	a.netfilter.pf = 2;
	a.netfilter.hooknum = 1;
	a.netfilter.priority = -7;
	filter_link = sys_bpf(BPF_LINK_CREATE, &a, sizeof(a));
	read_back(filter_link, &f, "netfilter ipv4 input priority -7");
	CHECK_INT(f.priority, -7);
}

static void cgroup(void)
{
	auto_link_info struct link_info i = {};
	auto_fd int prog = -1, dir = -1, link = -1;
	struct stat st;
	const char *path;

	NEED_KERNEL();
	path = make_cgroup();
	if (!path)
		SKIP("no cgroup2 mount");
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fstat(dir, &st);
	prog = make_prog(BPF_PROG_TYPE_CGROUP_SKB, UAPI_ATTACH_cgroup_inet_egress, 1, NULL);
	link = create(prog, (uint32_t)dir, UAPI_ATTACH_cgroup_inet_egress);
	read_back(link, &i, NULL);
	CHECK_INT(i.cgroup_id, st.st_ino);
	CHECK_INT(i.attach_type, UAPI_ATTACH_cgroup_inet_egress);
	closep(&link);
	rmdir(path);
}

/* A perf event, and a program attached to it by link. */
static int perf_link(struct perf_event_attr *pe, int *prog, uint32_t type, uint64_t cookie)
{
	auto_fd int event = -1;
	struct attr_link_create a = { .attach_type = UAPI_ATTACH_perf_event,
				      .perf_cookie = cookie };

	*prog = make_prog(type, 0, 0, NULL);
	pe->size = sizeof(*pe);
	event = sys_perf_event_open(pe, getpid(), -1, -1, PERF_FLAG_FD_CLOEXEC);
	a.prog_fd = (uint32_t)*prog;
	a.target = (uint32_t)event;
	return event < 0 ? event : sys_bpf(BPF_LINK_CREATE, &a, sizeof(a));
}

static int number_in(const char *path)
{
	char text[64];

	return sys_read_file(path, text, sizeof(text)) > 0 ? (int)strtol(text, NULL, 10) : -1;
}

__attribute__((noinline)) static void probed(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) static void probed_too(void)
{
	__asm__ volatile("nop");
}

/* Where in the file of this program a function is. */
static uint64_t offset_of(void (*fn)(void))
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long from, to, off, at = (unsigned long)(uintptr_t)fn, found = 0;
	char line[512];

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &off) == 3 && at >= from && at < to)
			found = at - from + off;
	if (f)
		fclose(f);
	return found;
}

static void perf_events(void)
{
	auto_link_info struct link_info s = {}, t = {}, u = {};
	auto_fd int p1 = -1, p2 = -1, p3 = -1, l1 = -1, l2 = -1, l3 = -1;
	struct perf_event_attr sw = { .type = PERF_TYPE_SOFTWARE,
				      .config = PERF_COUNT_SW_CONTEXT_SWITCHES,
				      .sample_freq = 1,
				      .freq = 1 };
	struct perf_event_attr tp = { .type = PERF_TYPE_TRACEPOINT };
	struct perf_event_attr up = { .config = 0 };
	struct err e = {};
	int id;

	NEED_KERNEL();
	l1 = perf_link(&sw, &p1, BPF_PROG_TYPE_PERF_EVENT, 5);
	read_back(l1, &s, "software event context-switches");
	CHECK_INT(s.cookie, 5);
	CHECK_INT(s.perf, LINK_PERF_EVENT);
	CHECK_INT(link_detach(l1, &e), -EOPNOTSUPP);
	CHECK(strstr(e.what, "a link of type perf_event cannot be detached by force"));

	id = number_in("/sys/kernel/tracing/events/sched/sched_process_exit/id");
	if (id < 0)
		id = number_in("/sys/kernel/debug/tracing/events/sched/sched_process_exit/id");
	if (id >= 0) {
		tp.config = (uint64_t)id;
		l2 = perf_link(&tp, &p2, BPF_PROG_TYPE_TRACEPOINT, 6);
		read_back(l2, &t, "tracepoint sched_process_exit");
		CHECK_INT(t.cookie, 6);
	}

	id = number_in("/sys/bus/event_source/devices/uprobe/type");
	if (id < 0)
		SKIP("no uprobes");
	up.type = (uint32_t)id;
	up.uprobe_path = attr_ptr("/proc/self/exe");
	up.probe_offset = offset_of(probed);
	l3 = perf_link(&up, &p3, BPF_PROG_TYPE_KPROBE, 7);
	read_back(l3, &u, NULL);
	CHECK_INT(u.perf, LINK_PERF_UPROBE);
	CHECK_INT(u.offset, offset_of(probed));
	CHECK_INT(u.cookie, 7);
	CHECK_STR(u.name, "/proc/self/exe");
}

static void uprobe_multi(void)
{
	auto_link_info struct link_info i = {};
	auto_fd int prog = -1, link = -1;
	uint64_t offsets[] = { offset_of(probed), offset_of(probed_too) }, cookies[] = { 11, 12 };
	struct attr_link_create a = { .attach_type = UAPI_ATTACH_trace_uprobe_multi };

	NEED_KERNEL();
	prog = make_prog(BPF_PROG_TYPE_KPROBE, UAPI_ATTACH_trace_uprobe_multi, 0, NULL);
	a.prog_fd = (uint32_t)prog;
	a.uprobe_multi.path = attr_ptr("/proc/self/exe");
	a.uprobe_multi.offsets = attr_ptr(offsets);
	a.uprobe_multi.cookies = attr_ptr(cookies);
	a.uprobe_multi.cnt = 2;
	a.uprobe_multi.flags = UAPI_UPROBE_MULTI_RETURN;
	a.uprobe_multi.pid = (uint32_t)getpid();
	link = sys_bpf(BPF_LINK_CREATE, &a, sizeof(a));
	if (link == -EINVAL || link == -EOPNOTSUPP)
		SKIP("no uprobe_multi links");
	read_back(link, &i, NULL);
	CHECK_INT(i.nr_funcs, 2);
	if (i.nr_funcs != 2)
		return;
	CHECK(i.retprobe);
	CHECK_INT(i.pid, getpid());
	CHECK_INT(i.funcs[1].addr, offsets[1]);
	CHECK_INT(i.funcs[1].cookie, 12);
	CHECK(i.name && strstr(i.name, "test_link"));
}

static int iter_link(int prog, int map)
{
	uint32_t fd = (uint32_t)map;
	struct attr_link_create a = { .prog_fd = (uint32_t)prog,
				      .attach_type = UAPI_ATTACH_trace_iter };

	if (map >= 0) {
		a.iter.info = attr_ptr(&fd);
		a.iter.info_len = sizeof(fd);
	}
	return sys_bpf(BPF_LINK_CREATE, &a, sizeof(a));
}

static void from_an_object(void)
{
	auto_link_info struct link_info t = {}, m = {}, b = {};
	auto_fd int tasks = -1, entries = -1, typed = -1;
	const char *path = bpf_object_path("iter");
	struct bpf_object *o = path ? bpf_object__open(path) : NULL;
	int map;

	NEED_KERNEL();
	if (!o)
		SKIP("needs clang");
	CHECK_INT(bpf_object__load(o), 0);
	map = bpf_object__find_map_fd_by_name(o, "table");
	tasks = iter_link(bpf_program__fd(bpf_object__find_program_by_name(o, "tasks")), -1);
	read_back(tasks, &t, "iterator task");
	entries = iter_link(bpf_program__fd(bpf_object__find_program_by_name(o, "entries")), map);
	read_back(entries, &m, "iterator bpf_map_elem");
	CHECK_INT(m.map_id, obj_id(OBJ_MAP, map));
	typed = sys_bpf(BPF_RAW_TRACEPOINT_OPEN,
			&(struct attr_raw_tracepoint){
				.prog_fd = (uint32_t)bpf_program__fd(
					bpf_object__find_program_by_name(o, "typed")) },
			sizeof(struct attr_raw_tracepoint));
	read_back(typed, &b, NULL);
	CHECK(b.type == UAPI_LINK_tracing || b.type == UAPI_LINK_raw_tracepoint);
	bpf_object__close(o);
}

struct count {
	uint32_t id;
	int found;
};

static int count_one(const struct link_info *i, int fd, void *arg)
{
	struct count *c = arg;

	c->found += i->id == c->id && obj_kind_of(fd) == OBJ_LINK;
	return 0;
}

static void all_links_are_visited(void)
{
	auto_fd int prog = -1, link = -1;
	struct count c = {};
	struct err e = {};

	NEED_KERNEL();
	prog = make_prog(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, NULL);
	link = sys_bpf(BPF_RAW_TRACEPOINT_OPEN,
		       &(struct attr_raw_tracepoint){ .name = attr_ptr("sched_process_exit"),
						      .prog_fd = (uint32_t)prog },
		       sizeof(struct attr_raw_tracepoint));
	c.id = obj_id(OBJ_LINK, link);
	CHECK_INT(link_each(count_one, &c, &e), 0);
	CHECK_INT(c.found, 1);
	CHECK(link_info_read(-1, &(struct link_info){}, &e) < 0);
}

static void kernel_symbols(void)
{
	auto_ksyms struct ksyms *k = NULL;
	const struct ksym *s;
	struct err e = {};

	NEED_KERNEL();
	k = ksyms_read(&e);
	if (!k) {
		CHECK_INT(e.class, ERR_DENIED);
		SKIP("the kernel hides its symbols");
	}
	CHECK(!ksyms_at(k, 0) || ksyms_at(k, 0)->addr == 0);
	s = ksyms_at(k, UINT64_MAX);
	CHECK(s && s->name[0]);
	CHECK(s && ksyms_at(k, s->addr)->addr == s->addr);
}

static void names(void)
{
	char buf[64];

	CHECK_STR(link_perf_config(PERF_TYPE_HARDWARE, 1, buf), "instructions");
	CHECK_STR(link_perf_config(PERF_TYPE_HW_CACHE, 2 | 1 << 16, buf), "LLC-load-misses");
	CHECK_STR(link_perf_config(PERF_TYPE_HW_CACHE, 99 | 1 << 16, buf), "99-load-misses");
	CHECK(!link_perf_config(PERF_TYPE_RAW, 1, buf));
	CHECK(!link_perf_type(99));
	CHECK_STR(link_iter_order(2), "descendants_pre");
	CHECK_STR(link_nf_hook(10, 4), "postrouting");
	CHECK(!link_nf_hook(10, 9));
}

static const struct test tests[] = {
	{ "raw tracepoint", raw_tracepoint },
	{ "perf events: software, tracepoint, uprobe", perf_events },
	{ "uprobe_multi", uprobe_multi },
	{ "iterators and typed tracepoints", from_an_object },
	{ "cgroup", cgroup },
	{ "all links are visited", all_links_are_visited },
	{ "kernel symbols", kernel_symbols },
	{ "names of numbers", names },
	/* These go into network namespaces of their own. */
	{ "devices: xdp and tcx, update, detach", devices },
	{ "networks: sk_lookup and netfilter", networks },
};
TEST_MAIN(tests)
