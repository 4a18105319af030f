// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers about sockets, tunnels and what hooks of a cgroup are about. */
#include <string.h>

#include "core/mem.h"
#include "sim/btf.h"
#include "sim/helper_priv.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"

#ifndef BPF_F_NO_TUNNEL_KEY
#define BPF_F_NO_TUNNEL_KEY (1ULL << 4)
#endif

#define COOKIE 1 /* of the one socket and the one network namespace */
#define OVERFLOW_UID 65534

HELPER(get_socket_cookie)
{
	const struct run *r = run_of(vm);

	if (!r1)
		return 0;
	return ctx_is_skb(r->kind) && !r->skb.sk ? 0 : COOKIE;
}

HELPER(get_socket_uid)
{
	const struct run *r = run_of(vm);

	return arg_ctx(vm, 1, r1) && r->skb.sk ? world_of(vm)->task.uid : OVERFLOW_UID;
}

HELPER(get_netns_cookie)
{
	return COOKIE;
}

/* A socket that is one: not a request, not one in time wait. */
HELPER(sk_fullsock)
{
	return vm_read(vm, 1, r1, 4) || !vm_stopped(vm) ? r1 : 0;
}

/* The socket of a packet under test is of no protocol. */
HELPER(tcp_sock)
{
	return 0;
}

HELPER(get_listener_sock)
{
	return 0;
}

/* No socket listens in the mock kernel: what is right is looked for and not found. */
static uint64_t lookup(struct vm *vm, uint64_t tuple, uint64_t len)
{
	vm_read(vm, 2, tuple, (uint32_t)len);
	return 0;
}

HELPER(sk_lookup_tcp)
{
	return lookup(vm, r2, r3);
}

HELPER(sk_lookup_udp)
{
	return lookup(vm, r2, r3);
}

HELPER(skc_lookup_tcp)
{
	return lookup(vm, r2, r3);
}

HELPER(sk_release)
{
	run_release(vm, r1);
	return 0;
}

HELPER(sk_assign)
{
	struct run *r = run_of(vm);
	const uint64_t known = BPF_SK_LOOKUP_F_REPLACE | BPF_SK_LOOKUP_F_NO_REUSEPORT;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r->kind != CTX_sk_lookup)
		return r3 ? NO(EINVAL) : NO(EOPNOTSUPP);
	if (r3 & ~known)
		return NO(EINVAL);
	if (r->selected && r2 && !(r3 & BPF_SK_LOOKUP_F_REPLACE))
		return NO(EEXIST);
	r->selected = r2 ? COOKIE : 0;
	memcpy(r->ctx, &r2, 8);
	return 0;
}

HELPER(get_route_realm)
{
	return 0;
}

HELPER(skb_get_tunnel_key)
{
	struct run *r = run_of(vm);
	void *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 2, r2, (uint32_t)r3) : NULL;

	if (!to)
		return 0;
	/* A packet that came through no tunnel has no key. */
	if (!r->skb.tunnel || (uint32_t)r3 != sizeof(r->tunnel) || r4 & ~UINT64_C(1)) {
		memset(to, 0, (uint32_t)r3);
		return NO(EINVAL);
	}
	memcpy(to, &r->tunnel, sizeof(r->tunnel));
	return 0;
}

HELPER(skb_set_tunnel_key)
{
	struct run *r = run_of(vm);
	const void *from = arg_ctx(vm, 1, r1) ? vm_read(vm, 2, r2, (uint32_t)r3) : NULL;
	const uint64_t known = BPF_F_TUNINFO_IPV6 | BPF_F_ZERO_CSUM_TX | BPF_F_DONT_FRAGMENT |
			       BPF_F_SEQ_NUMBER | BPF_F_NO_TUNNEL_KEY;
	struct bpf_tunnel_key key;

	if (!from)
		return 0;
	if (r4 & ~known || (uint32_t)r3 != sizeof(key))
		return NO(EINVAL);
	memcpy(&key, from, sizeof(key));
	if (!(r4 & BPF_F_TUNINFO_IPV6) &&
	    (key.remote_ipv6[1] || key.remote_ipv6[2] || key.remote_ipv6[3] || key.tunnel_label))
		return NO(EINVAL);
	/* It is for the way out: what comes back is the key of the way in. */
	r->skb.tunnel_out = true;
	return 0;
}

HELPER(skb_get_tunnel_opt)
{
	void *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 2, r2, (uint32_t)r3) : NULL;

	if (!to)
		return 0;
	memset(to, 0, (uint32_t)r3);
	return NO(ENOENT);
}

HELPER(skb_set_tunnel_opt)
{
	uint32_t n = (uint32_t)r3;

	if (!arg_ctx(vm, 1, r1) || !vm_read(vm, 2, r2, n))
		return 0;
	if (!run_of(vm)->skb.tunnel_out || n & 3)
		return NO(EINVAL);
	return n > 255 ? NO(ENOMEM) : 0;
}

#define CB_FLAGS 0x7f /* BPF_SOCK_OPS_ALL_CB_FLAGS */

HELPER(sock_ops_cb_flags_set)
{
	struct bpf_sock_ops *ops = (struct bpf_sock_ops *)(void *)run_of(vm)->ctx;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (!ops->is_fullsock)
		return NO(EINVAL);
	ops->bpf_sock_ops_cb_flags = (uint32_t)r2 & CB_FLAGS;
	return (uint32_t)r2 & ~(uint32_t)CB_FLAGS;
}

HELPER(msg_apply_bytes)
{
	arg_ctx(vm, 1, r1);
	return 0;
}

HELPER(msg_cork_bytes)
{
	arg_ctx(vm, 1, r1);
	return 0;
}

/* From then on data is what lies between start and end. */
HELPER(msg_pull_data)
{
	struct run *r = run_of(vm);
	uint32_t start = (uint32_t)r2, end = (uint32_t)r3;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r4 || end <= start || start >= r->pkt.len || end > r->pkt.len) {
		run_moved(r, "bpf_msg_pull_data()");
		return NO(EINVAL);
	}
	r->pkt.linear = r->pkt.len;
	run_moved(r, "bpf_msg_pull_data()");
	run_show_slice(r, start, end);
	return 0;
}

/* As the kernel copies the strings of a sysctl: as much as fits, and zeros behind it. */
static uint64_t copy_text(char *to, uint64_t n, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (!to)
		return 0;
	memset(to, 0, n);
	if (!text)
		return NO(EINVAL);
	if (len < n) {
		memcpy(to, text, len);
		return len;
	}
	if (n)
		memcpy(to, text, n - 1);
	return NO(E2BIG);
}

HELPER(sysctl_get_name)
{
	const struct run_prog *how = run_of(vm)->how;
	const char *name = how ? how->name : NULL, *slash;
	char *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 2, r2, r3) : NULL;

	if (!to)
		return 0;
	if (r4 & ~(uint64_t)BPF_F_SYSCTL_BASE_NAME)
		return NO(EINVAL);
	slash = name ? strrchr(name, '/') : NULL;
	return copy_text(to, r3, slash && r4 ? slash + 1 : name);
}

HELPER(sysctl_get_current_value)
{
	const struct run_prog *how = run_of(vm)->how;
	char *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 2, r2, r3) : NULL;

	return copy_text(to, r3, how ? how->value : NULL);
}

/* Only of a sysctl that is being written. */
static bool is_write(const struct run *r)
{
	return ((const struct bpf_sysctl *)(const void *)r->ctx)->write;
}

HELPER(sysctl_get_new_value)
{
	struct run *r = run_of(vm);
	char *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 2, r2, r3) : NULL;

	return copy_text(to, r3, r->how && is_write(r) ? r->how->new_value : NULL);
}

HELPER(sysctl_set_new_value)
{
	struct run *r = run_of(vm);
	const char *from = arg_ctx(vm, 1, r1) ? vm_read(vm, 2, r2, r3) : NULL;

	if (!from)
		return 0;
	if (!r->how || !is_write(r) || !r->how->new_value || !r3)
		return NO(EINVAL);
	if (r3 > r->how->new_room - 1)
		return NO(E2BIG);
	memcpy(r->how->new_value, from, r3);
	r->how->new_value[r3] = '\0';
	return 0;
}

HELPER(btf_find_by_name_kind)
{
	uint32_t n = (uint32_t)r2, id;
	const struct world *w = world_of(vm);
	const char *name = vm_read(vm, 1, r1, n);

	if (!name)
		return 0;
	if (r4 || n <= 1 || name[n - 1])
		return NO(EINVAL);
	id = w->vmlinux ? btf_find(w->vmlinux, (uint32_t)r3, name) : 0;
	return id ? id : NO(ENOENT);
}
