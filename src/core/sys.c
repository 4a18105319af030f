// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The one door to the kernel, and libbpf's voice. */
#include "core/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>

#include <linux/magic.h>
#include <linux/netlink.h>

#include <bpf/libbpf.h>

#include "core/mem.h"
#include "core/uapi.h"

/* The linker's names: calls of syscall() come to the first, the C library's own is the second. */
long __wrap_syscall(long nr, ...);
long __real_syscall(long nr, ...);
/* libbpf enables perf events with ioctl(2), whose descriptors are the backend's too. */
int __wrap_ioctl(int fd, unsigned long request, ...);

/* Who stands in front of the kernel; the one mutable global there is. */
static struct sys_backend *backend;

void sys_push(struct sys_backend *b)
{
	b->next = backend;
	backend = b;
}

void sys_pop(struct sys_backend *b)
{
	if (backend == b)
		backend = b->next;
}

bool sys_is_kernel(void)
{
	const struct sys_backend *b = backend;

	while (b && !b->call)
		b = b->next;
	return !b;
}

bool sys_apart(void)
{
	const struct sys_backend *b = backend;

	while (b && !b->apart)
		b = b->next;
	return b;
}

bool sys_taped(void)
{
	const struct sys_backend *b = backend;

	while (b && !b->taped)
		b = b->next;
	return b;
}

static bool raise_memlock(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY }, now;

	if (getrlimit(RLIMIT_MEMLOCK, &now) || now.rlim_cur == RLIM_INFINITY)
		return false;
	return setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0;
}

static bool is_charged(long nr, unsigned long cmd)
{
	return nr == SYS_bpf &&
	       (cmd == BPF_MAP_CREATE || cmd == BPF_PROG_LOAD || cmd == BPF_BTF_LOAD);
}

/*
 * Before 5.11 memory is charged to RLIMIT_MEMLOCK.  libbpf looks once whether that is so, and a
 * mock kernel may have answered.
 */
static long kernel_call(long nr, const unsigned long a[6])
{
	long r = __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);

	if (r >= 0 || errno != EPERM || !is_charged(nr, a[0]))
		return r;
	if (!raise_memlock()) {
		errno = EPERM;
		return -1;
	}
	return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

bool sys_replays(void)
{
	const struct sys_backend *b = backend;

	while (b && !b->replays)
		b = b->next;
	return b;
}

bool sys_came(struct sys_coming *c)
{
	for (struct sys_backend *b = backend; b; b = b->next)
		if (b->came)
			return b->came(b, c);
	return false;
}

static long through(struct sys_backend *b, long nr, const unsigned long a[6])
{
	while (b && !b->call)
		b = b->next;
	return b ? b->call(b, nr, a) : kernel_call(nr, a);
}

long sys_next(struct sys_backend *self, long nr, const unsigned long args[6])
{
	return through(self->next, nr, args);
}

/* More words than the caller gave: the address sanitizer must not look. */
__attribute__((no_sanitize_address)) long __wrap_syscall(long nr, ...)
{
	unsigned long args[6];
	va_list ap;

	/* As syscall(2) itself does: six words, however many the caller gave. */
	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(ap, unsigned long);
	va_end(ap);
	return through(backend, nr, args);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	unsigned long args[6] = { (unsigned long)fd, request };
	va_list ap;

	va_start(ap, request);
	args[2] = va_arg(ap, unsigned long);
	va_end(ap);
	return (int)through(backend, SYS_ioctl, args);
}

__attribute__((format(printf, 2, 0))) static int listen_to_libbpf(enum libbpf_print_level level,
								  const char *fmt, va_list ap)
{
	static const enum sys_level levels[] = {
		[LIBBPF_WARN] = SYS_WARN, [LIBBPF_INFO] = SYS_INFO, [LIBBPF_DEBUG] = SYS_DEBUG
	};
	struct sys_backend *b = backend;
	char *text;
	int n;

	while (b && !b->say)
		b = b->next;
	if (!b)
		return 0;
	n = vasprintf(&text, fmt, ap);
	if (n < 0)
		return 0;
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	b->say(b, levels[level], text);
	free(text);
	return n;
}

/* libbpf prints to standard error unless told otherwise, and there is no call we always make. */
__attribute__((constructor)) static void take_libbpf_voice(void)
{
	libbpf_set_print(listen_to_libbpf);
}

int sys_bpf(int cmd, void *attr, size_t size)
{
	long r = syscall(SYS_bpf, cmd, attr, size);

	return r < 0 ? -errno : (int)r;
}

int sys_perf_event_open(void *attr, pid_t pid, int cpu, int group, unsigned long flags)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, group, flags);

	return fd < 0 ? -errno : (int)fd;
}

int sys_pidfd_open(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

int sys_pidfd_getfd(int pidfd, int fd)
{
	long got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return got < 0 ? -errno : (int)got;
}

int sys_poll(struct pollfd *fds, size_t n, int timeout_ms)
{
	struct timespec t = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
	long r = syscall(SYS_ppoll, fds, n, timeout_ms < 0 ? NULL : &t, NULL, 0);

	return r < 0 ? -errno : (int)r;
}

int sys_dup(int fd)
{
	return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
}

int sys_netlink(int protocol)
{
	int on = 1;
	long fd = syscall(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	/* Words with errors; kernels before 4.12 have none, which is no error. */
	syscall(SYS_setsockopt, fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	syscall(SYS_setsockopt, fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return (int)fd;
}

ssize_t sys_netlink_send(int fd, const void *message, size_t len)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	long n = syscall(SYS_sendto, fd, message, len, 0, &kernel, sizeof(kernel));

	return n < 0 ? -errno : n;
}

ssize_t sys_netlink_receive(int fd, void *to, size_t size)
{
	struct sockaddr_nl from;
	socklen_t len;
	long n = 0;

	do { /* what other processes send is not for us */
		len = sizeof(from);
		from.nl_pid = 0;
		n = syscall(SYS_recvfrom, fd, to, size, 0, &from, &len);
	} while (n >= 0 && from.nl_pid);
	return n < 0 ? -errno : n;
}

int sys_setns(int fd, int kind)
{
	return syscall(SYS_setns, fd, kind) < 0 ? -errno : 0;
}

int sys_clock(int clock, struct timespec *t)
{
	return syscall(SYS_clock_gettime, clock, t) < 0 ? -errno : 0;
}

int sys_info(int fd, void *info, size_t len)
{
	struct attr_info a = {
		.bpf_fd = (uint32_t)fd,
		.info_len = (uint32_t)len,
		.info = attr_ptr(info),
	};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &a, sizeof(a));
}

int sys_next_id(int cmd, uint32_t id, uint32_t *next)
{
	struct attr_id a = { .id = id };
	int r = sys_bpf(cmd, &a, sizeof(a));

	if (!r)
		*next = a.next_id;
	return r;
}

int sys_fd_by_id(int cmd, uint32_t id)
{
	struct attr_id a = { .id = id };

	return sys_bpf(cmd, &a, sizeof(a));
}

int sys_obj_get(const char *path, uint32_t flags)
{
	struct attr_obj a = { .pathname = attr_ptr(path), .file_flags = flags };

	return sys_bpf(BPF_OBJ_GET, &a, sizeof(a));
}

int sys_obj_pin(int fd, const char *path)
{
	struct attr_obj a = { .pathname = attr_ptr(path), .bpf_fd = (uint32_t)fd };

	return sys_bpf(BPF_OBJ_PIN, &a, sizeof(a));
}

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

int sys_stat(const char *path, struct sys_stat *st)
{
	struct statx x = {};
	long r = syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &x);

	if (r < 0)
		return -errno;
	*st = (struct sys_stat){ .mode = x.stx_mode,
				 .dev = (uint64_t)x.stx_dev_major << 32 | x.stx_dev_minor,
				 .ino = x.stx_ino };
	return 0;
}

int sys_mkdir(const char *path, unsigned int mode)
{
	return result(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int sys_unlink(const char *path)
{
	return result(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int sys_rmdir(const char *path)
{
	return result(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}

bool sys_is_fs(const char *path, unsigned long magic)
{
	struct statfs fs = {};

	return syscall(SYS_statfs, path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

bool sys_is_bpffs(const char *path)
{
	return sys_is_fs(path, BPF_FS_MAGIC);
}

static int each_name(const char *at, long n, int (*fn)(void *arg, const char *name), void *arg)
{
	int r = 0;

	for (const char *end = at + n; at < end && !r;) {
		const struct uapi_dirent *e = (const void *)at;

		at += e->len;
		if (strcmp(e->name, ".") != 0 && strcmp(e->name, "..") != 0)
			r = fn(arg, e->name);
	}
	return r;
}

int sys_list(const char *dir, int (*fn)(void *arg, const char *name), void *arg)
{
	auto_fd int fd = sys_open_dir(dir);
	_Alignas(8) char buf[4096];
	int r = 0;
	long n;

	if (fd < 0)
		return fd;
	while (!r && (n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		r = each_name(buf, n, fn, arg);
	return !r && n < 0 ? -errno : r;
}

/* Decimal digits at *p, at most 1048576 (no kernel has more CPUs). */
static bool cpu_number(const char **p, unsigned int *n)
{
	const char *s = *p;

	for (*n = 0; *s >= '0' && *s <= '9' && *n <= 1 << 20; s++)
		*n = *n * 10 + (unsigned int)(*s - '0');
	if (s == *p || *n > 1 << 20)
		return false;
	*p = s;
	return true;
}

unsigned int sys_parse_cpus(const char *text)
{
	unsigned int from, to, last = 0;

	for (const char *p = text;; p++) {
		if (!cpu_number(&p, &from))
			return 0;
		to = from;
		if (*p == '-') {
			p++;
			if (!cpu_number(&p, &to) || to < from)
				return 0;
		}
		last = to > last ? to : last;
		if (*p == '\0' || *p == '\n')
			return last + 1;
		if (*p != ',')
			return 0;
	}
}

unsigned int sys_possible_cpus(void)
{
	char text[4096] = "";
	unsigned int n = 0;

	for (const struct sys_backend *b = backend; b; b = b->next)
		if (b->cpus)
			return b->cpus;
	if (sys_read_file(SYS_CPUS, text, sizeof(text)) > 0)
		n = sys_parse_cpus(text);
	if (!n)
		n = (unsigned int)sysconf(_SC_NPROCESSORS_CONF);
	return n ? n : 1;
}

int sys_open(const char *path)
{
	return result(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0));
}

int sys_open_dir(const char *path)
{
	return result(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
}

ssize_t sys_read_file(const char *path, char *buf, size_t size)
{
	/* By way of the door: what a backend's descriptors are is in its /proc/self/fdinfo. */
	auto_fd int fd = sys_open(path);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, buf + len, size - len)) > 0) {
		len += (size_t)n;
		if (len == size) {
			buf[len - 1] = '\0';
			return -EFBIG;
		}
	}
	if (n < 0)
		return -errno;
	buf[len] = '\0';
	return (ssize_t)len;
}
