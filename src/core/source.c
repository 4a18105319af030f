// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Program files; the only user of the assembler. */
#include "core/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/checks.h"
#include "asm/expand.h"
#include "asm/fmt.h"
#include "asm/formats.h"
#include "asm/image.h"
#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "core/builtin.h"
#include "core/err.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/probe.h"
#include "core/source_kernel.h"
#include "core/source_priv.h"
#include "core/types.h"
#include "core/val.h"

void source_freep(struct source **sp)
{
	struct source *s = *sp;

	if (!s)
		return;
	unit_freep(&s->unit);
	src_freep(&s->src);
	buf_free(&s->warnings);
	types_freep(&s->kernel);
	free(s->path);
	freep(sp);
}

/* ---- includes ----------------------------------------------------------------------------- */

static int include_builtin(const char *name, struct buf *text, char **path)
{
	for (const struct builtin *b = builtin_lib; b->name; b++) {
		if (strcmp(b->name, name) != 0)
			continue;
		buf_adds(text, b->text);
		*path = xasprintf("<%s>", name);
		return buf_error(text);
	}
	return -ENOENT;
}

/* A name without a slash in front stands beside the file that includes it. */
static int include(void *arg, const char *name, const char *from, struct buf *text, char **path)
{
	struct err ignored = {};
	const char *slash = from ? strrchr(from, '/') : NULL;
	int r;

	(void)arg;
	if (!from)
		return include_builtin(name, text, path);
	if (*name == '/' || !slash)
		*path = xstrdup(name);
	else
		*path = xasprintf("%.*s%s", (int)(slash + 1 - from), from, name);
	r = file_read(*path, SRC_MAX_BYTES, text, &ignored);
	err_clear(&ignored);
	return r;
}

/* ---- diagnostics -------------------------------------------------------------------------- */

static const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[DIAG_NOTE] = "note",
		[DIAG_WARNING] = "warning",
		[DIAG_ERROR] = "error",
	};

	return names[severity];
}

static int put_str(struct val *map, const char *key, const char *s, size_t len)
{
	struct val v = { .kind = V_NULL };

	return val_set_str(&v, s, len) ?: val_put(map, key, &v);
}

static int put_number(struct val *map, const char *key, unsigned int n)
{
	struct val v = val_uint(n);

	return val_put(map, key, &v);
}

static int diag_item(struct src *src, const struct diag *d, struct val *list)
{
	struct src_loc loc = src_locate(src, d->pos);
	auto_val struct val map = { .kind = V_MAP };
	int r = 0;

	if (d->pos) {
		r = put_str(&map, "file", loc.path, strlen(loc.path)) ?:
		    put_number(&map, "line", loc.line) ?:
		    put_number(&map, "column", loc.col) ?:
		    put_number(&map, "length", d->len) ?:
		    put_str(&map, "source", loc.text, loc.len);
	}
	r = r
		    ?: put_str(&map, "severity", severity_name(d->severity),
			       strlen(severity_name(d->severity)));
	r = r ?: put_str(&map, "text", d->text, strlen(d->text));
	if (d->check)
		r = r ?: put_str(&map, "check", d->check, strlen(d->check));
	if (d->hint)
		r = r ?: put_str(&map, "hint", d->hint, strlen(d->hint));
	return r ?: val_append(list, &map);
}

/* What the assembler found wrong, as text and as data. */
int source_wrong(struct source *s, struct err *e)
{
	auto_val struct val items = { .kind = V_LIST };
	auto_buf struct buf text = {};
	const struct diag *list;
	size_t n = src_diags(s->src, &list), errors = src_errors(s->src);

	for (size_t i = 0; i < n; i++) {
		src_render(s->src, &list[i], &text);
		if (diag_item(s->src, &list[i], &items) < 0)
			return err_code(e, ENOMEM, "cannot read %s", s->path);
	}
	if (!errors)
		return err_code(e, ENOMEM, "cannot read %s", s->path);
	err_input(e, "%zu error%s in %s", errors, errors == 1 ? "" : "s", s->path);
	err_detail(e, buf_take(&text));
	err_items(e, &items);
	return -EINVAL;
}

/* An error of the back end: either it left a diagnostic, or there was no memory. */
static int failed(struct source *s, int r, struct err *e)
{
	if (r == -EINVAL && src_errors(s->src))
		return source_wrong(s, e);
	return err_code(e, r, "cannot assemble %s", s->path);
}

static void render_warnings(struct source *s)
{
	const struct diag *list;
	size_t n = src_diags(s->src, &list);

	for (size_t i = 0; i < n; i++)
		src_render(s->src, &list[i], &s->warnings);
}

/* ---- sources ------------------------------------------------------------------------------ */

static int set_warnings(struct source *s, const struct source_options *opts, struct err *e)
{
	for (size_t i = 0; i < opts->nr_warnings; i++) {
		const char *word = opts->warnings[i], *name = word;
		struct near near;

		if (src_policy(s->src, word))
			continue;
		name += strncmp(name, "no-", 3) == 0 ? 3 : 0;
		name += strncmp(name, "error=", 6) == 0 ? 6 : 0;
		near = near_to(name, strlen(name));
		for (size_t k = 0; k < nr_checks; k++)
			near_offer(&near, checks[k].name);
		err_usage(e, "there is no warning '%s'", name);
		if (near.best)
			err_hint(e, "did you mean '%.*s'?", (int)near.best_len, near.best);
		return -EINVAL;
	}
	return 0;
}

static struct source *parse(const char *path, const struct buf *text,
			    const struct source_options *opts, struct err *e)
{
	struct asm_options how = { .big_endian = opts->big_endian,
				   .cpu = opts->cpu,
				   .include = include,
				   .kernel_version = opts->kernel_version,
				   .checks = true };
	auto_source struct source *s = xcalloc(1, sizeof(*s));
	struct kernel_types kernel;
	uint32_t pos = 0;

	if (source_kernel(&s->kernel, opts->btf, &kernel, e) < 0)
		return NULL;
	how.kernel = &kernel;

	s->path = xstrdup(strcmp(path, "-") == 0 ? "<stdin>" : path);
	s->src = src_new();
	if (s->src)
		pos = src_add(s->src, s->path, text->data ? text->data : "", text->len);
	if (!pos) {
		err_code(e, ENOMEM, "cannot read %s", s->path);
		return NULL;
	}
	if (set_warnings(s, opts, e) < 0)
		return NULL;
	s->unit = unit_parse(s->src, pos, &how);
	if (!s->unit) {
		source_wrong(s, e);
		return NULL;
	}
	render_warnings(s);
	return take_ptr(s);
}

static bool is_elf(const struct buf *b)
{
	return b->len >= 4 && memcmp(b->data, "\177ELF", 4) == 0;
}

struct source *source_open(const char *path, const struct source_options *opts, struct err *e)
{
	auto_buf struct buf text = {};

	if (file_read(path, SRC_MAX_BYTES, &text, e) < 0)
		return NULL;
	if (is_elf(&text)) {
		err_input(e, "%s is an object, not a source", path);
		err_hint(e, "`bpfctl disasm %s` makes a source of it", path);
		return NULL;
	}
	return parse(path, &text, opts, e);
}

const char *source_warnings(struct source *s)
{
	return buf_str(&s->warnings);
}

bool source_is_object(const struct source *s)
{
	const struct unit *u = s->unit;

	return u->nr_progs || u->nr_maps || u->nr_vars;
}

int source_elf(struct source *s, struct buf *to, struct err *e)
{
	int r;

	r = unit_elf(s->unit, to);
	return r < 0 ? failed(s, r, e) : 0;
}

static int make_image(struct source *s, const char *name, struct image *im, struct err *e)
{
	const struct prog *prog;
	int r = image_pick(s->unit, name, &prog, e);

	if (r < 0)
		return r;
	r = image_make(im, s->unit, prog);
	return r < 0 ? failed(s, r, e) : 0;
}

int source_image(struct source *s, const char *prog, enum source_format format, struct buf *to,
		 struct err *e)
{
	static const enum format formats[] = {
		[SOURCE_BIN] = FORMAT_BIN,   [SOURCE_HEX] = FORMAT_HEX, [SOURCE_C] = FORMAT_C,
		[SOURCE_RUST] = FORMAT_RUST, [SOURCE_GO] = FORMAT_GO,
	};
	auto_image struct image im = {};
	int r = make_image(s, prog, &im, e);

	if (r < 0)
		return r;
	r = format_image(&im, formats[format], NULL, to);
	return r < 0 ? failed(s, r, e) : 0;
}

int source_format_text(const char *path, struct buf *text, struct buf *to, struct err *e)
{
	int r = file_read(path, SRC_MAX_BYTES, text, e);

	if (r < 0)
		return r;
	if (is_elf(text))
		return err_input(e, "%s is an object, not a source", path);
	r = fmt_text(text->data ? text->data : "", text->len, to);
	return r < 0 ? err_code(e, r, "cannot lay out %s", path) : 0;
}

int source_expand(struct source *s, struct buf *to, struct err *e)
{
	int r = unit_expand(s->unit, to);

	return r < 0 ? failed(s, r, e) : 0;
}

int source_listing(struct source *s, struct buf *to, struct err *e)
{
	int r = format_listing(s->unit, to);

	return r < 0 ? failed(s, r, e) : 0;
}

struct each {
	int (*fn)(void *arg, const struct source_insn *in);
	void *arg;
};

static int each_row(void *arg, const struct format_row *row)
{
	const struct insn *in = &row->in->insn;
	struct source_insn out = {
		.at = row->at,
		.code = in->code,
		.dst = in->dst,
		.src = in->src,
		.off = in->off,
		.imm = in->imm,
		.wide = row->slots == 2,
		.text = row->text,
	};
	struct each *x = arg;

	if (out.wide)
		out.imm = (int64_t)((uint64_t)(uint32_t)row->in[1].insn.imm << 32 |
				    (uint32_t)in->imm);
	if (row->has_loc) {
		out.file = row->loc.path;
		out.line = row->loc.line;
		out.col = row->loc.col;
	}
	return x->fn(x->arg, &out);
}

int source_each(struct source *s, const char *prog,
		int (*fn)(void *arg, const struct source_insn *in), void *arg, struct err *e)
{
	auto_image struct image im = {};
	struct each x = { fn, arg };
	int r = make_image(s, prog, &im, e);

	if (r < 0)
		return r;
	r = format_each(s->unit, im.insns, im.n, each_row, &x);
	return r < 0 ? failed(s, r, e) : r;
}

unsigned int source_cpu(void)
{
	return probe_before("6.6") ? 3 : 4;
}

int source_load(const char *path, struct buf *elf, struct buf *warnings, struct err *e)
{
	const struct source_options opts = { .cpu = source_cpu() };
	auto_source struct source *s = NULL;
	auto_buf struct buf text = {};
	int r = file_read(path, FILE_MAX, &text, e);

	if (r < 0)
		return r;
	if (!text.len)
		return err_input(e, "%s is empty", path);
	if (is_elf(&text)) {
		*elf = text;
		text = (struct buf){};
		return 0;
	}
	s = parse(path, &text, &opts, e);
	if (!s)
		return -EINVAL;
	buf_adds(warnings, source_warnings(s));
	return source_elf(s, elf, e);
}
