// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rules of uapi/map_types.def that can be checked before a map is made. */
#include "asm/map_rules.h"

#include <string.h>

#include "asm/unit.h"
#include "uapi/names.h"

#define PAGE 4096

/* The tables say "4 bytes, ...", "must be 0", or something only the kernel can check. */
static const char *size_rule(const char *rule, uint32_t size, bool given)
{
	bool is_zero = strncmp(rule, "must be 0", 9) == 0;

	if (is_zero && size)
		return rule;
	return is_zero || size || given ? NULL : "must be given";
}

/* A ring buffer has its size there; some maps grow and have none. */
static const char *entries_rule(const struct map_decl *m, const char *rule)
{
	bool is_ring = m->type == UAPI_MAP_ringbuf || m->type == UAPI_MAP_user_ringbuf;

	if (m->type == UAPI_MAP_perf_event_array) /* libbpf takes the number of CPUs */
		return NULL;
	if (is_ring && (m->max_entries & (m->max_entries - 1) || m->max_entries % PAGE))
		return rule;
	return size_rule(rule, m->max_entries, m->given & MAP_MAX_ENTRIES);
}

static const char *key_rule(const struct map_decl *m, const char *rule)
{
	if (m->key_size && m->key_size != 4 && strncmp(rule, "4 bytes", 7) == 0)
		return rule;
	return size_rule(rule, m->key_size, m->given & MAP_KEY_SIZE);
}

static const struct uapi_map_type_info *info_of(uint32_t id)
{
	for (size_t i = 0; i < uapi_nr_map_types; i++)
		if (uapi_map_types[i].id == id)
			return &uapi_map_types[i];
	return NULL;
}

const char *map_rule(const struct map_decl *m, const char **what)
{
	const struct uapi_map_type_info *info = info_of(m->type);
	const char *rule;

	if (!info)
		return NULL;
	*what = "key";
	rule = key_rule(m, info->key);
	if (rule)
		return rule;
	*what = "value";
	rule = size_rule(info->value, m->value_size, m->given & MAP_VALUE_SIZE);
	if (rule)
		return rule;
	*what = "max_entries";
	return entries_rule(m, info->max_entries);
}
