// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signals, a deadline and a child process, behind one descriptor. */
#include "core/until.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/sys.h"

struct until {
	int epoll, signals, pidfd;
	sigset_t before; /* the mask to go back to */
	pid_t pid;	 /* of the command; 0: none runs */
	int status;
	uint64_t start, deadline; /* monotonic ns; deadline 0: none */
	enum until_reason reason;
};

extern char **environ;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int watch(struct until *u, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(u->epoll, EPOLL_CTL_ADD, fd, &ev);
}

struct until *until_new(struct err *e)
{
	auto_until struct until *u = xcalloc(1, sizeof(*u));
	sigset_t set;

	u->signals = u->pidfd = -1;
	u->start = now();
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &u->before);
	u->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (u->epoll >= 0)
		u->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (u->signals < 0 || watch(u, u->signals) < 0) {
		err_sys(e, "cannot wait for signals");
		return NULL;
	}
	return take_ptr(u);
}

static void reap(struct until *u)
{
	int status;

	if (waitpid(u->pid, &status, 0) != u->pid)
		return;
	u->pid = 0;
	u->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void until_freep(struct until **up)
{
	struct until *u = *up;

	if (!u)
		return;
	if (u->pid) {
		kill(u->pid, SIGTERM);
		reap(u);
	}
	closep(&u->pidfd);
	closep(&u->signals);
	closep(&u->epoll);
	sigprocmask(SIG_SETMASK, &u->before, NULL);
	freep(up);
}

void until_set_time(struct until *u, uint64_t ns)
{
	u->deadline = ns ? now() + ns : 0;
}

static int spawn(struct until *u, char **argv)
{
	posix_spawnattr_t attr;
	sigset_t pipe;
	int r;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE); /* we ignore it; the command shall not */
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &u->before);
	posix_spawnattr_setsigdefault(&attr, &pipe);
	r = posix_spawnp(&u->pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return r;
}

/* While a record is replayed nothing runs: what it ended with is in the record. */
int until_run(struct until *u, struct words command, struct err *e)
{
	auto_free char **argv = xcalloc(command.n + 1, sizeof(*argv));
	int r;

	if (sys_replays())
		return 0;
	for (size_t i = 0; i < command.n; i++)
		argv[i] = command.v[i];
	r = spawn(u, argv);
	if (r) {
		u->pid = 0;
		return err_code(e, r, "cannot run %s", argv[0]);
	}
	u->pidfd = sys_pidfd_open(u->pid);
	if (u->pidfd < 0 || watch(u, u->pidfd) < 0)
		return err_code(e, u->pidfd < 0 ? u->pidfd : errno, "cannot wait for %s", argv[0]);
	return 0;
}

int until_fd(const struct until *u)
{
	return u->epoll;
}

int until_timeout(const struct until *u)
{
	uint64_t t = now();

	if (!u->deadline)
		return -1;
	if (t >= u->deadline)
		return 0;
	t = (u->deadline - t + 999999) / 1000000;
	return t > 3600000 ? 3600000 : (int)t; /* asked again after an hour */
}

static bool command_ended(struct until *u)
{
	struct pollfd p = { .fd = u->pidfd, .events = POLLIN };

	if (!u->pid || poll(&p, 1, 0) != 1)
		return false;
	reap(u);
	return true;
}

static bool signal_came(struct until *u)
{
	struct signalfd_siginfo si;

	return read(u->signals, &si, sizeof(si)) == sizeof(si);
}

/* From a record, or into one. */
static void reason_came(struct until *u)
{
	struct sys_coming c = { .name = "end",
				.keys = { "reason", "status" },
				.v = { u->reason, (uint64_t)u->status } };

	if (!sys_came(&c))
		return;
	u->reason = c.v[0] <= UNTIL_COMMAND ? (enum until_reason)c.v[0] : UNTIL_SIGNAL;
	u->status = (int)c.v[1];
}

enum until_reason until_check(struct until *u)
{
	if (u->reason)
		return u->reason;
	if (sys_replays()) {
		reason_came(u);
		return u->reason;
	}
	if (command_ended(u))
		u->reason = UNTIL_COMMAND;
	else if (signal_came(u))
		u->reason = UNTIL_SIGNAL;
	else if (u->deadline && now() >= u->deadline)
		u->reason = UNTIL_TIME;
	if (u->reason)
		reason_came(u);
	return u->reason;
}

enum until_reason until_wait(struct until *u, struct err *e)
{
	enum until_reason reason;

	while (!(reason = until_check(u))) {
		struct pollfd p = { .fd = u->epoll, .events = POLLIN };
		int r = sys_poll(&p, 1, until_timeout(u));

		if (r < 0 && r != -EINTR) {
			err_code(e, r, "cannot wait");
			break;
		}
	}
	return reason;
}

int until_status(const struct until *u)
{
	return u->status;
}

uint64_t until_elapsed(const struct until *u)
{
	struct sys_coming c = { .name = "elapsed", .keys = { "ns" }, .v = { now() - u->start } };

	sys_came(&c);
	return c.v[0];
}
