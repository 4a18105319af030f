// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attaching, tracepoints and devices, in namespaces of their own. */
#include "core/attach.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "core/err.h"
#include "core/link.h"
#include "core/map.h"
#include "core/net.h"
#include "core/netns.h"
#include "core/obj.h"
#include "core/object.h"
#include "core/pin.h"
#include "core/tracefs.h"
#include "kern.h"
#include "uapi/names.h"

/* attach.bpf.c with all that is to be loaded, counting for this process. */
static struct object *load(const char *extra, struct err *e)
{
	const char *path = bpf_object_path("attach");
	struct object_opts opts = {};
	auto_object struct object *o = path ? object_open_file(path, &opts, e) : NULL;
	char set[32];

	if (!o)
		return NULL;
	snprintf(set, sizeof(set), "only=%d", getpid());
	if (extra)
		object_set_autoload(o, (size_t)object_find_prog(o, extra, e), true, e);
	if (object_set(o, set, e) || object_load(o, e)) {
		FAIL("%s (%s)", e->what, e->hint);
		return NULL;
	}
	return take_ptr(o);
}

#define NEED_LOADED(o, extra)                                                                      \
	auto_object struct object *o = NULL;                                                       \
	struct err e = {};                                                                         \
	NEED_KERNEL();                                                                             \
	if (!bpf_object_path("attach"))                                                            \
		SKIP("needs clang");                                                               \
	(o) = load(extra, &e);                                                                     \
	if (!(o))                                                                                  \
	return

static uint64_t runs(const struct object *o, uint32_t slot)
{
	struct err e = {};
	struct object_map om;
	auto_map struct map m = MAP_INIT;
	uint64_t n = 0;

	object_map(o, (size_t)object_find_map(o, "runs", &e), &om);
	if (map_open(&m, dup(om.fd), &e) || map_lookup(&m, &slot, &n, 0, &e))
		FAIL("%s", e.what);
	return n;
}

static int attach(struct object *o, const char *name, const struct attach_opts *opts,
		  struct attachment *a, struct err *e)
{
	return attach_object_prog(o, (size_t)object_find_prog(o, name, e), opts, a, e);
}

__attribute__((noinline)) void called_by_the_test(void);
void called_by_the_test(void)
{
	__asm__ volatile("");
}

static void by_section(void)
{
	auto_attachment struct attachment tp = ATTACHMENT_INIT, raw = ATTACHMENT_INIT,
					  typed = ATTACHMENT_INIT, user = ATTACHMENT_INIT,
					  none = ATTACHMENT_INIT;
	struct attach_opts opts = {};

	NEED_LOADED(o, NULL);
	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		SKIP("needs mount namespaces");
	if (attach(o, "tp", &opts, &tp, &e) != 1)
		FAIL("%s (%s)", e.what, e.hint);
	CHECK_STR(tp.target, "tracepoint syscalls/sys_enter_getpgid");
	CHECK(tp.is_link && tp.kind && strcmp(tp.kind->name, "tracepoint") == 0);
	CHECK_INT(attach(o, "raw", &opts, &raw, &e), 1);
	CHECK_INT(attach(o, "typed", &opts, &typed, &e), 1);
	if (attach(o, "user", &opts, &user, &e) != 1)
		FAIL("%s (%s)", e.what, e.hint);
	CHECK_INT(attach(o, "on_request", &opts, &none, &e), 0);
	CHECK_INT(none.fd, -1);
	for (int i = 0; i < 3; i++)
		getpgid(0);
	called_by_the_test();
	CHECK_INT(runs(o, 0), 3);
	CHECK(runs(o, 1) >= 3);
	CHECK(runs(o, 2) >= 3);
	CHECK_INT(runs(o, 3), 1);
	/* Closing detaches. */
	attachment_close(&tp);
	attachment_close(&user);
	getpgid(0);
	called_by_the_test();
	CHECK_INT(runs(o, 0), 3);
	CHECK_INT(runs(o, 3), 1);
}

static void a_pinned_link_stays(void)
{
	auto_attachment struct attachment a = ATTACHMENT_INIT, u = ATTACHMENT_INIT;
	struct attach_opts opts = { .cookie = 77 };
	auto_link_info struct link_info i = {};
	auto_fd int again = -1;
	enum obj_kind kind = OBJ_LINK;
	char path[128], user[128];
	const char *dir;

	NEED_LOADED(o, NULL);
	dir = make_bpffs();
	snprintf(path, sizeof(path), "%s/link", dir);
	snprintf(user, sizeof(user), "%s/user", dir);
	CHECK_INT(attach(o, "tp", &opts, &a, &e), 1);
	CHECK_INT(attachment_pin(&a, path, true, &e), 0);
	CHECK_INT(attach(o, "user", &opts, &u, &e), 1);
	CHECK_INT(attachment_pin(&u, user, true, &e), 0);
	attachment_close(&a);
	attachment_close(&u);
	getpgid(0);
	called_by_the_test();
	CHECK_INT(runs(o, 0), 1);
	CHECK_INT(runs(o, 3), 1);
	again = obj_open_pin(path, &kind, &e);
	CHECK_INT(link_info_read(again, &i, &e), 0);
	CHECK_INT(i.cookie, 77);
	closep(&again);
	CHECK_INT(pin_remove(path, OBJ_LINK, &e), 0);
	CHECK_INT(pin_remove(user, OBJ_LINK, &e), 0);
	getpgid(0);
	CHECK_INT(runs(o, 0), 1);
	make_bpffs_away(dir);
}

static void one_process_alone(void)
{
	auto_attachment struct attachment here = ATTACHMENT_INIT, other = ATTACHMENT_INIT;
	struct attach_opts opts = { .pid = 1 };

	NEED_LOADED(o, NULL);
	CHECK_INT(attach(o, "user", &opts, &other, &e), 1);
	called_by_the_test();
	CHECK_INT(runs(o, 3), 0);
	opts.pid = (uint32_t)getpid();
	CHECK_INT(attach(o, "user", &opts, &here, &e), 1);
	called_by_the_test();
	CHECK_INT(runs(o, 3), 1);
}

/* A kernel before 5.15, which has no links for perf events. */
static long no_perf_links(struct sys_backend *self, long nr, const unsigned long args[6])
{
	if (nr == SYS_bpf && args[0] == BPF_LINK_CREATE) {
		errno = EINVAL;
		return -1;
	}
	return sys_next(self, nr, args);
}

static void on_old_kernels(void)
{
	auto_attachment struct attachment a = ATTACHMENT_INIT, b = ATTACHMENT_INIT;
	struct sys_backend old = { .call = no_perf_links };
	struct attach_opts opts = {};

	NEED_LOADED(o, NULL);
	sys_push(&old);
	if (attach(o, "tp", &opts, &a, &e) != 1)
		FAIL("%s (%s)", e.what, e.hint);
	opts.cookie = 1;
	CHECK(attach(o, "tp", &opts, &b, &e) < 0);
	CHECK(strstr(e.what, "this kernel has no cookies for tracepoints (Linux 5.15 has)"));
	sys_pop(&old);
	CHECK(a.fd >= 0 && !a.is_link);
	getpgid(0);
	CHECK_INT(runs(o, 0), 1);
	CHECK(attachment_pin(&a, "/nonexistent/x", true, &e) < 0);
	CHECK(strstr(e.what, "it cannot be pinned"));
	attachment_close(&a);
	getpgid(0);
	CHECK_INT(runs(o, 0), 1);
}

static void what_cannot_be_attached(void)
{
	auto_attachment struct attachment a = ATTACHMENT_INIT;
	struct attach_opts opts = {};
	auto_fd int xdp = -1;

	NEED_LOADED(o, "misspelled");
	CHECK(attach(o, "misspelled", &opts, &a, &e) < 0);
	CHECK_INT(e.class, ERR_ABSENT);
	CHECK(strstr(e.what, "there is no tracepoint syscalls/sys_enter_getpgit"));
	CHECK_STR(e.hint, "did you mean 'syscalls/sys_enter_getpgid'?");
	CHECK(attach(o, "packets", &opts, &a, &e) < 0);
	CHECK_INT(e.class, ERR_USAGE);
	CHECK_STR(e.hint, "say the network device: --dev DEV");
	xdp = make_prog(BPF_PROG_TYPE_XDP, 0, 2, NULL);
	CHECK(attach_prog(attach_kind("tracepoint", &e), xdp, "sched/sched_switch", &opts, &a, &e) <
	      0);
	CHECK(strstr(e.what, "is of type xdp, and tracepoint takes tracepoint"));
	CHECK(!attach_kind("tracepiont", &e));
	CHECK_STR(e.hint, "did you mean 'tracepoint'?");
	CHECK(attach_kind_for(UAPI_PROG_xdp, UAPI_ATTACH_xdp));
	CHECK(!attach_kind_for(UAPI_PROG_xdp, UAPI_ATTACH_xdp_devmap));
	CHECK(!attach_kind_for(UAPI_PROG_kprobe, 0));
}

static void what_the_kernel_lacks(void)
{
	auto_attachment struct attachment a = ATTACHMENT_INIT;
	struct attach_opts opts = {};

	NEED_LOADED(o, "nowhere");
	CHECK(attach(o, "nowhere", &opts, &a, &e) < 0);
	CHECK_INT(e.class, ERR_ABSENT);
	CHECK(strstr(e.what, "cannot attach nowhere (kprobe/no_such_function_anywhere)"));
	if (access("/sys/bus/event_source/devices/kprobe", F_OK))
		CHECK_STR(e.hint, "this kernel has no kprobes");
}

/* ---- tracepoints -------------------------------------------------------------------------- */

static void formats(void)
{
	auto_tp_format struct tp_format f = {}, none = {};
	const char *text = "name: sched_switch\nID: 372\nformat:\n"
			   "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
			   "\n"
			   "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
			   "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
			   "\tfield:__data_loc char[] name;\toffset:28;\tsize:4;\tsigned:0;\n"
			   "\tfield:const char * what;\toffset:32;\tsize:8;\tsigned:0;\n"
			   "\nprint fmt: \"field:nonsense\"\n";

	CHECK_INT(tp_format_parse(text, &f), 0);
	CHECK_INT(f.id, 372);
	CHECK_INT(f.nr_fields, 5);
	CHECK(f.fields[0].is_common && !f.fields[1].is_common);
	CHECK_STR(f.fields[1].name, "prev_comm");
	CHECK_STR(f.fields[1].type, "char");
	CHECK_INT(f.fields[1].count, 16);
	CHECK_STR(f.fields[2].type, "pid_t");
	CHECK(f.fields[2].is_signed && f.fields[2].offset == 24 && f.fields[2].size == 4);
	CHECK(f.fields[3].is_dynamic);
	CHECK_STR(f.fields[3].name, "name");
	CHECK_STR(f.fields[4].name, "what");
	CHECK_STR(f.fields[4].type, "const char *");
	CHECK_INT(tp_format_parse("", &none), -EINVAL);
	CHECK_INT(tp_format_parse("ID: 1\n\tfield:x;\n", &none), -EINVAL);
	CHECK_INT(tp_format_parse("ID: 1\n\tfield:int x;\toffset:a;\n", &none), -EINVAL);
}

static int count_one(const char *group, const char *name, void *arg)
{
	*(int *)arg += strcmp(group, "sched") == 0 && strcmp(name, "sched_switch") == 0;
	return 0;
}

static void tracepoints_of_this_kernel(void)
{
	auto_tp_format struct tp_format f = {};
	struct err e = {};
	char path[256];
	int n = 0;

	NEED_KERNEL();
	if (tracefs_path(false, path, &e))
		SKIP("tracefs cannot be mounted");
	CHECK(tracepoint_id("sched", "sched_switch", true, &e) > 0);
	CHECK_INT(tracepoint_format("sched", "sched_switch", true, &f, &e), 0);
	CHECK(f.nr_fields > 5);
	CHECK_INT(tracepoint_id("sched", "sched_swich", true, &e), -ENOENT);
	CHECK_STR(e.hint, "did you mean 'sched/sched_switch'?");
	CHECK_INT(tracepoint_id("shced", "sched_switch", true, &e), -ENOENT);
	CHECK_STR(e.hint, "did you mean the group 'sched'?");
	CHECK(tracepoint_id("..", "x", true, &e) < 0);
	CHECK_INT(e.class, ERR_INPUT);
	CHECK_INT(tracepoint_each(true, count_one, &n, &e), 0);
	CHECK_INT(n, 1);
}

/* ---- devices ------------------------------------------------------------------------------ */

static void devices(void)
{
	auto_net struct net *n = NULL;
	auto_free struct net_dev *devs = NULL;
	struct net_dev dev;
	struct err e = {};
	char index[16];
	size_t nr;

	NEED_KERNEL();
	if (!enter_netns())
		SKIP("needs network namespaces and ip(8)");
	n = net_open(NULL, &e);
	CHECK_INT(net_devs(n, &devs, &nr, &e), 0);
	CHECK(nr >= 3);
	CHECK_STR(devs[0].name, "lo");
	CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
	CHECK_STR(dev.kind, "veth");
	CHECK(dev.mtu == 1500 && (dev.flags & 1));
	snprintf(index, sizeof(index), "%u", dev.ifindex);
	CHECK_INT(net_dev(n, index, &dev, &e), 0);
	CHECK_STR(dev.name, "veth0");
	CHECK_INT(net_dev(n, "veht0", &dev, &e), -ENOENT);
	CHECK_STR(e.hint, "did you mean 'veth0'?");
	CHECK(!net_open("/proc/self/comm", &e));
	CHECK(!net_open("nonexistent-name", &e));
	CHECK_STR(e.what, "there is no network namespace nonexistent-name");
}

static void xdp_without_links(void)
{
	struct xdp_change how = { .expected_fd = -1 };
	auto_fd int a = -1, b = -1;
	auto_net struct net *n = NULL;
	struct net_dev dev;
	struct err e = {};

	NEED_KERNEL();
	if (!enter_netns())
		SKIP("needs network namespaces and ip(8)");
	a = make_prog(BPF_PROG_TYPE_XDP, 0, XDP_PASS, NULL);
	b = make_prog(BPF_PROG_TYPE_XDP, 0, XDP_PASS, NULL);
	n = net_open(NULL, &e);
	CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
	CHECK_INT(net_xdp_detach(n, &dev, &how, &e), -ENOENT);
	CHECK_STR(e.what, "veth0 has no XDP program");
	CHECK_INT(net_xdp_attach(n, &dev, a, &how, &e), XDP_MODE_NATIVE);
	CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
	CHECK_INT(dev.xdp_mode, XDP_MODE_NATIVE);
	CHECK_INT(dev.xdp_id, obj_id(OBJ_PROG, a));

	CHECK(net_xdp_attach(n, &dev, b, &how, &e) < 0);
	CHECK(strstr(e.hint, "is attached in native mode; replace it"));
	how.mode = XDP_MODE_SKB;
	CHECK(net_xdp_attach(n, &dev, b, &how, &e) < 0);
	CHECK(strstr(e.hint, "is attached in native mode"));
	CHECK_INT(net_xdp_detach(n, &dev, &how, &e), -ENOENT);
	CHECK_STR(e.what, "veth0 has no XDP program in skb mode");
	CHECK_STR(e.hint, "it has one in native mode");
	how = (struct xdp_change){ .expected_fd = b };
	CHECK(net_xdp_attach(n, &dev, b, &how, &e) < 0);
	CHECK(strstr(e.hint, "another program than the expected one"));
	how.expected_fd = a;
	CHECK_INT(net_xdp_attach(n, &dev, b, &how, &e), XDP_MODE_NATIVE);
	how = (struct xdp_change){ .replace = true, .expected_fd = -1 };
	CHECK_INT(net_xdp_attach(n, &dev, a, &how, &e), XDP_MODE_NATIVE);
	how.replace = false;
	CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
	CHECK_INT(net_xdp_detach(n, &dev, &how, &e), 0);
	how.mode = XDP_MODE_HW;
	CHECK(net_xdp_attach(n, &dev, a, &how, &e) < 0);
	CHECK(e.what[0] && e.code);
	how.mode = XDP_MODE_SKB;
	CHECK_INT(net_xdp_attach(n, &dev, a, &how, &e), XDP_MODE_SKB);
	CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
	CHECK_INT(net_xdp_detach(n, &dev, &how, &e), 0);
}

/* One packet from veth1 to veth0. */
static void send_packet(void)
{
	auto_fd int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 all = { .sin6_family = AF_INET6,
				    .sin6_port = htons(9),
				    .sin6_scope_id = if_nametoindex("veth1") };

	all.sin6_addr.s6_addr[0] = 0xff;
	all.sin6_addr.s6_addr[1] = 0x02;
	all.sin6_addr.s6_addr[15] = 1;
	for (int i = 0; i < 50; i++) { /* until the address is no longer tentative */
		if (sendto(fd, "x", 1, 0, (struct sockaddr *)&all, sizeof(all)) == 1)
			return;
		usleep(100000);
	}
}

static void xdp_by_link(void)
{
	auto_attachment struct attachment a = ATTACHMENT_INIT, b = ATTACHMENT_INIT;
	struct attach_opts opts = { .dev = "veth0" };
	struct xdp_change how = { .expected_fd = -1 };
	auto_net struct net *n = NULL;
	struct net_dev dev;

	NEED_LOADED(o, NULL);
	if (!enter_netns())
		SKIP("needs network namespaces and ip(8)");
	if (attach(o, "packets", &opts, &a, &e) != 1)
		FAIL("%s (%s)", e.what, e.hint);
	CHECK_STR(a.target, "device veth0, native mode");
	send_packet();
	CHECK(runs(o, 4) >= 1);
	CHECK(attach(o, "packets", &opts, &b, &e) < 0);
	CHECK(strstr(e.hint, "is attached to it in native mode"));
	n = net_open(NULL, &e);
	CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
	CHECK(net_xdp_detach(n, &dev, &how, &e) < 0);
	CHECK(strstr(e.hint, "by link"));
	attachment_close(&a);
	opts.mode = XDP_MODE_SKB;
	CHECK_INT(attach(o, "packets", &opts, &a, &e), 1);
	CHECK_STR(a.target, "device veth0, skb mode");
	attachment_close(&a);
	opts.mode = XDP_MODE_HW;
	CHECK(attach(o, "packets", &opts, &a, &e) < 0);
	opts.dev = "nothing0";
	CHECK(attach(o, "packets", &opts, &a, &e) < 0);
	CHECK_INT(e.class, ERR_ABSENT);
}

static void in_another_namespace(void)
{
	auto_attachment struct attachment a = ATTACHMENT_INIT;
	struct attach_opts opts = { .dev = "veth0" };
	auto_net struct net *n = NULL;
	char path[64], here[64], there[64];
	ssize_t was, is;
	struct net_dev dev;
	int ready[2];
	char c = 0;
	pid_t pid;

	NEED_LOADED(o, NULL);
	CHECK_INT(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		c = enter_netns();
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(0);
	}
	CHECK_INT(read(ready[0], &c, 1), 1);
	if (c) {
		was = readlink("/proc/self/ns/net", here, sizeof(here));
		snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
		opts.netns = path;
		if (attach(o, "packets", &opts, &a, &e) != 1)
			FAIL("%s (%s)", e.what, e.hint);
		n = net_open(path, &e);
		CHECK_INT(net_dev(n, "veth0", &dev, &e), 0);
		CHECK_INT(dev.xdp_mode, XDP_MODE_NATIVE);
		/* This process is where it was. */
		is = readlink("/proc/self/ns/net", there, sizeof(there));
		CHECK(was == is && memcmp(here, there, (size_t)is) == 0);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	if (!c)
		SKIP("needs network namespaces and ip(8)");
}

static const struct test tests[] = {
	{ "by section: tracepoints, raw ones, typed ones, uprobes", by_section },
	{ "a pinned link stays", a_pinned_link_stays },
	{ "a uprobe in one process alone", one_process_alone },
	{ "tracepoints on kernels without links for them", on_old_kernels },
	{ "what cannot be attached", what_cannot_be_attached },
	{ "what the kernel lacks", what_the_kernel_lacks },
	{ "formats of tracepoints", formats },
	{ "tracepoints of this kernel", tracepoints_of_this_kernel },
	{ "xdp in another namespace", in_another_namespace },
	/* These go into network namespaces of their own. */
	{ "devices", devices },
	{ "xdp without links", xdp_without_links },
	{ "xdp by link", xdp_by_link },
};
TEST_MAIN(tests)
