// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The warnings by name (checks.def), and the checks on the flow of a program. */
#pragma once

#include <stddef.h>

struct src;
struct unit;

struct check {
	const char *name, *what;
};
extern const struct check checks[];
extern const size_t nr_checks;

/*
 * Looks at what every program and function of the unit can do, in the order in which it would run,
 * and warns of what the verifier would refuse.  What it does not know it takes to be right: there
 * are programs it finds nothing wrong with that the verifier refuses, and not the other way round.
 * 0 or -ENOMEM.
 */
int unit_check(struct unit *u);
