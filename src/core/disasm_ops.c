// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Kernel structs of functions, filled with programs (struct_ops).  A member is written if it is a
 * program or anything but zeros; if something is left over then, nothing of the struct is.
 */
#include <stdlib.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"

/* One on its way to the text. */
struct ops {
	struct dis *d;
	const struct dis_var *v;
	const struct dis_section *s;
	uint8_t *left; /* its bytes, without what has been written */
	size_t nr_programs;
	struct buf text;
};

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

/* A struct_ops program, by the relocation of a member. */
static const char *program(const struct ops *o, const struct elf_reloc *r)
{
	struct dis_target t = dis_pointer(o->d, o->s, r);
	const struct dis_func *f = t.kind == TO_FUNC ? &o->d->funcs[t.nr] : NULL;

	return f && strncmp(o->d->sections[f->section].s.name, "struct_ops", 10) == 0 ? f->name
										      : NULL;
}

static bool put_member(struct ops *o, const struct type_member *m)
{
	uint64_t at = m->bit_off / 8;
	const struct elf_reloc *r = dis_reloc(o->s, o->v->off + at);
	int64_t size = types_size(o->d->types, m->type);
	const char *name = r && !m->bits ? program(o, r) : NULL;

	if (m->bits || !*m->name)
		return true; /* what is in it stays in `left` */
	if (size < 0 || at + (uint64_t)size > o->v->size || !dis_is_name(m->name) || (r && !name))
		return false;
	if (!r && is_zero(o->left + at, (size_t)size))
		return true;
	buf_addf(&o->text, "    %s", m->name);
	if (r) {
		buf_addf(&o->text, " = %s", name);
		o->nr_programs++;
	} else if (!dis_put_value(o->d, m->type, o->left + at, (size_t)size, &o->text)) {
		return false;
	}
	buf_addc(&o->text, '\n');
	memset(o->left + at, 0, (size_t)size);
	return true;
}

static bool put_members(struct ops *o, const struct type *t)
{
	uint64_t end = o->v->off + o->v->size;
	size_t first = dis_first_reloc(o->s, o->v->off);
	struct type_member m;

	for (uint32_t i = 0; i < t->n; i++)
		if (!types_member(o->d->types, t, i, &m) || !put_member(o, &m))
			return false;
	return is_zero(o->left, o->v->size) && o->nr_programs == dis_first_reloc(o->s, end) - first;
}

void dis_put_ops(struct dis *d, const struct dis_var *v)
{
	const struct dis_section *s = &d->sections[v->section];
	struct ops o = { .d = d, .v = v, .s = s };
	struct type t;
	bool ok = v->type && s->bytes && v->off + v->size <= s->len &&
		  types_strip(d->types, v->type, &t) && t.kind == T_STRUCT && t.size == v->size &&
		  dis_declare_type(d, t.id);

	if (ok) {
		o.left = xmalloc(v->size + 1);
		memcpy(o.left, s->bytes + v->off, v->size);
		buf_addf(&o.text, "struct_ops %s%s %s {\n",
			 strcmp(s->s.name, ".struct_ops.link") == 0 ? "link " : "", t.name,
			 v->name);
		ok = put_members(&o, &t);
	}
	dis_take_decls(d, &d->text);
	if (ok)
		buf_addf(&d->text, "%s}\n\n", buf_str(&o.text));
	else
		buf_addf(&d->text, "// not kept: struct_ops %s\n\n", v->name);
	d->text.failed |= o.text.failed;
	buf_free(&o.text);
	free(o.left);
}
