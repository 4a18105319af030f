// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The values of options, operands and keywords. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/opt_priv.h"

int opt_number(const char *s, uint64_t *v)
{
	int base = 10;
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	if (*s == '0' && s[1]) {
		base = s[1] == 'x' || s[1] == 'X' ? 16 : s[1] == 'b' || s[1] == 'B' ? 2 : 0;
		if (!base || !isxdigit((unsigned char)s[2]))
			return -EINVAL;
		s += 2;
	}
	errno = 0;
	*v = strtoull(s, &end, base);
	if (*end)
		return -EINVAL;
	return errno ? -ERANGE : 0;
}

int opt_duration(const char *s, uint64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 },   { "s", 1e9 },
		      { "", 1e9 }, { "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 } };
	char *end;
	double d;

	if (!isdigit((unsigned char)*s) || strpbrk(s, "xXeEpP"))
		return -EINVAL;
	d = strtod(s, &end);
	for (size_t i = 0; i < countof(units); i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		if (d * units[i].ns >= 0x1p63)
			return -ERANGE;
		*ns = (uint64_t)(d * units[i].ns + 0.5);
		return 0;
	}
	return -EINVAL;
}

const char *opt_row_name(const struct opt *row, char *to, size_t len)
{
	snprintf(to, len, "%s%s", row->form == OPT_OPTION ? "--" : "", row->name);
	return to;
}

static int bad_value(const struct opt *row, const char *s, const char *want, struct err *e)
{
	char name[64];

	return err_usage(e, "%s: '%s' is not %s", opt_row_name(row, name, sizeof(name)), s, want);
}

static int set_number(const struct opt *row, void *to, const char *s, struct err *e)
{
	uint64_t v = 0;
	int r = row->type == OPT_DURATION ? opt_duration(s, &v) : opt_number(s, &v);

	if (row->type == OPT_U32 && v > UINT32_MAX)
		r = -ERANGE;
	if (r == -ERANGE)
		return bad_value(row, s, row->type == OPT_U32 ? "below 2^32" : "below 2^64", e);
	if (r < 0)
		return bad_value(
			row, s,
			row->type == OPT_DURATION ? "a time like 10s, 500ms, 2m" : "a number", e);
	if (row->type == OPT_U32)
		*(uint32_t *)to = (uint32_t)v;
	else
		*(uint64_t *)to = v;
	return 0;
}

static int set_enum(const struct opt *row, void *to, const char *s, struct err *e)
{
	struct near near = near_to(s, strlen(s));
	auto_buf struct buf all = {};

	for (const struct opt_word *w = row->words; w->word; w++) {
		if (strcmp(w->word, s) == 0) {
			*(int *)to = w->value;
			return 0;
		}
		near_offer(&near, w->word);
		buf_addf(&all, "%s%s", all.len ? ", " : "", w->word);
	}
	bad_value(row, s, "one of the words it knows", e);
	if (near.best)
		return err_hint(e, "did you mean '%s'?", near.best);
	return err_hint(e, "one of: %s", buf_str(&all));
}

int opt_set_value(const struct opt *row, void *args, char *s, struct err *e)
{
	void *to = (char *)args + row->off;

	switch (row->type) {
	case OPT_FLAG:
		*(bool *)to = true;
		return 0;
	case OPT_U32:
	case OPT_U64:
	case OPT_DURATION:
		return set_number(row, to, s, e);
	case OPT_ENUM:
		return set_enum(row, to, s, e);
	default:
		*(const char **)to = s;
		return 0;
	}
}

bool opt_holds_words(const struct opt *row)
{
	return row->type == OPT_WORDS || row->type == OPT_PROG || row->type == OPT_MAP ||
	       row->type == OPT_LINK;
}
