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

int file_new_open(struct file_new *f, const char *path, struct err *e)
{
	struct stat st;

	*f = (struct file_new)FILE_NEW_INIT;
	if (strcmp(path, "-") == 0) {
		f->fd = STDOUT_FILENO;
		return 0;
	}
	f->owned = true;
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) {
		/* Beside the target, so that rename() stays in one file system. */
		f->path = xstrdup(path);
		f->temp = xasprintf("%s.%d.tmp", path, (int)getpid());
		f->fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (f->fd < 0) {
			freep(&f->temp);
			return err_sys(e, "cannot create %s", path);
		}
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return err_input(e, "%s is a directory", path);
	f->fd = open(path, O_WRONLY | O_CLOEXEC);
	return f->fd < 0 ? err_sys(e, "cannot open %s", path) : 0;
}

int file_new_commit(struct file_new *f, struct err *e)
{
	if (f->temp && rename(f->temp, f->path) < 0)
		return err_sys(e, "cannot create %s", f->path);
	freep(&f->temp);
	file_new_drop(f);
	return 0;
}

void file_new_drop(struct file_new *f)
{
	if (f->temp)
		unlink(f->temp);
	if (f->owned)
		closep(&f->fd);
	free(f->temp);
	free(f->path);
	*f = (struct file_new)FILE_NEW_INIT;
}

int file_write(const char *path, const void *data, size_t len, struct err *e)
{
	auto_file_new struct file_new f = FILE_NEW_INIT;
	const char *name = strcmp(path, "-") == 0 ? "standard output" : path;
	int r = file_new_open(&f, path, e);

	if (r == 0)
		r = write_all(f.fd, name, data, len, e);
	return r ? r : file_new_commit(&f, e);
}
