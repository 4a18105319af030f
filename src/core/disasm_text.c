// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names the language takes, and other people's text in comments and strings. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/mem.h"

#define MAX_NAME 200	/* characters; an object can make one reference into many */
#define MAX_COMMENT 400 /* bytes */
#define FLUSH_AT 65536

/* --- names --- */

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* r0, w10, fp: never a name. */
static bool is_register(const char *s)
{
	size_t digits = strspn(s + (*s != 0), "0123456789");

	if (strcmp(s, "fp") == 0)
		return true;
	return (*s == 'r' || *s == 'w') && digits >= 1 && digits <= 2 && !s[1 + digits];
}

/* Words that types are made of. */
static bool is_type_word(const char *s)
{
	static const char *const words[] = { "struct",	 "union",  "enum",     "const",
					     "volatile", "signed", "unsigned", "short",
					     "long",	 "int",	   "char",     "void" };

	for (size_t i = 0; i < countof(words); i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

bool dis_is_name(const char *s)
{
	size_t n = 0;

	if (!*s || isdigit((unsigned char)*s))
		return false;
	while (is_name_char(s[n]))
		n++;
	return !s[n] && n <= MAX_NAME && !is_type_word(s);
}

/* What cannot stand in a name becomes an underscore; names of types need less care. */
static void make_name(const char *wanted, bool of_type, char name[MAX_NAME + 2])
{
	size_t n = 0;

	if (!*wanted || isdigit((unsigned char)*wanted))
		name[n++] = '_';
	for (; *wanted && n < MAX_NAME; wanted++)
		name[n++] = is_name_char(*wanted) ? *wanted : '_';
	name[n] = '\0';
	if (is_type_word(name) || (!of_type && (is_register(name) || strcmp(name, "weak") == 0))) {
		name[n++] = '_';
		name[n] = '\0';
	}
}

static const char *take_name(struct dis *d, struct symtab *names, const char *name)
{
	size_t len = strlen(name);
	struct symbol *s;
	bool is_new;
	char *kept;

	if (symtab_find(names, name, len))
		return NULL;
	kept = pool_str(&d->pool, name, len);
	s = kept ? symtab_add(names, kept, len, 1, &is_new) : NULL;
	if (!s)
		d->text.failed = true;
	return s ? kept : "";
}

const char *dis_name_in(struct dis *d, struct symtab *names, const char *wanted)
{
	char base[MAX_NAME + 2], name[MAX_NAME + 16];
	const char *taken;

	make_name(wanted, names != &d->names, base);
	taken = take_name(d, names, base);
	while (!taken) {
		struct symbol *s = symtab_find(names, base, strlen(base));

		snprintf(name, sizeof(name), "%s_%u", base, ++s->value);
		taken = take_name(d, names, name);
	}
	return taken;
}

const char *dis_name(struct dis *d, const char *wanted)
{
	return dis_name_in(d, &d->names, wanted);
}

const char *dis_name_at(struct dis *d, const char *symbol, uint32_t section, uint64_t off)
{
	const char *s = d->sections[section].s.name;
	char name[MAX_NAME + 32];

	if (symbol && *symbol)
		return dis_name(d, symbol);
	snprintf(name, sizeof(name), "%.*s_%llu", MAX_NAME, *s == '.' ? s + 1 : s,
		 (unsigned long long)off);
	return dis_name(d, name);
}

/* --- text --- */

/* A character that would end the line, drive a terminal, or be invisible. */
static bool is_odd(unsigned char c)
{
	return c < ' ' || c == 0x7f;
}

void dis_put_comment(struct buf *to, const char *s)
{
	size_t len = strnlen(s, MAX_COMMENT + 1);

	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len && i < MAX_COMMENT; i++) {
		if (s[i] == '\t')
			buf_addc(to, ' ');
		else if (is_odd((unsigned char)s[i]))
			buf_addf(to, "\\x%02x", (unsigned char)s[i]);
		else
			buf_addc(to, s[i]);
	}
	if (len > MAX_COMMENT)
		buf_adds(to, "...");
}

void dis_put_quoted(struct buf *to, const void *bytes, size_t len)
{
	static const char escapes[] = "n\nt\tr\r\\\\\"\"";
	const char *s = bytes;

	buf_addc(to, '"');
	for (size_t i = 0; i < len; i++) {
		const char *e = escapes;

		while (*e && e[1] != s[i])
			e += 2;
		if (*e)
			buf_addf(to, "\\%c", *e);
		else if (is_odd((unsigned char)s[i]) || (unsigned char)s[i] > 0x7f)
			buf_addf(to, "\\x%02x", (unsigned char)s[i]);
		else
			buf_addc(to, s[i]);
	}
	buf_addc(to, '"');
}

void dis_flush(struct dis *d, bool all)
{
	if (d->text.len < FLUSH_AT && !all)
		return;
	if (!d->result && d->text.len)
		d->result = d->to->put(d->to->arg, d->text.data, d->text.len);
	d->text.len = 0;
}
