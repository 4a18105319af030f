// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ownership: cleanup attributes, handing over, allocation that cannot fail. */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define countof(a) (sizeof(a) / sizeof((a)[0]))

/* Destructors for the owning locals below: accept "nothing", leave "nothing". */
static inline void freep(void *p)
{
	void **pp = p;

	free(*pp);
	*pp = NULL;
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
	*f = NULL;
}

static inline void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
	*d = NULL;
}

#define auto_free __attribute__((cleanup(freep)))
#define auto_fd __attribute__((cleanup(closep))) /* int fd = -1 */
#define auto_file __attribute__((cleanup(fclosep)))
#define auto_dir __attribute__((cleanup(closedirp)))

/* Ownership leaves a local only through these two. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) *p_ = &(p);                                                          \
		__typeof__(p) v_ = *p_;                                                            \
		*p_ = NULL;                                                                        \
		v_;                                                                                \
	})
#define take_fd(fd)                                                                                \
	({                                                                                         \
		int *f_ = &(fd);                                                                   \
		int v_ = *f_;                                                                      \
		*f_ = -1;                                                                          \
		v_;                                                                                \
	})

/*
 * Allocation for everything whose size the kernel or this program decides: out of memory ends
 * the program with one line and status 1.  Code that takes input of an attacker's size (asm,
 * val, buf, codec) uses malloc() and returns -ENOMEM.
 */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
__attribute__((format(printf, 1, 2))) char *xasprintf(const char *fmt, ...);

/*
 * Room for one more in an array that doubles: *items holds n elements and has the capacity
 * *cap.  Returns 0 or -ENOMEM, and then the array is as before.
 */
int array_grow(void *items, size_t n, size_t *cap, size_t size);
