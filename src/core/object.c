// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Objects: opening, looking, adjusting. */
#include "core/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "core/btf_check.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/object_priv.h"
#include "core/types.h"
#include "uapi/names.h"

#define LIBBPF_ERRORS 4000 /* libbpf's own error numbers start here */

/* ---- opening ------------------------------------------------------------------------------ */

static int opening_error(const struct object *o, int code, struct err *e)
{
	char text[200];

	object_warning(o, text, sizeof(text));
	if (code == ENOMEM)
		return err_code(e, code, "cannot open %s", o->name);
	if (text[0])
		return err_input(e, "%s: %s", o->name, text);
	if (code < LIBBPF_ERRORS)
		return err_input(e, "%s is no BPF object: %s", o->name, err_text(code));
	libbpf_strerror(code, text, sizeof(text));
	return err_input(e, "%s is no BPF object: %s", o->name, text);
}

/* libbpf names maps of globals after the object: what stands before the first dot of the file. */
static void short_name(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/');

	snprintf(name, size, "%s", slash ? slash + 1 : path);
	name[strcspn(name, ".")] = '\0';
}

static void collect(struct object *o)
{
	struct bpf_program *p = NULL;
	struct bpf_map *m = NULL;

	while ((p = bpf_object__next_program(o->bpf, p))) {
		o->progs = xreallocarray(o->progs, o->nr_progs + 1, sizeof(void *));
		o->progs[o->nr_progs++] = p;
	}
	while ((m = bpf_object__next_map(o->bpf, m))) {
		o->maps = xreallocarray(o->maps, o->nr_maps + 1, sizeof(void *));
		o->map_types = xreallocarray(o->map_types, o->nr_maps + 1, sizeof(*o->map_types));
		o->map_types[o->nr_maps] = (struct object_map_types){
			.key = bpf_map__btf_key_type_id(m),
			.value = bpf_map__btf_value_type_id(m),
		};
		o->maps[o->nr_maps++] = m;
	}
	o->logs = xcalloc(o->nr_progs, sizeof(char *));
	if (bpf_object__btf(o->bpf))
		o->types = types_borrow(bpf_object__btf(o->bpf));
}

static int unknown_section(const struct object *o, const struct bpf_program *p, struct err *e)
{
	const char *section = bpf_program__section_name(p);
	size_t len = strcspn(section, "/");
	struct near near = near_to(section, len);
	char word[64];

	for (size_t i = 0; i < uapi_nr_sections; i++) {
		/* "kprobe+" stands for kprobe/... */
		snprintf(word, sizeof(word), "%s", uapi_sections[i].pattern);
		word[strcspn(word, "+")] = '\0';
		near_offer(&near, word);
		if (near.best == word)
			near.best = uapi_sections[i].example;
	}
	err_input(e, "%s: the program %s is in the section '%s', which names no kind of program",
		  o->name, bpf_program__name(p), section);
	if (near.best)
		return err_hint(e, "did you mean one like '%s'? or give its type", near.best);
	return err_hint(e, "give its type");
}

static int apply(struct bpf_program *p, uint32_t type, const char *attach_type, bool sleepable)
{
	int attach = strcmp(attach_type, "-") == 0 ? 0 : uapi_attach_type(attach_type);
	int r = bpf_program__set_type(p, (enum bpf_prog_type)type);

	if (!r && attach >= 0)
		r = bpf_program__set_expected_attach_type(p, (enum bpf_attach_type)attach);
	if (!r && sleepable)
		r = bpf_program__set_flags(p, bpf_program__flags(p) | BPF_F_SLEEPABLE);
	return r;
}

/* Programs whose target is a function of the kernel that libbpf looks up. */
static bool has_target(uint32_t type)
{
	return type == UAPI_PROG_tracing || type == UAPI_PROG_lsm || type == UAPI_PROG_ext;
}

/* Sections that this libbpf does not know by the table of our own. */
static int type_of_section(const struct object *o, struct bpf_program *p, struct err *e)
{
	const char *extra;
	const struct uapi_section *s = uapi_section_find(bpf_program__section_name(p), &extra);
	int r;

	if (!s)
		return bpf_program__autoload(p) ? unknown_section(o, p, e) : 0;
	r = apply(p, s->prog_type, s->attach_type, s->sleepable);
	if (!r && has_target(s->prog_type) && *extra)
		r = bpf_program__set_attach_target(p, 0, extra);
	return r ? err_code(e, r, "%s: cannot find what %s is to be attached to", o->name,
			    bpf_program__name(p))
		 : 0;
}

/* The type that was asked for: a section name ("cgroup/skb") or a program type ("cgroup_skb"). */
static int type_of_option(const struct object *o, struct bpf_program *p, const char *type,
			  struct err *e)
{
	const char *extra;
	const struct uapi_section *s = uapi_section_find(type, &extra);
	int number = uapi_prog_type(type);

	if (s)
		apply(p, s->prog_type, s->attach_type, s->sleepable);
	else if (number > 0)
		apply(p, (uint32_t)number, "-", false);
	else
		return err_usage(e, "%s: there is no program type '%s'", o->name, type);
	return 0;
}

static int set_types(struct object *o, const char *type, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < o->nr_progs && !r; i++) {
		struct bpf_program *p = o->progs[i];

		if (type)
			r = type_of_option(o, p, type, e);
		else if (bpf_program__type(p) == BPF_PROG_TYPE_UNSPEC)
			r = type_of_section(o, p, e);
	}
	return r;
}

/* The library takes what is in an object's headers and types as it is. */
static int check_image(const char *name, const void *image, size_t len, struct err *e)
{
	auto_elf_file struct elf_file *f = NULL;
	struct elf_section btf;
	const uint8_t *data;
	int err;

	if (len < 4 || memcmp(image, "\177ELF", 4) != 0)
		return err_input(e, "%s is no ELF object", name);
	f = elf_file_open_mem(name, image, len, e);
	if (!f)
		return -EINVAL;
	err = elf_file_check_bpf(f, e);
	data = !err && elf_file_find(f, ".BTF", &btf) ? elf_file_bytes(f, btf.index, &len) : NULL;
	return data ? btf_check(name, data, len, e) : err;
}

struct object *object_open(const void *image, size_t len, const struct object_opts *opts,
			   struct err *e)
{
	auto_object struct object *o = xcalloc(1, sizeof(*o));
	LIBBPF_OPTS(bpf_object_open_opts, lo);
	struct watch watch;
	char name[64];
	int code;

	o->opts = *opts;
	o->name = xstrdup(opts->name ? opts->name : "object");
	short_name(o->name, name, sizeof(name));
	lo.object_name = name[0] ? name : "object";
	lo.relaxed_maps = opts->relaxed_maps;
	lo.pin_root_path = opts->pin_dir;
	lo.btf_custom_path = opts->btf_path;
	lo.kernel_log_level = opts->log_level;
	if (check_image(o->name, image, len, e))
		return NULL;
	watch_begin(&watch, o);
	o->bpf = bpf_object__open_mem(image, len, &lo);
	code = errno;
	watch_end(&watch);
	if (!o->bpf) {
		opening_error(o, code, e);
		return NULL;
	}
	collect(o);
	if (set_types(o, opts->type, e))
		return NULL;
	o->opts.name = o->opts.btf_path = o->opts.pin_dir = o->opts.type = NULL;
	return take_ptr(o);
}

struct object *object_open_file(const char *path, const struct object_opts *opts, struct err *e)
{
	struct object_opts named = *opts;
	auto_buf struct buf b = {};

	if (!named.name)
		named.name = path;
	if (file_read(path, FILE_MAX, &b, e))
		return NULL;
	return object_open(b.data ? b.data : "", b.len, &named, e);
}

const char *object_library_version(void)
{
	const char *v = libbpf_version_string();

	return v + (*v == 'v');
}

void object_freep(struct object **op)
{
	struct object *o = *op;

	if (!o)
		return;
	for (size_t i = 0; o->logs && i < o->nr_progs; i++)
		free(o->logs[i]);
	free(o->logs);
	free(o->progs);
	free(o->maps);
	free(o->map_types);
	types_freep(&o->types);
	bpf_object__close(o->bpf);
	buf_free(&o->warnings);
	free(o->name);
	freep(op);
}

/* libbpf says this first to every user without privileges; it is never the reason. */
static bool is_memlock(const char *line, size_t len)
{
	const char *word = "RLIMIT_MEMLOCK";
	const char *at = memmem(line, len, word, strlen(word));

	return at != NULL;
}

const char *object_warning(const struct object *o, char *buf, size_t size)
{
	const char *s = o->warnings.data, *end = s ? s + o->warnings.len : NULL;
	const char *prefix = "libbpf: ";

	buf[0] = '\0';
	while (s && s < end) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));
		size_t len = newline ? (size_t)(newline - s) : (size_t)(end - s);

		if (!is_memlock(s, len)) {
			size_t skip =
				len > strlen(prefix) && strncmp(s, prefix, strlen(prefix)) == 0
					? strlen(prefix)
					: 0;

			snprintf(buf, size, "%.*s", (int)(len - skip), s + skip);
			break;
		}
		s += len + 1;
	}
	return buf;
}

/* ---- looking and adjusting ---------------------------------------------------------------- */

const struct types *object_types(const struct object *o)
{
	return o->types;
}

const char *object_name(const struct object *o)
{
	return o->name;
}

struct bpf_object *object_bpf(const struct object *o)
{
	return o->bpf;
}

size_t object_nr_progs(const struct object *o)
{
	return o->nr_progs;
}

void object_prog(const struct object *o, size_t i, struct object_prog *p)
{
	int fd = bpf_program__fd(o->progs[i]);

	*p = (struct object_prog){
		.name = bpf_program__name(o->progs[i]),
		.section = bpf_program__section_name(o->progs[i]),
		.type = bpf_program__type(o->progs[i]),
		.attach_type = bpf_program__expected_attach_type(o->progs[i]),
		.fd = fd < 0 ? -1 : fd,
		.autoload = bpf_program__autoload(o->progs[i]),
	};
}

int object_find_prog(const struct object *o, const char *name, struct err *e)
{
	struct near near = near_to(name, strlen(name));

	for (size_t i = 0; i < o->nr_progs; i++) {
		if (strcmp(bpf_program__name(o->progs[i]), name) == 0)
			return (int)i;
		near_offer(&near, bpf_program__name(o->progs[i]));
	}
	err_absent(e, "%s has no program '%s'", o->name, name);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return -ENOENT;
}

int object_set_autoload(struct object *o, size_t prog, bool autoload, struct err *e)
{
	int r = bpf_program__set_autoload(o->progs[prog], autoload);

	return r ? err_worded(e, r, "%s is loaded already", o->name) : 0;
}

void object_set_ifindex(struct object *o, uint32_t ifindex)
{
	for (size_t i = 0; i < o->nr_progs; i++)
		bpf_program__set_ifindex(o->progs[i], ifindex);
	for (size_t i = 0; i < o->nr_maps; i++)
		if (bpf_map__type(o->maps[i]) != BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			bpf_map__set_ifindex(o->maps[i], ifindex);
}

size_t object_nr_maps(const struct object *o)
{
	return o->nr_maps;
}

void object_map(const struct object *o, size_t i, struct object_map *m)
{
	int fd = bpf_map__fd(o->maps[i]);

	*m = (struct object_map){
		.name = bpf_map__name(o->maps[i]),
		.type = bpf_map__type(o->maps[i]),
		.key_size = bpf_map__key_size(o->maps[i]),
		.value_size = bpf_map__value_size(o->maps[i]),
		.max_entries = bpf_map__max_entries(o->maps[i]),
		.flags = bpf_map__map_flags(o->maps[i]),
		.fd = fd < 0 ? -1 : fd,
		.internal = bpf_map__is_internal(o->maps[i]),
		.pin_path = bpf_map__pin_path(o->maps[i]),
		.key_type = o->map_types[i].key,
		.value_type = o->map_types[i].value,
	};
}

int object_only_map(struct object *o, size_t map, struct err *e)
{
	enum bpf_map_type type = bpf_map__type(o->maps[map]);
	int r = 0;

	for (size_t i = 0; i < o->nr_progs && !r; i++)
		r = object_set_autoload(o, i, false, e);
	if (type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS)
		return r;
	for (size_t i = 0; i < o->nr_maps && !r; i++)
		if (i != map && bpf_map__set_autocreate(o->maps[i], false))
			r = err_worded(e, EBUSY, "%s is loaded already", o->name);
	return r;
}

/* ".data" for the globals that libbpf calls "file.data". */
static bool is_section_name(const struct bpf_map *m, const char *name)
{
	const char *dot = strchr(bpf_map__name(m), '.');

	return bpf_map__is_internal(m) && dot && strcmp(dot, name) == 0;
}

int object_find_map(const struct object *o, const char *name, struct err *e)
{
	struct near near = near_to(name, strlen(name));

	for (size_t i = 0; i < o->nr_maps; i++) {
		const char *have = bpf_map__name(o->maps[i]);

		if (strcmp(have, name) == 0 || is_section_name(o->maps[i], name))
			return (int)i;
		near_offer(&near, have);
	}
	err_absent(e, "%s has no map '%s'", o->name, name);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return -ENOENT;
}

int object_reuse_map(struct object *o, size_t map, int fd, struct err *e)
{
	struct map_info have;
	struct object_map want;
	char label[64];
	int r = map_info_read(fd, &have, e);

	if (r)
		return r;
	object_map(o, map, &want);
	if (have.type != want.type || have.key_size != want.key_size ||
	    have.value_size != want.value_size)
		return err_input(
			e,
			"%s cannot be %s of %s: it is of type %s with keys of %u and values "
			"of %u bytes, not %s with %u and %u",
			map_label(&have, label), want.name, o->name,
			uapi_map_type_name(have.type) ?: "unknown", have.key_size, have.value_size,
			uapi_map_type_name(want.type) ?: "unknown", want.key_size, want.value_size);
	r = bpf_map__reuse_fd(o->maps[map], fd);
	return r ? err_code(e, r, "%s cannot use %s for %s", o->name, map_label(&have, label),
			    want.name)
		 : 0;
}

void *object_map_data(struct object *o, size_t map, size_t *size)
{
	/* libbpf's own buffer, which it copies into the map when it is made. */
	const void *data = bpf_map__initial_value(o->maps[map], size);

	return data ? (void *)(uintptr_t)data : NULL;
}

void object_pin_nothing(struct object *o)
{
	for (size_t i = 0; i < o->nr_maps; i++)
		bpf_map__set_pin_path(o->maps[i], NULL);
}

const struct object_blame *object_blame(const struct object *o)
{
	return &o->blame;
}

const char *object_prog_log(const struct object *o, size_t prog)
{
	return o->logs[prog] ? o->logs[prog] : "";
}
