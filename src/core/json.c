// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON text to values; the only user of jansson. */
#include "core/json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/val.h"

/*
 * jansson's integers end at 2^63-1 and it calls a larger one an error.  So every integer of 19
 * digits and more is made a string before jansson sees the text: a mark, then the digits.  A
 * string that begins with the mark by itself gets another mark and an 's' in front.
 */
#define MARK "\xee\x80\x80" /* U+E000, private use */
#define MARK_ESCAPED "\\ue000"
#define BIG_DIGITS 19

static bool is_marked(const char *s, size_t n)
{
	return (n >= strlen(MARK) && memcmp(s, MARK, strlen(MARK)) == 0) ||
	       (n >= strlen(MARK_ESCAPED) &&
		strncasecmp(s, MARK_ESCAPED, strlen(MARK_ESCAPED)) == 0);
}

static size_t skip_string(const char *text, size_t len, size_t i)
{
	for (i++; i < len && text[i] != '"'; i++)
		i += text[i] == '\\';
	return i < len ? i + 1 : len;
}

static size_t number_end(const char *text, size_t len, size_t i)
{
	while (i < len && strchr("0123456789+-.eE", text[i]) && text[i])
		i++;
	return i;
}

static bool is_big_integer(const char *s, size_t n)
{
	size_t digits = n - (*s == '-');

	if (digits < BIG_DIGITS || (digits > 1 && s[n - digits] == '0'))
		return false;
	for (size_t i = n - digits; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

static void quote_big_integers(const char *text, size_t len, struct buf *to)
{
	size_t done = 0;

	for (size_t i = 0; i < len;) {
		size_t end;

		if (text[i] == '"') {
			if (is_marked(text + i + 1, len - i - 1)) {
				buf_add(to, text + done, i + 1 - done);
				buf_adds(to, MARK "s");
				done = i + 1;
			}
			i = skip_string(text, len, i);
			continue;
		}
		if (text[i] != '-' && (text[i] < '0' || text[i] > '9')) {
			i++;
			continue;
		}
		end = number_end(text, len, i);
		if (is_big_integer(text + i, end - i)) {
			buf_add(to, text + done, i - done);
			buf_addf(to, "\"%s%.*s\"", MARK, (int)(end - i), text + i);
			done = end;
		}
		i = end;
	}
	buf_add(to, text + done, len - done);
}

static int from_big(struct val *v, const char *digits, struct err *e)
{
	errno = 0;
	*v = *digits == '-' ? val_int(strtoll(digits, NULL, 10))
			    : val_uint(strtoull(digits, NULL, 10));
	if (errno)
		return err_input(e, "%s does not fit in 64 bits", digits);
	return 0;
}

static int from_string(struct val *v, const char *s, size_t len, struct err *e)
{
	if (len > strlen(MARK) && memcmp(s, MARK, strlen(MARK)) == 0) {
		if (s[strlen(MARK)] != 's')
			return from_big(v, s + strlen(MARK), e);
		s += strlen(MARK "s");
		len -= strlen(MARK "s");
	}
	if (val_set_str(v, s, len) < 0)
		return err_code(e, ENOMEM, "cannot read JSON");
	return 0;
}

static int from_jansson(struct val *v, const json_t *j, unsigned int depth, struct err *e);

static int from_seq(struct val *v, const json_t *j, unsigned int depth, struct err *e)
{
	bool is_map = json_is_object(j);
	void *it = is_map ? json_object_iter((json_t *)(uintptr_t)j) : NULL;
	size_t n = is_map ? json_object_size(j) : json_array_size(j);

	if (depth == VAL_MAX_DEPTH)
		return err_input(e, "nested deeper than %d levels", VAL_MAX_DEPTH);
	v->kind = is_map ? V_MAP : V_LIST;
	for (size_t i = 0; i < n; i++) {
		auto_val struct val item = { .kind = V_NULL };
		const json_t *child = is_map ? json_object_iter_value(it) : json_array_get(j, i);
		int r = from_jansson(&item, child, depth + 1, e);

		if (r < 0)
			return r;
		r = is_map ? val_put(v, json_object_iter_key(it), &item) : val_append(v, &item);
		if (r < 0)
			return err_code(e, r, "cannot read JSON");
		if (is_map)
			it = json_object_iter_next((json_t *)(uintptr_t)j, it);
	}
	return 0;
}

static int from_jansson(struct val *v, const json_t *j, unsigned int depth, struct err *e)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return from_seq(v, j, depth, e);
	case JSON_STRING:
		return from_string(v, json_string_value(j), json_string_length(j), e);
	case JSON_INTEGER:
		*v = val_int(json_integer_value(j));
		return 0;
	case JSON_REAL:
		*v = val_double(json_real_value(j));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*v = val_bool(json_is_true(j));
		return 0;
	case JSON_NULL:
		*v = (struct val){ .kind = V_NULL };
		return 0;
	}
	return 0;
}

int json_parse(const char *text, size_t len, const char *name, struct val *v, struct err *e)
{
	auto_buf struct buf quoted = {};
	json_error_t je;
	json_t *j;
	int r;

	*v = (struct val){ .kind = V_NULL };
	quote_big_integers(text, len, &quoted);
	if (buf_error(&quoted))
		return err_code(e, ENOMEM, "cannot read %s", name);
	j = json_loadb(quoted.data ? quoted.data : "", quoted.len,
		       JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &je);
	if (!j)
		return err_input(e, "%s:%d:%d: %s", name, je.line, je.column, je.text);
	r = from_jansson(v, j, 0, e);
	json_decref(j);
	if (r < 0) {
		val_drop(v);
		err_wrap(e, "%s: ", name);
	}
	return r;
}
