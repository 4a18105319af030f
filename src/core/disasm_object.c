// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A whole object as a source, in the order of one. */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/err.h"

/* Without a license a loader says none, which is not what the assembler does without one. */
static void put_license(struct dis *d)
{
	const char *s = d->license ? d->license : "";
	size_t len = strlen(s);

	if (d->big_endian)
		buf_adds(&d->text, "// big endian: assemble it with --endian big\n");
	buf_adds(&d->text, "license ");
	if (dis_is_name(s))
		buf_adds(&d->text, s);
	else
		dis_put_quoted(&d->text, s, len);
	buf_adds(&d->text, "\n\n");
}

/* What the text cannot say of the object as a whole. */
static void put_losses(struct dis *d)
{
	bool any = d->btf_damaged;

	if (d->btf_damaged)
		buf_adds(&d->text, "// not kept: its types, which are damaged\n");
	for (size_t i = 1; i < d->nr_sections; i++) {
		if (d->sections[i].use != USE_LOST || !d->sections[i].used)
			continue;
		buf_adds(&d->text, "// not kept: section ");
		dis_put_comment(&d->text, d->sections[i].s.name);
		buf_addc(&d->text, '\n');
		any = true;
	}
	if (any)
		buf_addc(&d->text, '\n');
}

static void put_maps(struct dis *d)
{
	for (uint32_t i = 0; i < d->nr_maps && !d->result; i++) {
		if (!d->maps[i].used)
			continue;
		dis_put_map(d, &d->maps[i]);
		buf_addc(&d->text, '\n');
		dis_flush(d, false);
	}
}

static void put_data(struct dis *d)
{
	for (uint32_t i = 1; i < d->nr_sections && !d->result; i++) {
		const struct dis_section *s = &d->sections[i];
		bool is_data = s->use == USE_DATA || s->use == USE_RODATA || s->use == USE_BSS;

		if (!is_data || !s->used || !s->n)
			continue;
		dis_put_data(d, i);
		buf_addc(&d->text, '\n');
	}
}

static void put_externs(struct dis *d)
{
	bool any = false;

	for (uint32_t i = 0; i < d->nr_externs && !d->result; i++) {
		if (!d->externs[i].used)
			continue;
		dis_put_extern(d, &d->externs[i]);
		dis_flush(d, false);
		any = true;
	}
	if (any)
		buf_addc(&d->text, '\n');
}

static void put_ops(struct dis *d)
{
	for (uint32_t i = 1; i < d->nr_sections && !d->result; i++) {
		const struct dis_section *s = &d->sections[i];

		for (uint32_t k = s->first; s->use == USE_OPS && s->used && k < s->first + s->n;
		     k++) {
			dis_put_ops(d, &d->vars[k]);
			dis_flush(d, false);
		}
	}
}

static void put_source(struct dis *d)
{
	put_license(d);
	put_losses(d);
	put_maps(d);
	put_data(d);
	put_externs(d);
	for (uint32_t i = 0; i < d->nr_funcs && !d->result; i++)
		if (d->funcs[i].used)
			dis_put_code(d, &d->funcs[i]);
	put_ops(d);
	while (d->text.len > 1 && d->text.data[d->text.len - 1] == '\n' &&
	       d->text.data[d->text.len - 2] == '\n')
		d->text.len--;
	dis_flush(d, true);
}

bool disasm_is_object(const void *data, size_t len)
{
	return len >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

int disasm_object(const char *name, const void *data, size_t len, const struct disasm_options *opts,
		  const struct disasm_sink *to, struct err *e)
{
	struct dis d = { .file = name, .opts = opts, .to = to };
	int r = dis_read(&d, data, len, e);

	if (r == 0)
		r = dis_select(&d, e);
	if (r == 0) {
		d.decls = dis_types_new(&d);
		put_source(&d);
		r = d.result;
	}
	if (r == 0 && buf_error(&d.text))
		r = err_code(e, ENOMEM, "cannot disassemble %s", name);
	dis_free(&d);
	return r;
}
