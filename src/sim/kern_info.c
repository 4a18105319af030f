// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "sim/code.h"
#include "sim/insn.h"
#include "sim/kern_priv.h"
#include "uapi/names.h"

/* The caller's struct: read as far as both know it, and written back likewise. */
struct asked {
	struct call *c;
	uint64_t at;
	uint32_t len, known;
};

static int begin(struct call *c, void *info, uint32_t known, struct asked *q)
{
	const struct attr_info *a = (const void *)c->attr;

	*q = (struct asked){ c, a->info, a->info_len, known };
	if (q->len > 4096)
		return -E2BIG;
	if (q->len > known) {
		int err = user_zero(q->at + known, q->len - known);

		if (err)
			return err;
		q->len = known;
	}
	return user_read(info, q->at, q->len);
}

static int end(const struct asked *q, const void *info)
{
	struct attr_info *a = (void *)q->c->attr;

	if (user_write(q->at, info, q->len))
		return -EFAULT;
	a->info_len = q->len;
	return CALL_PUT(q->c, attr_info, info_len);
}

/* n elements for room of them at `to`, of which as many as fit are copied; *room becomes n. */
static int give(uint64_t to, uint32_t *room, const void *from, uint32_t n, size_t size)
{
	uint32_t fit = *room < n ? *room : n;

	*room = n;
	return user_write(to, from, fit * size);
}

/* A name into a buffer: *room becomes its length; -ENOSPC if it was cut. */
static int give_name(uint64_t to, uint32_t *room, const char *name)
{
	uint32_t had = *room, len = (uint32_t)strlen(name);

	if (!to != !had)
		return -EINVAL;
	*room = len + 1;
	if (!to)
		return 0;
	if (had > len)
		return user_write(to, name, len + 1ul);
	if (user_write(to, name, had - 1) || user_write(to + had - 1, "", 1))
		return -EFAULT;
	return -ENOSPC;
}

/* ---- maps, BTF ----------------------------------------------------------------------------- */

static int map_info(struct call *c, const struct map *m)
{
	struct uapi_map_info i = {};
	struct asked q;
	int err = begin(c, &i, sizeof(i), &q);

	if (err)
		return err;
	i = (struct uapi_map_info){ .type = m->spec.type,
				    .id = m->obj.id,
				    .key_size = m->spec.key_size,
				    .value_size = m->spec.value_size,
				    .max_entries = m->spec.max_entries,
				    .map_flags = m->spec.flags,
				    .btf_vmlinux_value_type_id = m->spec.btf_vmlinux_value_type,
				    .map_extra = m->spec.extra };
	memcpy(i.name, m->spec.name, sizeof(i.name));
	if (m->spec.btf) {
		i.btf_id = m->spec.btf->id;
		i.btf_key_type_id = m->spec.btf_key_type;
		i.btf_value_type_id = m->spec.btf_value_type;
	}
	return end(&q, &i);
}

static int btf_info(struct call *c, const struct btf *b)
{
	struct uapi_btf_info i = {};
	struct asked q;
	int err = begin(c, &i, sizeof(i), &q), cut;
	uint32_t name_len;

	if (err)
		return err;
	i.id = b->obj.id;
	if (user_write(i.btf, b->data, i.btf_size < b->len ? i.btf_size : b->len))
		return -EFAULT;
	i.btf_size = (uint32_t)b->len;
	i.kernel_btf = b->is_kernel;
	name_len = i.name_len;
	cut = give_name(i.name, &name_len, b->name);
	if (cut && cut != -ENOSPC)
		return cut;
	i.name_len = name_len - 1;
	err = end(&q, &i);
	return err ? err : cut;
}

/* ---- programs ------------------------------------------------------------------------------ */

/* Which function begins at slot. */
static uint32_t subprog_at(const struct prog *p, uint32_t slot)
{
	size_t n;
	const struct code_subprog *s = code_subprogs(p->code, &n);
	uint32_t at = 0;

	while (at < n && s[at].start != slot)
		at++;
	return at;
}

/*
 * As it would run: the number of what was not resolved by its own number stays.  The second half of
 * a function's address has the function's number.
 */
static int give_code(struct uapi_prog_info *i, const struct prog *p)
{
	auto_free uint8_t *bytes = malloc(p->n * INSN_SIZE);
	uint32_t room = i->xlated_prog_len;

	if (!bytes)
		return -ENOMEM;
	insns_store(p->insns, p->n, bytes);
	for (uint32_t at = 0; at < p->n; at++) {
		const struct insn *in = &p->insns[at];
		uint32_t nr;

		if (!insn_is_func(in))
			continue;
		nr = subprog_at(p, at + 1 + (uint32_t)in->imm);
		memcpy(bytes + ((size_t)at + 2) * INSN_SIZE - sizeof(nr), &nr, sizeof(nr));
	}
	i->xlated_prog_len = (uint32_t)(p->n * INSN_SIZE);
	return give(i->xlated_prog_insns, &room, bytes, i->xlated_prog_len, 1);
}

static int give_maps(struct uapi_prog_info *i, const struct prog *p)
{
	auto_free uint32_t *ids = calloc(p->nr_maps + 1, sizeof(*ids));

	if (!ids)
		return -ENOMEM;
	for (size_t m = 0; m < p->nr_maps; m++)
		ids[m] = p->maps[m]->obj.id;
	return give(i->map_ids, &i->nr_map_ids, ids, (uint32_t)p->nr_maps, sizeof(*ids));
}

/* Records have one size, and a caller with another is not served. */
static int give_records(struct uapi_prog_info *i, const struct prog *p)
{
	if (i->nr_func_info && i->func_info_rec_size != 8)
		return -EINVAL;
	if (i->nr_line_info && i->line_info_rec_size != 16)
		return -EINVAL;
	i->func_info_rec_size = 8;
	i->line_info_rec_size = 16;
	i->jited_line_info_rec_size = 8;
	if (give(i->func_info, &i->nr_func_info, p->func_info, p->nr_func_info, 8))
		return -EFAULT;
	return give(i->line_info, &i->nr_line_info, p->line_info, p->nr_line_info, 16);
}

static int give_tags(struct uapi_prog_info *i, const struct prog *p)
{
	size_t n;
	auto_free uint8_t *tags = NULL;

	code_subprogs(p->code, &n);
	tags = calloc(n, sizeof(p->tag));
	if (!tags)
		return -ENOMEM;
	for (size_t t = 0; t < n; t++)
		memcpy(tags + t * sizeof(p->tag), p->tag, sizeof(p->tag));
	return give(i->prog_tags, &i->nr_prog_tags, tags, (uint32_t)n, sizeof(p->tag));
}

static int prog_info(struct call *c, const struct prog *p)
{
	struct uapi_prog_info i = {};
	struct asked q;
	int err = begin(c, &i, sizeof(i), &q);

	if (err)
		return err;
	i.type = p->type;
	i.id = p->obj.id;
	memcpy(i.tag, p->tag, sizeof(i.tag));
	i.load_time = p->obj.load_time;
	i.created_by_uid = p->obj.uid;
	memcpy(i.name, p->name, sizeof(i.name));
	i.gpl_compatible = p->gpl;
	i.verified_insns = p->verified_insns;
	i.run_time_ns = p->run_time_ns;
	i.run_cnt = p->run_cnt;
	i.recursion_misses = 0;
	i.btf_id = p->btf ? p->btf->obj.id : 0;
	i.attach_btf_id = p->attach_btf_id;
	i.attach_btf_obj_id = 0;
	if (p->attach_btf)
		i.attach_btf_obj_id = p->attach_btf->obj.id;
	else if (p->attach_prog && p->attach_prog->btf)
		i.attach_btf_obj_id = p->attach_prog->btf->obj.id;
	else if (p->attach_btf_id && kern_vmlinux(c->k))
		i.attach_btf_obj_id = kern_vmlinux(c->k)->obj.id;
	/* Nothing is compiled here. */
	i.jited_prog_len = i.nr_jited_ksyms = i.nr_jited_func_lens = i.nr_jited_line_info = 0;
	err = give_maps(&i, p);
	if (!err)
		err = give_code(&i, p);
	if (!err)
		err = give_records(&i, p);
	if (!err)
		err = give_tags(&i, p);
	return err ? err : end(&q, &i);
}

/* ---- links --------------------------------------------------------------------------------- */

static int perf_info(struct uapi_link_info *i, const struct kern_link *l)
{
	struct uapi_link_perf *e = &i->perf_event;

	e->type = l->perf_type;
	switch (l->perf_type) {
	case UAPI_PERF_UPROBE:
	case UAPI_PERF_URETPROBE:
		e->uprobe.offset = (uint32_t)l->offset;
		e->uprobe.cookie = l->cookie;
		e->uprobe.ref_ctr_offset = 0;
		return give_name(e->uprobe.file_name, &e->uprobe.name_len, l->name ?: "");
	case UAPI_PERF_KPROBE:
	case UAPI_PERF_KRETPROBE:
		e->kprobe.offset = (uint32_t)l->offset;
		e->kprobe.addr = e->kprobe.missed = 0;
		e->kprobe.cookie = l->cookie;
		return give_name(e->kprobe.func_name, &e->kprobe.name_len, l->name ?: "");
	case UAPI_PERF_TRACEPOINT:
		e->tracepoint.cookie = l->cookie;
		return give_name(e->tracepoint.tp_name, &e->tracepoint.name_len, l->name ?: "");
	default:
		e->event.type = l->flags;
		e->event.config = l->offset;
		e->event.cookie = l->cookie;
		return 0;
	}
}

/* As many as there is room for. */
static int give_u64s(uint64_t to, uint32_t room, const uint64_t *from, uint32_t n)
{
	return from ? user_write(to, from, (room < n ? room : n) * sizeof(*from)) : 0;
}

static int many_info(struct uapi_link_info *i, const struct kern_link *l)
{
	const struct kern_many *m = &l->many;
	uint32_t room;

	if (l->type == UAPI_LINK_kprobe_multi) {
		room = i->kprobe_multi.count;
		if (!i->kprobe_multi.addrs != !room)
			return -EINVAL;
		i->kprobe_multi.flags = l->flags;
		i->kprobe_multi.missed = 0;
		i->kprobe_multi.count = m->n;
		if (give_u64s(i->kprobe_multi.cookies, room, m->cookies, m->n) ||
		    give_u64s(i->kprobe_multi.addrs, room, m->addrs, m->n))
			return -EFAULT;
		return room && room < m->n ? -ENOSPC : 0;
	}
	room = i->uprobe_multi.count;
	i->uprobe_multi.flags = l->flags;
	i->uprobe_multi.pid = m->pid;
	i->uprobe_multi.count = m->n;
	if (give_u64s(i->uprobe_multi.offsets, room, m->addrs, m->n) ||
	    give_u64s(i->uprobe_multi.ref_ctr_offsets, room, m->refs, m->n) ||
	    give_u64s(i->uprobe_multi.cookies, room, m->cookies, m->n))
		return -EFAULT;
	return give_name(i->uprobe_multi.path, &i->uprobe_multi.path_size, l->name ?: "");
}

static int tracing_info(struct uapi_link_info *i, const struct kern_link *l)
{
	i->tracing.attach_type = l->attach_type;
	i->tracing.target_obj_id = (uint32_t)l->target;
	i->tracing.target_btf_id = l->target_btf;
	i->tracing.cookie = l->cookie;
	return 0;
}

static int type_info(struct uapi_link_info *i, const struct kern_link *l)
{
	switch (l->type) {
	case UAPI_LINK_raw_tracepoint:
		i->raw_tracepoint.cookie = l->cookie;
		return give_name(i->raw_tracepoint.tp_name, &i->raw_tracepoint.tp_name_len,
				 l->name ?: "");
	case UAPI_LINK_tracing:
		return tracing_info(i, l);
	case UAPI_LINK_cgroup:
		i->cgroup.cgroup_id = l->target;
		i->cgroup.attach_type = l->attach_type;
		return 0;
	case UAPI_LINK_iter:
		i->iter.map_id = l->map ? l->map->obj.id : 0;
		return give_name(i->iter.target_name, &i->iter.target_name_len, l->name ?: "");
	case UAPI_LINK_netns:
	case UAPI_LINK_xdp:
	case UAPI_LINK_tcx:
	case UAPI_LINK_netkit:
		i->dev.ifindex = (uint32_t)l->target;
		i->dev.attach_type = l->type == UAPI_LINK_xdp ? 0 : l->attach_type;
		return 0;
	case UAPI_LINK_struct_ops:
	case UAPI_LINK_sockmap:
		i->map.map_id = l->map ? l->map->obj.id : 0;
		i->map.attach_type = l->type == UAPI_LINK_sockmap ? l->attach_type : 0;
		return 0;
	case UAPI_LINK_netfilter:
		i->netfilter.pf = l->pf;
		i->netfilter.hooknum = l->hook;
		i->netfilter.priority = l->priority;
		i->netfilter.flags = l->flags;
		return 0;
	case UAPI_LINK_kprobe_multi:
	case UAPI_LINK_uprobe_multi:
		return many_info(i, l);
	case UAPI_LINK_perf_event:
		return perf_info(i, l);
	default:
		return 0;
	}
}

static int link_info(struct call *c, const struct kern_link *l)
{
	struct uapi_link_info i = {};
	struct asked q;
	int err = begin(c, &i, sizeof(i), &q);

	if (err)
		return err;
	i.type = l->type;
	i.id = l->obj.id;
	i.prog_id = l->prog ? l->prog->obj.id : 0;
	err = type_info(&i, l);
	return err ? err : end(&q, &i);
}

long call_info(struct call *c)
{
	const struct attr_info *a = (const void *)c->attr;
	const struct kern_file *f = kern_file(c->k, (int)a->bpf_fd);
	struct stat st;

	if (!f || f->kind != FILE_OBJECT)
		return fstat((int)a->bpf_fd, &st) ? -EBADFD : -EINVAL;
	switch (f->obj->kind) {
	case KOBJ_MAP:
		return map_info(c, (const struct map *)f->obj);
	case KOBJ_PROG:
		return prog_info(c, (const struct prog *)f->obj);
	case KOBJ_BTF:
		return btf_info(c, (const struct btf *)f->obj);
	default:
		return link_info(c, (const struct kern_link *)f->obj);
	}
}
