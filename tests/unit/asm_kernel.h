// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A small kernel, for tests of what the assembler takes from its types. */
#pragma once

#include <string.h>

#include "asm/unit.h"
#include "core/mem.h"

static const struct kernel_type fake_types[] = {
	{ KERNEL_NONE, "", 0, 0, 0, false },
	{ KERNEL_INT, "int", 4, 0, 0, true },
	{ KERNEL_INT, "long unsigned int", 8, 0, 0, false },
	{ KERNEL_INT, "char", 1, 0, 0, true },
	{ KERNEL_ARRAY, "", 0, 3, 16, false },	     /* 4: char[16] */
	{ KERNEL_TYPEDEF, "pid_t", 0, 1, 0, false }, /* 5 */
	{ KERNEL_STRUCT, "task", 64, 0, 7, false },  /* 6 */
	{ KERNEL_PTR, "", 8, 8, 0, false },	     /* 7: struct mm * */
	{ KERNEL_STRUCT, "mm", 16, 0, 2, false },    /* 8 */
	{ KERNEL_UNION, "", 8, 0, 2, false },	     /* 9: without a name, in mm */
	{ KERNEL_ENUM, "state", 4, 0, 2, false },    /* 10 */
	{ KERNEL_ALIAS, "", 0, 6, 0, false },	     /* 11: const struct task */
	{ KERNEL_PTR, "", 8, 11, 0, false },	     /* 12 */
	{ KERNEL_FWD, "other", 0, 0, 0, false },     /* 13 */
	{ KERNEL_PTR, "", 8, 13, 0, false },	     /* 14 */
	{ KERNEL_ALIAS, "", 0, 15, 0, false },	     /* 15: itself, as no kernel has it */
	{ KERNEL_STRUCT, "broken", 8, 0, 1, false }, /* 16 */
};

static const struct {
	uint32_t of;
	struct kernel_member m;
} fake_members[] = {
	{ 6, { "pid", 5, 64, 0 } },	{ 6, { "on", 1, 96, 1 } },
	{ 6, { "low", 1, 97, 9 } },	{ 6, { "mm", 7, 128, 0 } },
	{ 6, { "comm", 4, 192, 0 } },	{ 6, { "parent", 12, 320, 0 } },
	{ 6, { "other", 14, 384, 0 } }, { 8, { "pgd", 2, 0, 0 } },
	{ 8, { "", 9, 64, 0 } },	{ 9, { "users", 1, 0, 0 } },
	{ 9, { "count", 2, 0, 0 } },	{ 16, { "x", 15, 0, 0 } },
};

static uint32_t fake_find(void *arg, const char *name)
{
	(void)arg;
	for (uint32_t i = 1; i < countof(fake_types); i++)
		if (fake_types[i].kind >= KERNEL_STRUCT && strcmp(fake_types[i].name, name) == 0)
			return i;
	return 0;
}

static bool fake_get(void *arg, uint32_t id, struct kernel_type *t)
{
	(void)arg;
	*t = fake_types[id < countof(fake_types) ? id : 0];
	return id < countof(fake_types);
}

static bool fake_member(void *arg, uint32_t id, uint32_t i, struct kernel_member *m)
{
	(void)arg;
	for (size_t k = 0; k < countof(fake_members); k++)
		if (fake_members[k].of == id && i-- == 0) {
			*m = fake_members[k].m;
			return true;
		}
	return false;
}

static bool fake_value(void *arg, uint32_t id, uint32_t i, const char **name, int64_t *value)
{
	static const char *const names[] = { "IDLE", "BUSY" };

	(void)arg;
	if (id != 10 || i >= countof(names))
		return false;
	*name = names[i];
	*value = i ? 0x80 : 0;
	return true;
}

static const struct kernel_types fake_kernel = { fake_find, fake_get, fake_member, fake_value,
						 NULL };
