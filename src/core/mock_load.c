// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A mock kernel from JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/mock_read.h"
#include "core/mock_state.h"
#include "core/val.h"
#include "sim/kern_attr.h"
#include "sim/kern_net.h"
#include "sim/kern_state.h"
#include "uapi/names.h"

#define TEMPLATE_ID 0x70000000u

static int link_type(const char *name)
{
	for (size_t i = 0; i < uapi_nr_link_types; i++)
		if (strcmp(uapi_link_types[i].name, name) == 0)
			return (int)uapi_link_types[i].id;
	return -1;
}

static struct kobj *find(struct reading *l, const struct val *v, const char *key,
			 enum kobj_kind kind)
{
	uint32_t id = read_u32(l, v, key);
	struct kobj *o = id ? kern_by_id(l->k, kind, id) : NULL;

	if (id && !o)
		read_bad(l, key, "there is no such object, %u", id);
	return o;
}

static int refused(struct reading *l, int err)
{
	return err ? read_bad(l, NULL, "the kernel refuses it: %s", err_text(-err)) : 0;
}

/* When it was made, and by whom. */
static void marks(struct reading *l, const struct val *v, struct kobj *o)
{
	o->uid = read_u32(l, v, "uid");
	o->load_time = read_uint(l, v, "loaded_at", 0);
}

/* ---- objects ------------------------------------------------------------------------------- */

static int load_btf(struct reading *l, const struct val *v)
{
	auto_buf struct buf data = {}, log = {};
	struct btf *b;
	int err;

	read_bytes(l, v, "data", &data);
	if (l->failed)
		return l->failed;
	err = kern_btf_add(l->k, data.data ? data.data : "", data.len, read_u32(l, v, "id"), &log,
			   &b);
	if (err)
		return refused(l, err);
	marks(l, v, &b->obj);
	return 0;
}

static void map_attr(struct reading *l, const struct val *v, struct attr_map_create *a)
{
	*a = (struct attr_map_create){ .map_type = read_name(l, v, "type", uapi_map_type),
				       .key_size = read_u32(l, v, "key_size"),
				       .value_size = read_u32(l, v, "value_size"),
				       .max_entries = read_u32(l, v, "max_entries"),
				       .map_flags = read_u32(l, v, "flags"),
				       .btf_fd = read_u32(l, v, "btf_id"),
				       .btf_key_type_id = read_u32(l, v, "btf_key_type_id"),
				       .btf_value_type_id = read_u32(l, v, "btf_value_type_id"),
				       .map_extra = read_uint(l, v, "extra", 0) };
	snprintf(a->map_name, sizeof(a->map_name), "%s", read_str(l, v, "name"));
}

static int load_map(struct reading *l, const struct val *v)
{
	const struct val *inner = val_get(v, "inner");
	struct map *template = NULL, *m;
	struct attr_map_create a;
	int err = 0;

	if (inner) {
		uint32_t last = l->k->ids[KOBJ_MAP].last;

		map_attr(l, inner, &a);
		l->k->ids[KOBJ_MAP].last = TEMPLATE_ID - 1; /* out of the way of ids that follow */
		if (!l->failed)
			err = kern_map_new(l->k, &a, 0, &template);
		l->k->ids[KOBJ_MAP].last = last;
		if (l->failed || err)
			return refused(l, err);
	}
	map_attr(l, v, &a);
	a.inner_map_fd = template ? template->obj.id : 0;
	if (!l->failed)
		err = kern_map_new(l->k, &a, read_u32(l, v, "id"), &m);
	if (template)
		kobj_put(&template->obj);
	if (l->failed || err)
		return refused(l, err);
	marks(l, v, &m->obj);
	return 0;
}

static int load_entry(struct reading *l, struct map *m, const struct val *v)
{
	auto_buf struct buf key = {}, value = {};
	int err;

	if (map_is_dumped(m)) {
		size_t n;

		read_bytes(l, v, "key", &key);
		read_bytes(l, v, "value", &value);
		n = value.len;
		buf_addc(&value, 0); /* never NULL */
		err = l->failed ? 0 : map_undump(m, key.data, key.len, value.data, n);
		return err ? read_bad(l, "entries", "the map refuses one: %s", err_text(-err)) : 0;
	}
	if (map_key_size(m))
		read_exactly(l, v, "key", map_key_size(m), &key);
	read_exactly(l, v, "value", map_user_size(m), &value);
	if (l->failed)
		return l->failed;
	err = map_user_update(m, map_key_size(m) ? key.data : NULL, value.data, 0);
	return err ? read_bad(l, "entries", "the map refuses one: %s", err_text(-err)) : 0;
}

/* After the programs and other maps that entries can name. */
static int load_entries(struct reading *l, const struct val *v)
{
	const struct val *list = val_get(v, "entries");
	struct map *m = (struct map *)find(l, v, "id", KOBJ_MAP);
	bool stack = m && m->spec.type == UAPI_MAP_stack;

	if (list && list->kind != V_LIST)
		return read_bad(l, "entries", "must be a list");
	for (size_t i = 0; m && list && i < list->seq.n && !l->failed; i++)
		load_entry(l, m, &list->seq.v[stack ? list->seq.n - 1 - i : i]);
	if (m && read_bool(l, v, "frozen") && !l->failed)
		map_user_freeze(m);
	return l->failed;
}

static void code_of(struct reading *l, const struct val *v, struct buf *code)
{
	const struct val *list = val_get(v, "insns");

	if (!list || list->kind != V_LIST) {
		read_bad(l, "insns", "must be a list");
		return;
	}
	for (size_t i = 0; i < list->seq.n; i++) {
		const struct val *in = &list->seq.v[i];

		if (in->kind == V_STR)
			read_hex(l, "insns", in->str.s, code);
		if (in->kind != V_STR || code->len != (i + 1) * 8) {
			read_bad(l, "insns", "instruction %zu is not sixteen hex digits", i);
			return;
		}
	}
}

/* Maps that no instruction names. */
static void bind_maps(struct reading *l, const struct val *v, struct prog *p)
{
	const struct val *list = val_get(v, "maps");

	for (size_t i = 0; list && list->kind == V_LIST && i < list->seq.n; i++) {
		const struct val *id = &list->seq.v[i];
		struct kobj *o =
			id->kind == V_UINT ? kern_by_id(l->k, KOBJ_MAP, (uint32_t)id->u) : NULL;

		if (!o)
			read_bad(l, "maps", "there is no such map");
		else if (kern_bind(p, (struct map *)o))
			read_bad(l, "maps", "out of memory");
	}
}

static int load_prog(struct reading *l, const struct val *v)
{
	auto_buf struct buf code = {}, funcs = {}, lines = {}, tag = {}, log = {};
	struct attr_prog_load a = { .prog_type = read_name(l, v, "type", uapi_prog_type) };
	struct prog *p;
	int err;

	a.expected_attach_type = read_name(l, v, "attach_type", uapi_attach_type);
	code_of(l, v, &code);
	read_bytes(l, v, "func_info", &funcs);
	read_bytes(l, v, "line_info", &lines);
	read_bytes(l, v, "tag", &tag);
	a.insn_cnt = (uint32_t)(code.len / 8);
	a.insns = attr_ptr(code.data);
	a.license = attr_ptr(read_bool(l, v, "gpl") ? "GPL" : "");
	a.prog_flags = read_u32(l, v, "flags");
	a.prog_btf_fd = read_u32(l, v, "btf_id");
	a.func_info = attr_ptr(funcs.data);
	a.func_info_cnt = (uint32_t)(funcs.len / 8);
	a.func_info_rec_size = 8;
	a.line_info = attr_ptr(lines.data);
	a.line_info_cnt = (uint32_t)(lines.len / 16);
	a.line_info_rec_size = 16;
	a.attach_btf_id = read_u32(l, v, "attach_btf_id");
	a.attach_fd = read_u32(l, v, "attach_program");
	a.log_level = 1;
	snprintf(a.prog_name, sizeof(a.prog_name), "%s", read_str(l, v, "name"));
	if (l->failed)
		return l->failed;
	err = kern_prog_new(l->k, &a, read_u32(l, v, "id"), &log, &p);
	if (err) {
		refused(l, err);
		err_log(l->e, buf_take(&log));
		return l->failed;
	}
	marks(l, v, &p->obj);
	if (tag.len == sizeof(p->tag))
		memcpy(p->tag, tag.data, sizeof(p->tag));
	p->run_cnt = read_uint(l, v, "run_cnt", 0);
	p->run_time_ns = read_uint(l, v, "run_time_ns", 0);
	bind_maps(l, v, p);
	return l->failed;
}

static uint64_t *get_u64s(struct reading *l, const struct val *v, const char *key, uint32_t *n)
{
	const struct val *list = val_get(v, key);
	uint64_t *to;

	if (!list)
		return NULL;
	if (list->kind != V_LIST || (*n && list->seq.n != *n)) {
		read_bad(l, key, "must be a list as long as the others");
		return NULL;
	}
	to = xcalloc(list->seq.n + 1, sizeof(*to));
	*n = (uint32_t)list->seq.n;
	for (size_t i = 0; i < list->seq.n; i++)
		to[i] = list->seq.v[i].kind == V_UINT ? list->seq.v[i].u : 0;
	return to;
}

static int load_link(struct reading *l, const struct val *v)
{
	struct prog *p = (struct prog *)find(l, v, "program", KOBJ_PROG);
	struct kobj *m = find(l, v, "map", KOBJ_MAP);
	const struct val *priority = val_get(v, "priority");
	struct kern_link *link;
	int err;

	if (l->failed)
		return l->failed;
	err = kern_link_new(l->k, read_name(l, v, "type", link_type), p, &link);
	if (err)
		return refused(l, err);
	link->attach_type = read_name(l, v, "attach_type", uapi_attach_type);
	link->map = m ? kobj_get(m) : NULL;
	link->target = read_uint(l, v, "target", 0);
	link->target_btf = read_u32(l, v, "target_btf_id");
	link->cookie = read_uint(l, v, "cookie", 0);
	link->name = val_get(v, "name") ? xstrdup(read_str(l, v, "name")) : NULL;
	link->flags = read_u32(l, v, "flags");
	link->pf = read_u32(l, v, "pf");
	link->hook = read_u32(l, v, "hook");
	if (priority)
		link->priority =
			(int32_t)(priority->kind == V_INT ? priority->i : (int64_t)priority->u);
	link->perf_type = read_u32(l, v, "perf_type");
	link->offset = read_uint(l, v, "offset", 0);
	link->many.pid = read_u32(l, v, "pid");
	link->many.addrs = get_u64s(l, v, "addrs", &link->many.n);
	link->many.refs = get_u64s(l, v, "ref_ctrs", &link->many.n);
	link->many.cookies = get_u64s(l, v, "cookies", &link->many.n);
	err = l->failed ? 0 : kern_add(l->k, &link->obj, read_u32(l, v, "id"));
	if (l->failed || err) {
		kobj_put(&link->obj);
		return refused(l, err);
	}
	marks(l, v, &link->obj);
	return 0;
}

static int load_attached(struct reading *l, const struct val *v)
{
	struct kern_attached at = { .attach_type = read_name(l, v, "attach_type", uapi_attach_type),
				    .target = read_uint(l, v, "target", 0),
				    .flags = read_u32(l, v, "flags") };

	at.prog = (struct prog *)find(l, v, "program", KOBJ_PROG);
	if (!at.prog)
		return read_bad(l, "program", "is missing");
	return l->failed ? l->failed : refused(l, kern_attached_add(l->k, &at));
}

/* A program that a device runs without a link. */
static struct prog *xdp_of(struct reading *l, const struct val *v, const char *key)
{
	struct kobj *p = find(l, v, key, KOBJ_PROG);

	if (p && ((struct prog *)p)->type != UAPI_PROG_xdp)
		read_bad(l, key, "is no XDP program");
	return l->failed ? NULL : (struct prog *)p;
}

static int load_dev(struct reading *l, const struct val *v)
{
	struct kern_dev d = { .ifindex = read_u32(l, v, "index"),
			      .mtu = read_u32(l, v, "mtu"),
			      .up = read_bool(l, v, "up") };
	int err;

	read_short(l, v, "name", d.name, sizeof(d.name));
	read_short(l, v, "kind", d.kind, sizeof(d.kind));
	read_short(l, v, "netns", d.netns, sizeof(d.netns));
	if (!d.ifindex)
		return read_bad(l, "index", "must be 1 or more");
	if (!d.name[0])
		return read_bad(l, "name", "is missing");
	d.xdp[KERN_XDP_NATIVE] = xdp_of(l, v, "xdp_native");
	d.xdp[KERN_XDP_SKB] = xdp_of(l, v, "xdp_generic");
	err = l->failed ? 0 : kern_dev_add(l->k, &d);
	if (err == -EEXIST)
		return read_bad(l, "name",
				"there is such a device already, or one with that index");
	if (l->failed || err)
		return refused(l, err);
	for (unsigned int mode = 0; mode < KERN_XDP_MODES; mode++)
		if (d.xdp[mode])
			kobj_get(&d.xdp[mode]->obj);
	return 0;
}

/* A state that says nothing of devices leaves the kernel those it has. */
static int load_devs(struct reading *l, const struct val *root)
{
	if (val_get(root, "devices"))
		kern_devs_free(l->k);
	return read_each(l, root, "devices", load_dev);
}

static int load_pin(struct reading *l, const struct val *v)
{
	const char *path = read_str(l, v, "path");
	struct kobj *o = find(l, v, "map", KOBJ_MAP);
	int err;

	if (!o)
		o = find(l, v, "program", KOBJ_PROG);
	if (!o)
		o = find(l, v, "link", KOBJ_LINK);
	if (l->failed)
		return l->failed;
	if (!kern_is_pin_path(path))
		return read_bad(l, "path", "is not below " KERN_BPFFS);
	err = kern_pin(l->k, path, o);
	return err ? read_bad(l, "path", "cannot be: %s", err_text(-err)) : 0;
}

/* ---- the world ----------------------------------------------------------------------------- */

static void load_world(struct reading *l, const struct val *root)
{
	struct world *w = &l->k->world;
	static const struct val none = { .kind = V_MAP };
	const struct val *clock = val_get(root, "clock") ?: &none;
	const struct val *task = val_get(root, "task") ?: &none;
	uint64_t cpus = read_uint(l, root, "cpus", w->cpus);

	if (!cpus || cpus > WORLD_CPUS)
		read_bad(l, "cpus", "must be 1 to %d", WORLD_CPUS);
	w->cpus = (unsigned int)cpus;
	w->seed = read_uint(l, root, "seed", w->seed);
	w->clock.boot_ns = read_uint(l, clock, "boot_ns", w->clock.boot_ns);
	w->clock.real_ns = read_uint(l, clock, "real_ns", w->clock.real_ns);
	w->clock.step = read_uint(l, clock, "step", w->clock.step);
	w->task.pid = (uint32_t)read_uint(l, task, "pid", w->task.pid);
	w->task.tgid = (uint32_t)read_uint(l, task, "tgid", w->task.tgid);
	w->task.ppid = (uint32_t)read_uint(l, task, "ppid", w->task.ppid);
	w->task.uid = (uint32_t)read_uint(l, task, "uid", w->task.uid);
	w->task.gid = (uint32_t)read_uint(l, task, "gid", w->task.gid);
	w->task.cgroup = read_uint(l, task, "cgroup", w->task.cgroup);
	if (val_get(task, "comm"))
		snprintf(w->task.comm, sizeof(w->task.comm), "%s", read_str(l, task, "comm"));
}

static void load_last_ids(struct reading *l, const struct val *root)
{
	static const char *const kinds[] = { [KOBJ_MAP] = "map",
					     [KOBJ_PROG] = "program",
					     [KOBJ_BTF] = "btf",
					     [KOBJ_LINK] = "link" };
	static const struct val none = { .kind = V_MAP };
	const struct val *last = val_get(root, "last_id") ?: &none;

	for (unsigned int i = 0; i < KOBJ_KINDS; i++) {
		struct kern_ids *ids = &l->k->ids[i];
		uint32_t top = ids->n ? ids->v[ids->n - 1]->id : 0;

		ids->last = (uint32_t)read_uint(l, last, kinds[i], top);
		if (ids->last < top)
			ids->last = top;
	}
	if (!l->k->ids[KOBJ_BTF].last)
		l->k->ids[KOBJ_BTF].last = 1;
}

/* What something else holds needs its maker's reference no more. */
static void settle_one(struct kern *k, struct kobj *o)
{
	if (o == (struct kobj *)k->vmlinux)
		return;
	if (o->refs > 1)
		o->refs--;
	else
		o->held = true;
}

static void settle(struct kern *k)
{
	for (unsigned int kind = 0; kind < KOBJ_KINDS; kind++)
		for (size_t i = 0; i < k->ids[kind].n; i++)
			settle_one(k, k->ids[kind].v[i]);
}

static int check_version(struct reading *l, const struct val *root)
{
	if (root->kind != V_MAP || !val_get(root, "mock"))
		return err_input(l->e, "%s is no state of a mock kernel: it has no \"mock\": %d",
				 l->name, MOCK_VERSION);
	if (read_uint(l, root, "mock", 0) != MOCK_VERSION)
		return err_input(l->e, "%s has version %llu, and this bpfctl reads version %d",
				 l->name, (unsigned long long)read_uint(l, root, "mock", 0),
				 MOCK_VERSION);
	return 0;
}

int mock_load(struct kern *k, const char *text, size_t len, const char *name, struct err *e)
{
	struct reading l = { .k = k, .name = name, .e = e };
	auto_val struct val root = { .kind = V_NULL };
	int err = json_parse(text, len, name, &root, e);

	if (!err)
		err = check_version(&l, &root);
	if (err)
		return err;
	k->by_id = true;
	load_world(&l, &root);
	if (!l.failed && !read_each(&l, &root, "btf", load_btf) &&
	    !read_each(&l, &root, "maps", load_map) &&
	    !read_each(&l, &root, "programs", load_prog) && !load_devs(&l, &root) &&
	    !read_each(&l, &root, "maps", load_entries) &&
	    !read_each(&l, &root, "links", load_link) &&
	    !read_each(&l, &root, "attached", load_attached))
		read_each(&l, &root, "pins", load_pin);
	load_last_ids(&l, &root);
	settle(k);
	k->by_id = false;
	return l.failed;
}
