// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls to data and back, by the tables of sys_field.c. */
#include "core/sys_tape.h"

#include <ctype.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/sys_call.h"
#include "core/sys_field.h"
#include "core/sys_tape_priv.h"
#include "core/uapi.h"
#include "core/val.h"

#define IN_MAX (64u << 20)
#define FDINFO "/proc/self/fdinfo/"
#define OTHER UINT32_MAX /* what stands for a foreign descriptor in bytes */

/* ---- descriptors --------------------------------------------------------------------------- */

size_t tape_handle(const struct tape *t, int fd)
{
	struct stat st;

	if (fd < 0 || (t->by_inode && fstat(fd, &st)))
		return 0;
	for (size_t i = t->n; i-- > 0;)
		if (t->by_inode ? t->things[i].ino == st.st_ino : t->things[i].fd == fd)
			return i + 1;
	for (size_t i = 0; i < t->nr_aliases; i++)
		if (t->aliases[i].fd == fd)
			return t->aliases[i].handle;
	return 0;
}

/* Whatever had this descriptor has closed it. */
static void forget(struct tape *t, int fd)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->things[i].fd == fd)
			t->things[i].fd = -1;
	for (size_t i = t->nr_aliases; i-- > 0;)
		if (t->aliases[i].fd == fd)
			t->aliases[i] = t->aliases[--t->nr_aliases];
}

void tape_alias(struct tape *t, size_t handle, int fd, bool first)
{
	forget(t, fd);
	if (first) {
		t->things[handle - 1].fd = fd;
		return;
	}
	if (array_grow(&t->aliases, t->nr_aliases, &t->cap_aliases, sizeof(*t->aliases)))
		abort();
	t->aliases[t->nr_aliases++] = (struct tape_alias){ fd, handle };
}

void tape_add(struct tape *t, const struct tape_thing *thing)
{
	if (!t->by_inode)
		forget(t, thing->fd);
	for (size_t i = 0; t->by_inode && i < t->n; i++) /* that one was closed */
		if (t->things[i].ino == thing->ino)
			t->things[i].ino = 0;
	if (array_grow(&t->things, t->n, &t->cap, sizeof(*thing)))
		abort();
	t->things[t->n++] = *thing;
}

void tape_free(struct tape *t)
{
	freep(&t->things);
	freep(&t->aliases);
	t->n = t->cap = t->nr_aliases = t->cap_aliases = 0;
}

/* ---- memory -------------------------------------------------------------------------------- */

bool tape_peek(void *to, uint64_t from, size_t n)
{
	struct iovec local = { to, n }, remote = { (void *)(uintptr_t)from, n };
	ssize_t got = n ? process_vm_readv(getpid(), &local, 1, &remote, 1, 0) : 0;

	if (got < 0 && (errno == ENOSYS || errno == EPERM) && from >= 4096) { /* a sandbox */
		memcpy(to, (const void *)(uintptr_t)from, n);
		return true;
	}
	return got == (ssize_t)n;
}

uint64_t tape_number(const uint8_t *bytes, size_t off, size_t size)
{
	uint64_t v = 0;
	uint32_t w;
	uint16_t h;

	if (size == 4) {
		memcpy(&w, bytes + off, 4);
		return w;
	}
	if (size == 2) {
		memcpy(&h, bytes + off, 2);
		return h;
	}
	if (size == 1)
		return bytes[off];
	memcpy(&v, bytes + off, 8);
	return v;
}

struct val tape_hex(const void *bytes, size_t n)
{
	struct val v = {};
	auto_buf struct buf hex = {};

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&hex, ' ');
		buf_add_hex(&hex, ((const uint8_t *)bytes)[i], 2);
	}
	val_set_str(&v, buf_str(&hex), hex.len);
	return v;
}

static int digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

bool tape_bytes(const struct val *v, struct buf *to)
{
	const char *s = v && v->kind == V_STR ? v->str.s : NULL;

	for (; s && *s; s += 2) {
		while (*s == ' ')
			s++;
		if (digit(s[0]) < 0 || digit(s[1]) < 0)
			return false;
		buf_addc(to, (char)(digit(s[0]) << 4 | digit(s[1])));
	}
	return s && !buf_error(to);
}

/* ---- how long things are ------------------------------------------------------------------- */

static size_t value_size(const struct tape *t, const struct tape_thing *m)
{
	switch (m->map_type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return ((size_t)m->value_size + 7) / 8 * 8 * t->cpus;
	default:
		return m->value_size;
	}
}

static size_t cursor_size(const struct tape_thing *m)
{
	switch (m->map_type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		return 4;
	default:
		return m->key_size;
	}
}

size_t tape_len(const struct tape *t, const struct tape_call *c, const uint8_t *bytes,
		const struct field *f)
{
	static const struct tape_thing none;
	const struct tape_thing *m = c->thing ?: &none;
	size_t n = f->len >= LEN_COUNT ? tape_number(bytes, f->count, 4) : 1;

	switch (f->len) {
	case LEN_COUNT:
		return n * f->width;
	case LEN_RECS:
		return n * tape_number(bytes, f->width, 4);
	case LEN_KEY:
		return m->key_size;
	case LEN_KEYS:
		return n * m->key_size;
	case LEN_VALUE:
		return value_size(t, m);
	case LEN_VALUES:
		return n * value_size(t, m);
	case LEN_CURSOR:
		return cursor_size(m);
	default:
		return 0;
	}
}

/* ---- descriptors in bytes ------------------------------------------------------------------ */

static void name_fd(const struct tape *t, uint8_t *at)
{
	uint32_t fd = (uint32_t)tape_number(at, 0, 4);
	uint32_t handle = (uint32_t)tape_handle(t, (int)fd);

	if (!handle && fd)
		handle = OTHER;
	memcpy(at, &handle, 4);
}

/* Of instructions that name a map, or BTF. */
static void name_insn_fds(const struct tape *t, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i + 16 <= n; i += 8) {
		unsigned int src = bytes[i + 1] >> 4;

		if (bytes[i] != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (src == BPF_PSEUDO_MAP_FD || src == BPF_PSEUDO_MAP_VALUE)
			name_fd(t, bytes + i + 4);
		else if (src == BPF_PSEUDO_BTF_ID)
			name_fd(t, bytes + i + 12);
		i += 8;
	}
}

/* Of a request to rtnetlink, which names programs to be attached to a device. */
static void name_netlink_fds(const struct tape *t, uint8_t *bytes, size_t n)
{
	static const size_t head = NLMSG_HDRLEN + sizeof(struct ifinfomsg);
	uint16_t len, type;

	for (size_t i = head; i + NLA_HDRLEN <= n; i += (len + 3u) & ~3ul) {
		memcpy(&len, bytes + i, 2);
		memcpy(&type, bytes + i + 2, 2);
		if (len < NLA_HDRLEN)
			return;
		if ((type & NLA_TYPE_MASK) == IFLA_XDP) /* the attributes in it follow */
			len = NLA_HDRLEN;
		else if ((type == IFLA_XDP_FD || type == IFLA_XDP_EXPECTED_FD) && i + 8 <= n &&
			 (int32_t)tape_number(bytes, i + 4, 4) >= 0)
			name_fd(t, bytes + i + 4);
	}
}

/* Of values, and keys of storages, of maps that take descriptors. */
static void name_elem_fds(const struct tape *t, const struct tape_thing *m, bool key,
			  uint8_t *bytes, size_t n)
{
	switch (m->map_type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		for (size_t i = 0; !key && m->value_size && i + 4 <= n; i += m->value_size)
			name_fd(t, bytes + i);
		break;
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
		for (size_t i = 4; !key && m->value_size == 8 && i + 4 <= n; i += 8)
			name_fd(t, bytes + i);
		break;
	case BPF_MAP_TYPE_SK_STORAGE:
	case BPF_MAP_TYPE_INODE_STORAGE:
	case BPF_MAP_TYPE_TASK_STORAGE:
	case 32: /* cgroup storage of this kind is newer than the header */
		for (size_t i = 0; key && i + 4 <= n; i += 4)
			name_fd(t, bytes + i);
		break;
	default:
		break;
	}
}

/* ---- input --------------------------------------------------------------------------------- */

static void put_num(struct val *to, const char *name, uint64_t n)
{
	struct val v = val_uint(n);

	if (n)
		val_put(to, name, &v);
}

static void put_fd(const struct tape *t, struct val *to, const char *name, uint64_t fd)
{
	size_t handle = tape_handle(t, (int)fd);
	struct val v = val_uint(handle);

	if (!fd)
		return;
	if (!handle)
		val_set_str(&v, "other", 5);
	val_put(to, name, &v);
}

/* A descriptor in the name of its file is told as the others. */
static void set_text(const struct tape *t, struct val *v, const char *s, size_t n)
{
	auto_free char *text = NULL;

	if (strncmp(s, FDINFO, strlen(FDINFO)) == 0)
		text = xasprintf(FDINFO "#%zu",
				 tape_handle(t, (int)strtol(s + strlen(FDINFO), NULL, 10)));
	val_set_str(v, text ?: s, text ? strlen(text) : n);
}

static void put_str(const struct tape *t, struct val *to, const char *name, const char *s,
		    size_t max)
{
	size_t n = strnlen(s, max);
	struct val v = {};

	if (!n)
		return;
	set_text(t, &v, s, n);
	val_put(to, name, &v);
}

static void put_strs(const struct tape *t, struct val *to, const char *name, uint64_t at, size_t n)
{
	struct val list = { .kind = V_LIST };

	for (size_t i = 0; at && i < n; i++) {
		struct val v = {};
		uint64_t p = 0;

		if (tape_peek(&p, at + 8 * i, 8) && p >= 4096) {
			const char *s = (const char *)(uintptr_t)p;

			set_text(t, &v, s, strnlen(s, 4096));
		}
		val_append(&list, &v);
	}
	val_put(to, name, &list);
}

static struct val insn_list(const uint8_t *bytes, size_t n)
{
	struct val list = { .kind = V_LIST };

	for (size_t i = 0; i + 8 <= n; i += 8) {
		auto_buf struct buf hex = {};
		struct val v = {};

		for (unsigned int b = 0; b < 8; b++)
			buf_add_hex(&hex, bytes[i + b], 2);
		val_set_str(&v, buf_str(&hex), hex.len);
		val_append(&list, &v);
	}
	return list;
}

void tape_put_bytes(const struct tape *t, const struct tape_call *c, const struct field *f,
		    uint64_t from, size_t n, struct val *to)
{
	auto_free uint8_t *bytes = NULL;
	struct val v;

	if (!from || !n || n > IN_MAX)
		return;
	bytes = xmalloc(n);
	if (!tape_peek(bytes, from, n))
		return;
	if (f->kind == FIELD_INSNS)
		name_insn_fds(t, bytes, n);
	else if (c->nr == SYS_sendto)
		name_netlink_fds(t, bytes, n);
	else if (c->thing)
		name_elem_fds(t, c->thing, f->len == LEN_KEY || f->len == LEN_KEYS, bytes, n);
	v = f->kind == FIELD_INSNS ? insn_list(bytes, n) : tape_hex(bytes, n);
	val_put(to, f->name, &v);
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	while (n && !bytes[n - 1])
		n--;
	return !n;
}

bool tape_is_asked(const struct tape_call *c, const struct field *f)
{
	return f->kind == FIELD_OUT && f->len == LEN_VALUE && c->thing &&
	       c->thing->map_type == BPF_MAP_TYPE_BLOOM_FILTER;
}

static void field_in(const struct tape *t, const struct tape_call *c, const struct tape_struct *s,
		     const struct field *f, struct val *in)
{
	uint64_t n = f->size <= 8 ? tape_number(s->bytes, f->off, f->size) : 0;
	struct val v;

	switch (f->kind) {
	case FIELD_NUM:
	case FIELD_BOTH:
		put_num(in, f->name, n);
		break;
	case FIELD_FD:
		put_fd(t, in, f->name, n);
		break;
	case FIELD_NAME:
		put_str(t, in, f->name, (const char *)s->bytes + f->off, f->size);
		break;
	case FIELD_BYTES:
		v = tape_hex(s->bytes + f->off, f->size);
		if (is_zero(s->bytes + f->off, f->size))
			val_drop(&v);
		else
			val_put(in, f->name, &v);
		break;
	case FIELD_STR:
		if (n >= 4096)
			put_str(t, in, f->name, (const char *)(uintptr_t)n, 4096);
		break;
	case FIELD_STRS:
		put_strs(t, in, f->name, n, tape_number(s->bytes, f->count, 4));
		break;
	case FIELD_IN:
	case FIELD_INSNS:
		tape_put_bytes(t, c, f, n, tape_len(t, c, s->bytes, f), in);
		break;
	default:
		if (tape_is_asked(c, f))
			tape_put_bytes(t, c, f, n, tape_len(t, c, s->bytes, f), in);
	}
}

void tape_in(const struct tape *t, const struct tape_call *c, struct val *in)
{
	in->kind = V_MAP;
	for (const struct field *f = c->attr.fields; f && f->name; f++)
		field_in(t, c, &c->attr, f, in);
	for (const struct field *f = c->more.fields; f && f->name; f++)
		field_in(t, c, &c->more, f, in);
}

/* ---- reading a call ------------------------------------------------------------------------ */

static void take(struct tape_struct *s, const struct field *fields, uint64_t user, size_t size)
{
	s->fields = fields;
	s->user = (uint8_t *)(uintptr_t)user;
	s->size = size < TAPE_ATTR ? size : TAPE_ATTR;
	if (!tape_peek(s->bytes, user, s->size))
		s->fields = NULL;
}

static const struct tape_thing *thing_of(const struct tape *t, const struct tape_struct *s)
{
	for (const struct field *f = s->fields; f && f->name; f++)
		if (f->kind == FIELD_FD &&
		    (strcmp(f->name, "map") == 0 || strcmp(f->name, "fd") == 0)) {
			size_t handle = tape_handle(t, (int)tape_number(s->bytes, f->off, f->size));

			return handle ? &t->things[handle - 1] : NULL;
		}
	return NULL;
}

static void read_bpf(const struct tape *t, struct tape_call *c)
{
	const char *name = sys_command_name(c->args[0]);
	const struct attr_info *a = (const void *)c->attr.bytes;

	snprintf(c->name, sizeof(c->name), "%s", name ?: "bpf");
	take(&c->attr, NULL, c->args[1], c->args[2]);
	c->attr.fields = sys_fields_bpf(c->args[0], c->attr.bytes);
	c->gives_fd = sys_gives_fd(c->args[0]);
	c->thing = thing_of(t, &c->attr);
	c->partial = c->args[0] == BPF_PROG_TEST_RUN || c->args[0] == BPF_PROG_QUERY ||
		     (c->args[0] >= BPF_MAP_LOOKUP_BATCH && c->args[0] <= BPF_MAP_DELETE_BATCH);
	if (c->args[0] == BPF_OBJ_GET_INFO_BY_FD && c->thing && c->thing->kind != OBJ_NONE) {
		take(&c->more, NULL, a->info, a->info_len);
		c->more.fields = sys_fields_info(c->thing->kind, c->more.bytes);
	}
}

/* Processes of the machine are not the record's. */
static bool is_of_process(long nr, const unsigned long args[6])
{
	const char *path = (const char *)(uintptr_t)args[nr == SYS_statfs ? 0 : 1];

	return path && strncmp(path, "/proc/", 6) == 0 && isdigit((unsigned char)path[6]);
}

bool tape_read(const struct tape *t, long nr, const unsigned long args[6], struct tape_call *c)
{
	const char *name = NULL;
	const struct field *fields;

	memset(c, 0, sizeof(*c));
	c->nr = nr;
	c->args = args;
	if (nr == SYS_bpf) {
		read_bpf(t, c);
		return true;
	}
	fields = sys_fields_call(nr, &name);
	if (!fields)
		return false;
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->attr.fields = fields;
	memcpy(c->attr.bytes, args, 6 * sizeof(*args));
	c->thing = thing_of(t, &c->attr);
	if (nr == SYS_perf_event_open)
		take(&c->more, sys_fields_perf(), args[0], 64);
	c->gives_fd = nr == SYS_openat || nr == SYS_perf_event_open || nr == SYS_socket;
	switch (nr) {
	case SYS_ioctl:
	case SYS_getdents64:
	case SYS_setsockopt:
	case SYS_sendto:
	case SYS_recvfrom:
	case SYS_setns:
		return c->thing;
	case SYS_socket:
		return args[0] == AF_NETLINK;
	case SYS_perf_event_open:
	case SYS_clock_gettime:
	case SYS_ppoll:
		return true;
	default:
		return !is_of_process(nr, args);
	}
}
