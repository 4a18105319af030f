// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* --replay. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
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
#include "core/json.h"
#include "core/jsonw.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/sys_call.h"
#include "core/sys_record.h"
#include "core/sys_tape.h"
#include "core/uapi.h"
#include "core/val.h"

struct sys_replay {
	struct sys_backend backend;
	struct tape tape;
	const char *path;
	struct buf text;
	const char *at;	   /* the next line */
	size_t line, n;	   /* the one that was read, and the call */
	struct val now;	   /* its contents */
	bool ahead;	   /* it was read, and is still to be taken */
	struct buf data;   /* of what came last without a call */
	bool lost;	   /* what comes is not in the record any more */
	struct err reason; /* why */
};

/* ---- lines --------------------------------------------------------------------------------- */

/* Class input; from here on the record is of no use. */
__attribute__((format(printf, 2, 3))) static int lose(struct sys_replay *r, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (r->lost)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->lost = true;
	return err_input(&r->reason, "%s: line %zu: %s", r->path, r->line, text);
}

/* The next line into r->now; 1: there is none. */
static int next_line(struct sys_replay *r)
{
	const char *end = r->text.data + r->text.len, *eol;
	auto_free char *name = NULL;

	val_drop(&r->now);
	r->line++;
	if (r->at == end)
		return 1;
	eol = memchr(r->at, '\n', (size_t)(end - r->at));
	if (!eol)
		return lose(r, "it is cut off");
	name = xasprintf("%s: line %zu", r->path, r->line);
	if (json_parse(r->at, (size_t)(eol - r->at), name, &r->now, &r->reason)) {
		r->lost = true;
		return -EINVAL;
	}
	r->at = eol + 1;
	return r->now.kind == V_MAP ? 0 : lose(r, "it is no object in braces");
}

/* The same, unless it was read ahead. */
static int take_line(struct sys_replay *r)
{
	int end = r->ahead ? 0 : next_line(r);

	r->ahead = false;
	return end;
}

static uint64_t get_uint(const struct val *map, const char *key)
{
	const struct val *v = map ? val_get(map, key) : NULL;

	return v && v->kind == V_UINT ? v->u : 0;
}

static const char *get_str(const struct val *map, const char *key)
{
	const struct val *v = val_get(map, key);

	return v && v->kind == V_STR ? v->str.s : NULL;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static void add_json(struct buf *to, const struct val *v)
{
	struct jsonw j = { .to = to };
	size_t start = to->len;

	if (!v) {
		buf_adds(to, "nothing");
		return;
	}
	jsonw_val(&j, v);
	if (to->len - start > 100) {
		to->len = start + 97;
		buf_adds(to, "...");
	}
}

static int differ(struct sys_replay *r, const struct tape_call *c, const char *key,
		  const struct val *got, const struct val *expected)
{
	auto_buf struct buf g = {}, x = {};

	add_json(&g, got);
	add_json(&x, expected);
	return lose(r, "call %zu, %s: %s is %s, and %s in the record", r->n, c->name, key,
		    buf_str(&g), buf_str(&x));
}

static int check_input(struct sys_replay *r, const struct tape_call *c)
{
	static const struct val none = { .kind = V_MAP };
	const struct val *expected = val_get(&r->now, "in") ?: &none;
	auto_val struct val got = {};

	if (expected->kind != V_MAP)
		return lose(r, "\"in\" is no object in braces");
	tape_in(&r->tape, c, &got);
	for (size_t i = 0; i < got.seq.n; i++) {
		const struct val *v = val_get(expected, got.seq.keys[i]);

		if (!v || !val_equal(v, &got.seq.v[i]))
			return differ(r, c, got.seq.keys[i], &got.seq.v[i], v);
	}
	for (size_t i = 0; i < expected->seq.n; i++)
		if (!val_get(&got, expected->seq.keys[i]))
			return differ(r, c, expected->seq.keys[i], NULL, &expected->seq.v[i]);
	return 0;
}

/* ---- answering ----------------------------------------------------------------------------- */

static enum obj_kind kind_named(const char *name)
{
	for (int k = 0; name && k < OBJ_NONE; k++)
		if (strcmp(obj_kind_name((enum obj_kind)k), name) == 0)
			return (enum obj_kind)k;
	return OBJ_NONE;
}

/* Of a map that is mapped, all values; what else is mapped has no memory to show. */
static int size_file(const struct tape_call *c, int fd)
{
	const struct attr_map_create *a = (const void *)c->attr.bytes;
	bool mapped = c->nr == SYS_bpf && c->args[0] == BPF_MAP_CREATE &&
		      a->map_flags & BPF_F_MMAPABLE && a->map_type == BPF_MAP_TYPE_ARRAY;
	uint64_t size = ((uint64_t)a->value_size + 7) / 8 * 8 * a->max_entries;

	if (!mapped)
		return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW);
	return ftruncate(fd, (off_t)((size + 4095) / 4096 * 4096));
}

static int fill_file(struct sys_replay *r, const struct tape_call *c, int fd)
{
	const char *text = get_str(&r->now, "text");
	const struct val *data = val_get(&r->now, "data");
	auto_buf struct buf b = {};

	if (text)
		buf_adds(&b, text);
	else if (data && !tape_bytes(data, &b))
		return lose(r, "\"data\" must be pairs of hex digits");
	if (c->nr == SYS_openat && strcmp((const char *)c->args[1], SYS_CPUS) == 0 &&
	    sys_parse_cpus(buf_str(&b)) != r->tape.cpus)
		return lose(r, "there are not that many CPUs");
	if (pwrite(fd, buf_str(&b), b.len, 0) != (ssize_t)b.len)
		return lose(r, "cannot keep its contents");
	return size_file(c, fd);
}

/* The name that /proc/self/fd shows is that of the kernel's file. */
static int new_file(enum obj_kind kind)
{
	static const char *const names[] = { [OBJ_MAP] = "bpf-map",
					     [OBJ_PROG] = "bpf-prog",
					     [OBJ_LINK] = "bpf_link",
					     [OBJ_BTF] = "btf",
					     [OBJ_NONE] = "replay" };

	return memfd_create(names[kind], MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static int give_fd(struct sys_replay *r, const struct tape_call *c)
{
	const struct val *map = val_get(&r->now, "map");
	const char *kind = get_str(&r->now, "kind");
	struct tape_thing thing = { .kind = kind_named(kind), .fd = -1 };
	auto_fd int fd = new_file(thing.kind);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return lose(r, "cannot make a file");
	if (get_uint(&r->now, "fd") != r->tape.n + 1)
		return lose(r, "the next descriptor is number %zu", r->tape.n + 1);
	thing.ino = st.st_ino;
	thing.dir = kind && strcmp(kind, "directory") == 0;
	thing.map_type = (uint32_t)get_uint(map, "type");
	thing.key_size = (uint32_t)get_uint(map, "key_size");
	thing.value_size = (uint32_t)get_uint(map, "value_size");
	if (c->nr == SYS_bpf && c->args[0] == BPF_MAP_CREATE) {
		const struct attr_map_create *a = (const void *)c->attr.bytes;

		if (a->map_type != thing.map_type || a->key_size != thing.key_size ||
		    a->value_size != thing.value_size)
			return lose(r, "\"map\" is not what is made");
	}
	if (fill_file(r, c, fd))
		return lose(r, "cannot keep its memory");
	tape_add(&r->tape, &thing);
	return take_fd(fd);
}

static long give_names(struct sys_replay *r, const struct tape_call *c, const struct val *out)
{
	const struct val *names = val_get(out, "names");
	size_t used = 0, room = c->args[2];
	char *to = (char *)c->args[1];

	for (size_t i = 0; names && names->kind == V_LIST && i < names->seq.n; i++) {
		const struct val *v = &names->seq.v[i];
		size_t n = v->kind == V_STR ? v->str.len : 0;
		size_t len = uapi_dirent_len(n);
		struct uapi_dirent e = { .ino = i + 1, .len = (uint16_t)len };

		if (!n || n > 255 || len > room - used)
			return lose(r, "\"names\" are not those of a directory");
		memset(to + used, 0, len);
		memcpy(to + used, &e, offsetof(struct uapi_dirent, name));
		memcpy(to + used + offsetof(struct uapi_dirent, name), v->str.s, n);
		used += len;
	}
	return (long)used;
}

static long give_message(struct sys_replay *r, const struct tape_call *c, const struct val *out)
{
	auto_buf struct buf b = {};

	if (!tape_bytes(val_get(out, "message"), &b))
		return lose(r, "\"message\" must be pairs of hex digits");
	if (b.len > c->args[2])
		return lose(r, "\"message\" is more than was asked for");
	if (b.len)
		memcpy((void *)c->args[1], b.data, b.len);
	return (long)b.len;
}

static void give_ready(const struct tape_call *c, const struct val *out)
{
	const struct val *ready = val_get(out, "ready");
	struct pollfd *fds = (struct pollfd *)c->args[0];

	for (size_t i = 0; i < c->args[1]; i++) {
		bool told = ready && ready->kind == V_LIST && i < ready->seq.n;

		fds[i].revents = told ? (short)ready->seq.v[i].u : 0;
	}
}

static void give_other(const struct tape_call *c, const struct val *out)
{
	if (c->nr == SYS_statx) {
		struct statx *x = (struct statx *)c->args[4];

		*x = (struct statx){ .stx_mask = STATX_BASIC_STATS,
				     .stx_mode = (uint16_t)get_uint(out, "mode"),
				     .stx_dev_major = (uint32_t)get_uint(out, "dev_major"),
				     .stx_dev_minor = (uint32_t)get_uint(out, "dev_minor"),
				     .stx_ino = get_uint(out, "ino") };
	} else if (c->nr == SYS_statfs) {
		struct statfs *fs = (struct statfs *)c->args[1];

		*fs = (struct statfs){ .f_type = (__fsword_t)get_uint(out, "type") };
	} else if (c->nr == SYS_clock_gettime) {
		struct timespec *ts = (struct timespec *)c->args[1];

		ts->tv_sec = (time_t)get_uint(out, "seconds");
		ts->tv_nsec = (long)(get_uint(out, "ns") % 1000000000);
	} else if (c->nr == SYS_ppoll) {
		give_ready(c, out);
	}
}

/* What is written into a map shows in the memory of those who have mapped it. */
static void show_update(const struct tape_call *c)
{
	const struct attr_elem *a = (const void *)c->attr.bytes;
	size_t size = c->thing ? (c->thing->value_size + 7ul) / 8 * 8 : 0;
	struct stat st;
	uint32_t i = 0;

	if (c->args[0] != BPF_MAP_UPDATE_ELEM || !size || c->thing->key_size != 4 ||
	    fstat((int)a->map_fd, &st) || !tape_peek(&i, a->key, 4) ||
	    (uint64_t)st.st_size < (i + 1ull) * size)
		return;
	if (pwrite((int)a->map_fd, (const void *)(uintptr_t)a->value, c->thing->value_size,
		   (off_t)(i * size)) < 0)
		errno = 0; /* sealed: nobody has mapped it */
}

static long answer(struct sys_replay *r, struct tape_call *c)
{
	static const struct val none = { .kind = V_MAP };
	const struct val *out = val_get(&r->now, "out") ?: &none;
	const char *code = get_str(&r->now, "errno"), *bad;
	uint64_t result = get_uint(&r->now, "result");
	long fd;

	bad = tape_give(&r->tape, c, out);
	if (bad)
		return lose(r, "\"out\" %s", bad);
	if (code) {
		errno = sys_errno(code);
		return errno ? -1 : lose(r, "no errno is named \"%s\"", code);
	}
	if (c->gives_fd) {
		fd = give_fd(r, c);
		return r->lost ? -1 : fd;
	}
	if (c->nr == SYS_getdents64)
		return give_names(r, c, out);
	if (c->nr == SYS_recvfrom)
		return give_message(r, c, out);
	give_other(c, out);
	if (c->nr == SYS_bpf)
		show_update(c);
	return result > INT32_MAX ? lose(r, "\"result\" is too large") : (long)result;
}

static long call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	struct sys_replay *r = (struct sys_replay *)self;
	struct tape_call c;
	const char *name;
	long result = -1;

	if (!tape_read(&r->tape, nr, args, &c))
		return sys_next(self, nr, args);
	if (!r->lost) {
		int end = take_line(r);

		r->n++;
		name = get_str(&r->now, "call");
		if (end == 1)
			lose(r, "the record is at its end, and call %zu is %s", r->n, c.name);
		else if (!end && (!name || strcmp(name, c.name) != 0))
			lose(r, "call %zu is %s, and %s in the record", r->n, c.name,
			     name ?: "none");
		else if (!end && !check_input(r, &c))
			result = answer(r, &c);
	}
	if (r->lost) {
		errno = EIO;
		return -1;
	}
	return result;
}

/* Other lines are those of calls, and wait for them. */
static bool came(struct sys_backend *self, struct sys_coming *c)
{
	struct sys_replay *r = (struct sys_replay *)self;
	const struct val *out, *data;
	const char *name;

	if (r->lost || (!r->ahead && next_line(r)))
		return false;
	name = get_str(&r->now, "call");
	r->ahead = !name || strcmp(name, c->name) != 0;
	if (r->ahead)
		return false;
	r->n++;
	out = val_get(&r->now, "out");
	for (size_t i = 0; i < SYS_COMING_NUMBERS && c->keys[i]; i++)
		c->v[i] = get_uint(out, c->keys[i]);
	data = out ? val_get(out, "data") : NULL;
	r->data.len = 0;
	if (data && !tape_bytes(data, &r->data)) {
		lose(r, "\"data\" must be pairs of hex digits");
		return false;
	}
	c->data = data ? buf_str(&r->data) : NULL;
	c->len = r->data.len;
	return true;
}

/* ---- making -------------------------------------------------------------------------------- */

static int read_head(struct sys_replay *r)
{
	int err = next_line(r);

	if (err < 0)
		return err;
	if (err || !val_get(&r->now, "bpfctl_record"))
		return lose(r, "this is no record");
	if (get_uint(&r->now, "bpfctl_record") != TAPE_VERSION)
		return lose(r, "this version reads records of version %d", TAPE_VERSION);
	r->tape.cpus = (uint32_t)get_uint(&r->now, "cpus");
	return r->tape.cpus && r->tape.cpus < 1 << 20 ? 0 : lose(r, "how many CPUs?");
}

static void free_replay(struct sys_replay **rp)
{
	struct sys_replay *r = *rp;

	buf_free(&r->text);
	buf_free(&r->data);
	val_drop(&r->now);
	tape_free(&r->tape);
	err_clear(&r->reason);
	freep(rp);
}

int sys_replay_new(struct sys_replay **rp, const char *path, struct err *e)
{
	struct sys_replay *r = xcalloc(1, sizeof(*r));
	int err;

	r->path = path;
	r->tape.by_inode = true;
	err = file_read(path, FILE_MAX, &r->text, e);
	if (!err) {
		r->at = r->text.data;
		err = read_head(r);
		if (err) {
			*e = r->reason;
			r->reason = (struct err){};
		}
	}
	if (err) {
		free_replay(&r);
		return err;
	}
	r->backend.call = call;
	r->backend.came = came;
	r->backend.replays = true;
	r->backend.taped = true;
	r->backend.cpus = r->tape.cpus;
	r->backend.apart = true;
	sys_push(&r->backend);
	*rp = r;
	return 0;
}

int sys_replay_close(struct sys_replay **rp, struct err *e)
{
	struct sys_replay *r = *rp;
	int err = 0;

	if (!r)
		return 0;
	sys_pop(&r->backend);
	if (!r->lost && take_line(r) == 0)
		lose(r, "the command ends with call %zu, and the record goes on with %s", r->n,
		     get_str(&r->now, "call") ?: "something else");
	if (r->lost) {
		*e = r->reason;
		r->reason = (struct err){};
		err = -EINVAL;
	}
	free_replay(rp);
	return err;
}
