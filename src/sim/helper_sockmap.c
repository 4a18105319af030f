// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers that choose a socket out of a map, put one into it, or look at a socket's options. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "core/mem.h"
#include "sim/helper_priv.h"
#include "sim/map_prog.h"

#define COOKIE 1 /* of the one socket there is */

/* ---- out of a map -------------------------------------------------------------------------- */

/* A key as the number that is told: of a hash its first eight bytes. */
static uint64_t number(const struct map *m, const void *key)
{
	uint64_t n = 0;

	memcpy(&n, key, m->spec.key_size < sizeof(n) ? m->spec.key_size : sizeof(n));
	return n;
}

static void chosen(struct vm *vm, const struct map *m, const void *key, uint64_t flags)
{
	const struct world *w = world_of(vm);

	run_of(vm)->redirect = (struct run_redirect){ true, m, number(m, key), flags };
	if (w->hooks.redirect)
		w->hooks.redirect(w->hooks.arg, m, number(m, key), flags);
}

/* SK_PASS if there is a socket: it gets the message. */
static uint64_t redirect(struct vm *vm, struct map *m, const void *key, uint64_t flags)
{
	uint64_t file;

	if (flags & ~(uint64_t)BPF_F_INGRESS || map_file_at(m, key, &file))
		return SK_DROP;
	chosen(vm, m, key, flags);
	return SK_PASS;
}

static uint64_t redirect_map(struct vm *vm, uint64_t ctx, uint64_t map, uint64_t key,
			     uint64_t flags)
{
	static const uint8_t types[] = { UAPI_MAP_sockmap };
	struct map *m = arg_ctx(vm, 1, ctx) ? arg_map_of(vm, 2, map, types, 1) : NULL;
	uint32_t index = (uint32_t)key;

	return m ? redirect(vm, m, &index, flags) : 0;
}

static uint64_t redirect_hash(struct vm *vm, uint64_t ctx, uint64_t map, uint64_t key,
			      uint64_t flags)
{
	static const uint8_t types[] = { UAPI_MAP_sockhash };
	struct map *m = arg_ctx(vm, 1, ctx) ? arg_map_of(vm, 2, map, types, 1) : NULL;
	const void *bytes = m ? vm_read(vm, 3, key, m->spec.key_size) : NULL;

	return bytes ? redirect(vm, m, bytes, flags) : 0;
}

HELPER(sk_redirect_map)
{
	return redirect_map(vm, r1, r2, r3, r4);
}

HELPER(msg_redirect_map)
{
	return redirect_map(vm, r1, r2, r3, r4);
}

HELPER(sk_redirect_hash)
{
	return redirect_hash(vm, r1, r2, r3, r4);
}

HELPER(msg_redirect_hash)
{
	return redirect_hash(vm, r1, r2, r3, r4);
}

HELPER(sk_select_reuseport)
{
	static const uint8_t types[] = { UAPI_MAP_reuseport_sockarray, UAPI_MAP_sockmap,
					 UAPI_MAP_sockhash };
	struct map *m = arg_ctx(vm, 1, r1) ? arg_map_of(vm, 2, r2, types, countof(types)) : NULL;
	const void *key = m ? vm_read(vm, 3, r3, m->spec.key_size) : NULL;
	uint64_t file;

	if (!key)
		return 0;
	if (r4)
		return NO(EINVAL);
	if (map_file_at(m, key, &file))
		return NO(ENOENT);
	chosen(vm, m, key, 0);
	return 0;
}

/* ---- into a map ---------------------------------------------------------------------------- */

/* The socket of a sock_ops program, at the moments when its connection is made. */
static uint64_t put_socket(struct vm *vm, uint64_t ctx, uint64_t map, uint64_t key, uint64_t flags,
			   uint8_t type)
{
	struct map *m = arg_ctx(vm, 1, ctx) ? arg_map_of(vm, 2, map, &type, 1) : NULL;
	const void *bytes = m ? vm_read(vm, 3, key, m->spec.key_size) : NULL;
	const struct bpf_sock_ops *ops = (const void *)run_of(vm)->ctx;

	if (!bytes)
		return 0;
	switch (ops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		return (uint64_t)(int64_t)map_put_socket(m, bytes, COOKIE, flags);
	default:
		return NO(EOPNOTSUPP);
	}
}

HELPER(sock_map_update)
{
	return put_socket(vm, r1, r2, r3, r4, UAPI_MAP_sockmap);
}

HELPER(sock_hash_update)
{
	return put_socket(vm, r1, r2, r3, r4, UAPI_MAP_sockhash);
}

/* ---- options ------------------------------------------------------------------------------- */

/* What programs may set and ask: numbers of 4 bytes, but for these two. */
static const struct option {
	int level, name;
	bool text, twice; /* twice: the kernel keeps room for its own as well */
} options[] = {
	{ SOL_SOCKET, SO_RCVBUF, false, true },
	{ SOL_SOCKET, SO_SNDBUF, false, true },
	{ SOL_SOCKET, SO_PRIORITY, false, false },
	{ SOL_SOCKET, SO_MARK, false, false },
	{ SOL_SOCKET, SO_RCVLOWAT, false, false },
	{ SOL_SOCKET, SO_KEEPALIVE, false, false },
	{ SOL_SOCKET, SO_REUSEADDR, false, false },
	{ SOL_SOCKET, SO_REUSEPORT, false, false },
	{ SOL_SOCKET, SO_MAX_PACING_RATE, false, false },
	{ SOL_SOCKET, SO_BINDTODEVICE, true, false },
	{ IPPROTO_TCP, TCP_CONGESTION, true, false },
	{ IPPROTO_TCP, TCP_NODELAY, false, false },
	{ IPPROTO_TCP, TCP_MAXSEG, false, false },
	{ IPPROTO_TCP, TCP_KEEPIDLE, false, false },
	{ IPPROTO_TCP, TCP_KEEPINTVL, false, false },
	{ IPPROTO_TCP, TCP_KEEPCNT, false, false },
	{ IPPROTO_TCP, TCP_SYNCNT, false, false },
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, false, false },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, false, false },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, false, false },
	{ IPPROTO_IP, IP_TOS, false, false },
	{ IPPROTO_IPV6, IPV6_TCLASS, false, false },
};

static const struct option *find_option(uint64_t level, uint64_t name)
{
	for (size_t i = 0; i < countof(options); i++)
		if (options[i].level == (int)level && options[i].name == (int)name)
			return &options[i];
	return NULL;
}

/* What was set in this run; NULL: not that. */
static struct run_sockopt *kept(struct run *r, const struct option *o)
{
	for (uint32_t i = 0; i < r->nr_sockopts; i++)
		if (r->sockopts[i].option == o)
			return &r->sockopts[i];
	return NULL;
}

static int set_option(struct run *r, const struct option *o, const void *value, uint32_t n)
{
	struct run_sockopt *k = kept(r, o);
	uint32_t number;

	if (o->text ? n < 1 || n > sizeof(k->value) : n != sizeof(number))
		return -EINVAL;
	if (!k && r->nr_sockopts == RUN_SOCKOPTS)
		return -ENOMEM;
	k = k ?: &r->sockopts[r->nr_sockopts++];
	*k = (struct run_sockopt){ .option = o };
	memcpy(k->value, value, n);
	if (o->twice) {
		memcpy(&number, value, sizeof(number));
		number *= 2;
		memcpy(k->value, &number, sizeof(number));
	}
	return 0;
}

/* The context, or, where there is none of a socket, a socket that the program has found. */
static bool arg_socket(struct vm *vm, uint64_t addr)
{
	enum ctx_kind kind = run_of(vm)->kind;

	if (kind == CTX_sock_ops || (kind >= CTX_addr4 && kind <= CTX_addr_unix))
		return arg_ctx(vm, 1, addr);
	return vm_read(vm, 1, addr, 4);
}

HELPER(setsockopt)
{
	const struct option *o = find_option(r2, r3);
	const void *value = arg_socket(vm, r1) ? vm_read(vm, 4, r4, (uint32_t)r5) : NULL;

	if (!value)
		return 0;
	return o ? (uint64_t)(int64_t)set_option(run_of(vm), o, value, (uint32_t)r5) : NO(EINVAL);
}

HELPER(getsockopt)
{
	const struct option *o = find_option(r2, r3);
	void *to = arg_socket(vm, r1) ? vm_write(vm, 4, r4, (uint32_t)r5) : NULL;
	uint32_t n = (uint32_t)r5;
	const struct run_sockopt *k;

	if (!to)
		return 0;
	memset(to, 0, n);
	if (!o || (!o->text && n != 4) || !n)
		return NO(EINVAL);
	k = kept(run_of(vm), o);
	if (k)
		memcpy(to, k->value, n < sizeof(k->value) ? n : sizeof(k->value));
	return 0;
}
