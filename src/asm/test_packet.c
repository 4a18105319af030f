// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* packet in test blocks: layers with fields, hex digits, or one of a capture. */
#include <errno.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/decl_test.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "core/buf.h"
#include "core/mem.h"
#include "uapi/packet.h"

#define MAX_LAYERS 16	      /* of a packet */
#define MAX_BYTES (256 << 10) /* of a payload */

/* --- bytes --- */

static int keep_bytes(struct parser *p, struct test_layer *l, const struct buf *b)
{
	char *bytes = pool_alloc(&p->u->pool, b->len + 1);

	if (!bytes || buf_error(b))
		return fail_memory(p);
	if (b->len)
		memcpy(bytes, b->data, b->len);
	l->layer = -1;
	l->bytes = bytes;
	l->nr_bytes = b->len;
	return 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hex "0a 0b0c": digits in pairs; the token is the string. */
static int read_hex(struct parser *p, struct test_layer *l)
{
	auto_buf struct buf b = { .len = 0 };
	struct tok t = p->lex.tok;

	if (t.kind != T_STR)
		return fail_expected(p, "hex digits in quotes");
	for (uint32_t i = 1; i + 1 < t.len; i++) {
		struct tok here = { .s = t.s + i, .len = 1, .kind = T_NAME };
		int high = digit(t.s[i]), low = digit(t.s[i + 1]);

		if (t.s[i] == ' ' || t.s[i] == ':')
			continue;
		if (high < 0 || low < 0)
			return fail(p, &here,
				    high < 0 ? "'%c' is no hex digit" : "'%c' has no second digit",
				    t.s[i]);
		buf_addc(&b, (char)(high << 4 | low));
		i++;
	}
	lex_next(&p->lex);
	return keep_bytes(p, l, &b);
}

static int read_text(struct parser *p, struct test_layer *l)
{
	struct test_value v;
	int err = test_value_read(p, &v, false);

	l->layer = -1;
	l->bytes = v.text;
	l->nr_bytes = v.text_len;
	return err;
}

/* zeros(100) */
static int read_zeros(struct parser *p, struct test_layer *l)
{
	auto_buf struct buf b = { .len = 0 };
	struct value n = { .len = 0 };
	int err = need(p, '(', "'('");

	if (!err)
		err = expr_in(p, &n, 0, MAX_BYTES, "the number of bytes");
	if (!err)
		err = need(p, ')', "')'");
	if (err)
		return err;
	buf_fill(&b, 0, (size_t)n.num.mag);
	return keep_bytes(p, l, &b);
}

/* --- layers --- */

static int fail_field(struct parser *p, const struct test_layer *l)
{
	const struct packet_layer *layer = &packet_layers[l->layer];
	const struct tok *t = &p->lex.tok;
	struct near near;
	char what[40] = "field of ";

	near_begin(&near, t->s, t->len);
	for (const struct packet_field *f = layer->fields; f->name; f++)
		near_try(&near, f->name, strlen(f->name));
	strncat(what, layer->name, 16);
	return fail_unknown(p, t, what, &near);
}

static int read_field_value(struct parser *p, const struct packet_field *f, struct test_value *v)
{
	struct value e = { .len = 0 };
	uint64_t max = f->bits < 64 ? (1ull << f->bits) - 1 : UINT64_MAX;
	int err;

	if (f->form != PACKET_NUM &&
	    (p->lex.tok.kind == T_STR || test_address_len(p->lex.tok.s, false)))
		return test_value_read(p, v, false);
	v->pos = pos_of(p, &p->lex.tok);
	err = f->form == PACKET_IP6 ? fail_expected(p, "an IPv6 address")
				    : expr_in(p, &e, 0, max, f->name);
	v->kind = TEST_NUM;
	v->num = e.num;
	v->len = e.len;
	return err;
}

static int read_field(struct parser *p, const struct test_layer *l, struct test_field *to)
{
	const struct tok *t = &p->lex.tok;
	const struct packet_field *f = packet_field_find((unsigned int)l->layer, t->s, t->len);
	int err;

	if (!tok_is_name(t))
		return fail_expected(p, "the name of a field");
	if (!f)
		return fail_field(p, l);
	*to = (struct test_field){ .name = f->name, .pos = pos_of(p, t), .len = t->len };
	lex_next(&p->lex);
	err = need(p, '=', "'='");
	return err ? err : read_field_value(p, f, &to->value);
}

static void skip_lines(struct parser *p)
{
	while (p->lex.tok.kind == T_EOL)
		lex_next(&p->lex);
}

/* (ttl=63, dst=10.0.0.1); the parentheses may be empty */
static int read_fields(struct parser *p, struct test_layer *l)
{
	auto_free struct test_field *fields = NULL;
	size_t n = 0, cap = 0;
	int err;

	lex_next(&p->lex);
	for (skip_lines(p); p->lex.tok.kind != ')'; skip_lines(p)) {
		if (array_grow(&fields, n, &cap, sizeof(*fields)) != 0)
			return fail_memory(p);
		err = read_field(p, l, &fields[n]);
		if (err)
			return err;
		for (size_t i = 0; i < n; i++)
			if (fields[i].name == fields[n].name)
				return src_error(p->src, fields[n].pos, fields[n].len,
						 "%s is given twice", fields[n].name);
		n++;
		skip_lines(p);
		if (!accept(p, ',') && p->lex.tok.kind != ')')
			return fail_expected(p, "',' or ')'");
	}
	lex_next(&p->lex);
	l->fields = pool_alloc(&p->u->pool, n ? n * sizeof(*fields) : 1);
	if (!l->fields)
		return fail_memory(p);
	if (n)
		memcpy(l->fields, fields, n * sizeof(*fields));
	l->n = (uint32_t)n;
	return 0;
}

static int fail_layer(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	struct near near;

	if (t->kind != T_NAME)
		return fail_expected(p, "a layer such as eth, or \"text\"");
	near_begin(&near, t->s, t->len);
	for (int i = 0; i < PACKET_LAYERS; i++)
		near_try(&near, packet_layers[i].name, strlen(packet_layers[i].name));
	near_try(&near, "zeros", 5);
	near_try(&near, "hex", 3);
	return fail_unknown(p, t, "layer", &near);
}

static int read_layer(struct parser *p, struct test_layer *l)
{
	const struct tok *t = &p->lex.tok;
	struct tok name = *t;

	*l = (struct test_layer){ .pos = pos_of(p, t), .len = t->len };
	if (t->kind == T_STR)
		return read_text(p, l);
	l->layer = packet_layer_find(t->s, t->len);
	if (l->layer < 0 && !tok_is(t, "hex") && !tok_is(t, "zeros"))
		return fail_layer(p);
	lex_next(&p->lex);
	if (l->layer < 0)
		return tok_is(&name, "hex") ? read_hex(p, l) : read_zeros(p, l);
	return p->lex.tok.kind == '(' ? read_fields(p, l) : 0;
}

static int read_layers(struct parser *p, struct test_item *it)
{
	it->layers = pool_alloc(&p->u->pool, MAX_LAYERS * sizeof(*it->layers));
	if (!it->layers)
		return fail_memory(p);
	do {
		int err;

		if (it->nr_layers)
			skip_lines(p);
		if (it->nr_layers == MAX_LAYERS)
			return fail(p, &p->lex.tok, "a packet has at most %d layers", MAX_LAYERS);
		err = read_layer(p, &it->layers[it->nr_layers]);
		if (err)
			return err;
		it->nr_layers++;
	} while (accept(p, '/'));
	return 0;
}

/* --- the other ways --- */

/* pcap "f.pcap"[3]: the fourth packet of a capture */
static int read_pcap(struct parser *p, struct test_item *it)
{
	struct value n = { .len = 0 };
	int err;

	lex_next(&p->lex);
	it->name_pos = pos_of(p, &p->lex.tok);
	it->name_len = p->lex.tok.len;
	if (p->lex.tok.kind != T_STR)
		return fail_expected(p, "the name of a capture in quotes");
	it->name = decl_string(p, &p->lex.tok);
	if (!it->name)
		return -EINVAL;
	lex_next(&p->lex);
	if (!accept(p, '['))
		return 0;
	err = expr_in(p, &n, 0, UINT32_MAX, "the number of the packet");
	it->count = (uint32_t)n.num.mag;
	return err ? err : need(p, ']', "']'");
}

/* first 20 of LAYERS */
static int read_first(struct parser *p, struct test_item *it)
{
	struct value n = { .len = 0 };
	int err;

	lex_next(&p->lex);
	err = expr_in(p, &n, 0, MAX_BYTES, "the number of bytes");
	if (err)
		return err;
	it->is_first = true;
	it->count = (uint32_t)n.num.mag;
	if (!tok_is(&p->lex.tok, "of"))
		return fail_expected(p, "'of' and the packet");
	lex_next(&p->lex);
	return read_layers(p, it);
}

int test_packet_read(struct parser *p, struct test_item *it)
{
	accept(p, '=');
	it->op = TEST_EQ;
	if (tok_is(&p->lex.tok, "pcap"))
		return read_pcap(p, it);
	if (tok_is(&p->lex.tok, "first"))
		return read_first(p, it);
	if (it->expect && tok_is(&p->lex.tok, "unchanged")) {
		it->unchanged = true;
		lex_next(&p->lex);
		return 0;
	}
	return read_layers(p, it);
}
