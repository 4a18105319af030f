// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The load check of a program with what it names: BTF, maps, helpers, kernel functions. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/btf_priv.h"
#include "sim/code.h"
#include "sim/helper.h"
#include "sim/insn.h"
#include "sim/kern_attr.h"
#include "sim/kern_load.h"
#include "sim/map_prog.h"
#include "sim/run.h"
#include "uapi/names.h"

#define MAX_MAPS 64 /* MAX_USED_MAPS */
#define FUNC_INFO 8
#define LINE_INFO 16
#define MAX_RECORD 252 /* MAX_FUNCINFO_REC_SIZE, MAX_LINEINFO_REC_SIZE */
#define FLAG_STRICT_ALIGNMENT 1

struct verify {
	struct kern *k;
	struct prog *p;
	const struct attr_prog_load *a;
	size_t cap_maps;
};

/* ---- maps and addresses -------------------------------------------------------------------- */

static int use_map(struct verify *v, struct map *m, struct buf *log)
{
	struct prog *p = v->p;

	for (size_t i = 0; i < p->nr_maps; i++)
		if (p->maps[i] == m)
			return 0;
	if (p->nr_maps == MAX_MAPS) {
		buf_addf(log, "The total number of maps per program has reached the limit of %u\n",
			 MAX_MAPS);
		return -E2BIG;
	}
	if (array_grow(&p->maps, p->nr_maps, &v->cap_maps, sizeof(struct map *)))
		return -ENOMEM;
	p->maps[p->nr_maps++] = kobj_get(&m->obj);
	m->progs++;
	return 0;
}

/* The descriptor at an index of fd_array. */
static int array_fd(struct verify *v, uint32_t i, int32_t *fd)
{
	return user_read(fd, v->a->fd_array + UINT64_C(4) * i, sizeof(*fd));
}

static int find_map(struct verify *v, const struct insn *in, struct kobj **o, struct buf *log)
{
	int32_t fd = in->imm;
	int err;

	if (v->k->by_id) {
		*o = kern_by_id(v->k, KOBJ_MAP, (uint32_t)in->imm);
		return *o ? 0 : -ENOENT;
	}
	if (in->src == PSEUDO_MAP_IDX || in->src == PSEUDO_MAP_IDX_VALUE) {
		if (!v->a->fd_array) {
			buf_adds(log, "fd_idx without fd_array is invalid\n");
			return -EPROTO;
		}
		if (array_fd(v, (uint32_t)in->imm, &fd))
			return -EFAULT;
	}
	err = kern_object(v->k, fd, KOBJ_MAP, o);
	if (err)
		buf_addf(log, "fd %d is not pointing to valid bpf_map\n", fd);
	return err;
}

static int map_imm(struct verify *v, const struct insn in[2], size_t at, uint64_t *value,
		   struct buf *log)
{
	bool direct = in->src == PSEUDO_MAP_VALUE || in->src == PSEUDO_MAP_IDX_VALUE;
	struct insn *own = &v->p->insns[at];
	struct kobj *o;
	struct map *m;
	int err = find_map(v, in, &o, log);

	if (err)
		return err;
	m = (struct map *)o;
	err = use_map(v, m, log);
	if (err)
		return err;
	own->imm = (int32_t)o->id;
	own->src = direct ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD;
	if (!direct) {
		*value = map_addr(m);
		return *value ? 0 : -ENOMEM;
	}
	if ((uint32_t)in[1].imm >= 1u << 29) {
		buf_addf(log, "direct value offset of %u is not allowed\n", (uint32_t)in[1].imm);
		return -EINVAL;
	}
	err = map_direct_value(m, (uint32_t)in[1].imm, value);
	if (err)
		buf_addf(log, "invalid access to map value pointer, value_size=%u off=%u\n",
			 m->spec.value_size, (uint32_t)in[1].imm);
	return err;
}

/* Variables of the kernel: the mock has none of their values but can say which there are. */
static int btf_imm(struct verify *v, const struct insn in[2], struct buf *log)
{
	const struct btf *b = kern_vmlinux(v->k);
	const struct btf_type *t = b ? btf_type(b, (uint32_t)in->imm) : NULL;

	if (!b) {
		buf_adds(
			log,
			"kernel is missing BTF, make sure CONFIG_DEBUG_INFO_BTF=y is specified in Kconfig.\n");
		return -EINVAL;
	}
	if (!t) {
		buf_addf(log, "ldimm64 insn specifies invalid btf_id %d.\n", in->imm);
		return -ENOENT;
	}
	if (btf_kind(t) != BTF_KIND_VAR && btf_kind(t) != BTF_KIND_FUNC) {
		buf_addf(log, "pseudo btf_id %d in ldimm64 isn't KIND_VAR or KIND_FUNC\n", in->imm);
		return -EINVAL;
	}
	buf_addf(log, "the mock kernel has no variable %s\n", btf_name(b, t->name_off));
	return -EOPNOTSUPP;
}

static int imm64(void *arg, const struct insn in[2], size_t at, uint64_t *value, struct buf *log)
{
	struct verify *v = ((struct prog *)arg)->loading;

	if (in->src == PSEUDO_BTF_ID)
		return btf_imm(v, in, log);
	return map_imm(v, in, at, value, log);
}

/* ---- calls --------------------------------------------------------------------------------- */

static int helper(void *arg, int32_t id, size_t at, const struct vm_func **func, struct buf *log)
{
	(void)at;
	return helper_find(arg, id, func, log);
}

static int kfunc(void *arg, const struct insn *in, size_t at, const struct vm_func **func,
		 struct buf *log)
{
	struct verify *v = ((struct prog *)arg)->loading;
	const struct btf *b = kern_vmlinux(v->k);
	const struct btf_type *t = b ? btf_type(b, (uint32_t)in->imm) : NULL;

	(void)at;
	if (!b) {
		buf_adds(
			log,
			"calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF\n");
		return -KERN_ENOTSUPP;
	}
	if (!v->p->gpl) {
		buf_adds(log, "cannot call kernel function from non-GPL compatible program\n");
		return -EINVAL;
	}
	if (!t || btf_kind(t) != BTF_KIND_FUNC) {
		buf_addf(log, "kernel btf_id %d is not a function\n", in->imm);
		return -EINVAL;
	}
	return kfunc_find(v->p, btf_name(b, t->name_off), func, log);
}

/* ---- BTF ----------------------------------------------------------------------------------- */

/* n records of rec bytes, of which the kernel knows the first `known`. */
static int take_records(uint64_t from, uint32_t n, uint32_t rec, uint32_t known, void **to,
			const char *what, struct buf *log)
{
	uint32_t have = rec < known ? rec : known;
	uint8_t *p;

	if (rec < known || rec > MAX_RECORD || rec % 4) {
		buf_addf(log, "invalid %s info rec size %u\n", what, rec);
		return -EINVAL;
	}
	p = calloc(n, known);
	if (!p)
		return -ENOMEM;
	*to = p;
	if (rec == known)
		return user_read(p, from, (size_t)n * known);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = from + (uint64_t)i * rec;
		int err = user_zero(at + known, rec - known);

		if (err == -E2BIG)
			buf_addf(log, "nonzero tailing record in %s info\n", what);
		if (!err)
			err = user_read(p + (size_t)i * known, at, have);
		if (err)
			return err;
	}
	return 0;
}

static bool begins_func(const struct prog *p, uint32_t off)
{
	if (!off)
		return true;
	for (size_t i = 0; i < p->n; i++) {
		const struct insn *in = &p->insns[i];

		if ((insn_is_subcall(in) || insn_is_func(in)) &&
		    (int64_t)i + in->imm + 1 == (int64_t)off)
			return true;
	}
	return false;
}

static int check_funcs(const struct prog *p, struct buf *log)
{
	const uint32_t *r = p->func_info;

	for (uint32_t i = 0; i < p->nr_func_info; i++, r += 2) {
		const struct btf_type *t = btf_type(p->btf, r[1]);

		if (!i && r[0]) {
			buf_addf(log, "nonzero insn_off %u for the first func info record\n", r[0]);
			return -EINVAL;
		}
		if (i && r[0] <= r[-2]) {
			buf_addf(log,
				 "same or smaller insn offset (%u) than previous func info "
				 "record (%u)\n",
				 r[0], r[-2]);
			return -EINVAL;
		}
		if (!t || btf_kind(t) != BTF_KIND_FUNC) {
			buf_addf(log, "invalid type id %u in func info\n", r[1]);
			return -EINVAL;
		}
		if (!begins_func(p, r[0])) {
			buf_adds(
				log,
				"func_info BTF section doesn't match subprog layout in BPF program\n");
			return -EINVAL;
		}
	}
	return 0;
}

static int check_lines(const struct prog *p, struct buf *log)
{
	const uint32_t *r = p->line_info;

	for (uint32_t i = 0; i < p->nr_line_info; i++, r += 4) {
		if ((i && r[0] <= r[-4]) || r[0] >= p->n) {
			buf_addf(
				log,
				"Invalid line_info[%u].insn_off:%u (prev_offset:%u prog->len:%zu)\n",
				i, r[0], i ? r[-4] : 0, p->n);
			return -EINVAL;
		}
		if (!p->insns[r[0]].code) {
			buf_addf(log, "Invalid insn code at line_info[%u].insn_off\n", i);
			return -EINVAL;
		}
		if (!btf_name_ok(p->btf, r[2]) || !btf_name_ok(p->btf, r[1])) {
			buf_addf(log, "Invalid line_info[%u].line_off or .file_name_off\n", i);
			return -EINVAL;
		}
	}
	return 0;
}

static int take_btf(struct verify *v, struct buf *log)
{
	const struct attr_prog_load *a = v->a;
	struct prog *p = v->p;
	struct kobj *o;
	int err;

	if (!a->func_info_cnt && !a->line_info_cnt)
		return 0;
	err = kern_object(v->k, (int)a->prog_btf_fd, KOBJ_BTF, &o);
	if (v->k->by_id) {
		o = kern_by_id(v->k, KOBJ_BTF, a->prog_btf_fd);
		err = o ? 0 : -ENOENT;
	}
	if (err)
		return err;
	if (((struct btf *)o)->is_kernel)
		return -EACCES;
	p->btf = kobj_get(o);
	if (a->func_info_cnt)
		err = take_records(a->func_info, a->func_info_cnt, a->func_info_rec_size, FUNC_INFO,
				   &p->func_info, "func", log);
	p->nr_func_info = a->func_info_cnt;
	if (!err)
		err = check_funcs(p, log);
	if (!err && a->line_info_cnt)
		err = take_records(a->line_info, a->line_info_cnt, a->line_info_rec_size, LINE_INFO,
				   &p->line_info, "line", log);
	p->nr_line_info = a->line_info_cnt;
	return err ? err : check_lines(p, log);
}

/* ---- what it is attached to ---------------------------------------------------------------- */

static const struct btf *target_btf(const struct verify *v)
{
	const struct prog *p = v->p;

	if (p->attach_prog)
		return p->attach_prog->btf;
	return p->attach_btf ? p->attach_btf : kern_vmlinux(v->k);
}

#define SLEEPABLE (1u << 4) /* BPF_F_SLEEPABLE */

static int check_flags(const struct prog *p, struct buf *log)
{
	bool may_sleep = p->type == UAPI_PROG_tracing
				 ? p->attach_type != UAPI_ATTACH_trace_raw_tp
				 : p->type == UAPI_PROG_lsm || p->type == UAPI_PROG_kprobe ||
					   p->type == UAPI_PROG_struct_ops ||
					   p->type == UAPI_PROG_syscall;

	if ((p->flags & SLEEPABLE) && !may_sleep) {
		buf_adds(log, "Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops "
			      "programs can be sleepable\n");
		return -EINVAL;
	}
	return 0;
}

static int check_target(struct verify *v, struct buf *log)
{
	const struct prog *p = v->p;
	const struct btf *b;
	const struct btf_type *t;
	bool typed = p->type == UAPI_PROG_tracing && p->attach_type == UAPI_ATTACH_trace_raw_tp;

	if (p->type == UAPI_PROG_struct_ops && !p->attach_btf_id)
		return -KERN_ENOTSUPP;
	if (p->type != UAPI_PROG_tracing && p->type != UAPI_PROG_lsm && p->type != UAPI_PROG_ext)
		return 0;
	if (!p->attach_btf_id) {
		buf_adds(log, "Tracing programs must provide btf_id\n");
		return -EINVAL;
	}
	b = target_btf(v);
	if (!b) {
		buf_adds(
			log,
			"Tracing program can only be attached to another program annotated with BTF\n");
		return -EINVAL;
	}
	t = btf_type(b, p->attach_btf_id);
	if (!t) {
		buf_addf(log, "attach_btf_id %u is invalid\n", p->attach_btf_id);
		return -EINVAL;
	}
	if (typed && (btf_kind(t) != BTF_KIND_TYPEDEF ||
		      strncmp(btf_name(b, t->name_off), "btf_trace_", 10) != 0)) {
		buf_addf(log, "attach_btf_id %u is not a typedef\n", p->attach_btf_id);
		return -EINVAL;
	}
	if (!typed && btf_kind(t) != BTF_KIND_FUNC) {
		buf_addf(log, "attach_btf_id %u is not a function\n", p->attach_btf_id);
		return -EINVAL;
	}
	return 0;
}

/* Maps that a program holds only by fd_array_cnt, as libbpf's for metadata. */
static int take_array(struct verify *v, struct buf *log)
{
	if (v->a->fd_array_cnt >= UINT32_MAX / sizeof(int32_t)) {
		buf_addf(log, "fd_array_cnt is too big (%u)\n", v->a->fd_array_cnt);
		return -EINVAL;
	}
	for (uint32_t i = 0; i < v->a->fd_array_cnt; i++) {
		struct kobj *o;
		int32_t fd = -1;

		if (array_fd(v, i, &fd))
			return -EFAULT;
		if (kern_object(v->k, fd, KOBJ_MAP, &o) == 0) {
			int err = use_map(v, (struct map *)o, log);

			if (err)
				return err;
		} else if (kern_object(v->k, fd, KOBJ_BTF, &o)) {
			buf_addf(log, "invalid FD %d\n", fd);
			return -EINVAL;
		}
	}
	return 0;
}

int kern_verify(struct kern *k, struct prog *p, const struct attr_prog_load *a, struct buf *log)
{
	struct verify v = { .k = k, .p = p, .a = a };
	struct code_owner owner = {
		.arg = p,
		.imm64 = imm64,
		.helper = helper,
		.kfunc = kfunc,
		.ld_abs = run_has_ld_abs(p->type) ? run_ld_abs : NULL,
		.arena = true,
		.log_level = a->log_level & 7,
	};
	int err;

	p->loading = &v;
	err = take_array(&v, log);
	if (!err)
		err = take_btf(&v, log);
	if (!err)
		err = check_flags(p, log);
	if (!err)
		err = check_target(&v, log);
	owner.func_info = p->nr_func_info != 0;
	if (!err)
		err = code_load(k->world.vm, p->insns, p->n, &owner, log, &p->code);
	if (!err)
		p->verified_insns = (uint32_t)code_processed(p->code);
	p->loading = NULL;
	return err;
}
