// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys and values by the type of map. */
#include "core/map_codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/net.h"
#include "core/obj.h"
#include "core/opt.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/types.h"
#include "uapi/names.h"

/* ---- codecs ------------------------------------------------------------------------------- */

/* What is known of a type without BTF; NULL: its size alone. */
static const char *usual_spec(const struct map_info *i, bool is_key)
{
	if (is_key)
		return i->type != UAPI_MAP_lpm_trie ? NULL
		       : i->key_size == 8	    ? "cidr4"
		       : i->key_size == 20	    ? "cidr6"
						    : NULL;
	switch (i->type) {
	case UAPI_MAP_devmap:
	case UAPI_MAP_devmap_hash:
		return i->value_size == 8 ? "{ u32 ifindex; u32 prog_id }" : NULL;
	case UAPI_MAP_cpumap:
		return i->value_size == 8 ? "{ u32 qsize; u32 prog_id }" : NULL;
	default:
		return NULL;
	}
}

static struct codec *by_spec(const struct map_codec *c, bool is_key, const char *spec,
			     uint32_t size, struct err *e)
{
	auto_codec struct codec *made = codec_of_spec(spec, c->types, e);

	if (!made)
		return NULL;
	if (codec_size(made) == size)
		return take_ptr(made);
	err_input(e, "the %s type '%s' has %u bytes, the map's %s has %u", is_key ? "key" : "value",
		  spec, codec_size(made), is_key ? "key" : "value", size);
	return NULL;
}

static struct codec *by_map(struct map_codec *c, bool is_key, enum codec_style style, bool *btf)
{
	const struct map_info *i = &c->map->info;
	uint32_t size = is_key ? i->key_size : i->value_size;
	uint32_t id = is_key			 ? i->key_type_id
		      : i->vmlinux_value_type_id ? i->vmlinux_value_type_id
						 : i->value_type_id;
	auto_codec struct codec *made = NULL;
	struct err ignored = {};

	if (c->types && id)
		made = codec_of_type(c->types, id, style, &ignored);
	if (made && codec_size(made) == size) {
		*btf = true;
		return take_ptr(made);
	}
	if (usual_spec(i, is_key))
		return codec_of_spec(usual_spec(i, is_key), NULL, &ignored);
	return codec_of_size(size);
}

int map_codec_open(struct map_codec *c, const struct map *map, const char *key_spec,
		   const char *value_spec, enum codec_style style, struct err *e)
{
	const struct map_info *i = &map->info;
	struct err ignored = {};

	*c = (struct map_codec){ .map = map };
	if (i->vmlinux_value_type_id)
		c->types = types_vmlinux(&ignored);
	else if (i->btf_id)
		c->types = types_by_id(i->btf_id, &ignored);
	if (i->key_size)
		c->key = key_spec ? by_spec(c, true, key_spec, i->key_size, e)
				  : by_map(c, true, style, &c->btf_key);
	if (!i->key_size || c->key)
		c->value = value_spec ? by_spec(c, false, value_spec, i->value_size, e)
				      : by_map(c, false, style, &c->btf_value);
	if (c->value)
		return 0;
	map_codec_close(c);
	return (value_spec || key_spec)
		       ? -EINVAL
		       : err_worded(e, ENOMEM, "no memory for the types of the map");
}

void map_codec_close(struct map_codec *c)
{
	codec_freep(&c->key);
	codec_freep(&c->value);
	types_freep(&c->types);
}

/* ---- what has no bytes of its own --------------------------------------------------------- */

void map_fds_close(struct map_fds *f)
{
	while (f->n)
		close(f->v[--f->n]);
}

/* Takes fd, if there is one. */
static int keep(struct map_fds *f, int fd, void *at)
{
	uint32_t n = (uint32_t)fd;

	if (fd < 0)
		return fd;
	if (f->n == countof(f->v)) {
		close(fd);
		return -EMFILE;
	}
	f->v[f->n++] = fd;
	memcpy(at, &n, sizeof(n));
	return 0;
}

/* PID/FD: a socket, or another file, of that process. */
static int foreign_fd(const char *text, struct err *e)
{
	const char *slash = strchr(text, '/');
	auto_fd int pidfd = -1;
	char pid_text[16];
	uint64_t pid, number;
	int fd;

	if (!slash || slash == text || (size_t)(slash - text) >= sizeof(pid_text))
		return err_input(e, "'%s' is no socket: expected PID/FD, such as 1234/7", text);
	snprintf(pid_text, sizeof(pid_text), "%.*s", (int)(slash - text), text);
	if (opt_number(pid_text, &pid) || !pid || pid > INT32_MAX ||
	    opt_number(slash + 1, &number) || number > INT32_MAX)
		return err_input(e, "'%s' is no socket: expected PID/FD, such as 1234/7", text);
	pidfd = sys_pidfd_open((pid_t)pid);
	if (pidfd < 0)
		return err_code(e, pidfd, "cannot open process %u", (unsigned int)pid);
	fd = sys_pidfd_getfd(pidfd, (int)number);
	if (fd >= 0)
		return fd;
	if (fd == -EBADF)
		return err_absent(e, "process %u has no descriptor %u", (unsigned int)pid,
				  (unsigned int)number);
	err_code(e, fd, "cannot take descriptor %u from process %u", (unsigned int)number,
		 (unsigned int)pid);
	return probe_denied(e, NEED_SYS_ADMIN);
}

static int path_fd(const char *path, int flags, struct err *e)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? err_sys(e, "cannot open %s", path) : fd;
}

static int process_fd(const char *text, struct err *e)
{
	uint64_t pid;
	int fd;

	if (opt_number(text, &pid) || !pid || pid > INT32_MAX)
		return err_input(e, "'%s' is no process id", text);
	fd = sys_pidfd_open((pid_t)pid);
	return fd < 0 ? err_code(e, fd, "cannot open process %u", (unsigned int)pid) : fd;
}

/* Drops a leading word that only says what the rest is: `prog NAME`, `prog:NAME`. */
static void drop_word(char *const **words, size_t *n, const char *word, char **rest)
{
	size_t len = strlen(word);

	if (*n > 1 && strcmp((*words)[0], word) == 0) {
		(*words)++;
		(*n)--;
	} else if (*n == 1 && strncmp((*words)[0], word, len) == 0 && (*words)[0][len] == ':') {
		*rest = (*words)[0] + len + 1;
		*words = rest;
	}
}

static bool is_storage(uint32_t type)
{
	return type == UAPI_MAP_sk_storage || type == UAPI_MAP_inode_storage ||
	       type == UAPI_MAP_task_storage || type == UAPI_MAP_cgrp_storage;
}

bool map_codec_key_is_handle(const struct map_codec *c)
{
	return is_storage(c->map->info.type);
}

bool map_codec_value_is_handle(const struct map_codec *c)
{
	switch (c->map->info.type) {
	case UAPI_MAP_prog_array:
	case UAPI_MAP_array_of_maps:
	case UAPI_MAP_hash_of_maps:
	case UAPI_MAP_cgroup_array:
	case UAPI_MAP_perf_event_array:
	case UAPI_MAP_sockmap:
	case UAPI_MAP_sockhash:
	case UAPI_MAP_reuseport_sockarray:
	case UAPI_MAP_xskmap:
		return true;
	default:
		return false;
	}
}

/* A prefix is written as one, whatever the struct of the key is called: 0, or -EINVAL. */
static int prefix(const struct map_codec *c, const char *word, void *key)
{
	uint32_t size = c->map->info.key_size;
	const char *spec = size == 8 ? "cidr4" : size == 20 ? "cidr6" : NULL;
	struct err ignored = {};
	auto_codec struct codec *cidr = spec ? codec_of_spec(spec, NULL, &ignored) : NULL;

	return cidr ? codec_parse(cidr, word, key, &ignored) : -EINVAL;
}

int map_codec_key(const struct map_codec *c, char *const *words, size_t n, void *key,
		  struct map_fds *fds, struct err *e)
{
	uint32_t type = c->map->info.type;

	if (!c->key)
		return n ? err_input(e, "a map of type %s has no keys", uapi_map_type_name(type))
			 : 0;
	if (n != 1 || !is_storage(type)) {
		int r = codec_parse_words(c->key, words, n, key, e);

		if (r && n == 1 && type == UAPI_MAP_lpm_trie && prefix(c, words[0], key) == 0) {
			err_clear(e);
			r = 0;
		}
		return r;
	}
	switch (type) {
	case UAPI_MAP_sk_storage:
		return keep(fds, foreign_fd(words[0], e), key);
	case UAPI_MAP_task_storage:
		return keep(fds, process_fd(words[0], e), key);
	case UAPI_MAP_cgrp_storage:
		return keep(fds, path_fd(words[0], O_RDONLY | O_DIRECTORY, e), key);
	default:
		return keep(fds, path_fd(words[0], O_RDONLY, e), key);
	}
}

/* ---- devices and CPUs: a number, and perhaps a program ------------------------------------ */

static int device_index(const char *text, uint32_t *index, struct err *e)
{
	uint64_t n;

	if (opt_number(text, &n) == 0 && n <= UINT32_MAX) {
		*index = (uint32_t)n;
		return 0;
	}
	*index = net_index(text);
	return *index ? 0 : err_absent(e, "there is no network device %s", text);
}

static int queue_size(const char *text, uint32_t *size, struct err *e)
{
	uint64_t n;

	if (opt_number(text, &n) || n > UINT32_MAX)
		return err_input(e, "'%s' is no queue size", text);
	*size = (uint32_t)n;
	return 0;
}

/* "eth0,prog 12" or "eth0,prog", "12" as one or two words, to the number and the program. */
static int number_and_prog(const struct map_codec *c, char *const *words, size_t n, uint8_t *value,
			   struct map_fds *fds, struct err *e)
{
	bool device = c->map->info.type != UAPI_MAP_cpumap;
	auto_buf struct buf joined = {};
	char *first, *rest, *ref[2];
	uint32_t number;
	size_t refs;
	int r;

	for (size_t i = 0; i < n; i++)
		buf_addf(&joined, "%s%s", i ? " " : "", words[i]);
	buf_str(&joined);
	first = joined.data;
	rest = strchr(first, ',');
	if (rest)
		*rest++ = '\0';
	r = device ? device_index(first, &number, e) : queue_size(first, &number, e);
	if (r)
		return r;
	memcpy(value, &number, 4);
	if (!rest)
		return 0;
	if (c->map->info.value_size < 8)
		return err_input(e,
				 "this map has room for no program: its values have %u bytes, "
				 "not 8",
				 c->map->info.value_size);
	rest += strspn(rest, " ");
	if (strncmp(rest, "prog ", 5) == 0)
		rest += 5;
	ref[0] = rest;
	ref[1] = strchr(rest, ' ');
	refs = ref[1] ? 2 : 1;
	if (ref[1])
		*ref[1]++ = '\0';
	return keep(fds, handle_open_words(ref, refs, OBJ_PROG, e), value + 4);
}

/* ---- one value per CPU -------------------------------------------------------------------- */

static int one_cpu(const struct map_codec *c, const char *text, const void *key, uint8_t *value,
		   struct err *e)
{
	const struct map *m = c->map;
	const char *colon = strchr(text, ':');
	struct err absent = {};
	char number[16];
	uint64_t cpu;

	snprintf(number, sizeof(number), "%.*s", colon ? (int)(colon - text) : 0, text);
	if (!colon || opt_number(number, &cpu) || cpu >= m->cpus)
		return err_input(e, "'cpu=%s' names no CPU: expected cpu=N:VALUE, N from 0 to %u",
				 text, m->cpus - 1);
	memset(value, 0, m->value_len);
	if (key && map_lookup(m, key, value, 0, &absent) && absent.class != ERR_ABSENT) {
		*e = absent;
		return err_wrap(e, "keeping the other CPUs' values: ");
	}
	return codec_parse(c->value, colon + 1, value + cpu * m->stride, e);
}

/*
 * [v0,v1,...]: as many as there are CPUs.  A list inside belongs to a value; 1: it is no list of
 * CPUs but one value that is a list itself.
 */
static int every_cpu(const struct map_codec *c, const char *text, uint8_t *value, struct err *e)
{
	const char *start = text + 1;
	unsigned int cpu = 0;
	bool quoted = false;
	int depth = 0;

	for (const char *p = start;; p++) {
		bool closes = !quoted && (*p == '}' || (*p == ']' && depth));

		if (quoted && *p == '\\' && p[1])
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == '[' || *p == '{'))
			depth++;
		else if (closes)
			depth--;
		if (*p && (quoted || depth || closes || (*p != ',' && *p != ']')))
			continue;
		if (cpu == c->map->cpus || !*p)
			break;
		{
			auto_free char *one = xstrndup(start, (size_t)(p - start));
			int r = codec_parse(c->value, one, value + cpu * c->map->stride, e);

			if (r)
				return r;
		}
		cpu++;
		start = p + 1;
		if (*p == ']')
			break;
	}
	if (cpu == c->map->cpus && start[0] == '\0')
		return 0;
	return err_input(e, "'%.64s' are not %u values, one for each CPU", text, c->map->cpus);
}

/* A list of all CPUs' values, with or without brackets around it, as tables print it. */
static int list_of_cpus(const struct map_codec *c, const char *text, uint8_t *value, struct err *e)
{
	auto_free char *wrapped = xasprintf("[%s]", text);
	struct err other = {};

	if (text[0] == '[') {
		memset(value, 0, c->map->value_len);
		if (every_cpu(c, text, value, e) == 0)
			return 0;
	}
	memset(value, 0, c->map->value_len);
	if (every_cpu(c, wrapped, value, text[0] == '[' ? &other : e) == 0)
		return 0;
	return -EINVAL;
}

static int percpu(const struct map_codec *c, char *const *words, size_t n, const void *key,
		  uint8_t *value, struct err *e)
{
	const struct map *m = c->map;
	int r;

	if (n == 1 && strncmp(words[0], "cpu=", 4) == 0)
		return one_cpu(c, words[0] + 4, key, value, e);
	memset(value, 0, m->value_len);
	r = codec_parse_words(c->value, words, n, value, e);
	if (r && n == 1 && (words[0][0] == '[' || strchr(words[0], ',')))
		return list_of_cpus(c, words[0], value, e);
	for (unsigned int cpu = 1; !r && cpu < m->cpus; cpu++)
		memcpy(value + cpu * m->stride, value, m->info.value_size);
	return r;
}

/* True if the words can only be for the codec: several numbers are bytes. */
static bool is_plain(char *const *words, size_t n)
{
	uint64_t byte;

	for (size_t i = 0; n > 1 && i < n; i++) {
		if (opt_number(words[i], &byte))
			break;
		if (i + 1 == n)
			return true;
	}
	return words[0][0] == '{' || words[0][0] == '[' || strcmp(words[0], "hex") == 0 ||
	       strncmp(words[0], "hex:", 4) == 0;
}

/* The id at `at`, which is how these values are printed, becomes a descriptor; 0 stays. */
static int id_to_fd(enum obj_kind kind, uint8_t *at, struct map_fds *fds, struct err *e)
{
	uint32_t id;

	memcpy(&id, at, sizeof(id));
	return id ? keep(fds, obj_open(kind, id, e), at) : 0;
}

/* A value that was spelled out, as bytes or as it is printed. */
static int plain_value(const struct map_codec *c, char *const *words, size_t n, uint8_t *value,
		       struct map_fds *fds, struct err *e)
{
	int r = codec_parse_words(c->value, words, n, value, e);

	if (r)
		return r;
	switch (c->map->info.type) {
	case UAPI_MAP_prog_array:
		return id_to_fd(OBJ_PROG, value, fds, e);
	case UAPI_MAP_array_of_maps:
	case UAPI_MAP_hash_of_maps:
		return id_to_fd(OBJ_MAP, value, fds, e);
	case UAPI_MAP_devmap:
	case UAPI_MAP_devmap_hash:
	case UAPI_MAP_cpumap:
		return c->map->info.value_size == 8 ? id_to_fd(OBJ_PROG, value + 4, fds, e) : 0;
	default:
		return 0;
	}
}

int map_codec_value(const struct map_codec *c, char *const *words, size_t n, const void *key,
		    void *value, struct map_fds *fds, struct err *e)
{
	uint32_t type = c->map->info.type;
	char *rest;

	if (!n || is_plain(words, n))
		return c->map->cpus && n ? percpu(c, words, n, key, value, e)
					 : plain_value(c, words, n, value, fds, e);
	memset(value, 0, c->map->value_len);
	switch (type) {
	case UAPI_MAP_prog_array:
		drop_word(&words, &n, "prog", &rest);
		return keep(fds, handle_open_words(words, n, OBJ_PROG, e), value);
	case UAPI_MAP_array_of_maps:
	case UAPI_MAP_hash_of_maps:
		drop_word(&words, &n, "map", &rest);
		return keep(fds, handle_open_words(words, n, OBJ_MAP, e), value);
	case UAPI_MAP_cgroup_array:
		drop_word(&words, &n, "cgroup", &rest);
		return keep(fds, path_fd(words[0], O_RDONLY | O_DIRECTORY, e), value);
	case UAPI_MAP_devmap:
	case UAPI_MAP_devmap_hash:
		drop_word(&words, &n, "dev", &rest);
		return number_and_prog(c, words, n, value, fds, e);
	case UAPI_MAP_cpumap:
		drop_word(&words, &n, "cpu", &rest);
		return number_and_prog(c, words, n, value, fds, e);
	case UAPI_MAP_sockmap:
	case UAPI_MAP_sockhash:
	case UAPI_MAP_reuseport_sockarray:
	case UAPI_MAP_xskmap:
	case UAPI_MAP_perf_event_array:
		drop_word(&words, &n, "sock", &rest);
		return keep(fds, foreign_fd(words[0], e), value);
	default:
		return c->map->cpus ? percpu(c, words, n, key, value, e)
				    : codec_parse_words(c->value, words, n, value, e);
	}
}
