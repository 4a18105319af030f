// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory of the caller: a bad pointer is EFAULT, not the end of the process. */
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/kern_priv.h"

#define PIECE 64

/* Sandboxes may forbid these calls; what is no pointer at all is told apart even there. */
static bool forbidden(void)
{
	return errno == ENOSYS || errno == EPERM;
}

int user_read(void *to, uint64_t from, size_t n)
{
	struct iovec local = { to, n }, remote = { (void *)(uintptr_t)from, n };
	ssize_t got;

	if (!n)
		return 0;
	got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	if (got < 0 && forbidden() && from >= 4096) {
		memcpy(to, (const void *)(uintptr_t)from, n);
		return 0;
	}
	return got == (ssize_t)n ? 0 : -EFAULT;
}

int user_write(uint64_t to, const void *from, size_t n)
{
	struct iovec local = { (void *)(uintptr_t)from, n }, remote = { (void *)(uintptr_t)to, n };
	ssize_t put;

	if (!n)
		return 0;
	put = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (put < 0 && forbidden() && to >= 4096) {
		memcpy((void *)(uintptr_t)to, from, n);
		return 0;
	}
	return put == (ssize_t)n ? 0 : -EFAULT;
}

int user_zero(uint64_t from, size_t n)
{
	uint8_t bytes[256];

	while (n) {
		size_t len = n < sizeof(bytes) ? n : sizeof(bytes);

		if (user_read(bytes, from, len))
			return -EFAULT;
		for (size_t i = 0; i < len; i++)
			if (bytes[i])
				return -E2BIG;
		from += len;
		n -= len;
	}
	return 0;
}

int user_string(char *to, uint64_t from, size_t max, int too_long)
{
	/* Piece by piece, none of which crosses into another page, that might not be there. */
	for (size_t i = 0, n; i < max; i += n) {
		n = PIECE - (from + i) % PIECE;
		n = n < max - i ? n : max - i;
		if (user_read(to + i, from + i, n))
			return -EFAULT;
		if (memchr(to + i, 0, n))
			return 0;
	}
	return too_long;
}

int user_take(void **p, uint64_t from, size_t n)
{
	int err;

	*p = malloc(n + !n);
	if (!*p)
		return -ENOMEM;
	err = user_read(*p, from, n);
	if (err) {
		free(*p);
		*p = NULL;
	}
	return err;
}

int call_put(struct call *c, size_t off, size_t n)
{
	return off + n <= c->size ? user_write(c->user + off, c->attr + off, n) : 0;
}
