// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * .BTF.ext: which FUNC every program and function is, the source of every instruction, and the
 * instructions that the loader completes for the kernel it finds.
 *
 *	header		magic, version, offset and length of the three tables behind it
 *	a table		size of a record, then for each section: its name, the number of its
 *			records, the records; a table without records has length 0
 */
#include <string.h>

#include "asm/btf.h"
#include "asm/ctype.h"
#include "asm/isa.h"
#include "asm/layout.h"
#include "asm/src.h"

#define HEADER_LEN 32u
#define MAGIC 0xeb9fu
#define VERSION 1
#define FUNC_LEN 8u
#define LINE_LEN 16u
#define CORE_LEN 16u

/* A record keeps line << 10 | column; what does not fit is shown as the largest that does. */
#define LINE_MAX_NO 0x3fffffu
#define COL_MAX 0x3ffu

/* The verifier prints the line before every instruction; a longer one helps nobody. */
#define TEXT_MAX 255u

struct ext {
	struct btfw *w;
	const struct layout *lay;
	struct buf *b;
	/* What the last record said, which the next one mostly says again. */
	unsigned int file;
	uint32_t file_off;
	const char *text;
	uint32_t text_off;
};

static void put(struct ext *x, uint32_t v)
{
	buf_put(x->b, v, 4, x->w->big_endian);
}

/* Writes what was not known when its place was passed. */
static void fill_in(struct ext *x, size_t at, size_t v)
{
	struct buf word = { x->b->data + at, 0, 4, false };

	if (!x->b->failed)
		buf_put(&word, v, 4, x->w->big_endian);
}

static void put_section(struct ext *x, const struct layout_sec *s)
{
	put(x, btfw_name(x->w, s->name));
	put(x, s->n);
}

static void put_funcs(struct ext *x)
{
	const struct layout *lay = x->lay;

	put(x, FUNC_LEN);
	for (uint32_t i = 0; i < lay->nr_code; i++) {
		put_section(x, &lay->code[i]);
		for (uint32_t j = 0; j < lay->code[i].n; j++) {
			uint32_t prog = lay->prog_order[lay->code[i].first + j];

			put(x, lay->prog_off[prog]);
			put(x, x->w->prog_func[prog]);
		}
	}
}

/* Up to the line's end, without blanks there, cut where no character is torn apart. */
static size_t text_len(const char *text, size_t len)
{
	len = strnlen(text, len);
	if (len > TEXT_MAX)
		for (len = TEXT_MAX; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	while (len && (unsigned char)text[len - 1] <= ' ')
		len--;
	return len;
}

static char *store(char *p, uint32_t v, bool swap)
{
	v = swap ? __builtin_bswap32(v) : v;
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static char *store_line(struct ext *x, char *p, uint32_t insn_off, uint32_t pos)
{
	const bool swap = x->w->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	struct src_loc loc = {};

	if (pos)
		loc = src_locate(x->lay->u->src, pos);
	if (loc.path && (!x->text || loc.file != x->file)) {
		x->file = loc.file;
		x->file_off = btfw_name(x->w, loc.path);
	}
	if (loc.text && loc.text != x->text) {
		x->text = loc.text;
		/* The kernel limits the table; names are in it already, lines fill what is left. */
		x->text_off = strtab_text(&x->w->strs, loc.text, text_len(loc.text, loc.len),
					  BTFW_MAX - BTFW_SPARE - x->w->types.len);
	}
	p = store(p, insn_off, swap);
	p = store(p, loc.path ? x->file_off : 0, swap);
	p = store(p, loc.text ? x->text_off : 0, swap);
	return store(p,
		     (loc.line < LINE_MAX_NO ? loc.line : LINE_MAX_NO) << 10 |
			     (loc.col < COL_MAX ? loc.col : COL_MAX),
		     swap);
}

/*
 * A record where the position changes.  The verifier insists on one for the first instruction of
 * every function and none for the second slot of ld_imm64.  Returns the number of records.
 */
static uint32_t put_prog_lines(struct ext *x, const struct prog *p, uint32_t base)
{
	const struct vinsn *in = x->lay->u->insns + p->first;
	char *at = buf_reserve(x->b, (size_t)p->n * LINE_LEN), *start = at;
	uint32_t last = 0;

	if (!at)
		return 0;
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t pos = in[i].pos ? in[i].pos : i ? 0 : p->pos;
		bool wide = in[i].insn.code == INSN_LD_IMM64;

		if (i == 0 || (pos && pos != last))
			at = store_line(x, at, base + i * INSN_SIZE, pos);
		last = pos ? pos : last;
		i += wide;
	}
	x->b->len += (size_t)(at - start);
	return (uint32_t)((size_t)(at - start) / LINE_LEN);
}

static void put_lines(struct ext *x)
{
	const struct layout *lay = x->lay;

	put(x, LINE_LEN);
	for (uint32_t i = 0; i < lay->nr_code; i++) {
		uint32_t n = 0;

		put_section(x, &lay->code[i]);
		for (uint32_t j = 0; j < lay->code[i].n; j++) {
			uint32_t prog = lay->prog_order[lay->code[i].first + j];

			n += put_prog_lines(x, &lay->progs[prog], lay->prog_off[prog]);
		}
		fill_in(x, x->b->len - (size_t)n * LINE_LEN - 4, n);
	}
}

/* --- what the loader sets --- */

/* How many of the members up to this one the object describes, not counting it. */
static uint32_t rank_of(const struct ctype *c, uint32_t member)
{
	uint32_t rank = 0;

	if (!(c->flags & CT_KERNEL))
		return member;
	for (uint32_t i = 0; i < member; i++)
		rank += c->members[i].used;
	return rank;
}

/* "0:1:3": an element of what a pointer to T points to, and the members from there on. */
static uint32_t access_string(struct ext *x, const struct core_ref *ref)
{
	const struct ctypes *types = x->lay->u->types;
	const struct ctype *c = ctype_get(types, ctype_strip(types, ref->type));
	auto_buf struct buf s = {};
	uint32_t off;

	if (c->kind == CT_ENUM && ref->n)
		buf_addf(&s, "%u", ref->path[0]);
	else
		buf_addc(&s, '0');
	for (uint32_t i = 0; i < ref->n && c->kind != CT_ENUM; i++) {
		bool array = c->kind == CT_ARRAY;
		uint32_t step = ref->path[i];

		buf_addf(&s, ":%u", array ? step : rank_of(c, step));
		c = ctype_get(types, ctype_strip(types, array ? c->ref : c->members[step].type));
	}
	off = btfw_name(x->w, buf_str(&s));
	x->b->failed |= s.failed;
	return off;
}

/* The first record of instruction `insn` or one behind it. */
static size_t first_core(const struct unit *u, uint32_t insn)
{
	size_t lo = 0, hi = u->nr_cores;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (u->cores[mid].insn < insn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t put_prog_cores(struct ext *x, const struct prog *p, uint32_t base)
{
	const struct unit *u = x->lay->u;
	uint32_t n = 0;

	for (size_t i = first_core(u, p->first); i < u->nr_cores; i++, n++) {
		const struct core_rec *rec = &u->cores[i];

		if (rec->insn >= p->first + p->n)
			break;
		put(x, base + (rec->insn - p->first) * INSN_SIZE);
		put(x, x->w->type_id[rec->ref->type]);
		put(x, access_string(x, rec->ref));
		put(x, rec->ref->kind);
	}
	return n;
}

/* Sections without a record are left out, and so is the table when there is none at all. */
static void put_cores(struct ext *x)
{
	const struct layout *lay = x->lay;

	if (!lay->u->nr_cores)
		return;
	put(x, CORE_LEN);
	for (uint32_t i = 0; i < lay->nr_code; i++) {
		size_t start = x->b->len;
		uint32_t n = 0;

		put_section(x, &lay->code[i]);
		for (uint32_t j = 0; j < lay->code[i].n; j++) {
			uint32_t prog = lay->prog_order[lay->code[i].first + j];

			n += put_prog_cores(x, &lay->progs[prog], lay->prog_off[prog]);
		}
		if (n)
			fill_in(x, start + 4, n);
		else
			x->b->len = start;
	}
}

int btfw_write_ext(struct btfw *w, const struct layout *lay, struct buf *b)
{
	struct ext x = { .w = w, .lay = lay, .b = b };
	size_t start = b->len, funcs, lines, cores;

	buf_put(b, MAGIC, 2, w->big_endian);
	buf_put(b, VERSION, 1, w->big_endian);
	buf_put(b, 0, 1, w->big_endian); /* flags */
	put(&x, HEADER_LEN);
	buf_fill(b, 0, HEADER_LEN - 8);
	funcs = b->len;
	put_funcs(&x);
	lines = b->len;
	put_lines(&x);
	cores = b->len;
	put_cores(&x);
	fill_in(&x, start + 12, lines - funcs); /* func_info: off 0, len */
	fill_in(&x, start + 16, lines - funcs); /* line_info: off, len */
	fill_in(&x, start + 20, cores - lines);
	fill_in(&x, start + 24, cores - funcs); /* core_relo: off, len */
	fill_in(&x, start + 28, b->len - cores);
	return buf_error(b) ? buf_error(b) : strtab_error(&w->strs);
}
