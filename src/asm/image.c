// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program with the functions it calls. */
#include "asm/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/src.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"

void image_free(struct image *im)
{
	free(im->insns);
	free(im->parts);
	memset(im, 0, sizeof(*im));
}

static void list_programs(const struct unit *u, struct err *e)
{
	auto_buf struct buf names = {};

	for (size_t i = 0; i < u->nr_progs; i++)
		if (!u->progs[i].is_func)
			buf_addf(&names, "%s%s", names.len ? ", " : "", u->progs[i].name);
	err_hint(e, "programs: %s", buf_str(&names));
}

int image_pick(const struct unit *u, const char *name, const struct prog **prog, struct err *e)
{
	size_t n = 0;

	*prog = NULL;
	for (size_t i = 0; i < u->nr_progs; i++) {
		if (u->progs[i].is_func || (name && strcmp(u->progs[i].name, name) != 0))
			continue;
		*prog = &u->progs[i];
		n++;
	}
	if (n == 1 || (u->bare && !name))
		return 0;
	if (n) {
		err_usage(e, "the source has %zu programs, and this format holds one", n);
		list_programs(u, e);
		return -EINVAL;
	}
	if (!name)
		return err_input(e, "the source has no program");
	err_absent(e, "the source has no program '%s'", name);
	list_programs(u, e);
	return -ENOENT;
}

/* Refuses what only a loader can fill in. */
static int check_ref(const struct unit *u, const struct vinsn *in)
{
	const char *what, *name = NULL;

	switch (in->kind) {
	case REF_MAP:
		what = "map";
		name = u->maps[in->ref].name;
		break;
	case REF_VAR:
		what = "variable";
		name = u->vars[in->ref].name;
		break;
	case REF_EXTERN:
		what = "extern";
		name = u->externs[in->ref].name;
		break;
	case REF_STR:
		what = "a string literal";
		break;
	default:
		return 0;
	}
	if (name)
		src_error(u->src, in->pos, 1, "only an object file can refer to %s '%s'", what,
			  name);
	else
		src_error(u->src, in->pos, 1, "only an object file can hold %s", what);
	return src_hint(u->src, "assemble to ELF, which a loader completes");
}

/* Parts being collected. */
struct linker {
	struct image *im;
	uint32_t *part_nr; /* of every program of the unit, from 1; 0: not in the image */
};

/* Puts a program of the unit behind what is there already, unless it is. */
static int add_part(struct linker *l, uint32_t prog)
{
	struct image *im = l->im;
	const struct prog *p = &im->u->progs[prog];

	if (l->part_nr[prog])
		return 0;
	if (!p->n)
		return src_error(im->u->src, p->pos, 1, "'%s' has no instructions", p->name);
	if (p->n > INT32_MAX / INSN_SIZE - im->n)
		return src_error(im->u->src, p->pos, 1, "the program is larger than 2 GiB");
	im->parts[im->nr_parts++] = (struct image_part){ prog, im->n };
	l->part_nr[prog] = im->nr_parts;
	im->n += p->n;
	return 0;
}

/* Adds what part i calls. */
static int add_called(struct linker *l, uint32_t i)
{
	const struct prog *p = &l->im->u->progs[l->im->parts[i].prog];
	const struct vinsn *in = l->im->u->insns + p->first;
	int err = 0;

	for (uint32_t j = 0; j < p->n && !err; j++) {
		if (in[j].kind == REF_FUNC || in[j].kind == REF_FUNC_ADDR)
			err = add_part(l, in[j].ref);
		else
			err = check_ref(l->im->u, &in[j]);
	}
	return err;
}

/* The distance of a call, and of a function's address, counts from the next instruction. */
static void copy_parts(struct linker *l)
{
	struct image *im = l->im;

	for (uint32_t i = 0; i < im->nr_parts; i++) {
		const struct prog *p = &im->u->progs[im->parts[i].prog];

		memcpy(im->insns + im->parts[i].first, im->u->insns + p->first,
		       p->n * sizeof(*im->insns));
	}
	for (uint32_t at = 0; at < im->n; at++) {
		struct vinsn *in = &im->insns[at];

		if (in->kind != REF_FUNC && in->kind != REF_FUNC_ADDR)
			continue;
		in->insn.src = in->kind == REF_FUNC ? PSEUDO_CALL : PSEUDO_FUNC;
		in->insn.imm =
			(int32_t)((int64_t)im->parts[l->part_nr[in->ref] - 1].first - at - 1);
	}
}

static int link_parts(struct linker *l, uint32_t prog)
{
	struct image *im = l->im;
	int err = add_part(l, prog);

	for (uint32_t i = 0; i < im->nr_parts && !err; i++)
		err = add_called(l, i);
	if (err)
		return err;
	im->insns = calloc((size_t)im->n + 1, sizeof(*im->insns));
	if (!im->insns)
		return -ENOMEM;
	copy_parts(l);
	return 0;
}

/* A source without programs is complete as it is. */
static int copy_stream(struct image *im)
{
	const struct unit *u = im->u;
	int err = 0;

	if (!u->nr_insns)
		return src_error(u->src, 0, 1, "the source has no instructions");
	im->name = "main";
	im->n = (uint32_t)u->nr_insns;
	im->insns = malloc((u->nr_insns + 1) * sizeof(*im->insns));
	if (!im->insns)
		return -ENOMEM;
	memcpy(im->insns, u->insns, u->nr_insns * sizeof(*im->insns));
	for (size_t i = 0; i < u->nr_insns && !err; i++)
		err = check_ref(u, &u->insns[i]);
	return err;
}

int image_make(struct image *im, const struct unit *u, const struct prog *prog)
{
	auto_free uint32_t *part_nr = NULL;
	struct linker l = { .im = im };

	memset(im, 0, sizeof(*im));
	im->u = u;
	if (!prog)
		return copy_stream(im);
	im->name = prog->name;
	im->parts = calloc(u->nr_progs, sizeof(*im->parts));
	part_nr = calloc(u->nr_progs, sizeof(*part_nr));
	if (!im->parts || !part_nr)
		return -ENOMEM;
	l.part_nr = part_nr;
	return link_parts(&l, (uint32_t)(prog - u->progs));
}
