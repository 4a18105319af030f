// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The verifier's log. */
#include "core/vlog.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	const char *s;
	size_t len;
};

/* The line before `before` (log's end at first); false at the beginning. */
static bool line_before(const char *log, const char *before, struct line *l)
{
	const char *end = before;

	while (end > log && end[-1] == '\n')
		end--;
	if (end == log)
		return false;
	l->s = end;
	while (l->s > log && l->s[-1] != '\n')
		l->s--;
	l->len = (size_t)(end - l->s);
	return true;
}

static bool starts(const struct line *l, const char *s)
{
	return l->len >= strlen(s) && strncmp(l->s, s, strlen(s)) == 0;
}

/* What the kernel adds behind its verdict. */
static bool is_statistics(const struct line *l)
{
	static const char *const words[] = { "processed ", "verification time ", "stack depth ",
					     "max_states_per_insn ", "peak_states " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts(l, words[i]))
			return true;
	return false;
}

/* "12: (79) r1 = ..." : the number, or -1. */
static long insn_line(const struct line *l)
{
	char *end;
	long n;

	if (!l->len || !isdigit((unsigned char)*l->s))
		return -1;
	n = strtol(l->s, &end, 10);
	return end[0] == ':' && end[1] == ' ' && end[2] == '(' ? n : -1;
}

static bool last_message(const char *log, struct line *l)
{
	const char *at = log + strlen(log);

	while (line_before(log, at, l)) {
		if (!is_statistics(l))
			return true;
		at = l->s;
	}
	return false;
}

const char *vlog_message(const char *log, char *buf, size_t size)
{
	struct line l;

	buf[0] = '\0';
	/* A log that ends in an instruction has no message: it was cut. */
	if (last_message(log, &l) && insn_line(&l) < 0)
		snprintf(buf, size, "%.*s", (int)l.len, l.s);
	return buf;
}

long vlog_insn(const char *log)
{
	const char *at = log + strlen(log);
	struct line l;

	if (!last_message(log, &l))
		return -1;
	/* "unreachable insn 7", "back-edge from insn 5 to 2": checked before any walk. */
	for (const char *p = l.s; p + 5 < l.s + l.len; p++)
		if (strncmp(p, "insn ", 5) == 0 && isdigit((unsigned char)p[5]))
			return strtol(p + 5, NULL, 10);
	while (line_before(log, at, &l)) {
		long n = insn_line(&l);

		if (n >= 0)
			return n;
		at = l.s;
	}
	return -1;
}
