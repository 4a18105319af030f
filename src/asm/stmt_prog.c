// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The body of a program: its frame and its lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/emit.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "asm/type.h"
#include "core/mem.h"

/* `stack TYPE NAME[n]`: below what is there already; returns its place through *off. */
static int place(struct parser *p, const struct ctype *c, const struct tok *name, int32_t *off)
{
	struct scope *s = &p->scope;
	uint64_t size = s->stack + (uint64_t)c->size;

	size = (size + c->align - 1) / c->align * c->align;
	if (size > STACK_SIZE) {
		fail(p, name, "a stack frame has %d bytes, and this needs %llu", STACK_SIZE,
		     (unsigned long long)size);
		return src_hint(p->src, "a map of one element can hold what is larger");
	}
	s->stack = (uint32_t)size;
	*off = -(int32_t)size;
	return 0;
}

/* Slots go downwards from the frame pointer, in source order. */
static int add_slot(struct parser *p, const struct tok *name, uint32_t type)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, type));
	struct scope *s = &p->scope;
	struct slot slot = { .type = type, .pos = pos_of(p, name) };
	const struct symbol *known;
	bool is_new;
	int err;

	if (!c->size)
		return fail(p, name, "'%.*s' has no bytes", (int)name->len, name->s);
	err = place(p, c, name, &slot.off);
	if (err)
		return err;
	if (array_grow(&s->slots, s->nr_slots, &s->cap_slots, sizeof(slot)) != 0)
		return fail_memory(p);
	known = symtab_add(&s->slot_names, name->s, name->len, (uint32_t)s->nr_slots, &is_new);
	if (!known)
		return fail_memory(p);
	if (!is_new) {
		fail(p, name, "'%.*s' is declared twice", (int)name->len, name->s);
		src_note(p->src, s->slots[known->value].pos, name->len, "first here");
		return -EINVAL;
	}
	s->slots[s->nr_slots++] = slot;
	return 0;
}

int stmt_stack(struct parser *p, const struct word *w)
{
	struct tok first, name;
	uint32_t type;
	int err;

	(void)w;
	lex_next(&p->lex);
	first = p->lex.tok;
	err = type_read(p, &type);
	if (err)
		return err;
	name = p->lex.tok;
	if (name.kind != T_NAME)
		return fail_expected(p, "a name");
	lex_next(&p->lex);
	err = type_read_array(p, &type);
	if (!err)
		err = type_complete(p, type, &first);
	return err ? err : add_slot(p, &name, type);
}

/* Behind the brace that ends the body there is nothing. */
static int check_end(struct parser *p, const struct chunk *c)
{
	if (c->end >= p->lex.end || *c->end != '}')
		return 0; /* it is missing, which has been said */
	p->lex.s = c->end;
	lex_next(&p->lex);
	lex_next(&p->lex);
	return at_end(p) ? 0 : fail_expected(p, "the end of the line");
}

int stmt_read_prog(struct parser *p, const struct chunk *c)
{
	struct prog *prog = &p->u->progs[c->prog];
	size_t errors = src_errors(p->src);
	int err;

	scope_begin(p, c->prog);
	prog->first = p->scope.first;
	prog->body = lex_pos(&p->lex, p->lex.s);
	prog->body_end = lex_pos(&p->lex, c->end);
	err = stmt_read(p, c->end);
	if (err != -ENOMEM)
		err = scope_end(p);
	prog->n = (uint32_t)p->u->nr_insns - prog->first;
	prog->stack = (p->scope.stack + 7) & ~7u;
	if (!err)
		check_end(p, c);
	if (!err && !prog->n && errors == src_errors(p->src))
		src_error(p->src, prog->pos, (uint32_t)strlen(prog->name),
			  "'%s' has no instructions", prog->name);
	return err;
}
