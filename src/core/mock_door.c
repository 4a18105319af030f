// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Between the door and the simulator. */
#include "core/mock_door.h"

#include <errno.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "sim/kern.h"

#define MACHINE_TYPES "/sys/kernel/btf/vmlinux"

static long call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	struct mock_door *d = (struct mock_door *)self;
	long result;

	if (!kern_call(d->kern, nr, args, &result))
		return sys_next(self, nr, args);
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

int mock_door_types(const char *path, struct buf *to, struct err *e)
{
	if (!path && access(MACHINE_TYPES, R_OK))
		return 0;
	return file_read(path ?: MACHINE_TYPES, FILE_MAX, to, e);
}

int mock_door_open(struct mock_door *d, const struct buf *types, struct err *e)
{
	d->kern = kern_new(types->data, types->len);
	if (!d->kern)
		return err_code(e, ENOMEM, "cannot make a mock kernel");
	d->backend.call = call;
	d->backend.apart = true;
	sys_push(&d->backend);
	return 0;
}

void mock_door_close(struct mock_door *d)
{
	if (!d->kern)
		return;
	sys_pop(&d->backend);
	kern_free(d->kern);
	d->kern = NULL;
}
