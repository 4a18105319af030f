// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files end to end in one space of positions, and what was said about them. */
#include "asm/src.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/checks.h"
#include "asm/pool.h"
#include "core/mem.h"

#define MAX_WAY 5 /* calls that are told of */
#define MAX_CHECKS 32
#define MAX_AGAIN 20 /* diagnostics that are not repeated */

struct file {
	char *path, *text;
	size_t len;
	uint32_t base;	 /* position of text[0]; the end of the text has one too */
	uint32_t *lines; /* offsets of the line starts, made when first asked to go back */
	size_t nr_lines;
	/* of what was made */
	struct src_part *parts;
	size_t nr_parts;
	uint32_t by;
	const char *what;
};

/* Bits, so that all zero is what is usual. */
enum { POLICY_OFF = 1, POLICY_ERROR = 2, POLICY_NO_ERROR = 4 };

struct src {
	struct file *files;
	size_t nr_files, cap_files;
	struct diag *diags;
	size_t nr_diags, cap_diags;
	size_t nr_errors, nr_warnings;
	struct diag *last; /* what a hint or a note belongs to; NULL: it was not kept */
	bool sorted;
	bool all_errors;
	uint8_t policy[MAX_CHECKS]; /* by index in checks */
	struct pool pool;
	/* Where the last question was answered. */
	size_t at_file, at_line; /* line from 0 */
	size_t at_start;	 /* offset of the line */
};

struct src *src_new(void)
{
	return calloc(1, sizeof(struct src));
}

void src_freep(struct src **sp)
{
	struct src *s = *sp;

	if (!s)
		return;
	for (size_t i = 0; i < s->nr_files; i++) {
		free(s->files[i].path);
		free(s->files[i].text);
		free(s->files[i].lines);
		free(s->files[i].parts);
	}
	free(s->files);
	free(s->diags);
	pool_free(&s->pool);
	free(s);
	*sp = NULL;
}

/* Behind the position that the end of the last file has. */
static uint32_t next_base(const struct src *s)
{
	const struct file *f = s->nr_files ? &s->files[s->nr_files - 1] : NULL;

	return f ? f->base + (uint32_t)f->len + 1 : 1;
}

uint32_t src_add(struct src *s, const char *path, const char *text, size_t len)
{
	struct file f = { .base = next_base(s), .len = len };

	if (len > SRC_MAX_BYTES || f.base > UINT32_MAX - SRC_MAX_BYTES - 1)
		return 0;
	if (array_grow(&s->files, s->nr_files, &s->cap_files, sizeof(f)) != 0)
		return 0;
	f.path = strdup(path);
	f.text = malloc(len + 1);
	if (!f.path || !f.text) {
		free(f.path);
		free(f.text);
		return 0;
	}
	if (len) /* text may be NULL then */
		memcpy(f.text, text, len);
	f.text[len] = '\0';
	s->files[s->nr_files++] = f;
	return f.base;
}

uint32_t src_add_made(struct src *s, char *text, size_t len, struct src_part *parts,
		      size_t nr_parts, uint32_t by, const char *what)
{
	struct file f = { .text = text, .len = len, .base = next_base(s), .parts = parts };

	f.nr_parts = nr_parts;
	f.by = by;
	f.what = what;
	if (f.base > UINT32_MAX - SRC_MAX_BYTES - 1 || len > SRC_MAX_BYTES ||
	    array_grow(&s->files, s->nr_files, &s->cap_files, sizeof(f)) != 0) {
		free(text);
		free(parts);
		return 0;
	}
	s->files[s->nr_files++] = f;
	return f.base;
}

uint32_t src_pos(const struct src *s, const char *at)
{
	for (size_t i = s->nr_files; i-- > 0;) {
		const struct file *f = &s->files[i];

		if (at >= f->text && at <= f->text + f->len)
			return f->base + (uint32_t)(at - f->text);
	}
	return 0;
}

/* The file a position lies in; positions of no file count as the first. */
static size_t file_of(const struct src *s, uint32_t pos)
{
	size_t low = 0, high = s->nr_files;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (s->files[mid].base <= pos)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* Where what is at `off` of a made text was taken from. */
static uint32_t origin(const struct file *f, uint32_t off)
{
	size_t low = 0, high = f->nr_parts;
	const struct src_part *part;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (f->parts[mid].at <= off)
			low = mid;
		else
			high = mid;
	}
	part = &f->parts[low];
	return part->fixed ? part->pos : part->pos + (off - part->at);
}

/* As the author wrote it; and by what, where it was made, from the innermost on. */
static uint32_t written(const struct src *s, uint32_t pos, const struct file **made)
{
	const struct file *f = s->nr_files ? &s->files[file_of(s, pos)] : NULL;

	*made = f && f->nr_parts ? f : NULL;
	while (f && f->nr_parts) {
		pos = origin(f, pos - f->base);
		f = &s->files[file_of(s, pos)];
	}
	return pos;
}

const char *src_text(const struct src *s, uint32_t pos)
{
	const struct file *f = &s->files[file_of(s, pos)];

	return f->text + (pos - f->base);
}

size_t src_len(const struct src *s, uint32_t pos)
{
	const struct file *f = &s->files[file_of(s, pos)];

	return f->len - (pos - f->base);
}

/* Four bytes a line, only for those who jump about in a file. */
static void index_lines(struct file *f)
{
	const char *p = f->text, *end = f->text + f->len;
	size_t cap = 0;

	for (; p; p = memchr(p, '\n', (size_t)(end - p)), p = p ? p + 1 : NULL) {
		if (array_grow(&f->lines, f->nr_lines, &cap, sizeof(*f->lines)) != 0) {
			freep(&f->lines);
			f->nr_lines = 0;
			return;
		}
		f->lines[f->nr_lines++] = (uint32_t)(p - f->text);
	}
}

/* Moves to a line at or before the one that `off` is in. */
static void go_back(struct src *s, struct file *f, size_t off)
{
	size_t low = 0, high;

	s->at_line = 0;
	s->at_start = 0;
	if (!f->lines)
		index_lines(f);
	if (!f->lines)
		return;
	for (high = f->nr_lines; high - low > 1;) {
		size_t mid = low + (high - low) / 2;

		if (f->lines[mid] <= off)
			low = mid;
		else
			high = mid;
	}
	s->at_line = low;
	s->at_start = f->lines[low];
}

/* From the last answer on if it was before this place; that is how everybody asks. */
struct src_loc src_locate(struct src *s, uint32_t pos)
{
	const struct file *made;
	size_t nr = file_of(s, pos = written(s, pos, &made));
	struct file *f = &s->files[nr];
	size_t off = pos < f->base ? 0 : pos - f->base;
	const char *newline;
	struct src_loc loc = { .path = f->path, .file = (unsigned int)nr };

	if (off > f->len)
		off = f->len;
	if (nr != s->at_file || off < s->at_start)
		go_back(s, f, off);
	s->at_file = nr;
	while ((newline = memchr(f->text + s->at_start, '\n', off - s->at_start))) {
		s->at_start = (size_t)(newline - f->text) + 1;
		s->at_line++;
	}
	newline = memchr(f->text + off, '\n', f->len - off);
	loc.line = (unsigned int)s->at_line + 1;
	loc.col = (unsigned int)(off - s->at_start) + 1;
	loc.text = f->text + s->at_start;
	loc.len = (newline ? (size_t)(newline - f->text) : f->len) - s->at_start;
	return loc;
}

__attribute__((format(printf, 2, 0))) static char *format(struct src *s, const char *fmt,
							  va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = n < 0 ? NULL : pool_alloc(&s->pool, (size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

/* In a loop that is unrolled the same mistake is made again and again. */
static bool is_said(const struct src *s, const struct diag *d, const char *text)
{
	for (size_t i = s->nr_diags, n = 0; i-- > 0 && n < MAX_AGAIN; n++)
		if (s->diags[i].pos == d->pos && s->diags[i].severity == d->severity &&
		    strcmp(s->diags[i].text, text) == 0)
			return true;
	return false;
}

/* Without memory the diagnostic is lost, but the error has been counted. */
__attribute__((format(printf, 3, 0))) static void keep(struct src *s, const struct diag *d,
						       const char *fmt, va_list ap)
{
	char *text = format(s, fmt, ap);

	s->last = NULL;
	s->sorted = false;
	if (text && s->nr_files && s->files[s->nr_files - 1].nr_parts && is_said(s, d, text))
		return;
	if (!text || array_grow(&s->diags, s->nr_diags, &s->cap_diags, sizeof(*d)) != 0)
		return;
	s->last = &s->diags[s->nr_diags];
	*s->last = *d;
	s->last->text = text;
	s->last->nr = (uint32_t)s->nr_diags++;
}

/* Through which calls one came there; what is said next still belongs to the diagnostic. */
static void keep_way(struct src *s, const struct diag *d, const struct file *made)
{
	size_t main = s->nr_diags - 1;

	for (unsigned int n = 0; made && s->last && n < MAX_WAY; n++) {
		struct diag note = { .severity = DIAG_NOTE, .len = 1, .main_pos = d->pos };
		const char *what = made->what;
		size_t size = strlen(what) + 32;

		note.pos = written(s, made->by, &made);
		note.text = pool_alloc(&s->pool, size);
		if (!note.text ||
		    array_grow(&s->diags, s->nr_diags, &s->cap_diags, sizeof(note)) != 0)
			break;
		snprintf(note.text, size, "in the expansion of %s", what);
		note.nr = (uint32_t)s->nr_diags;
		s->diags[s->nr_diags++] = note;
		s->last = &s->diags[main];
	}
}

/* A diagnostic at a place as it is written, and the way to it. */
__attribute__((format(printf, 3, 0))) static void tell(struct src *s, struct diag *d,
						       const char *fmt, va_list ap)
{
	const struct file *made;

	d->pos = d->main_pos = written(s, d->pos, &made);
	keep(s, d, fmt, ap);
	keep_way(s, d, made);
}

bool src_is_full(const struct src *s)
{
	return s->nr_errors >= SRC_MAX_ERRORS;
}

int src_error(struct src *s, uint32_t pos, uint32_t len, const char *fmt, ...)
{
	struct diag d = { .severity = DIAG_ERROR, .pos = pos, .len = len, .main_pos = pos };
	va_list ap;

	s->last = NULL;
	if (s->nr_errors++ >= SRC_MAX_ERRORS)
		return -EINVAL;
	va_start(ap, fmt);
	tell(s, &d, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static size_t check_index(const char *name)
{
	size_t i = 0;

	while (i < nr_checks && strcmp(checks[i].name, name) != 0)
		i++;
	return i;
}

bool src_policy(struct src *s, const char *word)
{
	bool off = strncmp(word, "no-", 3) == 0;
	const char *name = off ? word + 3 : word;
	bool error = strncmp(name, "error", 5) == 0 && (name[5] == '=' || !name[5]);
	size_t i;

	if (error && !name[5]) {
		s->all_errors = !off;
		return true;
	}
	i = check_index(error ? name + 6 : name);
	if (i == nr_checks || i >= MAX_CHECKS)
		return false;
	if (error)
		s->policy[i] = off ? POLICY_NO_ERROR : POLICY_ERROR;
	else
		s->policy[i] = (uint8_t)((s->policy[i] & ~POLICY_OFF) | (off ? POLICY_OFF : 0));
	return true;
}

/* Whether a warning is told, and as what. */
static bool admit(struct src *s, struct diag *d)
{
	size_t i = check_index(d->check);
	uint8_t policy = i < MAX_CHECKS ? s->policy[i] : 0;

	if (policy & POLICY_OFF)
		return false;
	if (policy & POLICY_ERROR || (s->all_errors && !(policy & POLICY_NO_ERROR)))
		d->severity = DIAG_ERROR;
	return true;
}

void src_warn(struct src *s, const char *check, uint32_t pos, uint32_t len, const char *fmt, ...)
{
	struct diag d = { DIAG_WARNING, pos, len, check, NULL, NULL, pos, 0 };
	va_list ap;

	s->last = NULL;
	if (!admit(s, &d))
		return;
	if ((d.severity == DIAG_ERROR ? s->nr_errors++ : s->nr_warnings++) >= SRC_MAX_ERRORS)
		return;
	va_start(ap, fmt);
	tell(s, &d, fmt, ap);
	va_end(ap);
}

void src_note(struct src *s, uint32_t pos, uint32_t len, const char *fmt, ...)
{
	struct diag d = { .severity = DIAG_NOTE, .len = len };
	const struct file *made;
	va_list ap;

	if (!s->last)
		return;
	d.pos = written(s, pos, &made);
	d.main_pos = s->last->main_pos;
	va_start(ap, fmt);
	keep(s, &d, fmt, ap);
	va_end(ap);
}

int src_hint(struct src *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->last)
		return -EINVAL;
	va_start(ap, fmt);
	s->last->hint = format(s, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

size_t src_errors(const struct src *s)
{
	return s->nr_errors;
}

/* Notes stay behind what they belong to, and equals in the order in which they came. */
static int in_file_order(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;

	if (x->main_pos != y->main_pos)
		return x->main_pos < y->main_pos ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

size_t src_diags(struct src *s, const struct diag **list)
{
	if (!s->sorted && s->nr_diags)
		qsort(s->diags, s->nr_diags, sizeof(*s->diags), in_file_order);
	s->sorted = true;
	s->last = NULL;
	*list = s->diags;
	return s->nr_diags;
}
