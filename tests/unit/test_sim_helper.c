// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers and kernel functions in a world of their own: results, formats, what is held at exit. */
#include "sim/helper_priv.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"
#include "sim_both.h"

#define MAX 40

struct fixture {
	struct world w;
	struct buf printed;
};

static void printed(void *arg, const char *line, size_t len)
{
	struct fixture *f = arg;

	buf_add(&f->printed, line, len);
	buf_addc(&f->printed, '\n');
}

static void setup(struct fixture *f)
{
	*f = (struct fixture){};
	CHECK(world_init(&f->w));
	f->w.hooks.arg = f;
	f->w.hooks.printk = printed;
}

static void teardown(struct fixture *f)
{
	world_fini(&f->w);
	buf_free(&f->printed);
}

/* Runs a program of a type with a context of 64 bytes. */
static int run(struct fixture *f, uint32_t type, const struct insn *in, size_t n, uint64_t *ret,
	       struct vm_fault *fault)
{
	static uint8_t packet[256], ctx[64];
	struct run_prog how = { .data = packet, .len = 64, .room = 256, .ctx = ctx, .nr_args = 2 };
	auto_buf struct buf log = {};
	struct prog p;
	int err;

	if (type == BPF_PROG_TYPE_SYSCALL || type == BPF_PROG_TYPE_RAW_TRACEPOINT)
		how.ctx_size = sizeof(ctx);
	how.func_ip = 0x1234;
	how.cookie = 77;
	err = sim_prog_load(&f->w, &p, type, 0, in, n, &log);
	if (err)
		FAIL("the load check refuses: %s", buf_str(&log));
	else
		err = run_prog(&f->w, &p, &how, fault);
	*ret = how.retval;
	sim_prog_free(&p);
	return err;
}

static size_t length(const struct insn *in)
{
	size_t n = MAX;

	while (n && !in[n - 1].code)
		n--;
	return n;
}

static void results(void)
{
	static const struct {
		const char *name;
		uint32_t type;
		uint64_t ret;
		struct insn in[MAX];
	} cases[] = {
		{ "the clock moves by its step",
		  BPF_PROG_TYPE_KPROBE,
		  7,
		  { HELPER_CALL(UAPI_HELPER_ktime_get_ns), MOV_X(6, 0),
		    HELPER_CALL(UAPI_HELPER_ktime_get_ns), ALU_X(SUB, 0, 6), EXIT } },
		{ "pid and tgid",
		  BPF_PROG_TYPE_KPROBE,
		  UINT64_C(1000) << 32 | 1000,
		  { HELPER_CALL(UAPI_HELPER_get_current_pid_tgid), EXIT } },
		{ "comm, with zeros behind it",
		  BPF_PROG_TYPE_KPROBE,
		  0x6c746366706200 >> 8,
		  { MOV_X(1, 10), ALU_K(ADD, 1, -16), MOV_K(2, 16),
		    HELPER_CALL(UAPI_HELPER_get_current_comm), LDX(DW, 0, 10, -16), EXIT } },
		{ "comm, cut",
		  BPF_PROG_TYPE_KPROBE,
		  'b' | 'p' << 8 | 'f' << 16,
		  { MOV_X(1, 10), ALU_K(ADD, 1, -4), MOV_K(2, 4),
		    HELPER_CALL(UAPI_HELPER_get_current_comm), LDX(W, 0, 10, -4), EXIT } },
		{ "the attachment's cookie",
		  BPF_PROG_TYPE_KPROBE,
		  77,
		  { HELPER_CALL(UAPI_HELPER_get_attach_cookie), EXIT } },
		{ "the probed function",
		  BPF_PROG_TYPE_KPROBE,
		  0x1234,
		  { HELPER_CALL(UAPI_HELPER_get_func_ip), EXIT } },
		{ "what is nowhere cannot be probed",
		  BPF_PROG_TYPE_KPROBE,
		  (uint64_t)-EFAULT,
		  { MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 8), MOV_K(3, 0),
		    HELPER_CALL(UAPI_HELPER_probe_read_kernel), LDX(DW, 1, 10, -8),
		    ALU_X(ADD, 0, 1), EXIT } },
		{ "the stack can",
		  BPF_PROG_TYPE_KPROBE,
		  42,
		  { ST(DW, 10, -16, 42), MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 8), MOV_X(3, 10),
		    ALU_K(ADD, 3, -16), HELPER_CALL(UAPI_HELPER_probe_read_kernel),
		    LDX(DW, 0, 10, -8), EXIT } },
		{ "a string with its terminator",
		  BPF_PROG_TYPE_KPROBE,
		  3,
		  { ST(W, 10, -16, 'h' | 'i' << 8), MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 8),
		    MOV_X(3, 10), ALU_K(ADD, 3, -16),
		    HELPER_CALL(UAPI_HELPER_probe_read_kernel_str), EXIT } },
		{ "a string cut to its buffer",
		  BPF_PROG_TYPE_KPROBE,
		  2,
		  { ST(W, 10, -16, 'h' | 'i' << 8), MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 2),
		    MOV_X(3, 10), ALU_K(ADD, 3, -16),
		    HELPER_CALL(UAPI_HELPER_probe_read_kernel_str), EXIT } },
		{ "numbers of an iterator",
		  BPF_PROG_TYPE_SYSCALL,
		  3 + 4 + 5,
		  { MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 3), MOV_K(3, 6), KFUNC(0),
		    MOV_K(6, 0), MOV_X(1, 10), ALU_K(ADD, 1, -8), KFUNC(1), JMP_K(JEQ, 0, 0, 3),
		    LDX(W, 1, 0, 0), ALU_X(ADD, 6, 1), JA(-7), MOV_X(1, 10), ALU_K(ADD, 1, -8),
		    KFUNC(2), MOV_X(0, 6), EXIT } },
		{ "an iterator that runs backwards",
		  BPF_PROG_TYPE_SYSCALL,
		  (uint64_t)-EINVAL,
		  { MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 6), MOV_K(3, 3), KFUNC(0),
		    MOV_X(6, 0), MOV_X(1, 10), ALU_K(ADD, 1, -8), KFUNC(2), MOV_X(0, 6), EXIT } },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct vm_fault fault;
		uint64_t ret = 0;
		int err;

		setup(&f);
		f.w.clock.step = 7;
		err = run(&f, cases[i].type, cases[i].in, length(cases[i].in), &ret, &fault);
		if (err || ret != cases[i].ret)
			FAIL("%s: %d %s, %llx", cases[i].name, err, err ? fault.text : "",
			     (unsigned long long)ret);
		teardown(&f);
	}
}

/* What the verifier would have refused, and how it would have said so. */
static void faults(void)
{
	static const struct {
		uint32_t type;
		const char *text, *verifier;
		struct insn in[MAX];
	} cases[] = {
		{ BPF_PROG_TYPE_SYSCALL,
		  "the program ended without releasing the iterator it got here",
		  "Unreleased reference id=1 alloc_insn=4",
		  { MOV_X(1, 10), ALU_K(ADD, 1, -8), MOV_K(2, 3), MOV_K(3, 6), KFUNC(0),
		    MOV_K(0, 0), EXIT } },
		{ BPF_PROG_TYPE_SYSCALL,
		  "the program ended inside a bpf_rcu_read_lock-ed region",
		  "BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region",
		  { KFUNC(3), MOV_K(0, 0), EXIT } },
		{ BPF_PROG_TYPE_SYSCALL,
		  "bpf_rcu_read_unlock: the call it belongs to is missing",
		  "unmatched attempt to call bpf_rcu_read_unlock",
		  { KFUNC(4), MOV_K(0, 0), EXIT } },
		{ BPF_PROG_TYPE_SCHED_CLS,
		  "bpf_skb_pull_data: r1 is not the context",
		  "R1 type=scalar expected=ctx",
		  { MOV_K(1, 0), MOV_K(2, 0), HELPER_CALL(UAPI_HELPER_skb_pull_data), MOV_K(0, 0),
		    EXIT } },
		{ BPF_PROG_TYPE_SCHED_CLS,
		  "bpf_map_lookup_elem: r1 is no map",
		  "",
		  { MOV_K(1, 0), MOV_X(2, 10), HELPER_CALL(UAPI_HELPER_map_lookup_elem),
		    MOV_K(0, 0), EXIT } },
		{ BPF_PROG_TYPE_CGROUP_SKB,
		  "the program returned 4, where 0 to 1 are allowed",
		  "At program exit the register R0 has smin=4 smax=4 should have been in [0, 1]",
		  { MOV_K(0, 4), EXIT } },
		{ BPF_PROG_TYPE_SCHED_CLS,
		  "invalid read of 1 byte at r7: stale pointer into packet, from before "
		  "bpf_skb_pull_data()",
		  NULL,
		  { LDX(W, 7, 1, 76), MOV_K(2, 0), HELPER_CALL(UAPI_HELPER_skb_pull_data),
		    LDX(B, 0, 7, 0), EXIT } },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct vm_fault fault = {};
		uint64_t ret;

		setup(&f);
		CHECK_INT(run(&f, cases[i].type, cases[i].in, length(cases[i].in), &ret, &fault),
			  -EFAULT);
		CHECK_STR(fault.text, cases[i].text);
		if (cases[i].verifier)
			CHECK_STR(fault.verifier, cases[i].verifier);
		teardown(&f);
	}
}

/* Formats, with what printk makes of them; NULL: -EINVAL. */
static void formats(void)
{
	static const struct {
		const char *fmt;
		uint64_t args[3];
		const char *text;
	} cases[] = {
		{ "plain", { 0 }, "plain" },
		{ "100%%", { 0 }, "100%" },
		{ "%d %u %x", { (uint32_t)-5, (uint32_t)-5, 255 }, "-5 4294967291 ff" },
		{ "%ld %lu %lx", { (uint64_t)-5, 7, UINT64_C(0xffffffffff) }, "-5 7 ffffffffff" },
		{ "%lld|%llX", { (uint64_t)-1, 0xabc }, "-1|ABC" },
		{ "%5d|%-5d|%05d", { 42, 42, (uint32_t)-42 }, "   42|42   |-0042" },
		{ "%+d % d", { 1, 1 }, "+1  1" },
		{ "%c%c", { 'a', 'b' }, "ab" },
		{ "%s.", { 0 }, "." },
		{ "%p", { 0x1000 }, "0000000000001000" },
		{ "%d %d %d %d", { 1 }, NULL },
		{ "%", { 0 }, NULL },
		{ "%y", { 0 }, NULL },
		{ "%lllx", { 0 }, NULL },
		{ "%pz", { 0 }, NULL },
		{ "%sx", { 0 }, NULL },
		{ "tab\tnewline\n", { 0 }, "tab\tnewline\n" },
		{ "\x01", { 0 }, NULL },
		{ "\xc3\xa9", { 0 }, NULL },
	};
	struct fixture f;

	setup(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		auto_buf struct buf b = {};
		int err = print_format(f.w.vm, cases[i].fmt, strlen(cases[i].fmt) + 1,
				       cases[i].args, 3, &b);

		CHECK_INT(err, cases[i].text ? 0 : -EINVAL);
		if (!err && cases[i].text)
			CHECK_STR(buf_str(&b), cases[i].text);
	}
	/* Without its end a format is none. */
	{
		auto_buf struct buf b = {};

		CHECK_INT(print_format(f.w.vm, "abc", 3, NULL, 0, &b), -EINVAL);
	}
	teardown(&f);
}

static void printk_lines(void)
{
	static const struct insn in[] = {
		ST(W, 10, -8, 'n' | '=' << 8 | '%' << 16 | 'd' << 24),
		ST(W, 10, -4, '\n'),
		MOV_X(1, 10),
		ALU_K(ADD, 1, -8),
		MOV_K(2, 6),
		MOV_K(3, 12),
		HELPER_CALL(UAPI_HELPER_trace_printk),
		EXIT,
	};
	struct fixture f;
	struct vm_fault fault;
	uint64_t ret;

	setup(&f);
	CHECK_INT(run(&f, BPF_PROG_TYPE_KPROBE, in, countof(in), &ret, &fault), 0);
	CHECK_INT(ret, 5);
	CHECK_STR(buf_str(&f.printed), "n=12\n");
	teardown(&f);
}

static void objects(void)
{
	struct fixture f;
	struct kobject *o;
	uint64_t addr, v;
	size_t n;

	setup(&f);
	o = kobject_new_bytes(&f.w, "abcdefgh", 8, "thing");
	CHECK(o);
	addr = kobject_addr(o);
	CHECK(kobject_at(&f.w, addr) == o);
	CHECK(!kobject_at(&f.w, addr + 1));
	CHECK(!memcmp(kobject_bytes(o, &n), "abcdefgh", 8));
	CHECK_INT(n, 8);
	CHECK(!kobject_get(o, "x", &v)); /* it has no type */
	CHECK(space_peek(f.w.space, addr, &v, 8));
	kobject_drop(o, "test");
	CHECK(!kobject_at(&f.w, addr));
	CHECK(!kobject_new_struct(&f.w, "task_struct")); /* there are no types */
	CHECK(kobject_current(&f.w));
	CHECK_INT(kobject_current(&f.w), kobject_current(&f.w));
	teardown(&f);
}

static void numbers(void)
{
	struct fixture a, b;

	setup(&a);
	setup(&b);
	for (int i = 0; i < 100; i++)
		CHECK_INT(world_random(&a.w), world_random(&b.w));
	b.w.seed = 2;
	CHECK(world_random(&a.w) != world_random(&b.w));
	teardown(&a);
	teardown(&b);
}

static const struct test tests[] = {
	{ "helpers return what the world says", results },
	{ "what is held at exit, and other faults", faults },
	{ "formats", formats },
	{ "lines of bpf_trace_printk()", printk_lines },
	{ "mock objects", objects },
	{ "the same seed, the same numbers", numbers },
};

TEST_MAIN(tests)
