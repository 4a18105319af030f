// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of many types, as clang describes them. */
#include <linux/bpf.h>

#include <stdbool.h>

#include <bpf/bpf_helpers.h>

typedef __u32 ip4;
typedef __u8 mac[6];
typedef __u16 be16;
typedef struct {
	__u32 prefixlen;
	__u8 addr[4];
} cidr4;

enum action { ABORTED, DROP, PASS, NEGATIVE = -2 };
enum wide { WIDE_ONE = 1, WIDE_BIG = 2 };

struct key {
	ip4 addr;
	be16 port;
	mac hw;
};

struct value {
	__u64 packets;
	__s32 delta;
	enum action verdict;
	enum wide flags;
	bool on;
	char name[8];
	char letter;
	__u32 low : 3;
	__s32 high : 5;
	void *where;
	union {
		__u32 word;
		__u8 bytes[4];
	};
	struct {
		__u16 x, y;
	} in[2];
	cidr4 net;
	unsigned __int128 huge;
	const volatile __be32 source;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, struct key);
	__type(value, struct value);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} percpu SEC(".maps");

const volatile int threshold = 5;
const volatile char label[16] = "label";
volatile int counter = 7;

struct event {
	__u32 pid;
	char comm[16];
	__u8 tail[];
};
struct event *unused_event;

SEC("socket")
int use(void *ctx)
{
	struct key key = {};
	__u32 zero = 0;

	bpf_map_lookup_elem(&table, &key);
	bpf_map_lookup_elem(&percpu, &zero);
	return threshold + label[0] + counter + (unused_event != 0);
}

char LICENSE[] SEC("license") = "GPL";
