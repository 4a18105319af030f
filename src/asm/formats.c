// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions as text. */
#include "asm/formats.h"

#include <string.h>

#include "asm/image.h"
#include "asm/layout.h"

#define SOURCE_COLUMN 40 /* of a listing: where the source stands behind the instruction */

static bool name_call(void *arg, size_t at, const struct insn *in, struct buf *b)
{
	const struct format_namer *n = arg;
	const struct vinsn *v = &n->insns[at];

	(void)in;
	if (v->kind == REF_FUNC)
		buf_adds(b, n->u->progs[v->ref].name);
	else if (v->kind == REF_EXTERN)
		buf_adds(b, n->u->externs[v->ref].name);
	else
		return false;
	return true;
}

/* A string literal as it was written. */
static void add_string(const struct unit *u, size_t off, struct buf *b)
{
	buf_addc(b, '"');
	for (; off < u->strings_len && u->strings[off]; off++) {
		unsigned char c = u->strings[off];

		if (c == '\n')
			buf_adds(b, "\\n");
		else if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_addf(b, "\\x%02x", c);
		else
			buf_addc(b, (char)c);
	}
	buf_addc(b, '"');
}

static bool name_imm64(void *arg, size_t at, const struct insn in[2], struct buf *b)
{
	const struct format_namer *n = arg;
	const struct vinsn *v = &n->insns[at];

	switch (v->kind) {
	case REF_MAP:
		buf_addf(b, "map[%s]", n->u->maps[v->ref].name);
		if (in->src == PSEUDO_MAP_VALUE)
			buf_addf(b, "[0]+%d", in[1].imm);
		return true;
	case REF_VAR:
		buf_addf(b, "&%s", n->u->vars[v->ref].name);
		if (in->imm)
			buf_addf(b, "%+d", in->imm);
		return true;
	case REF_FUNC_ADDR:
		buf_addf(b, "subprog[%s]", n->u->progs[v->ref].name);
		return true;
	case REF_EXTERN:
		buf_addf(b, "&%s", n->u->externs[v->ref].name);
		return true;
	case REF_STR:
		add_string(n->u, (uint32_t)in->imm, b);
		return true;
	default:
		return false;
	}
}

struct isa_names format_names(struct format_namer *n)
{
	return (struct isa_names){ .arg = n, .call = name_call, .imm64 = name_imm64 };
}

int format_each(const struct unit *u, const struct vinsn *insns, uint32_t n,
		int (*fn)(void *arg, const struct format_row *row), void *arg)
{
	struct format_namer namer = { u, insns };
	const struct isa_names names = format_names(&namer);
	auto_buf struct buf text = {};
	int err = 0;

	for (uint32_t at = 0; at < n && !err;) {
		struct format_row row = { .at = at, .in = &insns[at] };
		struct insn in[2] = { insns[at].insn };
		uint32_t left = n - at > 1 ? 2 : 1;

		if (left == 2)
			in[1] = insns[at + 1].insn;
		text.len = 0;
		row.slots = (uint32_t)insn_print(in, left, at, STYLE_KERNEL, &names, &text);
		row.text = buf_str(&text);
		row.has_loc = insns[at].pos != 0;
		if (row.has_loc)
			row.loc = src_locate(u->src, insns[at].pos);
		err = buf_error(&text);
		if (!err)
			err = fn(arg, &row);
		at += row.slots ? row.slots : 1;
	}
	return err;
}

/* The state of one output. */
struct emitter {
	const struct unit *u;
	struct buf *b;
	/* of a listing */
	const struct layout *lay;
	uint32_t prog;
	unsigned int file, line; /* shown last */
};

static void add_bytes(struct emitter *em, const struct insn *in, const char *prefix,
		      const char *between)
{
	uint8_t bytes[INSN_SIZE];

	insn_encode(in, em->u->big_endian, bytes);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		buf_adds(em->b, i ? between : "");
		buf_adds(em->b, prefix);
		buf_add_hex(em->b, bytes[i], 2);
	}
}

/* Both slots of ld_imm64 are one line: it is one instruction. */
static int hex_row(void *arg, const struct format_row *row)
{
	struct emitter *em = arg;

	for (uint32_t i = 0; i < row->slots; i++) {
		buf_adds(em->b, i ? " " : "");
		add_bytes(em, &row->in[i].insn, "", " ");
	}
	buf_addc(em->b, '\n');
	return 0;
}

/* By fields rather than bytes: the same source is right on a host of either byte order. */
static int c_row(void *arg, const struct format_row *row)
{
	struct emitter *em = arg;

	for (uint32_t i = 0; i < row->slots; i++) {
		const struct insn *in = &row->in[i].insn;

		buf_addf(em->b, "\t{ 0x%02x, %u, %u, %d, %d },", in->code, in->dst, in->src,
			 in->off, in->imm);
		if (i == 0)
			buf_addf(em->b, " /* %s */", row->text);
		buf_addc(em->b, '\n');
	}
	return 0;
}

/* Rust and Go agree on how bytes and comments look, and differ in the indentation. */
static int byte_rows(struct emitter *em, const struct format_row *row, const char *indent)
{
	for (uint32_t i = 0; i < row->slots; i++) {
		buf_adds(em->b, indent);
		add_bytes(em, &row->in[i].insn, "0x", ", ");
		if (i == 0)
			buf_addf(em->b, ", // %s\n", row->text);
		else
			buf_adds(em->b, ",\n");
	}
	return 0;
}

static int rust_row(void *arg, const struct format_row *row)
{
	return byte_rows(arg, row, "    ");
}

static int go_row(void *arg, const struct format_row *row)
{
	return byte_rows(arg, row, "\t");
}

/* A program's name in the manner of the language: my_prog, MY_PROG, MyProg. */
static void add_name(struct buf *b, const char *name, enum format format)
{
	bool upper = true;

	for (; *name; name++) {
		if (format == FORMAT_RUST || (format == FORMAT_GO && upper && *name != '_'))
			buf_addc(b, *name >= 'a' && *name <= 'z' ? (char)(*name - 32) : *name);
		else if (format == FORMAT_C || *name != '_')
			buf_addc(b, *name);
		upper = format == FORMAT_GO && *name == '_';
	}
}

/* A path in a comment, which it must not end. */
static void add_path(struct buf *b, const char *path)
{
	for (; *path; path++)
		buf_addc(b, *path == '*' || (unsigned char)*path < ' ' ? '?' : *path);
}

/* The file the program is from, by its first instruction that has a position. */
static const char *source_of(const struct image *im)
{
	for (uint32_t i = 0; i < im->n; i++)
		if (im->insns[i].pos)
			return src_locate(im->u->src, im->insns[i].pos).path;
	return "?";
}

static void add_head(const struct image *im, enum format format, const char *package, struct buf *b)
{
	const char *order = im->u->big_endian ? "big" : "little";

	buf_adds(b, format == FORMAT_C ? "/* Code generated by bpfctl from "
				       : "// Code generated by bpfctl from ");
	add_path(b, source_of(im));
	buf_adds(b, format == FORMAT_C ? "; DO NOT EDIT. */\n" : "; DO NOT EDIT.\n");
	if (format == FORMAT_C) {
		buf_addf(b, "#include <linux/bpf.h>\n\n"
			    "/* code, dst_reg, src_reg, off, imm */\n"
			    "static const struct bpf_insn ");
		add_name(b, im->name, format);
		buf_adds(b, "[] = {\n");
	} else if (format == FORMAT_RUST) {
		buf_addf(b,
			 "\n/// Instructions of 8 bytes, %s endian.\n#[rustfmt::skip]\n"
			 "pub static ",
			 order);
		add_name(b, im->name, format);
		buf_addf(b, ": [u8; %zu] = [\n", (size_t)im->n * INSN_SIZE);
	} else {
		buf_addf(b, "\npackage %s\n\n// ", package ? package : "main");
		add_name(b, im->name, format);
		buf_addf(b, " holds instructions of 8 bytes, %s endian.\nvar ", order);
		add_name(b, im->name, format);
		buf_adds(b, " = []byte{\n");
	}
}

static void add_binary(const struct image *im, struct buf *b)
{
	uint8_t *to = (uint8_t *)buf_reserve(b, (size_t)im->n * INSN_SIZE);

	for (uint32_t i = 0; i < im->n && to; i++)
		insn_encode(&im->insns[i].insn, im->u->big_endian, to + (size_t)i * INSN_SIZE);
	b->len += to ? (size_t)im->n * INSN_SIZE : 0;
}

int format_image(const struct image *im, enum format format, const char *package, struct buf *b)
{
	static int (*const rows[])(void *arg, const struct format_row *row) = {
		[FORMAT_HEX] = hex_row,
		[FORMAT_C] = c_row,
		[FORMAT_RUST] = rust_row,
		[FORMAT_GO] = go_row,
	};
	static const char *const ends[] = {
		[FORMAT_HEX] = "",
		[FORMAT_C] = "};\n",
		[FORMAT_RUST] = "];\n",
		[FORMAT_GO] = "}\n",
	};
	struct emitter em = { .u = im->u, .b = b };
	int err;

	if (format == FORMAT_BIN) {
		add_binary(im, b);
		return buf_error(b);
	}
	if (format != FORMAT_HEX)
		add_head(im, format, package, b);
	err = format_each(im->u, im->insns, im->n, rows[format], &em);
	buf_adds(b, ends[format]);
	return err ? err : buf_error(b);
}

/* The source of a row, unless the row above came from the same line. */
static void add_source(struct emitter *em, const struct format_row *row)
{
	const struct src_loc *loc = &row->loc;
	size_t from = 0, to = loc->len, width = strlen(row->text);

	if (!row->has_loc || (loc->file == em->file && loc->line == em->line))
		return;
	em->file = loc->file;
	em->line = loc->line;
	while (from < to && (unsigned char)loc->text[from] <= ' ')
		from++;
	while (to > from && (unsigned char)loc->text[to - 1] <= ' ')
		to--;
	buf_fill(em->b, ' ', width < SOURCE_COLUMN ? SOURCE_COLUMN - width : 1);
	buf_addf(em->b, "; %s:%u: ", loc->path, loc->line);
	for (; from < to; from++) {
		unsigned char c = (unsigned char)loc->text[from];

		buf_addc(em->b, c < ' ' || c == 0x7f ? ' ' : (char)c);
	}
}

static int listing_row(void *arg, const struct format_row *row)
{
	struct emitter *em = arg;

	for (uint32_t i = 0; i < row->slots; i++) {
		uint32_t sym;
		struct insn in = layout_insn(em->lay, em->prog, row->at + i, &sym);

		buf_addf(em->b, "%6u  ", row->at + i);
		add_bytes(em, &in, "", " ");
		if (i == 0) {
			buf_addf(em->b, "  %s", row->text);
			add_source(em, row);
		}
		buf_addc(em->b, '\n');
	}
	return 0;
}

static void add_title(struct emitter *em, const struct prog *p)
{
	if (p->is_func)
		buf_addf(em->b, "func %s%s:\n", p->global ? "global " : "", p->name);
	else
		buf_addf(em->b, "prog %s %s:\n", p->section, p->name);
}

int format_listing(const struct unit *u, struct buf *b)
{
	auto_layout struct layout lay = {};
	struct emitter em = { .u = u, .b = b, .lay = &lay };
	int err = layout_plan(&lay, u);

	for (uint32_t i = 0; i < lay.nr_progs && !err; i++) {
		const struct prog *p = &lay.progs[lay.by_first[i]];

		em.prog = lay.by_first[i];
		em.line = 0;
		buf_adds(b, i ? "\n" : "");
		if (!u->bare || lay.nr_progs > 1)
			add_title(&em, p);
		err = format_each(u, u->insns + p->first, p->n, listing_row, &em);
	}
	return err ? err : buf_error(b);
}
