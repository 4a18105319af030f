// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asking the terminal database. */
#include <curses.h>
#include <term.h>
#include <unistd.h>

#include "core/term_priv.h"

/* newterm(3) would say so too, but does not clean up behind itself when it fails. */
bool term_is_known(const char *kind)
{
	int why;

	if (setupterm(kind, STDOUT_FILENO, &why) != OK)
		return false;
	del_curterm(cur_term);
	return true;
}
