// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The one error type: made where it happens, worded for the user, printed once by cmd_main(). */
#pragma once

#include <stdbool.h>

/* The class decides the exit status; the numbers are the statuses the manual promises. */
enum err_class {
	ERR_NONE = 0,
	ERR_FAILED = 1,	  /* it was right and did not work */
	ERR_USAGE = 2,	  /* the command line was wrong */
	ERR_INPUT = 3,	  /* a file, a value, a program text was wrong */
	ERR_DENIED = 4,	  /* the kernel or the file system forbids it */
	ERR_REJECTED = 5, /* the verifier said no */
	ERR_ABSENT = 6,	  /* no such object */
};

/* Lives on cmd_main()'s stack, or on a caller's who means to handle it. */
struct err {
	enum err_class class;
	int code;	/* positive errno, 0 if there is none */
	char what[512]; /* "cannot open prog 42": lower case, subject first, no full stop */
	bool worded;	/* what says by itself what the code means: its text is not added */
	char hint[512]; /* what to try next, or empty */
	/* The heap fields; err_clear() frees them. */
	char *detail;	   /* lines for people: the source with a caret */
	struct val *items; /* the same as data: a list of maps */
	char *log;	   /* the verifier's, whole; shown with -v */
};

struct val;

#define ERR_FMT __attribute__((format(printf, 2, 3)))

/*
 * Every maker replaces what was there and returns a negative errno for the caller to hand on, so
 * that failing is one line.  err_sys() takes errno and the class that follows from it; the others
 * have no errno to show and return -EINVAL, err_absent() -ENOENT, err_failed() -EIO.
 */
ERR_FMT int err_sys(struct err *e, const char *fmt, ...);
ERR_FMT int err_usage(struct err *e, const char *fmt, ...);
ERR_FMT int err_input(struct err *e, const char *fmt, ...);
ERR_FMT int err_absent(struct err *e, const char *fmt, ...);
ERR_FMT int err_failed(struct err *e, const char *fmt, ...);

/* As err_sys() with a code (either sign) from elsewhere than errno. */
__attribute__((format(printf, 3, 4))) int err_code(struct err *e, int code, const char *fmt, ...);
/* The same for a message that needs no more words: "map 12 is full: it takes 4 entries". */
__attribute__((format(printf, 3, 4))) int err_worded(struct err *e, int code, const char *fmt, ...);

/* These two add to what is there, and return -e->code (or -EINVAL) likewise. */
ERR_FMT int err_wrap(struct err *e, const char *fmt, ...); /* "loading a.o: " in front */
ERR_FMT int err_hint(struct err *e, const char *fmt, ...);

/* Another class than the errno suggests: "the verifier said EACCES" is not "denied". */
int err_class(struct err *e, enum err_class class);

/* These take their text, and the contents of items. */
void err_detail(struct err *e, char *detail);
void err_items(struct err *e, struct val *items);
void err_log(struct err *e, char *log);
void err_clear(struct err *e);

/* "denied"; the word that JSON and the manual use. */
const char *err_class_name(enum err_class class);

/* Text and symbolic name of an errno, ENOTSUPP (524, kernel internal) included; never NULL. */
const char *err_text(int code);
const char *err_name(int code);
