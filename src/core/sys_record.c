// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* --record. */
#include "core/sys_record.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/jsonw.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/sys_tape.h"
#include "core/uapi.h"
#include "core/uapi_info.h"
#include "core/utf8.h"
#include "core/val.h"

#define DATA_MAX (16u << 20)

struct sys_record {
	struct sys_backend backend;
	struct tape tape;
	const char *path;
	struct buf text;
	size_t n;
};

static void put(struct val *line, const char *key, struct val v)
{
	val_put(line, key, &v);
}

static void put_text(struct val *line, const char *key, const char *text)
{
	struct val v = {};

	val_set_str(&v, text, strlen(text));
	val_put(line, key, &v);
}

/* ---- what comes back ----------------------------------------------------------------------- */

static void ask_sizes(struct sys_record *r, struct tape_thing *thing)
{
	struct uapi_map_info i = {};
	struct attr_info a = { .bpf_fd = (uint32_t)thing->fd,
			       .info_len = sizeof(i),
			       .info = attr_ptr(&i) };
	const unsigned long args[6] = { BPF_OBJ_GET_INFO_BY_FD, (unsigned long)&a, sizeof(a) };

	if (sys_next(&r->backend, SYS_bpf, args) == 0) {
		thing->map_type = i.type;
		thing->key_size = i.key_size;
		thing->value_size = i.value_size;
	}
}

static void put_thing(struct val *line, const struct tape_thing *thing)
{
	struct val map = { .kind = V_MAP };

	if (thing->dir)
		put_text(line, "kind", "directory");
	else if (thing->kind != OBJ_NONE)
		put_text(line, "kind", obj_kind_name(thing->kind));
	if (thing->kind != OBJ_MAP)
		return;
	put(&map, "type", val_uint(thing->map_type));
	put(&map, "key_size", val_uint(thing->key_size));
	put(&map, "value_size", val_uint(thing->value_size));
	put(line, "map", map);
}

static bool is_text(const struct buf *b)
{
	for (size_t i = 0, n; i < b->len; i += n) {
		n = utf8_len(b->data + i, b->len - i);
		if (!n || !b->data[i])
			return false;
	}
	return true;
}

/* Reads to its end what the caller would read, who gets a file with that. */
static void put_contents(struct val *line, int fd)
{
	auto_buf struct buf b = {};
	auto_fd int copy = memfd_create("record", MFD_CLOEXEC);
	struct val v = {};
	char *to;
	ssize_t n;

	while (b.len < DATA_MAX && (to = buf_reserve(&b, 65536)) && (n = read(fd, to, 65536)) > 0)
		b.len += (size_t)n;
	if (copy < 0 || pwrite(copy, buf_str(&b), b.len, 0) != (ssize_t)b.len ||
	    dup3(copy, fd, O_CLOEXEC) < 0)
		return;
	if (is_text(&b))
		val_set_str(&v, buf_str(&b), b.len);
	else
		v = tape_hex(b.data, b.len);
	val_put(line, is_text(&b) ? "text" : "data", &v);
}

/* A file of a network namespace is to be entered, not read. */
static bool is_netns(const char *path, int fd)
{
	static const char named[] = "/run/netns/"; /* where the mock has them, too */
	struct statfs fs;

	return strncmp(path, named, sizeof(named) - 1) == 0 ||
	       (fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC);
}

static void put_fd(struct sys_record *r, const struct tape_call *c, struct val *line, int fd)
{
	struct tape_thing thing = { .kind = obj_kind_of(fd), .fd = fd };
	struct stat st;

	thing.dir = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	if (c->nr == SYS_openat && r->backend.next) /* the mock's directories are no such files */
		thing.dir = thing.dir || (c->args[2] & O_DIRECTORY);
	if (thing.kind == OBJ_MAP)
		ask_sizes(r, &thing);
	tape_add(&r->tape, &thing);
	put(line, "fd", val_uint(r->tape.n));
	put_thing(line, &thing);
	if ((c->nr == SYS_openat && !thing.dir && !is_netns((const char *)c->args[1], fd)) ||
	    (c->nr == SYS_bpf && c->args[0] == BPF_ITER_CREATE))
		put_contents(line, fd);
}

static void put_names(struct val *out, const char *at, long n)
{
	struct val names = { .kind = V_LIST };

	for (const char *end = at + n; at < end;) {
		const struct uapi_dirent *e = (const void *)at;
		struct val v = {};

		at += e->len;
		val_set_str(&v, e->name, strlen(e->name));
		val_append(&names, &v);
	}
	put(out, "names", names);
}

static void put_ready(struct val *out, const struct pollfd *fds, size_t n)
{
	struct val list = { .kind = V_LIST };

	for (size_t i = 0; i < n; i++) {
		struct val v = val_uint((uint16_t)fds[i].revents);

		val_append(&list, &v);
	}
	put(out, "ready", list);
}

/* Beside what the tables of fields say. */
static void save_other(const struct tape_call *c, long result, struct val *out)
{
	const struct statx *x = (const void *)c->args[4];
	const struct statfs *fs = (const void *)c->args[1];
	const struct timespec *ts = (const void *)c->args[1];

	switch (c->nr) {
	case SYS_statx:
		put(out, "mode", val_uint(x->stx_mode));
		put(out, "dev_major", val_uint(x->stx_dev_major));
		put(out, "dev_minor", val_uint(x->stx_dev_minor));
		put(out, "ino", val_uint(x->stx_ino));
		break;
	case SYS_statfs:
		put(out, "type", val_uint((uint32_t)fs->f_type));
		break;
	case SYS_clock_gettime:
		put(out, "seconds", val_uint((uint64_t)ts->tv_sec));
		put(out, "ns", val_uint((uint64_t)ts->tv_nsec));
		break;
	case SYS_ppoll:
		if (result)
			put_ready(out, (const struct pollfd *)c->args[0], c->args[1]);
		break;
	case SYS_recvfrom:
		put(out, "message", tape_hex((const void *)c->args[1], (size_t)result));
		break;
	case SYS_getdents64:
		put_names(out, (const char *)c->args[1], result);
		break;
	default:
		break;
	}
}

/* ---- the door ------------------------------------------------------------------------------ */

static void add_line(struct sys_record *r, const struct val *line)
{
	struct jsonw j = { .to = &r->text };

	jsonw_val(&j, line);
	buf_addc(&r->text, '\n');
}

static void save(struct sys_record *r, struct tape_call *c, long result, int code, struct val *line)
{
	struct val out = {};

	if (result < 0)
		put_text(line, "errno", err_name(code));
	else if (c->gives_fd)
		put_fd(r, c, line, (int)result);
	else if (result && c->nr != SYS_getdents64 && c->nr != SYS_recvfrom)
		put(line, "result", val_uint((uint64_t)result));
	tape_save(&r->tape, c, result < 0 ? code : 0, &out);
	if (result >= 0)
		save_other(c, result, &out);
	if (out.seq.n)
		val_put(line, "out", &out);
	else
		val_drop(&out);
}

/* libbpf moves a descriptor to the place it has kept for it; we keep further ones. */
static long follow(struct sys_record *r, long nr, const unsigned long args[6])
{
	bool dup = nr == SYS_fcntl && args[1] == F_DUPFD_CLOEXEC;
	size_t handle = nr == SYS_dup3 || dup ? tape_handle(&r->tape, (int)args[0]) : 0;
	long result = sys_next(&r->backend, nr, args);
	int code = errno;

	if (handle && result >= 0)
		tape_alias(&r->tape, handle, (int)result, !dup);
	errno = code;
	return result;
}

static long call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	struct sys_record *r = (struct sys_record *)self;
	auto_val struct val line = { .kind = V_MAP };
	struct val in = {};
	struct tape_call c;
	long result;
	int code;

	if (!tape_read(&r->tape, nr, args, &c))
		return follow(r, nr, args);
	put(&line, "n", val_uint(++r->n));
	put_text(&line, "call", c.name);
	tape_in(&r->tape, &c, &in);
	if (in.seq.n)
		val_put(&line, "in", &in);
	else
		val_drop(&in);
	result = sys_next(self, nr, args);
	code = errno;
	save(r, &c, result, code, &line);
	add_line(r, &line);
	errno = code;
	return result;
}

/* What came without a call is a line as a call is. */
static bool came(struct sys_backend *self, struct sys_coming *c)
{
	struct sys_record *r = (struct sys_record *)self;
	auto_val struct val line = { .kind = V_MAP };
	struct val out = { .kind = V_MAP };

	put(&line, "n", val_uint(++r->n));
	put_text(&line, "call", c->name);
	for (size_t i = 0; i < SYS_COMING_NUMBERS && c->keys[i]; i++)
		if (c->v[i])
			put(&out, c->keys[i], val_uint(c->v[i]));
	if (c->data)
		put(&out, "data", tape_hex(c->data, c->len));
	put(&line, "out", out);
	add_line(r, &line);
	return false;
}

struct sys_record *sys_record_new(const char *path)
{
	struct sys_record *r = xcalloc(1, sizeof(*r));
	struct val head = { .kind = V_MAP };

	r->path = path;
	r->tape.cpus = sys_possible_cpus();
	put(&head, "bpfctl_record", val_uint(TAPE_VERSION));
	put(&head, "cpus", val_uint(r->tape.cpus));
	add_line(r, &head);
	val_drop(&head);
	r->backend.call = call;
	r->backend.came = came;
	r->backend.taped = true;
	r->backend.cpus = r->tape.cpus; /* in the head of the record: nobody reads them again */
	r->backend.apart = true;
	sys_push(&r->backend);
	return r;
}

int sys_record_close(struct sys_record **rp, bool keep, struct err *e)
{
	struct sys_record *r = *rp;
	int err = 0;

	if (!r)
		return 0;
	sys_pop(&r->backend);
	if (keep && buf_error(&r->text))
		err = err_code(e, ENOMEM, "recording %zu calls", r->n);
	else if (keep)
		err = file_write(r->path, r->text.data, r->text.len, e);
	buf_free(&r->text);
	tape_free(&r->tape);
	freep(rp);
	return err;
}
