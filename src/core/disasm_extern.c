// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an object has others give it: kernel functions, kernel symbols, the kernel's configuration.
 */
#include <string.h>

#include "core/disasm_priv.h"
#include "core/disasm_type.h"

/* `TYPE NAME`; without a type that can be written it is an untyped symbol. */
static void put_symbol(struct dis *d, const struct dis_extern *x, struct buf *to)
{
	struct dis_form form;
	struct type var, t;
	bool has_type = x->type && types_get(d->types, x->type, &var) && var.kind == T_VAR &&
			types_strip(d->types, var.ref, &t) && t.kind != T_VOID;

	if (has_type)
		dis_need_type(d, var.ref, x->name);
	if (has_type && dis_put_type(d, var.ref, x->name, to, &form))
		return;
	if (x->is_kconfig)
		buf_addf(to, "u64 ");
	buf_adds(to, x->name);
}

void dis_put_extern(struct dis *d, const struct dis_extern *x)
{
	auto_buf struct buf line = {};

	if (x->is_func && x->type)
		dis_put_proto(d, x->type, x->name, false, &line);
	else if (x->is_func)
		buf_addf(&line, "void %s()", x->name);
	else
		put_symbol(d, x, &line);
	dis_take_decls(d, &d->text);
	if (strcmp(x->symbol, x->name) != 0) {
		buf_adds(&d->text, "// ");
		dis_put_comment(&d->text, x->symbol);
		buf_addc(&d->text, '\n');
	}
	buf_adds(&d->text, x->is_func ? "kfunc " : x->is_kconfig ? "kconfig " : "ksym ");
	buf_add(&d->text, line.data, line.len);
	buf_adds(&d->text, x->is_weak ? " weak\n" : "\n");
	d->text.failed |= line.failed;
}
