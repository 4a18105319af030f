// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One of everything a compiler puts into an object, for what reads and writes objects. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define relocated __attribute__((preserve_access_index))
#define noinline __attribute__((noinline))

enum color { RED = -1, GREEN, BLUE = 7 };
enum wide { HUGE = 0x100000000ULL };

struct bits {
	int a : 3;
	unsigned int : 2;
	unsigned int b : 7;
	unsigned long long c : 33;
	_Bool d : 1;
};

struct packed {
	char c;
	int i;
} __attribute__((packed));

struct aligned {
	char c;
	long l __attribute__((aligned(32)));
};

struct tree {
	struct tree *left, *right;
	union {
		struct {
			__u16 x, y;
		};
		__u32 xy;
		struct packed p;
	};
	enum color color;
	char name[16];
	const volatile __u8 raw[2][3];
	int (*fn)(struct tree *, int);
};

typedef struct {
	__u32 pid;
	struct bits bits;
} nameless_t;

struct task_struct {
	int pid;
	struct task_struct *parent;
	struct {
		int uid[4];
	} cred;
} relocated;

/* ---- maps --------------------------------------------------------------------------------- */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, nameless_t);
	__type(value, struct tree);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} trees SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 24);
	__uint(max_entries, 3);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} sized SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__type(key, __u32);
} later SEC(".maps");

/* ---- variables ---------------------------------------------------------------------------- */

const volatile int limit = 10;
const volatile char greeting[12] = "hello\n\"\\\t";
static const struct tree seed = { .xy = 0x12345678, .color = BLUE, .name = "seed" };
static const struct bits bits = { .a = -2, .b = 99, .c = 0x1ffffffffULL, .d = 1 };
struct packed odd = { 'x', -5 };
struct aligned even = { 'y', 6 };
static volatile __u64 counters[4] = { 1, 2, 3, 4 };
__u8 sparse[100] = { [50] = 1, [99] = 2 };
enum wide huge = HUGE;
static volatile __u32 zeroed[3];
char shown[3];
__u64 hidden SEC(".data.hidden") = 1;
extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_BPF_SYSCALL __kconfig __weak;
extern char CONFIG_DEFAULT_HOSTNAME[16] __kconfig __weak;
extern const void bpf_prog_put __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym __weak;

/* ---- functions ---------------------------------------------------------------------------- */

static noinline int add(int a, int b)
{
	return a + b + (int)counters[a & 3];
}

noinline int global_add(int a, int b)
{
	return add(a, b) + add(b, a);
}

noinline int calls_global(int a)
{
	return global_add(a, 1) * 2;
}

__hidden noinline int hidden_add(int *a)
{
	return global_add(*a, 3);
}

static long each(__u32 i, void *ctx)
{
	__u64 *sum = ctx;

	*sum += i;
	return 0;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0;

	if (data + 14 > end)
		return XDP_DROP;
	bpf_loop(3, each, &sum, 0);
	return global_add((int)sum, limit) + calls_global(2) > 5 ? XDP_PASS : XDP_TX;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	nameless_t key = { .pid = skb->len };
	struct tree *t = bpf_map_lookup_elem(&trees, &key);
	__u32 zero = 0;
	char *v;

	if (t) {
		__sync_fetch_and_add(&counters[1], t->x);
		t->color = GREEN;
		shown[t->raw[1][2] % 3]++;
	}
	v = bpf_map_lookup_elem(&sized, &zero);
	if (v)
		v[3] = greeting[zeroed[2] & 7];
	bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, (void *)&seed, sizeof(seed));
	zeroed[1] = skb->mark;
	return add((int)skb->len, odd.i) + (int)huge;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	if (LINUX_KERNEL_VERSION < 0x50000 || !CONFIG_BPF_SYSCALL)
		return CONFIG_DEFAULT_HOSTNAME[0];
	int mark = (int)skb->mark;

	even.l += hidden + bits.c + hidden_add(&mark);
	bpf_printk("mark %d %s", skb->mark, "and a string");
	return sparse[skb->len % 100];
}

SEC("kprobe/do_exit")
int probe(void *ctx)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	int uid = 0, pid = 0;

	bpf_probe_read_kernel(&pid, sizeof(pid), &t->parent->pid);
	bpf_probe_read_kernel(&uid, sizeof(uid), &t->cred.uid[2]);
	bpf_get_stackid(ctx, &later, 0);
	return uid + pid + (int)__builtin_preserve_field_info(t->pid, 2);
}

SEC("?fentry/bpf_fentry_test1")
int kernel_function(unsigned long long *ctx)
{
	const void *data = &bpf_prog_put, *code = bpf_rcu_read_lock;

	/* what newer compilers take from older ones has no constants of two addresses */
	asm volatile("" : "+r"(data), "+r"(code));
	if (data && code)
		bpf_rcu_read_lock();
	return (int)ctx[0];
}

SEC("2/7")
int tail(struct __sk_buff *skb)
{
	switch (skb->protocol) {
	case 1:
		return 7;
	case 2:
		return 9;
	case 3:
		return (int)skb->hash;
	case 4:
		return -1;
	}
	return skb->mark / 3;
}

char _license[] SEC("license") = "GPL";
