// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The verifier's log. */
#include "core/vlog.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 3 /* of a message, the last ones */

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

/* The last line that is no statistics. */
static bool last_line(const char *log, struct line *l)
{
	const char *at = log + strlen(log);

	while (line_before(log, at, l)) {
		if (!is_statistics(l))
			return true;
		at = l->s;
	}
	return false;
}

/* What the verifier notes on its way: source lines, states, where it goes on. */
static bool is_note(const struct line *l)
{
	static const char *const words[] = { ";",	   "from ",  "func#",	"Func#",
					     "Validating", "caller", "callee",	"mark_precise",
					     "last_idx",   "regs=",  "parent ", "returning " };
	char *end;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts(l, words[i]))
			return true;
	/* "R1=ctx() R10=fp0", "5: R0=1": what is known of the registers */
	if (l->len > 2 && l->s[0] == 'R' && isdigit((unsigned char)l->s[1])) {
		strtol(l->s + 1, &end, 10);
		return *end == '=' || *end == '_';
	}
	return l->len && isdigit((unsigned char)*l->s);
}

const char *vlog_message(const char *log, char *buf, size_t size)
{
	struct line lines[MAX_LINES] = {}, l;
	size_t n = 0, len = 0;
	bool more;

	buf[0] = '\0';
	/* A log that ends in an instruction has no message: it was cut. */
	for (more = last_line(log, &l); more && insn_line(&l) < 0 && n < MAX_LINES;
	     more = line_before(log, l.s, &l))
		if (!is_note(&l))
			lines[n++] = l;
	while (n-- && len < size) {
		snprintf(buf + len, size - len, "%s%.*s", len ? "; " : "", (int)lines[n].len,
			 lines[n].s);
		len += strlen(buf + len);
	}
	return buf;
}

long vlog_insn(const char *log)
{
	const char *at = log + strlen(log);
	struct line l;

	if (!last_line(log, &l))
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
