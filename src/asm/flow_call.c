// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What calls do to what is known, and what has to be in order when a program ends. */
#include <string.h>

#include "asm/flow.h"
#include "asm/isa_row.h"
#include "asm/src.h"
#include "uapi/names.h"

/* How many of r1 to r5 a helper reads; those behind "..." are its own business. */
static unsigned int nr_args(const struct uapi_helper *h)
{
	unsigned int n = 0;

	for (const char *s = h->args; *s; s += strcspn(s, ",") + (s[strcspn(s, ",")] == ',')) {
		while (*s == ' ')
			s++;
		if (strncmp(s, "...", 3) == 0 || strcmp(s, "void") == 0)
			break;
		n++;
	}
	return n;
}

/* They move or change the packet, so that all pointers into it are invalid. */
static bool moves_packet(const struct uapi_helper *h)
{
	return strncmp(h->args, "struct sk_buff *skb", 19) == 0 ||
	       strncmp(h->args, "struct xdp_", 11) == 0 ||
	       strncmp(h->args, "struct sk_msg", 13) == 0 || strstr(h->name, "xdp_adjust") ||
	       strstr(h->name, "skb_") || strstr(h->name, "lwt_") || strstr(h->name, "msg_");
}

static bool may_be_null(uint32_t id)
{
	switch (id) {
	case UAPI_HELPER_map_lookup_elem:
	case UAPI_HELPER_map_lookup_percpu_elem:
	case UAPI_HELPER_sk_storage_get:
	case UAPI_HELPER_task_storage_get:
	case UAPI_HELPER_inode_storage_get:
	case UAPI_HELPER_cgrp_storage_get:
		return true;
	default:
		return false;
	}
}

static void hold_record(struct flow *f)
{
	uint32_t from = f->at + 1;

	state_drop_record(&f->s, from);
	for (int i = 0; i < FLOW_RECORDS; i++)
		if (!f->s.records[i]) {
			f->s.records[i] = from;
			return;
		}
}

/* A record in r1 is given back; one that is not followed may be any. */
static void give_back(struct flow *f)
{
	const struct val v = f->s.regs[1];

	if (v.kind != V_RECORD) {
		state_drop_record(&f->s, 0);
		return;
	}
	if (v.maybe_null && flow_warn(f, "null-check",
				      "r1 is used before it is compared with 0: there may be no "
				      "room for the record")) {
		src_hint(f->u->src, "the verifier would say: R1 type=ringbuf_mem_or_null expected="
				    "ringbuf_mem");
		src_note(f->u->src, f->in[v.from - 1].pos, 1, "it is from here");
	}
	state_drop_record(&f->s, v.from);
	state_forget(&f->s, V_RECORD, v.from);
}

static struct val result(struct flow *f, const struct uapi_helper *h)
{
	uint32_t from = f->at + 1;
	bool is_ring = h->id == UAPI_HELPER_ringbuf_reserve;

	if (may_be_null(h->id) || is_ring) {
		enum val_kind kind = is_ring ? V_RECORD : V_VALUE;

		state_forget(&f->s, kind, from); /* of an earlier round of a loop */
		if (is_ring)
			hold_record(f);
		return (struct val){ .kind = (uint8_t)kind, .maybe_null = true, .from = from };
	}
	if (strchr(h->returns, '*'))
		return (struct val){ .kind = V_ANY };
	return val_number(from);
}

/* Whoever gets the address of the stack may write there, or read a pointer that is kept there. */
static void pass_args(struct flow *f, unsigned int n, bool is_helper)
{
	for (unsigned int i = 1; i <= n && i <= 5; i++) {
		const struct val *v = &f->s.regs[i];

		if (v->kind == V_FRAME || v->kind == V_ANY)
			for (int k = 0; k < FLOW_SPILLS; k++) {
				if (f->s.spills[k].off && f->s.spills[k].v.kind == V_RECORD &&
				    !is_helper)
					state_drop_record(&f->s, f->s.spills[k].v.from);
				f->s.spills[k] = (struct spill){ .off = 0 };
			}
		if (v->kind == V_RECORD && !is_helper)
			state_drop_record(&f->s, v->from);
	}
}

static void call_helper(struct flow *f, const struct uapi_helper *h, struct val *r0)
{
	unsigned int n = nr_args(h);

	for (uint8_t i = 1; i <= n && i <= 5; i++)
		flow_read(f, i);
	if (h->id == UAPI_HELPER_ringbuf_submit || h->id == UAPI_HELPER_ringbuf_discard)
		give_back(f);
	pass_args(f, n, h->id != UAPI_HELPER_loop && h->id != UAPI_HELPER_for_each_map_elem);
	if (moves_packet(h)) {
		state_forget(&f->s, V_PACKET, 0);
		state_forget(&f->s, V_END, 0);
	}
	*r0 = result(f, h);
}

void flow_call(struct flow *f)
{
	const struct vinsn *v = &f->in[f->at];
	const struct uapi_helper *h = NULL;
	struct val r0 = { .kind = V_ANY };

	if (v->kind == REF_NONE && v->insn.src == 0 && v->insn.code == isa_rows[ROW_call].code &&
	    v->insn.imm > 0 && (size_t)v->insn.imm <= uapi_nr_helpers)
		h = &uapi_helpers[v->insn.imm - 1];
	if (h) {
		call_helper(f, h, &r0);
	} else {
		pass_args(f, 5, false);
		state_forget(&f->s, V_PACKET, 0);
		state_forget(&f->s, V_END, 0);
	}
	for (int i = 1; i <= 5; i++)
		f->s.regs[i] = (struct val){ .kind = V_LOST, .from = f->at };
	f->s.regs[0] = r0;
}

/* Some hooks return nothing, and what a function returns is its caller's business. */
static bool returns(const struct flow *f)
{
	return !f->prog->is_func && f->prog_type != UAPI_PROG_struct_ops &&
	       f->prog_type != UAPI_PROG_lsm && f->prog_type != UAPI_PROG_unspec &&
	       f->prog_type != UAPI_PROG_ext;
}

void flow_exit(struct flow *f)
{
	uint8_t kind = f->s.regs[0].kind;

	if (returns(f) && kind == V_UNSET) {
		if (flow_warn(f, "unset-register", "r0, the result, has no value here"))
			src_hint(f->u->src, "the verifier would say: R0 !read_ok");
	}
	for (int i = 0; i < FLOW_RECORDS; i++) {
		uint32_t from = f->s.records[i], at = f->at;

		if (!from)
			continue;
		f->at = from - 1;
		if (flow_warn(f, "ring-leak",
			      "this record is neither submitted nor discarded on some path")) {
			src_hint(f->u->src, "the verifier would say: Unreleased reference");
			src_note(f->u->src, f->in[at].pos, 1, "the program ends here with it");
		}
		f->at = at;
	}
}
