// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sim/kern_log.h"

#include <errno.h>

#include "sim/kern_priv.h"

#define LOG_MASK 15u /* of levels */
#define LOG_FIXED 8u /* keep the beginning of a text that is too long, not its end */

int kern_log_check(const struct kern_log *l)
{
	if (!l->to != !l->size || (l->to && !l->level) || l->level & ~LOG_MASK ||
	    l->size > UINT32_MAX >> 2)
		return -EINVAL;
	return 0;
}

int kern_log_end(struct kern_log *l, struct buf *text)
{
	const char *s = buf_str(text);
	uint32_t len = (uint32_t)text->len + 1;

	l->true_size = 0;
	if (!l->level)
		return 0;
	l->true_size = len;
	if (!l->to)
		return 0;
	if (len <= l->size)
		return user_write(l->to, s, len);
	if (!(l->level & LOG_FIXED))
		s += len - l->size;
	if (user_write(l->to, s, l->size - 1) || user_write(l->to + l->size - 1, "", 1))
		return -EFAULT;
	return -ENOSPC;
}
