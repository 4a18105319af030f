// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A mock kernel to JSON. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/jsonw.h"
#include "core/mem.h"
#include "core/mock_state.h"
#include "sim/kern_net.h"
#include "sim/kern_priv.h"
#include "sim/map_ops.h"
#include "uapi/names.h"

struct saving {
	struct kern *k;
	struct jsonw j;
};

/* ---- small things -------------------------------------------------------------------------- */

static void put_uint(struct saving *s, const char *key, uint64_t v)
{
	jsonw_key(&s->j, key);
	jsonw_uint(&s->j, v);
}

/* What is zero as a rule is left out. */
static void put_some(struct saving *s, const char *key, uint64_t v)
{
	if (v)
		put_uint(s, key, v);
}

static void put_str(struct saving *s, const char *key, const char *v)
{
	jsonw_key(&s->j, key);
	jsonw_str(&s->j, v, strlen(v));
}

static void put_name(struct saving *s, const char *key, const char *name, uint32_t number)
{
	if (name)
		put_str(s, key, name);
	else
		put_uint(s, key, number);
}

static void put_bytes(struct saving *s, const char *key, const void *bytes, size_t n)
{
	auto_buf struct buf hex = {};

	for (size_t i = 0; i < n; i++)
		buf_addf(&hex, i ? " %02x" : "%02x", ((const uint8_t *)bytes)[i]);
	put_str(s, key, buf_str(&hex));
}

static void put_u64s(struct saving *s, const char *key, const uint64_t *v, uint32_t n)
{
	if (!v)
		return;
	jsonw_key(&s->j, key);
	jsonw_list(&s->j);
	for (uint32_t i = 0; i < n; i++)
		jsonw_uint(&s->j, v[i]);
	jsonw_close(&s->j, ']');
}

static void open_list(struct saving *s, const char *key)
{
	jsonw_key(&s->j, key);
	jsonw_list(&s->j);
}

static void open_map(struct saving *s, const char *key)
{
	jsonw_key(&s->j, key);
	jsonw_map(&s->j);
}

static void put_object(struct saving *s, const struct kobj *o)
{
	jsonw_map(&s->j);
	put_uint(s, "id", o->id);
	put_some(s, "uid", o->uid);
	put_some(s, "loaded_at", o->load_time);
}

/* ---- the world ----------------------------------------------------------------------------- */

static void save_world(struct saving *s)
{
	static const char *const kinds[] = { [KOBJ_MAP] = "map",
					     [KOBJ_PROG] = "program",
					     [KOBJ_BTF] = "btf",
					     [KOBJ_LINK] = "link" };
	const struct world *w = &s->k->world;

	put_uint(s, "cpus", w->cpus);
	put_uint(s, "seed", w->seed);
	open_map(s, "clock");
	put_uint(s, "boot_ns", w->clock.boot_ns);
	put_uint(s, "real_ns", w->clock.real_ns);
	put_uint(s, "step", w->clock.step);
	jsonw_close(&s->j, '}');
	open_map(s, "task");
	put_uint(s, "pid", w->task.pid);
	put_uint(s, "tgid", w->task.tgid);
	put_uint(s, "ppid", w->task.ppid);
	put_uint(s, "uid", w->task.uid);
	put_uint(s, "gid", w->task.gid);
	put_str(s, "comm", w->task.comm);
	put_uint(s, "cgroup", w->task.cgroup);
	jsonw_close(&s->j, '}');
	open_map(s, "last_id");
	for (unsigned int i = 0; i < KOBJ_KINDS; i++)
		put_uint(s, kinds[i], s->k->ids[i].last);
	jsonw_close(&s->j, '}');
}

static void save_dev(struct saving *s, const struct kern_dev *d)
{
	const struct prog *native = d->xdp[KERN_XDP_NATIVE], *generic = d->xdp[KERN_XDP_SKB];

	jsonw_map(&s->j);
	put_uint(s, "index", d->ifindex);
	put_str(s, "name", d->name);
	if (d->kind[0])
		put_str(s, "kind", d->kind);
	if (d->netns[0])
		put_str(s, "netns", d->netns);
	put_uint(s, "mtu", d->mtu);
	jsonw_key(&s->j, "up");
	jsonw_bool(&s->j, d->up);
	put_some(s, "xdp_native", native ? native->obj.id : 0);
	put_some(s, "xdp_generic", generic ? generic->obj.id : 0);
	jsonw_close(&s->j, '}');
}

static void save_btf(struct saving *s, const struct btf *b)
{
	if (b->is_kernel)
		return;
	put_object(s, &b->obj);
	put_bytes(s, "data", b->data, b->len);
	jsonw_close(&s->j, '}');
}

/* ---- maps ---------------------------------------------------------------------------------- */

static void save_entry(struct saving *s, const struct map *m, const void *key, const void *value)
{
	jsonw_map(&s->j);
	if (key)
		put_bytes(s, "key", key, map_key_size(m));
	put_bytes(s, "value", value, map_user_size(m));
	jsonw_close(&s->j, '}');
}

/* Queues and stacks, from the end that is taken first. */
static void save_queue(struct saving *s, struct map *m, void *value)
{
	while (map_user_take(m, NULL, value, 0) == 0)
		save_entry(s, m, NULL, value);
}

static void save_piece(void *arg, const void *key, size_t key_len, const void *value, size_t len)
{
	struct saving *s = arg;

	jsonw_map(&s->j);
	if (key_len)
		put_bytes(s, "key", key, key_len);
	put_bytes(s, "value", value, len);
	jsonw_close(&s->j, '}');
}

static void save_entries(struct saving *s, struct map *m)
{
	auto_free uint8_t *key = xcalloc(1, map_key_size(m) + 1ul);
	auto_free uint8_t *next = xcalloc(1, map_key_size(m) + 1ul);
	auto_free uint8_t *value = xcalloc(1, map_user_size(m) + 1ul);
	bool first = true;

	if (map_dump(m, save_piece, s))
		return;
	if (m->spec.type == UAPI_MAP_queue || m->spec.type == UAPI_MAP_stack) {
		save_queue(s, m, value);
		return;
	}
	if (!map_key_size(m))
		return;
	while (map_user_next(m, first ? NULL : key, next) == 0) {
		first = false;
		memcpy(key, next, map_key_size(m));
		if (map_user_lookup(m, key, value, 0))
			continue;
		save_entry(s, m, key, value);
	}
}

/* What the maps in a map of maps must be like. */
static void save_inner(struct saving *s, const struct map_shape *i)
{
	open_map(s, "inner");
	put_name(s, "type", uapi_map_type_name(i->type), i->type);
	put_uint(s, "key_size", i->key_size);
	put_uint(s, "value_size", i->value_size);
	put_uint(s, "max_entries", i->max_entries);
	put_some(s, "flags", i->flags);
	jsonw_close(&s->j, '}');
}

/* Creation adds a flag to maps of devices, and refuses it from others. */
static uint32_t asked_flags(const struct map_spec *spec)
{
	bool dev = spec->type == UAPI_MAP_devmap || spec->type == UAPI_MAP_devmap_hash;

	return dev ? spec->flags & ~(uint32_t)BPF_F_RDONLY_PROG : spec->flags;
}

static void save_map(struct saving *s, struct map *m)
{
	const struct map_spec *spec = &m->spec;
	bool frozen = m->frozen;

	put_object(s, &m->obj);
	if (spec->name[0])
		put_str(s, "name", spec->name);
	put_name(s, "type", uapi_map_type_name(spec->type), spec->type);
	put_uint(s, "key_size", spec->key_size);
	put_uint(s, "value_size", spec->value_size);
	put_uint(s, "max_entries", spec->max_entries);
	put_some(s, "flags", asked_flags(spec));
	put_some(s, "extra", spec->extra);
	put_some(s, "btf_id", spec->btf ? spec->btf->id : 0);
	put_some(s, "btf_key_type_id", spec->btf_key_type);
	put_some(s, "btf_value_type_id", spec->btf_value_type);
	if (m->inner)
		save_inner(s, m->inner);
	if (frozen) {
		jsonw_key(&s->j, "frozen");
		jsonw_bool(&s->j, true);
		m->frozen = false; /* queues are emptied */
	}
	open_list(s, "entries");
	save_entries(s, m);
	jsonw_close(&s->j, ']');
	jsonw_close(&s->j, '}');
	m->frozen = frozen;
}

/* ---- programs ------------------------------------------------------------------------------ */

static void save_code(struct saving *s, const struct prog *p)
{
	auto_free uint8_t *bytes = xcalloc(p->n, INSN_SIZE);
	char hex[2 * INSN_SIZE + 1];

	insns_store(p->insns, p->n, bytes);
	open_list(s, "insns");
	for (size_t i = 0; i < p->n; i++) {
		for (size_t b = 0; b < INSN_SIZE; b++)
			snprintf(hex + 2 * b, 3, "%02x", bytes[i * INSN_SIZE + b]);
		jsonw_str(&s->j, hex, sizeof(hex) - 1);
	}
	jsonw_close(&s->j, ']');
}

static void save_prog(struct saving *s, const struct prog *p)
{
	put_object(s, &p->obj);
	if (p->name[0])
		put_str(s, "name", p->name);
	put_name(s, "type", uapi_prog_type_name(p->type), p->type);
	if (p->attach_type)
		put_name(s, "attach_type", uapi_attach_type_name(p->attach_type), p->attach_type);
	jsonw_key(&s->j, "gpl");
	jsonw_bool(&s->j, p->gpl);
	put_bytes(s, "tag", p->tag, sizeof(p->tag));
	put_some(s, "flags", p->flags);
	put_some(s, "attach_btf_id", p->attach_btf_id);
	put_some(s, "attach_program", p->attach_prog ? p->attach_prog->obj.id : 0);
	put_some(s, "run_cnt", p->run_cnt);
	put_some(s, "run_time_ns", p->run_time_ns);
	open_list(s, "maps");
	for (size_t i = 0; i < p->nr_maps; i++)
		jsonw_uint(&s->j, p->maps[i]->obj.id);
	jsonw_close(&s->j, ']');
	save_code(s, p);
	if (p->btf) {
		put_uint(s, "btf_id", p->btf->obj.id);
		put_bytes(s, "func_info", p->func_info, (size_t)p->nr_func_info * 8);
		put_bytes(s, "line_info", p->line_info, (size_t)p->nr_line_info * 16);
	}
	jsonw_close(&s->j, '}');
}

/* ---- links, pins --------------------------------------------------------------------------- */

static void save_link(struct saving *s, const struct kern_link *l)
{
	put_object(s, &l->obj);
	put_name(s, "type", uapi_link_type_name(l->type), l->type);
	put_name(s, "attach_type", uapi_attach_type_name(l->attach_type), l->attach_type);
	put_some(s, "program", l->prog ? l->prog->obj.id : 0);
	put_some(s, "map", l->map ? l->map->obj.id : 0);
	put_some(s, "target", l->target);
	put_some(s, "target_btf_id", l->target_btf);
	put_some(s, "cookie", l->cookie);
	if (l->name)
		put_str(s, "name", l->name);
	put_some(s, "flags", l->flags);
	put_some(s, "pf", l->pf);
	put_some(s, "hook", l->hook);
	if (l->priority) {
		jsonw_key(&s->j, "priority");
		jsonw_int(&s->j, l->priority);
	}
	put_some(s, "perf_type", l->perf_type);
	put_some(s, "offset", l->offset);
	put_some(s, "pid", l->many.pid);
	put_u64s(s, "addrs", l->many.addrs, l->many.n);
	put_u64s(s, "ref_ctrs", l->many.refs, l->many.n);
	put_u64s(s, "cookies", l->many.cookies, l->many.n);
	jsonw_close(&s->j, '}');
}

static void save_attached(struct saving *s, const struct kern_attached *at)
{
	jsonw_map(&s->j);
	put_name(s, "attach_type", uapi_attach_type_name(at->attach_type), at->attach_type);
	put_uint(s, "target", at->target);
	put_uint(s, "program", at->prog->obj.id);
	put_some(s, "flags", at->flags);
	jsonw_close(&s->j, '}');
}

static void save_pin(struct saving *s, const struct kern_pin *p)
{
	static const char *const keys[] = {
		[KOBJ_MAP] = "map", [KOBJ_PROG] = "program", [KOBJ_LINK] = "link"
	};

	jsonw_map(&s->j);
	put_str(s, "path", p->path);
	if (p->obj)
		put_uint(s, keys[p->obj->kind], p->obj->id);
	jsonw_close(&s->j, '}');
}

static void save_kind(struct saving *s, const char *key, enum kobj_kind kind)
{
	const struct kern_ids *ids = &s->k->ids[kind];

	open_list(s, key);
	for (size_t i = 0; i < ids->n; i++) {
		struct kobj *o = ids->v[i];

		if (kind == KOBJ_BTF)
			save_btf(s, (const struct btf *)o);
		else if (kind == KOBJ_MAP)
			save_map(s, (struct map *)o);
		else if (kind == KOBJ_PROG)
			save_prog(s, (const struct prog *)o);
		else
			save_link(s, (const struct kern_link *)o);
	}
	jsonw_close(&s->j, ']');
}

int mock_save(struct kern *k, struct buf *to, struct err *e)
{
	struct saving s = { .k = k, .j = { .to = to, .pretty = true } };

	kern_files_free(k);
	jsonw_map(&s.j);
	put_uint(&s, "mock", MOCK_VERSION);
	save_world(&s);
	open_list(&s, "devices");
	for (size_t i = 0; i < k->net.nr_devs; i++)
		save_dev(&s, &k->net.devs[i]);
	jsonw_close(&s.j, ']');
	save_kind(&s, "btf", KOBJ_BTF);
	save_kind(&s, "programs", KOBJ_PROG);
	save_kind(&s, "links", KOBJ_LINK);
	open_list(&s, "attached");
	for (size_t i = 0; i < k->nr_attached; i++)
		save_attached(&s, &k->attached[i]);
	jsonw_close(&s.j, ']');
	open_list(&s, "pins");
	for (size_t i = 0; i < k->nr_pins; i++)
		save_pin(&s, &k->pins[i]);
	jsonw_close(&s.j, ']');
	save_kind(&s, "maps", KOBJ_MAP);
	jsonw_close(&s.j, '}');
	buf_addc(to, '\n');
	return buf_error(to) ? err_code(e, ENOMEM, "cannot save the mock kernel") : 0;
}
