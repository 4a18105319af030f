// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BPF_PROG_LOAD: attributes to a program. */
#include <errno.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/btf_priv.h"
#include "sim/code.h"
#include "sim/kern_attr.h"
#include "sim/kern_load.h"
#include "sim/kern_log.h"
#include "sim/kern_state.h"
#include "uapi/names.h"

#define MAX_TYPE UAPI_PROG_netfilter
#define XDP_FRAGS (1u << 5)
#define XDP_DEV_BOUND (1u << 6)
#define FLAGS_MASK 0xffu /* STRICT_ALIGNMENT to TEST_REG_INVARIANTS */

#ifdef __BYTE_ORDER__
#define HOST_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#endif

void insns_store(const struct insn *insns, size_t n, uint8_t *to)
{
	for (size_t i = 0; i < n; i++)
		insn_encode(&insns[i], HOST_BIG, to + i * INSN_SIZE);
}

void insns_load(const uint8_t *from, size_t n, struct insn *insns)
{
	for (size_t i = 0; i < n; i++)
		insn_decode(from + i * INSN_SIZE, HOST_BIG, &insns[i]);
}

static void release(struct kobj *o)
{
	struct prog *p = (struct prog *)o;

	code_free(p->code);
	for (size_t i = 0; i < p->nr_maps; i++) {
		p->maps[i]->progs--;
		kobj_put(&p->maps[i]->obj);
	}
	if (p->btf)
		kobj_put(&p->btf->obj);
	if (p->attach_btf)
		kobj_put(&p->attach_btf->obj);
	if (p->attach_prog)
		kobj_put(&p->attach_prog->obj);
	free(p->maps);
	free(p->insns);
	free(p->func_info);
	free(p->line_info);
	free(p);
}

/* ---- what may be asked for ----------------------------------------------------------------- */

/* Attach types with which a program type may be loaded: rows of ranges. */
static bool may_expect(uint32_t type, uint32_t attach)
{
	static const struct {
		uint32_t type, first, last;
	} rows[] = {
		{ UAPI_PROG_cgroup_skb, UAPI_ATTACH_cgroup_inet_ingress,
		  UAPI_ATTACH_cgroup_inet_egress },
		{ UAPI_PROG_cgroup_sock, UAPI_ATTACH_cgroup_inet_sock_create,
		  UAPI_ATTACH_cgroup_inet_sock_create },
		{ UAPI_PROG_cgroup_sock, UAPI_ATTACH_cgroup_inet4_post_bind,
		  UAPI_ATTACH_cgroup_inet6_post_bind },
		{ UAPI_PROG_cgroup_sock, UAPI_ATTACH_cgroup_inet_sock_release,
		  UAPI_ATTACH_cgroup_inet_sock_release },
		{ UAPI_PROG_cgroup_sock_addr, UAPI_ATTACH_cgroup_inet4_bind,
		  UAPI_ATTACH_cgroup_inet6_connect },
		{ UAPI_PROG_cgroup_sock_addr, UAPI_ATTACH_cgroup_udp4_sendmsg,
		  UAPI_ATTACH_cgroup_udp6_sendmsg },
		{ UAPI_PROG_cgroup_sock_addr, UAPI_ATTACH_cgroup_udp4_recvmsg,
		  UAPI_ATTACH_cgroup_udp6_recvmsg },
		{ UAPI_PROG_cgroup_sock_addr, UAPI_ATTACH_cgroup_inet4_getpeername,
		  UAPI_ATTACH_cgroup_inet6_getsockname },
		{ UAPI_PROG_cgroup_sock_addr, UAPI_ATTACH_cgroup_unix_connect,
		  UAPI_ATTACH_cgroup_unix_getsockname },
		{ UAPI_PROG_cgroup_sockopt, UAPI_ATTACH_cgroup_getsockopt,
		  UAPI_ATTACH_cgroup_setsockopt },
		{ UAPI_PROG_sk_lookup, UAPI_ATTACH_sk_lookup, UAPI_ATTACH_sk_lookup },
		{ UAPI_PROG_sk_reuseport, UAPI_ATTACH_sk_reuseport_select,
		  UAPI_ATTACH_sk_reuseport_select_or_migrate },
		{ UAPI_PROG_netfilter, UAPI_ATTACH_netfilter, UAPI_ATTACH_netfilter },
		{ UAPI_PROG_syscall, 0, 0 },
		{ UAPI_PROG_ext, 0, 0 },
	};
	bool known = false;

	for (size_t i = 0; i < countof(rows); i++) {
		if (rows[i].type != type)
			continue;
		if (attach >= rows[i].first && attach <= rows[i].last)
			return true;
		known = true;
	}
	return !known; /* any will do, and is looked at when the program is attached */
}

/* What older programs leave out. */
static uint32_t attach_type_of(const struct attr_prog_load *a)
{
	if (!a->expected_attach_type && a->prog_type == UAPI_PROG_cgroup_sock)
		return UAPI_ATTACH_cgroup_inet_sock_create;
	if (!a->expected_attach_type && a->prog_type == UAPI_PROG_sk_reuseport)
		return UAPI_ATTACH_sk_reuseport_select;
	return a->expected_attach_type;
}

/* attach_fd and attach_btf_id: the types or the program that the id is of. */
static int find_target(struct kern *k, const struct attr_prog_load *a, struct prog *p)
{
	struct kobj *o;

	p->attach_btf_id = a->attach_btf_id;
	if (k->by_id && a->attach_fd) {
		o = kern_by_id(k, KOBJ_PROG, a->attach_fd);
		if (!o)
			return -ENOENT;
		p->attach_prog = kobj_get(o);
		return 0;
	}
	if (a->attach_fd && kern_object(k, (int)a->attach_fd, KOBJ_PROG, &o) == 0) {
		p->attach_prog = kobj_get(o);
	} else if (a->attach_fd) {
		int err = kern_object(k, (int)a->attach_fd, KOBJ_BTF, &o);

		if (err)
			return -EINVAL;
		if (!((struct btf *)o)->is_kernel)
			return -KERN_ENOTSUPP;
		p->attach_btf = kobj_get(o);
	}
	return 0;
}

static int check_attach(struct kern *k, const struct prog *p)
{
	bool targeted = p->type == UAPI_PROG_tracing || p->type == UAPI_PROG_lsm ||
			p->type == UAPI_PROG_struct_ops || p->type == UAPI_PROG_ext;

	if (p->attach_btf_id > 0xfffff)
		return -EINVAL;
	if (p->attach_btf_id && !p->attach_btf && !p->attach_prog && !kern_vmlinux(k))
		return -EINVAL;
	if (p->attach_btf_id && !targeted)
		return -EINVAL;
	if (p->attach_btf && !p->attach_btf_id)
		return -EINVAL;
	if (p->attach_prog && p->type != UAPI_PROG_tracing && p->type != UAPI_PROG_ext)
		return -EINVAL;
	if (p->flags & (XDP_FRAGS | XDP_DEV_BOUND) && p->type != UAPI_PROG_xdp)
		return -EINVAL;
	return may_expect(p->type, p->attach_type) ? 0 : -EINVAL;
}

static bool is_gpl(const char *license)
{
	static const char *const words[] = {
		"GPL",		"GPL v2",	"GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"
	};

	for (size_t i = 0; i < countof(words); i++)
		if (strcmp(license, words[i]) == 0)
			return true;
	return false;
}

bool kern_name_ok(const char name[16])
{
	size_t n = strnlen(name, 16);

	for (size_t i = 0; i < n; i++) {
		char ch = name[i];

		if (!btf_is_letter((unsigned char)ch) && (ch < '0' || ch > '9') && ch != '_' &&
		    ch != '.')
			return false;
	}
	return n < 16;
}

static int read_insns(struct prog *p, uint64_t from)
{
	void *bytes;
	int err = user_take(&bytes, from, p->n * INSN_SIZE);

	if (err)
		return err;
	p->insns = malloc(p->n * sizeof(*p->insns));
	if (p->insns)
		insns_load(bytes, p->n, p->insns);
	free(bytes);
	return p->insns ? 0 : -ENOMEM;
}

/* Maps' descriptors do not count: the same program has the same tag wherever it is loaded. */
static int make_tag(struct prog *p)
{
	uint8_t digest[32], *bytes = malloc(p->n * INSN_SIZE);
	struct insn *insns = malloc(p->n * sizeof(*insns));

	if (bytes && insns) {
		memcpy(insns, p->insns, p->n * sizeof(*insns));
		for (size_t i = 0; i + 1 < p->n; i++)
			if (insns[i].code == INSN_LD_IMM64 &&
			    (insns[i].src == PSEUDO_MAP_FD || insns[i].src == PSEUDO_MAP_VALUE))
				insns[i].imm = insns[i + 1].imm = 0;
		insns_store(insns, p->n, bytes);
		kern_sha256(bytes, p->n * INSN_SIZE, digest);
		memcpy(p->tag, digest, sizeof(p->tag));
	}
	free(insns);
	free(bytes);
	return bytes && insns ? 0 : -ENOMEM;
}

/* ---- loading ------------------------------------------------------------------------------- */

static int begin(struct call *c, struct prog *p)
{
	const struct attr_prog_load *a = (const void *)c->attr;
	char license[128];
	int err;

	if (a->prog_flags & ~FLAGS_MASK)
		return -EINVAL;
	p->type = a->prog_type;
	p->attach_type = attach_type_of(a);
	p->flags = a->prog_flags;
	p->kern = c->k;
	if (!a->insn_cnt || a->insn_cnt > CODE_MAX_INSNS)
		return -E2BIG;
	p->n = a->insn_cnt;
	err = find_target(c->k, a, p);
	if (err)
		return err;
	err = check_attach(c->k, p);
	if (err)
		return err;
	if (user_string(license, a->license, sizeof(license) - 1, 0))
		return -EFAULT;
	license[sizeof(license) - 1] = '\0';
	p->gpl = is_gpl(license);
	err = read_insns(p, a->insns);
	if (err)
		return err;
	if (a->signature)
		return -EOPNOTSUPP; /* there are no keys */
	if (a->prog_ifindex) /* only loopback is sure to be there, and no device runs programs */
		return a->prog_ifindex == 1 &&
				       (p->type == UAPI_PROG_xdp || p->type == UAPI_PROG_sched_cls)
			       ? -EOPNOTSUPP
			       : -EINVAL;
	if (!p->type || p->type > MAX_TYPE)
		return -EINVAL;
	if (!kern_name_ok(a->prog_name))
		return -EINVAL;
	memcpy(p->name, a->prog_name, sizeof(p->name));
	return make_tag(p);
}

/* The verifier's part, which has a log. */
static int verify(struct call *c, struct prog *p)
{
	struct attr_prog_load *a = (void *)c->attr;
	struct kern_log l = { .to = a->log_buf, .size = a->log_size, .level = a->log_level };
	auto_buf struct buf log = {};
	int err = kern_log_check(&l), told;

	if (err)
		return err;
	err = kern_verify(c->k, p, a, &log);
	if (!l.level)
		log.len = 0;
	told = kern_log_end(&l, &log);
	a->log_true_size = l.true_size;
	if (CALL_PUT(c, attr_prog_load, log_true_size))
		return -EFAULT;
	return told ? told : err;
}

struct prog *kern_prog_alloc(void)
{
	struct prog *p = calloc(1, sizeof(*p));

	if (p)
		p->obj = (struct kobj){ .kind = KOBJ_PROG, .refs = 1, .release = release };
	return p;
}

int kern_prog_new(struct kern *k, const struct attr_prog_load *a, uint32_t id, struct buf *log,
		  struct prog **p)
{
	struct call c = { .k = k };
	int err;

	memcpy(c.attr, a, sizeof(*a));
	*p = kern_prog_alloc();
	if (!*p)
		return -ENOMEM;
	err = begin(&c, *p);
	if (!err)
		err = kern_verify(k, *p, a, log);
	if (!err)
		err = kern_add(k, &(*p)->obj, id);
	if (err)
		kobj_put(&(*p)->obj);
	return err;
}

long call_prog_load(struct call *c)
{
	struct prog *p = kern_prog_alloc();
	long fd;

	if (!p)
		return -ENOMEM;
	fd = begin(c, p);
	if (!fd)
		fd = verify(c, p);
	if (!fd)
		fd = kern_add(c->k, &p->obj, 0);
	if (!fd)
		fd = kern_fd(c->k, &p->obj, 0);
	kobj_put(&p->obj);
	return fd;
}
