// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The test blocks of a source, and complaints about them that need the program they are about. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "asm/test.h"

struct err;
struct source;

const struct test_decl *source_tests(const struct source *s, size_t *n);
const struct test_target *source_target(const struct source *s);
/* Whether the source has programs itself. */
bool source_has_progs(const struct source *s);

/* The structs that the tests name become part of the object's BTF, as events are. 0 or -ENOMEM. */
int source_keep_test_types(struct source *s);

struct source_place {
	const char *file, *text; /* the whole line */
	size_t text_len;
	unsigned int line, col;
};
void source_place(const struct source *s, uint32_t pos, struct source_place *p);

/* A diagnostic with what e says, which is cleared. */
void source_complain(struct source *s, uint32_t pos, uint32_t len, struct err *e);
/* 0, or all complaints as one error. */
int source_complaints(struct source *s, struct err *e);
