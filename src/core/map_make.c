// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Making maps from words. */
#include "core/map_make.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/map.h"
#include "core/map_btf.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/opt.h"
#include "core/sys.h"
#include "core/types.h"
#include "core/uapi.h"
#include "uapi/names.h"

#define ENOTSUPP 524
#define CGROUP_KEY "{ u64 cgroup_inode_id; u32 attach_type }"
#define PER_CPU "cpus" /* so many entries as there are CPUs */

/* What a type of map takes when nothing else is said; NULL: it has to be said. */
static const struct usual {
	uint32_t type, flags;
	const char *key, *value, *entries;
} usuals[] = {
	{ UAPI_MAP_array, 0, "4", NULL, NULL },
	{ UAPI_MAP_percpu_array, 0, "4", NULL, NULL },
	{ UAPI_MAP_prog_array, 0, "4", "4", NULL },
	{ UAPI_MAP_perf_event_array, 0, "4", "4", PER_CPU },
	{ UAPI_MAP_stack_trace, 0, "4", "1016", NULL }, /* 127 addresses */
	{ UAPI_MAP_cgroup_array, 0, "4", "4", NULL },
	{ UAPI_MAP_lpm_trie, BPF_F_NO_PREALLOC, NULL, NULL, NULL },
	{ UAPI_MAP_array_of_maps, 0, "4", "4", NULL },
	{ UAPI_MAP_hash_of_maps, 0, NULL, "4", NULL },
	{ UAPI_MAP_devmap, 0, "4", "4", NULL },
	{ UAPI_MAP_devmap_hash, 0, "4", "4", NULL },
	{ UAPI_MAP_sockmap, 0, "4", "8", NULL }, /* 8: sockets show their cookies */
	{ UAPI_MAP_sockhash, 0, NULL, "8", NULL },
	{ UAPI_MAP_reuseport_sockarray, 0, "4", "8", NULL },
	{ UAPI_MAP_cpumap, 0, "4", "4", PER_CPU },
	{ UAPI_MAP_xskmap, 0, "4", "4", NULL },
	{ UAPI_MAP_cgroup_storage, 0, CGROUP_KEY, NULL, "0" },
	{ UAPI_MAP_percpu_cgroup_storage, 0, CGROUP_KEY, NULL, "0" },
	{ UAPI_MAP_queue, 0, "0", NULL, NULL },
	{ UAPI_MAP_stack, 0, "0", NULL, NULL },
	{ UAPI_MAP_bloom_filter, 0, "0", NULL, NULL },
	{ UAPI_MAP_ringbuf, 0, "0", "0", NULL },
	{ UAPI_MAP_user_ringbuf, 0, "0", "0", NULL },
	{ UAPI_MAP_arena, BPF_F_MMAPABLE, "0", "0", NULL },
	{ UAPI_MAP_struct_ops, 0, "4", NULL, "1" },
	{ UAPI_MAP_sk_storage, BPF_F_NO_PREALLOC, "int", NULL, "0" },
	{ UAPI_MAP_inode_storage, BPF_F_NO_PREALLOC, "int", NULL, "0" },
	{ UAPI_MAP_task_storage, BPF_F_NO_PREALLOC, "int", NULL, "0" },
	{ UAPI_MAP_cgrp_storage, BPF_F_NO_PREALLOC, "int", NULL, "0" },
	{ UAPI_MAP_insn_array, 0, "4", "16", NULL },
	{ UAPI_MAP_rhash, BPF_F_NO_PREALLOC, NULL, NULL, NULL },
};

static const struct usual *usual_of(uint32_t type)
{
	static const struct usual none = {};

	for (size_t i = 0; i < countof(usuals); i++)
		if (usuals[i].type == type)
			return &usuals[i];
	return &none;
}

/* The kernel makes these only with types for key and value. */
static bool needs_btf(uint32_t type)
{
	return type == UAPI_MAP_sk_storage || type == UAPI_MAP_inode_storage ||
	       type == UAPI_MAP_task_storage || type == UAPI_MAP_cgrp_storage;
}

/* ---- words -------------------------------------------------------------------------------- */

static int type_parse(const char *text, uint32_t *type, struct err *e)
{
	struct near near = near_to(text, strlen(text));
	int known = uapi_map_type(text), r;
	uint64_t n;

	if (known > 0) {
		*type = (uint32_t)known;
		return 0;
	}
	if (opt_number(text, &n) == 0 && n && n <= UINT32_MAX) {
		*type = (uint32_t)n;
		return 0;
	}
	for (size_t i = 0; i < uapi_nr_map_types; i++)
		near_offer(&near, uapi_map_types[i].name);
	r = err_input(e, "there is no map type '%s'", text);
	return near.best ? err_hint(e, "did you mean '%s'?", near.best) : r;
}

/* The first of the flags, which stand in a row, each twice the one before. */
static const struct uapi_const *first_flag(void)
{
	for (size_t i = 0; i < uapi_nr_consts; i++)
		if (strcmp(uapi_consts[i].name, "BPF_F_NO_PREALLOC") == 0)
			return &uapi_consts[i];
	abort();
}

static bool is_flag(const struct uapi_const *first, unsigned int bit)
{
	return first + bit < uapi_consts + uapi_nr_consts &&
	       first[bit].value == (int64_t)1 << bit && strncmp(first[bit].name, "BPF_F_", 6) == 0;
}

static int one_flag(const char *word, size_t len, uint32_t *flags, struct err *e)
{
	const struct uapi_const *first = first_flag();
	char text[48] = "", lower[48];
	struct near near;
	uint64_t n;
	int r;

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	if (opt_number(text, &n) == 0 && n <= UINT32_MAX) {
		*flags |= (uint32_t)n;
		return 0;
	}
	for (char *p = text; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (unsigned int bit = 0; is_flag(first, bit); bit++)
		if (strcmp(first[bit].name, text) == 0 || strcmp(first[bit].name + 6, text) == 0) {
			*flags |= 1u << bit;
			return 0;
		}
	near = near_to(text, strlen(text));
	for (unsigned int bit = 0; is_flag(first, bit); bit++)
		near_offer(&near, first[bit].name + 6);
	r = err_input(e, "there is no map flag '%.*s'", (int)len, word);
	if (!near.best)
		return r;
	for (size_t i = 0; i <= strlen(near.best); i++)
		lower[i] = (char)tolower((unsigned char)near.best[i]);
	return err_hint(e, "did you mean '%s'?", lower);
}

int map_flags_parse(const char *text, uint32_t *flags, struct err *e)
{
	*flags = 0;
	while (*text) {
		size_t len = strcspn(text, ",|");
		int r = one_flag(text, len, flags, e);

		if (r)
			return r;
		text += len + (text[len] != '\0');
	}
	return 0;
}

void map_flags_text(uint32_t flags, struct buf *to)
{
	const struct uapi_const *first = first_flag();
	const char *sep = "";

	for (unsigned int bit = 0; is_flag(first, bit); bit++) {
		if (!(flags >> bit & 1))
			continue;
		buf_adds(to, sep);
		for (const char *p = first[bit].name + 6; *p; p++)
			buf_addc(to, (char)tolower((unsigned char)*p));
		flags &= ~(1u << bit);
		sep = ",";
	}
	if (flags)
		buf_addf(to, "%s0x%x", sep, flags);
}

static int entries_parse(const char *text, uint32_t *entries, struct err *e)
{
	static const char units[] = "KMG";
	size_t len = strlen(text);
	const char *unit = len ? strchr(units, toupper((unsigned char)text[len - 1])) : NULL;
	auto_free char *number = xstrndup(text, unit && *unit ? len - 1 : len);
	uint64_t n, factor = unit && *unit ? 1024 : 1;

	for (const char *p = units; unit && *unit && p < unit; p++)
		factor *= 1024;
	if (strcmp(text, PER_CPU) == 0) {
		*entries = sys_possible_cpus();
		return 0;
	}
	if (opt_number(number, &n) || n > UINT32_MAX / factor)
		return err_input(e, "'%s' is no number of entries: expected 0 to %u, or 256K, 4M",
				 text, UINT32_MAX);
	*entries = (uint32_t)(n * factor);
	return 0;
}

/* ---- keys and values ---------------------------------------------------------------------- */

/* Bytes, or a spec, of which *c is made. */
static int part(const char *what, const char *text, uint32_t *size, struct codec **c, struct err *e)
{
	uint64_t n;

	if (opt_number(text, &n) == 0) {
		if (n > UINT32_MAX)
			return err_input(e, "a %s of %s bytes is too large", what, text);
		*size = (uint32_t)n;
		return 0;
	}
	*c = codec_of_spec(text, NULL, e);
	if (!*c)
		return -EINVAL;
	*size = codec_size(*c);
	return 0;
}

/* The type for a size alone, read as it is without BTF; 0, or -EINVAL. */
static int by_size(uint32_t size, struct codec **c, struct err *e)
{
	char text[24];

	if (*c || !size)
		return 0;
	if (size == 1 || size == 2 || size == 4 || size == 8)
		snprintf(text, sizeof(text), "u%u", size * 8);
	else
		snprintf(text, sizeof(text), "bytes[%u]", size);
	*c = codec_of_spec(text, NULL, e);
	return *c ? 0 : -EINVAL;
}

/* The other one of the pair, and what storage maps have in any case. */
static int complete(const struct map_spec *s, struct codec **key, struct codec **value,
		    struct err *e)
{
	int r = 0;

	if (*key || *value || needs_btf(s->type))
		r = by_size(s->key_size, key, e);
	if (*key || *value || needs_btf(s->type))
		r = r ? r : by_size(s->value_size, value, e);
	return r;
}

/* The struct of a struct_ops map is one of the kernel's. */
static int struct_ops_value(const char *name, struct map_spec *s, struct err *e)
{
	auto_types struct types *t = types_vmlinux(e);
	char full[160];
	int64_t size;

	if (!t)
		return -EINVAL;
	snprintf(full, sizeof(full), "struct bpf_struct_ops_%s", name);
	s->vmlinux_value_type_id = types_find(t, full);
	size = s->vmlinux_value_type_id ? types_size(t, s->vmlinux_value_type_id) : -ENOENT;
	if (size <= 0)
		return err_absent(e, "this kernel has no struct_ops of type %s", name);
	s->value_size = (uint32_t)size;
	return 0;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int wanted(const char *what, const char *type, struct err *e)
{
	return err_usage(e, "the %s of the %s map is missing", what, type);
}

static int plain_parts(const struct map_wish *w, struct map_spec *s, struct err *e)
{
	const struct usual *u = usual_of(s->type);
	const char *entries = w->entries ?: u->entries;
	int r;

	if (!entries)
		return wanted("number of entries", w->type, e);
	r = entries_parse(entries, &s->max_entries, e);
	if (!r && w->flags)
		r = map_flags_parse(w->flags, &s->flags, e);
	if (r)
		return r;
	s->flags |= u->flags;
	if (w->on_node)
		s->flags |= BPF_F_NUMA_NODE;
	s->numa_node = w->numa_node;
	s->name = w->name;
	s->map_extra = w->extra;
	s->ifindex = w->ifindex;
	s->inner_fd = w->inner_fd;
	return 0;
}

/* With types where the kernel takes them: queues and maps of sockets or devices have none. */
static int create(struct map *m, struct map_spec *s, const struct map_btf *b, struct err *e)
{
	int r;

	s->btf_fd = b->fd;
	s->key_type_id = s->vmlinux_value_type_id ? 0 : b->key;
	s->value_type_id = s->vmlinux_value_type_id ? 0 : b->value;
	r = map_create(m, s, e);
	if (!b->fd || needs_btf(s->type) || (r != -ENOTSUPP && r != -EINVAL))
		return r;
	s->btf_fd = 0;
	s->key_type_id = s->value_type_id = 0;
	return map_create(m, s, e);
}

int map_make(struct map *m, const struct map_wish *w, struct err *e)
{
	auto_codec struct codec *key = NULL, *value = NULL;
	auto_map_btf struct map_btf btf = {};
	const char *key_text, *value_text;
	struct map_spec s = {};
	int r = type_parse(w->type, &s.type, e);

	if (r)
		return r;
	key_text = w->key ?: usual_of(s.type)->key;
	value_text = w->value ?: usual_of(s.type)->value;
	if (!key_text || !value_text)
		return wanted(key_text ? "value" : "key", w->type, e);
	r = plain_parts(w, &s, e);
	if (!r)
		r = part("key", key_text, &s.key_size, &key, e);
	if (!r && s.type == UAPI_MAP_struct_ops)
		r = struct_ops_value(value_text, &s, e);
	else if (!r)
		r = part("value", value_text, &s.value_size, &value, e);
	if (!r && s.type == UAPI_MAP_struct_ops)
		value = codec_of_size(4); /* it wants BTF of ours at its side, whatever is in it */
	else if (!r)
		r = complete(&s, &key, &value, e);
	if (!r && value)
		r = map_btf_load(&btf, key, value, e);
	return r ? r : create(m, &s, &btf, e);
}

/* The next part of TYPE:KEY:VALUE:...; a spec may have colons inside its braces. */
static char *next_part(char **text)
{
	char *start = *text, *p = start;
	int depth = 0;

	for (; p && *p && (*p != ':' || depth); p++)
		depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
	if (!start || !*start)
		return NULL;
	*text = *p ? p + 1 : NULL;
	*p = '\0';
	return start;
}

int map_make_short(struct map *m, const char *text, struct err *e)
{
	auto_free char *copy = xstrdup(text);
	struct map_wish w = {};
	char *rest = copy;

	w.type = next_part(&rest);
	w.key = next_part(&rest);
	w.value = next_part(&rest);
	w.entries = next_part(&rest);
	w.flags = next_part(&rest);
	if (!w.entries || next_part(&rest))
		return err_input(e,
				 "'%s' is no map: expected TYPE:KEY:VALUE:ENTRIES[:FLAGS], as "
				 "in hash:4:8:100",
				 text);
	return map_make(m, &w, e);
}
