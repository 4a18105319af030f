// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Looking for a socket through the descriptors of all processes. */
#include "core/sock_cookie.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/opt.h"
#include "core/sys.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

static bool is_socket(DIR *fds, const char *name)
{
	char target[64];
	ssize_t n = readlinkat(dirfd(fds), name, target, sizeof(target) - 1);

	return n > 8 && strncmp(target, "socket:[", 8) == 0;
}

/* Descriptor `name` of the process, if it is that socket; -1. */
static int same_socket(int pidfd, const char *name, uint64_t cookie)
{
	auto_fd int fd = -1;
	uint64_t number, is = 0;
	socklen_t len = sizeof(is);

	if (opt_number(name, &number))
		return -1;
	fd = sys_pidfd_getfd(pidfd, (int)number);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_COOKIE, &is, &len) || is != cookie)
		return -1;
	return take_fd(fd);
}

static int in_process(const char *pid_text, uint64_t cookie)
{
	auto_free char *path = xasprintf("/proc/%s/fd", pid_text);
	auto_dir DIR *fds = opendir(path);
	auto_fd int pidfd = -1;
	struct dirent *d;
	uint64_t pid;
	int fd = -1;

	if (!fds || opt_number(pid_text, &pid))
		return -1;
	pidfd = sys_pidfd_open((pid_t)pid);
	while (pidfd >= 0 && fd < 0 && (d = readdir(fds)))
		if (is_socket(fds, d->d_name))
			fd = same_socket(pidfd, d->d_name, cookie);
	return fd;
}

int sock_by_cookie(uint64_t cookie, struct err *e)
{
	auto_dir DIR *proc = opendir("/proc");
	struct dirent *d;
	int fd = -1;

	while (proc && fd < 0 && (d = readdir(proc)))
		if (d->d_name[0] >= '0' && d->d_name[0] <= '9')
			fd = in_process(d->d_name, cookie);
	return fd >= 0 ? fd
		       : err_absent(e, "no process has a socket with the cookie %" PRIu64, cookie);
}
