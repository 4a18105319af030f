// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions as text: the kernel's spelling, LLVM's, and mnemonics. */
#include "asm/print.h"

#include "core/buf.h"
#include "uapi/names.h"

void put_u64(struct text *t, uint64_t v)
{
	char digits[20], *d = digits + sizeof(digits);

	do
		*--d = (char)('0' + v % 10);
	while (v /= 10);
	while (d < digits + sizeof(digits))
		*t->p++ = *d++;
}

void put_s64(struct text *t, int64_t v)
{
	if (v < 0)
		put_char(t, '-');
	put_u64(t, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

/* With a sign in any case, as jump distances have it. */
static void put_signed(struct text *t, int64_t v)
{
	if (v >= 0)
		put_char(t, '+');
	put_s64(t, v);
}

static void put_hex(struct text *t, uint64_t v, int digits)
{
	put(t, "0x");
	while (digits < 16 && v >> 4 * digits)
		digits++;
	while (digits--)
		put_char(t, "0123456789abcdef"[v >> 4 * digits & 15]);
}

static void put_code(struct text *t, uint8_t code)
{
	put_char(t, '(');
	put_char(t, "0123456789abcdef"[code >> 4]);
	put_char(t, "0123456789abcdef"[code & 15]);
	put(t, ") ");
}

void put_reg(struct text *t, unsigned int n, bool narrow)
{
	if (is_mnemonic(t))
		put(t, "%r");
	else
		put_char(t, narrow ? 'w' : 'r');
	if (n > 9) {
		put_char(t, '1');
		n -= 10;
	}
	put_char(t, (char)('0' + n));
}

static void line_begin(struct text *t)
{
	char *room = buf_reserve(t->b, LINE_ROOM);

	t->p = room ? room : t->scratch;
}

static void line_end(struct text *t)
{
	if (!buf_error(t->b))
		t->b->len = (size_t)(t->p - t->b->data);
}

/* Goes on behind what a callback has added. */
static bool line_resume(struct text *t, bool said)
{
	line_begin(t);
	return said;
}

/* Whether the callback exists and had something to say. */
#define ASKED(t, fn, ...)                                                                          \
	((t)->names && (t)->names->fn &&                                                           \
	 (line_end(t),                                                                             \
	  line_resume(t, (t)->names->fn((t)->names->arg, (t)->at, __VA_ARGS__, (t)->b))))

void put_value(struct text *t, bool narrow)
{
	if (t->by_imm)
		put_s64(t, t->in->imm);
	else
		put_reg(t, t->in->src, narrow);
}

void put_mnemonic(struct text *t)
{
	put(t, t->row->mnemonic);
	if (t->narrow)
		put(t, "32");
	put_char(t, ' ');
}

static void put_target(struct text *t, int64_t distance)
{
	int64_t to = (int64_t)t->at + 1 + distance;

	if (ASKED(t, target, to))
		return;
	put(t, is_kernel(t) ? "pc" : "");
	put_signed(t, distance);
}

/* `r1 += 5`, `add %r1, 5` */
static void print_alu(struct text *t)
{
	if (is_mnemonic(t)) {
		put_mnemonic(t);
		put_reg(t, t->in->dst, false);
		put(t, ", ");
	} else {
		put_reg(t, t->in->dst, t->narrow);
		put_char(t, ' ');
		put(t, t->row->op);
		put_char(t, ' ');
	}
	put_value(t, t->narrow);
}

static void print_neg(struct text *t)
{
	if (is_mnemonic(t)) {
		put_mnemonic(t);
	} else {
		put_reg(t, t->in->dst, t->narrow);
		put(t, " = -");
	}
	put_reg(t, t->in->dst, t->narrow);
}

/* `r1 = (s8)r2`, `movsx864 %r1, %r2` */
static void print_movsx(struct text *t)
{
	if (is_mnemonic(t)) {
		put(t, t->row->mnemonic);
		put(t, t->narrow ? "32 " : "64 ");
		put_reg(t, t->in->dst, false);
		put(t, ", ");
	} else {
		put_reg(t, t->in->dst, t->narrow);
		put(t, " = (");
		put(t, t->row->op);
		put_char(t, ')');
	}
	put_reg(t, t->in->src, t->narrow);
}

/* The texts that are the same in all styles, but for the % of the registers. */
void put_result(struct text *t, unsigned int reg, bool narrow)
{
	put_reg(t, reg, narrow);
	put(t, " = ");
}

static void print_cast(struct text *t)
{
	uint32_t spaces = (uint32_t)t->in->imm;

	put_result(t, t->in->dst, false);
	put(t, t->row->op);
	put_char(t, '(');
	put_reg(t, t->in->src, false);
	put(t, ", ");
	put_u64(t, spaces >> 16);
	put(t, ", ");
	put_u64(t, spaces & 0xffff);
	put_char(t, ')');
}

/* Only the kernel makes these two, so that only the kernel has words for them. */
static void print_percpu(struct text *t)
{
	put_result(t, t->in->dst, false);
	put(t, t->row->op);
	put_char(t, '(');
	put_reg(t, t->in->src, false);
	put_char(t, ')');
}

static void print_end(struct text *t)
{
	if (!is_mnemonic(t))
		put_result(t, t->in->dst, false);
	put(t, t->row->op);
	put_u64(t, (uint64_t)t->in->imm);
	put_char(t, ' ');
	put_reg(t, t->in->dst, false);
}

static uint64_t imm64(const struct text *t)
{
	return (uint64_t)(uint32_t)t->in[1].imm << 32 | (uint32_t)t->in[0].imm;
}

static void print_imm64(struct text *t)
{
	if (is_mnemonic(t)) {
		put_mnemonic(t);
		put_reg(t, t->in->dst, false);
		put(t, ", ");
	} else {
		put_result(t, t->in->dst, false);
	}
	if (t->style == STYLE_LLVM)
		put_s64(t, (int64_t)imm64(t));
	else
		put_hex(t, imm64(t), 1);
	put(t, is_mnemonic(t) || (t->with_op && is_kernel(t)) ? "" : " ll");
}

/* Every kind can be written so; the other ways are for reading. */
static void print_ld_pseudo(struct text *t)
{
	put(t, "ld_pseudo ");
	put_reg(t, t->in->dst, false);
	put(t, ", ");
	put_u64(t, t->in->src);
	put(t, ", ");
	put_u64(t, imm64(t));
}

static void print_pseudo(struct text *t)
{
	bool has_offset = t->in->src == PSEUDO_MAP_VALUE || t->in->src == PSEUDO_MAP_IDX_VALUE;

	if (!is_kernel(t) || !*t->row->op || (t->in[1].imm && !has_offset)) {
		print_ld_pseudo(t);
		return;
	}
	put_result(t, t->in->dst, false);
	put(t, t->row->op);
	if (t->in->src == PSEUDO_FUNC)
		put_signed(t, t->in->imm);
	else
		put_s64(t, t->in->imm);
	put_char(t, ']');
	put(t, t->in->src == PSEUDO_MAP_VALUE ? "[0]" : "");
	if (has_offset)
		put_signed(t, (uint32_t)t->in[1].imm);
}

static void print_wide(struct text *t)
{
	size_t start;

	if (t->names && t->names->imm64) {
		line_end(t);
		start = t->b->len;
		put_result(t, t->in->dst, false);
		if (ASKED(t, imm64, t->in))
			return;
		t->b->len = start;
		line_begin(t);
	}
	if (t->row->shape == IMM64)
		print_imm64(t);
	else
		print_pseudo(t);
}

/* `goto pc+3`, `ja +3` */
static void print_goto(struct text *t)
{
	put(t, is_mnemonic(t) && *t->row->mnemonic ? t->row->mnemonic : t->row->op);
	put_char(t, ' ');
	put_target(t, t->row->shape == JAL ? t->in->imm : t->in->off);
}

/* `gotox r1`; conformance writes callx as `call %r1` */
static void print_register_jump(struct text *t)
{
	put(t, is_mnemonic(t) && *t->row->mnemonic ? t->row->mnemonic : t->row->op);
	put_char(t, ' ');
	put_reg(t, t->in->dst, false);
}

/* The kernel prints the number as 32 bits in hex, whatever its sign. */
static void print_condition(struct text *t)
{
	if (is_mnemonic(t)) {
		put_mnemonic(t);
		put_reg(t, t->in->dst, false);
		put(t, ", ");
	} else {
		put(t, "if ");
		put_reg(t, t->in->dst, t->narrow);
		put_char(t, ' ');
		put(t, t->row->op);
		put_char(t, ' ');
	}
	if (t->by_imm && is_kernel(t))
		put_hex(t, (uint32_t)t->in->imm, 1);
	else
		put_value(t, t->narrow);
	put(t, is_mnemonic(t) ? ", " : " goto ");
	put_target(t, t->in->off);
}

static void print_helper(struct text *t)
{
	const char *name = uapi_helper_name((uint32_t)t->in->imm);

	put(t, "call ");
	if (ASKED(t, call, t->in))
		return;
	if (is_kernel(t)) {
		put(t, name ? name : "unknown");
		put_char(t, '#');
	}
	put_s64(t, t->in->imm);
}

/*
 * A loaded program that was compiled has the distance of a subprogram in off and its number in
 * imm; a call of a module's function has an index of the module in off.
 */
static void print_call(struct text *t)
{
	bool is_kfunc = t->in->src == PSEUDO_KFUNC_CALL;
	int off = t->in->off;

	put(t, "call ");
	if (ASKED(t, call, t->in))
		return;
	if (is_mnemonic(t) && !off) {
		put(t, t->row->mnemonic + sizeof("call ") - 1);
		put_char(t, ' ');
		put_s64(t, t->in->imm);
		return;
	}
	put(t, is_kfunc ? "kernel-function" : "pc");
	if (off || !is_kfunc)
		put_signed(t, off ? off : t->in->imm);
	if (off || is_kfunc) {
		put_char(t, '#');
		put_s64(t, t->in->imm);
	}
}

/* No operands. */
static void print_bare(struct text *t)
{
	put(t, t->row->op);
}

static void (*const printers[SHAPES])(struct text *t) = {
	[ALU] = print_alu,	    [NEG] = print_neg,	       [MOVSX] = print_movsx,
	[CAST] = print_cast,	    [PERCPU] = print_percpu,   [END] = print_end,
	[ABS] = print_packet,	    [IND] = print_packet,      [LDX] = print_load,
	[LDSX] = print_load,	    [ST] = print_store,	       [STX] = print_store,
	[ATOMIC] = print_atomic,    [FETCH] = print_fetch,     [XCHG] = print_xchg,
	[ACQ] = print_ordered,	    [REL] = print_ordered,     [IMM64] = print_wide,
	[PSEUDO] = print_wide,	    [JA] = print_goto,	       [JAL] = print_goto,
	[JX] = print_register_jump, [JCOND] = print_condition, [HELPER] = print_helper,
	[CALL] = print_call,	    [BARE] = print_bare,
};

/* All fields, in the order in which they are drawn in isa.h, from the right. */
static void print_raw(struct text *t)
{
	const struct insn *in = t->in;
	uint64_t regs = (uint64_t)(in->src << 4 | in->dst);

	put(t, ".insn ");
	put_hex(t,
		(uint64_t)in->code << 56 | regs << 48 | (uint64_t)(uint16_t)in->off << 32 |
			(uint32_t)in->imm,
		16);
}

/* What the kernel wants the second half of a 64-bit constant to look like. */
static bool is_second_slot(const struct insn *in)
{
	return !in->code && !in->dst && !in->src && !in->off;
}

/* A byte store of 300 would lose bits, so that the text of it is an error. */
static bool value_fits(const struct insn *in)
{
	unsigned int bits = size_bytes(in->code) * 8;

	return bits >= 32 || (in->imm >= -(1 << (bits - 1)) && in->imm < 1 << bits);
}

const struct isa_row *row_of_text(const struct insn *in, size_t left, bool with_op)
{
	const struct isa_row *row = with_op ? isa_find_any(in) : isa_find(in);

	if (!row || in->dst > 11 || (row->src == 0 && in->src > 11))
		return NULL;
	if (in->code == INSN_LD_IMM64 && (left < 2 || !is_second_slot(in + 1)))
		return NULL;
	if (row->shape == ST && !value_fits(in))
		return NULL;
	return row;
}

static bool is_narrow(const struct isa_row *row, uint8_t code)
{
	const struct shape_info *s = &isa_shapes[row->shape];

	if (s->sizes)
		return (code & CODE_SIZE) != SIZE_DW;
	return s->vary & CODE_WIDTH && is_32bit(code);
}

size_t print_line(struct text *t)
{
	const struct isa_row *row = t->row;

	line_begin(t);
	if (!row) {
		print_raw(t);
	} else {
		t->narrow = is_narrow(row, t->in->code);
		t->by_imm = row->shape == ST || (row->shape != STX && !(t->in->code & CODE_REG));
		if (t->with_op)
			put_code(t, t->in->code);
		printers[row->shape](t);
	}
	line_end(t);
	return row && t->in->code == INSN_LD_IMM64 ? 2 : 1;
}

void find_text(struct text *t, const struct insn *in, size_t left, bool with_op)
{
	t->in = in;
	t->with_op = with_op;
	t->row = row_of_text(in, left, with_op);
	if (!t->row && !with_op && (in->dst == 11 || in->src == 11)) {
		t->row = row_of_text(in, left, true);
		t->with_op = t->row;
	}
}

void text_init(struct text *t, enum style style, const struct isa_names *names, struct buf *b)
{
	t->style = style;
	t->names = names;
	t->b = b;
}

size_t insn_print(const struct insn *in, size_t left, size_t at, enum style style,
		  const struct isa_names *names, struct buf *b)
{
	struct text t;

	text_init(&t, style, names, b);
	t.at = at;
	find_text(&t, in, left, false);
	return print_line(&t);
}

size_t insn_slots(const struct insn *in, size_t left)
{
	return in->code == INSN_LD_IMM64 && row_of_text(in, left, true) ? 2 : 1;
}

void insn_print_raw(const struct insn *in, struct buf *b)
{
	struct text t = { .in = in };

	text_init(&t, STYLE_KERNEL, NULL, b);
	print_line(&t);
}

size_t insn_print_op(const struct insn *in, size_t left, size_t at, enum style style,
		     const struct isa_names *names, struct buf *b)
{
	struct text t;

	text_init(&t, style, names, b);
	t.at = at;
	find_text(&t, in, left, true);
	return print_line(&t);
}
