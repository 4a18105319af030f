// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whole files. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"

#define CHUNK 65536

static int too_large(const char *path, size_t max, struct err *e)
{
	return err_input(e, "%s is larger than %zu MiB", path, max >> 20);
}

static int read_all(int fd, const char *path, size_t max, struct buf *to, struct err *e)
{
	size_t start = to->len;

	for (;;) {
		char *room = buf_reserve(to, CHUNK);
		ssize_t n;

		if (!room)
			return err_code(e, ENOMEM, "cannot read %s", path);
		n = read(fd, room, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read %s", path);
		if (n == 0)
			return 0;
		to->len += (size_t)n;
		if (to->len - start > max)
			return too_large(path, max, e);
	}
}

int file_read(const char *path, size_t max, struct buf *to, struct err *e)
{
	auto_fd int fd = -1;
	struct stat st;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", max, to, e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, "cannot read %s", path);
	if (S_ISDIR(st.st_mode))
		return err_input(e, "%s is a directory", path);
	if (S_ISREG(st.st_mode) && (size_t)st.st_size > max)
		return too_large(path, max, e);
	if (S_ISREG(st.st_mode))
		buf_reserve(to, (size_t)st.st_size + CHUNK);
	return read_all(fd, path, max, to, e);
}

static int write_all(int fd, const char *path, const char *data, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot write %s", path);
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Beside the target, so that rename() stays in one file system; the mode is the umask's. */
static int write_new(const char *path, const char *data, size_t len, struct err *e)
{
	auto_free char *temp = xasprintf("%s.%d.tmp", path, (int)getpid());
	auto_fd int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return err_sys(e, "cannot create %s", path);
	r = write_all(fd, path, data, len, e);
	if (r == 0 && rename(temp, path) < 0)
		r = err_sys(e, "cannot create %s", path);
	if (r < 0)
		unlink(temp);
	return r;
}

int file_write(const char *path, const void *data, size_t len, struct err *e)
{
	auto_fd int fd = -1;
	struct stat st;

	if (strcmp(path, "-") == 0)
		return write_all(STDOUT_FILENO, "standard output", data, len, e);
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		return write_new(path, data, len, e);
	if (S_ISDIR(st.st_mode))
		return err_input(e, "%s is a directory", path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	return write_all(fd, path, data, len, e);
}
