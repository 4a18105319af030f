// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Errors: class, errno, subject, hint. */
#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/val.h"

#define ENOTSUPP 524 /* include/linux/errno.h in the kernel, not exported */

static enum err_class class_of(int code)
{
	switch (code) {
	case EPERM:
	case EACCES:
	case EROFS:
		return ERR_DENIED;
	case ENOENT:
	case ESRCH:
	case ENODEV:
	case ENXIO:
		return ERR_ABSENT;
	default:
		return ERR_FAILED;
	}
}

__attribute__((format(printf, 4, 0))) static int fill(struct err *e, enum err_class class, int code,
						      const char *fmt, va_list ap)
{
	char what[sizeof(e->what)]; /* the arguments may point into *e */

	vsnprintf(what, sizeof(what), fmt, ap);
	e->class = class;
	e->code = code;
	e->worded = false;
	e->hint[0] = '\0';
	memcpy(e->what, what, sizeof(what));
	return -code;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int code = errno ? errno : EIO;
	va_list ap;

	va_start(ap, fmt);
	fill(e, class_of(code), code, fmt, ap);
	va_end(ap);
	return -code;
}

int err_code(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	code = abs(code);
	va_start(ap, fmt);
	fill(e, class_of(code), code, fmt, ap);
	va_end(ap);
	return -code;
}

int err_worded(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	code = abs(code);
	va_start(ap, fmt);
	fill(e, class_of(code), code, fmt, ap);
	va_end(ap);
	e->worded = true;
	return -code;
}

#define MAKER(name, class, result)                                                                 \
	int name(struct err *e, const char *fmt, ...)                                              \
	{                                                                                          \
		va_list ap;                                                                        \
                                                                                                   \
		va_start(ap, fmt);                                                                 \
		fill(e, class, 0, fmt, ap);                                                        \
		va_end(ap);                                                                        \
		return -(result);                                                                  \
	}

MAKER(err_usage, ERR_USAGE, EINVAL)
MAKER(err_input, ERR_INPUT, EINVAL)
MAKER(err_absent, ERR_ABSENT, ENOENT)
MAKER(err_failed, ERR_FAILED, EIO)

static int code_of(const struct err *e)
{
	return e->code ? -e->code : -EINVAL;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char what[sizeof(e->what)];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	n = strlen(what);
	snprintf(what + n, sizeof(what) - n, "%s", e->what);
	memcpy(e->what, what, sizeof(what));
	return code_of(e);
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	return code_of(e);
}

int err_class(struct err *e, enum err_class class)
{
	e->class = class;
	return code_of(e);
}

void err_detail(struct err *e, char *detail)
{
	free(e->detail);
	e->detail = detail;
}

static void free_items(struct err *e)
{
	if (e->items)
		val_drop(e->items);
	freep(&e->items);
}

void err_items(struct err *e, struct val *items)
{
	free_items(e);
	e->items = xmalloc(sizeof(*items));
	*e->items = *items;
	items->kind = V_NULL;
}

void err_log(struct err *e, char *log)
{
	free(e->log);
	e->log = log;
}

void err_clear(struct err *e)
{
	free(e->detail);
	free_items(e);
	free(e->log);
	memset(e, 0, sizeof(*e));
}

const char *err_class_name(enum err_class class)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",	 [ERR_FAILED] = "failed", [ERR_USAGE] = "usage",
		[ERR_INPUT] = "input",	 [ERR_DENIED] = "denied", [ERR_REJECTED] = "rejected",
		[ERR_ABSENT] = "absent",
	};

	return names[class];
}

const char *err_text(int code)
{
	const char *s = code == ENOTSUPP ? "Operation not supported by this kind of object"
					 : strerrordesc_np(code);

	return s ? s : "Unknown error";
}

const char *err_name(int code)
{
	const char *s = code == ENOTSUPP ? "ENOTSUPP" : strerrorname_np(code);

	return s ? s : "EUNKNOWN";
}
