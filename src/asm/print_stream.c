// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whole streams of instructions, whose text is valid as a whole. */
#include "asm/print.h"

#include "core/buf.h"

/* Slots decoded at a time, and one more for the second slot of the last. */
#define WINDOW 1024
#define CHUNK 65536 /* bytes of text that are handed out at a time */

/* Where any slot of the stream can be looked at: an array, or bytes. */
struct slots {
	const struct insn *in; /* NULL: bytes */
	const uint8_t *bytes;
	bool big_endian;
	size_t n;
};

static size_t peek(const struct slots *s, size_t at, struct insn in[2])
{
	size_t n = s->n - at > 1 ? 2 : 1;

	for (size_t i = 0; i < n; i++) {
		if (s->in)
			in[i] = s->in[at + i];
		else
			insn_decode(s->bytes + (at + i) * INSN_SIZE, s->big_endian, &in[i]);
	}
	return n;
}

/* Whether slot `to` begins a line. */
static bool is_target(const struct slots *s, int64_t to)
{
	struct insn in[2];
	size_t n;

	if (to < 0 || to >= (int64_t)s->n)
		return false;
	if (to == 0)
		return true;
	n = peek(s, (size_t)to - 1, in);
	return insn_slots(in, n) == 1;
}

static bool jumps_well(const struct isa_row *row, const struct insn *in, const struct slots *s,
		       size_t at)
{
	int64_t next = (int64_t)at + 1;

	if (row->shape == JA || row->shape == JCOND)
		return is_target(s, next + in->off);
	return row->shape != JAL || is_target(s, next + in->imm);
}

/* The line of slot `at`; in[0..left) is what is there.  Returns the slots used. */
static size_t print_slot(struct text *t, const struct slots *s, enum style style,
			 const struct insn *in, size_t left, size_t at)
{
	size_t n;

	t->at = at;
	t->style = style; /* a shape without mnemonic changes it */
	find_text(t, in, left, false);
	if (t->row && !jumps_well(t->row, in, s, at))
		t->row = NULL;
	n = print_line(t);
	buf_addc(t->b, '\n');
	return n;
}

void insns_print(const struct insn *in, size_t n, enum style style, const struct isa_names *names,
		 struct buf *b)
{
	const struct slots s = { .in = in, .n = n };
	struct text t;

	text_init(&t, style, names, b);
	for (size_t at = 0; at < n;)
		at += print_slot(&t, &s, style, in + at, n - at, at);
}

size_t insns_print_bytes(const struct insn_bytes *from, size_t at, enum style style, struct buf *b)
{
	const struct slots s = { NULL, from->bytes, from->big_endian, from->n };
	const size_t start = b->len;
	struct insn in[WINDOW + 1];
	struct text t;

	text_init(&t, style, NULL, b);
	while (at < s.n && b->len - start < CHUNK && !buf_error(b)) {
		size_t n = s.n - at < WINDOW + 1 ? s.n - at : WINDOW + 1, i = 0;

		for (size_t k = 0; k < n; k++)
			insn_decode(s.bytes + (at + k) * INSN_SIZE, s.big_endian, &in[k]);
		while (i < WINDOW && i < n)
			i += print_slot(&t, &s, style, in + i, n - i, at + i);
		at += i;
	}
	return at;
}
