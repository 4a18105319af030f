// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* inotify on the directories of files. */
#include "core/filewatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"

struct filewatch {
	int fd;
};

struct filewatch *filewatch_new(struct err *e)
{
	struct filewatch *w = xcalloc(1, sizeof(*w));

	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0) {
		err_sys(e, "cannot watch files");
		filewatch_freep(&w);
	}
	return w;
}

void filewatch_freep(struct filewatch **wp)
{
	if (*wp)
		closep(&(*wp)->fd);
	freep(wp);
}

int filewatch_add(struct filewatch *w, const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	auto_free char *dir = slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup(".");

	if (inotify_add_watch(w->fd, dir, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
		return err_sys(e, "cannot watch %s", dir);
	return 0;
}

int filewatch_fd(const struct filewatch *w)
{
	return w->fd;
}

/* What tests are made of; pages and reports that are written beside them are not. */
static bool is_of_interest(const char *name)
{
	static const char *const ends[] = { ".bpf", ".inc", ".o", ".pcap", ".pcapng" };
	size_t len = strlen(name);

	for (size_t i = 0; i < countof(ends); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strcmp(name + len - n, ends[i]) == 0)
			return true;
	}
	return false;
}

bool filewatch_changed(struct filewatch *w)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool changed = false;
	ssize_t n;

	while ((n = read(w->fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *ev = (const void *)(buf + at);

			changed |= ev->len && is_of_interest(ev->name);
			at += (ssize_t)sizeof(*ev) + ev->len;
		}
	}
	return changed;
}
