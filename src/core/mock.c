// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock kernel behind the door. */
#include "core/mock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/mock_door.h"
#include "core/mock_state.h"
#include "core/sys_fail.h"
#include "core/sys_record.h"
#include "sim/kern.h"
#include "sim/world.h"

#define STATE_MAX (256u << 20)
#define LOCK_TRIES 100 /* of 100 ms each */

struct mock {
	struct mock_door door; /* open if its kern is not NULL */
	struct buf vmlinux;
	char *path;	   /* of the state file, or NULL */
	int lock;	   /* the state file, locked; -1 */
	struct buf before; /* its text */
	struct sys_fail *fail;
	struct sys_record *record;
	struct sys_replay *replay;
};

/* ---- the state file ------------------------------------------------------------------------ */

/* Whoever had the lock may have put another file in the place of the one that was opened. */
static bool is_current(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino &&
	       mine.st_dev == there.st_dev;
}

static int lock_state(struct mock *m, struct err *e)
{
	for (unsigned int i = 0; i < LOCK_TRIES; i++) {
		auto_fd int fd = open(m->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

		if (fd < 0)
			return err_sys(e, "cannot open %s", m->path);
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			poll(NULL, 0, 100);
			continue;
		}
		if (!is_current(fd, m->path))
			continue;
		m->lock = take_fd(fd);
		return 0;
	}
	return err_worded(e, EBUSY, "%s is in use by another command", m->path);
}

static int read_state(struct mock *m, struct err *e)
{
	int err = lock_state(m, e);

	if (!err)
		err = file_read(m->path, STATE_MAX, &m->before, e);
	if (err || !m->before.len) /* an empty file is a new kernel */
		return err;
	return mock_load(m->door.kern, m->before.data, m->before.len, m->path, e);
}

static int write_state(struct mock *m, struct err *e)
{
	auto_buf struct buf now = {};
	int err = mock_save(m->door.kern, &now, e);

	if (err)
		return err;
	if (now.len == m->before.len && memcmp(now.data, m->before.data, now.len) == 0)
		return 0;
	return file_write(m->path, now.data, now.len, e);
}

/* ---- making -------------------------------------------------------------------------------- */

static void free_mock(struct mock **mp)
{
	struct mock *m = *mp;
	struct err ignored = {};

	if (!m)
		return;
	sys_fail_freep(&m->fail);
	sys_record_close(&m->record, false, &ignored);
	sys_replay_close(&m->replay, &ignored);
	err_clear(&ignored);
	mock_door_close(&m->door);
	buf_free(&m->vmlinux);
	buf_free(&m->before);
	closep(&m->lock);
	free(m->path);
	freep(mp);
}

static int make_kern(struct mock *m, const char *btf_path, struct err *e)
{
	int err = mock_door_types(btf_path, &m->vmlinux, e);

	return err ? err : mock_door_open(&m->door, &m->vmlinux, e);
}

static struct mock *empty(void)
{
	struct mock *m = xcalloc(1, sizeof(*m));

	m->lock = -1;
	return m;
}

static int set_up(struct mock *m, const struct mock_opts *o, struct err *e)
{
	int err = 0;

	if (o->state) {
		m->path = xstrdup(o->state);
		err = make_kern(m, o->btf, e);
		if (!err)
			err = read_state(m, e);
		if (!err) /* values per CPU are of as many as the mock has */
			m->door.backend.cpus = kern_world(m->door.kern)->cpus;
	}
	if (!err && o->replay)
		err = sys_replay_new(&m->replay, o->replay, e);
	if (!err && o->record)
		m->record = sys_record_new(o->record);
	if (!err && (o->fail.n || o->latency.n))
		err = sys_fail_new(&m->fail, &o->fail, &o->latency, e);
	return err;
}

int mock_open(struct mock **mp, const struct mock_opts *o, struct err *e)
{
	struct mock *m;
	int err;

	*mp = NULL;
	if (!o->state && !o->record && !o->replay && !o->fail.n && !o->latency.n)
		return 0;
	m = empty();
	err = set_up(m, o, e);
	if (err)
		free_mock(&m);
	*mp = m;
	return err;
}

/* What the command says when a record fails is only what follows from that. */
static int end_tapes(struct mock *m, int r, struct err *e)
{
	struct err why = {};
	int err = m->replay ? sys_replay_close(&m->replay, &why)
			    : sys_record_close(&m->record, true, &why);

	if (!err)
		return r;
	err_clear(e);
	*e = why;
	return err;
}

int mock_close(struct mock **mp, int r, struct err *e)
{
	struct mock *m = *mp;
	struct err unsaved = {};

	if (!m)
		return r;
	sys_fail_freep(&m->fail);
	r = end_tapes(m, r, e);
	if (m->path) {
		int err = write_state(m, r < 0 ? &unsaved : e);

		r = r < 0 ? r : err;
		err_clear(&unsaved);
	}
	free_mock(mp);
	return r;
}
