// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Declarations: entering their names, and reading them when they are needed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/num.h"

struct decl;
struct near;
struct parser;
struct tok;
struct word;

/* First reading of the file at p->lex, and of what it includes. */
int decl_collect(struct parser *p);
/* Reads what nobody has asked for yet. */
int decl_resolve_all(struct parser *p);

/* NULL: there is none; what is found may have to be resolved. */
struct decl *decl_find(struct parser *p, const struct tok *name);
struct decl *decl_of_type(struct parser *p, const char *name);
/* Reads the declaration unless that has been done; the token is who asks. */
int decl_resolve(struct parser *p, struct decl *d, const struct tok *asked);

/* A constant or enumerator of the source, or a UAPI constant; -ENOENT without a complaint. */
int decl_constant(struct parser *p, const struct tok *name, struct num *value);

/*
 * Enters the name that is the token, and goes behind it.  That is where the second reading begins,
 * unless d->at is changed.
 */
int decl_add(struct parser *p, unsigned int kind, const struct word *w, struct decl **d);
/* A terminated copy in the unit's memory; NULL: no memory, said. */
char *decl_name(struct parser *p, const struct tok *name);
/* What a string says, terminated, in the unit's memory; NULL: said why not. */
char *decl_string(struct parser *p, const struct tok *t);

/* In front of a declared name: goes to it, past its type. */
void decl_find_name(struct parser *p);
/* When all have been read: places variables in their sections. */
int decl_lay_out(struct parser *p);

/*
 * First reading, by kind; the token is the keyword's, afterwards '{' where the body begins, or
 * any on the line.
 */
int collect_const(struct parser *p, const struct word *w);
int collect_type(struct parser *p, const struct word *w);
int collect_map(struct parser *p, const struct word *w);
int collect_var(struct parser *p, const struct word *w);
int collect_prog(struct parser *p, const struct word *w);
int collect_func(struct parser *p, const struct word *w);
int collect_kfunc(struct parser *p, const struct word *w);
int collect_extern(struct parser *p, const struct word *w);
int collect_macro(struct parser *p, const struct word *w);
int collect_struct_ops(struct parser *p, const struct word *w);
int collect_attach(struct parser *p, const struct word *w);

/* The brace that closes the one the token is; NULL: there is none, which has been said. */
const char *decl_block(struct parser *p);
const char *decl_block_end(struct parser *p); /* the same without a word */

/* Second reading; the token is that of d->at. */
int resolve_const(struct parser *p, struct decl *d);
int resolve_enumerator(struct parser *p, struct decl *d);
int resolve_type(struct parser *p, struct decl *d);
int resolve_map(struct parser *p, struct decl *d);
int resolve_var(struct parser *p, struct decl *d);
int resolve_func(struct parser *p, struct decl *d); /* and programs */
int resolve_extern(struct parser *p, struct decl *d);
int resolve_macro(struct parser *p, struct decl *d);
int resolve_struct_ops(struct parser *p, struct decl *d);
int resolve_attach(struct parser *p, struct decl *d);
/* What the type takes, into zeros, from the token on. */
int decl_init(struct parser *p, uint32_t type, uint8_t *to);
