// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values: arithmetic on bounds, and what comparisons teach. */
#include "asm/flow_val.h"

#include <string.h>

#include "asm/isa_row.h"

#define OP(code) ((code)&0xf0)

struct val val_number(uint32_t from)
{
	return (struct val){ .kind = V_NUM,
			     .from = from,
			     .umax = UINT64_MAX,
			     .smin = INT64_MIN,
			     .smax = INT64_MAX };
}

struct val val_const(uint64_t n)
{
	return (struct val){
		.kind = V_NUM, .umin = n, .umax = n, .smin = (int64_t)n, .smax = (int64_t)n
	};
}

static struct val bounded(uint64_t min, uint64_t max, uint32_t from)
{
	struct val v = val_number(from);

	v.umin = min;
	v.umax = max;
	if (max <= INT64_MAX) {
		v.smin = (int64_t)min;
		v.smax = (int64_t)max;
	}
	return v;
}

/* Both are known: as the machine computes it; false: it is not worth the while. */
static bool compute(uint8_t code, uint64_t a, uint64_t b, uint64_t *r)
{
	bool narrow = is_32bit(code);

	if (narrow) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (OP(code)) {
	case 0x00:
		*r = a + b;
		break;
	case 0x10:
		*r = a - b;
		break;
	case 0x20:
		*r = a * b;
		break;
	case 0x40:
		*r = a | b;
		break;
	case 0x50:
		*r = a & b;
		break;
	case 0x60:
		*r = a << (b & (narrow ? 31 : 63));
		break;
	case 0x70:
		*r = a >> (b & (narrow ? 31 : 63));
		break;
	case 0xa0:
		*r = a ^ b;
		break;
	default:
		return false;
	}
	if (narrow)
		*r = (uint32_t)*r;
	return true;
}

static struct val number_alu(const struct val *a, const struct val *b, uint8_t code, uint32_t slot)
{
	bool narrow = is_32bit(code);
	uint64_t r;

	if (val_is_const(a) && val_is_const(b) && compute(code, a->umin, b->umin, &r))
		return val_const(r);
	if (OP(code) == 0x50 && val_is_const(b))
		return bounded(0, narrow ? (uint32_t)b->umin : b->umin, slot);
	if (OP(code) == 0x70 && val_is_const(b) && b->umin < 64 && !narrow)
		return bounded(a->umin >> b->umin, a->umax >> b->umin, slot);
	return narrow ? bounded(0, UINT32_MAX, slot) : val_number(slot);
}

/* A pointer and a number. */
static struct val pointer_alu(const struct val *p, const struct val *n, bool minus, uint32_t slot)
{
	struct val r = *p;
	int64_t off = (int64_t)n->umin;

	if (val_is_const(n) && off > -(1 << 28) && off < 1 << 28) {
		r.off += minus ? -(int32_t)off : (int32_t)off;
		return r;
	}
	if (p->kind != V_PACKET)
		return (struct val){ .kind = V_ANY };
	return (struct val){ .kind = V_PACKET, .from = slot };
}

static bool is_place(const struct val *v)
{
	return v->kind == V_FRAME || v->kind == V_PACKET || v->kind == V_CTX ||
	       v->kind == V_VALUE || v->kind == V_RECORD;
}

struct val val_alu(const struct val *dst, const struct val *src, uint8_t code, uint32_t slot)
{
	bool adds = OP(code) == 0x00 && !is_32bit(code), subs = OP(code) == 0x10 && !is_32bit(code);

	if (dst->kind == V_NUM && src->kind == V_NUM)
		return number_alu(dst, src, code, slot);
	if ((adds || subs) && is_place(dst) && src->kind == V_NUM)
		return pointer_alu(dst, src, subs, slot);
	if (adds && is_place(src) && dst->kind == V_NUM)
		return pointer_alu(src, dst, false, slot);
	return (struct val){ .kind = V_ANY };
}

/* --- comparisons --- */

/* The same fact about all copies of a value. */
static void spread(struct state *s, const struct val *old, const struct val *v)
{
	for (int i = 0; i < 11; i++)
		if (s->regs[i].kind == old->kind && s->regs[i].from == old->from)
			s->regs[i] = *v;
	for (int i = 0; i < FLOW_SPILLS; i++)
		if (s->spills[i].off && s->spills[i].v.kind == old->kind &&
		    s->spills[i].v.from == old->from)
			s->spills[i].v = *v;
}

static void spread_pointer(struct state *s, const struct val *old, bool is_null)
{
	for (int i = 0; i < 11 + FLOW_SPILLS; i++) {
		struct val *v = i < 11 ? &s->regs[i] : &s->spills[i - 11].v;

		if (v->kind != old->kind || v->from != old->from)
			continue;
		if (is_null)
			*v = val_const(0);
		else
			v->maybe_null = false;
	}
}

/* JEQ JGT JGE JSET JNE JSGT JSGE JLT JLE JSLT JSLE, by the upper half of the code */
static uint8_t other_side(uint8_t op)
{
	static const uint8_t other[16] = {
		[1] = 5,   [5] = 1,   [2] = 0xb, [0xb] = 2, [3] = 0xa,
		[0xa] = 3, [6] = 0xd, [0xd] = 6, [7] = 0xc, [0xc] = 7,
	};

	return other[op];
}

/* v == n and v != n */
static bool narrow_equal(struct val *v, bool equal, uint64_t n)
{
	int64_t sn = (int64_t)n;

	if (!equal && v->umin == v->umax)
		return v->umin != n;
	if (!equal) {
		v->umin += v->umin == n;
		v->umax -= v->umax == n;
		v->has_not = true;
		v->not = n;
		return true;
	}
	if (n < v->umin || n > v->umax || sn < v->smin || sn > v->smax ||
	    (v->has_not && v->not == n))
		return false;
	v->umin = v->umax = n;
	v->smin = v->smax = sn;
	return true;
}

/* v > n, v >= n, v < n, v <= n */
static bool narrow_unsigned(struct val *v, uint8_t op, uint64_t n)
{
	bool strict = op == 2 || op == 0xa;

	if (op == 2 || op == 3) {
		if (v->umax < n || (strict && v->umax == n))
			return false;
		v->umin = v->umin > n ? v->umin : n + strict;
		return true;
	}
	if (v->umin > n || (strict && v->umin == n))
		return false;
	v->umax = v->umax < n ? v->umax : n - strict;
	return true;
}

static bool narrow_signed(struct val *v, uint8_t op, int64_t n)
{
	bool strict = op == 6 || op == 0xc;

	if (op == 6 || op == 7) {
		if (v->smax < n || (strict && v->smax == n))
			return false;
		v->smin = v->smin > n ? v->smin : n + strict;
		return true;
	}
	if (v->smin > n || (strict && v->smin == n))
		return false;
	v->smax = v->smax < n ? v->smax : n - strict;
	return true;
}

/* What one reading of the bits says of the other; false: there is no such number. */
static bool agree(struct val *v)
{
	if (v->smin >= 0) {
		v->umin = v->umin > (uint64_t)v->smin ? v->umin : (uint64_t)v->smin;
		v->umax = v->umax < (uint64_t)v->smax ? v->umax : (uint64_t)v->smax;
	}
	if (v->umax <= INT64_MAX) {
		v->smin = v->smin > (int64_t)v->umin ? v->smin : (int64_t)v->umin;
		v->smax = v->smax < (int64_t)v->umax ? v->smax : (int64_t)v->umax;
	}
	return v->umin <= v->umax && v->smin <= v->smax;
}

/* The comparison with its sides exchanged. */
static const uint8_t mirrored[16] = {
	[1] = 1,   [5] = 5,   [2] = 0xa, [0xa] = 2, [3] = 0xb,
	[0xb] = 3, [6] = 0xc, [0xc] = 6, [7] = 0xd, [0xd] = 7,
};

/* Narrows v to what `v op n` leaves of it; false: nothing. */
static bool narrow_to(struct val *v, uint8_t op, uint64_t n)
{
	switch (op) {
	case 1:
	case 5:
		return narrow_equal(v, op == 1, n);
	case 2:
	case 3:
	case 0xa:
	case 0xb:
		return narrow_unsigned(v, op, n) && agree(v);
	case 6:
	case 7:
	case 0xc:
	case 0xd:
		return narrow_signed(v, op, (int64_t)n) && agree(v);
	default:
		return true;
	}
}

static bool refine_number(struct state *s, struct val *v, uint8_t op, uint64_t n, bool narrow)
{
	struct val old = *v, now = *v;

	if (narrow && (old.umax > INT32_MAX || n > INT32_MAX))
		return true; /* only half of it has been compared */
	if (!narrow_to(&now, op, n))
		return false;
	*v = now;
	if (old.from)
		spread(s, &old, &now);
	return true;
}

/* A packet pointer and data_end: from `op` on the pointer's side, how much is there. */
static void refine_packet(struct state *s, const struct val *packet, uint8_t op)
{
	int32_t range = packet->off + (op == 0xa || op == 1);

	if (op != 0xa && op != 0xb && op != 1)
		return;
	for (int i = 0; i < 11 + FLOW_SPILLS; i++) {
		struct val *v = i < 11 ? &s->regs[i] : &s->spills[i - 11].v;

		if (v->kind == V_PACKET && v->from == packet->from && v->range < range)
			v->range = range;
	}
}

/*
 * The verifier may know more of a value, and so which way is taken.  What a variable holds is
 * asked once; the second time the answers could contradict each other.
 */
static void note_branch(struct state *s, const struct val *v)
{
	if (v->kind == V_ANY)
		s->vague = 1;
	if (v->kind != V_NUM || !(v->from & FLOW_VARIABLE) || val_is_const(v))
		return;
	for (int i = 0; i < FLOW_ASKED; i++) {
		if (s->asked[i] == v->from)
			break;
		if (!s->asked[i]) {
			s->asked[i] = v->from;
			return;
		}
	}
	s->vague = 1;
}

/* Bits in common or none: known only of constants. */
static bool refine_bits(struct state *s, const struct val *a, const struct val *b, bool taken)
{
	s->vague |= a->kind == V_NUM && !val_is_const(a);
	if (a->kind != V_NUM || !val_is_const(a) || !val_is_const(b))
		return true;
	return taken == ((a->umin & b->umin) != 0);
}

/* A value or record, compared with 0. */
static bool refine_null(struct state *s, const struct val *a, bool is_null)
{
	struct val old = *a;

	if (is_null && !old.maybe_null)
		return false;
	if (old.off)
		return true;
	spread_pointer(s, &old, is_null);
	if (is_null && old.kind == V_RECORD)
		state_drop_record(s, old.from);
	return true;
}

/* Two numbers none of which is known: only bounds that exclude each other say something. */
static bool may_hold(const struct val *a, uint8_t op, const struct val *b)
{
	switch (op) {
	case 2:
		return a->umax > b->umin;
	case 3:
		return a->umax >= b->umin;
	case 0xa:
		return a->umin < b->umax;
	case 0xb:
		return a->umin <= b->umax;
	default:
		return true;
	}
}

static bool refine_numbers(struct state *s, struct val *a, struct val *b, uint8_t op, bool narrow)
{
	if (val_is_const(b))
		return refine_number(s, a, op, b->umin, narrow);
	if (val_is_const(a))
		return refine_number(s, b, mirrored[op], a->umin, narrow);
	return narrow || may_hold(a, op, b);
}

bool state_refine(struct state *s, uint8_t code, uint8_t dst, uint8_t src, int32_t imm, bool taken)
{
	bool narrow = is_32bit(code), has_reg = code & CODE_REG;
	struct val *a = &s->regs[dst];
	struct val number = val_const(narrow ? (uint32_t)imm : (uint64_t)(int64_t)imm);
	struct val *b = has_reg ? &s->regs[src] : &number;
	uint8_t op = code >> 4;

	note_branch(s, a);
	if (has_reg)
		note_branch(s, b);
	if (op == 4)
		return refine_bits(s, a, b, taken);
	if (!taken)
		op = other_side(op);
	if (a->kind == V_NUM && b->kind == V_NUM)
		return refine_numbers(s, a, b, op, narrow);
	if ((a->kind == V_VALUE || a->kind == V_RECORD) && val_is_const(b) && b->umin == 0 &&
	    !narrow && (op == 1 || op == 5))
		return refine_null(s, a, op == 1);
	if (a->kind == V_PACKET && b->kind == V_END)
		refine_packet(s, &(struct val){ .from = a->from, .off = a->off }, op);
	if (a->kind == V_END && b->kind == V_PACKET)
		refine_packet(s, &(struct val){ .from = b->from, .off = b->off }, mirrored[op]);
	return true;
}

/* --- states --- */

static bool val_covers(const struct val *seen, const struct val *v)
{
	if (memcmp(seen, v, sizeof(*v)) == 0 || seen->kind == V_ANY)
		return true;
	if (seen->kind != v->kind)
		return false;
	if (v->kind == V_NUM)
		return seen->umin <= v->umin && seen->umax >= v->umax && seen->smin <= v->smin &&
		       seen->smax >= v->smax && !seen->has_not;
	if (v->kind == V_PACKET)
		return seen->from == v->from && seen->off == v->off && seen->range <= v->range;
	return v->kind == V_UNSET || v->kind == V_LOST;
}

bool state_covers(const struct state *seen, const struct state *s)
{
	if (seen->vague && !s->vague)
		return false;
	if (memcmp(seen->asked, s->asked, sizeof(s->asked)) != 0 && !s->vague)
		return false;
	if (memcmp(seen->records, s->records, sizeof(s->records)) != 0)
		return false;
	for (int i = 0; i < 11; i++)
		if (!val_covers(&seen->regs[i], &s->regs[i]))
			return false;
	for (int i = 0; i < FLOW_SPILLS; i++) {
		int k = 0;

		if (!seen->spills[i].off)
			continue;
		while (k < FLOW_SPILLS && s->spills[k].off != seen->spills[i].off)
			k++;
		if (k == FLOW_SPILLS || !val_covers(&seen->spills[i].v, &s->spills[k].v))
			return false;
	}
	return true;
}

void state_forget(struct state *s, enum val_kind kind, uint32_t from)
{
	for (int i = 0; i < 11 + FLOW_SPILLS; i++) {
		struct val *v = i < 11 ? &s->regs[i] : &s->spills[i - 11].v;

		if (v->kind == kind && (!from || v->from == from))
			*v = (struct val){ .kind = V_ANY };
	}
}

void state_drop_record(struct state *s, uint32_t from)
{
	for (int i = 0; i < FLOW_RECORDS; i++)
		if (!from || s->records[i] == from)
			s->records[i] = 0;
}
