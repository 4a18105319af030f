// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Network namespaces. */
#include "core/netns.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/probe.h"
#include "core/sys.h"

#define NAMED "/run/netns" /* where ip-netns(8) keeps them */

struct call {
	int fd;
	int (*fn)(void *arg);
	void *arg;
	int result;
	int failed; /* errno of setns() */
};

static void *in_thread(void *arg)
{
	struct call *c = arg;

	c->failed = -sys_setns(c->fd, CLONE_NEWNET);
	if (!c->failed)
		c->result = c->fn(c->arg);
	return NULL;
}

static int no_such(const char *netns, struct err *e)
{
	auto_dir DIR *d = sys_apart() ? NULL : opendir(NAMED);
	struct near near = near_to(netns, strlen(netns));
	const struct dirent *de;
	char best[64];

	while (d && (de = readdir(d))) {
		near_offer(&near, de->d_name);
		if (near.best == de->d_name) {
			snprintf(best, sizeof(best), "%.63s", de->d_name);
			near.best = best;
		}
	}
	err_absent(e, "there is no network namespace %s", netns);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return -ENOENT;
}

static int open_netns(const char *netns, struct err *e)
{
	auto_free char *path =
		strchr(netns, '/') ? xstrdup(netns) : xasprintf("%s/%s", NAMED, netns);
	int fd = sys_open(path);

	if (fd >= 0)
		return fd;
	if (fd == -ENOENT)
		return no_such(netns, e);
	return err_code(e, fd, "cannot open the network namespace %s", netns);
}

int netns_call(const char *netns, int (*fn)(void *arg), void *arg, struct err *e)
{
	struct call c = { .fn = fn, .arg = arg };
	auto_fd int fd = -1;
	pthread_t thread;
	int r;

	if (!netns)
		return fn(arg);
	fd = open_netns(netns, e);
	if (fd < 0)
		return fd;
	c.fd = fd;
	r = pthread_create(&thread, NULL, in_thread, &c);
	if (r)
		return err_code(e, r, "cannot start a thread");
	pthread_join(thread, NULL);
	if (!c.failed)
		return c.result;
	if (c.failed == EINVAL)
		return err_input(e, "%s is no network namespace", netns);
	err_code(e, c.failed, "cannot enter the network namespace %s", netns);
	return probe_denied(e, NEED_SYS_ADMIN);
}
